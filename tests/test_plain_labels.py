"""The literal interpreter beside the jail's policy: the same values, places included, or none."""

import builtins
import itertools
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import limits
import policy
from guidex_schema import facts
from guidex_schema.accelerate import labels
from guidex_schema.accelerate.labels import plain_labels
from guidex_schema.datasets import read_dataset
from guidex_schema.error import JailError
from guidex_schema.execution import execute, execute_all
from guidex_schema.guideline import parse_guideline
from guidex_schema.instance import ListValue, Record
from guidex_schema.schema import EntityType, Enumeration, Schema
from guidex_schema.text import Span
from guidex_schema.worker import Reply, Worker
from label_mutation import mutant
from label_sources import CLASSES, ENUMS, Written, lists_of_instances, values

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
SHARED = ROOT.parent / "shared" / "data"

Names = tuple[tuple[str, ...], tuple[str, ...]]
NAMES: Names = (CLASSES, ENUMS)


@cache
def declaring(names: Names) -> Schema:
    """Give a schema that declares classes, some of which are enums."""
    classes, enums = names
    return Schema(
        entity_types=tuple(EntityType(name=one) for one in classes if one not in enums),
        enumerations=tuple(Enumeration(name=one) for one in enums),
    )


def covered_value(source: str, names: Names = NAMES) -> ListValue | None:
    """Give what the interpreter reads in labels that have a column for themselves."""
    return plain_labels(source, 0, len(source), declaring(names))


def agree(source: str, names: Names = NAMES, before: str = "") -> bool:
    """Hold the interpreter to the policy, and say whether it covers the labels.

    Args:
        source: the labels.
        names: what the row declares.
        before: what stands before the labels in their column.
    """
    column = before + source
    found = plain_labels(column, len(before), len(column), declaring(names))
    if found is not None:
        answer = json.loads(json.dumps(policy.read(source, *map(list, names))))
        assert answer["status"] == "ok", source
        assert not answer["unused"]
        assert not answer["refusals"]
        expected = facts.value(answer, Span(start=len(before), end=len(column)))
        # As they are written: 1, 1.0 and True are equal in Python, and so are 0.0 and -0.0.
        assert repr(found) == repr(expected), source
    return found is not None


def rows(path: Path) -> Iterator[Record]:
    """Give the records of a dataset that can be read."""
    for row in read_dataset(path):
        if row.record is not None:
            yield row.record


def names_of(record: Record) -> Names:
    schema = parse_guideline(record.guidelines).schema
    return tuple(schema.class_names), tuple(one.name for one in schema.enumerations)


def share(path: Path) -> tuple[int, int]:
    """Give how many rows of a dataset are covered, and how many there are; each agrees."""
    found = [agree(one.labels[one.labels_start :], names_of(one), one.labels[: one.labels_start]) for one in rows(path)]
    return sum(found), len(found)


# What is plain, and what is not

