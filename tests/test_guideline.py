"""Reading guidelines: every construct that people and models write, and what its schema says."""

import pytest
from hypothesis import given

from guidex_schema.diagnostic import Fault
from guidex_schema.guideline import ROW_LIMITS, Guideline, parse_guideline
from guidex_schema.rendering import render_guideline
from guidex_schema.schema import (
    AnyType,
    Attribute,
    AttributeType,
    BooleanType,
    Constant,
    DataclassOption,
    Default,
    EntityType,
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
    OptionalType,
    ReferenceType,
    Register,
    Schema,
    SetType,
    TextType,
    TupleType,
    UnionType,
    UnknownType,
    kinds,
)
from guidex_schema.text import Location, Position
from strategies import schemas

STR, INT = TextType(), IntegerType()


def read(source: str) -> Schema:
    """Read guidelines without a fault, and see that their schema survives being written."""
    guideline = parse_guideline(source)
    assert guideline.faults == ()
    assert guideline.unreadable == frozenset()
    assert parse_guideline(render_guideline(guideline.schema)).schema == guideline.schema
    return guideline.schema


def read_class(body: str, before: str = "", name: str = "A", header: str = "@dataclass\nclass A:") -> EntityType:
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.split("\n"))
    entity_type = read(f"from dataclasses import dataclass, field\n\n{before}\n\n{header}\n{lines}").entity_type(name)
    assert entity_type is not None
    return entity_type


def read_attribute(body: str, before: str = "", name: str = "x") -> Attribute:
    attribute = read_class(body, before).attribute(name)
    assert attribute is not None
    return attribute


def only_fault(source: str) -> Fault:
    (fault,) = parse_guideline(source).faults
    return fault


