"""Write a schema as JSON Schema 2020-12, for what takes and checks JSON in place of Python.

Source: JSON Schema Core and Validation, draft 2020-12.
"""

from typing import assert_never
from urllib.parse import quote

from guidex_schema.schema import (
    AnyType,
    Attribute,
    AttributeType,
    BooleanType,
    EntityType,
    Enumeration,
    EnumType,
    ExpressionDefault,
    FactoryDefault,
    IntegerType,
    ListType,
    LiteralType,
    MappingType,
    MemberDefault,
    NoneType,
    NumberType,
    OptionalType,
    ReferenceType,
    Schema,
    SetType,
    TextType,
    TupleType,
    UnionType,
    UnknownType,
)

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(schema: Schema) -> dict[str, object]:
    """Describe the instances of a schema, written as an array of JSON objects.

    An object holds the attributes of one instance; an enum member stands as its value, a set or a tuple as an
    array. Where a type is referenced, its subclasses are accepted as well.

    Returns:
        A JSON Schema of draft 2020-12 with one definition for each entity type and each enumeration.
    """
    entity_types = {one.name: _entity_type(one, schema) for one in schema.entity_types}
    enumerations = {one.name: _enumeration(one) for one in schema.enumerations}
    return {
        "$schema": _DIALECT,
        **_described(schema.definition),
        "type": "array",
        "items": _any_of([_reference(name) for name in entity_types]) or False,
        "$defs": {**entity_types, **enumerations},
    }


def _entity_type(entity_type: EntityType, schema: Schema) -> dict[str, object]:
    taken = [attribute for attribute in entity_type.attributes if attribute.init]
    return {
        "title": entity_type.name,
        **_described(entity_type.definition),
        "type": "object",
        "properties": {attribute.name: _attribute(attribute, schema) for attribute in taken},
        "required": [attribute.name for attribute in taken if attribute.required],
        "additionalProperties": False,
    }


def _enumeration(enumeration: Enumeration) -> dict[str, object]:
    values = [member.value for member in enumeration.members]
    return {"title": enumeration.name, **_described(enumeration.definition), "enum": values}


def _attribute(attribute: Attribute, schema: Schema) -> dict[str, object]:
    return {**_type(attribute.type, schema), **_described(attribute.description), **_default(attribute, schema)}


def _default(attribute: Attribute, schema: Schema) -> dict[str, object]:
    match attribute.default:
        case _ if attribute.required:
            return {}
        case FactoryDefault(factory=factory):
            return {"default": {} if factory == "dict" else []}
        case MemberDefault(enum=name, member=member):
            enumeration = schema.enumeration(name)
            members = enumeration.members if enumeration else ()
            return next(({"default": one.value} for one in members if one.name == member), {})
        case ExpressionDefault():
            return {}
        case constant:
            return {"default": constant}


def _type(attribute_type: AttributeType, schema: Schema) -> dict[str, object]:
    match attribute_type:
        case TextType():
            return {"type": "string"}
        case IntegerType():
            return {"type": "integer"}
        case NumberType():
            return {"type": "number"}
        case BooleanType():
            return {"type": "boolean"}
        case NoneType():
            return {"type": "null"}
        case AnyType():
            return {}
        case UnknownType(source=source):
            return {"$comment": f"declared as {source}"}
        case LiteralType(values=values):
            return {"enum": list(values)}
        case EnumType(name=name):
            return _reference(name)
        case ReferenceType(entity_type=name):
            return _referenced(name, schema)
        case ListType(of=of):
            return {"type": "array", "items": _type(of, schema)}
        case SetType(of=of):
            return {"type": "array", "items": _type(of, schema), "uniqueItems": True}
        case TupleType():
            return _tuple(attribute_type, schema)
        case MappingType(keys=keys, values=values):
            return {"type": "object", **_keys(keys, schema), "additionalProperties": _type(values, schema)}
        case UnionType(of=parts):
            return {"anyOf": [_type(part, schema) for part in parts]}
        case OptionalType(of=of):
            return {"anyOf": [_type(of, schema), {"type": "null"}]}
        case _:
            assert_never(attribute_type)


def _tuple(tuple_type: TupleType, schema: Schema) -> dict[str, object]:
    if tuple_type.variadic:
        return {"type": "array", "items": _type(tuple_type.of[0], schema)}
    if not tuple_type.of:
        return {"type": "array", "maxItems": 0}
    parts = [_type(part, schema) for part in tuple_type.of]
    return {"type": "array", "prefixItems": parts, "items": False, "minItems": len(parts)}


def _keys(keys: AttributeType, schema: Schema) -> dict[str, object]:
    """Say what keys may be, where that can be said of strings, which all keys of JSON are."""
    match keys:
        case LiteralType(values=values):
            allowed = list(values)
        case EnumType(name=name):
            enumeration = schema.enumeration(name)
            allowed = [member.value for member in enumeration.members] if enumeration else []
        case IntegerType():
            return {"propertyNames": {"pattern": "^[+-]?[0-9]+$"}}
        case _:
            return {}
    return {"propertyNames": {"enum": allowed}} if allowed and all(isinstance(one, str) for one in allowed) else {}


def _referenced(name: str, schema: Schema) -> dict[str, object]:
    """Accept a type and its subclasses; a root that no class derives from accepts any object."""
    heirs = dict.fromkeys(one.name for one in schema.entity_types if schema.descends(one.name, name))
    return _any_of([_reference(heir) for heir in heirs]) or {"type": "object"}


def _any_of(schemas: list[dict[str, object]]) -> dict[str, object]:
    """Join alternatives; a single one stands for itself, and where there is none the answer is empty."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas} if schemas else {}


def _reference(name: str) -> dict[str, object]:
    return {"$ref": f"#/$defs/{quote(name)}"}


def _described(text: str) -> dict[str, object]:
    return {"description": text} if text else {}
