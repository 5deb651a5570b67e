"""Hypothesis strategies for schemas: every schema that guidelines can declare."""

import ast
import keyword
import math
import unicodedata
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from guidex_schema.schema import (
    ROOTS,
    AnyType,
    Attribute,
    AttributeType,
    BooleanType,
    Constant,
    DataclassOption,
    Default,
    EntityType,
    Enumeration,
    EnumMember,
    EnumType,
    ExpressionDefault,
    FactoryDefault,
    Import,
    IntegerType,
    ListType,
    LiteralType,
    MappingType,
    MemberDefault,
    NoneType,
    NumberType,
    ReferenceType,
    Register,
    Schema,
    SetType,
    TextSubclass,
    TextType,
    TupleType,
    UnknownType,
    clean,
    union_of,
)

# A class of one of these names would hide what the rendered guidelines import or mean by it.
TAKEN = frozenset(
    "Any Annotated ClassVar Collection Dict Enum Final Flag FrozenSet InitVar IntEnum IntFlag Iterable KW_ONLY List "
    "Literal Mapping MutableMapping MutableSequence MutableSet AbstractSet NoneType NotRequired Optional Required "
    "Sequence Set StrEnum Text Tuple Type Union bool bytes dataclass dict field float frozenset int list object set "
    "str tuple".split()
) | ROOTS.keys()  # fmt: skip


def _is_name(text: str) -> bool:
    return (
        text.isidentifier()
        and not text.startswith("_")
        and not keyword.iskeyword(text)
        and unicodedata.normalize("NFKC", text) == text
        and text not in TAKEN
    )


names: SearchStrategy[str] = st.one_of(
    st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True),
    st.sampled_from(["match", "case", "type", "_", "Größe", "名前", "Ñandú", "Имя", "r", "rb", "u", "print", "self"]),
).filter(_is_name)

words: SearchStrategy[str] = st.one_of(
    st.text(max_size=12),
    st.text(st.sampled_from("ab \"'\\\n\t\r\f{}#:@…“é名\u2028\u0085\u00a0\x00\x1b\u202e🙂"), max_size=16),
    st.sampled_from(
        ['"""', "'''", "\\", "\\\\", '"', "\\N{BULLET}", "\\ud800", '\\"""', "# guidex: ignore", "noqa", "{slot}"]
    ),
)
texts: SearchStrategy[str] = st.lists(words, max_size=4).map("".join).map(clean)

constants: SearchStrategy[Constant] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**255), 2**255),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: math.isfinite(number)),
    words,
)
literals: SearchStrategy[LiteralType] = st.lists(constants, min_size=1, max_size=4).map(
    lambda values: LiteralType(values=tuple(values))
)
unknown_types: SearchStrategy[UnknownType] = st.one_of(
    names.map(lambda name: UnknownType(source=f"Undefined{name}")),
    st.sampled_from(
        [
            "datetime.date",
            "Callable[[int], str]",
            "Type[Person_]",
            "'the name, or its title'",
            "'a or b'",
            "'3'",
            "'...'",
            "'(a, b)'",
        ]
    ).map(lambda source: UnknownType(source=source)),
)
factories: SearchStrategy[FactoryDefault] = st.sampled_from(["list", "dict", "set", "tuple"]).map(
    lambda factory: FactoryDefault.model_validate({"factory": factory})
)
expressions: SearchStrategy[ExpressionDefault] = st.sampled_from(
    ["[]", "{}", "('a', 'b')", "[1, [2]]", "{'a': None}", "{1, 2}", "b'bytes'", "...", "()", "1j"]
).map(lambda source: ExpressionDefault(source=ast.unparse(ast.parse(source))))


def types(
    references: Sequence[str], enums: Sequence[str], text_subclasses: Sequence[str]
) -> SearchStrategy[AttributeType]:
    """Give types over the classes of one schema, in canonical form and as deep as guidelines may write them."""
    leaves: list[SearchStrategy[AttributeType]] = [
        st.sampled_from(
            [TextType(), IntegerType(), NumberType(), BooleanType(), NoneType(), AnyType(), TupleType(of=())]
        ),
        st.sampled_from([*references, *ROOTS]).map(lambda name: ReferenceType(entity_type=name)),
        literals,
        unknown_types,
    ]
    if enums:
        leaves.append(st.sampled_from(enums).map(lambda name: EnumType(name=name)))
    if text_subclasses:
        leaves.append(st.sampled_from(text_subclasses).map(lambda name: TextType(name=name)))
    level: SearchStrategy[AttributeType] = st.one_of(leaves)
    for _ in range(3):
        level = st.one_of(level, _containers(level))
    return level


def _containers(inside: SearchStrategy[AttributeType]) -> SearchStrategy[AttributeType]:
    return st.one_of(
        inside.map(lambda of: ListType(of=of)),
        inside.map(lambda of: SetType(of=of)),
        inside.map(lambda of: TupleType(of=(of,), variadic=True)),
        st.lists(inside, min_size=1, max_size=3).map(lambda parts: TupleType(of=tuple(parts))),
        st.tuples(inside, inside).map(lambda pair: MappingType(keys=pair[0], values=pair[1])),
        st.lists(inside, min_size=2, max_size=3).map(union_of),
        inside.map(lambda of: union_of((of, NoneType()))),
    )