PLACES = (
    'class Role(Enum):\n    WRITER = "writer"\n    READER = "reader"\n\n'
    "class Name(str):\n    pass\n\n@dataclass\nclass Place:\n    name: str\n"
)


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("str", STR),
        ("int", INT),
        ("float", NumberType()),
        ("bool", BooleanType()),
        ("None", NoneType()),
        ("Any", AnyType()),
        ("object", AnyType()),
        ("Name", TextType(name="Name")),
        ("Role", EnumType(name="Role")),
        ("Place", ReferenceType(entity_type="Place")),
        ("'Place'", ReferenceType(entity_type="Place")),
        ('"Later"', UnknownType(source="Later")),
        ("Entity", ReferenceType(entity_type="Entity")),
        ("A", ReferenceType(entity_type="A")),
        ("List[str]", ListType(of=STR)),
        ("list[str]", ListType(of=STR)),
        ("typing.List[str]", ListType(of=STR)),
        ("Sequence[str]", ListType(of=STR)),
        ("list", ListType(of=AnyType())),
        ("List", ListType(of=AnyType())),
        ("List['Place']", ListType(of=ReferenceType(entity_type="Place"))),
        ('"List[Place]"', ListType(of=ReferenceType(entity_type="Place"))),
        ("List[\"List['Place']\"]", ListType(of=ListType(of=ReferenceType(entity_type="Place")))),
        ("Set[int]", SetType(of=INT)),
        ("frozenset[int]", SetType(of=INT)),
        ("set", SetType(of=AnyType())),
        ("Tuple[str, int]", TupleType(of=(STR, INT))),
        ("tuple[str, ...]", TupleType(of=(STR,), variadic=True)),
        ("Tuple[()]", TupleType(of=())),
        ("tuple", TupleType(of=(AnyType(),), variadic=True)),
        ("Dict[str, int]", MappingType(keys=STR, values=INT)),
        ("dict[str, List[int]]", MappingType(keys=STR, values=ListType(of=INT))),
        ("dict", MappingType(keys=AnyType(), values=AnyType())),
        ("Optional[str]", OptionalType(of=STR)),
        ("Union[str, None]", OptionalType(of=STR)),
        ("Union[None, str]", OptionalType(of=STR)),
        ("str | None", OptionalType(of=STR)),
        ("None | str", OptionalType(of=STR)),
        ("Optional[Optional[str]]", OptionalType(of=STR)),
        ("Optional[Name]", OptionalType(of=TextType(name="Name"))),
        ("Optional[List[Name]]", OptionalType(of=ListType(of=TextType(name="Name")))),
        ("Union[str, int]", UnionType(of=(STR, INT))),
        ("str | int | str", UnionType(of=(STR, INT))),
        ("Union[str, Union[int, None]]", OptionalType(of=UnionType(of=(STR, INT)))),
        ("Optional[str | int]", OptionalType(of=UnionType(of=(STR, INT)))),
        ("Union[str]", STR),
        ("Literal['a', 'b']", LiteralType(values=("a", "b"))),
        ("Literal[1, True, None, -2, 1.5]", LiteralType(values=(1, True, None, -2, 1.5))),
        ("Literal[Role.WRITER]", UnknownType(source="Literal[Role.WRITER]")),
        ("Annotated[str, 'the name']", STR),
        ("Final[int]", INT),
        ("datetime.date", UnknownType(source="datetime.date")),
        ("Callable[[int], str]", UnknownType(source="Callable[[int], str]")),
        ("'the name, or its title'", UnknownType(source="'the name, or its title'")),
        ("'name or title'", UnknownType(source="'name or title'")),
        ("List['name or title']", ListType(of=UnknownType(source="'name or title'"))),
        ("'Foo[a or b]'", UnknownType(source="'Foo[a or b]'")),
        ("''", UnknownType(source="''")),
        ("List['a, b']", ListType(of=UnknownType(source="'(a, b)'"))),
        ("Tuple[str, '...']", TupleType(of=(STR, UnknownType(source="'...'")))),
        ("List[str, int]", UnknownType(source="List[str, int]")),
        ("Union[Literal[1], Literal[True]]", UnionType(of=(LiteralType(values=(1,)), LiteralType(values=(True,))))),
    ],
)
def test_an_annotation_states_a_type(annotation: str, expected: AttributeType) -> None:
    found = read_attribute(f"x: {annotation}", PLACES).type
    assert found == expected
    assert repr(found) == repr(expected)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("None", None),
        ("''", ""),
        ("-1", -1),
        ("+1.5", 1.5),
        ("False", False),
        ("'a' 'b'", "ab"),
        ("r'\\d'", "\\d"),
        ("[]", ExpressionDefault(source="[]")),
        ("('a', 'b')", ExpressionDefault(source="('a', 'b')")),
        ("{'a': 1}", ExpressionDefault(source="{'a': 1}")),
        ("NOTHING", ExpressionDefault(source="NOTHING")),
        ("Role.WRITER", MemberDefault(enum="Role", member="WRITER")),
        ("Role.WRITER.value", ExpressionDefault(source="Role.WRITER.value")),
        ("field(default=None)", None),
        ("field(default=3)", 3),
        ("field(default=Role.WRITER)", MemberDefault(enum="Role", member="WRITER")),
        ("field(default_factory=list)", FactoryDefault(factory="list")),
        ("dataclasses.field(default_factory=dict)", FactoryDefault(factory="dict")),
        ("field(default='', metadata={'unit': 'm'}, repr=False)", ""),
    ],
)
def test_a_default_makes_an_attribute_optional(written: str, expected: Default) -> None:
    attribute = read_attribute(f"x: str = {written}", PLACES)
    assert not attribute.required
    assert repr(attribute.default) == repr(expected)


@pytest.mark.parametrize("written", ["", " = field()", " = field(repr=False)"])
def test_an_attribute_without_a_default_is_required(written: str) -> None:
    attribute = read_attribute(f"x: str{written}")
    assert attribute.required
    assert attribute.default is None


def test_field_options_say_how_the_constructor_takes_an_attribute() -> None:
    entity_type = read_class("a: str\nb: str = field(kw_only=True)\nc: str = field(init=False)\n_: KW_ONLY\nd: int = 0")
    assert [attribute.name for attribute in entity_type.positional_attributes] == ["a"]
    assert [attribute.name for attribute in entity_type.attributes if attribute.keyword_only] == ["b", "d"]


def test_a_class_variable_is_no_attribute() -> None:
    assert [one.name for one in read_class("a: str\nb: ClassVar[int] = 1\nc: ClassVar = 2\nd = 3").attributes] == ["a"]
    assert [one.name for one in read_class("a: str\nb: 'typing.ClassVar[int]' = 1\nc: InitVar[int]").attributes] == [
        "a",
        "c",
    ]


