"""Sound labels: what is told in one pass is what bindings and leaf values say; of what is wrong nothing is told."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import corpus
from guidex_schema.binding import bind, sites
from guidex_schema.canonical import canonical_text
from guidex_schema.conformance import attribute_violations
from guidex_schema.datasets import Row, read_dataset
from guidex_schema.execution import execute
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
from guidex_schema.leaf import filling_constants, literal
from guidex_schema.schema import (
    AttributeType,
    BooleanType,
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
from guidex_schema.sound_labels import sound_labels
from guidex_schema.subject import Subject
from guidex_schema.text import Span
from guidex_schema.validation import Validator
from guidex_schema.worker import Worker
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
def annotated(draw: st.DrawFn) -> tuple[Schema, Mapping[int, Value]]:
    schema = draw(filled_schemas())
    names = st.sampled_from([one.name for one in schema.entity_types])
    items = [draw(called(schema, draw(names))) for _ in range(draw(st.integers(0, 3)))]
    return schema, dict(enumerate(items))


def agree(items: Mapping[int, Value], schema: Schema) -> bool:
    """Hold what is told of labels to their bindings, and say whether anything is told."""
    found = sound_labels(items, schema)
    if found is None:
        return False
    all_sites = sites(((("result", number), item) for number, item in items.items()), schema)
    bindings = [bind(one.instance, one.entity_type, one.trail) for one in all_sites if one.entity_type is not None]
    assert len(bindings) == len(all_sites)
    assert all(one.is_whole for one in bindings)
    assert not [one for binding in bindings for bound in binding.bound for one in attribute_violations(bound, schema)]
    assert found.used == {one.instance.class_name for one in all_sites}
    assert set(found.texts) == {*map(literal, filling_constants(bindings, schema))} - {None}
    assert dict(found.canonical_texts) == {number: canonical_text(item, schema) for number, item in items.items()}
    return True


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(made=annotated())
def test_what_is_told_is_what_bindings_say(made: tuple[Schema, Mapping[int, Value]]) -> None:
    schema, items = made
    agree(items, schema)


@given(schema=filled_schemas(), data=st.data())
def test_of_any_values_no_more_is_told_than_is_so(schema: Schema, data: st.DataObject) -> None:
    names = [one.name for one in schema.entity_types]
    agree({0: data.draw(values(names, ("mention", "role", "r"), ("Role.WRITER",)))}, schema)


GUIDELINES = '''@dataclass
class Person(Entity):
    """A person."""

    mention: str
    role: Literal["cook", "writer"] = None
    friends: list["Person"] = field(default_factory=list)
    years: list[int] = None
    seen: set[str] = None
'''
SCHEMA = parse_guideline(GUIDELINES).schema


@pytest.mark.parametrize(
    ("labels", "texts"),
    [
        ("[]", []),
        ('[Person(mention="Ada", role="cook")]', ["Ada"]),
        ('[Person(role=None, friends=[], years=[7, 7], mention="Ada")]', ["7", "Ada"]),
        ('[Person(mention="Ada", friends=[Person(mention="Bob"), Person(mention="Ada")])]', ["Ada", "Bob"]),
        ('[Person("Ada")]', None),
        ("[Person()]", None),
        ("[1]", None),
        ("[Nobody()]", None),
        ("[Person(mention=1)]", None),
        ('[Person(mention="Ada", role="queen")]', None),
        ('[Person(mention="Ada", born=1)]', None),
        ('[Person(mention="Ada", friends=[Person(mention=1)])]', None),
        ('[Person(mention="Ada", friends=[Nobody()])]', None),
        ('[Person(mention="Ada", seen={"x"})]', None),
    ],
)
def test_labels_are_sound_where_nothing_is_wrong(labels: str, texts: list[str] | None, worker: Worker) -> None:
    execution = execute(Record(guidelines=GUIDELINES, labels=labels), SCHEMA, worker)
    found = sound_labels(execution.items, SCHEMA)
    assert (None if found is None else list(found.texts)) == texts
    assert agree(execution.items, SCHEMA) is (found is not None)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as one:
        yield one


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
            told += sum(subject._sound is not None for subject in subjects if subject.execution is not None)
            with monkeypatch.context() as patched:
                patched.setattr(Subject, "_sound", None)
                assert list(validator.check_rows(some)) == found
    assert told > 150
