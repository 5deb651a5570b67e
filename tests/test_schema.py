"""The schema: kinds, lookups, equality and JSON."""

import json

import pytest
from hypothesis import given
from pydantic import TypeAdapter, ValidationError

from guidex_schema.annotation import written
from guidex_schema.schema import (
    Attribute,
    AttributeType,
    Constant,
    EntityType,
    Enumeration,
    EnumMember,
    ListType,
    LiteralType,
    MappingType,
    OptionalType,
    ReferenceType,
    Schema,
    TextSubclass,
    TextType,
    TupleType,
    UnionType,
    UnknownType,
    kinds,
    references,
    unknown_sources,
)
from guidex_schema.text import Location, Position
from strategies import schemas

A, B = ReferenceType(entity_type="A"), ReferenceType(entity_type="B")


def entity(name: str, *types: AttributeType, bases: tuple[str, ...] = ()) -> EntityType:
    attributes = tuple(Attribute(name=f"x{number}", type=one) for number, one in enumerate(types))
    return EntityType(name=name, bases=bases, attributes=attributes)


def test_a_type_has_the_kind_of_the_root_it_derives_from() -> None:
    types = [
        entity("A", bases=("Event",)),
        entity("B", bases=("A",)),
        entity("C", bases=("Mixin", "B")),
        entity("D", bases=("Entity", "A")),
        entity("E", bases=("E2",)),
        entity("E2", bases=("E", "Relation")),
    ]
    assert kinds(types) == {
        "A": "event",
        "B": "event",
        "C": "event",
        "D": "entity",
        "E": "relation",
        "E2": "relation",
    }


def test_a_declared_class_of_a_roots_name_is_no_root() -> None:
    assert kinds([entity("Entity"), entity("A", bases=("Entity",))]) == {"Entity": "unknown", "A": "unknown"}


def test_a_wrapper_references_two_types_and_is_referenced_by_none() -> None:
    assert kinds([entity("A"), entity("B"), entity("W", A, ListType(of=B))])["W"] == "wrapper"
    assert kinds([entity("A"), entity("W", A, ListType(of=A))])["W"] == "unknown"
    assert kinds([entity("A", ReferenceType(entity_type="W")), entity("B"), entity("W", A, B)])["W"] == "unknown"
    assert kinds([entity("A"), entity("W", A, B)])["W"] == "unknown"
    assert kinds([entity("A"), entity("B"), entity("W", A, B, ReferenceType(entity_type="W"))])["W"] == "wrapper"


def test_a_kind_cannot_be_declared_otherwise() -> None:
    with pytest.raises(ValidationError, match=r"leave kinds to Schema\.of"):
        Schema(entity_types=(EntityType(name="A", kind="event"),))
    assert Schema.of([EntityType(name="A", kind="event")]).entity_types[0].kind == "unknown"


def test_a_type_descends_from_itself_and_all_its_bases() -> None:
    schema = Schema.of([entity("A", bases=("Entity",)), entity("B", bases=("Missing", "A")), entity("C", bases=("C",))])
    assert [name for name in ("B", "A", "Entity", "Missing", "C") if schema.descends("B", name)] == [
        "B",
        "A",
        "Entity",
        "Missing",
    ]
    assert schema.descends("C", "C")
    assert not schema.descends("A", "B")
    assert schema.descends("Undeclared", "Undeclared")


def test_a_schema_finds_its_parts_by_name() -> None:
    schema = Schema.of(
        [entity("A", TextType()), entity("A", A)],
        enumerations=(Enumeration(name="Role", members=(EnumMember(name="A", value=1),)),),
        text_subclasses=(TextSubclass(name="Name"),),
    )
    assert schema.entity_type("A") == schema.entity_types[1]
    assert schema.entity_type("Role") is None
    assert schema.enumeration("Role") == schema.enumerations[0]
    assert schema.enumeration("A") is None
    assert schema.text_subclass("Name") == schema.text_subclasses[0]
    assert schema.text_subclass("A") is None
    assert schema.class_names == ("A", "Role", "Name")
    assert schema.entity_types[0].attribute("x0") == schema.entity_types[0].attributes[0]
    assert schema.entity_types[0].attribute("x1") is None


def test_schemas_are_equal_wherever_they_stand() -> None:
    here = Location(start=Position(line=1, column=0), end=Position(line=2, column=0))
    one = Schema.of([entity("A", TextType())])
    other = Schema.of([one.entity_types[0].model_copy(update={"location": here})])
    assert one == other
    assert hash(one) == hash(other)
    assert one != Schema.of([entity("A", A)])
    assert one != "A"


def test_looking_up_changes_nothing() -> None:
    one, other = (Schema.of([entity("A", bases=("Entity",))]) for _ in range(2))
    assert one.descends("A", "Entity")
    assert one.entity_type("A") is not None
    assert one == other
    assert one.model_dump_json() == other.model_dump_json()


def test_references_and_unknown_types_are_found_at_any_depth() -> None:
    deep = MappingType(
        keys=TupleType(of=(A, UnknownType(source="X"))),
        values=OptionalType(of=UnionType(of=(ListType(of=B), UnknownType(source="Y")))),
    )
    assert references(deep) == {"A", "B"}
    assert unknown_sources(deep) == {"X", "Y"}
    assert written(deep) == "Dict[Tuple[A, X], Optional[Union[List[B], Y]]]"
    assert written(deep, frozenset("A")) == 'Dict[Tuple[A, X], Optional[Union[List["B"], Y]]]'


@pytest.mark.parametrize("value", [1, 1.0, True, None, "1", "", -(2**255), 1e22, -0.0])
def test_a_constant_keeps_its_kind_in_json(value: Constant) -> None:
    again = LiteralType.model_validate_json(LiteralType(values=(value,)).model_dump_json()).values[0]
    assert repr(again) == repr(value)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 1j, b"", []])
def test_what_json_does_not_have_is_no_constant(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Constant).validate_python(value)


@given(schemas())
def test_a_schema_survives_json(schema: Schema) -> None:
    written = schema.model_dump_json()
    again = Schema.model_validate_json(written)
    assert again == schema
    assert again.model_dump_json() == written
    assert set(json.loads(written)["entity_types"][0] if schema.entity_types else EntityType.model_fields) == set(
        EntityType.model_fields
    )