def test_an_attribute_that_is_declared_again_keeps_its_place() -> None:
    entity_type = read_class("a: int = 1\n_: 'KW_ONLY'\nb: int\na: int = 2")
    assert [(one.name, one.default, one.keyword_only) for one in entity_type.attributes] == [
        ("a", 2, False),
        ("b", None, True),
    ]


@pytest.mark.parametrize(
    ("header", "decorated", "options"),
    [
        ("@dataclass\nclass A:", True, {}),
        ("@dataclass()\nclass A:", True, {}),
        ("@dataclasses.dataclass\nclass A:", True, {}),
        ("@dataclass(frozen=True, order=False)\nclass A:", True, {"frozen": True, "order": False}),
        ("@dataclass(kw_only=True)\nclass A:", True, {"kw_only": True}),
        ("class A:", False, {}),
        ("class A():", False, {}),
        ("class A(object):", False, {}),
    ],
)
def test_the_decorator_and_its_options_are_kept(header: str, decorated: bool, options: dict[str, Constant]) -> None:
    entity_type = read_class("x: str", header=header)
    assert entity_type.decorated is decorated
    assert entity_type.options == tuple(DataclassOption(name=name, value=value) for name, value in options.items())
    assert entity_type.attributes[0].keyword_only is options.get("kw_only", False)


@pytest.mark.parametrize(
    ("root", "kind"),
    [("Entity", "entity"), ("Relation", "relation"), ("Event", "event"), ("Template", "template"), ("Span", "unknown")],
)
def test_gollie_roots_need_no_import(root: str, kind: str) -> None:
    schema = read(
        f"@dataclass\nclass Coarse({root}):\n    span: str\n\n@dataclass\nclass Fine(Coarse):\n    span: str\n"
    )
    assert [one.kind for one in schema.entity_types] == [kind, kind]
    assert schema.entity_types[1].bases == ("Coarse",)


def test_attributes_are_inherited_in_the_order_of_the_constructor() -> None:
    schema = read(
        "@dataclass\nclass A(Event):\n    mention: str\n    agent: List[str]\n\n"
        "@dataclass\nclass B(A):\n    place: str\n    mention: str = 'none'\n\n@dataclass\nclass C(B):\n    pass\n"
    )
    _, b, c = schema.entity_types
    assert [(one.name, one.inherited) for one in b.attributes] == [
        ("mention", False),
        ("agent", True),
        ("place", False),
    ]
    assert b.attributes[0].default == "none"
    assert [one.name for one in b.own_attributes] == ["mention", "place"]
    assert [(one.name, one.inherited) for one in c.attributes] == [("mention", True), ("agent", True), ("place", True)]


def test_an_enumeration_is_its_constant_members() -> None:
    (enumeration,) = read(
        'class Role(str, Enum):\n    """What one does."""\n    WRITER = "writer"\n    READER: str = "reader"\n'
        "    LAST = -1\n"
    ).enumerations
    assert enumeration.definition == "What one does."
    assert enumeration.bases == ("str", "Enum")
    assert enumeration.members == (
        EnumMember(name="WRITER", value="writer"),
        EnumMember(name="READER", value="reader"),
        EnumMember(name="LAST", value=-1),
    )


def test_an_enumeration_with_a_member_that_is_no_constant_is_not_judged() -> None:
    guideline = parse_guideline("class Role(Enum):\n    A = ('a', 1)\n    B = 'b'\n")
    assert guideline.unreadable == {"Role"}


