"""What an author most likely meant: the nearest name, and the fix that writes it."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

from guidex_schema.diagnostic import Edit, Fix
from guidex_schema.text import Span

# Below this a suggestion names something else than what was meant.
_SIMILARITY = 70.0


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Give the name that is most like the one written, or None where none is like it."""
    folded = {candidate: candidate.lower().replace("_", "") for candidate in sorted(names)}
    found = process.extractOne(name.lower().replace("_", ""), folded, scorer=fuzz.ratio, score_cutoff=_SIMILARITY)
    return None if found is None else found[2]


def rename(span: Span, name: str | None) -> Fix | None:
    """Give the fix that writes a suggested name; unsafe, since only the author knows."""
    if name is None:
        return None
    edit = Edit(start=span.start, end=span.end, replacement=name)
    return Fix(title=f"Write `{name}`", safe=False, edits=(edit,))
