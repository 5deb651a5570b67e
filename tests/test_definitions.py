"""Definitions and descriptions with their places, and what the rules about them must leave alone."""

import gc
import weakref

import pytest

from cost import assert_linear
from guidex_schema import inspection
from guidex_schema.definitions import definitions, descriptions, place, prose
from guidex_schema.guideline import Guideline, parse_guideline
from guidex_schema.inspection import Inspection
from guidex_schema.instance import Record
from guidex_schema.rule import by_name, default_rules
from guidex_schema.similarity import _Vectors
from guidex_schema.subject import Subject
from guidex_schema.thresholds import THRESHOLDS, Thresholds

RULES = (
    "missing-definition",
    "thin-definition",
    "missing-attribute-description",
    "catch-all-type",
    "near-duplicate-definition",
    "unfilled-placeholder",
    "document-specific-definition",
    "inconsistent-description",
    "example-in-definition",
)

GUIDELINES = '''class Person(Entity):
    """A person,
    named in the text."""
    name: str = "name"  # the  name
    # how old
    # in years
    age: int; size: int
    """In metres."""
    note: str


class Bad:
    x: str
    """open
'''


def found(rule: str, source: str, document: str | None = None, thresholds: Thresholds = THRESHOLDS) -> list[str | None]:
    """Give the paths of what a rule finds."""
    guideline = parse_guideline(source)
    subject = Subject(Record(guidelines=source, labels="", document=document), guideline, None, thresholds=thresholds)
    one = by_name()[rule]
    faults = one.lint(guideline) if one.lint is not None else one.check(subject) if one.check is not None else ()
    return [fault.path for fault in faults]


def written(guideline: Guideline, piece: str, path: str) -> str:
    """Give the source text at the place of a piece."""
    within = next(said for said in prose(guideline) if said.path == path)
    span = place(guideline, piece, within)
    return guideline.source[span.start : span.end]


def test_what_is_said_has_its_place() -> None:
    guideline = parse_guideline(GUIDELINES)
    said = {one.path: one.text for one in prose(guideline)}
    assert said["Person"] == "A person,\nnamed in the text."
    assert said["Person.name"] == "the  name"
    assert said["Person.size"] == "In metres."
    assert said["Person.note"] == ""
    assert written(guideline, "person, named", "Person") == "person,\n    named"
    assert written(guideline, "the name", "Person.name") == "the  name"
    assert written(guideline, "old in", "Person.age") == "old\n    # in"
    assert written(guideline, "metres", "Person.size") == "metres"
    assert written(guideline, "nowhere", "Person.note") == "note"
    assert written(guideline, "metres", "Person.note") == "note"


def test_classes_that_were_not_read_are_not_judged() -> None:
    guideline = parse_guideline(GUIDELINES)
    assert "Bad" in guideline.unreadable
    assert [one.path for one in definitions(guideline)] == ["Person"]
    assert {one.entity_type.name for one in descriptions(guideline)} == {"Person"}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "source", ["", "x = 1\n", "class A: pass\n", "class \\\n  A:\r\n\t'a'\r\n\tx: int\r\n", '"{a}"']
)
def test_rules_read_everything(rule: str, source: str) -> None:
    found(rule, source, document="a b c")


def test_how_many_words_a_definition_needs_is_a_setting() -> None:
    source = 'class A:\n    """Somebody with a dog."""\n'
    assert found("thin-definition", source) == []
    assert found("thin-definition", source, thresholds=Thresholds(definition_words=5)) == ["A"]
    assert found("thin-definition", 'class A:\n    """Dogs."""\n', thresholds=Thresholds(definition_words=0)) == []


def test_how_close_definitions_may_be_is_a_setting() -> None:
    source = (
        'class A:\n    """A place where people live."""\n\nclass B:\n    """A place where people live and work."""\n'
    )
    assert found("near-duplicate-definition", source) == []
    assert found("near-duplicate-definition", source, thresholds=Thresholds(similarity=0.7)) == ["B"]


