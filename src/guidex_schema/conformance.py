"""How instances meet a schema: which argument fills which attribute, and which value fits which type."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, assert_never

from guidex_schema.instance import (
    Argument,
    BooleanValue,
    Instance,
    IntegerValue,
    ListValue,
    MappingValue,
    MemberValue,
    Mention,
    NoneValue,
    NumberValue,
    SetValue,
    TextValue,
    TupleValue,
    Value,
    children,
    key_text,
)
from guidex_schema.schema import (
    ROOTS,
    AnyType,
    Attribute,
    AttributeType,
    BooleanType,
    Constant,
    EntityType,
    EnumType,
    FactoryDefault,
    IntegerType,
    ListType,
    LiteralType,
    MappingType,
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

# The Python type of the constants that a value may equal.
_PYTHON_TYPES: Mapping[type, type] = {
    TextValue: str,
    IntegerValue: int,
    NumberValue: float,
    BooleanValue: bool,
    NoneValue: type(None),
}


@dataclass(frozen=True)
class Site:
    """An instance, the path that leads to it, and its entity type if the schema has one."""

    path: str
    instance: Instance
    entity_type: EntityType | None


@dataclass(frozen=True)
class Bound:
    """An attribute with the argument that fills it."""

    attribute: Attribute
    mention: Mention


@dataclass(frozen=True)
class Binding:
    """What the arguments of one instance fill.

    Attributes:
        bound: filled attributes, in the order of the arguments.
        surplus: positional arguments beyond the last attribute.
        unexpected: keyword arguments that no attribute takes.
        repeated: keyword arguments for attributes that a positional argument fills already.
        missing: required attributes that nothing fills.
    """

    bound: tuple[Bound, ...]
    surplus: tuple[Value, ...]
    unexpected: tuple[Argument, ...]
    repeated: tuple[Argument, ...]
    missing: tuple[Attribute, ...]


@dataclass(frozen=True)
class Violation:
    """A value that does not fit: of the wrong type, or of the right type but outside a closed set of values."""

    kind: Literal["type", "literal"]
    mention: Mention
    expected: AttributeType


def sites(mention: Mention, schema: Schema) -> Iterator[Site]:
    """Give every instance in a value, outer before inner, each with its full path."""
    names: tuple[str, ...] = ()
    if isinstance(mention.value, Instance):
        entity_type = schema.entity_type(mention.value.class_name)
        yield Site(mention.path, mention.value, entity_type)
        names = positional_names(entity_type)
    for child in children(mention, names):
        yield from sites(child, schema)


def positional_names(entity_type: EntityType | None) -> tuple[str, ...]:
    """Give the names of the attributes that positional arguments fill, in order."""
    return () if entity_type is None else tuple(one.name for one in entity_type.positional_attributes)


def bind(site: Site, entity_type: EntityType) -> Binding:
    """Say which argument fills which attribute, as the dataclass's constructor would."""
    positions = entity_type.positional_attributes
    values = site.instance.positional
    bound = [
        Bound(attribute, Mention(path=f"{site.path}.{attribute.name}", value=value))
        for attribute, value in zip(positions, values, strict=False)
    ]
    filled = {one.attribute.name for one in bound}
    unexpected = []
    repeated = []
    for argument in site.instance.keyword:
        attribute = entity_type.attribute(argument.name)
        if attribute is None or not attribute.init:
            unexpected.append(argument)
        elif argument.name in filled:
            repeated.append(argument)
        else:
            filled.add(argument.name)
            bound.append(Bound(attribute, Mention(path=f"{site.path}.{argument.name}", value=argument.value)))
    missing = (one for one in entity_type.attributes if one.init and one.required and one.name not in filled)
    return Binding(tuple(bound), values[len(positions) :], tuple(unexpected), tuple(repeated), tuple(missing))


def attribute_violations(bound: Bound, schema: Schema) -> Iterator[Violation]:
    """Give what of an attribute's value does not fit; a default of None makes the attribute optional."""
    attribute = bound.attribute
    if not attribute.required and attribute.default is None and isinstance(bound.mention.value, NoneValue):
        return
    yield from violations(bound.mention, attribute.type, schema)


