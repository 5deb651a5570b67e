"""Canonical forms of instances: what dataclasses call equal, written alike."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from guidex_schema.binding import Binding, bind
from guidex_schema.conformance import fits_constant, is_text_call
from guidex_schema.instance import Argument, Instance, ListValue, MappingValue, SetValue, TupleValue, Value
from guidex_schema.schema import Attribute, FactoryDefault, Schema

_NO_BINDINGS: Mapping[int, Binding] = MappingProxyType({})


def canonical_text(value: Value, schema: Schema | None, bindings: Mapping[int, Binding] = _NO_BINDINGS) -> str:
    """Write a value as two share it exactly when dataclasses would call them equal.

    Instances are written by keyword, without what repeats a default; the order of keyword arguments, set items and
    mapping entries is one. Instances that no constructor would take are written as they stand.

    Args:
        value: any value.
        schema: what declares the entity types; None writes all as it stands.
        bindings: those of instances that were bound already, by the identity of the instance.
    """
    if value.kind == "text":
        return repr(value.value)
    if value.kind == "instance":
        return _instance_text(value, schema, bindings)
    if value.kind == "list":
        return f"[{', '.join([canonical_text(item, schema, bindings) for item in value.items])}]"
    if value.kind == "integer" or value.kind == "boolean":
        return str(value.value)
    if value.kind == "number":
        # Zero has no sign that counts.
        return repr(value.value + 0.0)
    if value.kind == "none":
        return "None"
    if value.kind == "member":
        return f"{value.enum}.{value.member}"
    if value.kind == "tuple":
        return f"({', '.join([canonical_text(item, schema, bindings) for item in value.items])})"
    if value.kind == "set":
        return f"{{*{', '.join(sorted({canonical_text(item, schema, bindings) for item in value.items}))}}}"
    entries = {
        f"{canonical_text(one.key, None)}: {canonical_text(one.value, schema, bindings)}" for one in value.entries
    }
    return f"{{{', '.join(sorted(entries))}}}"


def _instance_text(value: Instance, schema: Schema | None, bindings: Mapping[int, Binding]) -> str:
    entity_type = None
    if schema is not None:
        if is_text_call(value, schema):
            # A subclass of str equals the string that it is made of.
            return canonical_text(value.positional[0], None)
        entity_type = schema.entity_type(value.class_name)
    if entity_type is not None:
        binding = bindings.get(id(value)) or bind(value, entity_type)
        if binding.is_taken:
            arguments = [
                f"{parameter.name}={canonical_text(argument, schema, bindings)}"
                if argument.kind != "text"
                else f"{parameter.name}={argument.value!r}"
                for parameter, argument in binding.filled
                if parameter.attribute.required or not is_default(argument, parameter.attribute)
            ]
            return f"{value.class_name}({', '.join(sorted(arguments))})"
    plain = [canonical_text(one, None) for one in value.positional]
    named = {f"{one.name}={canonical_text(one.value, None)}" for one in value.keyword}
    return f"{value.class_name}({', '.join((*plain, *sorted(named)))})"


def by_keyword(value: Value, schema: Schema) -> Value:
    """Write every instance in a value by keywords only, with all that it says."""
    match value:
        case ListValue(items=items) | TupleValue(items=items) | SetValue(items=items):
            return replace(value, items=tuple(by_keyword(one, schema) for one in items))
        case MappingValue(entries=entries):
            changed = (replace(one, value=by_keyword(one.value, schema)) for one in entries)
            return replace(value, entries=tuple(changed))
        case Instance(class_name=class_name) if not is_text_call(value, schema):
            entity_type = schema.entity_type(class_name)
            binding = None if entity_type is None else bind(value, entity_type)
            if binding is None or not binding.is_taken:
                return value
            keyword = tuple(
                Argument(name=parameter.name, value=by_keyword(one, schema), span=one.span)
                for parameter, one in binding.filled
            )
            return replace(value, positional=(), keyword=keyword)
        case _:
            return value


def is_default(value: Value, attribute: Attribute) -> bool:
    """Say whether a value is the default of an attribute that has one."""
    default = attribute.default
    if default is None:
        return value.kind == "none"
    if isinstance(default, FactoryDefault):
        match value:
            case ListValue(items=()):
                return default.factory == "list"
            case MappingValue(entries=()):
                return default.factory == "dict"
            case _:
                return False
    return isinstance(default, bool | int | float | str) and fits_constant(value, default)
