"""The plan of a grammar: what a schema lets an instance say about a document, in no dialect yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guidex_schema.attribute_type import references
from guidex_schema.diagnostic import quoted
from guidex_schema.generation.grammar.bounds import Bounds
from guidex_schema.generation.grammar.instances import Instances, callable_types
from guidex_schema.generation.grammar.nesting import groups
from guidex_schema.generation.grammar.passage import Passage, passages
from guidex_schema.generation.grammar.production import (
    Enclosed,
    Items,
    Maybe,
    Name,
    Production,
    Rule,
    Span,
    Table,
    choice,
    named,
)
from guidex_schema.generation.grammar.value import Material, free, stands_for
from guidex_schema.grounding import GroundedDocument
from guidex_schema.schema import EntityType, Schema


@dataclass(frozen=True)
class Plan:
    """A grammar in no dialect yet.

    Attributes:
        rules: each behind those that it names.
        start: a whole sentence.
        passages: what spans are taken from: every run of pieces of one of them, without the gap before it.
        classes: those whose instances can be written.
        omitted: why others cannot, in words, each class in a sentence of its own.
    """

    rules: tuple[Rule, ...]
    start: Production
    passages: tuple[Passage, ...]
    classes: tuple[str, ...]
    omitted: tuple[str, ...]


def plan(
    schema: Schema,
    document: GroundedDocument | None,
    bounds: Bounds,
    abstractive: tuple[str, ...],
    *,
    may_be_empty: bool = True,
) -> Plan:
    """Plan the grammar of lists of instances in which a check finds no error.

    Every value that has to stand in the document is a piece of it, or a number that it says. A class with a required
    attribute for which there is no value is left out, and so is what requires such a class; where nothing is left,
    the only list is the empty one.

    Args:
        schema: what the instances are of.
        document: what they annotate; without it texts and numbers are free within the bounds.
        bounds: how much may be written.
        abstractive: patterns of attributes that need not stand in the document, as in ``*.description``.
        may_be_empty: the empty list is a sentence even where there are others.
    """
    material, found = free(bounds.span_characters), tuple[Passage, ...]()
    if document is not None:
        found = passages(document, bounds.span_characters)
        material = Material(document.numbers(), Span() if found else None)
    types = {one.name: one for one in callable_types(schema)}
    inner: dict[str, Name] = {}
    instances = Instances(schema, bounds, abstractive, material, Table(), inner)
    held = {name: _held(schema, one, types) for name, one in types.items()}
    for group in groups(held):
        is_cycle = len(group) > 1 or group[0] in held[group[0]]
        _nest(instances, {name: types[name] for name in group}, inner, is_cycle=is_cycle)
    instance = choice(inner[name] for name in types if name in inner)
    items = None if instance is None else Items(instance, bounds.instances)
    listed = () if items is None else (Maybe(items) if may_be_empty else items,)
    start = Enclosed("[", listed, "]")
    omitted = (
        instances.lack(types[name]) if name in types else f"{quoted(name)} has a name that labels cannot call"
        for name in dict.fromkeys(one.name for one in schema.entity_types)
        if name not in inner
    )
    return Plan(_used(instances.table.rules, start), start, found, tuple(inner), tuple(omitted))


def _held(schema: Schema, entity_type: EntityType, types: Mapping[str, EntityType]) -> tuple[str, ...]:
    """Give the classes whose instances may stand in those of a class."""
    wanted = frozenset[str]().union(*(references(attribute.type) for attribute in entity_type.attributes))
    return tuple(name for name in types if any(stands_for(schema, name, one) for one in wanted))


def _nest(instances: Instances, group: Mapping[str, EntityType], inner: dict[str, Name], *, is_cycle: bool) -> None:
    """Add the rules of classes that hold each other, level by level, to those of what they hold besides."""

    def add(calls: Mapping[str, Production | None], level: int) -> None:
        comment = f", level {level}" if is_cycle else ""
        for name, call in calls.items():
            if call is not None:
                inner[name] = instances.table.named("t", call, name + comment)

    # On the first level some may need others.
    while new := {name: call for name, one in group.items() if name not in inner and (call := instances.low(one))}:
        add(new, 1)
    for level in range(2, instances.bounds.depth + 1 if is_cycle else 2):
        # What would nest too deep keeps the rule that it has.
        before = dict(inner)
        add({name: instances.of(one) for name, one in group.items()}, level)
        if inner == before:
            break


def _used(rules: Sequence[Rule], start: Production) -> tuple[Rule, ...]:
    """Leave out the rules that no sentence needs."""
    needed = set(named(start))
    used: list[Rule] = []
    for rule in reversed(rules):
        if rule.name in needed:
            used.append(rule)
            needed |= named(rule.production)
    return tuple(reversed(used))
