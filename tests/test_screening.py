"""Screening: no source crashes or stalls the reader, whatever it holds, and every fault has its place."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bombs import BOMBS
from guidex_schema.guideline import ROW_LIMITS, parse_guideline
from guidex_schema.rendering import render_guideline
from guidex_schema.screening import Limits, invalid_characters, screen

ATTACKS = Path(__file__).parent.parent.parent / "shared" / "data" / "attacks" / "public.jsonl"
# As long as it takes to read so many times as much of ordinary guidelines, at most.
TIMES_LIMIT = 24
ORDINARY = '''@dataclass
class Person{}:
    """A person who is named in the text, as it is written there."""

    name: Optional[List["str"]] = None  # the name
    role: str


'''

# The reader runs in a process of its own: a bomb that goes off kills it, and not the tests. Seconds are those of the
# processor, since the machine is shared.
READER = """
import json, sys, time
from guidex_schema.guideline import ROW_LIMITS, parse_guideline
for line in sys.stdin:
    source = json.loads(line)
    before = time.process_time()
    guideline = parse_guideline(source, limits=ROW_LIMITS)
    seconds = time.process_time() - before
    print(json.dumps([seconds, sorted({fault.rule for fault in guideline.faults})]), flush=True)
"""


class Outcome(NamedTuple):
    seconds: float
    rules: list[str]


def outcomes(sources: dict[str, str]) -> dict[str, Outcome]:
    """Read each source in turn; what the reader did not survive, and all behind it, has no outcome."""
    lines = "".join(json.dumps(source) + "\n" for source in sources.values())
    done = subprocess.run(
        [sys.executable, "-c", READER], input=lines, capture_output=True, text=True, encoding="utf-8", timeout=300
    )
    return {name: Outcome(*json.loads(line)) for name, line in zip(sources, done.stdout.splitlines(), strict=False)}


@pytest.fixture(scope="module")
def unit() -> float:
    """Give the seconds that it takes to read as much of guidelines in which nothing is odd but a name above them."""
    source = "x = 1\n" + "".join(
        ORDINARY.format(number) for number in range(ROW_LIMITS.size // (len(ORDINARY) + 1) - 1)
    )
    found = outcomes({str(number): source for number in range(5)})
    assert [one.rules for one in found.values()] == [[]] * 5
    return sorted(one.seconds for one in found.values())[2]


@pytest.fixture(scope="module")
def exploded() -> dict[str, Outcome]:
    return outcomes({name: build(ROW_LIMITS.size) for name, build in BOMBS.items()})


@pytest.mark.parametrize("name", BOMBS)
def test_no_bomb_crashes_or_stalls_the_reader(name: str, exploded: dict[str, Outcome], unit: float) -> None:
    assert name in exploded, "the reader died here or before"
    assert exploded[name].seconds < TIMES_LIMIT * unit


@pytest.mark.parametrize(
    "name",
    [
        "strings over continued lines",
        "import of many dots",
        "comprehension of many fors",
        "or chain",
        "long line of descent",
        "wide inheritance",
        "long hexadecimal integer in a quoted type",
        "match with lists, 24 deep",
        "brackets, 25 deep",
        "lists as a default, 25 deep",
    ],
)
def test_what_is_too_much_is_said_to_be(name: str, exploded: dict[str, Outcome]) -> None:
    assert set(exploded[name].rules) & {"source-limit", "guideline-syntax", "runs-code"}


@pytest.mark.skipif(not ATTACKS.exists(), reason="the attack rows stand beside a checkout only, in shared/data")
def test_no_known_attack_crashes_or_stalls_the_reader(unit: float) -> None:
    rows: list[dict[str, Any]] = [json.loads(line) for line in ATTACKS.read_text("utf-8").splitlines()]
    sources = {row["id"]: row["guidelines"] for row in rows}
    found = outcomes(sources)
    assert list(found) == list(sources)
    assert {name: one.seconds for name, one in found.items() if one.seconds >= TIMES_LIMIT * unit} == {}
    assert {
        row["id"]: found[row["id"]].rules for row in rows if row["expected"] == "ok" and found[row["id"]].rules
    } == {}
    for source in sources.values():
        schema = parse_guideline(source).schema
        assert parse_guideline(render_guideline(schema)).schema == schema


def check(source: str) -> None:
    """Read any string, and see that faults stand inside it and that what was read survives being written."""
    guideline = parse_guideline(source)
    assert guideline.source == source
    assert len(guideline.readable) == len(source)
    for fault in guideline.faults:
        assert fault.span is not None
        assert fault.span.end <= len(source)
        assert fault.message.isprintable() or "\u200d" in fault.message or "\u00a0" in fault.message
    for statement in guideline.tree.body:
        assert guideline.span(statement).end <= len(source)
    for statement in guideline.classes:
        assert guideline.name_span(statement).end <= len(source)
    assert parse_guideline(render_guideline(guideline.schema)).schema == guideline.schema


@given(st.text())
def test_any_text_is_read(source: str) -> None:
    check(source)


FIXTURES = [
    """'''Task.'''
