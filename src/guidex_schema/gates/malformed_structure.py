"""A structure is no JSON object, or holds no string.

The structure names what the document tells of by pieces of it, under keys of which the classes of the guidelines are
made: a JSON object, in which no key stands twice, nested at most 32 deep, with at least one string. The fix takes out
commas behind which an object or a list ends.

Source: GuideX, arXiv:2506.00649, section 3 (the structured representation); RFC 8259.
"""

import json
from collections.abc import Iterator

from guidex_schema.diagnostic import Edit, Fix
from guidex_schema.json_leaf import json_value, trailing_commas
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput
from guidex_schema.text import Span

CODE = "GX602"
NAME = "malformed-structure"
SEVERITY = Severity.ERROR

_TITLE = "Take out the commas behind which nothing follows"

VALID = (
    Example(output='{"people": [{"name": "Ada"}], "born": 1815}', document="Ada, born 1815"),
    Example(output="no JSON", stage="summary"),
    Example(output=""),
)

INVALID = (
    Example(
        output='{"people": ["Ada"',
        at="",
        part="output",
        message="the structure is not JSON: Expecting ',' delimiter",
    ),
    Example(
        output='{"people": ["Ada",],}',
        document="Ada",
        at="",
        part="output",
        fixed='{"people": ["Ada"]}',
        safe=True,
        title=_TITLE,
    ),
    Example(
        output="[" * 40 + "]" * 40,
        at="",
        part="output",
        message="the structure is not JSON: it is nested deeper than 32 times",
    ),
    Example(
        output='{"people": [], "people": ["Ada"]}',
        part="output",
        message="the structure cannot be read: the key `people` stands twice",
    ),
    Example(
        output='["Ada"]',
        part="output",
        message="the structure is no JSON object with a key for each kind of thing, but an array",
    ),
    Example(
        output='{"born": 1815, "name": ""}',
        part="output",
        message="there is no string in the structure; it names things by pieces of the document",
    ),
)

_KINDS = {list: "an array", str: "a string", bool: "true or false", type(None): "null"}


def gate(output: StageOutput) -> Iterator[Fault]:
    """Read the structure."""
    if output.stage != "structure" or not output.is_read:
        return
    try:
        value = output.value
    except json.JSONDecodeError as error:
        message = f"the structure is not JSON: {error.msg}"
        yield _fault(message, Span(start=error.pos, end=error.pos), _without_commas(output.text))
    except ValueError as error:
        yield _fault(f"the structure cannot be read: {error}")
    else:
        if not isinstance(value, dict):
            kind = _KINDS.get(type(value), "a number")
            yield _fault(f"the structure is no JSON object with a key for each kind of thing, but {kind}")
        elif not any(isinstance(leaf.value, str) for leaf in output.leaves):
            yield _fault("there is no string in the structure; it names things by pieces of the document")


def _fault(message: str, span: Span | None = None, fix: Fix | None = None) -> Fault:
    return Fault(rule=NAME, message=message, part="output", span=span, fix=fix)


def _without_commas(text: str) -> Fix | None:
    """Give the fix, where it makes JSON of the text."""
    edits = tuple(Edit(start=place, end=place + 1, replacement="") for place in trailing_commas(text))
    fix = Fix(title=_TITLE, safe=True, edits=edits)
    try:
        json_value(fix.apply(text))
    except ValueError:
        return None
    return fix
