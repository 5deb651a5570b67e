"""The accelerator of guidelines: what it reads is what libcst reads, or it declines; and it is used at all."""

import ast
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus
from guidex_schema.accelerate.comments import line_comments
from guidex_schema.definitions import definitions, descriptions
from guidex_schema.guideline import ROW_LIMITS, Guideline, parse_guideline
from guidex_schema.instance import Record
from guidex_schema.inventory import inventory
from guidex_schema.rendering import render_guideline
from guidex_schema.rule import Fault, Rule, default_rules, discover
from guidex_schema.schema import ListType, ReferenceType, Schema, UnknownType
from guidex_schema.subject import Subject
from guidex_schema.syntax import quoted_annotation
from mutation import mutant, mutants
from strategies import schemas

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"
FILES = sorted((ROOT / "fixtures" / "guidelines").rglob("*.py"))
DATASETS = sorted(
    [*(ROOT / "fixtures" / "datasets").rglob("*.jsonl"), *(ROOT / "fixtures" / "attacks").glob("*.jsonl")]
)
ELSEWHERE = [SHARED / "guidex" / "rows.jsonl", SHARED / "attacks" / "public.jsonl"]
SEED = 8


def facts(guideline: Guideline) -> list[object]:
    """Give all that a guideline holds, places included, in a form that compares."""
    return [
        guideline.source,
        guideline.readable,
        ast.dump(guideline.tree, include_attributes=True),
        guideline.schema.model_dump(),
        guideline.schema.model_dump_json(),
        guideline.faults,
        guideline.unreadable,
        guideline.keyworded,
        guideline.bound_names,
        {name: ast.dump(value) for name, value in guideline.type_aliases.items()},
    ]


def told(guideline: Guideline) -> list[object]:
    """Give what rules are told of a guideline in place of its tree, and the places that they may name."""
    return [
        inventory(guideline),
        [(one.number, one.text, one.summary, one.words, one.name, one.written) for one in definitions(guideline)],
        [(one.path, one.attribute, one.name, one.written) for one in descriptions(guideline)],
    ]


def assert_equal(source: str) -> None:
    accelerated = parse_guideline(source, limits=ROW_LIMITS)
    authority = parse_guideline(source, limits=ROW_LIMITS, accelerate=False)
    assert facts(accelerated) == facts(authority)
    assert told(accelerated) == told(authority)
    # What is built without validation is what validation would have let pass.
    assert Schema.model_validate_json(accelerated.schema.model_dump_json()) == accelerated.schema


def is_accelerated(source: str) -> bool:
    guideline = parse_guideline(source, limits=ROW_LIMITS)
    return line_comments(guideline.readable, guideline.tree) is not None


def is_read_by_pattern(source: str) -> bool:
    return parse_guideline(source, limits=ROW_LIMITS).parsed is None


def row_sources(path: Path) -> Iterator[str]:
    """Give the guidelines of every row that has some, in either form of rows."""
    for line in path.read_bytes().decode("utf-8", "replace").split("\n"):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict) and isinstance(row.get("guidelines"), str):
            yield row["guidelines"]
        elif isinstance(row, dict) and isinstance(row.get("text"), str):
            yield row["text"].partition("\ntext = ")[0]


