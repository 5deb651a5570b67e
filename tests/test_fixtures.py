"""Every fixture raises exactly what it says it raises, and nothing that it holds is ever run."""

import ast
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from guidex_schema.datasets import read_dataset
from guidex_schema.diagnostic import Diagnostic, Report
from guidex_schema.guideline import parse_guideline
from guidex_schema.linting import Linter
from guidex_schema.rendering import render_guideline
from guidex_schema.rule import discover
from guidex_schema.schema import Schema
from guidex_schema.validation import Validator

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
CODES = Path(__file__).resolve().parent / "codes.tsv"

# What no file raises: sizes beyond the limits stand in a test below, abstractive attributes are a setting, the rest is
# the jail's verdict about itself.
NOT_IN_A_FILE = frozenset(("GX010", "GX304", "GX402", "GX403", "GX404", "GX405", "GX406"))

# What keeps a row from being a record.
UNREAD = frozenset(("GX002", "GX003", "GX004"))

ATTACKS = sorted(FIXTURES.glob("attacks/*.jsonl"))
DATASETS = [*sorted(FIXTURES.glob("datasets/*/*valid/*.json*")), *ATTACKS]
GUIDELINES = sorted(FIXTURES.glob("guidelines/*.py"))
DRAFTS = sorted(FIXTURES.glob("guidelines/drafts/*.py"))
LINTED = FIXTURES / "guidelines" / "expected.tsv"
BROKEN = sorted(path for path in FIXTURES.glob("datasets/broken/*.json*") if not path.name.endswith(".expect.json"))

Codes: TypeAlias = list[str]


def named(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix()


def rows_of(path: Path) -> list[dict[str, object]]:
    text = path.read_text(encoding="utf-8")
    content = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.split("\n") if line]
    assert all(isinstance(row, dict) for row in content)
    return list(content)


def expected(row: dict[str, object]) -> Codes:
    codes = row["expect"]
    assert isinstance(codes, list)
    return [str(code) for code in codes]


def identifier(row: dict[str, object]) -> str:
    identifiers = row.get("ids", [row.get("id")])
    assert isinstance(identifiers, list)
    return str(identifiers[0])


def codes_of(report: Report) -> Codes:
    return sorted({diagnostic.code for diagnostic in report.diagnostics})


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as shared:
        yield shared


