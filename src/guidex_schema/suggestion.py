"""What an author most likely meant: the nearest name, and the fix that writes it."""

from collections.abc import Iterable
from functools import lru_cache

from guidex_schema.diagnostic import Edit, Fix
from guidex_schema.text import Span

# Below this a suggestion names something else than what was meant.
_SIMILARITY = 70.0


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Give the name that is most like the one written, or None where none is like it."""
    # Loaded where something is suggested, since most that is checked needs it nowhere.
    from rapidfuzz import fuzz, process

    found = process.extractOne(
        _folded_name(name), _folded(frozenset(names)), scorer=fuzz.ratio, score_cutoff=_SIMILARITY
    )
    return None if found is None else found[2]


def _folded_name(name: str) -> str:
    return name.lower().replace("_", "")


# The findings of one file are mostly compared with the same names.
@lru_cache(maxsize=8)
def _folded(names: frozenset[str]) -> dict[str, str]:
    return {name: _folded_name(name) for name in sorted(names)}


def rename(span: Span, name: str | None) -> Fix | None:
    """Give the fix that writes a suggested name; unsafe, since only the author knows."""
    if name is None:
        return None
    edit = Edit(start=span.start, end=span.end, replacement=name)
    return Fix(title=f"Write `{name}`", safe=False, edits=(edit,))
