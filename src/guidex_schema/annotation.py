"""The grammar of attribute types: an annotation's tree in, a type of the IR out."""

import ast
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Literal, assert_never

from guidex_schema.aliases import type_aliases
from guidex_schema.allowlist import admit_annotation, admit_text, measure
from guidex_schema.frozen import trusted
from guidex_schema.meaning import Meaning, recalled, remember
from guidex_schema.refusal import Refusal
from guidex_schema.schema import (
    ROOTS,
    AnyType,
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
    ReferenceType,
    SetType,
    TextType,
    TupleType,
    UnknownType,
    optional_of,
    references,
    union_of,
)
from guidex_schema.syntax import bindings, last_name, names_in, operands, parse, quoted_annotation

_ENUM_BASES = frozenset(("Enum", "StrEnum", "IntEnum", "Flag", "IntFlag"))
LISTS = frozenset(("list", "List", "Sequence", "Iterable", "Collection", "MutableSequence"))
_SETS = frozenset(("set", "Set", "frozenset", "FrozenSet", "AbstractSet", "MutableSet"))
_MAPPINGS = frozenset(("dict", "Dict", "Mapping", "MutableMapping"))
_TUPLES = frozenset(("tuple", "Tuple"))
# Their first argument is the type; the rest says nothing about a value.
_TRANSPARENT = frozenset(("Annotated", "Final", "InitVar", "Required", "NotRequired"))


_NONE = NoneType()
# What the names of types mean by themselves; two of one type are one object, which whoever remembers them may use.
NAMED: Mapping[str, AttributeType] = {
    **dict.fromkeys(("str", "Text"), TextType()),
    "int": IntegerType(),
    "float": NumberType(),
    "bool": BooleanType(),
    **dict.fromkeys(("Any", "object"), AnyType()),
    "NoneType": _NONE,
    **dict.fromkeys(LISTS, ListType(of=AnyType())),
    **dict.fromkeys(_SETS, SetType(of=AnyType())),
    **dict.fromkeys(_MAPPINGS, MappingType(keys=AnyType(), values=AnyType())),
    **dict.fromkeys(_TUPLES, TupleType(of=(AnyType(),), variadic=True)),
}
# A bool is an int.
_CONSTANTS = (str, int, float)

# What an annotated name of a class is: ``InitVar`` is only an argument, ``KW_ONLY`` a mark between fields.
Role = Literal["field", "argument", "class variable", "mark"]
ROLES: Mapping[str, Role] = {"ClassVar": "class variable", "InitVar": "argument", "KW_ONLY": "mark"}


@dataclass
class TypeAliases:
    """The types that names of a file stand for.

    Attributes:
        types: each with its length where it is written out.
        left: how many characters may still be written out: a few lines of aliases can double with each.
    """

    types: dict[str, tuple[AttributeType, int]] = field(default_factory=dict)
    left: int = 0

    def take(self, name: str) -> AttributeType | None:
        """Give what a name stands for; None where that is nothing, or more than may be written out."""
        found, length = self.types.get(name, (None, 0))
        if length > self.left:
            return None
        self.left -= length
        return found


@dataclass(frozen=True)
class Names:
    """What the names of a file stand for."""

    entity_types: frozenset[str] = frozenset()
    enumerations: frozenset[str] = frozenset()
    text_subclasses: frozenset[str] = frozenset()
    aliases: TypeAliases = field(default_factory=TypeAliases, compare=False)

    @cached_property
    def words(self) -> Set[str]:
        """Give every name that means something in this file only."""
        return self.entity_types | self.enumerations | self.text_subclasses | self.aliases.types.keys()


def names_of(tree: ast.Module, most: int) -> Names:
    """Tell what the names of a module stand for.

    Args:
        tree: guidelines that screening passed.
        most: how many characters the names of types may stand for in all.
    """
    names = declared_names(statement for statement in tree.body if isinstance(statement, ast.ClassDef))
    found = type_aliases(tree)
    names.aliases.left = most
    if not found:
        return names
    assigned = {
        name
        for statement in tree.body
        if not isinstance(statement, ast.ClassDef | ast.Import | ast.ImportFrom)
        for name in bindings(statement)
    }
    # A value, and what is not understood, makes no type.
    parts = {name: [part for part, _ in names_in(value) if part in assigned] for name, value in found.items()}
    order = TopologicalSorter({name: [part for part in parts[name] if part in found] for name in found})
    with suppress(CycleError):
        # What is part of itself is never ready.
        order.prepare()
    while order.is_active():
        for name in order.get_ready():
            order.done(name)
            if all(part in names.aliases.types for part in parts[name]):
                _add_alias(names, name, found[name])
    return names


