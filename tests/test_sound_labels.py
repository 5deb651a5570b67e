"""Sound labels: what is told in one pass is what bindings and leaf values say; of what is wrong nothing is told."""

import itertools
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import corpus
from cost import assert_linear
from guidex_schema.accelerate import sound_labels as module
from guidex_schema.accelerate.labels import DEPTH_LIMIT, plain_labels
from guidex_schema.accelerate.sound_labels import sound_labels
from guidex_schema.binding import bind, sites
from guidex_schema.canonical import canonical_text
from guidex_schema.conformance import attribute_violations
from guidex_schema.datasets import Row, read_dataset
from guidex_schema.guideline import parse_guideline
from guidex_schema.instance import (
    Argument,
    BooleanValue,
    Instance,
    IntegerValue,
    ListValue,
    MemberValue,
    NoneValue,
    NumberValue,
    Record,
    TextValue,
    Value,
)
from guidex_schema.label_rendering import render_labels
from guidex_schema.leaf import filling_constants, literal
from guidex_schema.schema import (
    Attribute,
    AttributeType,
    BooleanType,
    EntityType,
    EnumType,
    IntegerType,
    ListType,
    LiteralType,
    NoneType,
    NumberType,
    OptionalType,
    ReferenceType,
    Schema,
    TextType,
    UnionType,
)
from guidex_schema.subject import Subject
from guidex_schema.text import Span
from guidex_schema.validation import Validator
from label_mutation import PIECES, mutant
from labelled_strategies import filled_schemas
from value_strategies import values

ROOT = Path(__file__).parent.parent
HERE = Span(start=0, end=1)


@st.composite
def fitting(draw: st.DrawFn, schema: Schema, expected: AttributeType, depth: int) -> Value:
    """Give a value that mostly fits a type."""
    if draw(st.integers(0, 30)) == 0:
        return draw(values([one.name for one in schema.entity_types], ("mention", "role"), ("Role.WRITER",)))
    match expected:
        case TextType() | LiteralType():
            allowed = expected.values if isinstance(expected, LiteralType) else ()
            texts = [one for one in allowed if isinstance(one, str)] or ["Ada", "it's", 'é"\n', "7"]
            return TextValue(value=draw(st.sampled_from(texts)), span=HERE)
        case IntegerType():
            return IntegerValue(value=draw(st.integers(-9, 9)), span=HERE)
        case NumberType():
            return NumberValue(value=draw(st.sampled_from([0.0, -0.0, 1.5])), span=HERE)
        case BooleanType():
            return BooleanValue(value=draw(st.booleans()), span=HERE)
        case EnumType(name=name):
            return MemberValue(enum=name, member="WRITER", span=HERE)
        case OptionalType(of=of):
            return draw(st.just(NoneValue(span=HERE)) | fitting(schema, of, depth))
        case ListType(of=of):
            items = draw(st.lists(fitting(schema, of, depth - 1), max_size=3)) if depth > 0 else []
            return ListValue(items=tuple(items), span=HERE)
        case UnionType(of=parts):
            return draw(fitting(schema, draw(st.sampled_from(parts)), depth))
        case ReferenceType(entity_type=name) if depth > 0 and schema.entity_type(name) is not None:
            return draw(called(schema, name, depth - 1))
        case _:
            return NoneValue(span=HERE) if isinstance(expected, NoneType) else IntegerValue(value=1, span=HERE)


@st.composite
def called(draw: st.DrawFn, schema: Schema, name: str, depth: int = 2) -> Instance:
    """Give an instance that mostly is as its entity type asks."""
    entity_type = schema.entity_type(name)
    attributes = entity_type.attributes if entity_type is not None else ()
    given_ = [one for one in attributes if draw(st.integers(0, 20)) or not one.required]
    arguments = tuple(
        Argument(name=one.name, value=draw(fitting(schema, one.type, depth)), span=HERE)
        for one in draw(st.permutations(given_))
    )
    return Instance(class_name=name, keyword=arguments, span=HERE)


@st.composite
def annotated(draw: st.DrawFn) -> tuple[Schema, list[Instance]]:
    schema = draw(filled_schemas())
    names = st.sampled_from([one.name for one in schema.entity_types])
    return schema, [draw(called(schema, draw(names))) for _ in range(draw(st.integers(0, 3)))]


