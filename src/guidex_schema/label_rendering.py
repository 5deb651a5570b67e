"""Write values as labels: Python source that the jail reads back into the same values."""

from collections.abc import Iterable
from typing import assert_never

from guidex_schema.diagnostic import visible
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


def render_labels(items: Iterable[Value]) -> str:
    """Write a list of instances, each on a line of its own as GuideX writes them.

    Returns:
        Source of the same values; an instance that was assigned to a name stands at each of its uses.

    Raises:
        ValueError: a set in it is empty.
    """
    lines = [f"    {render_value(item)}" for item in items]
    return "\n".join(("[", ",\n".join(lines), "]")) if lines else "[]"


def render_value(value: Value) -> str:
    """Write one value on one line.

    Raises:
        ValueError: a set in it is empty, for which there is no display.
    """
    match value:
        case TextValue(value=text):
            return _text(text)
        case IntegerValue() | NumberValue() | BooleanValue():
            return repr(value.value)
        case NoneValue():
            return "None"
        case MemberValue(enum=enum, member=member):
            return f"{enum}.{member}"
        case ListValue(items=items):
            return f"[{_joined(items)}]"
        case TupleValue(items=(item,)):
            return f"({render_value(item)},)"
        case TupleValue(items=items):
            return f"({_joined(items)})"
        case SetValue(items=()):
            raise ValueError("an empty set cannot be written in labels")
        case SetValue(items=items):
            return f"{{{_joined(items)}}}"
        case MappingValue(entries=entries):
            return f"{{{', '.join(f'{render_value(one.key)}: {render_value(one.value)}' for one in entries)}}}"
        case Instance(class_name=class_name, positional=positional, keyword=keyword):
            named = (f"{one.name}={render_value(one.value)}" for one in keyword)
            return f"{class_name}({', '.join((*map(render_value, positional), *named))})"
        case _:
            assert_never(value)


def _joined(values: Iterable[Value]) -> str:
    return ", ".join(map(render_value, values))


def _text(text: str) -> str:
    """Write a string in double quotes unless that takes more escapes; what may not stand in labels is an escape."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + visible(text.replace("\\", "\\\\").replace(quote, f"\\{quote}")) + quote