def _add_alias(names: Names, name: str, value: ast.expr) -> None:
    with suppress(Refusal):
        admit_annotation(value)
        stands_for = _read(value, names)
        length = _written_length(stands_for)
        if length is not None and not isinstance(stands_for, UnknownType):
            names.aliases.types[name] = stands_for, length


def _written_length(attribute_type: AttributeType) -> int | None:
    """Give the length of a type where it is written out; None where that could not be read again."""
    text = f"x: {written(attribute_type)}"
    match parse(text):
        case ast.Module(body=[ast.AnnAssign(annotation=annotation) as statement]):
            with suppress(Refusal):
                admit_text(statement, text)
                admit_annotation(annotation)
                measure(statement)
                return len(text)
        case _:
            pass
    return None


def role(annotation: ast.expr) -> Role:
    """Tell what an annotation makes of a name in the body of a class."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = quoted_annotation(annotation.value) or annotation
    return ROLES.get(last_name(annotation.value if isinstance(annotation, ast.Subscript) else annotation), "field")


def declared_names(classes: Iterable[ast.ClassDef]) -> Names:
    """Tell what each class of a file is; of two classes of one name, the last."""
    entity_types: set[str] = set()
    enumerations: set[str] = set()
    text_subclasses: set[str] = set()
    for node in classes:
        bases = {last_name(base) for base in node.bases}
        for known in (entity_types, enumerations, text_subclasses):
            known.discard(node.name)
        if bases & (_ENUM_BASES | enumerations):
            enumerations.add(node.name)
        elif bases & ({"str"} | text_subclasses) and not any(
            isinstance(statement, ast.AnnAssign) for statement in node.body
        ):
            text_subclasses.add(node.name)
        else:
            entity_types.add(node.name)
    return Names(frozenset(entity_types), frozenset(enumerations), frozenset(text_subclasses))


def read(annotation: ast.expr, names: Names, text: str | None = None) -> Meaning:
    """Give the type that an annotation states.

    Args:
        annotation: an expression that screening passed.
        names: what the names of the file stand for.
        text: the annotation as it is written, where it is ASCII and where no name in it has been replaced in the tree.
    """
    known = None if text is None else recalled(text, names.words)
    if known is not None:
        return known
    before = names.aliases.left
    found = _read(annotation, names)
    if names.aliases.left != before and _written_length(found) is None:
        # The names stand for too much.
        found = _read(annotation, replace(names, aliases=TypeAliases()))
    meaning = Meaning(found, references(found))
    if text is not None:
        remember(text, meaning, names.words)
    return meaning


def _read(annotation: ast.expr, names: Names) -> AttributeType:
    match annotation:
        case ast.Name() | ast.Attribute():
            return _named(annotation, names)
        case ast.Subscript(value=value, slice=inside):
            arguments = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            return _subscripted(annotation, last_name(value), arguments, names)
        case ast.Constant(value=None):
            return _NONE
        case ast.Constant(value=str(text)):
            if text in names.entity_types:
                return reference(text)
            inner = quoted_annotation(text)
            return _unknown(annotation) if inner is None else _read(inner, names)
        case ast.BinOp(op=ast.BitOr()):
            return union_of(reversed([_read(operand, names) for operand in operands(annotation)]))
        case _:
            return _unknown(annotation)


def _unknown(annotation: ast.expr) -> UnknownType:
    """Keep what has no meaning as it is written; what may stand in an annotation only in quotes gets them."""
    source = ast.unparse(annotation)
    match annotation:
        case ast.Constant(value=str()):
            return UnknownType(source=source)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            with suppress(Refusal):
                admit_annotation(annotation)
                return UnknownType(source=source)
        case _:
            pass
    # Without quotes a tuple or three dots would be more arguments of the type around them.
    return UnknownType(source=repr(source))


def _named(annotation: ast.Name | ast.Attribute, names: Names) -> AttributeType:
    name = last_name(annotation)
    if isinstance(annotation, ast.Name):
        if name in names.entity_types:
            return reference(name)
        if name in names.enumerations:
            return EnumType(name=name)
        if name in names.text_subclasses:
            return TextType(name=name)
        stands_for = names.aliases.take(name)
        if stands_for is not None:
            return stands_for
    if name in ROOTS and isinstance(annotation, ast.Name):
        return ReferenceType(entity_type=name)
    return NAMED.get(name) or _unknown(annotation)


def reference(name: str) -> ReferenceType:
    """Give the type of an entity type that the file declares."""
    return trusted(ReferenceType, {"kind": "reference", "entity_type": name})


def literal(values: Sequence[Constant]) -> LiteralType:
    """Give the type of values that are written out."""
    return trusted(LiteralType, {"kind": "literal", "values": tuple(values)})


def _subscripted(annotation: ast.expr, name: str, arguments: list[ast.expr], names: Names) -> AttributeType:
    if len(arguments) == 1 and (name == "Optional" or name in LISTS):
        # What most brackets hold needs no search for its case.
        inside = _read(arguments[0], names)
        return optional_of(inside) if name == "Optional" else trusted(ListType, {"kind": "list", "of": inside})
    if name == "Literal":
        texts = [one.value for one in arguments if type(one) is ast.Constant and type(one.value) is str]
        if texts and len(texts) == len(arguments):
            return literal(texts)
    match name, arguments:
        case "Union", [_, *_]:
            return union_of(_read(of, names) for of in arguments)
        case "Literal", [_, *_]:
            values = [constant(argument) for argument in arguments]
            if None not in values:
                return literal([value.value for value in values if value is not None])
        case _, [of] if name in _SETS:
            return SetType(of=_read(of, names))
        case _, [keys, values] if name in _MAPPINGS:
            return MappingType(keys=_read(keys, names), values=_read(values, names))
        case _, [of, ast.Constant(value=value)] if name in _TUPLES and value is Ellipsis:
            return TupleType(of=(_read(of, names),), variadic=True)
        case _, _ if name in _TUPLES:
            return TupleType(of=tuple(_read(of, names) for of in arguments))
        case _, [of, *_] if name in _TRANSPARENT:
            return _read(of, names)
        case _:
            pass
    return _unknown(annotation)


@dataclass(frozen=True)
class Folded:
    """The constant that an expression is; a box, since the constant may be None."""

    value: Constant


def constant(expression: ast.expr) -> Folded | None:
    """Fold an expression that is a str, bool, int, float or None, or a signed number; None for anything else."""
    if isinstance(expression, ast.Constant):
        value = expression.value
        return Folded(value) if value is None or isinstance(value, _CONSTANTS) else None
    match expression:
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=ast.Constant(value=int() | float() as number)):
            if not isinstance(number, bool):
                return Folded(-number if isinstance(sign, ast.USub) else number)
    return None


def written(attribute_type: AttributeType, declared: frozenset[str] | None = None) -> str:
    """Write a type as Python.

    Args:
        attribute_type: the type.
        declared: names that may stand unquoted; every other entity type is quoted as a forward reference. None
            quotes nothing, which reads best in a message.
    """
    # The kind tells sooner than the class; the most frequent ones are asked for first.
    if attribute_type.kind == "text":
        return "str" if attribute_type.name is None else _written_name(attribute_type.name, declared)
    if attribute_type.kind == "optional":
        return f"Optional[{written(attribute_type.of, declared)}]"
    if attribute_type.kind == "list":
        return f"List[{written(attribute_type.of, declared)}]"
    if attribute_type.kind == "integer":
        return "int"
    if attribute_type.kind == "literal":
        return f"Literal[{', '.join(map(written_constant, attribute_type.values))}]"
    if attribute_type.kind == "reference":
        return _written_name(attribute_type.entity_type, declared)
    if attribute_type.kind == "enum":
        return _written_name(attribute_type.name, declared)
    if attribute_type.kind == "number":
        return "float"
    if attribute_type.kind == "boolean":
        return "bool"
    if attribute_type.kind == "none":
        return "None"
    if attribute_type.kind == "any":
        return "Any"
    if attribute_type.kind == "unknown":
        return attribute_type.source
    if attribute_type.kind == "set":
        return f"Set[{written(attribute_type.of, declared)}]"
    if attribute_type.kind == "tuple":
        parts = ", ".join([written(part, declared) for part in attribute_type.of])
        return f"Tuple[{parts}, ...]" if attribute_type.variadic else f"Tuple[{parts or '()'}]"
    if attribute_type.kind == "mapping":
        return f"Dict[{written(attribute_type.keys, declared)}, {written(attribute_type.values, declared)}]"
    if attribute_type.kind == "union":
        return f"Union[{', '.join([written(part, declared) for part in attribute_type.of])}]"
    assert_never(attribute_type)


def _written_name(name: str, declared: frozenset[str] | None) -> str:
    return name if declared is None or name in declared else f'"{name}"'


def written_constant(value: Constant) -> str:
    """Write a constant as Python."""
    return repr(value)
