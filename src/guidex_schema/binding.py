"""Bindings: the instances that labels hold, and which of their arguments fills which attribute."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from guidex_schema.conformance import Bound, Checker, checker, is_made_optional, is_open, or_none, sure_kinds
from guidex_schema.instance import Argument, Instance, Mention, Value
from guidex_schema.memo import remembered
from guidex_schema.schema import Attribute, AttributeType, EntityType, Schema
from guidex_schema.trail import Trail, path

# A row has five entity types or so, and its neighbours often the same; each counts with its attributes.
_REMEMBERED_TYPES = 2_048

# Rows write most of their annotations alike, and then have the same type for them.
_REMEMBERED_ANNOTATIONS = 1024

_NONE = frozenset(("none",))
_HOLDERS = frozenset(("instance", "list", "tuple", "set", "mapping"))


class Parameter(NamedTuple):
    """An attribute that the constructor of an entity type takes.

    Attributes:
        kinds: kinds of values of which each may fill it.
        fits: says whether a value may fill it, of whatever kind it is.
        closing: its type, if there are values that this names itself, so that no document has to.
    """

    name: str
    attribute: Attribute
    kinds: frozenset[str]
    fits: Checker
    closing: AttributeType | None


class Parameters(NamedTuple):
    """What the constructor of an entity type takes.

    Attributes:
        positional: what positional arguments fill, in order.
        by_name: what keyword arguments fill.
        required: the names of what has to be filled, in order, each with its attribute.
    """

    positional: tuple[Parameter, ...]
    by_name: Mapping[str, Parameter]
    required: Mapping[str, Attribute]


@remembered(_REMEMBERED_TYPES, lambda one: 1 + len(one.attributes))
def parameters(entity_type: EntityType) -> Parameters:
    """Give what the constructor of an entity type takes."""
    positional: list[Parameter] = []
    by_name: dict[str, Parameter] = {}
    required: dict[str, Attribute] = {}
    # An attribute is asked for each fact once: that takes a model longer than all else here.
    for one in entity_type.attributes:
        if not one.init:
            continue
        name, is_required = one.name, one.required
        fills = _what_fills if is_required or not is_made_optional(one) else _what_fills_or_none
        by_name[name] = parameter = Parameter(name, one, *fills(one.type))
        if is_required:
            required[name] = one
        if not one.keyword_only:
            positional.append(parameter)
    return Parameters(tuple(positional), by_name, required)


_Filling = tuple[frozenset[str], Checker, AttributeType | None]


@remembered(_REMEMBERED_ANNOTATIONS)
def _what_fills(expected: AttributeType) -> _Filling:
    """Give what a parameter says of the values that may fill an attribute of a type."""
    closing = None if is_open(expected) else expected
    return sure_kinds(expected), checker(expected), closing


@remembered(_REMEMBERED_ANNOTATIONS)
def _what_fills_or_none(expected: AttributeType) -> _Filling:
    """Give the same for an attribute that may be None, too."""
    kinds, fits, closing = _what_fills(expected)
    return kinds | _NONE, or_none(fits), closing


class Site(NamedTuple):
    """An instance, what leads to it, and its entity type if the schema has one."""

    trail: Trail
    instance: Instance
    entity_type: EntityType | None

    @property
    def path(self) -> str:
        """Write the path that leads to the instance."""
        return path(self.trail)


class Binding(NamedTuple):
    """What the arguments of one instance fill.

    Attributes:
        trail: what leads to the instance.
        filled: what is filled, with what fills it, in the order of the arguments.
        surplus: positional arguments beyond the last attribute.
        unexpected: keyword arguments that no attribute takes.
        repeated: keyword arguments for attributes that a positional argument fills already.
        missing: required attributes that nothing fills.
    """

    trail: Trail
    filled: tuple[tuple[Parameter, Value], ...]
    surplus: tuple[Value, ...] = ()
    unexpected: tuple[Argument, ...] = ()
    repeated: tuple[Argument, ...] = ()
    missing: tuple[Attribute, ...] = ()

    @property
    def is_taken(self) -> bool:
        """Say whether the constructor takes every argument."""
        return not (self.surplus or self.unexpected or self.repeated)

    @property
    def is_whole(self) -> bool:
        """Say whether the constructor takes every argument and lacks none."""
        return self.is_taken and not self.missing

    @property
    def bound(self) -> tuple[Bound, ...]:
        """Give the filled attributes with the paths of what fills them."""
        return tuple(self.of(parameter, value) for parameter, value in self.filled)

    def of(self, parameter: Parameter, value: Value) -> Bound:
        """Give the attribute of a parameter, and what fills it with its path."""
        return Bound(parameter.attribute, Mention(path=f"{path(self.trail)}.{parameter.name}", value=value))


def bind(instance: Instance, entity_type: EntityType, trail: Trail = "") -> Binding:
    """Say which argument fills which attribute, as the dataclass's constructor would.

    Args:
        instance: a call.
        entity_type: what is called.
        trail: what leads to the instance.
    """
    positional, by_name, required = parameters(entity_type)
    values = instance.positional
    if not values:
        # Nearly all calls are written by keyword, and nothing is wrong with them.
        given = {argument.name: argument.value for argument in instance.keyword}
        names = given.keys()
        if len(given) == len(instance.keyword) and required.keys() <= names <= by_name.keys():
            return Binding(trail, tuple([(by_name[name], value) for name, value in given.items()]))
    pairs = list(zip(positional, values, strict=False)) if values else []
    filled = {parameter.name for parameter, _ in pairs}
    unexpected: list[Argument] = []
    repeated: list[Argument] = []
    for argument in instance.keyword:
        name = argument.name
        parameter = by_name.get(name)
        if parameter is None:
            unexpected.append(argument)
        elif name in filled:
            repeated.append(argument)
        else:
            filled.add(name)
            pairs.append((parameter, argument.value))
    missing = tuple([attribute for name, attribute in required.items() if name not in filled])
    return Binding(trail, tuple(pairs), values[len(positional) :], tuple(unexpected), tuple(repeated), missing)


def positional_names(entity_type: EntityType | None) -> tuple[str, ...]:
    """Give the names of the attributes that positional arguments fill, in order."""
    return () if entity_type is None else tuple([one.name for one in parameters(entity_type).positional])


def sites(items: Iterable[tuple[Trail, Value]], schema: Schema) -> tuple[Site, ...]:
    """Give every instance in values, outer before inner, with what leads to it.

    Args:
        items: values, each with what leads to it.
        schema: what declares the entity types.
    """
    found: list[Site] = []
    for trail, value in items:
        _add_sites(value, trail, schema, found)
    return tuple(found)


def _add_sites(value: Value, trail: Trail, schema: Schema, found: list[Site]) -> None:
    if value.kind == "instance":
        entity_type = schema.entity_type(value.class_name)
        found.append(Site(trail, value, entity_type))
        if value.positional:
            names = positional_names(entity_type)
            for index, item in enumerate(value.positional):
                if item.kind in _HOLDERS:
                    step = f".{names[index]}" if index < len(names) else f"({index})"
                    _add_sites(item, (trail, step), schema, found)
        for argument in value.keyword:
            if argument.value.kind in _HOLDERS:
                _add_sites(argument.value, (trail, f".{argument.name}"), schema, found)
    elif value.kind == "list" or value.kind == "tuple" or value.kind == "set":
        for index, item in enumerate(value.items):
            if item.kind in _HOLDERS:
                _add_sites(item, (trail, index), schema, found)
    elif value.kind == "mapping":
        for entry in value.entries:
            if entry.value.kind in _HOLDERS:
                _add_sites(entry.value, (trail, entry.key), schema, found)
