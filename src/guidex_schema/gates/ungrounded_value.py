"""A value of the structure does not stand in the document.

The strings of the structure are pieces of the text, the shortest that say it: instances are made of them, and a class
that is made for something that the document does not say is a class that nothing fills. The finding names the passage
that comes nearest, for the first 50; after 200 the rest is not looked up. What stands in the document in other
characters or another form of the same words is snapped to it.

Source: GuideX, arXiv:2506.00649, section 3 (exact, concise pieces of the text); 43 % of 212 values that it published
stand in the text as written.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.display import json_text
from guidex_schema.json_leaf import Leaf
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput
from guidex_schema.wording import excerpt, nearness

if TYPE_CHECKING:
    from guidex_schema.grounding import Grounding

CODE = "GX603"
NAME = "ungrounded-value"
SEVERITY = Severity.ERROR

_TITLE = "Write it as the document does"
_DOCUMENT = "Ada  Lovelace wrote the Notes in 1,843 days."

VALID = (
    Example(output='{"people": ["Ada  Lovelace"], "days": 1843, "is known": true, "died": ""}', document=_DOCUMENT),
    Example(output='{"people": ["Bob"', document=_DOCUMENT),
    Example(output="- Bob", stage="summary", document=_DOCUMENT),
)

INVALID = (
    Example(
        output='{"people": ["Isaac Newton"]}',
        document=_DOCUMENT,
        at='"Isaac Newton"',
        part="output",
        path="structure.people[0]",
        message="the str `Isaac Newton` does not stand in the document",
    ),
    Example(
        output='{"life": {"years of": 1844, "name": "Ada"}}',
        document=_DOCUMENT,
        at="1844",
        part="output",
        path="structure.life['years of']",
        message="the number `1844` does not stand in the document",
    ),
    Example(
        output='{"people": ["Ada Bob"]}',
        document=_DOCUMENT,
        at='"Ada Bob"',
        part="output",
        path="structure.people[0]",
        message="the str `Ada Bob` does not stand in the document; nearest: `Ada` (50 % of it)",
    ),
    Example(
        output='{"people": ["ada lovelace"]}',
        document=_DOCUMENT,
        at='"ada lovelace"',
        part="output",
        path="structure.people[0]",
        fixed='{"people": ["Ada  Lovelace"]}',
        safe=True,
        title=_TITLE,
        message="the str `ada lovelace` stands in the document as `Ada  Lovelace`",
    ),
)

# To look for the nearest passage is the dearest search there is, and to find that a number is absent the next.
_EXPLAINED = 50
_MOST_ABSENT = 200


def gate(output: StageOutput) -> Iterator[Fault]:
    """Look every value up in the document."""
    if output.stage != "structure" or not output.is_read:
        return
    known: dict[tuple[type, object], Grounding] = {}
    absent = 0
    for leaf in output.leaves:
        key = type(leaf.value), leaf.value
        if key not in known:
            known[key] = output.grounded.ground(leaf.value)
        found = known[key]
        if found.status == "absent":
            if absent == _MOST_ABSENT:
                yield _fault(leaf, f"more than {absent} values do not stand in the document; the rest is not looked up")
                return
            nearest = output.grounded.nearest(leaf.value) if absent < _EXPLAINED else None
            absent += 1
            words = f"{_described(leaf)} does not stand in the document{nearness(nearest, output.document)}"
            yield _fault(leaf, words)
        elif found.status in ("normalised", "variant") and isinstance(leaf.value, str) and found.best is not None:
            written = output.document[found.best.start : found.best.end]
            # What would not stand there exactly either is left as near as it is.
            if output.grounded.ground(written).status == "exact":
                edit = Edit(start=leaf.span.start, end=leaf.span.end, replacement=json_text(written))
                fix = Fix(title=_TITLE, safe=True, edits=(edit,))
                yield _fault(leaf, f"{_described(leaf)} stands in the document as {excerpt(written)}", fix)


def _fault(leaf: Leaf, message: str, fix: Fix | None = None) -> Fault:
    return Fault(rule=NAME, message=message, part="output", span=leaf.span, path=leaf.path, fix=fix)


def _described(leaf: Leaf) -> str:
    return f"the {'str' if isinstance(leaf.value, str) else 'number'} {quoted(str(leaf.value))}"
