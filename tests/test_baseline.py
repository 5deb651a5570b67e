"""Baselines: what is known does not fail, what is new does, and what is gone is told, wherever rows stand."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command import Folder
from guidex_schema.baseline import Baseline, Draft, Entry
from guidex_schema.datasets import read_dataset
from guidex_schema.diagnostic import Diagnostic, RecordReference, Report, Severity
from guidex_schema.error import UsageError
from guidex_schema.fingerprint import fingerprint
from guidex_schema.rule import GUIDELINES
from guidex_schema.validation import Validator
from test_machine_reports import found_reports

FIXTURES = Path(__file__).parent.parent / "fixtures" / "datasets"
SHUFFLED = sorted([*FIXTURES.glob("*/invalid/*.json*")])

GOOD = {"id": "good", "guidelines": GUIDELINES, "labels": "[Person(mention='Ada')]", "document": "Ada"}
BAD = GOOD | {"id": "bad", "labels": "[Persn(mention='Bob')]", "document": "Bob"}
WORSE = BAD | {"id": "worse", "labels": "[Perzon(mention='Eve')]", "document": "Eve"}
HEAD = '{"baseline": "guidex-schema", "version": 1}\n'


def finding(**changes: object) -> Diagnostic:
    plain = Diagnostic(
        code="GX201",
        name="undefined-class",
        severity=Severity.ERROR,
        message="m",
        file="rows.jsonl",
        record=RecordReference(index=0, id="r", line=1),
        part="labels",
    )
    return plain.model_copy(update=changes)


def drafted(path: Path, found: list[Report]) -> Baseline:
    draft = Draft()
    for report in found:
        draft.add(report)
    draft.write(path)
    return Baseline(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("baseline") / "known.jsonl"


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as shared:
        yield shared


@settings(max_examples=50)
@given(found=found_reports(), rng=st.randoms(use_true_random=False))
def test_what_is_known_is_known_in_any_order_and_once(place: Path, found: list[Report], rng: random.Random) -> None:
    baseline = drafted(place, found)
    text = place.read_text("utf-8")
    assert text.isprintable() or all(one.isprintable() or one in "\n\u200c\u200d\u00a0\u3000" for one in text)
    shuffled = [
        report.model_copy(update={"diagnostics": tuple(rng.sample(report.diagnostics, len(report.diagnostics)))})
        for report in rng.sample(found, len(found))
    ]
    drafted(place.with_suffix(".again"), shuffled)
    assert place.with_suffix(".again").read_text("utf-8") == text, "the text depends on what is known only"
    for report in shuffled:
        sifted = baseline.sift(report)
        assert sifted.report.diagnostics == ()
        assert sifted.known == len(report.diagnostics)
        assert sifted.is_unread_known == report.unread
    assert not list(baseline.gone(lambda entry: True))
    again = [baseline.sift(report) for report in found]
    assert [one.report.diagnostics for one in again] == [report.diagnostics for report in found]
    assert not any(one.is_unread_known for one in again)


@settings(max_examples=50)
@given(found=found_reports(), data=st.data())
def test_what_is_left_out_is_gone_and_what_comes_is_new(place: Path, found: list[Report], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(found)))
    baseline = drafted(place, found)
    for report in found[:cut]:
        baseline.sift(report)
    missing = [one for report in found[cut:] for one in report.diagnostics]
    assert sorted(entry.code for entry in baseline.gone(lambda entry: True)) == sorted(one.code for one in missing)
    baseline = drafted(place, found[:cut])
    new = [one for report in found for one in baseline.sift(report).report.diagnostics]
    assert sorted(one.code for one in new) == sorted(one.code for one in missing)


@pytest.mark.parametrize("has_ids", [True, False])
@pytest.mark.parametrize("path", SHUFFLED, ids=lambda path: path.name)
def test_rows_of_real_fixtures_are_known_in_any_order(
    path: Path, has_ids: bool, validator: Validator, tmp_path: Path
) -> None:
    text = path.read_text("utf-8")
    rows = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.split("\n") if line]
    rows = [{key: value for key, value in row.items() if has_ids or key not in ("id", "ids")} for row in rows]
    rng = random.Random(path.name)

    def reports(order: list[object], name: str) -> list[Report]:
        shuffled = tmp_path / name
        lines = [json.dumps(row) for row in order]
        shuffled.write_text(f"[{','.join(lines)}]" if path.suffix == ".json" else "\n".join(lines) + "\n", "utf-8")
        return [
            report.model_copy(update={"file": row.file, "record": row.reference})
            for row, _, report in validator.read_rows(read_dataset(shuffled))
        ]

    first = reports(rows, f"rows{path.suffix}")
    assert any(report.diagnostics for report in first)
    baseline = drafted(tmp_path / "known", first)
    second = reports(rng.sample(rows, len(rows)), f"rows{path.suffix}")
    new = [f"{one.code} {one.message}" for report in second for one in baseline.sift(report).report.diagnostics]
    assert not new
    assert not list(baseline.gone(lambda entry: True))


@settings(max_examples=50)
@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_numbers_of_lines_and_rows_do_not_count_but_words_of_authors_do(before: int, after: int) -> None:
    def known_by(message: str) -> bytes:
        return fingerprint(finding(message=message), "r", "rows.jsonl")

    for words in ("the class `A` is defined on line {:,} already", "row {} of 3", "column {}", "(line {}, column 3)"):
        assert known_by(words.format(before)) == known_by(words.format(after))
    quoted = "the str `line {}` does not stand in the document"
    assert (known_by(quoted.format(before)) == known_by(quoted.format(after))) == (before == after)


def test_what_a_fingerprint_is_made_of() -> None:
    plain = fingerprint(finding(), "r", "rows.jsonl")
    row = RecordReference(index=7, id="r", line=9)
    assert fingerprint(finding(record=row, file="b.jsonl", name="n"), "r", "b.jsonl") == plain
    assert fingerprint(finding(severity=Severity.INFO), "r", "rows.jsonl") == plain
    alone = fingerprint(finding(record=None), "r", "rows.jsonl")
    assert alone == fingerprint(finding(record=None), "s", "rows.jsonl") == fingerprint(finding(), "", "rows.jsonl")
    others = {
        fingerprint(finding(), "s", "rows.jsonl"),
        fingerprint(finding(), "", "rows.jsonl"),
        fingerprint(finding(), "", "b.jsonl"),
        fingerprint(finding(code="GX202"), "r", "rows.jsonl"),
        fingerprint(finding(path="result[0]"), "r", "rows.jsonl"),
        fingerprint(finding(message="n"), "r", "rows.jsonl"),
        fingerprint(finding(key="k"), "r", "rows.jsonl"),
    }
    assert len(others | {plain}) == 8
    assert fingerprint(finding(key="k", message="n"), "s", "b.jsonl") in others


def test_only_new_findings_fail_and_what_is_gone_is_told(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD, BAD, WORSE)
    done = folder.run("check", "rows.jsonl", "--write-baseline", "known.jsonl")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith("3 records checked, 1 kept: 2 errors\nknown.jsonl: 2 findings written\n")
    head, *lines = (folder.path / "known.jsonl").read_text("utf-8").splitlines(keepends=True)
    assert head == HEAD
    assert [Entry(**json.loads(line))[:5] for line in lines] == [
        ("rows.jsonl", "bad", "GX201", "result[0]", "the guidelines define no class `Persn`; did you mean `Person`?"),
        (
            "rows.jsonl",
            "worse",
            "GX201",
            "result[0]",
            "the guidelines define no class `Perzon`; did you mean `Person`?",
        ),
    ]
    known = folder.run("check", "rows.jsonl", "--baseline", "known.jsonl")
    assert (known.returncode, known.stdout) == (0, "3 records checked, 1 kept: nothing new; 2 findings known\n")

    folder.write("rows.jsonl", WORSE, BAD | {"id": "new"}, GOOD)
    changed = folder.run("check", "rows.jsonl", "--baseline", "known.jsonl", "--output-format", "json")
    assert changed.returncode == 1
    whole = json.loads(changed.stdout)
    assert [one["record"]["id"] for one in whole["diagnostics"]] == ["new"]
    summary = whole["summary"]
    assert (summary["error"], summary["kept"], summary["baseline"]["known"]) == (1, 1, 1)
    assert [one["record"] for one in summary["baseline"]["gone"]] == ["bad"]
    assert changed.stderr.endswith(
        "rows.jsonl bad: gone GX201: result[0]: the guidelines define no class `Persn`; did you mean `Person`?\n"
    )
    concise = folder.run("check", "rows.jsonl", "--baseline", "known.jsonl", "--output-format", "concise")
    assert concise.stdout.endswith("3 records checked, 1 kept: 1 error new; 1 finding known, 1 known before and gone\n")
    assert folder.run("check", "rows.jsonl", "--baseline", "known.jsonl", "--exit-zero").returncode == 0


def test_label_files_are_known_by_their_names(folder: Folder) -> None:
    folder.write("g.py", GUIDELINES)
    for name in ("a.py", "b.py"):
        folder.write(name, f"[Persn({name!r})]\n")
    arguments = ["check", "--guidelines", "g.py"]
    assert folder.run(*arguments, "a.py", "b.py", "--write-baseline", "known.jsonl").returncode == 0
    assert folder.run(*arguments, "./b.py", "a.py", "--baseline", "known.jsonl").returncode == 0
    folder.write("c.py", "[Persn('c')]\n")
    assert folder.run(*arguments, "b.py", "c.py", "--baseline", "known.jsonl").returncode == 1


def test_a_warning_that_is_known_does_not_fail_where_new_ones_do(folder: Folder) -> None:
    twice = GOOD | {"labels": "[Person('Ada'), Person('Ada')]"}
    folder.write("rows.jsonl", twice)
    folder.run("check", "rows.jsonl", "--write-baseline", "known.jsonl")
    arguments = ["check", "rows.jsonl", "--baseline", "known.jsonl", "--fail-on", "warning"]
    assert folder.run(*arguments).returncode == 0
    folder.write("rows.jsonl", twice | {"labels": "[Person('Ada'), Person('Ada'), Person('Ada')]"})
    assert folder.run(*arguments).returncode == 1


def test_known_unread_rows_do_not_fail_and_new_ones_do(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD, "{1\n")
    folder.run("check", "rows.jsonl", "--write-baseline", "known.jsonl")
    arguments = ["check", "rows.jsonl", "--baseline", "known.jsonl"]
    folder.write("rows.jsonl", "{1\n", GOOD)
    known = folder.run(*arguments)
    assert known.returncode == 0
    assert known.stdout.endswith(
        "1 record checked, 1 kept, 1 row or file could not be read: nothing new; "
        "1 finding and 1 unread row or file known\n"
    )
    narrowed = folder.run(*arguments, "--select", "GX2")
    assert (narrowed.returncode, narrowed.stderr) == (0, known.stderr)
    folder.write("rows.jsonl", "{1\n", GOOD, "{2\n")
    assert folder.run(*arguments).returncode == 1
    narrowed = folder.run(*arguments, "--select", "GX2")
    assert narrowed.returncode == 1
    assert "1 rows or files could not be read" in narrowed.stderr
    folder.write("rows.jsonl", "{1\n")
    assert folder.run(*arguments).returncode == 2, "nothing could be checked"


def test_what_was_not_looked_for_is_not_gone(folder: Folder) -> None:
    for name in ("a", "b"):
        folder.write(f"data/{name}.jsonl", BAD | {"id": name, "document": "Bob the second"}, GOOD | {"document": name})
    folder.run("check", "data", "--write-baseline", "known.jsonl")
    folder.write("data/a.jsonl", GOOD)
    folder.write("data/b.jsonl", GOOD)

    def gone(*arguments: str) -> int:
        done = folder.run("check", *arguments, "--baseline", "known.jsonl", "--output-format", "json")
        return len(json.loads(done.stdout)["summary"]["baseline"]["gone"])

    everything = gone("data")
    assert everything == len((folder.path / "known.jsonl").read_text("utf-8").splitlines()) - 1
    assert gone("data", "--select", "GX201") == 2
    assert gone("data", "--select", "GX4") == 0
    assert gone("data", "--ignore", "GX201") == everything - 2
    assert gone("data/a.jsonl", "--select", "GX201") == 1
    assert gone(str(folder.path / "data" / "b.jsonl"), "--select", "GX201") == 1
    folder.write("guidex.toml", '[per-file-ignores]\n"a.jsonl" = ["GX201"]\n')
    assert gone("data", "--select", "GX201") == 1
    (folder.path / "guidex.toml").unlink()
    (folder.path / "data" / "a.jsonl").unlink()
    assert gone("data", "--select", "GX201") == 2, "with its file a finding is gone, too"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file"),
        ("", "is no baseline"),
        ("[]\n", "is no baseline"),
        ('{"id": "a"}\n', "is no baseline"),
        ('{"baseline": "guidex-schema", "version": 2}\n', "is of version 2, and version 1 is read here"),
        ('{"baseline": "guidex-schema"}\n', "is of version null"),
        (HEAD + "\n", "line 2 of the baseline"),
        (HEAD + "<<<<<<< ours\n", "line 2 of the baseline"),
        (HEAD + '{"file": "a"}\n', "line 2 of the baseline"),
        (HEAD + "[" * 100_000 + "\n", "line 2 of the baseline"),
        (HEAD + json.dumps(Entry("a", None, "c", None, "m", "zz")._asdict()), "line 2 of the baseline"),
        (HEAD + json.dumps(Entry("a", None, "c", None, "m", "00" * 15)._asdict()), "line 2 of the baseline"),
        (HEAD + json.dumps(Entry("a", None, "c", None, "m", "00" * 16)._asdict() | {"path": 1}), "line 2 of the"),
    ],
)
def test_a_baseline_that_is_none_is_never_taken_for_an_empty_one(
    folder: Folder, text: str | None, message: str
) -> None:
    folder.write("rows.jsonl", GOOD)
    if text is not None:
        folder.write("known.jsonl", text)
    done = folder.run("check", "rows.jsonl", "--baseline", "known.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_baseline_with_the_line_ends_of_windows_is_read(folder: Folder) -> None:
    folder.write("rows.jsonl", BAD)
    folder.run("check", "rows.jsonl", "--write-baseline", "known.jsonl")
    path = folder.path / "known.jsonl"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert folder.run("check", "rows.jsonl", "--baseline", "known.jsonl").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--write-baseline", "rows.jsonl"], "would be read as a dataset"),
        (["--write-baseline", "notes.txt"], "is no baseline, so it is not written over"),
        (["--write-baseline", "none/known.jsonl"], "there is no folder none"),
        (["--write-baseline", "."], "no regular file"),
        (["--write-baseline", "known.jsonl", "--baseline", "known.jsonl"], "goes with neither"),
        (["--write-baseline", "known.jsonl", "--output-file", "report.txt"], "goes with neither"),
        (["--baseline", "rows.jsonl"], "would be read as a dataset"),
        (["--baseline", "."], "no regular file"),
    ],
)
def test_misuse_writes_nothing(folder: Folder, arguments: list[str], message: str) -> None:
    folder.write("rows.jsonl", BAD)
    folder.write("notes.txt", "mine\n")
    before = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    done = folder.run("check", "rows.jsonl", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert {path.name: path.read_bytes() for path in folder.path.iterdir()} == before


def test_a_baseline_inside_the_folder_that_is_checked_is_refused_both_ways(folder: Folder) -> None:
    folder.write("rows.jsonl", BAD)
    folder.write("known.jsonl", HEAD)
    for option in ("--baseline", "--write-baseline"):
        done = folder.run("check", ".", option, "known.jsonl")
        assert done.returncode == 2
        assert "guidex.baseline" in done.stderr
    (folder.path / "known.jsonl").unlink()
    assert folder.run("check", ".", "--write-baseline", "guidex.baseline").returncode == 0
    assert folder.run("check", ".", "--baseline", "guidex.baseline").returncode == 0


def test_nothing_read_gives_no_baseline_and_a_failure_keeps_the_old_one(folder: Folder) -> None:
    folder.write("known.jsonl", HEAD)
    done = folder.run("check", "none.jsonl", "--write-baseline", "known.jsonl")
    assert done.returncode == 2
    assert done.stderr.endswith("guidex: nothing could be read, so the baseline known.jsonl is not written\n")
    assert [path.name for path in folder.path.iterdir()] == ["known.jsonl"]
    assert (folder.path / "known.jsonl").read_text("utf-8") == HEAD


def test_a_write_that_fails_leaves_no_file_behind(tmp_path: Path) -> None:
    class Broken(Draft):
        def _text(self) -> Iterator[str]:
            yield HEAD
            raise OSError(28, "No space left on device")

    (tmp_path / "known").write_text(HEAD, "utf-8")
    with pytest.raises(UsageError, match="No space left"):
        Broken().write(tmp_path / "known")
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {"known": HEAD}
