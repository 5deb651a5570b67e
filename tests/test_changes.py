"""Files that change while they are read: no row of a mixture is told, and one finding says so, whoever reads."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from command import ENVIRONMENT, GUIDEX, Folder
from crew_work import Play
from guidex_schema import workers
from guidex_schema.cluster import job, reading
from guidex_schema.datasets import COLUMNS
from guidex_schema.datasets.block import Waiting
from guidex_schema.datasets.changes import Changed
from guidex_schema.datasets.shard import Piece, Shard, pieces_of_file, read_shard
from guidex_schema.error import ClusterError

OTHER = "the file has changed while it was read, and nothing behind this place was read"
GONE = "the file cannot be read any more: No such file or directory"
SIZE = 500


def lines(count: int, word: str) -> bytes:
    rows = ({"guidelines": "", "labels": f"{word} {number}"} for number in range(count))
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def replaced(path: Path) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(lines(300, "another"))
    new.rename(path)


def rewritten(path: Path) -> None:
    path.write_bytes(lines(300, "another"))


def cut_off(path: Path) -> None:
    os.truncate(path, SIZE // 2)


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(lines(5, "new"))


CHANGES = {replaced: OTHER, rewritten: OTHER, cut_off: OTHER, Path.unlink: GONE}
changes = pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)


def pieces(path: Path, cut: int, change: Callable[[Path], object]) -> Iterator[Piece | Waiting]:
    """Cut a file and another; the first changes when so many pieces of it are cut, and none is given before."""
    found = pieces_of_file(str(path), COLUMNS, size=SIZE)
    first = [next(found) for _ in range(cut)]
    change(path)
    yield from first
    yield from found
    other = path.with_name("other.jsonl")
    other.write_bytes(lines(3, "other"))
    yield from pieces_of_file(str(other), COLUMNS, size=SIZE)


@changes
@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("cut", [1, 5])
def test_a_file_that_changes_is_told_once(
    tmp_path: Path, cut: int, jobs: int, change: Callable[[Path], object]
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines(200, "row"))
    found = list(workers.results(Play(tmp_path), pieces(path, cut, change), jobs))
    assert found == [CHANGES[change], "0 other 0", "1 other 1", "2 other 2"]


@changes
@pytest.mark.parametrize("jobs", [1, 3])
def test_what_was_read_before_a_change_is_told(tmp_path: Path, jobs: int, change: Callable[[Path], object]) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines(200, "row"))
    found = []
    for one in workers.results(Play(tmp_path), pieces_of_file(str(path), COLUMNS, size=SIZE), jobs):
        found.append(one)
        if len(found) == 1:
            change(path)
    *rows, last = found
    assert rows == [f"{number} row {number}" for number in range(len(rows))]
    assert 0 < len(rows) < 200
    assert last == CHANGES[change]


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_file_may_grow(tmp_path: Path, jobs: int) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines(200, "row"))
    found = list(workers.results(Play(tmp_path), pieces(path, 5, grown), jobs))
    assert found[199:] == ["199 row 199", *(f"{200 + one} new {one}" for one in range(5)), *found[-3:]]


def test_the_same_put_in_its_place_is_no_change(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines(200, "row"))

    def copied(path: Path) -> None:
        path.write_bytes(lines(200, "row"))

    found = list(workers.results(Play(tmp_path), pieces(path, 5, copied), 1))
    assert len(found) == 203


@pytest.mark.parametrize("change", [None, b"", b"PAR1", b"none of it" * 100])
def test_row_groups_are_those_that_were_cut(tmp_path: Path, change: bytes | None) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.table({"guidelines": [""] * 300, "labels": ["[]"] * 300})
    pq.write_table(table, path, row_group_size=100)
    first, *_ = pieces_of_file(str(path), COLUMNS)
    assert isinstance(first, Shard)
    assert len(list(read_shard(first, COLUMNS))) == 100
    if change is None:
        pq.write_table(table.slice(0, 299), path, row_group_size=100)
    else:
        path.write_bytes(change)
    with pytest.raises(Changed):
        list(read_shard(first, COLUMNS))


@changes
def test_a_node_that_sees_another_version_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    monkeypatch.setattr(job, "is_started_anew", lambda: False)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines(200, "row"))
    first = next(pieces_of_file("rows.jsonl", COLUMNS, size=SIZE))
    assert isinstance(first, Shard)
    change(path)
    said = "has changed while it was read" if path.exists() else "is not there"
    with ExitStack() as stack, pytest.raises(ClusterError, match=rf"rows\.jsonl.* {said}"):
        list(reading._Reader(Play(tmp_path), str(tmp_path), stack).read(first))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_command_tells_it(folder: Folder, jobs: str) -> None:
    bad = {"guidelines": "", "labels": "[Alien()]", "document": "Ada wrote of it."}
    good = bad | {"labels": "[]"}
    folder.write("rows.jsonl", bad, *[good] * 60_000)
    folder.write("new.jsonl", bad | {"id": "another"}, *[good | {"id": "another"}] * 60_000)
    arguments = ["check", "rows.jsonl", "--select", "GX2,GX0", "--output-format", "json-lines", "--jobs", jobs]
    with subprocess.Popen(
        [*GUIDEX, *arguments],
        cwd=folder.path,
        env=ENVIRONMENT | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        (folder.path / "new.jsonl").rename(folder.path / "rows.jsonl")
        rest, errors = process.communicate(timeout=60)
    assert first["code"] == "GX201"
    (found,) = map(json.loads, rest.splitlines())
    assert (found["name"], found["message"]) == ("unreadable-file", OTHER)
    assert b"Traceback" not in errors
    assert process.returncode == 1
