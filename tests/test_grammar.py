"""Grammars: every sentence that random logits write under one is a list in which a check finds no error.

The grammars here are in Lark; those in EBNF are tried in engine/test_xgrammar.py, where xgrammar can be installed.
"""

import itertools
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scripted
from command import Folder
from decoding import BYTES, PIECES, Vocabulary, accepts, decoded, json_matcher, matcher
from guidex_schema.diagnostic import Diagnostic, Severity
from guidex_schema.error import UsageError
from guidex_schema.generation.engine import Completion, Failure, Request
from guidex_schema.generation.grammar import (
    DOCUMENT_LIMITS,
    Bounds,
    ebnf,
    fitting,
    lark,
    longest,
    omitted,
    structure_schema,
)
from guidex_schema.generation.grammar.nesting import groups
from guidex_schema.generation.grammar.passage import Passage, passages
from guidex_schema.generation.outcome import Rejected
from guidex_schema.grounding import GroundedDocument
from guidex_schema.guideline import parse_guideline
from guidex_schema.instance import Record
from guidex_schema.rendering import render_guideline
from guidex_schema.schema import Attribute, AttributeType, EntityType, ListType, ReferenceType, Schema, TextType
from guidex_schema.sentence import is_several
from guidex_schema.validation import Validation, Validator
from guidex_schema.worker import Worker
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


def errors(found: Validation) -> list[Diagnostic]:
    """Give the errors of labels; what is wrong with guidelines is not the grammar's to say."""
    return [one for one in found.diagnostics if one.severity is Severity.ERROR and one.part == "labels"]


def require_valid(validator: Validator, guidelines: str, document: str | None, written: list[str]) -> None:
    for labels in written:
        found = validator.validate(Record(guidelines=guidelines, labels=labels, document=document))
        assert not errors(found), labels


def lists(grammar: str, vocabulary: Vocabulary, seed: int, count: int = 3) -> list[str]:
    """Write some lists; one that goes on for thousands of tokens is left out."""
    start, chance = matcher(grammar, vocabulary), random.Random(seed)
    return [labels for _ in range(count) if (labels := decoded(start, vocabulary, chance)) is not None]


vocabularies = st.sampled_from([BYTES, PIECES])
seeds = st.integers(0, 2**32)


def require_lists(validator: Validator, examples: int, each: int) -> tuple[int, int]:
    """Write lists over made-up schemas and documents, and give how many there were and how many instances they held."""
    count = instances = 0

    @settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(filled_schemas(), documents, vocabularies, seeds)
    def write(schema: Schema, document: str, vocabulary: Vocabulary, seed: int) -> None:
        nonlocal count, instances
        guidelines = render_guideline(schema)
        written = lists(lark(schema, document, SMALL), vocabulary, seed, each)
        for labels in written:
            found = validator.validate(Record(guidelines=guidelines, labels=labels, document=document))
            assert not errors(found), labels
            instances += len(found.instances)
        count += len(written)

    write()
    return count, instances


def test_two_thousand_lists_have_no_error(validator: Validator) -> None:
    assert min(require_lists(validator, 140, 16)) >= 2000


@pytest.mark.slow
def test_lists_over_a_thousand_schemas_have_no_error(validator: Validator) -> None:
    assert min(require_lists(validator, 1000, 3)) >= 2000


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
        ("9" * 30 + " of 1,234,567,890,123,456,789,012,345,678,901", [int("9" * 30)]),
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
REPORTS = """from dataclasses import dataclass
from typing import List, Optional

@dataclass
class Person:
    name: str

@dataclass
class Participant:
    person: Person
    role: Optional[str] = None

@dataclass
class Battle:
    place: str
    participants: List[Participant]

@dataclass
class Report:
    battles: List[Battle]
"""
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
    require_valid(validator, GUIDELINES, DOCUMENT, [labels])
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


@pytest.mark.parametrize(
    ("guidelines", "document", "reasons"),
    [
        (GUIDELINES, "Ada and Bob.", [
            "`Measure.amount` needs an integer, and the document has none",
            "`Endless.more` needs an instance of `Endless`, and none can be written",
            "`Reading.measure` needs an instance of `Measure`, and none can be written",
        ]),
        ("@dataclass\nclass A:\n    size: float\n", "Ada", ["`A.size` needs a number, and the document has none"]),
        ("@dataclass\nclass A:\n    name: str\n", " \n", ["`A.name` needs a piece of the document, which has none"]),
        ("@dataclass\nclass A:\n    _name: str\n", "Ada", ["`A._name` has a name that labels cannot use"]),
        ("@dataclass\nclass _A:\n    name: str\n", "Ada", ["`_A` has a name that labels cannot call"]),
        ("@dataclass\nclass A:\n    size: Tuple[int, str]\n", "Ada", [
            "`A.size` needs a value of the type `Tuple[int, str]`, and none can be written"
        ]),
        ("", "Ada", ["no class is declared"]),
        (REPORTS, "Ada", []),
    ],
)  # fmt: skip
def test_what_is_left_out_is_named(guidelines: str, document: str, reasons: list[str]) -> None:
    assert list(omitted(parse_guideline(guidelines).schema, document)) == reasons


