"""How values and types are named in a message, in the author's own words."""

from typing import TYPE_CHECKING, assert_never

from guidex_schema.annotation import written
from guidex_schema.diagnostic import quoted, visible
from guidex_schema.instance import (
    BooleanValue,
    Instance,
    IntegerValue,
    ListValue,
    MappingValue,
    MemberValue,
    NoneValue,
    NumberValue,
    SetValue,
    TextValue,
    TupleValue,
    Value,
)
from guidex_schema.schema import AttributeType

if TYPE_CHECKING:
    from guidex_schema.grounding import Passage

# A type stands in a message up to this length; a `Literal` may have thousands of values.
_TYPE_LENGTH = 200

# Of a longer excerpt the middle is left out: it is known by how it starts and ends.
_EXCERPT_LENGTH = 80


def described(value: Value) -> str:
    """Name a value in a message: its kind, and its content where that is short."""
    match value:
        case TextValue(value=text):
            return f"the str {quoted(text)}"
        case IntegerValue(value=number):
            return f"the int {number}"
        case NumberValue(value=real):
            return f"the float {real!r}"
        case BooleanValue(value=truth):
            return f"the bool {truth}"
        case NoneValue():
            return "None"
        case MemberValue(enum=enum, member=member):
            return f"the member {quoted(f'{enum}.{member}')}"
        case ListValue(items=items):
            return f"a list of {len(items)}"
        case TupleValue(items=items):
            return f"a tuple of {len(items)}"
        case SetValue(items=items):
            return f"a set of {len(items)}"
        case MappingValue():
            return "a dict"
        case Instance(class_name=class_name):
            return f"an instance of {quoted(class_name)}"
        case _:
            assert_never(value)


def expectation(attribute_type: AttributeType) -> str:
    """Write a type for a message; a long one is cut."""
    text = visible(written(attribute_type))
    return f"`{text}`" if len(text) <= _TYPE_LENGTH else f"`{text[: _TYPE_LENGTH - 1]}…`"


def excerpt(text: str) -> str:
    """Give characters of the document for a message: each as it stands there, the middle left out of many."""
    if len(text) > _EXCERPT_LENGTH:
        half = _EXCERPT_LENGTH // 2
        text = f"{text[:half].rstrip()} … {text[-half:].lstrip()}"
    return f"`{visible(text)}`"


def nearness(passage: "Passage | None", document: str) -> str:
    """Say behind a message about an absent value what comes nearest to it; nothing where nothing does."""
    if passage is None:
        return ""
    found = excerpt(document[passage.span.start : passage.span.end])
    if passage.inside_word:
        return f"; it stands only inside {found}"
    if passage.coverage >= 1:
        return f"; nearest: {found} (all of it, put otherwise)"
    # What is nearly all is not all, and what is found is not nothing.
    return f"; nearest: {found} ({min(max(round(passage.coverage * 100), 1), 99)} % of it)"
