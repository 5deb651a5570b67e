"""Hypothesis strategies for what can be generated: schemas whose instances hold something, and documents to find it in.

The documents are what is hard to cut, to escape or to read, in several scripts.
"""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from guidex_schema.schema import (
    AnyType,
    Attribute,
    AttributeType,
    BooleanType,
    EntityType,
    Enumeration,
    EnumMember,
    EnumType,
    IntegerType,
    ListType,
    LiteralType,
    MappingType,
    NoneType,
    NumberType,
    ReferenceType,
    Schema,
    SetType,
    TextSubclass,
    TextType,
    TupleType,
    UnknownType,
    union_of,
)
from strategies import literals

_CLASSES = ["Person", "Per", "start", "root", "Größe", "名前", "Имя", "list", "Event2", "r", "SPAN"]
_ATTRIBUTES = ["mention", "role", "r", "roles", "jahr", "größe", "名", "self", "parts", "start", "print"]
_ROLES = Enumeration(
    name="Role", members=tuple(EnumMember(name=name, value=name) for name in ("WRITER", "COOK", "WRITERS", "名", "x"))
)
_EMPTY = Enumeration(name="Nothing", members=())
_NAME = TextSubclass(name="Name")
_LEAVES: SearchStrategy[AttributeType] = st.one_of(
    st.sampled_from(
        [TextType(), TextType(), TextType(name="Name"), IntegerType(), NumberType(), BooleanType(), NoneType()]
    ),
    st.sampled_from([AnyType(), UnknownType(source="Undefined"), EnumType(name="Role"), EnumType(name="Nothing")]),
    literals,
    st.sampled_from(["a", "b\\", 'c"', "d'", "\n", "静", "e\u202e"]).map(
        lambda text: LiteralType(values=(text, "z", 1))
    ),
)


def _types(classes: list[str]) -> SearchStrategy[AttributeType]:
    references = st.sampled_from([*classes, "Entity"]).map(lambda name: ReferenceType(entity_type=name))
    inside = st.one_of(_LEAVES, references)
    return st.one_of(
        _LEAVES,
        references,
        inside.map(lambda of: ListType(of=of)),
        inside.map(lambda of: union_of((ListType(of=of), NoneType()))),
        inside.map(lambda of: SetType(of=of)),
        inside.map(lambda of: TupleType(of=(of,), variadic=True)),
        st.lists(inside, min_size=1, max_size=3).map(lambda parts: TupleType(of=tuple(parts))),
        st.tuples(_LEAVES, inside).map(lambda pair: MappingType(keys=pair[0], values=pair[1])),
        st.lists(st.one_of(inside, inside.map(lambda of: SetType(of=of))), min_size=2, max_size=3).map(union_of),
        st.lists(_LEAVES, min_size=2, max_size=3).map(lambda parts: SetType(of=union_of(parts))),
    )


@st.composite
def filled_schemas(draw: DrawFn) -> Schema:
    """Give a schema of a few classes with attributes of every type; some derive from others."""
    names = draw(st.lists(st.sampled_from(_CLASSES), min_size=2, max_size=4, unique=True))
    of = _types(names)
    found: dict[str, EntityType] = {}
    for name in names:
        bases = draw(st.sampled_from([(), (), ("Entity",), *(((one,)) for one in found)]))
        inherited = found[bases[0]].attributes if bases and bases[0] in found else ()
        attributes = {one.name: one.model_copy(update={"inherited": True}) for one in inherited}
        for attribute in draw(st.lists(st.sampled_from(_ATTRIBUTES), min_size=1, max_size=4, unique=True)):
            required = draw(st.sampled_from([True, True, False]))
            default = None if required else draw(st.sampled_from([None, None, "x", 0]))
            attributes[attribute] = Attribute(name=attribute, type=draw(of), required=required, default=default)
        found[name] = EntityType(name=name, definition="A thing.", bases=bases, attributes=tuple(attributes.values()))
    return Schema.of(found.values(), enumerations=(_ROLES, _EMPTY), text_subclasses=(_NAME,))


_TOKENS = """
Ada Lovelace's “Notes” 'quoted' "said" C:\\new \\ \\n \\u20 \\\\" won't snake_case e-mail U.S. Dr. ... ?! Yahoo!
caf&eacute; &amp; &nbsp; &#x27; 1838 1,838 1.838,5 007 -5 −40 1990-95 555-1234 +3 3.10 2.5e6 1/2 0.0 00 12th
thirty-two million half 5% $5m HK$5 静脉注射した。 山田太郎は 三百五 1億2000万 タイトル 서울에서 3명은
والكتاب הבית नमस्ते กรุงเทพ Größe İstanbul
e\u0301te\u0301 👩\u200d🚀 🙂🏽 \U0001fae8 Straße ﬁne soft\u00adhyphen
zero\u200bwidth 99999999999999999999 {x: 1} [ ] ( ) # None True , ; : – —
""".split()  # fmt: skip
_GAPS = [
    " ",
    " ",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "",
    ". ",
    "。",
    "! ",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\x0b",
    "\r\n",
    " - ",
]
_ODD = "ab1-. \"'\\\n\t\r&;{}#é名\u0301\u200b\u202e\u0085\x00\x1b\x7f🙂\ufeff\u2029０५²½"

words: SearchStrategy[str] = st.one_of(
    st.sampled_from(_TOKENS), st.text(st.sampled_from(_ODD), min_size=1, max_size=8), st.integers(-3000, 3000).map(str)
)
documents: SearchStrategy[str] = st.one_of(
    st.lists(st.tuples(words, st.sampled_from(_GAPS)), min_size=5, max_size=30).map(
        lambda pairs: "".join(text for pair in pairs for text in pair)
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=10, max_size=40),
)
