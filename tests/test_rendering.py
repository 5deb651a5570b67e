"""Rendering: a schema written as guidelines reads back as the same schema, and is Python."""

import dataclasses
import sys
import types
from collections.abc import Mapping

from hypothesis import given

from guidex_schema.guideline import parse_guideline
from guidex_schema.rendering import render_guideline
from guidex_schema.schema import (
    ROOTS,
    Attribute,
    EntityType,
    ExpressionDefault,
    Schema,
    TextType,
    references,
    unknown_sources,
)
from strategies import schemas


def exactly(schema: Schema) -> str:
    """Give the JSON form, which tells 1 from True, without locations."""
    return schema.without_locations().model_dump_json()


@given(schemas())
def test_a_rendered_schema_reads_back_as_itself(schema: Schema) -> None:
    source = render_guideline(schema)
    guideline = parse_guideline(source)
    assert guideline.faults == ()
    assert guideline.unreadable == frozenset()
    assert guideline.schema == schema
    assert exactly(guideline.schema) == exactly(schema)
    assert render_guideline(guideline.schema) == source


def executable(schema: Schema) -> Schema:
    """Leave out what Python itself refuses: undefined names, mutable defaults, required attributes behind defaults."""
    earlier: dict[str, EntityType] = {}
    for one in schema.entity_types:
        bases = tuple(base for base in one.bases if base in earlier)[:1]
        inherited = {
            attribute.name: attribute.model_copy(update={"inherited": True})
            for base in bases
            for attribute in earlier[base].attributes
        }
        own = [attribute for attribute in one.own_attributes if attribute.name not in schema.class_names]
        redeclared = [simple(a, required=inherited[a.name].required) for a in own if a.name in inherited]
        added = [a for a in own if a.name not in inherited]
        required = [simple(a, required=True) for a in added if a.required and not inherited]
        optional = [simple(a, required=False) for a in added if not a.required]
        attributes = inherited | {a.name: a for a in [*redeclared, *required, *optional]}
        earlier[one.name] = one.model_copy(
            update={"bases": bases, "attributes": tuple(attributes.values()), "decorated": True, "options": ()}
        )
    return Schema.of(
        earlier.values(),
        enumerations=tuple(one.model_copy(update={"bases": ("Enum",)}) for one in schema.enumerations),
        text_subclasses=tuple(one.model_copy(update={"bases": ("str",)}) for one in schema.text_subclasses),
        registers=tuple(
            one.model_copy(update={"annotation": "List[Type]"})
            for one in schema.registers
            if set(one.entity_types) <= set(schema.class_names)
        ),
        definition=schema.definition,
    )


def simple(attribute: Attribute, *, required: bool) -> Attribute:
    undefined = unknown_sources(attribute.type) or references(attribute.type) & ROOTS.keys()
    mutable = isinstance(attribute.default, ExpressionDefault) and attribute.default.source[0] in "[{"
    default = None if required or mutable else attribute.default
    changes = {"type": TextType() if undefined else attribute.type, "required": required, "default": default}
    return attribute.model_copy(update=changes | {"keyword_only": False})


def run(source: str) -> Mapping[str, object]:
    """Execute what we rendered ourselves, as no guideline of anybody else ever is."""
    module = types.ModuleType("rendered")
    sys.modules["rendered"] = module
    try:
        exec(compile(source, "rendered", "exec"), module.__dict__)
    finally:
        del sys.modules["rendered"]
    return module.__dict__


def default_of(field: dataclasses.Field[object]) -> object:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


@given(schemas().map(executable))
def test_rendered_guidelines_mean_to_python_what_they_mean_to_the_schema(schema: Schema) -> None:
    source = render_guideline(schema)
    assert exactly(parse_guideline(source).schema) == exactly(schema)
    classes = run(source)
    for entity_type in schema.entity_types:
        built = classes[entity_type.name]
        assert isinstance(built, type)
        # From 3.13 on the compiler dedents docstrings by a rule of its own, so white space is left out here.
        assert (built.__doc__ or "").split() == entity_type.definition.split() or not entity_type.definition
        assert dataclasses.is_dataclass(built)
        fields = dataclasses.fields(built)
        assert [field.name for field in fields] == [attribute.name for attribute in entity_type.attributes]
        for field, attribute in zip(fields, entity_type.attributes, strict=True):
            assert (default_of(field) is dataclasses.MISSING) == attribute.required
            assert field.init == attribute.init
            if attribute.default is None or isinstance(attribute.default, bool | int | float | str):
                assert attribute.required or default_of(field) == attribute.default
    for enumeration in schema.enumerations:
        members = getattr(classes[enumeration.name], "__members__")  # noqa: B009
        assert [(name, member.value) for name, member in members.items()] == [
            (member.name, member.value) for member in enumeration.members
        ]
