"""`guidex ground`: every leaf value with its place, rows written back with theirs, and nothing left out in silence."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command import ENVIRONMENT, GUIDEX, Done, Folder
from guidex_schema.datasets import read_datasets, read_jsonl
from guidex_schema.datasets.column import columns_of, with_column
from guidex_schema.grounding import GroundedDocument
from guidex_schema.grounding.document import Passage
from guidex_schema.instance import Value
from guidex_schema.isolation import Isolation
from guidex_schema.rule import GUIDELINES
from guidex_schema.validation import Validator
from guidex_schema.values import GroundedRow, Tally, grounded_rows, loss_rules, refusing_foreign, with_spans

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
FOLDERS = sorted({path.parent for path in FIXTURES.glob("datasets/**/*.json*")} | {FIXTURES / "attacks"})
BROKEN = sorted(path for path in FIXTURES.glob("datasets/broken/*.json*") if not path.name.endswith(".expect.json"))

RECORD = {"guidelines": GUIDELINES, "document": "Ada met Bob Lee, a baker, in Rome."}
GOOD = {"id": "good", **RECORD, "labels": "[Person('Ada', role='baker')]"}
KEYS = (
    "file record path entity_type attribute value status start end score evidence spans complete nearest abstractive"
).split()
PLACE_KEYS = "path entity_type attribute value status start end score".split()


@pytest.fixture(scope="module")
def reader() -> Iterator[Validator]:
    with Validator(rules=loss_rules()) as shared:
        yield shared


def ground(reader: Validator, data: bytes) -> list[GroundedRow]:
    return list(grounded_rows(reader, read_jsonl(data, "rows.jsonl")))


def add_spans(reader: Validator, data: bytes) -> bytes:
    return b"".join(with_spans(refusing_foreign(row)) or b"" for row in ground(reader, data))


def lines(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_value_is_an_object_on_a_line(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD | {"labels": "[Person('Ada', role='bakery')]"})
    done = folder.run("ground", "rows.jsonl")
    assert (done.returncode, done.stderr) == (0, "guidex: 2 values of 1 row: 50 % exact, 50 % absent\n")
    found, absent = lines(done)
    assert list(found) == list(absent) == KEYS
    assert found == {
        "file": "rows.jsonl",
        "record": {"index": 0, "id": "good", "line": 1},
        "path": "result[0].mention",
        "entity_type": "Person",
        "attribute": "mention",
        "value": "Ada",
        "status": "exact",
        "start": 0,
        "end": 3,
        "score": 1.0,
        "evidence": "Ada",
        "spans": [{"start": 0, "end": 3}],
        "complete": True,
        "nearest": None,
        "abstractive": False,
    }
    assert (absent["status"], absent["start"], absent["end"], absent["evidence"], absent["spans"]) == (
        "absent", None, None, None, [],
    )  # fmt: skip
    near = absent["nearest"]
    assert list(near) == ["start", "end", "coverage", "inside_word", "evidence"]
    assert near["evidence"] == "baker"
    assert RECORD["document"][near["start"] : near["end"]] == "baker"


def test_values_keep_their_kind(folder: Folder) -> None:
    guidelines = GUIDELINES + "from enum import Enum\nclass Role(Enum):\n    WRITER = 1\n"
    labels = f"[Person(True, {2**200}), Person(None, 0.5), Person(Role.WRITER, 3, [], surplus=-7), Undefined('Ada')]"
    folder.write("rows.jsonl", GOOD | {"guidelines": guidelines, "labels": labels})
    found = [(one["path"], one["entity_type"], one["value"]) for one in lines(folder.run("ground", "rows.jsonl", "-q"))]
    assert found == [
        ("result[0].mention", "Person", True),
        ("result[0].role", "Person", 2**200),
        ("result[1].mention", "Person", None),
        ("result[1].role", "Person", 0.5),
        ("result[2].mention", "Person", "Role.WRITER"),
        ("result[2].role", "Person", 3),
        ("result[2].surplus", "Person", -7),
        ("result[3](0)", "Undefined", "Ada"),
    ]


scalars = st.one_of(
    st.sampled_from(["Ada", "ada", "Bob Lee", "baker", "bake", "Rome 2", "", "\ud800", "é", "\u202e"]),
    st.integers(-3, 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)


def instances(of: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    names = st.sampled_from(["mention", "role", "children", "unexpected"])
    return st.tuples(st.sampled_from(["Person", "Undefined"]), st.dictionaries(names, of | st.lists(of, max_size=3)))


trees = st.lists(instances(st.recursive(scalars, instances, max_leaves=6)), max_size=3)


def written(tree: object) -> str:
    """Write a tree as labels; a pair is an instance."""
    match tree:
        case (str(name), dict(arguments)):
            return f"{name}({', '.join(f'{key}={written(value)}' for key, value in arguments.items())})"
        case list(items):
            return f"[{', '.join(map(written, items))}]"
        case str(text):
            return ascii(text)
        case _:
            return repr(tree)


def leaves_of(tree: object, path: str) -> Iterator[tuple[str, object]]:
    match tree:
        case (_, dict(arguments)):
            for key, value in arguments.items():
                yield from leaves_of(value, f"{path}.{key}")
        case list(items):
            for number, item in enumerate(items):
                yield from leaves_of(item, f"{path}[{number}]")
        case _:
            yield path, tree


@given(trees)
@settings(max_examples=60)
def test_every_leaf_of_any_labels_is_there_once_and_in_order(reader: Validator, tree: list[object]) -> None:
    data = json.dumps(GOOD | {"labels": written(tree)}).encode()
    (row,) = ground(reader, data)
    if "\\ud800" in written(tree):
        # Half a surrogate pair is refused in labels; the other items are read.
        assert row.losses
        return
    assert row.reach == "whole"
    found = [(one["path"], repr(one["value"])) for one in row.objects()]
    assert found == [(path, repr(value)) for path, value in leaves_of(tree, "result")]


def test_evidence_is_what_stands_at_the_place(reader: Validator) -> None:
    count = 0
    for dataset in read_datasets(FIXTURES / "datasets"):
        for row in grounded_rows(reader, dataset):
            text = row.subject.record.document or ""
            for one in row.objects():
                spans, near, start, end = (one[key] for key in ("spans", "nearest", "start", "end"))
                assert isinstance(spans, list)
                assert isinstance(start, int | None)
                assert isinstance(end, int | None)
                places = [(span["start"], span["end"]) for span in spans]
                assert (one["status"] in ("absent", "not-applicable")) == (start is None) == (places == [])
                assert start is None or (start, end) in places
                assert one["evidence"] == (None if start is None else text[start:end])
                assert near is None or (isinstance(near, dict) and one["status"] == "absent")
                assert near is None or near["evidence"] == text[near["start"] : near["end"]] != ""
                count += 1
    assert count > 300


@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: str(path.relative_to(FIXTURES)))
def test_every_folder_of_fixtures_is_read_and_written_back(folder: Folder, reader: Validator, path: Path) -> None:
    values, rows = folder.run("ground", str(path), "-o", "values.jsonl"), folder.run("ground", str(path), "--add-spans")
    told = values.stderr.splitlines()
    assert (values.returncode, rows.returncode, values.stdout, rows.stderr) == (0, 0, "", values.stderr)
    tally = Tally()
    for dataset in read_datasets(path):
        for row in grounded_rows(reader, dataset):
            tally.add(row.reading)
            assert (row.reach == "whole") == (not row.losses)
            assert all(any(loss.code in line for line in told) for loss in row.losses)
    assert sum("GX508" in line for line in told) == len({line.partition(":")[0] for line in told if "GX508" in line})
    assert told[-1] == f"guidex: {tally.sentence()}"
    assert len((folder.path / "values.jsonl").read_bytes().splitlines()) == tally.statuses.total()


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.name)
def test_a_broken_file_comes_back_row_by_row(reader: Validator, path: Path, tmp_path: Path) -> None:
    (rows,) = (list(grounded_rows(reader, dataset)) for dataset in read_datasets(path))
    again = tmp_path / "again.jsonl"
    output = [line for line in map(with_spans, rows) if line is not None]
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in output)
    again.write_bytes(b"".join(output))
    (reread,) = (list(grounded_rows(reader, dataset)) for dataset in read_datasets(again))
    assert [row.row.record and row.row.record.id for row in reread if row.row.raw] == [
        row.row.record and row.row.record.id for row in rows if row.row.raw
    ]
    assert [line for line in map(with_spans, map(refusing_foreign, reread)) if line is not None] == output
    if path.suffix == ".jsonl" and output:
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        came = [line for line in data.split(b"\n") if line.strip()]
        assert len(came) == len(output)
        for before, after, row in zip(came, output, (row for row in rows if row.row.raw), strict=True):
            assert (after == before + b"\n") == (row.reach == "nothing")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.text(max_size=6), json_values, min_size=1, max_size=5)


@given(objects, json_values, st.sampled_from([None, 1]), st.booleans(), st.sampled_from(["", " ", "\n", " \r\n"]))
def test_a_column_is_added_and_the_others_keep_every_character(
    content: Mapping[str, object], value: object, indent: int | None, ascii_only: bool, end: str
) -> None:
    source = json.dumps(content, indent=indent, ensure_ascii=ascii_only) + end
    columns = list(columns_of(source))
    assert [(one.name, one.value) for one in columns] == list(content.items())
    others = [source[one.start : one.end] for one in columns if one.name != "spans"]
    if not others:
        return
    changed = with_column(source, "spans", value)
    assert list(json.loads(changed).items()) == [
        *((name, one) for name, one in content.items() if name != "spans"), ("spans", value)
    ]  # fmt: skip
    assert [changed[one.start : one.end] for one in columns_of(changed)][:-1] == others
    assert with_column(changed, "spans", value) == changed
    assert changed.endswith(end)


@pytest.mark.parametrize(
    "before", ['{"spans": [1], "a": 1E5}', '{"a": 1E5,"spans":3}', '{"a": 1E5 , "sp\\u0061ns" : {} }']
)
def test_a_column_takes_the_place_of_an_older_one(before: str) -> None:
    changed = with_column(before, "spans", [])
    assert json.loads(changed) == {"a": 1e5, "spans": []}
    assert "1E5" in changed


OTHERS = ["{\n", "[1]\n", "\n", " \r\n", "\x00\n", '{"labels": 3}\n', '{"labels": "[]", "guidelines": ""}\n']


@given(st.lists(st.sampled_from([*OTHERS, json.dumps(GOOD) + "\n", json.dumps(GOOD) + "\r\n"])), st.booleans())
@settings(max_examples=60)
def test_as_many_rows_come_back_as_there_were(reader: Validator, mix: list[str], is_ended: bool) -> None:
    data = "".join(mix).encode()
    data = data if is_ended else data.removesuffix(b"\n")
    came = [line for line in data.split(b"\n") if line.strip()]
    back = add_spans(reader, data)
    assert back.count(b"\n") == len(came)
    for before, after in zip(came, back.split(b"\n"), strict=False):
        if before.strip() == json.dumps(GOOD).encode():
            row = json.loads(after)
            assert [list(one) for one in row["spans"]] == [PLACE_KEYS] * 2
            assert {name: value for name, value in row.items() if name != "spans"} == GOOD
            assert after.endswith(b"\r") == before.endswith(b"\r")
        else:
            assert after == before
    assert add_spans(reader, back) == back


def test_a_column_that_guidex_did_not_write_is_left_alone(folder: Folder) -> None:
    ours = dict.fromkeys(PLACE_KEYS)
    partly = {"path": "x", "status": "exact", "start": 0, "end": 3}
    foreign: list[object] = [[[0, 3]], "0-3", None, {"a": 1}, [{"start": 0}], [partly], [ours, 1], [ours, partly]]
    folder.write("rows.jsonl", *[GOOD | {"spans": one} for one in foreign], GOOD | {"spans": []})
    done = folder.run("ground", "rows.jsonl", "--add-spans")
    assert done.returncode == 0
    *kept, written_back = lines(done)
    assert kept == [GOOD | {"spans": one} for one in foreign]
    assert len(str(written_back["spans"])) > 100
    *told, summary = done.stderr.splitlines()
    assert len(told) == len(foreign)
    assert told[0].startswith("rows.jsonl:1 good: error GX004 column-type: the column `spans` holds something that")
    assert summary == "guidex: 2 values of 1 row: 100 % exact; 8 rows or files skipped"


def test_spans_of_an_earlier_run_stay_in_a_row_that_is_skipped_now_and_that_is_said(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD)
    before = json.loads(folder.run("ground", "rows.jsonl", "--add-spans").stdout)
    bare = {name: value for name, value in before.items() if name != "document"}
    broken = before | {"labels": "[Person("}
    others = [bare | {"spans": []}, bare | {"spans": 3}, {"spans": before["spans"]}]
    folder.write("again.jsonl", before, broken, bare, *others)
    done = folder.run("ground", "again.jsonl", "--add-spans", "-q")
    assert lines(done) == [before, broken, bare, *others]
    told = done.stderr.splitlines()
    assert [line.partition(" ")[0] for line in told if "; its `spans` are from an earlier run" in line] == [
        "again.jsonl:2", "again.jsonl:3"
    ]  # fmt: skip
    assert "earlier run" not in folder.run("ground", "again.jsonl", "-q").stderr


def test_rows_without_a_document_are_told_once_a_file(folder: Folder) -> None:
    bare = GOOD | {"document": None}
    folder.write("a.jsonl", GOOD, *[bare] * 1_200)
    folder.write("b.jsonl", bare | {"id": "one"}, GOOD)
    named = "info GX508 missing-document"
    done = folder.run("ground", "a.jsonl", "b.jsonl")
    assert done.stderr.splitlines() == [
        f"a.jsonl:2 good: {named}: 1,200 rows from this one on have no document, so nothing in them is grounded",
        f"b.jsonl:1 one: {named}: the row has no document, so nothing in it is grounded",
        "guidex: 4 values of 2 rows: 100 % exact; 1,201 rows or files skipped",
    ]
    assert folder.run("stats", "a.jsonl", "b.jsonl").stderr.splitlines() == done.stderr.splitlines()[:2]
    assert folder.run("ground", "a.jsonl", "--max-rejected", "99%").returncode == 1


def test_arrays_come_back_as_lines_of_their_own(folder: Folder) -> None:
    rows: list[dict[str, object]] = [{**GOOD}, GOOD | {"id": "two", "note": [1.50, {"x": "a\nb"}]}]
    folder.write("rows.json", json.dumps(rows, indent=2).replace("1.5,", "1.50,"))
    done = folder.run("ground", "rows.json", "--add-spans", "-q")
    assert [{name: row[name] for name in before} for before, row in zip(rows, lines(done), strict=True)] == rows
    assert "1.50" in done.stdout
    folder.write("cut.json", f"[{json.dumps(GOOD)},\n{{'broken':\n 1}},\n{json.dumps(GOOD)}]")
    first, broken, last = folder.run("ground", "cut.json", "--add-spans", "-q").stdout.splitlines()
    assert json.loads(first) == json.loads(last)
    assert broken == "{'broken': 1}"


def test_what_is_skipped_is_told_whatever_else_is_left_out(folder: Folder) -> None:
    folder.write(
        "rows.jsonl",
        GOOD,
        "{\n",
        GOOD | {"labels": "[Person(open('x'))"},
        GOOD | {"document": None},
        GOOD | {"guidelines": "class A(:\n    x: str\n"},
        GOOD | {"labels": "[Person('Ada'), Pers"},
        GOOD | {"labels": "[]"},
        GOOD | {"labels": "```python\n[Person('Ada')]\n```"},
    )
    done = folder.run("ground", "rows.jsonl", "none.jsonl", "-q")
    assert done.returncode == 0
    assert [line.partition(" ")[0] + " " + line.partition(": ")[2].split()[1] for line in done.stderr.splitlines()] == [
        "rows.jsonl:2: GX002",
        "rows.jsonl:3 GX401",
        "rows.jsonl:3 GX013",
        "rows.jsonl:5 GX011",
        "rows.jsonl:6 GX013",
        "rows.jsonl:4 GX508",
        "none.jsonl: GX001",
    ]
    assert [one["record"]["line"] for one in lines(done)] == [1, 1, 5, 5, 6, 8]
    summary = folder.run("ground", "rows.jsonl", "none.jsonl").stderr.splitlines()[-1]
    assert summary == "guidex: 6 values of 5 rows: 100 % exact; 2 rows read in part; 4 rows or files skipped"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["mixed.jsonl"], 0),
        (["mixed.jsonl", "--max-rejected", "50%"], 0),
        (["mixed.jsonl", "--max-rejected", "0.49"], 1),
        (["good.jsonl", "--max-rejected", "0%"], 0),
        (["broken.jsonl"], 2),
        (["broken.jsonl", "good.jsonl"], 0),
        (["bare.jsonl"], 2),
        (["empty.jsonl"], 2),
        (["none.jsonl"], 2),
        (["labels.py"], 2),
        ([], 2),
        (["good.jsonl", "-o", "good.jsonl"], 2),
        (["good.jsonl", "-o", "none/values.jsonl"], 2),
        (["good.jsonl", "--max-rejected", "5 rows"], 2),
        (["good.jsonl", "--max-rejected", "101%"], 2),
        (["--guidelines", "g.py", "labels.py", "--add-spans"], 2),
        (["good.jsonl", "--config", "none.toml"], 2),
    ],
)
def test_exit_codes(folder: Folder, arguments: list[str], status: int) -> None:
    folder.write("good.jsonl", GOOD)
    folder.write("mixed.jsonl", GOOD, "{\n")
    folder.write("broken.jsonl", "{\n")
    folder.write("bare.jsonl", GOOD | {"document": None})
    folder.write("empty.jsonl", "")
    folder.write("labels.py", "[]")
    folder.write("g.py", GUIDELINES)
    done = folder.run("ground", *arguments)
    assert done.returncode == status
    assert status < 2 or (done.stdout == "" and done.stderr)
    assert json.loads((folder.path / "good.jsonl").read_text(encoding="utf-8")) == GOOD


def test_a_file_that_standard_input_comes_from_is_not_written_to(folder: Folder) -> None:
    for command in ("ground - -o", "check - --output-file"):
        folder.write("rows.jsonl", GOOD)
        done = folder.shell(f"guidex {command} rows.jsonl < rows.jsonl")
        assert done.returncode == 2
        assert done.stderr == "guidex: rows.jsonl is one of the files to read; write to another\n"
        assert json.loads((folder.path / "rows.jsonl").read_text(encoding="utf-8")) == GOOD
        folder.write("old.jsonl", "old")
        assert folder.shell(f"guidex {command} old.jsonl < rows.jsonl").returncode == 0
        assert (folder.path / "old.jsonl").read_text(encoding="utf-8") != "old"
        assert folder.shell(f"guidex {command} /dev/null < /dev/null").stderr != done.stderr
        closed = folder.shell(f"guidex {command} old.jsonl <&-")
        assert (closed.returncode, closed.stderr) == (2, "guidex: standard input is closed\n")


def test_what_standard_input_is_the_system_says(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD)
    kept = os.dup(0)
    try:
        with (folder.path / "rows.jsonl").open("rb") as source:
            os.dup2(source.fileno(), 0)
        refused = folder.run("ground", "-", "-o", "rows.jsonl")
    finally:
        os.dup2(kept, 0)
        os.close(kept)
    assert (refused.returncode, refused.stdout) == (2, "")


def test_labels_against_guidelines(folder: Folder) -> None:
    folder.write("g.py", GUIDELINES)
    folder.write("d.txt", "Ada met Bob.\n")
    folder.write("labels.py", "[Person('Bob')]")
    done = folder.run("ground", "--guidelines", "g.py", "--text", "d.txt", "labels.py", "-q")
    (one,) = lines(done)
    assert (one["file"], one["record"], one["start"], one["evidence"]) == ("labels.py", None, 8, "Bob")
    bare = folder.run("ground", "--guidelines", "g.py", "labels.py")
    assert (bare.returncode, bare.stdout) == (2, "")
    assert bare.stderr.startswith("labels.py: info GX508 missing-document: ")


def test_settings_name_columns_and_abstractive_attributes(folder: Folder) -> None:
    folder.write("guidex.toml", 'ignore = ["GX0"]\nabstractive = ["*.role"]\n[columns]\nlabels = "answer"\n')
    row = {name: value for name, value in GOOD.items() if name != "labels"}
    folder.write("rows.jsonl", row | {"answer": "[Person('Ada', 'a friend of Bob')]"}, "{\n")
    done = folder.run("ground", "rows.jsonl")
    assert [(one["status"], one["abstractive"]) for one in lines(done)] == [("exact", False), ("absent", True)]
    assert "GX002" in done.stderr


def test_standard_input_marks_and_line_ends(folder: Folder) -> None:
    row = json.dumps(GOOD, ensure_ascii=False).encode()
    done = folder.run("ground", "-", stdin=b"\xef\xbb\xbf" + row + b"\r\n\r\n" + row)
    assert {one["file"] for one in lines(done)} == {"<stdin>"}
    assert done.stderr == "guidex: 4 values of 2 rows: 100 % exact\n"
    back = folder.run("ground", "-", "--add-spans", "-q", stdin=b"\xef\xbb\xbf" + row + b"\r\n\r\n" + row)
    assert back.stdout.encode().count(b"\n") == 2
    assert not back.stdout.startswith("\ufeff")


def test_output_is_utf_8_and_json_wherever_it_goes(folder: Folder) -> None:
    row = {
        **GOOD,
        "id": "東京",
        "document": "東京 \ud800 Ada \ud800",
        "labels": "[Person('東京'), Person('Ada \\ud8')]",
    }
    folder.write("rows.jsonl", json.dumps(row) + "\n")
    for options in ([], ["--add-spans"]):
        plain = folder.start("ground", "rows.jsonl", *options).stdout
        assert folder.start("ground", "rows.jsonl", *options, PYTHONIOENCODING="ascii").stdout == plain
        folder.run("ground", "rows.jsonl", *options, "-o", "out.jsonl")
        assert (folder.path / "out.jsonl").read_text(encoding="utf-8") == plain
        assert [json.loads(line) for line in plain.splitlines()]
    assert '"value": "東京"' in plain


def test_half_a_surrogate_pair_in_evidence_is_an_escape(folder: Folder) -> None:
    folder.write("rows.jsonl", json.dumps({**GOOD, "document": "Ada\ud800 x Bob", "labels": "[Person('ada')]"}) + "\n")
    done = folder.start("ground", "rows.jsonl")
    assert done.returncode == 0
    assert [json.loads(line)["path"] for line in done.stdout.splitlines()] == ["result[0].mention"]


def test_who_is_killed_leaves_whole_lines_of_what_was_done(folder: Folder) -> None:
    rows = (json.dumps(GOOD | {"id": str(number)}).encode() + b"\n" for number in range(10_000))
    with subprocess.Popen(
        [*GUIDEX, "ground", "-", "-o", "values.jsonl"],
        cwd=folder.path,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        output = folder.path / "values.jsonl"
        for row in rows:
            process.stdin.write(row)
            if output.exists() and output.stat().st_size > 50_000:
                break
        process.kill()
        with suppress(BrokenPipeError):
            process.stdin.close()
    written_lines = output.read_bytes()
    assert written_lines.endswith(b"\n")
    found = [json.loads(line) for line in written_lines.splitlines()]
    assert [int(one["record"]["id"]) for one in found[::2]] == list(range((len(found) + 1) // 2))


def test_a_row_is_written_before_the_next_is_there(folder: Folder) -> None:
    with subprocess.Popen(
        [*GUIDEX, "ground", "-"],
        cwd=folder.path,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(GOOD).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["value"] == "Ada"
        process.stdin.close()


def test_a_reader_that_leaves_ends_the_command_quietly(folder: Folder) -> None:
    folder.write("rows.jsonl", *[GOOD] * 300)
    done = folder.shell("guidex ground rows.jsonl -q | head -1; echo ${PIPESTATUS[0]}")
    assert done.stderr == ""
    assert done.stdout.splitlines()[1] == "141"


def test_a_row_that_cannot_be_grounded_is_told_and_the_others_are_read(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: GroundedDocument, value: Value) -> Passage | None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(GroundedDocument, "nearest", broken)
    folder.write("rows.jsonl", GOOD | {"labels": "[Person('Zoe')]"}, GOOD)
    done = folder.run("ground", "rows.jsonl")
    assert [one["value"] for one in lines(done)] == ["Ada", "baker"]
    told, summary = done.stderr.splitlines()
    assert told.startswith("rows.jsonl:1 good labels: error GX406 rule-failed: the grounding broke: ZeroDivisionError")
    assert summary == "guidex: 2 values of 1 row: 100 % exact; 1 row or file skipped"


def test_a_full_disk_is_told(folder: Folder) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    folder.write("rows.jsonl", GOOD)
    done = folder.run("ground", "rows.jsonl", "-o", "/dev/full")
    assert (done.returncode, done.stderr) == (2, "guidex: /dev/full cannot be written: No space left on device\n")


def test_a_jail_that_lacks_layers_is_told(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Validator, "isolation", Isolation(gaps=("no Landlock",)))
    folder.write("rows.jsonl", GOOD)
    for command in ("ground", "stats", "check"):
        done = folder.run(command, "rows.jsonl")
        assert done.returncode == 0
        assert done.stderr.count("`guidex doctor` tells more") == 1