def agree(source: str, schema: Schema, before: str = "") -> bool:
    """Hold what is told of labels to their bindings, and say whether anything is told.

    Args:
        source: the labels.
        schema: what declares the entity types.
        before: what stands before the labels in their column.
    """
    column = before + source
    found = sound_labels(column, len(before), len(column), schema)
    if found is None:
        return False
    items = found.value().items
    all_sites = sites(((("result", number), item) for number, item in enumerate(items)), schema)
    bindings = [bind(one.instance, one.entity_type, one.trail) for one in all_sites if one.entity_type is not None]
    assert len(bindings) == len(all_sites)
    assert all(isinstance(one, Instance) for one in items)
    assert all(one.is_whole for one in bindings)
    assert not [one for binding in bindings for bound in binding.bound for one in attribute_violations(bound, schema)]
    assert found.used == {one.instance.class_name for one in all_sites}
    assert set(found.texts) == {*map(literal, filling_constants(bindings, schema))} - {None}
    assert found.canonical_texts == tuple(canonical_text(item, schema) for item in items)
    return True


def labels_of(items: Sequence[Value]) -> str:
    """Write labels; there is no way to write an empty set."""
    try:
        return render_labels(items)
    except ValueError:
        reject()


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(made=annotated(), before=st.sampled_from(["", "x = 1\n"]))
def test_what_is_told_is_what_bindings_say(made: tuple[Schema, list[Instance]], before: str) -> None:
    schema, items = made
    agree(labels_of(items), schema, before)


@given(schema=filled_schemas(), data=st.data())
def test_of_any_values_no_more_is_told_than_is_so(schema: Schema, data: st.DataObject) -> None:
    names = [one.name for one in schema.entity_types]
    agree(labels_of([data.draw(values(names, ("mention", "role", "r"), ("Role.WRITER",)))]), schema)


GUIDELINES = '''class Role(Enum):
    WRITER = "writer"
    COOK = "cook"


@dataclass
class Thing:
    """A thing."""

    mention: str


@dataclass
class Person(Thing):
    """A person."""

    role: Literal["cook", "writer", None] = None
    friends: list["Person"] = field(default_factory=list)
    years: list[int] = None
    seen: set[str] = None
    age: int = 7
    height: float = 0.0
    alive: bool = True
    job: Role = None
    likes: List[Literal["tea", "rum"]] = None
    names: Optional[List[str]] = None
    owns: Optional[Thing] = None
    other: Any = None
    title: str = "Dr"
    drawn: list[list[str]] = None
    either: Union[int, str] = None


@dataclass
class Place(Entity):
    """A place."""

    mention: str
    part_of: Entity = None
'''
SCHEMA = parse_guideline(GUIDELINES).schema

# Labels of which all is told, each with the texts that have to stand in a document.
TOLD: dict[str, list[str]] = {
    "[]": [],
    "\n[ ]\n \n": [],
    "result = []": [],
    '[Person(mention="Ada", role="cook")]': ["Ada"],
    '[Person(role=None, friends=[], years=[7, 7], mention="Ada")]': ["7", "Ada"],
    '[Person(mention="Ada", friends=[Person(mention="Bob"), Person(mention="Ada",)])]': ["Ada", "Bob"],
    "[Person(mention='a', age=7, height=1)]": ["a", "7", "1"],
    "[Person(mention='a', age=-0, height=-0.0, alive=True)]": ["a", "0", "-0.0"],
    "[Person(mention='a', height=1.50, alive=False, title='Dr')]": ["a", "1.5", "Dr"],
    "[Person(mention='a', job=Role.COOK, likes=['tea', 'rum'])]": ["a"],
    "[Person(mention='a', names=['x', \"y\" ,\n'x',\n ], likes=[])]": ["a", "x", "y"],
    "[Person(mention='it\\'s', names=['\\u00e9\\n', '\"'])]": ["it's", "é\n", '"'],
    "[Person(mention='a', owns=Person(mention='b')), Thing(mention='c',),\n]": ["a", "b", "c"],
    "[Person(mention='a', other='x'), Person(mention='a', other=2), Person(mention='a', other=None)]": ["a", "x", "2"],
    "[Person(mention='a', drawn=[['x'], [], ['y', 'z']])]": ["a", "x", "y", "z"],
    "[Place(mention='a', part_of=Place(mention='b'))]": ["a", "b"],
    "[Person(mention='')]": [""],
}
# Labels of which nothing is told, since something is wrong, or may be.
UNTOLD = [
    '[Person("Ada")]',
    "[Person()]",
    "[1]",
    "['a']",
    "[[]]",
    "[['a']]",
    "[Nobody()]",
    "[Role('writer')]",
    "[Person(mention=1)]",
    "[Person(mention=None)]",
    "[Person(mention=['a'])]",
    "[Person(mention=True)]",
    "[Person(mention=Person(mention='a'))]",
    "[Person(mention='a', role='queen')]",
    "[Person(mention='a', role=1)]",
    "[Person(mention='a', born=1)]",
    "[Person(mention='a', mention='a')]",
    "[Person(mention='a', age=7, age=7)]",
    "[Person(mention='a', friends=[Person(mention=1)])]",
    "[Person(mention='a', friends=[Nobody()])]",
    "[Person(mention='a', friends=[Thing(mention='a')])]",
    "[Person(mention='a', friends=['a'])]",
    "[Person(mention='a', friends=Person(mention='a'))]",
    "[Person(mention='a', owns=Place(mention='a'))]",
    "[Place(mention='a', part_of=Thing(mention='a'))]",
    "[Person(mention='a', seen={'x'})]",
    "[Person(mention='a', seen=['x'])]",
    "[Person(mention='a', years=['x'])]",
    "[Person(mention='a', years=[1.0])]",
    "[Person(mention='a', years=[None])]",
    "[Person(mention='a', age=1.0)]",
    "[Person(mention='a', age=True)]",
    "[Person(mention='a', alive=1)]",
    "[Person(mention='a', job=Role.KING)]",
    "[Person(mention='a', job=Other.COOK)]",
    "[Person(mention='a', job='cook')]",
    "[Person(mention='a', likes=['tea', 'gin'])]",
    "[Person(mention='a', names=[1])]",
    "[Person(mention='a', either=1)]",
    "[Person(mention='a'",
    "[Person(mention='a']",
    "[Person(mention='a')",
    "[Person(mention='a'),,]",
    "[,]",
    "[Person(,mention='a')]",
    "[Person(mention='a') Person(mention='a')]",
    "[Person(mention='a')],",
    "[Person(mention='a')]]",
    "[Person(mention='a')] x",
    "[Person(mention='a')][0]",
    "[][]",
    "[] []",
    "[x=Person(mention='a')]",
    "[Person(mention='a', names=['x' 'y'])]",
    "[Person(mention='a', names=['x',,'y'])]",
    "[Person(mention='a', names=[,'y'])]",
    "[Person(mention='a', names=['x', y='z'])]",
    "[Person(mention='a', names=['x'], )",
    "[Person(mention='a' # x\n)]",
    "[Person(mention='\\N{BULLET}')]",
    "[Person(mention='\\ud83d')]",
    "(Person(mention='a'),)",
    "Person(mention='a')",
    "",
]