COVERED = [
    "[]", "[ ]", "[\n]\n \n", "\n\n[]", "result = []", "result=[]", "result_instances = [\n]", "\nresult  =  [ ]",
    "[Person()]", "[Person(),]", "[Person(\n),\n]", "[Person(1)]", "[Person(1, 'a', name=None)]",
    "[Person(name=Event())]",
    "[Person(Event(Event()), [Event()], x=[[], [1, [2]]],),]", "[1, 'a', None, [True, False,],]", "[dict()]",
    "[Role()]", "[Nobody()]", "[Nobody(Person(), x=Nobody())]", "[match(case=1)]",
    "[Person(print=1, self=2, result=[3])]", "[Person(Role.WRITER, role=Role.print)]", "[Event(None, None_=True)]",
    "[Person(a = 1 , b= 'x' ,c =2)]",
    "[0, -0, 0.0, -0.0, 1.50, 999999999999999999, -123456789012345678.123456789012345678]",
    """["it's", 'say "so"', 'it\\'s', "say \\"so\\"", "a\\nb\\tc\\rd\\\\e", '', ""]""",
    "['\\x41\\x00\\xe9', 'a\\u201cb\\u201d', '\\ud7ff\\uE000\\u0000']",
    "['é', '日本', '😀', '\u2028', '\x85', '\u202e', '\ufeff', ' \t ', '#', '[', '(,)', '= ']",
    "[Person('é', name='日本', x=['😀', Role.A, -1]), Event('é')]",
]  # fmt: skip
DECLINED = [
    "", " ", "[", "]", "[)", "[}", "[,]", "[1,,]", "[1 2]", "[1][0]", "[1] [2]", "[1],", "[1];", "[1]\n[2]", "[1] # x",
    "# x\n[1]", "[1, # x\n2]", " [1]", "\t[1]", "\f[1]", "\ufeff[1]", "[1]\f", "[1]\0", "[\t1]", "[\r\n1]", "[\r1]",
    "[\f1]", "[\v1]", "[\xa01]", "[\\\n1]", "[1\\\n]", "results = [1]", "result: list = [1]", "result = \n[1]",
    "result\n= [1]", "x = [1]", "result += [1]", "result == [1]", "result = result = [1]", "(1)", "1", "Person()",
    "Person(), [1]", "[Person]", "[Person(]", "[Person[)]", "[Person (1)]", "[Person(,)]", "[Person(1,,)]",
    "[Person(a=1, 2)]", "[Person(a=1, Event())]", "[Person(a=1, [])]", "[Person(a=1, a=2)]",
    "[Person(a=[], a=Event())]",
    "[Person(a=)]", "[Person(a==1)]", "[Person(=1)]", "[Person(a 1)]", "[Person(a:=1)]", "[Person(*[])]",
    "[Person(**{})]", "[Person(class=1)]", "[Person(None=1)]", "[Person(__debug__=1)]", "[Person(_a=1)]",
    "[Person(größe=1)]", "[Person(\uff4eame=1)]", "[a=1]", "[name=Person()]", "[\uff30erson()]", "[None()]",
    "[lambda()]",
    "[print()]", "[open('x')]", "[exit()]",
    "[PythonFinalizationError()]", "[Ärztin()]", "[_Hidden()]", "[Person()()]", "[Person().x]",
    "[Person()[0]]",
    "[Role.A.B]", "[Role.A()]", "[Role._A]", "[Role.class]", "[Role.None]", "[Role.größe]", "[Role .A]", "[Role. A]",
    "[Person.A]", "[None.A]", "[Role]", "[null]", "[true]", "[NaN]", "[1_000]", "[0x10]", "[0b1]", "[0o7]", "[1e5]",
    "[1.]",
    "[.5]", "[1.e5]", "[1.5e5]", "[1j]", "[1.5j]", "[01]", "[00]", "[-01]", "[00.5]", "[+1]", "[--1]", "[- 1]", "[~1]",
    "[1 + 1]", "[1if 1else 2]", "[1or 2]", "[1.real]", "[1 .real]", "[9999999999999999999]", "['a' 'b']", "['a''b']",
    "['a' + 'b']", "['a' % 1]", "['a'.x]", "['a'[0]]", "['a'()]", "'''[1]'''", "['''a''']", '["""a"""]',
    "['''''']", "[r'a']", "[u'a']", "[b'a']", "[f'a']", "[rb'a']", "[F'a']", "['a]", "['a\n']", "['a\\\nb']", "['\0']",
    "['\r']", "['\x0b']", "['\x0c']", "['\x1b']", "['\x7f']", "['\ud800']", "['\\d']", "['\\0']", "['\\x4']",
    "['\\x4g']",
    "['\\u004']", "['\\ud83d']", "['\\uDE00']", "['\\U0001f600']", "['\\N{BULLET}']", "['\\']", "['a\\'", "{1}",
    "[{1}]", "[{1: 2}]", "[(1)]", "[(1,)]", "[()]",
    "[...]",
    "[x for x in y]", "[1, *x]", "[await x]", "[not 1]", "[1 if 1 else 2]", "[None is None]", "[None, True False]",
    "[" * 30 + "]" * 30, "[" + "Person(" * 25 + ")" * 25 + "]", "[" + "-0," * 7_000 + "]",
]  # fmt: skip


@pytest.mark.parametrize("source", COVERED)
def test_plain_labels_are_covered(source: str) -> None:
    assert agree(source)


@pytest.mark.parametrize("source", DECLINED)
def test_what_is_not_plain_is_left_to_the_policy(source: str) -> None:
    assert covered_value(source, ((*CLASSES, "None", "lambda"), (*ENUMS, "None"))) is None


