"""How instances meet a schema: which argument fills which attribute, and which value fits which type."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple, assert_never

from guidex_schema.instance import (
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
    EnumType,
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

# Says whether a value fits a type, whose names are those of a schema.
Checker = Callable[[Value, Schema], bool]

# The Python type of the constants that a value may equal.
_PYTHON_TYPES: Mapping[type, type] = {
    TextValue: str,
    IntegerValue: int,
    NumberValue: float,
    BooleanValue: bool,
    NoneValue: type(None),
}

# Types of which every value of some kinds is a value, whatever it holds, with these kinds.
_OF_KINDS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text"}),
    "integer": frozenset({"integer"}),
    "number": frozenset({"integer", "number"}),
    "boolean": frozenset({"boolean"}),
    "none": frozenset({"none"}),
}
_NO_KINDS: frozenset[str] = frozenset()

# Types that no value is written out in.
_OPEN_KINDS = frozenset({"text", "integer", "number", "any", "unknown", "reference"})


class Bound(NamedTuple):
    """An attribute with the argument that fills it."""

    attribute: Attribute
    mention: Mention


@dataclass(frozen=True)
class Violation:
    """A value that does not fit: of the wrong type, or of the right type but outside a closed set of values."""

    kind: Literal["type", "literal"]
    mention: Mention
    expected: AttributeType


def is_made_optional(attribute: Attribute) -> bool:
    """Say whether None may fill an attribute only because it is the default."""
    return not attribute.required and attribute.default is None and attribute.type.kind != "optional"


def attribute_checker(attribute: Attribute) -> Checker:
    """Give what says whether a value may fill an attribute; a default of None makes the attribute optional."""
    inner = checker(attribute.type)
    return or_none(inner) if is_made_optional(attribute) else inner


def attribute_violations(bound: Bound, schema: Schema) -> Iterator[Violation]:
    """Give what of an attribute's value does not fit."""
    if not attribute_checker(bound.attribute)(bound.mention.value, schema):
        yield from violations(bound.mention, bound.attribute.type, schema)


def fits(value: Value, expected: AttributeType, schema: Schema) -> bool:
    """Say whether a value fits a type, however deep it is."""
    return checker(expected)(value, schema)


def checker(expected: AttributeType) -> Checker:
    """Give the function that says whether a value fits a type, with the schema that the type's names are of.

    It is put together once for each attribute: a row has more values than annotations, and rows share guidelines.
    """
    # The kind tells sooner than the class; the most frequent ones are asked for first.
    if expected.kind == "text":
        return _is_text
    if expected.kind == "optional":
        return or_none(checker(expected.of))
    if expected.kind == "list" or expected.kind == "set":
        return _items(expected.kind, sure_kinds(expected.of), checker(expected.of))
    if expected.kind == "integer" or expected.kind == "number" or expected.kind == "boolean" or expected.kind == "none":
        return _of_kinds(_OF_KINDS[expected.kind])
    if expected.kind == "literal":
        return _literal(expected.values)
    if expected.kind == "reference":
        return partial(_is_instance_of, expected.entity_type)
    if expected.kind == "enum":
        return partial(_is_member_of, expected.name)
    if expected.kind == "any" or expected.kind == "unknown":
        return _is_anything
    if expected.kind == "tuple":
        parts = tuple(map(checker, expected.of))
        return _items("tuple", sure_kinds(expected.of[0]), parts[0]) if expected.variadic else _tuple(parts)
    if expected.kind == "mapping":
        return _mapping(checker(expected.keys), checker(expected.values))
    if expected.kind == "union":
        return _union(tuple(map(checker, expected.of)))
    assert_never(expected)


def sure_kinds(expected: AttributeType) -> frozenset[str]:
    """Give kinds of values that fit a type whatever they hold; values of others may fit, too, as ``checker`` says."""
    if expected.kind == "optional":
        return sure_kinds(expected.of) | _OF_KINDS["none"]
    return _OF_KINDS.get(expected.kind, _NO_KINDS)


def _is_anything(_value: Value, _schema: Schema) -> bool:
    return True


def _of_kinds(kinds: frozenset[str]) -> Checker:
    return lambda value, _: value.kind in kinds


def _is_text(value: Value, schema: Schema) -> bool:
    return value.kind in _OF_KINDS["text"] or is_text_call(value, schema)


def or_none(inner: Checker) -> Checker:
    """Give what says whether a value is None or fits otherwise."""
    return lambda value, schema: value.kind == "none" or inner(value, schema)


def _items(kind: Literal["list", "set", "tuple"], kinds: frozenset[str], inner: Checker) -> Checker:
    def check(value: Value, schema: Schema) -> bool:
        if value.kind == "list" or value.kind == "set" or value.kind == "tuple":
            # Nearly all fit, and a list is made faster than a generator is asked.
            return value.kind == kind and False not in [
                item.kind in kinds or inner(item, schema) for item in value.items
            ]
        return False

    return check


def _literal(allowed: tuple[Constant, ...]) -> Checker:
    return lambda value, _: any(fits_constant(value, one) for one in allowed)


def _tuple(parts: tuple[Checker, ...]) -> Checker:
    def check(value: Value, schema: Schema) -> bool:
        if value.kind != "tuple" or len(value.items) != len(parts):
            return False
        return all(inner(item, schema) for item, inner in zip(value.items, parts, strict=True))

    return check