@pytest.mark.parametrize("labels", TOLD)
def test_of_labels_in_which_nothing_is_wrong_all_is_told(labels: str) -> None:
    found = sound_labels(labels, 0, len(labels), SCHEMA)
    assert found is not None
    assert list(found.texts) == TOLD[labels]
    assert agree(labels, SCHEMA)


@pytest.mark.parametrize("labels", UNTOLD)
def test_of_others_nothing_is_told(labels: str) -> None:
    assert sound_labels(labels, 0, len(labels), SCHEMA) is None


Read = Callable[[str, int, int, Schema], object]


def nested(depth: int, innermost: str = "") -> str:
    """Write calls in calls, as deep as that with the list around them."""
    inner = f"Person(mention='a'{innermost})"
    for _ in range(depth - 2):
        inner = f"Person(mention='a', owns={inner})"
    return f"[{inner}]"


def test_only_what_the_interpreter_reads_is_told() -> None:
    for depth in range(DEPTH_LIMIT - 2, DEPTH_LIMIT + 4):
        for innermost in ("", ", names=['x']", ", names=[]", ", drawn=[[]]", ", drawn=[['x']]"):
            agree(nested(depth, innermost), SCHEMA)
    assert agree(nested(DEPTH_LIMIT), SCHEMA)
    assert not agree(nested(DEPTH_LIMIT + 2), SCHEMA)
    thing = "Thing(mention='a'),"
    assert agree(f"[{thing * 900}]", SCHEMA)
    assert not agree(f"[{thing * 1_100}]", SCHEMA)


