"""Recovery: what of guidelines is read when they do not parse as a whole."""

import json
from pathlib import Path

import pytest

from guidex_schema.blocks import swallowed_attributes
from guidex_schema.guideline import Guideline, parse_guideline
from guidex_schema.rendering import render_guideline
from guidex_schema.schema import EntityType, IntegerType, OptionalType

ROWS = Path(__file__).parent.parent.parent / "shared" / "data" / "guidex" / "rows.jsonl"

FIRST = '@dataclass\nclass First:\n    """One."""\n    x: str  # the first\n\n'
LAST = '@dataclass\nclass Last:\n    """Two."""\n    y: int\n    """The last."""\n'
BOTH = parse_guideline(FIRST + LAST).schema


def read(source: str) -> Guideline:
    guideline = parse_guideline(source)
    assert len(guideline.readable) == len(source)
    assert parse_guideline(render_guideline(guideline.schema)).schema == guideline.schema
    return guideline


def found(guideline: Guideline) -> list[str]:
    return [source_of(guideline, number) for number in range(len(guideline.faults))]


def source_of(guideline: Guideline, number: int) -> str:
    span = guideline.faults[number].span
    assert span is not None
    line = guideline.document.position(span.start).line
    return guideline.document.line(line)


def entity(guideline: Guideline, name: str) -> EntityType:
    entity_type = guideline.schema.entity_type(name)
    assert entity_type is not None
    return entity_type


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        ("@dataclass\nclass Bad:\n    x: List[str\n\n", "    x: List[str"),
        ("class Bad:\n    x: str =\n\n", "    x: str ="),
        ("class Bad\n    x: str\n\n", "class Bad"),
        ("class Bad:\n    x: str\n      y: int\n\n", "      y: int"),
        ("class Bad:\nx: str\n", "x: str"),
        ('class Bad:\n    x: str = "open\n\n', '    x: str = "open'),
        ("class Bad:\n    a name: str\n\n", "    a name: str"),
        ("class Bad:\n    x: str  — the name\n\n", "    x: str  — the name"),
        ("class Bad:\n    class: str\n\n", "    class: str"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_bad_class_does_not_lose_the_others(bad: str, line: str, end: str) -> None:
    guideline = read((FIRST + bad + LAST).replace("\n", end))
    assert [one for one in guideline.schema.entity_types if one.name != "Bad"] == list(
        parse_guideline((FIRST + "\n" * bad.count("\n") + LAST).replace("\n", end)).schema.entity_types
    )
    assert guideline.unreadable == {"Bad"}
    assert [fault.rule for fault in guideline.faults] == ["guideline-syntax"]
    assert found(guideline) == [line]


def test_each_bad_class_is_a_fault() -> None:
    bad = "class Bad{}:\n    x: (\n\n"
    guideline = read(bad.format(1) + FIRST + bad.format(2) + LAST + bad.format(3))
    assert guideline.schema == BOTH
    assert guideline.unreadable == {"Bad1", "Bad2", "Bad3"}
    assert len(guideline.faults) == 3


@pytest.mark.parametrize("decorators", ["@dataclass\n", "@dataclass(frozen=True)\n@dataclass\n", "@dataclass(\n"])
def test_decorators_go_with_the_class_they_stand_above(decorators: str) -> None:
    guideline = read(FIRST + decorators + "class Bad:\n    x: (\n\n" + LAST)
    assert guideline.schema == BOTH
    assert len(guideline.faults) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("```python\n", "```\n"),
        ("```\n", "```"),
        ("Here are the guidelines:\n\n```python\n", "```\n\nI hope that this is what you need.\n"),
        ("Sure! Here is what you asked for.\n\n", ""),
        ("", "These classes cover it all; don't hesitate to ask.\n"),
        ("# Guidelines\n**Classes**\n\n", "\n---\n"),
        ("from dataclasses import dataclass\nHere they are:\n", ""),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_fences_and_prose_around_the_classes_lose_nothing(before: str, after: str, end: str) -> None:
    guideline = read((before + FIRST + LAST + after).replace("\n", end))
    assert guideline.schema == BOTH
    assert guideline.unreadable == frozenset()
    assert {fault.rule for fault in guideline.faults} == {"guideline-syntax"}


def test_prose_between_classes_is_a_fault_and_loses_nothing() -> None:
    guideline = read(FIRST + "And here is the other one:\n\n" + LAST)
    assert guideline.schema == BOTH
    assert found(guideline) == ["And here is the other one:"]


def test_imports_before_a_bad_class_stay() -> None:
    guideline = read("from gollie import Span\n\nclass Bad:\n    x: (\n\nclass Good(Span):\n    x: str\n")
    assert [one.name for one in guideline.schema.imports] == ["Span"]


@pytest.mark.parametrize("end", range(len(FIRST) + len("@dataclass\nclass L"), len(FIRST + LAST)))
def test_a_cut_off_last_class_does_not_lose_the_first(end: int) -> None:
    guideline = read((FIRST + LAST)[:end])
    assert entity(guideline, "First") == entity(parse_guideline(FIRST), "First")


def test_a_docstring_with_code_at_the_start_of_a_line_is_not_cut() -> None:
    prose = 'class Prose:\n    """As in:\n@decorated\nclass of things\n    """\n    x: str\n\n'
    guideline = read(FIRST + prose + "class Bad:\n    x: (\n\n" + LAST)
    assert [one.name for one in guideline.schema.entity_types] == ["First", "Prose", "Last"]
    assert entity(guideline, "Prose").definition == "As in:\n@decorated\nclass of things"


SWALLOWED = '''@dataclass
class Company:
    name: str
    """
    The name.
    """
    status: str
    """
    What became of it.
    year: Optional[int] = None  # when
    """
    The year relevant to the company's decline.
    """
    place: str
    """
    Where it was.
    """

'''


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_a_swallowed_attribute_is_missing_and_nothing_else(quotes: str, end: str) -> None:
    guideline = read((FIRST + SWALLOWED + LAST).replace('"""', quotes).replace("\n", end))
    company = entity(guideline, "Company")
    assert [one.name for one in company.attributes] == ["name", "status", "place"]
    assert company.attributes[1].description == "What became of it.\nyear: Optional[int] = None  # when"
    assert company.attributes[2].description == "Where it was."
    assert len(guideline.schema.entity_types) == 3
    assert guideline.unreadable == frozenset()
    assert guideline.faults == ()


def test_two_swallowed_attributes_in_one_class_are_both_left_out() -> None:
    again = SWALLOWED.replace("name: str", "title: str").partition("class Company:\n")[2]
    guideline = read(SWALLOWED.rstrip("\n") + "\n" + again)
    assert [one.name for one in entity(guideline, "Company").attributes] == ["name", "status", "place", "title"]


@pytest.mark.parametrize(
    ("line", "swallowed"),
    [
        ("    year: int", ["year"]),
        ("    year: int  # when", ["year"]),
        ("    year: Optional[List['Year']] = None", ["year"]),
        ("    years : dict[str, int]", ["years"]),
        ("    other: Thing", ["other"]),
        ("    other: 'Thing'", ["other"]),
        ("    other: Undefined", []),
        ("    note: see the manual", []),
        ("    note: None of these", []),
        ("    example: 3", []),
        ("    note:", []),
        ("      year: int", []),
        ("  year: int", []),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_only_a_line_that_declares_an_attribute_counts_as_swallowed(line: str, swallowed: list[str], end: str) -> None:
    docstring = f'"""{end}    What it is.{end}{line}{end}    """'
    names = swallowed_attributes(docstring, "    ", frozenset(("Thing",)))
    assert [one.name for one in names] == swallowed
    for one in names:
        assert docstring[one.span.start : one.span.end] == line


def test_nothing_is_read_of_what_holds_no_class() -> None:
    guideline = read("I am sorry, but I cannot do that.\nIt's against my (rules.\n")
    assert guideline.schema.entity_types == ()
    assert [fault.rule for fault in guideline.faults] == ["guideline-syntax"]


@pytest.mark.skipif(not ROWS.exists(), reason="the real rows stand beside a checkout only, in shared/data")
def test_the_real_row_with_swallowed_docstrings_is_read_as_it_is_written() -> None:
    row = json.loads(ROWS.read_text("utf-8").splitlines()[1])
    guideline = read(row["text"].partition("\ntext = ")[0])
    assert guideline.faults == ()
    assert len(guideline.schema.entity_types) == 18
    assert [one.name for one in entity(guideline, "MiningCompany").attributes] == ["name", "status"]
    assert [one.name for one in entity(guideline, "RevivalInfo").attributes] == ["decade", "gold_price"]
    assert entity(guideline, "MiningCompany").attributes[1].description.endswith("year: Optional[int] = None")


def test_a_broken_attribute_after_a_swallowed_one_is_a_fault() -> None:
    guideline = read(FIRST + SWALLOWED.replace("    place: str", "    place: (") + LAST)
    assert guideline.unreadable == {"Company"}
    assert [fault.rule for fault in guideline.faults] == ["guideline-syntax"]
    assert guideline.schema == BOTH


def test_what_is_read_of_a_bad_file_has_its_own_places() -> None:
    source = "Здесь:\n" + FIRST + "class Bad:\n    x: (\n\n" + "@dataclass\nclass Год:\n    год: Optional[int] = None\n"
    guideline = read(source)
    location = entity(guideline, "Год").attributes[0].location
    assert location is not None
    assert source[guideline.document.offset(location.start) : guideline.document.offset(location.end)] == (
        "год: Optional[int] = None"
    )
    assert entity(guideline, "Год").attributes[0].type == OptionalType(of=IntegerType())