@pytest.mark.parametrize("write", [lark, ebnf])
def test_a_list_that_may_not_be_empty_holds_something_or_is_refused(write: Callable[..., str]) -> None:
    number = parse_guideline("@dataclass\nclass A:\n    size: int\n").schema
    with pytest.raises(
        UsageError, match=r"no instance can be written: `A\.size` needs an integer, and the document has"
    ):
        write(number, "Ada", may_be_empty=False)
    with pytest.raises(UsageError, match="no class is declared"):
        write(Schema(), "Ada", may_be_empty=False)
    many = Schema.of([one.model_copy(update={"name": f"A{n}"}) for n in range(9) for one in number.entity_types])
    with pytest.raises(UsageError, match=r"`A4.size` [a-z ,]+; 4 more$"):
        write(many, "Ada", may_be_empty=False)
    assert write(number, "Ada") == write(Schema(), "Ada")


def test_the_empty_list_is_none_where_it_may_not_be() -> None:
    start = matcher(lark(SCHEMA, DOCUMENT, may_be_empty=False))
    assert not accepts(start, "[]")
    assert accepts(start, '[Person(mention="Ada")]')


def test_a_run_gives_up_at_once_where_nothing_can_be_written(tmp_path: Path) -> None:
    guidelines = scripted.GUIDELINES.replace("    name: str", "    age: int")

    def script(request: Request) -> Completion | Failure:
        return scripted.said(guidelines) if request.stage == "guideline" else scripted.good(request)

    engine = scripted.ScriptedEngine(script)
    with Worker() as worker:
        plan = replace(scripted.plan_of(engine, worker, scripted.settings()), dialect="lark")
        _, (found,) = scripted.run(tmp_path, [scripted.document("Ada wrote.")], plan)
    assert isinstance(found, Rejected)
    assert [one.code for one in found.diagnostics] == ["GX612"]
    assert "`Person.age` needs an integer, and the document has none" in found.diagnostics[0].message
    assert [one.stage for one in engine.submitted] == ["summary", "structure", "guideline"]


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


def test_classes_nest_as_deep_as_they_say_whatever_the_depth(validator: Validator) -> None:
    people = ", ".join(f'Participant(person=Person(name="p{number}"))' for number in range(32))
    labels = f'[Report(battles=[Battle(place="Trafalgar", participants=[{people}])])]'
    document = "At Trafalgar fought " + ", ".join(f"p{number}" for number in range(32))
    start = matcher(lark(parse_guideline(REPORTS).schema, document, Bounds(depth=1)))
    require_valid(validator, REPORTS, document, [labels])
    assert accepts(start, labels)


def test_classes_that_need_each_other_can_be_written_at_any_depth() -> None:
    types = [
        EntityType(name="A", attributes=(Attribute(name="b", type=ReferenceType(entity_type="B")),)),
        EntityType(
            name="B",
            attributes=(
                Attribute(name="name", type=TextType()),
                Attribute(name="a", type=ReferenceType(entity_type="A"), required=False, default=None),
            ),
        ),
    ]
    schema = Schema.of(types)
    start = matcher(lark(schema, "Ada", Bounds(depth=1)))
    assert accepts(start, '[A(b=B(name="Ada")), B(name="Ada")]')
    assert not accepts(start, '[B(name="Ada", a=A(b=B(name="Ada")))]')
    assert accepts(matcher(lark(schema, "Ada", Bounds(depth=3))), '[B(name="Ada", a=A(b=B(name="Ada")))]')


@given(st.dictionaries(st.integers(0, 9).map(str), st.sets(st.integers(0, 9).map(str))))
def test_classes_that_hold_each_other_are_grouped_behind_what_they_hold(drawn: dict[str, set[str]]) -> None:
    held = {name: others & drawn.keys() for name, others in drawn.items()}
    reach = {name: {name} for name in held}
    for _ in held:
        reach = {name: seen.union(*(held[one] for one in seen)) for name, seen in reach.items()}
    found = list(groups(held))
    assert sorted(name for group in found for name in group) == sorted(held)
    done: set[str] = set()
    for group in found:
        done.update(group)
        for name in group:
            assert reach[name] <= done
            assert {one for one in reach[name] if name in reach[one]} == set(group)