def test_str_subclasses_are_types_and_no_entity_types() -> None:
    schema = read(
        'class Name(str):\n    """A name."""\n\nclass Short(Name): pass\n\nclass Titled(str):\n    title: str\n'
    )
    assert [(one.name, one.bases, one.definition) for one in schema.text_subclasses] == [
        ("Name", ("str",), "A name."),
        ("Short", ("Name",), ""),
    ]
    assert [one.name for one in schema.entity_types] == ["Titled"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("ALL: List[Type] = [A, Name]", Register(name="ALL", annotation="List[Type]", entity_types=("A", "Name"))),
        ("ALL: List[Entity] = [A]", Register(name="ALL", annotation="List[Entity]", entity_types=("A",))),
        ("ALL = [\n    A,  # the first\n    B,\n]", Register(name="ALL", entity_types=("A", "B"))),
    ],
)
def test_a_list_of_classes_is_a_register(statement: str, expected: Register) -> None:
    assert read(f"@dataclass\nclass A:\n    x: str\n\n{statement}\n").registers == (expected,)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("X = [A]\nALL = X + [B] + X", ("A", "B", "A")),
        ("X: list = [A, B]\nALL: List[Type] = [Name, *X]", ("Name", "A", "B")),
        ("X = [A]\nALL = X", ("A",)),
        ("X = [A]\nX += [B]\nALL = X + [C]", None),
        ("X = {A}\nALL = X + [C]", None),
        ("X = [A]\nALL = X + (B,)", None),
        ("X = [A]\nALL = [*X, *X.y]", None),
        ("X = [A]\nX = [1]\nALL = X + [B]", None),
    ],
)
def test_a_register_may_be_put_together_of_others(statements: str, expected: tuple[str, ...] | None) -> None:
    found = {one.name: one.entity_types for one in read(f"{statements}\n").registers}
    assert found.get("ALL") == expected


def test_registers_that_double_are_read_while_they_are_small() -> None:
    statements = "".join(f"A{number + 1} = A{number} + A{number}\n" for number in range(60))
    registers = read(f"A0 = [Person]\n{statements}").registers
    assert [len(one.entity_types) for one in registers] == [2**number for number in range(len(registers))]
    assert 10 < len(registers) < 20


@pytest.mark.parametrize(
    "statement",
    [
        "COARSE = {fine: coarse for coarse, fines in FINE.items() for fine in fines}",
        "COARSE: Dict[Type, Type] = {}\nfor a, b in FINE.items():\n    for c in b:\n        COARSE[c] = a",
        "FINE = {A: [A], 'b': [A]}",
        "GUIDELINES = {'a': {'en': ['one', 'two']}}",
        "NAMES = [one.__name__ for one in ALL if one is not A]",
        "COUNT = 3",
    ],
)
def test_what_collects_without_calling_is_left_unread(statement: str) -> None:
    schema = read(f"@dataclass\nclass A:\n    x: str\n\n{statement}\n")
    assert schema == read("@dataclass\nclass A:\n    x: str\n")


def test_only_imports_that_bases_and_types_use_are_kept() -> None:
    schema = read(
        "from __future__ import annotations\nfrom typing import List\nimport os\n"
        "from gollie import Entity, Span as Mention, Unused\nfrom ..dates import Date, Time\nfrom stars import *\n\n"
        "@dataclass\nclass A(Mention):\n    x: Optional[Date]\n    y: 'List[Time]'\n    z: Annotated[str, Unused]\n"
    )
    assert schema.imports == (
        Import(module="gollie", name="Span", alias="Mention"),
        Import(module="..dates", name="Date"),
        Import(module="..dates", name="Time"),
    )


def test_module_docstring_and_section_strings_are_kept() -> None:
    schema = read(
        '"""Guidelines of a task.\n\nTwo paragraphs.\n"""\nfrom typing import List\n\n"""Entities.\n\nThings."""\n'
        "class A(Entity):\n    x: str\n\nclass B(Entity):\n    x: str\n\n'''Roles'''\nclass Role(Enum):\n    A = 1\n\n"
        '"""Not a heading: something else stands between."""\nALL = [A, B]\nclass C(Entity):\n    x: str\n'
    )
    assert schema.definition == "Guidelines of a task.\n\nTwo paragraphs."
    assert [one.section for one in schema.entity_types] == ["Entities.\n\nThings.", "", ""]
    assert schema.enumerations[0].section == "Roles"


