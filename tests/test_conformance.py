"""Conformance: every value meets every type with a verdict, and every argument is accounted for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from guidex_schema.binding import Binding, bind, positional_names, sites
from guidex_schema.canonical import by_keyword, canonical_text
from guidex_schema.conformance import Bound, attribute_checker, attribute_violations, fits, is_closed, violations
from guidex_schema.guideline import parse_guideline
from guidex_schema.instance import (
    Argument,
    Entry,
    Instance,
    IntegerValue,
    ListValue,
    MappingValue,
    MemberValue,
    Mention,
    NoneValue,
    TextValue,
    TupleValue,
    Value,
    children,
    same,
)
from guidex_schema.schema import AnyType, EntityType, LiteralType, Schema, TextType, UnionType, UnknownType
from guidex_schema.text import Span
from guidex_schema.wording import described, expectation
from strategies import schemas
from value_strategies import values

HERE = Span(start=0, end=0)

SCHEMA = parse_guideline('''
from dataclasses import dataclass
from enum import Enum
from typing import Dict, List, Literal, Optional, Set, Tuple, Union

class Colour(Enum):
    """A colour."""
    RED = "red"

class Name(str):
    """A name."""

@dataclass
class Place(Entity):
    """A place."""
    name: str

@dataclass
class City(Place):
    """A city."""
    people: int = 0

@dataclass
class Everything:
    """One attribute of each kind."""
    text: Name
    whole: int
    real: float
    truth: bool
    colour: Colour
    place: Place
    many: List[int]
    several: Set[str]
    pair: Tuple[str, int]
    row: Tuple[int, ...]
    table: Dict[str, int]
    maybe: Optional[str]
    either: Union[int, List[str]]
    named: Literal["a", 1]
    mixed: Union[str, Colour]
    tuple_mixed: Tuple[str, Colour]
    anything: "object"
    late: str = None
''').schema  # fmt: skip


@st.composite
def schemas_with_values(draw: DrawFn) -> tuple[Schema, Value]:
    schema = draw(schemas())
    attributes = sorted({attribute.name for one in schema.entity_types for attribute in one.attributes})
    members = [f"{one.name}.{member.name}" for one in schema.enumerations for member in one.members]
    return schema, draw(values(schema.class_names or ("A",), attributes or ("x",), members))


def entity_type(name: str) -> EntityType:
    found = SCHEMA.entity_type(name)
    assert found is not None
    return found


def bound(attribute: str, value: Value) -> Bound:
    declared = entity_type("Everything").attribute(attribute)
    assert declared is not None
    return Bound(declared, Mention(path=f"result[0].{attribute}", value=value))


def text(value: str) -> TextValue:
    return TextValue(value=value, span=HERE)


def integer(value: int) -> IntegerValue:
    return IntegerValue(value=value, span=HERE)


def items(*inside: Value) -> ListValue:
    return ListValue(items=inside, span=HERE)


def mapping(key: Value, value: Value) -> MappingValue:
    return MappingValue(entries=(Entry(key=key, value=value),), span=HERE)


def call(name: str, *positional: Value) -> Instance:
    return Instance(class_name=name, positional=positional, span=HERE)


@given(schemas_with_values())
@settings(max_examples=50)
def test_every_value_gets_a_verdict_on_every_attribute(case: tuple[Schema, Value]) -> None:
    schema, value = case
    mention = Mention(path="result[0]", value=value)
    for site in sites([(mention.path, value)], schema):
        assert site.path.startswith("result[0]")
        assert len(positional_names(site.entity_type)) <= len(site.entity_type.attributes if site.entity_type else ())
    for declared in schema.entity_types:
        for attribute in declared.attributes:
            found = list(violations(mention, attribute.type, schema))
            assert all(one.mention.path.startswith("result[0]") for one in found)
            assert len(list(attribute_violations(Bound(attribute, mention), schema))) <= len(found)
            is_closed(value, attribute.type)
            assert expectation(attribute.type).startswith("`")
            # A union takes whatever one of its parts takes.
            either = UnionType(of=(attribute.type, LiteralType(values=("no such value",))))
            assert found or not list(violations(mention, either, schema))
            assert not list(violations(mention, UnionType(of=(attribute.type, AnyType())), schema))
    assert described(value)


@given(schemas_with_values())
@settings(max_examples=50)
def test_binding_accounts_for_every_argument_and_attribute_once(case: tuple[Schema, Value]) -> None:
    schema, value = case
    for site in sites([("result[0]", value)], schema):
        if site.entity_type is None:
            continue
        found: Binding = bind(site.instance, site.entity_type, site.trail)
        given_arguments = len(site.instance.positional) + len(site.instance.keyword)
        assert given_arguments == len(found.bound) + len(found.surplus) + len(found.unexpected) + len(found.repeated)
        filled = [one.attribute.name for one in found.bound]
        assert len(filled) == len(set(filled))
        assert not {one.name for one in found.missing} & set(filled)
        assert all(one.required and one.init for one in found.missing)


@given(schemas_with_values())
@settings(max_examples=50)
def test_the_canonical_form_is_a_fixed_point(case: tuple[Schema, Value]) -> None:
    schema, value = case
    assert canonical_text(by_keyword(value, schema), schema) == canonical_text(value, schema)


@given(st.data())
def test_a_canonical_text_says_exactly_what_a_value_means(data: st.DataObject) -> None:
    one = data.draw(values())
    other = data.draw(
        st.sampled_from([one, *(child.value for child in children(Mention(path="", value=one)))]) | values()
    )
    assert (canonical_text(one, None) == canonical_text(other, None)) is same(one, other)


@given(schemas_with_values())
@settings(max_examples=50)
def test_a_value_fits_where_nothing_in_it_does_not(case: tuple[Schema, Value]) -> None:
    schema, value = case
    for declared in schema.entity_types:
        for attribute in declared.attributes:
            there = Mention(path="x", value=value)
            assert fits(value, attribute.type, schema) is not any(violations(there, attribute.type, schema))
            found = attribute_violations(Bound(attribute, there), schema)
            assert attribute_checker(attribute)(value, schema) is not any(found)


@given(values())
def test_unknown_types_take_anything(value: Value) -> None:
    mention = Mention(path="x", value=value)
    assert not list(violations(mention, AnyType(), SCHEMA))
    assert not list(violations(mention, UnknownType(source="datetime"), SCHEMA))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("text", text("Ada")),
        ("text", call("Name", text("Ada"))),
        ("real", integer(1)),
        ("colour", MemberValue(enum="Colour", member="RED", span=HERE)),
        ("colour", call("Colour", text("red"))),
        ("place", call("City", text("Paris"))),
        ("place", call("Unheard")),
        ("pair", TupleValue(items=(text("a"), integer(1)), span=HERE)),
        ("row", TupleValue(items=(), span=HERE)),
        ("maybe", NoneValue(span=HERE)),
        ("table", mapping(text("k"), integer(1))),
        ("anything", items()),
        ("late", NoneValue(span=HERE)),
        ("either", items(text("a"))),
        ("named", text("a")),
        ("mixed", text("blue")),
    ],
)
def test_values_that_fit(attribute: str, value: Value) -> None:
    assert not list(attribute_violations(bound(attribute, value), SCHEMA))


@pytest.mark.parametrize(
    ("attribute", "value", "kind", "path"),
    [
        ("whole", text("1"), "type", ""),
        ("whole", NoneValue(span=HERE), "type", ""),
        ("truth", integer(1), "type", ""),
        ("colour", text("red"), "literal", ""),
        ("colour", integer(1), "type", ""),
        ("colour", MemberValue(enum="Colour", member="BLUE", span=HERE), "literal", ""),
        ("colour", call("Colour", text("blue")), "literal", ""),
        ("place", text("Paris"), "type", ""),
        ("place", call("Everything"), "type", ""),
        ("many", text("1"), "type", ""),
        ("many", items(integer(1), text("2")), "type", "[1]"),
        ("many", TupleValue(items=(), span=HERE), "type", ""),
        ("several", items(), "type", ""),
        ("pair", TupleValue(items=(text("a"),), span=HERE), "type", ""),
        ("pair", TupleValue(items=(text("a"), text("b")), span=HERE), "type", "[1]"),
        ("row", TupleValue(items=(text("a"),), span=HERE), "type", "[0]"),
        ("table", items(), "type", ""),
        ("table", mapping(text("k"), text("v")), "type", "['k']"),
        ("table", mapping(integer(1), integer(2)), "type", "[1]"),
        ("either", items(integer(1)), "type", "[0]"),
        ("either", text("a"), "type", ""),
        ("named", text("b"), "literal", ""),
        ("named", NoneValue(span=HERE), "type", ""),
    ],
)
def test_values_that_do_not_fit_are_named_where_they_stand(attribute: str, value: Value, kind: str, path: str) -> None:
    found = list(attribute_violations(bound(attribute, value), SCHEMA))
    assert [(one.kind, one.mention.path) for one in found] == [(kind, f"result[0].{attribute}{path}")]


@pytest.mark.parametrize(
    ("attribute", "value", "closed"),
    [
        ("text", text("Ada"), False),
        ("truth", text("Ada"), True),
        ("colour", text("red"), True),
        ("named", text("a"), True),
        ("named", text("b"), False),
        ("mixed", text("blue"), False),
        ("tuple_mixed", text("blue"), False),
        ("mixed", MemberValue(enum="Colour", member="RED", span=HERE), True),
        ("maybe", text("Ada"), False),
    ],
)
def test_a_text_beside_an_enum_is_looked_for_in_the_document(attribute: str, value: Value, closed: bool) -> None:
    declared = entity_type("Everything").attribute(attribute)
    assert declared is not None
    assert is_closed(value, declared.type) is closed


def test_arguments_are_bound_as_the_constructor_would() -> None:
    instance = Instance(
        class_name="City",
        positional=(text("Paris"), integer(1), integer(2)),
        keyword=(Argument(name="name", value=text("Rome"), span=HERE),),
        span=HERE,
    )
    found = bind(instance, entity_type("City"), "result[0]")
    assert [(one.attribute.name, one.mention.path) for one in found.bound] == [
        ("name", "result[0].name"),
        ("people", "result[0].people"),
    ]
    assert [one.name for one in found.repeated] == ["name"]
    assert found.surplus == (integer(2),)
    assert [one.name for one in bind(call("City"), entity_type("City")).missing] == ["name"]


def test_instances_are_the_same_however_their_arguments_are_written() -> None:
    by_position = call("City", text("Paris"), integer(0))
    by_default = call("City", text("Paris"))
    assert canonical_text(by_position, SCHEMA) == canonical_text(by_default, SCHEMA) == "City(name='Paris')"
    assert canonical_text(call("City", text("Paris"), integer(1)), SCHEMA) != canonical_text(by_position, SCHEMA)


def test_a_long_type_is_cut_in_messages() -> None:
    long = LiteralType(values=tuple(f"value {number}" for number in range(5_000)))
    assert len(expectation(long)) < 210
    assert expectation(long).endswith("…`")
    assert expectation(TextType()) == "`str`"
    assert "\x1b" not in expectation(LiteralType(values=("\x1b[31m",)))
