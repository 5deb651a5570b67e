"""Fixing by rounds: what does not mend is taken back, and the rest is mended all the same."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.diagnostic import Edit, Fault, Fix
from guidex_schema.guideline import Guideline
from guidex_schema.linting import Linter
from guidex_schema.rule import Rule, by_name

FAULTY = "@dataclass\nclass A:\n    x: list = []  # one\n    y: list = []  # two\n    z: list = []  # three\n"


def rule(pattern: str, replacement: Callable[[re.Match[str]], str], name: str = "shadowed-name") -> Rule:
    """Make a rule that finds a pattern and mends it as it is told, for better or worse."""

    def lint(guideline: Guideline) -> Iterator[Fault]:
        for found in re.finditer(pattern, guideline.source):
            edit = Edit(start=found.start(), end=found.end(), replacement=replacement(found))
            fix = Fix(title="Mend it", safe=True, edits=(edit,))
            yield Fault(rule=name, message=f"{found.group()} at {found.start()}", part="guidelines", fix=fix)

    return replace(by_name()[name], lint=lint)


@pytest.mark.parametrize(
    "worse",
    [
        rule("two", lambda found: "two"),
        rule("# two", lambda found: "# two) ("),
        rule("y: list", lambda found: "y list"),
        rule("(?<=class )A(?=:)", lambda found: "class"),
    ],
    ids=["nothing", "what stays found", "no more Python", "a keyword"],
)
def test_a_fix_that_does_not_mend_is_taken_back_and_the_rest_is_made(worse: Rule) -> None:
    good = [by_name()["mutable-default"], by_name()["missing-import"], by_name()["guideline-syntax"]]
    repair = Linter([worse, *good]).fix(FAULTY)
    without = Linter(good).fix(FAULTY)
    assert repair.source == without.source
    assert {one.code for one in repair.fixed} >= {"GX106", "GX107"}
    assert Linter([worse, *good]).fix(repair.source).source == repair.source


def test_fixes_that_undo_each_other_come_to_an_end() -> None:
    there = rule("one", lambda found: "eins")
    back = rule("eins", lambda found: "one", "reserved-name")
    repair = Linter([there, back]).fix(FAULTY)
    assert repair.source in (FAULTY, FAULTY.replace("one", "eins"))


def test_of_fixes_that_touch_each_other_the_later_ones_are_made_in_later_rounds() -> None:
    first, second = rule(r"= (?=\[)", lambda found: "=\t"), rule(r"\[\]", lambda found: "None", "reserved-name")
    assert Linter([first, second]).fix(FAULTY).source.count("= None") == 3
    assert Linter([first]).fix(FAULTY).source.count("=\t[]") == 3


def test_a_source_without_findings_stays_as_it_is() -> None:
    repair = Linter().fix("")
    assert (repair.source, repair.fixed) == ("", ())


SOURCES = sorted(
    path.read_text(encoding="utf-8")
    for path in (Path(__file__).parent.parent / "fixtures" / "guidelines").rglob("*.py")
)


@given(st.sampled_from(SOURCES), st.data())
def test_what_python_cannot_read_is_never_clean(source: str, data: st.DataObject) -> None:
    marks = [found.span() for found in re.finditer(r'"""|\'\'\'|[()\[\]"\':]', source)]
    start, end = data.draw(st.sampled_from(marks))
    broken = source[:start] + source[end:]
    try:
        ast.parse(broken)
    except SyntaxError:
        assert any(one.severity == "error" for one in Linter().lint(broken).diagnostics)
