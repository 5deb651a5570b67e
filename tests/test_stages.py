"""Stages: answers are taken out of what models say, mended where that is safe, and judged without an exception."""

import json
import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from guidex_schema.diagnostic import Severity
from guidex_schema.error import UsageError
from guidex_schema.generation import answer
from guidex_schema.generation.fence import blocks
from guidex_schema.generation.stage import Material, Stage, finding, prompt, repair, stages
from guidex_schema.generation.template import load
from guidex_schema.instance import Record
from guidex_schema.json_leaf import json_leaves, json_value
from guidex_schema.settings import Settings
from guidex_schema.stage_output import StageName
from guidex_schema.validation import validate
from guidex_schema.worker import Worker

DOCUMENT = "Ada Lovelace wrote the  Notes in 1843, with “Sketches” of 30 engines."
GUIDELINES = '''from dataclasses import dataclass
from typing import List, Optional


@dataclass
class Person:
    """Somebody who is named in the text by a full name or a part of it."""

    name: str
    """The name as it is written."""
    year: Optional[int] = None
    """When it was."""
    friends: Optional[List["Person"]] = None
    """Who is named together with it."""
'''
MATERIAL = Material(document=DOCUMENT, summary="- Ada", structure='{"a": "Ada"}', guidelines=GUIDELINES)
LIST = '[Person(name="Ada")]'
PARSERS = [answer.summary, answer.structure, answer.guideline, answer.instances]

# What models say is made of this, in any order.
PIECES = st.sampled_from(
    [
        *"``` ```json ```python ~~~ <think> </think> [ ] { } ( ) \" ' , : = # \\ ` result".split(),
        *"Person Person( 1843 null".split(),
        *'@dataclass class import from None Here is 日本 \\ud83d \\u0041 [Person(name=\'ada\')] {"a":"ada"}'.split(),
        *(
            '"""',
            "\n",
            "\r\n",
            "\r",
            'name="Ada"',
            '"Ada"',
            "\0",
            "\x1b[31m",
            "\ud800",
            "\u202e",
            "😀",
            LIST,
            GUIDELINES,
        ),
    ]
)
SAID = st.lists(PIECES, max_size=25).map(" ".join) | st.lists(PIECES, max_size=25).map("\n".join) | st.text()


@pytest.fixture(scope="module")
def steps() -> Iterator[dict[StageName, Stage]]:
    with Worker() as worker:
        yield {one.name: one for one in stages(load(), Settings(), worker)}


fences = st.sampled_from(["```", "````", "~~~", "~~~~~"])
languages = st.sampled_from(["", "python", "Python", "py", "json", " python", 'python title="a.py"', "c++", "text "])
line_ends = st.sampled_from(["\n", "\r\n"])


@given(st.text(), fences, languages, line_ends)
def test_a_fence_goes_and_nothing_else(text: str, fence: str, language: str, end: str) -> None:
    assume(not re.search(r"(?:^|[\r\n])[ \t]*(?:```|~~~)", text))
    [block] = blocks(f"{fence}{language}{end}{text}{end}{fence}")
    assert (block.content, block.info, block.is_closed) == (text, language.strip(), True)
    [block] = blocks(f"Here you are:{end}{end}{fence}{language}{end}{text}")
    assert (block.content, block.is_closed) == (text, False)


@pytest.mark.parametrize("parse", PARSERS)
@given(st.text(), fences, languages)
def test_a_fenced_answer_is_the_answer(parse: answer.Parser, text: str, fence: str, language: str) -> None:
    assume("```" not in text and "~~~" not in text and "<" not in text)
    assert parse(f"{fence}{language}\n{text}\n{fence}") == parse(text)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("1. So:\n\n   ```python\n   a = 1\n     b = 2\n   ```\n", "a = 1\n  b = 2"),
        ("````markdown\n```python\nx\n```\n````", "```python\nx\n```"),
        ('```python\n"""Say:\n    ```\n    x\n    ```\n"""\n```', '"""Say:\n    ```\n    x\n    ```\n"""'),
        ("~~~\n```\n~~~", "```"),
        ("```\n```", ""),
    ],
    ids=["indented", "nested", "in a docstring", "other fence", "empty"],
)
def test_blocks_are_those_of_markdown(text: str, content: str) -> None:
    assert [one.content for one in blocks(text)] == [content]


