"""Grammars: every sentence that random logits write under one is a list in which a check finds no error."""

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from command import Folder
from decoding import BYTES, PIECES, Vocabulary, accepts, decoded, json_matcher, matcher
from guidex_schema.diagnostic import Diagnostic, Severity
from guidex_schema.error import UsageError
from guidex_schema.generation.grammar import (
    DOCUMENT_LIMITS,
    Bounds,
    ebnf,
    fitting,
    lark,
    longest,
    structure_schema,
)
from guidex_schema.generation.grammar.passage import Passage, passages
from guidex_schema.grounding import GroundedDocument
from guidex_schema.guideline import parse_guideline
from guidex_schema.instance import Record
from guidex_schema.rendering import render_guideline
from guidex_schema.schema import Attribute, AttributeType, EntityType, ListType, Schema, TextType
from guidex_schema.sentence import is_several
from guidex_schema.validation import Validator
from labelled_strategies import documents, filled_schemas
from strategies import schemas

ROOT = Path(__file__).parent.parent
ROWS = ROOT.parent / "shared" / "data" / "guidex" / "rows.jsonl"
SMALL = Bounds(instances=4, items=3, depth=2, span_characters=60, abstractive_characters=30)
PATTERNS = ("*.r*", "Person.parts", "[!P]*.mention")


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as one:
        yield one


@pytest.fixture(scope="module")
def lenient() -> Iterator[Validator]:
    with Validator(abstractive=PATTERNS) as one:
        yield one


def errors(validator: Validator, guidelines: str, labels: str, document: str | None) -> list[Diagnostic]:
    """Give the errors of labels; what is wrong with guidelines is not the grammar's to say."""
    found = validator.validate(Record(guidelines=guidelines, labels=labels, document=document))
    return [one for one in found.diagnostics if one.severity is Severity.ERROR and one.part == "labels"]


def require_valid(validator: Validator, guidelines: str, document: str | None, written: list[str]) -> None:
    for labels in written:
        assert not errors(validator, guidelines, labels, document), labels


def lists(grammar: str, vocabulary: Vocabulary, seed: int, count: int = 3) -> list[str]:
    """Write some lists; one that goes on for thousands of tokens is left out."""
    start, chance = matcher(grammar, vocabulary), random.Random(seed)
    return [labels for _ in range(count) if (labels := decoded(start, vocabulary, chance)) is not None]


vocabularies = st.sampled_from([BYTES, PIECES])
seeds = st.integers(0, 2**32)


@given(filled_schemas(), documents, vocabularies, seeds)
def test_lists_have_no_error(
    validator: Validator, schema: Schema, document: str, vocabulary: Vocabulary, seed: int
) -> None:
    written = lists(lark(schema, document, SMALL), vocabulary, seed)
    require_valid(validator, render_guideline(schema), document, written)