def test_labels_close_to_a_limit_agree() -> None:
    most = limits.NODE_LIMIT
    sources = [
        "[" + ",".join([piece] * number) + "]"
        for piece, nodes in (("-0", 3), ("0", 1), ("[]", 2), ("Role.A", 4), ("Person()", 3), ("Person(a=-0)", 7))
        for number in {(most - 4) // nodes, (most - 4) // nodes + 1, labels._LENGTH_LIMIT // (len(piece) + 1)}
    ]
    depths = range(labels.DEPTH_LIMIT - 2, limits.DEPTH_LIMIT + 3)
    for opening, closing in (("[", "]"), ("Person(", ")"), ("Person(a=", ")"), ("Person(a=[", "])")):
        sources += ["[" + opening * depth + "1" + closing * depth + "]" for depth in depths]
    covered = [agree(source) for source in sources]
    assert any(covered)
    assert not all(covered)


def test_members_of_the_rows_enums_alone_are_covered() -> None:
    for classes in (("Person",), ("person",), ()):
        assert agree("[Person(Role.A)]", (classes, ("Role",)))
        assert not agree("[Person(Role.A)]", ((*classes, "Role"), ("ROLE",)))


def test_builtins_are_classes_where_a_row_declares_them() -> None:
    for name in (*dir(builtins), "copyright", "exit", "help", "PythonFinalizationError"):
        assert not agree(f"[{name}()]", (("Person",), ()))
        agree(f"[{name}(1)]", ((name,), (name,)))


# Anything


@given(labels=lists_of_instances(), name=st.sampled_from(["", "result = ", "\n"]))
def test_labels_of_any_style_agree(labels: tuple[list[Written], str], name: str) -> None:
    agree(name + labels[1])


@given(value=values)
def test_every_value_agrees(value: Written) -> None:
    agree(f"[Person({value.source})]")
    agree(f"[Person(name={value.source}, x=1)]")


@st.composite
def plain(draw: st.DrawFn) -> str:
    """Write labels of which most are covered."""
    texts = st.text(st.sampled_from("ab \"'\\\n\té日😀#[(,=") | st.characters(exclude_categories=["Cs"]), max_size=6)
    quoted = st.one_of(texts.map(repr), texts.map(lambda text: json.dumps(text, ensure_ascii=False)))
    scalars = st.one_of(
        quoted, st.integers(-(10**19), 10**19).map(str), st.decimals(-1000, 1000, places=3).map(str),
        st.sampled_from(["None", "True", "False", "Role.A"]),
    )  # fmt: skip
    spaces = st.sampled_from(["", "", " ", "\n", "\n    "])

    def joined(items: list[str]) -> str:
        end = draw(st.sampled_from(["", ","])) if items else ""
        return draw(spaces) + f",{draw(spaces)}".join(items) + end + draw(spaces)

    def value(depth: int) -> str:
        kind = draw(st.integers(0, 5 if depth else 3))
        if kind < 4:
            return draw(scalars)
        return (
            f"[{joined([value(depth - 1) for _ in range(draw(st.integers(0, 2)))])}]" if kind == 4 else call(depth - 1)
        )

    def call(depth: int) -> str:
        items = [value(depth) for _ in range(draw(st.integers(0, 2)))]
        names = draw(st.lists(st.sampled_from(["name", "x", "class_", "print"]), max_size=3, unique=True))
        equals = draw(st.sampled_from(["=", " = "]))
        items += [f"{name}{equals}{value(depth)}" for name in names]
        return f"{draw(st.sampled_from(['Person', 'Event', 'dict']))}({joined(items)})"

    items = [call(3) for _ in range(draw(st.integers(0, 3)))]
    return f"[{joined(items)}]"


@given(source=plain())
@example(source=COVERED[-1])
def test_plain_labels_agree(source: str) -> None:
    agree(source)


@given(source=st.text(st.sampled_from("[](){}'\"=,.: \n\\#*+-01aP_é😀") | st.characters(), max_size=40))
def test_any_text_agrees(source: str) -> None:
    agree(source)
    agree(f"[Person({source})]")
    agree(f"['{source}']")


# Mutants


def seeds() -> list[tuple[str, Names]]:
    """Give labels to mutate: written ones, small ones of the fixtures."""
    made = [(source, NAMES) for source in COVERED]
    found = [
        (one.labels, names_of(one))
        for path in sorted(FIXTURES.glob("datasets/*/*valid/*.json*"))
        for one in rows(path)
        if one.labels_start == 0 and len(one.labels) < 400
    ]
    return [one for one in [*made, *found] if covered_value(*one)]


def mutants(count: int, seed: int) -> Iterator[tuple[str, Names]]:
    chance = random.Random(seed)
    for source, names in itertools.islice(itertools.cycle(seeds()), count):
        yield mutant(source, chance), names


def fuzz(count: int, seed: int) -> float:
    """Hold mutants to the policy, and give the share that is covered."""
    return sum(agree(*one) for one in mutants(count, seed)) / count


def test_mutants_agree() -> None:
    assert fuzz(800, random.randrange(10**9)) > 0.15


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_many_mutants_agree(seed: int) -> None:
    assert fuzz(2_500, seed) > 0.15


SABOTAGES: dict[str, tuple[str, object]] = {
    "an escape is read as another": ("_ESCAPED", {**labels._ESCAPED, "\\n": "\t"}),
    "no name is reserved": ("RESERVED", frozenset()),
    "builtins are classes": ("_BUILTINS", frozenset()),
    "what follows the list is passed over": ("_BLANKS", " \n,x0"),
    "white space may stand before the list": ("_START", re.compile(r"\s*(?:result *= *)?\[")),
    "a constant is another": ("_BOOLEANS", {"True": 1, "False": False}),
    "no depth is too deep": ("DEPTH_LIMIT", 1000),
    "no source is too long": ("_LENGTH_LIMIT", 10**9),
}  # fmt: skip
# Of the pattern: what stands there, and what a careless hand might write.
CARELESS = {
    "any white space is passed over": (r"[ \n]*+", r"\s*+"),
    "numbers may start with a zero": ("0|[1-9][0-9]{0,17}+", "[0-9]{1,18}+"),
    "numbers may be written with an exponent": (r"(?:\.[0-9]{1,18}+)?", r"(?:\.?[0-9]*+(?:e[0-9]+)?)"),
    "strings hold any character": (labels._ODD, r"\\"),
    "any escape is one": (labels._ESCAPE, r"\\."),
    "names have letters of any script": (labels.NAME, r"[^\W\d]\w*+"),
    "names may start with an underscore": (labels.NAME, r"[A-Za-z_][A-Za-z0-9_]*+"),
    "what is not covered is passed over": ("| (.)", "| (?!)()"),
}  # fmt: skip
for _name, (_old, _new) in CARELESS.items():
    assert _old in labels._TOKEN.pattern, _name
    SABOTAGES[_name] = ("_TOKEN", re.compile(labels._TOKEN.pattern.replace(_old, _new), labels._TOKEN.flags))


@pytest.mark.parametrize("name", SABOTAGES)
def test_the_examples_and_mutants_see_a_fault(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = [(one, NAMES) for one in (*COVERED, *DECLINED, "[None()]", "[None.A]")]
    monkeypatch.setattr(labels, *SABOTAGES[name])

    def agrees(source: str, names: Names) -> bool:
        try:
            agree(source, ((*names[0], "None", "lambda"), (*names[1], "None")))
        except (AssertionError, LookupError, ValueError):
            return False
        return True

    assert not all(agrees(*one) for one in (*attempts, *mutants(5_000, 0)))


# Rows


def test_good_rows_are_covered() -> None:
    counts = [share(path) for path in sorted(FIXTURES.glob("datasets/*/valid/*.json*"))]
    covered, count = map(sum, zip(*counts, strict=True))
    # They show every construct that labels may hold; published rows, below, are plain.
    assert covered / count > 0.7


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*/**/*.json*")), ids=lambda path: path.stem)
def test_rows_of_fixtures_agree(path: Path) -> None:
    share(path)


@pytest.mark.skipif(not SHARED.exists(), reason="the corpora stand beside the repository, not in it")
def test_rows_of_the_corpora_agree() -> None:
    share(SHARED / "attacks" / "public.jsonl")
    covered, count = share(SHARED / "guidex" / "rows.jsonl")
    assert covered == count


# The jail


class Asked(Worker):
    """A jail that notes what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[object] = []

    def request(self, content: dict[str, object]) -> Reply:
        self.sources.append(content["source"])
        return super().request(content)

    def request_all(self, contents: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]] | None:
        self.sources += [one["source"] for one in contents]
        return super().request_all(contents)


def test_the_jail_is_asked_for_all_that_is_not_plain() -> None:
    schema = parse_guideline("@dataclass\nclass Person:\n    name: str").schema
    plain, others = "[Person('a')]", ["[Person('a' 'b')]", "[Person(", ""]
    records = [Record(guidelines="", labels=one) for one in (plain, "\ufeff" + plain, *others)]
    with Asked() as worker:
        found = execute_all([(one, schema) for one in records], worker)
        assert plain not in worker.sources
        assert set(others) <= set(worker.sources)
        assert found == [execute(one, schema, worker) for one in records]
        asked = len(worker.sources)
        assert found == execute_all([(one, schema) for one in records], worker, accelerate=False)
        assert worker.sources[asked:].count(plain) == 2


def test_what_is_demanded_is_demanded_for_plain_labels_too(tmp_path: Path) -> None:
    record, schema = Record(guidelines="", labels="[Person('a')]"), parse_guideline("").schema
    assert execute(record, schema, Worker(tmp_path / "none")).instances
    with Worker(tmp_path / "none", demand="strict") as worker:
        for ask in (lambda: execute(record, schema, worker), lambda: execute_all([(record, schema)], worker)):
            with pytest.raises(JailError):
                ask()


BROKEN = [
    "```python\n[Person('a')]\n```",
    "Here it is: [Person(name='a')] That is all.",
    "[Person(name='a'), Person(name='b', names=['x', 'y",
    "[Person(name='a'), Person(name='b'), Person(",
    "result = [Person(name='a'), Person(name=",
    "[Person(name=\u201ca\u201d), Person(name=\u2018b\u2019)]",
    "[Person(name='a') Person(name='b')]",
    "[Person(name='a'), Person(name 'b'), Person(name='c')]",
    "[Person(name=1 + 1), Person(name='c'), Person(name=f(x))]",
    "[Person(name=x.y), Person(name=[i for i in j]), Person(name='c')]",
    "[Person(name=print('a')), Role.A, 1, None, Person('a')]",
    "[" + "Person(name=lambda: 0), " * 20 + "Person(name='a')]",
    "[" + "Person(name=?), " * 20 + "Person(name='a')]",
    "```\n[Person(name='a'), Person(name='b\n```",
    "[Person(name='a'), 0, Person(name 'b')]",
]
BROKEN_BEFORE = ("", "x = 1\n")


def assert_read_alike(labels: str, before: str, schema: Schema, worker: Worker) -> None:
    """Hold what is read of labels, however broken they are, to what the jail reads without the interpreter."""
    record = Record(guidelines="", labels=before + labels, labels_start=len(before))
    found, expected = (execute(record, schema, worker, accelerate=accelerate) for accelerate in (True, False))
    assert repr(found.value) == repr(expected.value)
    assert (found.faults, found.unused, found.skipped, found.empty) == (
        expected.faults,
        expected.unused,
        expected.skipped,
        expected.empty,
    )


@pytest.fixture(scope="module")
def jail() -> Iterator[Worker]:
    with Worker() as one:
        yield one


DECLARED = parse_guideline(
    "class Role(Enum):\n    A = 1\n\n\n@dataclass\nclass Person:\n    name: str\n    names: list[str] = None\n"
).schema


@pytest.mark.parametrize("before", BROKEN_BEFORE)
@pytest.mark.parametrize("labels", BROKEN)
def test_what_is_broken_is_read_alike(labels: str, before: str, jail: Worker) -> None:
    assert_read_alike(labels, before, DECLARED, jail)


def test_broken_lists_are_read_without_asking_twice() -> None:
    with Asked() as worker:
        execute(Record(guidelines="", labels=BROKEN[0]), DECLARED, worker)
        assert worker.sources == [BROKEN[0]]


def read_mutants(count: int, seed: int, jail: Worker) -> None:
    """Hold mutants of broken labels to what the jail reads without the interpreter."""
    chance = random.Random(seed)
    for source in itertools.islice(itertools.cycle([*BROKEN, *COVERED]), count):
        assert_read_alike(mutant(source, chance), chance.choice(BROKEN_BEFORE), DECLARED, jail)


def test_mutants_of_what_is_broken_are_read_alike(jail: Worker) -> None:
    read_mutants(400, random.randrange(10**9), jail)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_many_mutants_of_what_is_broken_are_read_alike(seed: int, jail: Worker) -> None:
    read_mutants(4_000, seed, jail)