def violations(mention: Mention, expected: AttributeType, schema: Schema) -> Iterator[Violation]:
    """Give every place at which a value does not fit a type, however deep."""
    value = mention.value
    wrong = Violation("type", mention, expected)
    match expected:
        case AnyType() | UnknownType():
            return
        case TextType():
            if not isinstance(value, TextValue) and not is_text_call(value, schema):
                yield wrong
        case IntegerType():
            if not isinstance(value, IntegerValue):
                yield wrong
        case NumberType():
            if not isinstance(value, IntegerValue | NumberValue):
                yield wrong
        case BooleanType():
            if not isinstance(value, BooleanValue):
                yield wrong
        case NoneType():
            if not isinstance(value, NoneValue):
                yield wrong
        case LiteralType(values=allowed):
            if not any(fits_constant(value, one) for one in allowed):
                has_kind = any(_has_kind_of(value, one) for one in allowed)
                yield Violation("literal" if has_kind else "type", mention, expected)
        case EnumType(name=name):
            yield from _enum_violations(mention, expected, name, schema)
        case ReferenceType(entity_type=name):
            if not _is_instance_of(value, name, schema):
                yield wrong
        case ListType(of=of):
            yield from _item_violations(mention, of, schema) if isinstance(value, ListValue) else (wrong,)
        case SetType(of=of):
            yield from _item_violations(mention, of, schema) if isinstance(value, SetValue) else (wrong,)
        case TupleType():
            yield from _tuple_violations(mention, expected, schema)
        case MappingType(keys=keys, values=values):
            if not isinstance(value, MappingValue):
                yield wrong
                return
            for entry in value.entries:
                path = f"{mention.path}[{key_text(entry.key)}]"
                yield from violations(Mention(path=path, value=entry.key), keys, schema)
                yield from violations(Mention(path=path, value=entry.value), values, schema)
        case OptionalType(of=of):
            if not isinstance(value, NoneValue):
                yield from _best_branch(mention, expected, (of,), schema)
        case UnionType(of=parts):
            yield from _best_branch(mention, expected, parts, schema)
        case _:
            assert_never(expected)


def _item_violations(mention: Mention, of: AttributeType, schema: Schema) -> Iterator[Violation]:
    for child in children(mention):
        yield from violations(child, of, schema)


def _tuple_violations(mention: Mention, expected: TupleType, schema: Schema) -> Iterator[Violation]:
    if not isinstance(mention.value, TupleValue):
        yield Violation("type", mention, expected)
    elif expected.variadic:
        yield from _item_violations(mention, expected.of[0], schema)
    elif len(mention.value.items) != len(expected.of):
        yield Violation("type", mention, expected)
    else:
        for child, of in zip(children(mention), expected.of, strict=True):
            yield from violations(child, of, schema)


def _best_branch(
    mention: Mention, expected: AttributeType, parts: tuple[AttributeType, ...], schema: Schema
) -> Iterator[Violation]:
    """Blame the branch that the author most likely meant: one that fits but for something inside it."""
    branches = []
    for part in parts:
        branch = list(violations(mention, part, schema))
        if not branch:
            return
        branches.append(branch)
    inner = [branch for branch in branches if all(one.mention is not mention for one in branch)]
    closed = [branch for branch in branches if [one.kind for one in branch] == ["literal"]]
    yield from next(iter([*inner, *closed]), [Violation("type", mention, expected)])


def _enum_violations(mention: Mention, expected: EnumType, name: str, schema: Schema) -> Iterator[Violation]:
    enumeration = schema.enumeration(name)
    members = enumeration.members if enumeration is not None else ()
    match mention.value:
        case MemberValue(enum=enum, member=member) if enum == name:
            fits = any(one.name == member for one in members)
            kind: Literal["type", "literal"] = "literal"
        case Instance(class_name=class_name, positional=(value,), keyword=()) if class_name == name:
            fits = any(fits_constant(value, one.value) for one in members)
            kind = "literal"
        case value:
            # A raw value equals no member, even where a member has that value.
            fits = False
            kind = "literal" if any(_has_kind_of(value, one.value) for one in members) else "type"
    if not fits:
        yield Violation(kind, mention, expected)