@pytest.mark.parametrize("path", DATASETS, ids=named)
def test_every_row_raises_exactly_what_it_expects(path: Path, validator: Validator) -> None:
    rows = rows_of(path)
    found: defaultdict[int, list[Diagnostic]] = defaultdict(list)
    checked = 0
    for report in validator.check_file(path):
        checked += report.checked
        for one in report.diagnostics:
            assert one.record is not None
            found[one.record.index].append(one)
    assert checked == len([row for row in rows if not set(expected(row)) & UNREAD])
    wrong = [
        f"{identifier(row)}: expected {expected(row)}, found "
        + str([f"{one.code} {one.path or one.part}: {one.message}" for one in found[index]])
        for index, row in enumerate(rows)
        if sorted({one.code for one in found[index]}) != expected(row)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", ATTACKS, ids=named)
def test_a_jail_that_starts_with_the_canary_in_its_environment_leaves_it_alone(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUIDEX_CANARY", str(tmp_path / "canary"))
    monkeypatch.chdir(tmp_path)
    with Validator() as fresh:
        assert len(list(fresh.check_file(path))) >= len(rows_of(path))
    assert not list(tmp_path.iterdir()), "a fixture has been run"


@pytest.mark.parametrize("path", BROKEN, ids=named)
def test_a_broken_file_raises_what_it_expects_and_nothing_else(path: Path, validator: Validator) -> None:
    expectations = json.loads(path.with_suffix(".expect.json").read_text(encoding="utf-8"))
    found: defaultdict[int | None, set[str]] = defaultdict(set)
    for report in validator.check_file(path):
        assert report.diagnostics or report.checked, "a row that was not checked says why"
        for diagnostic in report.diagnostics:
            found[diagnostic.record.line if diagnostic.record else None].add(diagnostic.code)
    assert {line: sorted(codes) for line, codes in found.items()} == {
        expectation["line"]: expectation["codes"] for expectation in expectations
    }


def test_good_rows_of_a_broken_file_are_checked(validator: Validator) -> None:
    for path in BROKEN:
        expectations = json.loads(path.with_suffix(".expect.json").read_text(encoding="utf-8"))
        if path.suffix == ".jsonl" and path.name != "utf-16.jsonl":
            unread = {one["line"] for one in expectations if not set(one["codes"]) & {"GX007", "GX009"}}
            filled = {number for number, line in enumerate(path.read_bytes().split(b"\n"), start=1) if line.strip()}
            checked = sum(report.checked for report in validator.check_file(path))
            assert checked == len(filled - unread), path.name


def test_labels_and_guidelines_beyond_the_limits_are_not_read(validator: Validator, tmp_path: Path) -> None:
    row = rows_of(FIXTURES / "datasets/native/valid/cooking.jsonl")[0]
    filler = "# " + "x" * (64 * 1024) + "\n"
    path = tmp_path / "large.jsonl"
    large = [{**row, part: filler + str(row[part]), "document": None} for part in ("labels", "guidelines")]
    path.write_text("".join(json.dumps(one) + "\n" for one in large), encoding="utf-8")
    labels, guidelines = validator.check_file(path)
    assert codes_of(labels) == ["GX010", "GX508"]
    assert "GX010" in codes_of(guidelines)
    assert not labels.kept
    assert not guidelines.kept


def test_a_file_that_is_not_there_is_a_finding(validator: Validator, tmp_path: Path) -> None:
    (report,) = validator.check_file(tmp_path / "missing.jsonl")
    assert codes_of(report) == ["GX001"]
    assert not report.kept


def test_fixtures_raise_every_code_that_a_file_can_raise() -> None:
    raised = {code for path in DATASETS for row in rows_of(path) for code in expected(row)}
    for path in BROKEN:
        expectations = json.loads(path.with_suffix(".expect.json").read_text(encoding="utf-8"))
        raised |= {code for expectation in expectations for code in expectation["codes"]}
    raised |= {code for _, _, code, _ in linted()}
    known = {line.split("\t")[0] for line in CODES.read_text(encoding="utf-8").splitlines()[1:]}
    # An answer of a model stands in no dataset.
    answers = {rule.code for rule in discover() if rule.gate is not None}
    assert known - raised <= NOT_IN_A_FILE | answers
    assert raised <= known


def linted() -> list[tuple[str, str, str, str]]:
    with LINTED.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    return [(row["file"], row["line"], row["code"], row["path"]) for row in rows]


def test_guideline_files_raise_exactly_what_is_expected_with_every_rule() -> None:
    linter = Linter([rule for rule in discover() if rule.is_lint])
    found = []
    for path in (*GUIDELINES, *DRAFTS):
        name = path.relative_to(FIXTURES / "guidelines").as_posix()
        for one in linter.lint(path.read_text(encoding="utf-8")).diagnostics:
            assert one.location is not None
            found.append((name, str(one.location.start.line), one.code, one.path or ""))
    assert sorted(found) == sorted(linted())


@pytest.mark.parametrize("path", DRAFTS, ids=named)
def test_fixes_of_a_draft_come_to_an_end_and_keep_what_it_declares(path: Path) -> None:
    linter = Linter([rule for rule in discover() if rule.is_lint])
    source = path.read_text(encoding="utf-8")
    for unsafe in (False, True):
        repair = linter.fix(source, unsafe=unsafe)
        assert not [one for one in repair.report.diagnostics if one.fix is not None and (one.fix.safe or unsafe)]
        assert linter.fix(repair.source, unsafe=unsafe).source == repair.source
        codes = Counter(one.code for one in linter.lint(source).diagnostics)
        assert not Counter(one.code for one in repair.report.diagnostics) - codes
        before, after = parse_guideline(source).schema, parse_guideline(repair.source).schema
        assert len(set(after.class_names)) == len(set(before.class_names))


def test_expectations_are_sorted_and_identifiers_unique() -> None:
    seen: set[str] = set()
    for path in DATASETS:
        for row in rows_of(path):
            assert expected(row) == sorted(set(expected(row))), identifier(row)
            assert identifier(row) not in seen
            seen.add(identifier(row))
            if path.parent.name == "valid":
                assert not expected(row), identifier(row)


def test_documents_are_those_of_the_rows() -> None:
    documents = {}
    for path in (one for one in DATASETS if one.parent.name == "valid"):
        for row, read in zip(rows_of(path), read_dataset(path), strict=True):
            assert read.record is not None
            documents[identifier(row).removeprefix("<urn:guidex-fixture:").removesuffix(">")] = read.record.document
    files = sorted(FIXTURES.glob("documents/*.txt"))
    assert files
    for file in files:
        assert documents[file.stem] == file.read_text(encoding="utf-8").removesuffix("\n"), file.name


@pytest.mark.parametrize("path", GUIDELINES, ids=named)
def test_a_guideline_file_reads_without_fault_and_survives_rendering(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    ast.parse(source)
    guideline = parse_guideline(source)
    assert not guideline.faults
    assert not guideline.unreadable
    declared = [statement.name for statement in ast.parse(source).body if isinstance(statement, ast.ClassDef)]
    assert sorted(guideline.schema.class_names) == sorted(declared)
    rendered = parse_guideline(render_guideline(guideline.schema))
    assert not rendered.faults
    assert rendered.schema == guideline.schema
    assert Schema.model_validate_json(guideline.schema.model_dump_json()) == guideline.schema