from dataclasses import dataclass, field
from typing import List, Optional

'Heading'
@dataclass
class Person(Entity):
    '''A person
    named {here}.'''

    span: str  # as “written”
    # above
    age: Optional[int] = None
    'docstring'
    friends: List['Person'] = field(default_factory=list)

@dataclass(frozen=True)
class Größe(Entity):
    '''Maß.'''
    maß: Literal['a', 1] = 'a'; n: int = 3  # both
""",
    """class Role(Enum):
    WRITER = 'writer'

class Name(str): pass

class Work(Template):
    by: "Name | None"
    role: Role = Role.WRITER

ALL: List[Type] = [Work]
COARSE = {b: a for a, c in FINE.items() for b in c}
for a in ALL:
    for b in a:
        COARSE[a] = b
""",
    """Here it is:
```python
@dataclass
class A:
    x: str
    '''
    Open.
    y: Optional[int] = None
    '''
    When.
    '''

@dataclass
class B:
    z: Dict[str, Tuple[int, ...]]
```
That is all.
""",
]
PIECES = [
    *"\n\r\f\t \\\x00\ufeff\u2028\u202e\ud800éﬁ𝐱“#'\"()[]{}:;,=@|0*",
    *["\r\n", "    ", "\\\n", '"""', "'''", "...", "1e999", "class ", "class A:\n", "@dataclass\n", "match ", "type "],
    *["def f(): pass\n", "lambda: ", "f()", "import a\n", "x: str\n", "    x: str\n", "```\n", "None", "if True:\n"],
    *["async ", "**", ":=", "b''", "f'{a}'", "\\N{BULLET}", "'\\ud800'"],
]


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """Give guidelines with chunks left out, doubled, moved in from others, or broken by a piece."""
    source = draw(st.sampled_from(FIXTURES))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(source)))
        end = min(len(source), start + draw(st.integers(0, 60)))
        other = draw(st.sampled_from(FIXTURES))
        cut = draw(st.integers(0, len(other)))
        replacement = draw(
            st.sampled_from(["", source[start:end] * 2, draw(st.sampled_from(PIECES)), other[cut : cut + end - start]])
        )
        source = source[:start] + replacement + source[end:]
    return draw(st.sampled_from([source, source.replace("\n", "\r\n"), source.replace("\n", "\r")]))


@settings(max_examples=5 * settings().max_examples)
@given(mutants())
def test_any_mutant_of_guidelines_is_read(source: str) -> None:
    check(source)


@pytest.mark.parametrize("source", FIXTURES)
@pytest.mark.parametrize("piece", PIECES)
def test_guidelines_are_read_with_any_piece_at_either_end(source: str, piece: str) -> None:
    check(piece + source)
    check(source + piece)