def _is_instance_of(value: Value, name: str, schema: Schema) -> bool:
    if not isinstance(value, Instance):
        return False
    entity_type = schema.entity_type(value.class_name)
    if entity_type is None:
        # An undefined class has a finding of its own; what it would have been, nobody knows.
        return value.class_name not in schema.class_names
    if schema.descends(value.class_name, name):
        return True
    return schema.entity_type(name) is None and entity_type.kind == ROOTS.get(name)


def is_text_call(value: Value, schema: Schema) -> bool:
    """Say whether a value is ``Name("x")`` with a str subclass of the guidelines."""
    match value:
        case Instance(class_name=class_name, positional=(TextValue(),), keyword=()):
            return schema.text_subclass(class_name) is not None
        case _:
            return False


def fits_constant(value: Value, constant: Constant) -> bool:
    """Say whether a value is a constant, in kind and value: ``True`` is not ``1``."""
    return _has_kind_of(value, constant) and getattr(value, "value", None) == constant


def _has_kind_of(value: Value, constant: Constant) -> bool:
    return _PYTHON_TYPES.get(type(value)) is type(constant)


def is_closed(value: Value, expected: AttributeType) -> bool:
    """Say whether a type names a value itself, so that no document has to (``Literal``, ``Enum``, ``bool``)."""
    match expected:
        case EnumType() | BooleanType() | NoneType():
            return True
        case ListType(of=of) | SetType(of=of) | OptionalType(of=of) | MappingType(values=of):
            return is_closed(value, of)
        case _:
            return _names(value, expected)


def _names(value: Value, expected: AttributeType) -> bool:
    """Say whether a type names this very value; beside an enum, a text may fill another part of the type."""
    match expected:
        case LiteralType(values=allowed):
            return any(fits_constant(value, one) for one in allowed)
        case EnumType():
            return isinstance(value, MemberValue)
        case BooleanType():
            return isinstance(value, BooleanValue)
        case NoneType():
            return isinstance(value, NoneValue)
        case ListType(of=of) | SetType(of=of) | OptionalType(of=of) | MappingType(values=of):
            return _names(value, of)
        case TupleType(of=parts) | UnionType(of=parts):
            return any(_names(value, part) for part in parts)
        case TextType() | IntegerType() | NumberType() | AnyType() | UnknownType() | ReferenceType():
            return False
        case _:
            assert_never(expected)


def canonical(value: Value, schema: Schema) -> Value:
    """Write every instance in a value by keywords only, without those that repeat a default.

    Two values that dataclasses would call equal have canonical forms with the same ``signature``.
    """
    return _by_keyword(value, schema, is_shortest=True)


def by_keyword(value: Value, schema: Schema) -> Value:
    """Write every instance in a value by keywords only, with all that it says."""
    return _by_keyword(value, schema, is_shortest=False)


def _by_keyword(value: Value, schema: Schema, *, is_shortest: bool) -> Value:
    def inner(part: Value) -> Value:
        return _by_keyword(part, schema, is_shortest=is_shortest)

    match value:
        case ListValue(items=items) | TupleValue(items=items) | SetValue(items=items):
            return value.model_copy(update={"items": tuple(map(inner, items))})
        case MappingValue(entries=entries):
            changed = (one.model_copy(update={"value": inner(one.value)}) for one in entries)
            return value.model_copy(update={"entries": tuple(changed)})
        case Instance(positional=(text, *_)) if is_text_call(value, schema):
            # A subclass of str equals the string that it is made of.
            return text if is_shortest else value
        case Instance(class_name=class_name):
            entity_type = schema.entity_type(class_name)
            if entity_type is None:
                return value
            binding = bind(Site("", value, entity_type), entity_type)
            if binding.surplus or binding.unexpected or binding.repeated:
                return value
            keyword = tuple(
                Argument(name=one.attribute.name, value=inner(one.mention.value), span=one.mention.value.span)
                for one in binding.bound
                if not (is_shortest and _is_default(one.mention.value, one.attribute))
            )
            return value.model_copy(update={"positional": (), "keyword": keyword})
        case _:
            return value


def _is_default(value: Value, attribute: Attribute) -> bool:
    default = attribute.default
    if isinstance(default, FactoryDefault):
        match value:
            case ListValue(items=()):
                return default.factory == "list"
            case MappingValue(entries=()):
                return default.factory == "dict"
            case _:
                return False
    if attribute.required or not isinstance(default, bool | int | float | str | None):
        return False
    return fits_constant(value, default)