def test_placeholders_are_text_like_any_other() -> None:
    entity_type = read_class('"""{coarse_type} are {guideline}"""\nspan: str  # Such as: {examples}')
    assert entity_type.definition == "{coarse_type} are {guideline}"
    assert entity_type.attributes[0].description == "Such as: {examples}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x: str  # the name", "the name"),
        ("x: str  #the name", "the name"),
        ("x: str  #", ""),
        ("x: str\n'''The name.'''", "The name."),
        ('x: str\n"""\nThe name,\n    indented.\n"""', "The name,\n    indented."),
        ("# the name\nx: str", "the name"),
        ("# one\n# two\nx: str", "one\ntwo"),
        ("# above\nx: str  # behind\n'below'", "above\nbehind\nbelow"),
        ("x: str  # behind\n# between\n'below'", "behind\nbetween\nbelow"),
        ("x: str\n\n# between\n\n'below'", "between\nbelow"),
        ("x: str\n'first'\n'second'", "first"),
        ("x: str; 'below'", "below"),
        ("y: str; x: str  # both", "both"),
        ("x: str = (\n    'a'  # inside\n)  # behind", "behind"),
        ("# detached\n\nx: str", ""),
        ("# detached\n\n# attached\nx: str", "attached"),
        ("x: str\n# the last comment of the class", ""),
        ("y: str\n# above x, not behind y\nx: str", "above x, not behind y"),
        ("x: str\n# above y\ny: str", ""),
        ("x: str  # guidex: ignore[GX101]", ""),
        ("x: str  # noqa: E501", ""),
        ("x: str  # type: ignore", ""),
        ("# guidex: ignore\n# the name\n# noqa\nx: str", "the name"),
        ("'''The class.'''\n'not the name'\nx: str", ""),
        ("x: str  # “the näme”: 名前 🙂", "“the näme”: 名前 🙂"),
        ("x: str\n'a\\nb\\\\c\\t\\N{BULLET}'", "a\nb\\c\t•"),
        ('x: str\n"""ends with a quote\\""""', 'ends with a quote"'),
        ("x: str\npass\n'belongs to nothing'", ""),
    ],
)
def test_a_description_is_the_comment_above_the_trailing_comment_and_the_docstring(body: str, expected: str) -> None:
    assert read_attribute(body).description == expected


def test_a_comment_behind_the_header_belongs_to_nothing() -> None:
    schema = read("@dataclass  # one\nclass A:  # two\n    x: str\n")
    assert schema.entity_types[0].definition == ""
    assert schema.entity_types[0].attributes[0].description == ""


def test_a_class_on_one_line_keeps_its_comment() -> None:
    assert read("class A: x: str  # the name\n").entity_types[0].attributes[0].description == "the name"


def test_the_docstring_of_a_class_is_its_definition() -> None:
    entity_type = read_class('"""\n        A person,\n          living or dead.\n        \n    """\nx: str')
    assert entity_type.definition == "A person,\n  living or dead."


def test_the_real_form_of_generated_guidelines_is_read() -> None:
    schema = read(
        "# The following lines describe the task definition\nfrom dataclasses import dataclass\n"
        "from typing import List, Optional\n\n@dataclass\nclass Journey:\n"
        '    """\n    A journey as a whole.\n    """\n    name: str \n    """\n    What it is called.\n    """\n    \n'
        "    year: Optional[int] = None  \n    '''\n    When.\n    '''   \n\n    stops: List['Stop']\n"
        "    leader: 'Leader'\n\n"
        "@dataclass\nclass Stop:\n    place: str\n\n@dataclass\nclass Leader:\n    name: str\n"
    )
    assert [one.kind for one in schema.entity_types] == ["wrapper", "unknown", "unknown"]
    assert [one.description for one in schema.entity_types[0].attributes] == ["What it is called.", "When.", "", ""]
    assert schema.entity_types[0].attributes[2].type == ListType(of=ReferenceType(entity_type="Stop"))


def test_two_classes_of_one_name_are_both_kept() -> None:
    schema = read("class A:\n    x: str\n\nclass A:\n    y: int\n")
    assert [one.attributes[0].name for one in schema.entity_types] == ["x", "y"]


def test_empty_guidelines_declare_nothing() -> None:
    assert read("") == Schema()
    assert read("\n# nothing\n") == Schema()


LINES = '@dataclass\nclass Größe:\n    """Wie groß."""\n    maß: str  # ein „Maß“\n    """Die Zahl.\n\n    Genau."""\n'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_make_no_difference(end: str) -> None:
    schema = read(LINES.replace("\n", end))
    assert schema == read(LINES)
    assert schema.entity_types[0].attributes[0].location == Location(
        start=Position(line=4, column=4), end=Position(line=4, column=12)
    )


@pytest.mark.parametrize(
    "source",
    [
        LINES.replace("    ", "\t"),
        LINES.replace("    maß", " \f    maß"),
        "\f" + LINES,
        "\f\f\n\f" + LINES.replace("\n", "\n\f", 1),
        LINES.replace("\n", "  \f\n"),
        LINES.rstrip("\n"),
        LINES + "    \n\t\n",
        LINES.replace("class ", "class  \\\n  "),
    ],
)
def test_white_space_makes_no_difference(source: str) -> None:
    assert read(source).without_locations().model_dump() == read(LINES).without_locations().model_dump()


