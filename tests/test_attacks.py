"""Hostile rows through one validator: nothing runs, nothing leaks, and every row is judged as if it were alone."""

import ast
import itertools
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from guidex_schema.diagnostic import Report, Severity
from guidex_schema.instance import (
    Instance,
    ListValue,
    MappingValue,
    MemberValue,
    NoneValue,
    Record,
    SetValue,
    TupleValue,
    Value,
)
from guidex_schema.validation import Validator

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "data" / "attacks" / "public.jsonl"
FIXTURES = sorted((ROOT / "fixtures" / "attacks").glob("*.jsonl"))
SECRET = "correct-horse-battery-staple"
SECONDS = 30
# Some attacks start something that acts later.
DELAY_SECONDS = 1.5

# A clone of the repository has no corpus beside it.
corpus = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of attacks stands beside the repository, not in it")

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]


def errors(report: Report) -> list[str]:
    return [one.code for one in report.diagnostics if one.severity is Severity.ERROR]


def verdict(report: Report) -> list[tuple[str, str, str | None]]:
    """Give what is found in a row by itself; findings about the dataset look at other rows on purpose."""
    return [(one.code, one.message, one.path) for one in report.diagnostics if not one.code.startswith("GX5")]


def canaries(rows: list[Row]) -> set[str]:
    """Give the places that the rows themselves name for the canary."""
    found = re.findall(r"[\w/.-]*/[\w.-]*canary[\w.-]*", json.dumps(rows))
    return {name for name in found if Path(name).is_absolute()}


def meaning(node: ast.expr) -> object:
    """Read a good list without any of what is under test."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=positional, keywords=keywords):
            named = {str(one.arg): meaning(one.value) for one in keywords}
            return (name, [meaning(one) for one in positional], named)
        case ast.List(elts=items):
            return [meaning(one) for one in items]
        case _:
            return ("literal", type(ast.literal_eval(node)), ast.literal_eval(node))


def value_meaning(value: Value) -> object:
    match value:
        case Instance():
            named = {one.name: value_meaning(one.value) for one in value.keyword}
            return (value.class_name, [value_meaning(one) for one in value.positional], named)
        case ListValue():
            return [value_meaning(one) for one in value.items]
        case NoneValue():
            return ("literal", type(None), None)
        case TupleValue() | SetValue() | MappingValue() | MemberValue():
            raise AssertionError("no good row has one")
        case _:
            return ("literal", type(value.value), value.value)


@pytest.fixture(autouse=True)
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Set a canary and a secret, and look for the canary wherever an attack may have put it."""
    canary = tmp_path / "canary"
    monkeypatch.setenv("GUIDEX_CANARY", str(canary))
    monkeypatch.setenv("GUIDEX_SECRET", SECRET)
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    paths = [CORPUS, *FIXTURES] if CORPUS.exists() else FIXTURES
    elsewhere = {name for path in paths for name in canaries(rows_of(path)) if not os.path.lexists(name)}
    yield canary
    assert not os.path.lexists(canary), "an attack has been run"
    assert not [name for name in elsewhere if os.path.lexists(name)], "an attack has been run"
    assert not list(folder.iterdir()), "an attack has been run"


def no_leak(reports: list[Report]) -> None:
    users = Path("/etc/passwd")
    secrets = [SECRET, "root:", *(users.read_text("utf-8").split("\n")[:1] if users.exists() else [])]
    for report in reports:
        written = "".join(one.model_dump_json() for one in report.diagnostics)
        assert not [secret for secret in secrets if secret in written]


def rows_checked(validator: Validator) -> list[Report]:
    """Check the whole corpus; what is found in all rows together is left out."""
    return [report for report in validator.check_file(CORPUS) if report.checked or report.unread]


@pytest.fixture(scope="module")
def judged() -> list[tuple[Row, Report]]:
    """Check the whole corpus in its order with one validator."""
    with Validator() as validator:
        return list(zip(rows_of(CORPUS), rows_checked(validator), strict=True))


@corpus
def test_the_whole_corpus_is_judged_in_time_without_effect() -> None:
    rows = rows_of(CORPUS)
    assert canaries(rows)
    began = time.monotonic()
    with Validator() as validator:
        reports = rows_checked(validator)
    assert time.monotonic() - began < SECONDS
    assert len(reports) == len(rows)
    no_leak(reports)
    if any(row.get("delayed") for row in rows):
        time.sleep(DELAY_SECONDS)


@corpus
def test_every_row_has_the_verdict_that_is_expected(judged: list[tuple[Row, Report]]) -> None:
    wrong = []
    for row, report in judged:
        found = errors(report)
        if row["expected"] == "ok":
            found = [code for code in found if not code.startswith("GX3")]
        if row["expected"] != "contained" and bool(found) != (row["expected"] == "rejected"):
            wrong.append((row["id"], row["expected"], found))
    assert not wrong
    assert {row["expected"] for row, _ in judged} == {"ok", "rejected", "contained"}


@corpus
def test_good_rows_keep_every_value() -> None:
    with Validator() as validator:
        for row in rows_of(CORPUS):
            if row["expected"] != "ok":
                continue
            record = Record(guidelines=row["guidelines"], labels=row["labels"], document=row["text"])
            statement = ast.parse(row["labels"]).body[-1]
            assert isinstance(statement, ast.Expr | ast.Assign)
            found = [value_meaning(one) for one in validator.validate(record).instances]
            assert found == meaning(statement.value), row["id"]


@corpus
def test_a_row_is_judged_as_if_it_were_alone(judged: list[tuple[Row, Report]], tmp_path: Path) -> None:
    sample = [*judged[:: len(judged) // 20], *(pair for pair in judged if "sequence" in pair[0])]
    path = tmp_path / "one.jsonl"
    for row, report in sample:
        path.write_text(json.dumps(row) + "\n", "utf-8")
        with Validator() as fresh:
            (alone,) = fresh.check_file(path)
        assert verdict(alone) == verdict(report), row["id"]


@corpus
def test_an_honest_row_behind_each_attack_is_unharmed(tmp_path: Path) -> None:
    rows = rows_of(CORPUS)
    honest = next(row for row in rows if row["expected"] == "ok" and "members=[" in row["labels"])
    path = tmp_path / "mixed.jsonl"
    mixed = itertools.chain.from_iterable((row, honest) for row in rows)
    path.write_text("".join(json.dumps(row) + "\n" for row in mixed), "utf-8")
    with Validator() as validator:
        reports = list(validator.check_file(path))
    expected = verdict(reports[1])
    errors = [one.code for one in reports[1].diagnostics if one.severity is Severity.ERROR]
    assert not [code for code in errors if not code.startswith("GX3")]
    assert all(verdict(report) == expected for report in reports[1::2])
    no_leak(reports)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_the_projects_own_attacks_are_found_out(path: Path) -> None:
    with Validator() as validator:
        reports = list(validator.check_file(path))
    for row, report in zip(rows_of(path), reports, strict=True):
        assert sorted({one.code for one in report.diagnostics}) == list(row["expect"]), row["id"]
    no_leak(reports)