@pytest.mark.slow
def test_two_thousand_lists_have_no_error(validator: Validator) -> None:
    count = instances = 0

    @settings(
        max_examples=1000,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(filled_schemas(), documents, vocabularies, seeds)
    def write(schema: Schema, document: str, vocabulary: Vocabulary, seed: int) -> None:
        nonlocal count, instances
        written = lists(lark(schema, document, SMALL), vocabulary, seed)
        guidelines = render_guideline(schema)
        require_valid(validator, guidelines, document, written)
        count += len(written)
        instances += sum(
            len(validator.validate(Record(guidelines=guidelines, labels=one)).instances) for one in written
        )

    write()
    assert count >= 2000
    assert instances >= 2000


@settings(max_examples=20)
@given(schemas(), documents, vocabularies, seeds)
def test_lists_over_the_oddest_schemas_have_no_error(
    validator: Validator, schema: Schema, document: str, vocabulary: Vocabulary, seed: int
) -> None:
    written = lists(lark(schema, document, SMALL), vocabulary, seed)
    require_valid(validator, render_guideline(schema), document, written)


@settings(max_examples=20)
@given(filled_schemas(), st.none() | documents, vocabularies, seeds)
def test_free_texts_have_no_error(
    lenient: Validator, schema: Schema, document: str | None, vocabulary: Vocabulary, seed: int
) -> None:
    written = lists(lark(schema, document, SMALL, PATTERNS), vocabulary, seed)
    require_valid(lenient, render_guideline(schema), document, written)


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures" / "guidelines").glob("*.py")), ids=lambda path: path.stem)
def test_lists_over_hand_written_guidelines_have_no_error(validator: Validator, path: Path) -> None:
    guidelines = path.read_text(encoding="utf-8")
    schema = parse_guideline(guidelines).schema
    for number, text in enumerate(sorted((ROOT / "fixtures" / "documents").glob("*.txt"))[::8]):
        document = text.read_text(encoding="utf-8")
        require_valid(validator, guidelines, document, lists(lark(schema, document, SMALL), PIECES, number, 1))


@pytest.mark.skipif(not ROWS.exists(), reason="the real rows stand beside a checkout only, in shared/data")
def test_lists_over_real_rows_have_no_error(validator: Validator) -> None:
    for number, line in enumerate(ROWS.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        guidelines = row["text"].partition("\n\n# This is the text to analyze\n")[0]
        schema = parse_guideline(guidelines).schema
        document = row["unlabelled_sentence"]
        written = lists(lark(schema, document, SMALL), PIECES, number, 10)
        require_valid(validator, guidelines, document, written)
        assert any(labels != "[]" for labels in written)


def values(passage: Passage) -> Iterator[str]:
    for start, end in itertools.combinations(range(len(passage) + 1), 2):
        first, *others = passage[start:end]
        yield first.token + "".join(piece.gap + piece.token for piece in others)


@given(documents, st.integers(1, 60))
def test_every_span_is_exact_and_short_and_within_a_sentence(document: str, most: int) -> None:
    grounded = GroundedDocument(document)
    for passage in passages(grounded, most):
        for value in values(passage):
            assert grounded.ground(value).status == "exact", value
            assert len(value) <= most
            assert not is_several(value)


@given(st.lists(st.sampled_from('Ada\'s 12 of U.S. 1990-95 静脉注射 naïve (x) e-mail "so" C:\\n'.split()), min_size=1))
def test_every_token_of_a_sentence_is_a_span(tokens: list[str]) -> None:
    document = " ".join(tokens)
    found = {value for passage in passages(GroundedDocument(document), 60) for value in values(passage)}
    assert found.issuperset(tokens)


@given(documents)
def test_every_number_stands_in_the_document(document: str) -> None:
    grounded = GroundedDocument(document)
    for number in grounded.numbers():
        assert grounded.ground(number).status != "absent", number
        assert not isinstance(number, float) or not number.is_integer()


@pytest.mark.parametrize(
    ("document", "numbers"),
    [
        ("In 1838 came 1,838 of 3.5 kg, 2.50 each.", [1838, 3.5, 2.5]),
        ("thirty-two of two million", [32, 2_000_000]),
        ("−5 °C, -4.5 and 1990-95", [-5, -4.5, 1990, 95, 1995]),
        ("agent 007, version 1.5.2, 3d", []),
        ("5 May 1843", [5, 1843]),
        ("一八三八年 1億2000万", [1838, 120_000_000]),
        ("9" * 400 + " 99999999999999999999", [99999999999999999999]),
    ],
)
def test_numbers_are_read_as_they_are_found(document: str, numbers: list[float]) -> None:
    assert set(GroundedDocument(document).numbers()) == set(numbers)


GUIDELINES = '''from dataclasses import dataclass
from enum import Enum
from typing import Dict, List, Literal, Optional, Set, Tuple, Union

class Role(Enum):
    """A part."""
    WRITER = "writer"
    COOK = "cook"

@dataclass
class Entity:
    """A thing."""
    mention: str

@dataclass
class Person(Entity):
    """A person."""
    mention: str
    role: Role = Role.COOK
    born: Optional[int] = None
    size: Literal["small", 'l"', 1] = "small"
    friends: List["Person"] = None
    pair: Tuple[int, str] = None
    names: Dict[str, List[str]] = None
    traits: Set[Literal["a", "b", "c"]] = None
    weight: Union[float, bool, None] = None

@dataclass
class Measure:
    """A measure."""
    amount: int
    of: Entity = None

@dataclass
class Endless:
    """It needs another one."""
    more: "Endless"

@dataclass
class Reading:
    """It needs a measure."""
    measure: Measure
'''
SCHEMA = parse_guideline(GUIDELINES).schema
DOCUMENT = (
    'Ada Lovelace’s "Sketch" (C:\\notes) of 1843 was 2.5 pages; 静脉注射した。\nBob won’t, caf&eacute; 👩\u200d🚀.'
)


@pytest.mark.parametrize(
    "labels",
    [
        "[]",
        '[Entity(mention="Ada")]',
        '[Person(mention="Ada Lovelace"), Person(mention="Bob", role=Role.WRITER, born=1843, size=1)]',
        '[Person(mention="Lovelace’s \\"Sketch\\"", size="l\\"", weight=2.5)]',
        '[Person(mention="C:\\\\notes", weight=True), Person(mention="Ada", weight=1843)]',
        '[Person(mention="静脉"), Person(mention="注射"), Person(mention="静脉注射した")]',
        '[Person(mention="caf&eacute; 👩\u200d🚀", friends=[Person(mention="Bob", friends=[])], pair=(1843, "Bob"))]',
        '[Person(mention="Ada", names={"Bob": ["Ada", "Bob"]}, traits={"a", "c"})]',
        '[Person(mention="Ada", friends=None, names={}, traits=None, weight=None)]',
        '[Measure(amount=1843, of=Person(mention="Ada")), Reading(measure=Measure(amount=1843))]',
    ],
)
def test_good_lists_are_sentences(validator: Validator, labels: str) -> None:
    assert not errors(validator, GUIDELINES, labels, DOCUMENT)
    assert accepts(matcher(lark(SCHEMA, DOCUMENT)), labels)


@pytest.mark.parametrize(
    "labels",
    [
        "",
        "[",
        '[Person(mention="Bob", mention="Ada")]',
        '[Person("Ada")]',
        '[Person(role=Role.COOK, mention="Ada")]',
        '[Person(mention="Lovelac")]',
        '[Person(mention=" Lovelace")]',
        '[Person(mention="Ada ")]',
        '[Person(mention="した。\\nBob")]',
        '[Person(mention="")]',
        '[Person(mention="Ada", born=2.5)]',
        '[Person(mention="Ada", born=18)]',
        '[Person(mention="Ada", born=None, role=Role.COOK)]',
        '[Person(mention="Ada", traits={})]',
        '[Person(mention="Ada", traits={"a", "a"})]',
        '[Person(mention="Ada", size="large")]',
        "[Endless(more=Endless())]",
        "[Measure(amount=1843, of=Measure(amount=1843))]",
        '[Person(mention="Ada"), ]',
    ],
)
def test_other_lists_are_none(labels: str) -> None:
    assert not accepts(matcher(lark(SCHEMA, DOCUMENT)), labels)


def test_what_cannot_be_grounded_is_left_out_with_all_that_needs_it() -> None:
    grammar = lark(SCHEMA, "Ada and Bob.")
    assert '"Person("' in grammar
    for name in ("Measure", "Reading", "Endless"):
        assert f'"{name}("' not in grammar
    assert lark(SCHEMA, "") == lark(SCHEMA, " \n\u200b") == 'start: "[" "]"\n'


def test_recursion_ends_at_the_depth() -> None:
    def nested(levels: int) -> str:
        return 'Person(mention="Ada"' + (f", friends=[{nested(levels - 1)}])" if levels > 1 else ")")

    start = matcher(lark(SCHEMA, DOCUMENT, Bounds(depth=3)))
    assert accepts(start, f"[{nested(3)}]")
    assert not accepts(start, f"[{nested(4)}]")
    # Labels nest no deeper than 24 levels, of which a list of friends is one, and the names of the last two.
    deep = matcher(lark(SCHEMA, DOCUMENT, Bounds(depth=40)))
    assert accepts(deep, f"[{nested(11)}]")
    assert not accepts(deep, f"[{nested(12)}]")


def test_a_type_that_nests_deep_makes_no_long_grammar() -> None:
    nested: AttributeType = TextType()
    for _ in range(18):
        nested = ListType(of=nested)
    schema = Schema.of([EntityType(name="X", attributes=(Attribute(name="a", type=nested),))])
    grammar = lark(schema, DOCUMENT)
    assert len(grammar) < 5000
    assert accepts(matcher(grammar), f'[X(a={"[" * 18}"Ada"{"]" * 18}), X(a=[[]])]')


def test_lists_and_values_end_at_their_bounds() -> None:
    bounds = Bounds(instances=2, items=2, span_characters=12)
    start = matcher(lark(SCHEMA, DOCUMENT, bounds))
    one = 'Person(mention="Ada")'
    assert accepts(start, f"[{one}, {one}]")
    assert not accepts(start, f"[{one}, {one}, {one}]")
    assert not accepts(start, f'[Person(mention="Ada", friends=[{one}, {one}, {one}])]')
    assert accepts(start, '[Person(mention="Ada Lovelace")]')
    assert not accepts(start, '[Person(mention="Ada Lovelace’s")]')


@settings(max_examples=15)
@given(filled_schemas(), documents, vocabularies, seeds)
def test_no_list_is_longer_than_the_longest(schema: Schema, document: str, vocabulary: Vocabulary, seed: int) -> None:
    bound = longest(schema, document, SMALL)
    assert all(len(labels.encode()) <= bound for labels in lists(lark(schema, document, SMALL), vocabulary, seed))


@settings(max_examples=30)
@given(filled_schemas(), documents, st.integers(1, 3000))
def test_bounds_can_be_made_to_fit(schema: Schema, document: str, tokens: int) -> None:
    try:
        found = fitting(schema, document, tokens)
    except UsageError:
        least = Bounds(instances=1, items=1, depth=1, span_characters=25, abstractive_characters=25)
        assert longest(schema, document, least) > tokens
    else:
        assert longest(schema, document, found) <= tokens


def test_a_document_that_is_too_long_is_refused() -> None:
    for write, limit in ((lark, DOCUMENT_LIMITS["lark"]), (ebnf, DOCUMENT_LIMITS["ebnf"])):
        with pytest.raises(UsageError, match=r"too long for a grammar .* cut it into windows"):
            write(SCHEMA, "a" * (limit + 1))


def test_a_pattern_that_names_no_attribute_is_refused() -> None:
    with pytest.raises(UsageError, match="names no attribute"):
        lark(SCHEMA, DOCUMENT, abstractive=("role",))


@pytest.mark.parametrize("bounds", [SMALL, Bounds()])
def test_structures_are_objects_within_their_bounds(bounds: Bounds) -> None:
    from jsonschema import Draft202012Validator

    schema = structure_schema(bounds)
    Draft202012Validator.check_schema(schema)
    checked = Draft202012Validator(schema)
    assert not checked.is_valid({})
    assert not checked.is_valid({"a": {}})
    assert not checked.is_valid(["a"])
    assert not checked.is_valid({"a": "b" * (bounds.span_characters + 1)})
    assert checked.is_valid({"work": {"title": "Notes", "year": 1843}, "people": [{"name": "Ada"}], "of": ["x"]})
    start, chance = json_matcher(schema), random.Random(1)
    found = [text for _ in range(10) if (text := decoded(start, PIECES, chance)) is not None]
    assert found
    assert all(checked.is_valid(json.loads(text)) for text in found)


def test_the_command_writes_grammars(folder: Folder) -> None:
    folder.write("guidelines.py", GUIDELINES)
    folder.write("document.txt", DOCUMENT)
    folder.write("guidex.toml", 'abstractive = ["Person.mention"]\n[generation]\ninstances = 3\n')
    done = folder.run("schema", "guidelines.py", "--to", "lark", "--document", "document.txt")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == lark(SCHEMA, DOCUMENT, Bounds(instances=3), ("Person.mention",))
    done = folder.run("schema", "guidelines.py", "--to", "ebnf", "--document", "-", stdin="Ada")
    assert done.stdout == ebnf(SCHEMA, "Ada", Bounds(instances=3), ("Person.mention",))
    done = folder.run("schema", "guidelines.py", "--to", "ebnf")
    assert "text300" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["guidelines.py", "--document", "document.txt"], "--document belongs to a grammar: --to lark or --to ebnf"),
        (["guidelines.py", "--to", "lark", "--document", "nope"], "nope cannot be read: No such file or directory"),
        (["guidelines.py", "--to", "lark", "--document", "binary"], "binary: the file is no text"),
        (["guidelines.py", "--to", "ebnf", "--document", "long"], "too long for a grammar in ebnf"),
        (["-", "--to", "ebnf", "--document", "-"], "cannot both be standard input"),
    ],
)
def test_the_command_says_what_is_wrong(folder: Folder, arguments: list[str], message: str) -> None:
    folder.write("guidelines.py", GUIDELINES)
    folder.write("document.txt", DOCUMENT)
    folder.write("binary", "a\0b")
    folder.write("long", "word " * 3000)
    done = folder.run("schema", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""