def written_sources() -> list[str]:
    return [path.read_text("utf-8") for path in FILES] + [one for path in DATASETS for one in row_sources(path)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_read_alike(path: Path) -> None:
    assert_equal(path.read_text("utf-8"))


@pytest.mark.parametrize("path", DATASETS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_rows_of_a_dataset_are_read_alike(path: Path) -> None:
    for source in row_sources(path):
        assert_equal(source)


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: path.parent.name)
def test_published_and_hostile_rows_are_read_alike(path: Path) -> None:
    if not path.exists():
        pytest.skip("the rows stand beside a checkout only, in shared/data")
    for source in row_sources(path):
        assert_equal(source)


# Files that only libcst reads, each for a reason: names that are not ASCII, and a comprehension.
NOT_PLAIN = {"bird_notes_russian", "museum_chinese", "sky_catalogue"}


def test_plain_files_are_accelerated() -> None:
    assert {path.stem for path in FILES if not is_accelerated(path.read_text("utf-8"))} == NOT_PLAIN


def test_plain_rows_are_accelerated() -> None:
    valid = [path for path in DATASETS if path.parent.name == "valid"]
    sources = [source for path in valid for source in row_sources(path)]
    declined = [source for source in sources if not is_accelerated(source)]
    assert len(sources) > 20
    assert len(declined) <= 2


def test_published_rows_are_accelerated() -> None:
    path = ELSEWHERE[0]
    if not path.exists():
        pytest.skip("the rows stand beside a checkout only, in shared/data")
    assert all(map(is_accelerated, row_sources(path)))


PLAIN = [path.read_text("utf-8") for path in FILES if path.stem not in NOT_PLAIN]
COMMENTS = (
    "# plain",
    "#",
    "#  two  spaces ",
    "# guidex: ignore[GX101]",
    "# why # guidex: ignore",
    "# noqa",
    "# “é”",
    "##",
)


@st.composite
def laid_out(draw: st.DrawFn) -> str:
    """Give guidelines, written or rendered, with blank lines and comments anywhere, in one of Python's line ends."""
    lines = draw(st.one_of(st.sampled_from(PLAIN), st.sampled_from(PLAIN), schemas().map(render_guideline))).split("\n")
    chance = random.Random(draw(st.integers(0, 2**32)))
    share = draw(st.sampled_from((0.0, 0.05, 0.5)))
    # A comment that stands anywhere but above the code is left to the authority.
    astray = draw(st.sampled_from((0.0, 0.0, 0.1)))
    found: list[str] = []
    for number, line in enumerate(lines):
        following = next((one for one in lines[number:] if one.strip()), "")
        indent = " " * (len(following) - len(following.lstrip(" ")))
        while chance.random() < share:
            depth = "  " if chance.random() < astray else indent
            found.append(chance.choice(("", "  ", depth + chance.choice(COMMENTS), depth + chance.choice(COMMENTS))))
        found.append(line + (chance.choice(("  ", " ")) + chance.choice(COMMENTS) if chance.random() < share else ""))
    return draw(st.sampled_from(("\n", "\n", "\n", "\n", "\r\n", "\r"))).join(found)


@given(laid_out())
def test_every_schema_in_every_layout_is_read_alike(source: str) -> None:
    assert_equal(source)


@given(schemas(), st.integers(0, 2**32))
def test_mutants_of_every_schema_are_read_alike(schema: Schema, seed: int) -> None:
    assert_equal(mutant(render_guideline(schema), random.Random(seed)))


def test_mutants_are_read_alike() -> None:
    for source in mutants(written_sources(), 500, SEED):
        assert_equal(source)


@pytest.mark.slow
def test_ten_thousand_mutants_are_read_alike() -> None:
    for source in mutants(written_sources(), 10_000, SEED + 1):
        assert_equal(source)


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n\tx: str\n",
        "class A:\n    x: str\r\n",
        "\ufeffclass A:\n    x: str\n",
        "\fclass A:\n    x: str\n",
        "class A:\n    x: str; y: str\n",
        "class A: x: str\n",
        "class \\\n A:\n    x: str\n",
        "class A:\n    (x): str\n",
        "class ﬁ:\n    x: str\n",
        "class A:\n    ℌ: str\n",
        "class A:\n  # lower than the block\n    x: str\n",
        "# -*- coding: latin-1 -*-\nclass A:\n    x: str\n",
        "X = {a: b for a, b in Y}\nclass A:\n    x: str\n",
    ],
)
def test_what_is_unusual_is_left_to_libcst(source: str) -> None:
    assert not is_accelerated(source)
    assert_equal(source)


NAMES = (
    "a",
    "x1",
    "Person",
    "Place",
    "List",
    "str",
    "type",
    "match",
    "None",
    "class",
    "KW_ONLY",
    "ClassVar",
    "_a",
    "é",
)
TYPES = (
    *(
        "str",
        "int",
        "Any",
        "None",
        "Person",
        "'Place'",
        '"Person"',
        "Missing",
        "'Missing'",
        "KW_ONLY",
        "Entity",
        "list",
    ),
    *("List[str]", "Optional[List['Place']]", "Dict[str, int]", "Union[Person, None]", "ClassVar[int]", "InitVar[str]"),
    *(
        "Literal['a', \"b c\"]",
        "Literal['a b']",
        "Literal['f()']",
        "Literal['await x']",
        "Literal[1]",
        "Literal['a' 'b']",
    ),
    *("Annotated[str, 'Place']", "'Pla' 'ce'", "List['Person' 'x']", "Literal[Person]", "List[None]"),
    *("List[List[List[List[str]]]]", "List[List[List[List[List[str]]]]]", "List[a, b]", "str, int", "x; y", "'"),
)
DOCSTRINGS = (
    *('"""One."""', '"""\n    Two\n      lines.\n    """', '""""a" b"""', '"""a"b"""', '""""""', '"""“é”"""'),
    *('"""a\tb\fc"""', '"one"', "'''one'''", '"""a""""', '"""a""" "b"'),
)
DEFAULTS = (
    *("", "", " = None", " = True", " = 0", " = 1.50", " = 'a \"b\"'", ' = ""', " = field(default_factory=list)"),
    *("=None", " = 1_0", " = -1", " = 00", " = 1.", " = 1e5", " = 'a' 'b'", " = field(default=1)", " = Role.A"),
)
BLANKS = ("", "", "", "\n", "  \n", "    # why\n", "    #\n", "    # noqa\n", "# why\n", "# coding\n", "  # why\n")
BASES = ("", "", "(Entity)", "(Event)", "(Enum)", "(Person)", "(Entity, Event)", "()", "(str)")