@pytest.mark.parametrize("read", [sound_labels, plain_labels])
@pytest.mark.parametrize(
    ("before", "piece", "behind"),
    [
        ('[Person(mention="', '\\"', ""),
        ("[Person(mention='", "\\\\", ""),
        ("[", "a", ""),
        ("[Person(mention=", "a", ""),
        ("[", "a.", ""),
        ("[", "[", ""),
        ("[", "Person(owns=", ""),
        ("[", " ", ""),
        ("[]", "\n", ""),
        ("[]", " ", "x"),
        ("[Person(mention='a')]", " ", ""),
        ("[Person(mention='a',", "\n", ")]"),
        ("[Person(mention='a', names=['a'", " ", ""),
        ("[Person(mention='a', names=['a'", ",'a'", ""),
        ("[Person(mention='a', names=['a'", " , 'a'", ", 1])]"),
        ("[Person(mention='a', drawn=[", "['a'],", "1])]"),
        ("[Person(mention='a', drawn=[", "['a' ", ""),
        ("[Person(mention='a', age=", "1", ""),
        ("[Person(mention='a', age=", "-", ""),
        ("[Person(mention", " ", "='a')]"),
        ("[", "Thing(mention='a'),", "]"),
    ],
)
def test_long_labels_take_linear_time(read: Read, before: str, piece: str, behind: str) -> None:
    def run(size: int) -> None:
        source = before + piece * (size // len(piece)) + behind
        read(source, 0, len(source), SCHEMA)

    assert_linear(run, 2_400)


def test_names_that_nobody_can_write_lack() -> None:
    """A schema may be made by hand; Python has no such class or argument."""
    schema = Schema.of(
        [EntityType(name="None"), EntityType(name="A", attributes=(Attribute(name="is", type=TextType()),))]
    )
    for labels in ("[None()]", "[A(is='a')]", "[A()]"):
        assert sound_labels(labels, 0, len(labels), schema) is None


# Mutants

MORE_PIECES = [
    *PIECES, "Person", "Thing", "Place", "Role.COOK", "Role.KING", "Thing(", "Person(mention='a')",
    "Thing(mention='b'),", "friends=[", "names=[", "names=", "owns=", "mention=", "title='Dr', ", "age=1,", ", age=1",
    "'a'", "'tea'", "[]", "]",
]  # fmt: skip


def mutants(count: int, seed: int) -> Iterator[str]:
    """Change what all is told of at a few places."""
    chance = random.Random(seed)
    for source in itertools.islice(itertools.cycle(TOLD), count):
        yield mutant(source, chance, MORE_PIECES)


def fuzz(count: int, seed: int) -> float:
    """Hold mutants to their bindings, and give the share of which something is told."""
    return sum(agree(one, SCHEMA) for one in mutants(count, seed)) / count


def test_mutants_agree() -> None:
    assert fuzz(2_000, random.randrange(10**9)) > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_many_mutants_agree(seed: int) -> None:
    assert fuzz(10_000, seed) > 0.05


# What a careless hand might write, and what is told then that is not so.
SABOTAGES: dict[str, tuple[str, object]] = {
    "no depth is too deep": ("DEPTH_LIMIT", 1000),
    "any class may stand anywhere": (
        "_of_call",
        lambda name, _slot, schema: module._constructor(schema.entity_type(name)),
    ),
    "any member is one": ("_member", lambda written, _slot, _schema: written),
    "no default is told": ("_default", lambda _: ""),
    "None may be anything": ("_attribute_slot", lambda one: module._slot(one.type)._replace(none=True)),
}
for _name, (_old, _new) in {
    "what is not covered is passed over": ("| (.+)", "| (?!)()"),
    "any white space is passed over": (r"[ \n]*+", r"\s*+"),
    "commas may be left out": (r"(,|[)\]]", r"(,?|[)\]]"),
}.items():
    assert _old in module._TOKEN.pattern, _name
    SABOTAGES[_name] = ("_TOKEN", re.compile(module._TOKEN.pattern.replace(_old, _new), module._TOKEN.flags))


@pytest.mark.parametrize("name", SABOTAGES)
def test_the_examples_and_mutants_see_a_fault(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, *SABOTAGES[name])
    # What is remembered of the other schema is right.
    schema = parse_guideline(GUIDELINES).schema
    deep = [nested(DEPTH_LIMIT + 2), nested(DEPTH_LIMIT, ", names=['x']")]

    def agrees(source: str) -> bool:
        try:
            told = agree(source, schema)
        except (AssertionError, AttributeError, IndexError, LookupError, TypeError, ValueError):
            return False
        return told or source not in TOLD

    assert not all(agrees(one) for one in (*TOLD, *UNTOLD, *deep, *mutants(5_000, 0)))


def rows() -> Iterator[list[Row]]:
    """Give datasets of every kind."""
    for path in sorted((ROOT / "fixtures").glob("*/**/*.jsonl")):
        yield list(read_dataset(path))
    made = (one.columns() for one in corpus.rows(3, 120))
    yield [
        Row("rows.jsonl", Record(guidelines=one["guidelines"], labels=one["labels"], document=one["document"]), None)
        for one in made
    ]


def test_rules_find_the_same_without(monkeypatch: pytest.MonkeyPatch) -> None:
    told = 0
    with Validator() as validator:
        for some in rows():
            found = list(validator.check_rows(some))
            subjects = [subject for _, subject, _ in validator.read_rows(some)]
            told += sum(subject.sound is not None for subject in subjects if subject.execution is not None)
            with monkeypatch.context() as patched:
                patched.setattr(Subject, "sound", None)
                assert list(validator.check_rows(some)) == found
    assert told > 150