def _mapping(keys: Checker, values: Checker) -> Checker:
    return lambda value, schema: (
        value.kind == "mapping" and all(keys(one.key, schema) and values(one.value, schema) for one in value.entries)
    )


def _union(parts: tuple[Checker, ...]) -> Checker:
    return lambda value, schema: any(inner(value, schema) for inner in parts)


def violations(mention: Mention, expected: AttributeType, schema: Schema) -> Iterator[Violation]:
    """Give every place at which a value does not fit a type, as deep as it can be told."""
    value = mention.value
    if fits(value, expected, schema):
        return
    match expected, value:
        case (ListType(of=of), ListValue()) | (SetType(of=of), SetValue()):
            yield from _item_violations(mention, of, schema)
        case TupleType(of=(of,), variadic=True), TupleValue():
            yield from _item_violations(mention, of, schema)
        case TupleType(of=parts), TupleValue(items=items) if len(parts) == len(items):
            for child, of in zip(children(mention), parts, strict=True):
                yield from violations(child, of, schema)
        case MappingType(keys=keys, values=values), MappingValue(entries=entries):
            for entry in entries:
                path = f"{mention.path}[{key_text(entry.key)}]"
                yield from violations(Mention(path=path, value=entry.key), keys, schema)
                yield from violations(Mention(path=path, value=entry.value), values, schema)
        case OptionalType(of=of), _:
            yield from _best_branch(mention, expected, (of,), schema)
        case UnionType(of=parts), _:
            yield from _best_branch(mention, expected, parts, schema)
        case _:
            yield Violation("literal" if _is_outside(value, expected, schema) else "type", mention, expected)


def _item_violations(mention: Mention, of: AttributeType, schema: Schema) -> Iterator[Violation]:
    for child in children(mention):
        yield from violations(child, of, schema)


def _best_branch(
    mention: Mention, expected: AttributeType, parts: tuple[AttributeType, ...], schema: Schema
) -> Iterator[Violation]:
    """Blame the branch that the author most likely meant: one that fits but for something inside it."""
    branches = [list(violations(mention, part, schema)) for part in parts]
    inner = [branch for branch in branches if all(one.mention is not mention for one in branch)]
    closed = [branch for branch in branches if [one.kind for one in branch] == ["literal"]]
    yield from next(iter([*inner, *closed]), [Violation("type", mention, expected)])


def _is_member_of(name: str, value: Value, schema: Schema) -> bool:
    """Say whether a value is a member of an enum; a raw value is none, even where a member has that value."""
    enumeration = schema.enumeration(name)
    members = enumeration.members if enumeration is not None else ()
    match value:
        case MemberValue(enum=enum, member=member):
            return enum == name and any(one.name == member for one in members)
        case Instance(class_name=class_name, positional=(inner,), keyword=()):
            return class_name == name and any(fits_constant(inner, one.value) for one in members)
        case _:
            return False


def _is_outside(value: Value, expected: AttributeType, schema: Schema) -> bool:
    """Say whether a value that does not fit is of the right type, but outside a closed set of values."""
    match expected:
        case LiteralType(values=allowed):
            return any(_has_kind_of(value, one) for one in allowed)
        case EnumType(name=name):
            enumeration = schema.enumeration(name)
            members = enumeration.members if enumeration is not None else ()
            match value:
                case MemberValue(enum=enum) if enum == name:
                    return True
                case Instance(class_name=class_name, positional=(_,), keyword=()) if class_name == name:
                    return True
                case _:
                    return any(_has_kind_of(value, one.value) for one in members)
        case _:
            return False


def _is_instance_of(name: str, value: Value, schema: Schema) -> bool:
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
    return (
        value.kind == "instance"
        and len(value.positional) == 1
        and not value.keyword
        and value.positional[0].kind == "text"
        and schema.text_subclass(value.class_name) is not None
    )


def fits_constant(value: Value, constant: Constant) -> bool:
    """Say whether a value is a constant, in kind and value: ``True`` is not ``1``."""
    return _has_kind_of(value, constant) and getattr(value, "value", None) == constant


def _has_kind_of(value: Value, constant: Constant) -> bool:
    return _PYTHON_TYPES.get(type(value)) is type(constant)


def is_open(expected: AttributeType) -> bool:
    """Say whether a type names no value itself, whatever that is; the kind of a type is asked fastest."""
    while expected.kind == "list" or expected.kind == "set" or expected.kind == "optional":
        expected = expected.of
    return expected.kind in _OPEN_KINDS


def is_closed(value: Value, expected: AttributeType) -> bool:
    """Say whether a type names a value itself, so that no document has to (``Literal``, ``Enum``, ``bool``)."""
    while expected.kind == "list" or expected.kind == "set" or expected.kind == "optional":
        expected = expected.of
    if expected.kind in _OPEN_KINDS:
        return False
    if expected.kind == "mapping":
        return is_closed(value, expected.values)
    return expected.kind == "enum" or expected.kind == "boolean" or expected.kind == "none" or _names(value, expected)


def _names(value: Value, expected: AttributeType) -> bool:
    """Say whether a type names this very value; beside an enum, a text may fill another part of the type."""
    match expected:
        case LiteralType(values=allowed):
            # A string equals no constant but a string.
            return value.value in allowed if value.kind == "text" else any(fits_constant(value, one) for one in allowed)
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