def test_a_byte_order_mark_is_a_fault_and_moves_nothing() -> None:
    source = "\ufeff" + LINES.replace("@dataclass\n", "")
    guideline = parse_guideline(source)
    assert [fault.rule for fault in guideline.faults] == ["byte-order-mark"]
    assert guideline.source[slice_of(guideline)] == "Größe"


def test_places_count_characters_where_a_blanked_character_had_more_bytes() -> None:
    guideline = parse_guideline('GRÖSSE = "\u202e"; class_ = 1\nx = f("é"); y = 2\nclass Größe:\n    maß: str\n')
    assert guideline.source[slice_of(guideline)] == "Größe"
    assert {fault.rule for fault in guideline.faults} == {"invalid-character", "runs-code"}
    spans = [guideline.span(statement) for statement in guideline.tree.body]
    assert [guideline.source[span.start : span.end] for span in spans][1::2] == ["class_ = 1", "y = 2"]


def slice_of(guideline: Guideline) -> slice:
    span = guideline.name_span(guideline.classes[0])
    return slice(span.start, span.end)


@pytest.mark.parametrize(
    "source", ["class \\\n  A: pass", "@dataclass\nclass classA(ssA): pass", "class ﬁ: pass", "class ℘(A): pass"]
)
def test_the_place_of_a_name_is_what_stands_there(source: str) -> None:
    guideline = parse_guideline(source)
    assert guideline.source[slice_of(guideline)] in ("A", "classA", "ﬁ", "℘")


def test_a_name_that_python_reads_otherwise_is_a_fault() -> None:
    fault = only_fault("class Oﬃce:\n    name: str\n")
    assert fault.rule == "invalid-character"
    assert "`Office`" in fault.message


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("class A:\n    x: str = f()\n", "runs-code"),
        ("class A:\n    x: f()\n", "runs-code"),
        ("class A:\n    x: 'f()'\n", "runs-code"),
        ("class A:\n    x: List['f()']\n", "runs-code"),
        ("class A:\n    x: \"List['f()']\"\n", "runs-code"),
        ("class A:\n    x: 'a or f()'\n", "runs-code"),
        ("class A:\n    x: 'lambda: 1'\n", "runs-code"),
        ("class A:\n    x: str = field(default_factory=evil)\n", "runs-code"),
        ("class A:\n    x: str = field(default=f())\n", "runs-code"),
        ("class A:\n    x: str = field(default_factory=lambda: 1)\n", "runs-code"),
        ("class A:\n    def f(self): pass\n", "runs-code"),
        ("class A:\n    x: str\n    @property\n    def f(self): pass\n", "runs-code"),
        ("class A(metaclass=B):\n    x: str\n", "runs-code"),
        ("class A(f()):\n    x: str\n", "runs-code"),
        ("@evil\nclass A:\n    x: str\n", "runs-code"),
        ("@dataclass(slots=f())\nclass A:\n    x: str\n", "runs-code"),
        ("print('x')\n", "runs-code"),
        ("import os; os.system('x')\n", "runs-code"),
        ("if True:\n    class A: pass\n", "runs-code"),
        ("X = [f() for f in Y]\n", "runs-code"),
        ("for x in y():\n    pass\n", "runs-code"),
        ("x: str = lambda: 1\n", "runs-code"),
        ("with a: pass\n", "runs-code"),
        ("try: pass\nexcept: pass\n", "runs-code"),
        ("x = (y := 1)\n", "runs-code"),
        ("class A:\n    x: int = " + "9" * 100 + "\n", "source-limit"),
        ("class A:\n    x: float = 1e999\n", "source-limit"),
        ("class A:\n    x: str = '\\ud800'\n", "invalid-character"),
        ("class A:\n    x: str\n    '\\ud800'\n", "invalid-character"),
        ("class A:\n    x: Literal['\\udfff']\n", "invalid-character"),
        ("class A:\n    x: 'Literal[1e999]'\n", "source-limit"),
    ],
)
def test_what_runs_code_is_named_where_it_stands_and_never_read(source: str, rule: str) -> None:
    guideline = parse_guideline(source + "\nclass Good:\n    x: str\n")
    assert [fault.rule for fault in guideline.faults] == [rule]
    span = guideline.faults[0].span
    assert span is not None
    assert span.end <= len(source)
    assert guideline.schema.entity_type("Good") is not None