def test_each_later_type_is_told_once() -> None:
    source = "".join(f'class {name}:\n    """A town with a wall."""\n\n' for name in ("Alpha", "Beta", "Gamma"))
    assert found("near-duplicate-definition", source) == ["Beta", "Gamma"]


def test_bases_that_form_a_circle_end_the_walk() -> None:
    town = '    """A town."""\n    x: str\n\n'
    source = f"class A(B):\n{town}class B(A):\n{town}class C:\n{town}"
    assert found("near-duplicate-definition", source) == ["C"]


@pytest.mark.parametrize(
    "text",
    [
        "The date of birth of the person who is named in the text, where it is known.",
        "An instance of the Character class, holding all relevant details.",
        "Wars, for instance World War II.",
        "Whatever is called “World War II” or 'World War II'.",
        "World. War is not meant.",
        "A WORLD WAR.",
    ],
)
def test_ordinary_words_quote_no_document(text: str) -> None:
    document = (
        "World War II, in which many a Character class was written. The date of birth of the author is not known."
    )
    assert found("document-specific-definition", f'class A:\n    """{text}"""\n', document) == []


def test_repetitive_texts_take_linear_time() -> None:
    def read(count: int) -> None:
        definition = "Aa Bb " * count
        source = f'class A:\n    """{definition}"""\n'
        assert found("document-specific-definition", source, "Aa Bb " * count * 20) == ["A"]

    assert_linear(read, 1_000)


@pytest.mark.slow
def test_thousands_of_classes_take_linear_time() -> None:
    def judge(count: int) -> None:
        source = "".join(
            f'class C{number}(Event):\n    """Represents the thing x{number} in the text, such as: {{x_{number}}}"""\n'
            f"    mention: str\n    place: str  # Where x{number} took place\n\n"
            for number in range(count)
        )
        guideline = parse_guideline(source)
        subject = Subject(Record(guidelines=source, labels="", document="x1 " * 1_000), guideline, None)
        for name in RULES:
            rule = by_name()[name]
            faults = (
                rule.lint(guideline) if rule.lint is not None else rule.check(subject) if rule.check is not None else ()
            )
            list(faults)

    assert_linear(judge, 250)


def test_a_type_that_is_defined_twice_is_compared_once() -> None:
    source = "class Berth:\n    x: str\n\n" + "class Berths:\n    x: str\n\n" * 2 + "class Pier:\n    x: str\n"
    assert found("near-duplicate-definition", source) == ["Berths"]


# The second definition is all of the first and a word more.
DEFINED = "".join(
    f'class {name}:\n    """A ship that carries passengers across open {words}."""\n\n    mention: str\n\n\n'
    for name, words in (("Ferry", "water"), ("Liner", "deep water"))
)


@pytest.mark.parametrize("source", [GUIDELINES, DEFINED, DEFINED * 40], ids=["described", "defined", "long"])
def test_linted_guidelines_are_gone_with_the_last_who_refers_to_them(source: str) -> None:
    # Garbage is looked for seldom, so that cycles would stay for thousands of rows.
    gc.collect()
    gc.disable()
    try:
        subject = Subject(Record(guidelines=source, labels=""), parse_guideline(source), None, origin="file")
        Inspection(default_rules("file")).report(subject)
        assert descriptions(subject.guideline)
        gone = weakref.ref(subject.guideline)
        del subject
        assert gone() is None
        assert not [one for one in gc.get_objects() if type(one) is _Vectors]
    finally:
        gc.enable()


def test_what_lints_find_is_kept_of_few_guidelines_where_it_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "_LINTED_FINDINGS", 250)
    linting = Inspection(default_rules("row"), remembering=True)
    many = "".join(f"    BadName{number}: str\n" for number in range(100))
    for number in range(8):
        for _ in range(2):
            source = f'class A:\n    """A thing that is named {number}."""\n{many}'
            subject = Subject(Record(guidelines=source, labels=""), parse_guideline(source), None)
            assert len(linting.report(subject).diagnostics) > 100
        kept = sum(map(len, linting._linted.values()))
        assert kept == linting._linted_findings
        assert 0 < kept <= 250