@st.composite
def attributes(
    draw: DrawFn, name: str, of: SearchStrategy[AttributeType], enumerations: Sequence[Enumeration]
) -> Attribute:
    """Give one attribute with any type, default and option."""
    members = [MemberDefault(enum=one.name, member=member.name) for one in enumerations for member in one.members]
    defaults: SearchStrategy[Default] = st.one_of(
        constants, factories, expressions, *([st.sampled_from(members)] if members else [])
    )
    required = draw(st.booleans())
    return Attribute(
        name=name,
        type=draw(of),
        description=draw(texts),
        required=required,
        default=None if required else draw(defaults),
        keyword_only=draw(st.sampled_from([False, False, False, True])),
        init=draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def enumerations_named(draw: DrawFn, name: str) -> Enumeration:
    """Give an enumeration with constant members."""
    members = draw(st.lists(names, max_size=4, unique=True))
    return Enumeration(
        name=name,
        definition=draw(texts),
        bases=draw(st.sampled_from([("Enum",), ("str", "Enum"), ("StrEnum",), ("IntEnum",)])),
        members=tuple(EnumMember(name=member, value=draw(constants)) for member in members),
        section=draw(texts),
    )


options: SearchStrategy[tuple[DataclassOption, ...]] = st.lists(
    st.tuples(st.sampled_from(["frozen", "order", "kw_only", "slots", "eq"]), st.booleans()),
    max_size=2,
    unique_by=lambda option: option[0],
).map(lambda pairs: tuple(DataclassOption(name=name, value=value) for name, value in pairs))


@st.composite
def entity_types(
    draw: DrawFn,
    name: str,
    earlier: Sequence[EntityType],
    imported: Sequence[str],
    of: SearchStrategy[AttributeType],
    enumerations: Sequence[Enumeration],
) -> EntityType:
    """Give an entity type that derives from earlier, imported or undefined classes and redeclares what it likes."""
    declared = {one.name: one for one in earlier}
    known = [*declared, *imported, *ROOTS, "Missing", "gollie.Entity"]
    bases = draw(st.lists(st.sampled_from(known), max_size=2, unique=True))
    inherited: dict[str, Attribute] = {}
    for base in reversed(bases):
        for attribute in declared[base].attributes if base in declared else ():
            inherited[attribute.name] = attribute.model_copy(update={"inherited": True})
    pool = st.one_of(names, st.sampled_from(list(inherited))) if inherited else names
    own_names = draw(st.lists(pool, max_size=4, unique=True))
    own = {attribute: draw(attributes(attribute, of, enumerations)) for attribute in own_names}
    decorated = draw(st.sampled_from([True, True, True, False]))
    return EntityType(
        name=name,
        definition=draw(texts),
        bases=tuple(bases),
        attributes=tuple((inherited | own).values()),
        decorated=decorated,
        options=draw(options) if decorated else (),
        section=draw(texts),
    )


@st.composite
def schemas(draw: DrawFn) -> Schema:
    """Give a whole schema, in the one form in which guidelines declare it."""
    pool = draw(st.lists(names, min_size=1, max_size=8, unique=True))
    first, second = sorted((draw(st.integers(0, len(pool))), draw(st.integers(0, len(pool)))))
    enum_names, text_names, entity_names = pool[:first], pool[first:second], pool[second:]
    enumerations = [draw(enumerations_named(name)) for name in enum_names]
    text_subclasses = [
        TextSubclass(
            name=name,
            definition=draw(texts),
            bases=draw(st.sampled_from([("str",), ("str", "Entity")])),
            decorated=draw(st.booleans()),
            section=draw(texts),
        )
        for name in text_names
    ]
    imports = draw(
        st.lists(
            st.builds(
                Import,
                module=st.sampled_from(["gollie.schema", ".", "..roots", "wikidata"]),
                name=names,
                alias=st.one_of(st.none(), names.map(lambda name: f"Alias{name}")),
            ),
            max_size=2,
            unique_by=lambda one: one.bound_name,
        ).map(lambda found: [one for one in found if one.bound_name not in pool])
    )
    of = types(entity_names, enum_names, text_names)
    found: list[EntityType] = []
    for name in entity_names:
        found.append(draw(entity_types(name, found, [one.bound_name for one in imports], of, enumerations)))
    registers = draw(
        st.lists(
            st.builds(
                Register,
                name=names.map(lambda name: f"{name}_DEFINITIONS"),
                annotation=st.sampled_from([None, "List[Type]", "List[Entity]", "list"]),
                entity_types=st.lists(st.sampled_from([*pool, "Elsewhere"]), min_size=1, max_size=3).map(tuple),
            ),
            max_size=2,
        )
    )
    used = {base for one in found for base in one.bases}
    return Schema.of(
        found,
        enumerations=tuple(enumerations),
        text_subclasses=tuple(text_subclasses),
        registers=tuple(registers),
        imports=tuple(one for one in imports if one.bound_name in used),
        definition=draw(texts),
    )
