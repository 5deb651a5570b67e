"""Datasets that URIs name are read as those that stand on this machine."""

import json
from pathlib import Path

import pytest

from command import Folder
from guidex_schema.datasets import Row
from guidex_schema.datasets.store import files_in_store, local, uri_of

ROW = {"guidelines": "from dataclasses import dataclass\n\n\n@dataclass\nclass A:\n    a: str", "labels": "[A(a='x')]"}


@pytest.mark.parametrize(
    ("written", "uri"),
    [
        ("s3://bucket/rows.jsonl", "s3://bucket/rows.jsonl"),
        ("gs://bucket/a/b/", "gs://bucket/a/b"),
        ("abfs://container@account/rows", "abfs://container@account/rows"),
        ("file:///data/rows.jsonl", "file:///data/rows.jsonl"),
        ("rows.jsonl", None),
        ("a/b:/c", None),
        ("C:/rows.jsonl", None),
    ],
)
def test_a_uri_is_known_by_its_scheme_though_a_path_drops_a_slash(written: str, uri: str | None) -> None:
    assert uri_of(Path(written)) == uri


def test_what_is_there_under_such_a_name_is_no_uri(folder: Folder) -> None:
    folder.write("s3:/rows.jsonl", ROW)
    assert uri_of(Path("s3:/rows.jsonl")) is None


def test_a_uri_of_this_machine_is_a_path(tmp_path: Path) -> None:
    assert local(Path(tmp_path.as_uri())) == tmp_path
    assert local(Path("s3://bucket/rows.jsonl")) == Path("s3:/bucket/rows.jsonl")


def test_the_files_of_a_folder_come_by_name_but_what_jobs_leave_behind(folder: Folder) -> None:
    for name in ("b.jsonl", "a-00001-of-00002.jsonl", "below/c.jsonl", "_temporary/d.jsonl", ".e.jsonl", "README.md"):
        (folder.path / "rows" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder.path / "rows" / name).write_text(json.dumps(ROW) + "\n", "utf-8")
    uri = (folder.path / "rows").as_uri()
    found = [(one.uri, one.split) for one in files_in_store(uri) if not isinstance(one, Row)]
    assert found == [(f"{uri}/a-00001-of-00002.jsonl", "a"), (f"{uri}/b.jsonl", "b"), (f"{uri}/below/c.jsonl", "c")]


def test_rows_of_a_store_are_judged_as_those_of_the_file(folder: Folder) -> None:
    folder.write("rows.jsonl", ROW, {**ROW, "labels": "[B()]"}, "no JSON\n")
    uri = (folder.path / "rows.jsonl").as_uri()
    by_path = folder.run("check", "rows.jsonl", "--output-format", "concise")
    by_uri = folder.run("check", uri, "--output-format", "concise")
    assert by_uri == by_path._replace(stdout=by_path.stdout.replace("rows.jsonl", uri))


def test_what_is_not_there_is_told(folder: Folder) -> None:
    (folder.path / "empty").mkdir()
    for path in (folder.path / "gone.jsonl", folder.path / "empty"):
        done = folder.run("check", path.as_uri(), "--output-format", "concise")
        assert (done.returncode, "unreadable-file" in done.stdout) == (2, True)
    done = folder.run("check", "nowhere://rows.jsonl")
    assert (done.returncode, "no file system is known for nowhere://rows.jsonl" in done.stderr) == (2, True)


def test_rows_are_not_written_over_those_that_a_uri_names(folder: Folder) -> None:
    folder.write("rows.jsonl", ROW)
    uri = (folder.path / "rows.jsonl").as_uri()
    done = folder.run("filter", uri, "-o", "rows.jsonl", "--rejected", "rejected.jsonl")
    assert (done.returncode, "is one of the files to read" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("check", "-", "--engine", "ray"), "standard input is read on one machine"),
        (("ground", "--guidelines", "g.py", "l.py", "--engine", "ray"), "a label file is read on one machine"),
        (("stats", "rows.jsonl", "--address", "127.0.0.1:1"), "--address is for --engine ray"),
    ],
)
def test_what_no_cluster_reads_is_refused_in_a_line(folder: Folder, arguments: tuple[str, ...], reason: str) -> None:
    folder.write("rows.jsonl", ROW)
    done = folder.run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert reason in done.stderr
