"""A structure is no JSON object, or not of the form that was asked for.

The structure names what the document tells of by pieces of it, under keys of which the classes of the guidelines are
made: a JSON object, in which no key stands twice or is blank. Objects stand in one another one deeper than
`generation.depth` at most. What the document does not say is left out. One fix takes out commas behind which an object
or a list ends, another whatever is null or empty.

Source: GuideX, arXiv:2506.00649, section 3 (the structured representation); RFC 8259.
"""

import json
from collections.abc import Iterator

from guidex_schema.diagnostic import Edit, Fix, visible
from guidex_schema.json_leaf import json_value, trailing_commas
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput
from guidex_schema.text import Span

CODE = "GX602"
NAME = "malformed-structure"
SEVERITY = Severity.ERROR

_TITLE = "Take out the commas behind which nothing follows"
_EMPTY_TITLE = "Take out what is null or empty"

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
        output='{"is born": true}',
        part="output",
        message="nothing is named in the structure; it names things by pieces of the document",
    ),
    Example(
        output='{"people": ["Ada", ""], "died": null, "works": [{}]}',
        document="Ada",
        part="output",
        fixed='{"people": ["Ada"]}',
        safe=True,
        title=_EMPTY_TITLE,
        message="something in the structure is null or empty; leave out what the document does not say",
    ),
    Example(
        output='{"people": {" ": "Ada"}}',
        document="Ada",
        part="output",
        message="the key ` ` is blank or holds a character that cannot be seen; a key names a kind of thing",
    ),
    Example(
        output='{"a": {"b": {"c": {"d": {"e": "Ada"}}}}}',
        document="Ada",
        part="output",
        message="objects stand in one another 5 deep; 4 are enough to say what belongs together",
    ),
)

_LONGEST_SHOWN = 80

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
        elif not output.leaves:
            yield _fault("nothing is named in the structure; it names things by pieces of the document")
        else:
            yield from _faults_within(value, output)


def _faults_within(value: object, output: StageOutput) -> Iterator[Fault]:
    """Say what is wrong with the form of an object that names something."""
    named = _named(value)
    if named != value:
        edit = Edit(start=0, end=len(output.text), replacement=json.dumps(named, ensure_ascii=False))
        message = "something in the structure is null or empty; leave out what the document does not say"
        yield _fault(message, fix=Fix(title=_EMPTY_TITLE, safe=True, edits=(edit,)))
    for key in dict.fromkeys(_keys(value)):
        if not key.strip() or visible(key) != key:
            words = f"`{visible(key)[:_LONGEST_SHOWN]}`"
            message = f"the key {words} is blank or holds a character that cannot be seen; a key names a kind of thing"
            yield _fault(message)
    depth = _depth(value)
    if depth > output.deepest:
        message = f"objects stand in one another {depth} deep; {output.deepest} are enough to say what belongs together"
        yield _fault(message)


def _named(value: object) -> object:
    """Give a value without what is null or empty in it."""
    match value:
        case dict():
            inner = {key: _named(one) for key, one in value.items()}
            return {key: one for key, one in inner.items() if not _is_nothing(one)}
        case list():
            return [one for one in map(_named, value) if not _is_nothing(one)]
        case _:
            return value


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _keys(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield key
                yield from _keys(inner)
        case list():
            for inner in value:
                yield from _keys(inner)
        case _:
            return


def _depth(value: object) -> int:
    """Count how many objects stand in one another."""
    match value:
        case dict():
            return 1 + max(map(_depth, value.values()), default=0)
        case list():
            return max(map(_depth, value), default=0)
        case _:
            return 0


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