def test_what_would_nest_too_deep_holds_less() -> None:
    def holding(number: int) -> EntityType:
        inside = ListType(of=ReferenceType(entity_type=f"C{number - 1}"))
        attributes = (Attribute(name="name", type=TextType()), Attribute(name="of", type=inside))
        return EntityType(name=f"C{number}", attributes=attributes if number else attributes[:1])

    schema = Schema.of([holding(number) for number in range(30)])
    start = matcher(lark(schema, "Ada"))
    assert not omitted(schema, "Ada")
    assert accepts(start, '[C29(name="Ada", of=[])]')

    def written(number: int, levels: int) -> str:
        inside = written(number - 1, levels - 1) if levels else ""
        return f'C{number}(name="Ada", of=[{inside}])'

    assert accepts(start, f"[{written(11, 10)}]")


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
def test_bounds_can_be_made_to_fit_and_lose_no_class(schema: Schema, document: str, tokens: int) -> None:
    found = fitting(schema, document, tokens)
    assert omitted(schema, document, found) == omitted(schema, document)
    assert (found.items, found.depth) >= (2, 2)
    assert longest(schema, document, found) <= tokens or found.instances == 1


def test_a_list_that_has_to_be_short_still_says_something() -> None:
    schema, document = parse_guideline(REPORTS).schema, "Nelson fought Villeneuve at Trafalgar."
    found = fitting(schema, document, 1024)
    labels = """[Report(battles=[Battle(place="Trafalgar", participants=[Participant(person=Person(name="Nelson")),
        Participant(person=Person(name="Villeneuve"))])])]"""
    assert accepts(matcher(lark(schema, document, found)), re.sub(r",\s+", ", ", labels))


def test_texts_are_not_made_so_short_that_there_are_none() -> None:
    schema, document = parse_guideline(REPORTS).schema, "x" * 60
    assert fitting(schema, document, 100).span_characters >= 60


def test_a_document_that_is_too_long_is_refused() -> None:
    for write, limit in ((lark, DOCUMENT_LIMITS["lark"]), (ebnf, DOCUMENT_LIMITS["ebnf"])):
        with pytest.raises(UsageError, match=r"too long for a grammar .* cut it into windows"):
            write(SCHEMA, "a" * (limit + 1))


@pytest.mark.parametrize(
    ("characters", "length"),
    [
        pytest.param("\U00020000\U00020001", 1, id="two signs without spaces, the worst that is known"),
        pytest.param("".join(map(chr, range(0x4E00, 0x5E00))), 1, id="Chinese"),
        pytest.param("abcdefghijklmnopqrstuvwxyz", 3, id="many short words"),
    ],
)
def test_no_document_within_the_limit_is_too_much_for_llguidance(characters: str, length: int) -> None:
    chance, limit = random.Random(1), DOCUMENT_LIMITS["lark"]
    space = " " if length > 1 else ""
    words = ("".join(chance.choices(characters, k=chance.randint(1, length))) for _ in range(limit))
    matcher(lark(SCHEMA, space.join(words)[:limit]))


def test_a_pattern_that_names_no_attribute_is_refused() -> None:
    with pytest.raises(UsageError, match="names no attribute"):
        lark(SCHEMA, DOCUMENT, abstractive=("role",))


@pytest.mark.parametrize("bounds", [SMALL, Bounds()], ids=["small", "default"])
def test_structures_are_objects_within_their_bounds(bounds: Bounds) -> None:
    from jsonschema import Draft202012Validator

    schema = structure_schema(bounds)
    Draft202012Validator.check_schema(schema)
    checked = Draft202012Validator(schema)
    assert not checked.is_valid({})
    assert not checked.is_valid({"a": {}})
    deep: dict[str, object] = {"of": ["x", 1, True]}
    for _ in range(bounds.depth - 1):
        deep = {"of": [deep]}
    assert checked.is_valid(deep)
    assert not checked.is_valid({"of": deep})
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
    assert done.returncode == 0
    left_out = "`Endless.more` needs an instance of `Endless`, and none can be written"
    assert done.stderr == f"guidelines.py: left out of the grammar: {left_out}\n"
    assert done.stdout == lark(SCHEMA, DOCUMENT, Bounds(instances=3), ("Person.mention",))
    done = folder.run("schema", "guidelines.py", "--to", "ebnf", "--document", "-", stdin="Ada")
    assert done.stdout == ebnf(SCHEMA, "Ada", Bounds(instances=3), ("Person.mention",))
    done = folder.run("schema", "guidelines.py", "--to", "ebnf")
    assert "text300" in done.stdout


def test_the_command_names_what_it_leaves_out(folder: Folder) -> None:
    folder.write("empty.py", "")
    folder.write("empty.txt", "")
    folder.write("guidelines.py", "@dataclass\nclass A:\n    name: str\n")
    done = folder.run("schema", "empty.py", "--to", "lark")
    assert done.stdout == 'start: "[" "]"\n'
    assert "empty.py: left out of the grammar: no class is declared\n" in done.stderr
    done = folder.run("schema", "guidelines.py", "--to", "ebnf", "--document", "empty.txt")
    assert done.stdout == 'root ::= "[" "]"\n'
    assert "left out of the grammar: `A.name` needs a piece of the document, which has none\n" in done.stderr


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
