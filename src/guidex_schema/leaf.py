"""Leaf values: the constants of labels, each with the instance that holds it and the attribute that it stands for."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from guidex_schema.binding import Binding, Parameter, parameters, positional_names
from guidex_schema.conformance import is_closed, is_text_call
from guidex_schema.instance import (
    Instance,
    ListValue,
    MappingValue,
    Mention,
    SetValue,
    TupleValue,
    Value,
)
from guidex_schema.schema import Attribute, AttributeType, Schema
from guidex_schema.trail import Trail, path

_Container = ListValue | TupleValue | SetValue | MappingValue
_CONSTANTS = frozenset(("text", "integer", "number", "boolean", "none", "member"))


class _Slot(NamedTuple):
    """The argument that values stand in."""

    holders: tuple[int, ...]
    entity_type: str
    attribute: str | None
    parameter: Parameter | None


class Leaf(NamedTuple):
    """One constant.

    Attributes:
        value: the constant; of a call such as ``Name("x")`` what stands in its brackets.
        trail: what leads to it.
        slot: the argument that it stands in.
        is_named: its type, or an enum that is called, names the value itself, so that no document has to.
    """

    value: Value
    trail: Trail
    slot: _Slot
    is_named: bool

    @property
    def holders(self) -> tuple[int, ...]:
        """Give the numbers of the instances around it, outer before inner; an outer one has the lower number."""
        return self.slot.holders

    @property
    def entity_type(self) -> str:
        """Give the class of the innermost of them, as it is written."""
        return self.slot.entity_type

    @property
    def attribute(self) -> str | None:
        """Give the name of the attribute that it stands for, declared or not; None where nothing names it."""
        return self.slot.attribute

    @property
    def declared(self) -> Attribute | None:
        """Give the declaration that it fills, or None."""
        return self.slot.parameter.attribute if self.slot.parameter is not None else None

    @property
    def path(self) -> str:
        """Write the path that leads to it, as in ``result[2].author.name``."""
        return path(self.trail)

    @property
    def mention(self) -> Mention:
        """Give the constant with its path."""
        return Mention(path=self.path, value=self.value)


def leaves(mentions: Iterable[Mention], schema: Schema) -> tuple[Leaf, ...]:
    """Give every leaf value of top-level items in source order, whether or not the schema has a place for it.

    Keys of mappings are names, not values. A top level that is no instance has no attribute to fill: its own
    constants are left out.
    """
    walk = _Walk(schema)
    for mention in mentions:
        walk.visit(mention.value, mention.path, None)
    return tuple(walk.found)


def literal(value: Value) -> str | None:
    """Give the characters in which a document has a constant exactly; None for one that it need not have."""
    if value.kind == "text":
        return value.value
    if value.kind == "integer":
        return str(value.value)
    return repr(value.value) if value.kind == "number" else None


def filling_constants(bindings: Iterable[Binding], schema: Schema) -> list[Value]:
    """Give every constant that fills an attribute whose type does not name it, in no particular order.

    They are the leaf values of the same bindings; what leads to them and what they stand for is not asked here.
    """
    found: list[Value] = []
    for binding in bindings:
        for parameter, value in binding.filled:
            if parameter.closing is None and value.kind in _CONSTANTS:
                found.append(value)
            else:
                _add_constants((value,), parameter.closing, schema, found)
    return found


def _add_constants(values: Iterable[Value], closing: AttributeType | None, schema: Schema, found: list[Value]) -> None:
    """Add the constants in values of one attribute, whose type is only given where it may name some."""
    for value in values:
        if value.kind in _CONSTANTS:
            if closing is None or not is_closed(value, closing):
                found.append(value)
        elif value.kind == "list" or value.kind == "tuple" or value.kind == "set":
            _add_constants(value.items, closing, schema, found)
        elif value.kind == "mapping":
            _add_constants([entry.value for entry in value.entries], closing, schema, found)
        elif value.kind == "instance" and is_text_call(value, schema):
            _add_constants(value.positional, closing, schema, found)


def arguments(path: str, instance: Instance, schema: Schema) -> Iterator[tuple[Mention, str | None, Attribute | None]]:
    """Give the arguments of an instance in source order, with the names and declarations that they stand for.

    Args:
        path: the path of the instance.
        instance: a call.
        schema: what declares its attributes, if anything does.

    Returns:
        The argument, the name of the attribute that it stands for, declared or not, and the declaration that it fills;
        None for either where there is none.
    """
    for value, step, slot in _Walk(schema).arguments(instance, ()):
        declared = slot.parameter.attribute if slot.parameter is not None else None
        yield Mention(path=path + step, value=value), slot.attribute, declared


class _Walk:
    """Collect the leaf values of one row's labels.

    Attributes:
        found: the leaf values so far.
    """

    def __init__(self, schema: Schema) -> None:
        self.found: list[Leaf] = []
        self._schema = schema
        self._instances = 0

    def visit(self, value: Value, trail: Trail, slot: _Slot | None) -> None:
        """Collect the leaf values in a value, itself if it is one.

        Args:
            value: any value.
            trail: what leads to it.
            slot: the argument that it stands in; None outside of instances.
        """
        # The kind tells in one comparison what isinstance asks of every class.
        if value.kind == "instance":
            self._visit_call(value, trail, slot)
        elif value.kind == "list" or value.kind == "tuple" or value.kind == "set":
            for index, item in enumerate(value.items):
                self.visit(item, (trail, index), slot)
        elif value.kind == "mapping":
            for entry in value.entries:
                self.visit(entry.value, (trail, entry.key), slot)
        elif slot is not None:
            self._add(value, trail, slot)

    def _visit_call(self, value: Instance, trail: Trail, slot: _Slot | None) -> None:
        if slot is not None and is_text_call(value, self._schema):
            self._add(value.positional[0], trail, slot)
        elif slot is not None and _is_member_call(value, self._schema):
            self.found.append(Leaf(value.positional[0], trail, slot, is_named=True))
        else:
            holders = (*slot.holders, self._instances) if slot is not None else (self._instances,)
            self._instances += 1
            for child, step, argument in self.arguments(value, holders):
                self.visit(child, (trail, step), argument)

    def _add(self, value: Value, trail: Trail, slot: _Slot) -> None:
        closing = slot.parameter.closing if slot.parameter is not None else None
        self.found.append(Leaf(value, trail, slot, is_named=closing is not None and is_closed(value, closing)))

    def arguments(self, instance: Instance, holders: tuple[int, ...]) -> list[tuple[Value, str, _Slot]]:
        """Give the arguments of an instance in source order, each with its step and what it stands for."""
        name = instance.class_name
        entity_type = self._schema.entity_type(name)
        taken = parameters(entity_type) if entity_type is not None else None
        # The first argument fills the attribute; a repeated one fills nothing.
        unfilled = dict(taken.by_name) if taken is not None else {}
        names = positional_names(entity_type)
        found = []
        for index, value in enumerate(instance.positional):
            if index < len(names):
                attribute = names[index]
                slot = _Slot(holders, name, attribute, unfilled.pop(attribute, None))
                found.append((value, f".{attribute}", slot))
            else:
                found.append((value, f"({index})", _Slot(holders, name, None, None)))
        for argument in instance.keyword:
            slot = _Slot(holders, name, argument.name, unfilled.pop(argument.name, None))
            found.append((argument.value, f".{argument.name}", slot))
        return found


def _is_member_call(value: Instance, schema: Schema) -> bool:
    """Say whether a value is ``Role("cook")`` with an enum of the guidelines."""
    if len(value.positional) != 1 or value.keyword or schema.enumeration(value.class_name) is None:
        return False
    return not isinstance(value.positional[0], Instance | _Container)
