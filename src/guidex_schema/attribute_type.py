"""The types and the defaults that an attribute may have: closed unions, types told apart by ``kind``."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, assert_never

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from guidex_schema.frozen import Frozen, trusted

# JSON has no infinity, and no type of the IR is satisfied by one.
Constant = StrictBool | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)] | StrictStr | None


class TextType(Frozen):
    """``str``, or a subclass of it that the guidelines declare (``name``)."""

    kind: Literal["text"] = "text"
    name: str | None = None


class IntegerType(Frozen):
    """``int``."""

    kind: Literal["integer"] = "integer"


class NumberType(Frozen):
    """``float``; an int satisfies it, a bool does not."""

    kind: Literal["number"] = "number"


class BooleanType(Frozen):
    """``bool``."""

    kind: Literal["boolean"] = "boolean"


class NoneType(Frozen):
    """``None`` as a type of its own."""

    kind: Literal["none"] = "none"


class AnyType(Frozen):
    """``typing.Any``, or a container's element that is not declared."""

    kind: Literal["any"] = "any"


class LiteralType(Frozen):
    """``typing.Literal``; values compare by kind and value, so ``True`` is not ``1``."""

    kind: Literal["literal"] = "literal"
    values: tuple[Constant, ...]


class EnumType(Frozen):
    """An ``Enum`` class that the guidelines declare."""

    kind: Literal["enum"] = "enum"
    name: str


class ReferenceType(Frozen):
    """Another entity type of the schema, or one of GoLLIE's roots."""

    kind: Literal["reference"] = "reference"
    entity_type: str


class UnknownType(Frozen):
    """An annotation that the IR gives no meaning to; ``source`` is how it is written."""

    kind: Literal["unknown"] = "unknown"
    source: str


class ListType(Frozen):
    """``list[of]``."""

    kind: Literal["list"] = "list"
    of: "AttributeType"


class SetType(Frozen):
    """``set[of]``."""

    kind: Literal["set"] = "set"
    of: "AttributeType"


class TupleType(Frozen):
    """``tuple[a, b]``; with ``variadic`` it is ``tuple[a, ...]`` and ``of`` has one type."""

    kind: Literal["tuple"] = "tuple"
    of: "tuple[AttributeType, ...]"
    variadic: bool = False


class MappingType(Frozen):
    """``dict[keys, values]``."""

    kind: Literal["mapping"] = "mapping"
    keys: "AttributeType"
    values: "AttributeType"


class UnionType(Frozen):
    """``Union`` of at least two types, none of which is None, a union or an optional."""

    kind: Literal["union"] = "union"
    of: "tuple[AttributeType, ...]"


class OptionalType(Frozen):
    """``Optional[of]``, ``Union[of, None]`` and ``of | None`` alike."""

    kind: Literal["optional"] = "optional"
    of: "AttributeType"


AttributeType = Annotated[
    TextType
    | IntegerType
    | NumberType
    | BooleanType
    | NoneType
    | AnyType
    | LiteralType
    | EnumType
    | ReferenceType
    | UnknownType
    | ListType
    | SetType
    | TupleType
    | MappingType
    | UnionType
    | OptionalType,
    Field(discriminator="kind"),
]


def union_of(types: Iterable[AttributeType]) -> AttributeType:
    """Give the union of types in its one canonical form: flat, without repetition, None as an optional."""
    found: list[AttributeType] = []
    optional = False
    for one in types:
        match one:
            case TextType() | ReferenceType() | ListType():
                inner: tuple[AttributeType, ...] = (one,)
            case NoneType():
                optional = True
                inner = ()
            case OptionalType(of=UnionType(of=inner)):
                optional = True
            case OptionalType(of=of):
                optional = True
                inner = (of,)
            case UnionType(of=inner):
                pass
            case _:
                inner = (one,)
        found += inner
    if not found:
        return NoneType()
    parts: dict[str, AttributeType] = {}
    for one in found if len(found) > 1 else ():
        # Told apart as they are written: ``Literal[True]`` and ``Literal[1]`` are equal to Python.
        parts.setdefault(repr(one), one)
    whole = UnionType(of=tuple(parts.values())) if len(parts) > 1 else found[0]
    return OptionalType(of=whole) if optional else whole


def optional_of(attribute_type: AttributeType) -> AttributeType:
    """Give the union of one type and None, in the form that ``union_of`` gives."""
    if attribute_type.kind == "none" or attribute_type.kind == "optional":
        return attribute_type
    return trusted(OptionalType, {"kind": "optional", "of": attribute_type})


class FactoryDefault(Frozen):
    """``field(default_factory=list)``: a fresh empty container for each instance."""

    factory: Literal["list", "dict", "set", "tuple"]


class MemberDefault(Frozen):
    """``Role.WRITER``: a member of an enum of the same guidelines."""

    enum: str
    member: str


class ExpressionDefault(Frozen):
    """Any other inert default, as it is written (``[]``, ``("a", "b")``)."""

    source: str


Default = Constant | FactoryDefault | MemberDefault | ExpressionDefault


_WRAPPERS = (ListType, SetType, OptionalType)
_SEVERAL = (TupleType, MappingType, UnionType)
_NOTHING: frozenset[str] = frozenset()


def references(attribute_type: AttributeType) -> frozenset[str]:
    """Give the names of all entity types that a type mentions, at any depth."""
    while isinstance(attribute_type, _WRAPPERS):
        attribute_type = attribute_type.of
    if isinstance(attribute_type, ReferenceType):
        return frozenset((attribute_type.entity_type,))
    if not isinstance(attribute_type, _SEVERAL):
        return _NOTHING
    return frozenset(one.entity_type for one in leaves(attribute_type) if isinstance(one, ReferenceType))


def unknown_sources(attribute_type: AttributeType) -> frozenset[str]:
    """Give all that a type mentions and the IR gives no meaning to, as it is written."""
    return frozenset(one.source for one in leaves(attribute_type) if isinstance(one, UnknownType))


def leaves(attribute_type: AttributeType) -> Iterator[AttributeType]:
    """Give the types that a type is made of and that hold no others, from left to right."""
    match attribute_type:
        case ListType(of=of) | SetType(of=of) | OptionalType(of=of):
            yield from leaves(of)
        case MappingType(keys=keys, values=values):
            yield from leaves(keys)
            yield from leaves(values)
        case TupleType(of=parts) | UnionType(of=parts):
            for part in parts:
                yield from leaves(part)
        case (
            TextType() | IntegerType() | NumberType() | BooleanType() | NoneType() | AnyType()
            | LiteralType() | EnumType() | ReferenceType() | UnknownType()
        ):  # fmt: skip
            yield attribute_type
        case _:
            assert_never(attribute_type)