@pytest.mark.parametrize(
    "text",
    [
        LIST,
        f"  {LIST}\n",
        f"result = {LIST}",
        f"result: List[Person] = {LIST}",
        f"Sure! Here is the list:\n\n{LIST}\n\nLet me know if that helps.",
        f"<think>There is [Ada].\n```\n[]\n```\n</think>\n\n{LIST}",
        f"There is Ada.\n</think>\n{LIST}",
        f"```python\n{LIST}```",
        f"{LIST}\n```",
        f"{LIST}\n```\nThat is all.",
        f"````\n```python\n{LIST}\n```\n````",
        f"The guidelines are\n```python\n{GUIDELINES}```\nso it is\n```python\n{LIST}\n```",
        f"```python{LIST}```",
    ],
)
def test_the_list_is_found_in_what_is_said(text: str) -> None:
    assert answer.instances(text) == LIST


@pytest.mark.parametrize(
    "text",
    [
        GUIDELINES,
        f"Here are the guidelines:\n\n{GUIDELINES}",
        f"**Guidelines**\n\n```python\n{GUIDELINES}\n```\nThey fit.",
        f"```python\n{GUIDELINES}\n```\n\nUse it so:\n\n```python\n{LIST}\n```",
    ],
)
def test_the_guidelines_are_found_in_what_is_said(text: str) -> None:
    assert answer.guideline(text) == GUIDELINES


def test_comments_and_strings_before_the_first_class_are_of_the_guidelines() -> None:
    for head in ("# People\n", '"""People."""\n', "ALL = 3\n"):
        assert answer.guideline(head + GUIDELINES) == head + GUIDELINES


def test_a_list_that_went_wrong_is_no_remark(steps: dict[StageName, Stage]) -> None:
    for text in (f'Person(name="Bob"),\n{LIST}', f'{LIST}\nand Person(name="Bob")', f"{LIST}\n{LIST}"):
        one = steps["instances"].gate(text, False, MATERIAL)
        assert not one.passed, one.value


@given(SAID, st.booleans())
def test_no_answer_breaks_a_gate(steps: dict[StageName, Stage], text: str, is_cut: bool) -> None:
    for stage in steps.values():
        one = stage.gate(text, is_cut, MATERIAL)
        assert one.passed is not any(found.severity is Severity.ERROR for found in one.diagnostics)
        assert not (is_cut and one.passed)
        assert all(found.code != "GX406" for found in one.diagnostics), one.diagnostics
        for message in repair(stage, load(), prompt(stage, MATERIAL), text, one):
            assert message.content.encode("utf-8")


@given(SAID)
def test_what_is_mended_stays_as_it_is(steps: dict[StageName, Stage], text: str) -> None:
    for name, stage in steps.items():
        once = stage.gate(text, False, MATERIAL)
        # Key ideas have no form that could tell an answer from what stands around it.
        if once.passed and name != "summary":
            again = stage.gate(once.value, False, MATERIAL)
            assert (again.value, again.fixed, again.passed) == (once.value, (), True)


VALUES = st.sampled_from(["Ada", "ada lovelace", "the Notes", "The notes", '"sketches"', "Bob", "thirty engines", ""])
PEOPLE = st.recursive(
    st.builds(lambda name: f"Person(name={name!r})", VALUES),
    lambda inner: st.builds(
        lambda name, year, friends: f"Person(name={name!r}, year={year}, friends=[{', '.join(friends)}])",
        VALUES,
        st.sampled_from([1843, 30, 7, None]),
        st.lists(inner, max_size=2),
    ),
    max_leaves=4,
)


@given(st.lists(PEOPLE, max_size=4), st.sampled_from(["{}", "```\n{}\n```", "result = {}", "So:\n{}", "a = {}"]))
def test_what_passes_is_a_valid_record(steps: dict[StageName, Stage], people: list[str], said: str) -> None:
    one = steps["instances"].gate(said.format(f"[{', '.join(people)}]"), False, MATERIAL)
    found = validate(Record(guidelines=GUIDELINES, labels=one.value, document=DOCUMENT))
    if one.passed:
        assert found.kept
        assert one.value.startswith("[")
        assert len(found.instances) == len(people) > 0
    elif people:
        assert not found.kept


