"""The plan of a grammar: what a schema lets an instance say about a document, in no dialect yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from guidex_schema.abstractive import matches_any
from guidex_schema.generation.grammar.bounds import Bounds
from guidex_schema.generation.grammar.literal import is_name
from guidex_schema.generation.grammar.passage import Passage, passages
from guidex_schema.generation.grammar.production import (
    Enclosed,
    Items,
    Maybe,
    Name,
    Production,
    Row,
    Rule,
    Span,
    Table,
    Text,
    choice,
    height,
    named,
)
from guidex_schema.generation.grammar.value import Material, Values, free
from guidex_schema.grounding import GroundedDocument
from guidex_schema.schema import Attribute, EntityType, Schema

# Levels of values that labels may have, each instance and each container being one (SPEC 7).
_LEVELS = 24


@dataclass(frozen=True)
class Plan:
    """A grammar in no dialect yet.

    Attributes:
        rules: each behind those that it names.
        start: a whole sentence.
        passages: what spans are taken from: every run of pieces of one of them, without the gap before it.
    """

    rules: tuple[Rule, ...]
    start: Production
    passages: tuple[Passage, ...]


def plan(schema: Schema, document: str | None, bounds: Bounds, abstractive: tuple[str, ...]) -> Plan:
    """Plan the grammar of lists of instances in which a check finds no error.

    Every value that has to stand in the document is a piece of it, or a number that it says. A class with a required
    attribute for which there is no value is left out, and so is what requires such a class; where nothing is left,
    the only list is the empty one.

    Args:
        schema: what the instances are of.
        document: what they annotate; without it texts and numbers are free within the bounds.
        bounds: how much may be written.
        abstractive: patterns of attributes that need not stand in the document, as in ``*.description``.
    """
    material, found = free(bounds.span_characters), tuple[Passage, ...]()
    if document is not None:
        grounded = GroundedDocument(document)
        found = passages(grounded, bounds.span_characters)
        material = Material(grounded.numbers(), Span() if found else None)
    table = Table()
    inner: dict[str, Name] = {}
    for depth in range(1, bounds.depth + 1):
        instances = _Instances(schema, bounds, abstractive, material, inner, table)
        calls = {one.name: instances.of(one) for one in _callable_types(schema)}
        # What would nest too deep keeps the rule that it has.
        inner |= {
            class_name: table.named("t", call, f"{class_name}, with at most {depth - 1} levels of instances inside")
            for class_name, call in calls.items()
            if call is not None and height(call) <= _LEVELS
        }
    instance = choice(inner.values())
    listed = () if instance is None else (Maybe(Items(instance, bounds.instances)),)
    start = Enclosed("[", listed, "]")
    return Plan(_used(table.rules, start), start, found)


def _used(rules: Sequence[Rule], start: Production) -> tuple[Rule, ...]:
    """Leave out the rules that no sentence needs."""
    needed = set(named(start))
    used: list[Rule] = []
    for rule in reversed(rules):
        if rule.name in needed:
            used.append(rule)
            needed |= named(rule.production)
    return tuple(reversed(used))


def _callable_types(schema: Schema) -> Iterator[EntityType]:
    """Give every class whose instances labels can write; of several with one name the last."""
    values = {one.name for one in schema.enumerations} | {one.name for one in schema.text_subclasses}
    names = dict.fromkeys(one.name for one in schema.entity_types)
    for name in names:
        entity_type = schema.entity_type(name)
        if entity_type is not None and is_name(name) and name not in values:
            yield entity_type


@dataclass(frozen=True)
class _Instances:
    """The instances of one depth.

    Attributes:
        inner: the rules of those that may stand inside them, by class.
    """

    schema: Schema
    bounds: Bounds
    abstractive: tuple[str, ...]
    material: Material
    inner: Mapping[str, Name]
    table: Table

    def of(self, entity_type: EntityType) -> Production | None:
        """Give the call of a class: its attributes by name and in order; None where a required one has no value."""
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
                return choice(calls)
        return choice((*calls, Enclosed(f"{entity_type.name}(", (), ")")))

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