@pytest.mark.parametrize("source", FIXTURES)
def test_guidelines_are_read_wherever_they_are_cut_off(source: str) -> None:
    for end in range(0, len(source), 7):
        check(source[:end])


CLASS = """@dataclass
class C{0}(Entity):
    '''Défi {0}: {1}.'''

    span: str  # one
    kind: "List[C{0}]" = None
"""
TIMED = """
import sys, time
from guidex_schema.guideline import parse_guideline
source = sys.stdin.read()
before = time.process_time()
guideline = parse_guideline(source)
assert all(guideline.name_span(one) for one in guideline.classes)
print(len(guideline.schema.entity_types), time.process_time() - before)
"""


def seconds_of(classes: int) -> float:
    source = "".join(CLASS.format(number, "words " * 80) for number in range(classes))
    command = [sys.executable, "-X", "utf8", "-c", TIMED]
    done = subprocess.run(command, input=source, capture_output=True, text=True, encoding="utf-8", check=True)
    number, seconds = done.stdout.split()
    assert int(number) == classes
    return float(seconds)


def test_a_large_file_is_read_in_linear_time() -> None:
    assert seconds_of(5_000) < 12 * seconds_of(1_000) < 60


def test_invalid_characters_are_blanked_in_place() -> None:
    valid, faults = invalid_characters("a\x00b\u202ec\td\n")
    assert valid == "a b c\td\n"
    assert [(fault.rule, fault.span and fault.span.start) for fault in faults] == [
        ("invalid-character", 1),
        ("invalid-character", 3),
    ]


def test_refused_statements_are_blanked_and_their_blocks_stay_blocks() -> None:
    source = "class A:\n    def f(self):\n        return 1\n\n@a\n@dataclass\nclass B: x()\n"
    screened = screen(source, Limits(size=1000, nodes=1000))
    assert len(screened.readable) == len(source)
    assert "def" not in screened.readable
    assert [type(one).__name__ for one in screened.tree.body] == ["ClassDef", "ClassDef"]
    assert [fault.rule for fault in screened.faults] == ["runs-code"] * 3


@pytest.mark.parametrize(
    "header",
    [
        "(metaclass=B)",
        "(A, total=False)",
        "(A, a=(1), **b)",
        "(a=1,)",
        "(A, # c\n  a=f(1) # d, e\n  , )",
        "((A), \\\n a=1)",
    ],
)
def test_only_the_keywords_are_taken_from_a_class(header: str) -> None:
    source = f"class A: pass\n@dataclass\nclass C{header}:\n    '''Doc.'''\n    x: str\n"
    guideline = parse_guideline(source)
    assert [fault.rule for fault in guideline.faults] == ["runs-code"]
    assert guideline.keyworded == {"C"}
    assert guideline.unreadable == frozenset()
    entity_type = guideline.schema.entity_type("C")
    assert entity_type is not None
    assert (entity_type.definition, [one.name for one in entity_type.attributes]) == ("Doc.", ["x"])


def test_names_are_bound_by_what_is_refused_too() -> None:
    source = (
        "A = f()\nasync def B(): C = 1\nwith d as D:\n    if e: E = 1\n"
        "try:\n    import f.F, g as G\nexcept h:\n    from i import H\n[J for J in j]\n"
        "class K(l()):\n    L: int = m()\n    def M(self): ...\nfor N, (O, *P) in q: Q = (lambda R: R)\n"
    )
    assert parse_guideline(source).bound_names == set("ABDEfGHKNOPQ")


def test_only_a_refused_decorator_is_taken_from_a_class() -> None:
    screened = screen('@dataclass\n@evil("""\nclass B:\n""")\nclass A:\n    x: str\n', Limits(size=1000, nodes=1000))
    assert screened.readable.startswith("@dataclass\n")
    assert [type(one).__name__ for one in screened.tree.body] == ["ClassDef"]
