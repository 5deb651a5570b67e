"""Leaf values: the constants of labels, each with the instance that holds it and the attribute that it stands for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, repeat

from guidex_schema.conformance import Site, bind, is_closed, is_text_call, positional_names
from guidex_schema.instance import (
    Instance,
    ListValue,
    MappingValue,
    Mention,
    SetValue,
    TupleValue,
    Value,
    children,
)
from guidex_schema.schema import Attribute, Schema

_Container = ListValue | TupleValue | SetValue | MappingValue


@dataclass(frozen=True)
class Leaf:
    """One constant.

    Attributes:
        mention: the constant; of a call such as ``Name("x")`` what stands in its brackets.
        holders: the numbers of the instances around it, outer before inner; an outer one has the lower number.
        entity_type: the class of the innermost of them, as it is written.
        attribute: the name of the attribute that it stands for, declared or not; None where nothing names it.
        declared: the declaration that it fills, or None.
        is_named: its type, or an enum that is called, names the value itself, so that no document has to.
    """

    mention: Mention
    holders: tuple[int, ...]
    entity_type: str
    attribute: str | None
    declared: Attribute | None
    is_named: bool


@dataclass(frozen=True)
class _Slot:
    """The argument that values stand in."""

    holders: tuple[int, ...]
    entity_type: str
    attribute: str | None
    declared: Attribute | None

    def leaf(self, path: str, value: Value, *, is_member: bool = False) -> Leaf:
        mention = Mention(path=path, value=value)
        is_named = is_member or (self.declared is not None and is_closed(value, self.declared.type))
        return Leaf(mention, self.holders, self.entity_type, self.attribute, self.declared, is_named)


def leaves(mentions: Iterable[Mention], schema: Schema) -> Iterator[Leaf]:
    """Give every leaf value of top-level items in source order, whether or not the schema has a place for it.

    Keys of mappings are names, not values. A top level that is no instance has no attribute to fill: its own
    constants are left out.
    """
    numbers = count()
    for mention in mentions:
        yield from _leaves(mention, None, (), schema, numbers)


def _leaves(
    mention: Mention, slot: _Slot | None, holders: tuple[int, ...], schema: Schema, numbers: Iterator[int]
) -> Iterator[Leaf]:
    value = mention.value
    if isinstance(value, _Container):
        for child in children(mention):
            yield from _leaves(child, slot, holders, schema, numbers)
    elif not isinstance(value, Instance):
        if slot is not None:
            yield slot.leaf(mention.path, value)
    elif slot is not None and is_text_call(value, schema):
        yield slot.leaf(mention.path, value.positional[0])
    elif slot is not None and _is_member_call(value, schema):
        yield slot.leaf(mention.path, value.positional[0], is_member=True)
    else:
        inside = (*holders, next(numbers))
        for child, attribute, declared in arguments(mention.path, value, schema):
            argument = _Slot(inside, value.class_name, attribute, declared)
            yield from _leaves(child, argument, inside, schema, numbers)


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
    entity_type = schema.entity_type(instance.class_name)
    positional = positional_names(entity_type)
    unfilled = {}
    if entity_type is not None:
        bound = bind(Site(path, instance, entity_type), entity_type).bound
        unfilled = {one.attribute.name: one.attribute for one in bound}
    surplus = len(instance.positional) - len(positional)
    names = (
        *positional[: len(instance.positional)],
        *repeat(None, max(surplus, 0)),
        *(argument.name for argument in instance.keyword),
    )
    for child, name in zip(children(Mention(path=path, value=instance), positional), names, strict=True):
        # The first argument fills the attribute; a repeated one fills nothing.
        yield child, name, None if name is None else unfilled.pop(name, None)


def _is_member_call(value: Instance, schema: Schema) -> bool:
    """Say whether a value is ``Role("cook")`` with an enum of the guidelines."""
    match value:
        case Instance(class_name=class_name, positional=(constant,), keyword=()):
            return schema.enumeration(class_name) is not None and not isinstance(constant, Instance | _Container)
        case _:
            return False
