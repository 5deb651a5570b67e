"""The values of a row as a tree: every instance, container and constant, with where the document has it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from guidex_schema.binding import positional_names
from guidex_schema.conformance import is_text_call
from guidex_schema.instance import (
    BooleanValue,
    Instance,
    IntegerValue,
    ListValue,
    MappingValue,
    MemberValue,
    Mention,
    NoneValue,
    NumberValue,
    SetValue,
    TextValue,
    TupleValue,
    Value,
    children,
)
from guidex_schema.schema import Schema
from guidex_schema.subject import GroundedValue, Subject


@dataclass(frozen=True)
class Node:
    """A value of the labels.

    Attributes:
        parent: the number of the node around it; None at the top level.
        name: what leads to it from there: the name of an attribute, an index in brackets, or a key.
        entity_type: the class of the instance that it is or stands in; None where there is none.
        grounded: where the document has it; None of what holds other values, and without a document.
    """

    parent: int | None
    path: str
    name: str
    value: Value
    entity_type: str | None
    grounded: GroundedValue | None

    @property
    def text(self) -> str | None:
        """Give what is shown of a constant; None for what holds other values."""
        match self.value:
            case TextValue(value=text):
                return text
            case IntegerValue() | NumberValue() | BooleanValue():
                return repr(self.value.value)
            case NoneValue():
                return "None"
            case MemberValue(enum=enum, member=member):
                return f"{enum}.{member}"
            case ListValue() | TupleValue() | SetValue() | MappingValue() | Instance():
                return None
            case _:
                assert_never(self.value)


def numbers_of(nodes: Sequence[Node]) -> Mapping[str, int]:
    """Give the number of each node, of those with one path the first, by its path."""
    return {node.path: number for number, node in reversed(tuple(enumerate(nodes)))}


def innermost(numbers: Mapping[str, int], path: str) -> int | None:
    """Give the number of the node that a path leads to, or else of the innermost one on the way."""
    while path and path not in numbers:
        path = path[: max(path.rfind("."), path.rfind("["), path.rfind("("), 0)]
    return numbers.get(path)


def tree(subject: Subject, grounded: Iterable[GroundedValue]) -> tuple[Node, ...]:
    """Build the tree of a row's labels: all its nodes, outer before inner, in source order.

    Args:
        subject: the row.
        grounded: its leaf values with their groundings, as far as they are known.
    """
    # A path names two values where an argument is repeated, and a place two where an instance is used twice.
    known = {(one.mention.path, one.mention.value.span): one for one in grounded}
    nodes: list[Node] = []
    schema = subject.guideline.schema

    def add(mention: Mention, parent: int | None, name: str, entity_type: str | None) -> None:
        value = mention.value
        match value:
            case Instance(positional=(constant,), keyword=()) if parent is not None and (
                is_text_call(value, schema) or (mention.path, constant.span) in known
            ):
                # ``Name("x")`` and ``Role("cook")`` are constants with types of their own.
                found = known.get((mention.path, constant.span))
                nodes.append(Node(parent, mention.path, name, constant, entity_type, found))
                return
            case Instance(class_name=class_name):
                entity_type = class_name
        number = len(nodes)
        nodes.append(Node(parent, mention.path, name, value, entity_type, known.get((mention.path, value.span))))
        for child in children(mention, _names(value, schema)):
            add(child, number, child.path[len(mention.path) :].removeprefix("."), entity_type)

    for mention in subject.mentions:
        add(mention, None, mention.path.removeprefix("result"), None)
    return tuple(nodes)


def _names(value: Value, schema: Schema) -> tuple[str, ...]:
    return positional_names(schema.entity_type(value.class_name)) if isinstance(value, Instance) else ()