@st.composite
def plainly_written(draw: st.DrawFn) -> str:
    """Give guidelines that are mostly plain, with something unusual in some of them."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    share = draw(st.sampled_from((0.0, 0.0, 0.1, 0.5)))

    def one_of(choices: Sequence[str], usual: int) -> str:
        return chance.choice(choices if chance.random() < share else choices[:usual])

    lines = [one_of(("from typing import List, Optional\n", "import x\n", "from typing import List as L\n"), 1)]
    for number in range(draw(st.integers(0, 3))):
        decorator = one_of(("@dataclass\n", "", "@dataclass(frozen=True)\n"), 2)
        name = one_of(NAMES, 6) + chance.choice(("", str(number)))
        lines += [one_of(BLANKS, 5), decorator, f"class {name}{one_of(BASES, 4)}:\n"]
        lines.append(f"    {one_of(DOCSTRINGS, 6)}\n")
        for place in range(draw(st.integers(0, 4))):
            name = one_of(NAMES, 8) + chance.choice(("", str(place)))
            comment = one_of(("", "", "  # one", " #", "# noqa", ";"), 5)
            lines += [one_of(BLANKS, 8), f"    {name}: {one_of(TYPES, 16)}{one_of(DEFAULTS, 9)}{comment}\n"]
            lines += [one_of(BLANKS, 5), f"    {one_of(DOCSTRINGS, 6)}\n"] if chance.random() < 0.5 else []
    return "".join(lines)


@given(plainly_written(), st.integers(0, 2**32))
def test_what_is_read_by_pattern_is_what_is_read_from_the_tree(source: str, seed: int) -> None:
    assert_equal(source)
    assert_equal(mutant(source, random.Random(seed)))


@pytest.mark.slow
def test_ten_thousand_plain_mutants_are_read_alike() -> None:
    for source in mutants(list(filter(is_read_by_pattern, written_sources())), 10_000, SEED + 2):
        assert_equal(source)


def test_plain_rows_take_no_tree_until_somebody_asks_for_it() -> None:
    sources = [one for path in DATASETS if path.parent.name == "valid" for one in row_sources(path)]
    plain = list(filter(is_read_by_pattern, sources))
    assert len(plain) > len(sources) / 2
    guidelines = list(map(parse_guideline, plain))
    assert not any("tree" in vars(one) for one in guidelines)
    assert all(one.classes[-1].name == one.schema.entity_types[-1].name for one in guidelines)


def linted(rule: Rule, guideline: Guideline, document: str) -> list[Fault]:
    """Give what a rule about guidelines finds in a row."""
    subject = Subject(Record(guidelines=guideline.source, labels="", document=document), guideline, None)
    return list(rule.lint(guideline) if rule.lint is not None else rule.check(subject) if rule.check else ())


def test_lints_that_find_nothing_in_plain_rows_take_no_tree() -> None:
    made = [row.columns() for row in corpus.rows(SEED, 40)]
    rows = [(one["guidelines"], one["document"]) for one in made]
    rows += [(source, "") for path in DATASETS for source in row_sources(path)]
    plain = [(source, document) for source, document in rows if is_read_by_pattern(source)]
    assert len(plain) > len(rows) / 2
    for rule in (one for one in default_rules("row") if one.is_lint):
        for source, document in plain:
            guideline = parse_guideline(source, limits=ROW_LIMITS)
            assert linted(rule, guideline, document) or "tree" not in vars(guideline), (rule.code, source)


@given(plainly_written())
def test_lints_find_the_same_with_and_without_a_tree(source: str) -> None:
    accelerated = parse_guideline(source, limits=ROW_LIMITS)
    authority = parse_guideline(source, limits=ROW_LIMITS, accelerate=False)
    for rule in (one for one in discover() if one.is_lint):
        assert linted(rule, accelerated, "One two") == linted(rule, authority, "One two")


BODY = "    x: str\n"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "# nothing",
        f"# what\nfrom typing import List,Optional\n\n@dataclass \nclass A:\n{BODY}\n# the end",
        "class A:\n    x: str",
        'class A(Entity):\n    """a"""',
        'class A:\n    """a\n      b\n    c"""\n    x: List[Literal["a", \'b c\']] = None  # d\n    """e"""   \n',
        f"class A:\n    # above\n\n    # close\n{BODY}    # none\n    y: int = 12\n    z: str = 'a'  # noqa\n",
        f"class A:\n{BODY}class B:\n{BODY}class C:\n    a: A\n    b: Optional[List['B']]\n    c: B = True\n",
        f"class A:\n{BODY}class D:\n    a: Dict[str, A]\n    b: list = field(default_factory=list)\n",
        f'class A:\n{BODY}    """“é”"""\n    y: str  # “é”\n',
    ],
)
def test_what_is_plain_takes_no_tree(source: str) -> None:
    assert is_read_by_pattern(source)
    assert_equal(source)


@pytest.mark.parametrize(
    "source",
    [
        f"class A(B):\n{BODY}",
        f"class None:\n{BODY}",
        "class KW_ONLY:\n    x: KW_ONLY\n    y: str\n",
        f"class A:\n{BODY}class A:\n{BODY}",
        f"class A:\n{BODY}{BODY}",
        f"class A:\n  # above\n{BODY}",
        f"class Event:\n{BODY}class A(Event):\n{BODY}",
        f"class A(Entity, Event):\n{BODY}",
        "class A:\n    class: str\n",
        "class A:\n    x: str;\n",
        "class A:\n    x: str, int\n",
        "class A:\n    x: List[\n",
        "class A:\n    x: Literal['f()']\n",
        "class A:\n    x: Literal['await x']\n",
        "class A:\n    x: ClassVar[int]\n",
        "class A:\n    x: List[List[List[List[List[List[List[List[List[str]]]]]]]]]\n",
        "class A:\n    x: int = 0x1\n",
        "class A:\n    x: int = 01\n",
        "class A:\n    x: str = 'a' 'b'\n",
        'class A:\n    x: str = """a"""\n',
        "class A:\n    x: str = field(default_factory=str)\n",
        'class A:\n    """a"""\n    """b"""\n',
        'class A:\n    """a""""\n',
        'class A:\n    """a"""  # b\n',
        "class A:\n    '''a'''\n",
        f'class A:\n    """{"a. " * 256}"""\n',
        'class A:\n    """a\r\nb"""\n',
        'class A:\n    """a\\tb"""\n',
        'class A:\n    """a\tb"""\n',
        "class A:\n    x: str  # a\fb\n",
        f'"""a"""\nclass A:\n{BODY}',
        f"# coding: latin-1\nclass A:\n{BODY}",
        f"@dataclass(frozen=True)\nclass A:\n{BODY}",
        f"from typing import None\nclass A:\n{BODY}",
        f"from typing import List as L\nclass A:\n{BODY}",
        f"from elsewhere import List\nclass A:\n{BODY}",
        "class A:\n" + "".join(f"    x{number}: str\n" for number in range(600)),
        "class A:\n",
    ],
)
def test_what_is_not_plain_is_left_to_the_tree(source: str) -> None:
    assert not is_read_by_pattern(source)
    assert_equal(source)


@pytest.mark.parametrize(
    "text", ["Person", " Person ", "_", "match", "None", "True", "lambda", "é", "Größe", "ﬁ", "a b", "", "List[str]"]
)
def test_a_quoted_name_is_what_the_parser_makes_of_it(text: str) -> None:
    try:
        parsed = ast.dump(ast.parse(text.strip(), mode="eval").body, include_attributes=True)
    except SyntaxError:
        parsed = None
    found = quoted_annotation(text)
    assert parsed == (None if found is None else ast.dump(found, include_attributes=True))


def test_what_one_file_calls_a_type_means_nothing_in_another() -> None:
    body = "class A:\n    x: List[Вид]\n    y: Kind\n"
    sources = (body, f"class Вид: pass\nclass Kind: pass\n{body}")
    read = [parse_guideline(source).schema.entity_types[-1].attributes for source in sources]
    assert [[attribute.type for attribute in attributes] for attributes in read] == [
        [ListType(of=UnknownType(source="Вид")), UnknownType(source="Kind")],
        [ListType(of=ReferenceType(entity_type="Вид")), ReferenceType(entity_type="Kind")],
    ]


def test_plain_guidelines_need_no_libcst() -> None:
    source = "from dataclasses import dataclass\n\n@dataclass\nclass A:\n    x: str  # the name\n"
    script = (
        "import sys; from guidex_schema.guideline import parse_guideline; "
        f"guideline = parse_guideline({source!r}); print(guideline.schema.entity_types[0].attributes[0].description); "
        "print('libcst' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.split("\n")[:2] == ["the name", "False"]