def test_what_is_refused_in_a_class_leaves_the_rest_of_it() -> None:
    guideline = parse_guideline(
        "class A:\n    x: str\n    y: str = f()\n    z: int  # the last\n    def f(self): pass\n"
    )
    assert guideline.unreadable == {"A"}
    assert [one.name for one in guideline.schema.entity_types[0].attributes] == ["x", "z"]
    assert guideline.schema.entity_types[0].attributes[1].description == "the last"


def test_a_method_does_not_keep_a_class_from_being_judged() -> None:
    assert parse_guideline("class A:\n    x: str\n    def f(self): pass\n").unreadable == frozenset()


def test_a_source_larger_than_its_limit_is_not_parsed() -> None:
    guideline = parse_guideline("class A:\n    x: str\n" + "#" * ROW_LIMITS.size, limits=ROW_LIMITS)
    assert [fault.rule for fault in guideline.faults] == ["source-limit"]
    assert guideline.unreadable == {"A"}
    assert guideline.schema == Schema()


def test_the_limit_counts_bytes() -> None:
    source = "#" + "é" * (ROW_LIMITS.size // 2)
    assert only_fault_rule(source) == "source-limit"
    assert parse_guideline(source[:-1], limits=ROW_LIMITS).faults == ()


def only_fault_rule(source: str) -> str:
    (fault,) = parse_guideline(source, limits=ROW_LIMITS).faults
    return fault.rule


def test_behind_the_last_node_that_is_read_nothing_is_lost_silently() -> None:
    source = (
        "".join(f"class A{number}: pass\n" for number in range(100)) + "X = [" + "1," * 20_000 + "]\nclass B: pass\n"
    )
    guideline = parse_guideline(source, limits=ROW_LIMITS)
    assert [fault.rule for fault in guideline.faults] == ["source-limit"]
    assert len(guideline.schema.entity_types) == 100
    assert guideline.unreadable == {"B"}


def test_what_only_libcst_does_not_read_is_a_fault() -> None:
    guideline = parse_guideline("(b): int\nclass A: pass\n")
    assert [fault.rule for fault in guideline.faults] == ["guideline-syntax"]
    assert guideline.unreadable == {"A"}


def test_types_are_read_to_the_depth_at_which_they_can_still_be_written() -> None:
    deepest = "Dict[str, None | Dict[str, None | Dict[str, None | Dict[str, int | None]]]]"
    assert read(f"class A:\n    x: {deepest}\n").entity_types[0].attributes[0].type != UnknownType(source=deepest)
    united = deepest.replace("None |", "None | str |")
    assert read(f"class A:\n    x: {united}\n").entity_types[0].attributes[0].type != UnknownType(source=united)
    assert only_fault(f"class A:\n    x: List[{deepest}]\n").rule == "source-limit"
    assert only_fault(f"class A:\n    x: List['{deepest}']\n").rule == "source-limit"


@given(schemas())
def test_every_place_is_inside_the_source(schema: Schema) -> None:
    source = render_guideline(schema)
    guideline = parse_guideline(source)
    for statement in guideline.classes:
        span = guideline.name_span(statement)
        assert source[span.start : span.end] == statement.name
        assert source[guideline.span(statement).start :].startswith("class")
    for entity_type in guideline.schema.entity_types:
        assert entity_type.location is not None
        for attribute in entity_type.own_attributes:
            assert attribute.location is not None
            offset = guideline.document.offset(attribute.location.start)
            assert source[offset:].startswith(f"{attribute.name}: ")


def test_what_is_declared_again_mentions_what_it_says_last() -> None:
    source = """class A: pass
class B: pass
class C:
    x: A
    y: B
class D(C):
    x: str
class E:
    z: A
    z: B
    y: C
    y: str
"""
    found = parse_guideline(source).schema
    assert {one.name: one.kind for one in found.entity_types} == kinds(found.entity_types)
    assert found.entity_types[3].kind == "unknown"
    assert found.entity_types[4].kind == "unknown"
