"""Values: the production of everything that an attribute of some type may hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from guidex_schema.generation.grammar.bounds import Bounds
from guidex_schema.generation.grammar.literal import is_name, written
from guidex_schema.generation.grammar.production import (
    Choice,
    Enclosed,
    FreeNumber,
    FreeText,
    Items,
    Maybe,
    Name,
    Production,
    Row,
    Table,
    Text,
    choice,
    words,
)
from guidex_schema.schema import (
    ROOTS,
    AnyType,
    AttributeType,
    BooleanType,
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

# Beyond this many different items a set or dict holds one: the rules that keep items apart would become too many.
_MOST_WORDS = 64


@dataclass(frozen=True)
class Material:
    """What values are made of.

    Attributes:
        numbers: those that the document says; None where numbers are free.
        text: what a string is; None where the document has no piece for one.
    """

    numbers: tuple[int | float, ...] | None
    text: Production | None

    def number(self, *, is_integer: bool) -> Production | None:
        """Give what a number is; an int is a float as well."""
        if self.numbers is None:
            return FreeNumber(is_integer)
        return choice(Text(repr(one)) for one in self.numbers if not is_integer or isinstance(one, int))


def free(characters: int) -> Material:
    """Give the material of what need not stand in a document."""
    return Material(None, FreeText(characters))


@dataclass(frozen=True)
class Values:
    """The values of one attribute.

    Attributes:
        inner: the rules of the instances that may stand inside, by their class.
    """

    schema: Schema
    bounds: Bounds
    material: Material
    inner: Mapping[str, Name]
    table: Table

    def of(self, wanted: AttributeType) -> Production | None:
        """Give what fits a type; None where nothing does."""
        found = self._of(wanted)
        # What repeats its part names it: written out at every level, a type that nests deep would have no end.
        return self.table.named("v", found) if isinstance(found, Enclosed) else found

    def _of(self, wanted: AttributeType) -> Production | None:
        match wanted:
            case TextType() | AnyType() | UnknownType():
                return self.material.text
            case IntegerType() | NumberType():
                return self.material.number(is_integer=isinstance(wanted, IntegerType))
            case BooleanType():
                return Choice((Text("True"), Text("False")))
            case NoneType():
                return Text("None")
            case LiteralType(values=values):
                return choice(Text(text) for value in values if (text := written(value)) is not None)
            case EnumType(name=name):
                return self._members(name)
            case ReferenceType(entity_type=name):
                return choice(rule for heir, rule in self.inner.items() if stands_for(self.schema, heir, name))
            case ListType(of=of):
                item = self.of(of)
                return Enclosed("[", _maybe(None if item is None else Items(item, self.bounds.items)), "]")
            case SetType(of=of):
                items = self._distinct(_only(of, _is_hashable), lambda item: item)
                return None if items is None else Enclosed("{", (items,), "}")
            case TupleType(of=parts):
                return self._tuple(parts, is_variadic=wanted.variadic)
            case MappingType(keys=keys, values=values):
                return self._mapping(keys, values)
            case UnionType(of=parts):
                return choice(map(self.of, parts))
            case OptionalType(of=of):
                return choice((self.of(of), Text("None")))
            case _:
                assert_never(wanted)

    def _members(self, name: str) -> Production | None:
        enumeration = self.schema.enumeration(name)
        members = enumeration.members if enumeration is not None and is_name(name) else ()
        return choice(Text(f"{name}.{member.name}") for member in members if is_name(member.name))

    def _tuple(self, parts: tuple[AttributeType, ...], *, is_variadic: bool) -> Production | None:
        items = [self.of(part) for part in parts]
        found = [item for item in items if item is not None]
        if is_variadic:
            return Enclosed("(", () if not found else (Maybe(self._items_of_tuple(found[0])),), ")")
        if len(found) < len(items):
            return None
        if len(found) == 1:
            return Enclosed("(", (found[0], Text(",")), ")")
        rest_of = (part for item in found[1:] for part in (Text(", "), item))
        return Enclosed("(", (*found[:1], *rest_of), ")")

    def _items_of_tuple(self, item: Production) -> Production:
        """Give one item, which ends in a comma in a tuple, or more."""
        one = Row((item, Text(",")))
        return (
            one
            if self.bounds.items == 1
            else Choice((one, Row((item, Text(", "), Items(item, self.bounds.items - 1)))))
        )

    def _mapping(self, keys: AttributeType, values: AttributeType) -> Production:
        value = self.of(values)
        if value is None:
            return Enclosed("{", (), "}")
        entries = self._distinct(_only(keys, _is_constant), lambda key: Row((key, Text(": "), value)))
        return Enclosed("{", _maybe(entries), "}")

    def _distinct(self, wanted: Sequence[AttributeType], item: Callable[[Production], Production]) -> Production | None:
        """Give items of which no two are alike: words keep their order, and of anything else there is one."""
        found = choice(map(self.of, wanted))
        texts = words(found)
        if found is None or texts is None or len(texts) > _MOST_WORDS:
            return None if found is None else item(found)
        return self._ordered(tuple(map(item, texts)))

    def _ordered(self, items: tuple[Production, ...]) -> Production | None:
        """Give one or more of some items, each at most once and in their order."""
        most = min(self.bounds.items, len(items))
        starts: list[Production] = []
        # What may stand behind an item, by how many more there may be.
        behind: list[Production | None] = [None] * most
        for item in reversed(items):
            rows = [Row((item, *_maybe(one))) for one in behind]
            starts.append(rows[-1])
            longer = (choice((Row((Text(", "), row)), shorter)) for row, shorter in zip(rows, behind[1:], strict=False))
            behind = [None, *(self.table.named("s", one) for one in longer if one is not None)]
        return choice(reversed(starts))


def stands_for(schema: Schema, name: str, wanted: str) -> bool:
    """Say whether instances of a class stand for another, which may be a root that is not declared."""
    if schema.descends(name, wanted):
        return True
    entity_type = schema.entity_type(name)
    is_declared = schema.entity_type(wanted) is not None
    return not is_declared and entity_type is not None and entity_type.kind == ROOTS.get(wanted)


def _maybe(part: Production | None) -> tuple[Production, ...]:
    return () if part is None else (Maybe(part),)


def _only(wanted: AttributeType, fits: Callable[[AttributeType], bool]) -> tuple[AttributeType, ...]:
    """Give the parts of a type whose values all are such."""
    match wanted:
        case UnionType(of=parts):
            return tuple(one for part in parts for one in _only(part, fits))
        case OptionalType(of=of):
            return (*_only(of, fits), NoneType())
        case _:
            return (wanted,) if fits(wanted) else ()


def _is_hashable(wanted: AttributeType) -> bool:
    """Say whether a set may hold values of a type; labels let no instance into one."""
    match wanted:
        case ReferenceType() | ListType() | SetType() | MappingType():
            return False
        case TupleType(of=parts) | UnionType(of=parts):
            return all(map(_is_hashable, parts))
        case OptionalType(of=of):
            return _is_hashable(of)
        case _:
            return True


def _is_constant(wanted: AttributeType) -> bool:
    """Say whether a dict may have keys of a type: labels write constants there, and no members of enums."""
    return not isinstance(wanted, EnumType | TupleType) and _is_hashable(wanted)
