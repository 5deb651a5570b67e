"""Instances: the calls of a schema's classes, and why some of them cannot be written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from guidex_schema.abstractive import matches_any
from guidex_schema.annotation import written
from guidex_schema.diagnostic import quoted
from guidex_schema.generation.grammar.bounds import Bounds
from guidex_schema.generation.grammar.literal import is_name
from guidex_schema.generation.grammar.production import (
    Enclosed,
    Maybe,
    Name,
    Production,
    Row,
    Table,
    Text,
    choice,
    height,
)
from guidex_schema.generation.grammar.value import Material, Values, free
from guidex_schema.schema import (
    AnyType,
    Attribute,
    EntityType,
    IntegerType,
    NumberType,
    ReferenceType,
    Schema,
    TextType,
    UnknownType,
)

# Levels of values that labels may have, each instance and each container being one (SPEC 7).
_LEVELS = 24


def callable_types(schema: Schema) -> Iterator[EntityType]:
    """Give every class whose instances labels can write; of several with one name the last."""
    values = {one.name for one in schema.enumerations} | {one.name for one in schema.text_subclasses}
    names = dict.fromkeys(one.name for one in schema.entity_types)
    for name in names:
        entity_type = schema.entity_type(name)
        if entity_type is not None and is_name(name) and name not in values:
            yield entity_type


@dataclass(frozen=True)
class Instances:
    """The instances of a schema's classes.

    Attributes:
        material: what values are made of that have to stand in the document.
        table: the rules of the grammar.
        inner: the rules of those instances that may stand inside others, by class.
    """

    schema: Schema
    bounds: Bounds
    abstractive: tuple[str, ...]
    material: Material
    table: Table
    inner: Mapping[str, Name]

    def of(self, entity_type: EntityType) -> Production | None:
        """Give the call of a class: its attributes by name and in order.

        Returns:
            None where a required attribute has no value, or the call nests deeper than labels may.
        """
        arguments: list[tuple[Attribute, Production]] = []
        for attribute in entity_type.attributes:
            value = self._value(entity_type, attribute) if attribute.init else None
            if value is not None:
                argument = Row((Text(f"{attribute.name}="), value))
                arguments.append((attribute, self.table.named("a", argument)))
            elif attribute.init and attribute.required:
                return None
        calls: list[Production] = []
        for number, (attribute, first) in enumerate(arguments):
            others = (_following(*other) for other in arguments[number + 1 :])
            calls.append(Enclosed(f"{entity_type.name}(", (first, *others), ")"))
            if attribute.required:
                break
        else:
            calls.append(Enclosed(f"{entity_type.name}(", (), ")"))
        return choice(calls) if all(height(call) <= _LEVELS for call in calls) else None

    def low(self, entity_type: EntityType) -> Production | None:
        """Give the call of a class, with less inside where all of it would nest too deep."""
        call = self.of(entity_type)
        for most in sorted({rule.height for rule in self.inner.values()}, reverse=True):
            if call is not None:
                break
            inner = {name: rule for name, rule in self.inner.items() if rule.height < most}
            call = replace(self, inner=inner).of(entity_type)
        return call

    def lack(self, entity_type: EntityType) -> str:
        """Say in words why a class has no call."""
        for attribute in entity_type.attributes:
            if attribute.init and attribute.required and self._value(entity_type, attribute) is None:
                return _lack(quoted(f"{entity_type.name}.{attribute.name}"), attribute)
        return f"{quoted(entity_type.name)} nests deeper than {_LEVELS} levels"

    def _value(self, entity_type: EntityType, attribute: Attribute) -> Production | None:
        if not is_name(attribute.name):
            return None
        is_free = matches_any(self.abstractive, self.schema, entity_type.name, attribute.name)
        material = free(self.bounds.abstractive_characters) if is_free else self.material
        value = Values(self.schema, self.bounds, material, self.inner, self.table).of(attribute.type)
        # A default of None makes an attribute optional, whatever its type says (SPEC 12).
        is_optional = not attribute.required and attribute.default is None
        return choice((value, Text("None") if is_optional else None))


def _following(attribute: Attribute, argument: Production) -> Production:
    """Give an argument behind others, or nothing where it may be left out."""
    row = Row((Text(", "), argument))
    return row if attribute.required else Maybe(row)


def _lack(place: str, attribute: Attribute) -> str:
    """Say what a required attribute has no value of."""
    if not is_name(attribute.name):
        return f"{place} has a name that labels cannot use"
    match attribute.type:
        case IntegerType():
            return f"{place} needs an integer, and the document has none"
        case NumberType():
            return f"{place} needs a number, and the document has none"
        case TextType() | AnyType() | UnknownType():
            return f"{place} needs a piece of the document, which has none"
        case ReferenceType(entity_type=name):
            return f"{place} needs an instance of {quoted(name)}, and none can be written"
        case _:
            return f"{place} needs a value of the type {quoted(written(attribute.type))}, and none can be written"