LEAVES = st.recursive(
    VALUES | st.integers(0, 50) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), LEAVES, max_size=4), st.sampled_from([None, 1]), st.booleans())
def test_what_passes_as_a_structure_is_grounded(
    steps: dict[StageName, Stage], value: dict[str, object], indent: int | None, ascii_only: bool
) -> None:
    one = steps["structure"].gate(json.dumps(value, indent=indent, ensure_ascii=ascii_only), False, MATERIAL)
    if one.passed:
        strings = [leaf.value for leaf in json_leaves(one.value, "") if isinstance(leaf.value, str) and leaf.value]
        assert strings
        assert all(text in DOCUMENT for text in strings)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)


@given(JSON, st.sampled_from([None, 2]))
def test_leaves_are_those_of_the_json(value: object, indent: int | None) -> None:
    source = json.dumps(value, indent=indent)
    assert json_value(source) == value
    found = list(json_leaves(source, "root"))
    assert [one.value for one in found] == list(_leaves(value))
    assert [json.loads(source[one.span.start : one.span.end]) for one in found] == [one.value for one in found]
    assert all(one.path.startswith("root") for one in found)


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000_000,
        "[" * 1_000_000,
        '{"a":' * 13_000,
        "```\n" * 60_000,
        '"' + '\\"' * 500_000,
        "<think>" * 140_000,
        "#\n" * 500_000,
        "result: " * 130_000,
        "[\n#" * 300_000,
        "class " * 170_000,
        "[Person(name=" * 4_000,
        '{"a": ["x",' + "[1,]," * 10_000 + "]}",
        '{"a": ["Ada",' + ",".join(map(str, range(5_000, 9_000))) + "]}",
        "[" + ",".join(['Person(name="ADA LOVELACE")'] * 1_200) + "]",
    ],
    ids=lambda text: f"{text[:12]} {len(text)}",
)
def test_a_hostile_answer_takes_no_minute(steps: dict[StageName, Stage], text: str) -> None:
    started = time.process_time()
    for stage in steps.values():
        stage.gate(text, False, MATERIAL)
    assert time.process_time() - started < 30


def test_a_finding_of_the_run_is_a_diagnostic() -> None:
    for rule in ("no-room", "engine-refused", "over-budget", "no-grammar", "repair-exhausted"):
        found = finding(rule, "because \x1b[31m", "guideline")
        assert (found.name, found.part, found.severity) == (rule, "output", Severity.ERROR)
        assert found.message == r"because \x1b[31m"
    with pytest.raises(KeyError):
        finding("no-such-rule", "because", "summary")


def test_a_stage_cannot_be_asked_without_its_material(steps: dict[StageName, Stage]) -> None:
    with pytest.raises(ValueError, match="the stage guideline cannot be asked without structure"):
        prompt(steps["guideline"], Material(document=DOCUMENT))


def test_settings_choose_the_gates() -> None:
    made_up = '{"a": "Isaac Newton"}'
    with Worker() as worker:
        lenient = stages(load(), Settings(ignore=("GX6", "GX301")), worker)
        assert lenient[1].gate(made_up, False, MATERIAL).passed
        # Without an answer there is nothing to hand on, whatever is selected.
        assert not lenient[1].gate("", False, MATERIAL).passed
        assert not lenient[0].gate("- a", True, MATERIAL).passed
        warned = stages(load(), Settings(severity={"GX603": Severity.WARNING, "GX601": Severity.INFO}), worker)
        assert warned[1].gate(made_up, False, MATERIAL).passed
        assert not warned[0].gate("", False, MATERIAL).passed
        with pytest.raises(UsageError):
            stages(load(), Settings(select=("GX699",)), worker)


def test_only_so_many_findings_are_told(steps: dict[StageName, Stage]) -> None:
    text = "[" + ", ".join(f'Person(name="Nobody {number}")' for number in range(40)) + "]"
    stage = steps["instances"]
    again = repair(stage, load(), prompt(stage, MATERIAL), text, stage.gate(text, False, MATERIAL))
    assert again[-1].content.count("GX301") == 25
    assert "- and 15 more" in again[-1].content
    assert "the whole Python list" in again[-1].content
