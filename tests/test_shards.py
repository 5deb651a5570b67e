"""Shards: however a file is cut, its pieces have the rows that the whole file has."""

import gzip
import io
import os
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guidex_schema.datasets import COLUMNS, Row, jsonl, read_dataset, read_jsonl
from guidex_schema.datasets.block import Block, Waiting, blocks
from guidex_schema.datasets.shard import Piece, Shard, pieces_of_file, pieces_of_stream, read_shard

NATIVE = b'{"id": "n", "guidelines": "class A: pass", "labels": "[]", "document": "Ada"}'

# Whatever a line may be: a row, broken, blank, of other line ends, of no encoding, or not there.
lines = st.sampled_from(
    (
        NATIVE,
        b"{",
        b"",
        b" ",
        b"\t\r",
        b"\x0b\x0c",
        b"\r",
        b"[]",
        b"\xff",
        b"\0",
        b'{"a": "\xc3\xa9"}',
        b"\xc2\x85",
        NATIVE + b"\r",
    )
)
starts = st.sampled_from((b"", b"", jsonl.UTF8_MARK, b"\xff\xfe", b"\xfe\xff", jsonl.UTF8_MARK + b"\xff\xfe"))
contents = st.builds(
    lambda start, middle, end: start + b"\n".join(middle) + end,
    starts,
    st.lists(lines, max_size=12),
    st.sampled_from((b"", b"\n", b"\n\n", b" \n")),
) | st.binary(max_size=40)


def rows_of(pieces: Iterator[Piece | Waiting]) -> list[Row]:
    """Read pieces as another process does: none knows what the others are."""
    found: list[Row] = []
    for piece in pieces:
        assert not isinstance(piece, Waiting)
        sent = pickle.loads(pickle.dumps(piece))
        found += read_shard(sent, COLUMNS) if isinstance(sent, Shard) else sent
    return found


@given(contents, st.integers(1, 60))
@example(b"", 1)
@example(jsonl.UTF8_MARK, 1)
@example(jsonl.UTF8_MARK + b"\n", 2)
@example(jsonl.UTF8_MARK + b"\n" + NATIVE, 2)
@example(b"\xff\xfe{\0}\0\n\0{\0}\0", 1)
def test_the_pieces_of_lines_have_the_rows_of_the_whole_file(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, size: int
) -> None:
    path = tmp_path_factory.getbasetemp() / f"rows-{os.getpid()}.jsonl"
    path.write_bytes(data)
    whole = list(read_dataset(path))
    name = str(path)
    split = f"rows-{os.getpid()}"
    assert rows_of(pieces_of_file(name, COLUMNS, split=split, size=size)) == whole
    named = rows_of(pieces_of_file(name, COLUMNS, split="odd", is_split_named=True, size=size))
    assert {row.split for row in named} == {"odd"}
    assert rows_of(pieces_of_stream(io.BytesIO(data), "<stdin>")) == list(read_jsonl(data, "<stdin>"))


@given(contents, st.integers(1, 60), st.lists(st.integers(1, 20)), st.integers(1, 30))
def test_lines_beyond_the_limit_are_cut_as_they_are_read(data: bytes, size: int, cuts: list[int], limit: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jsonl, "LINE_LIMIT", limit)
        stream = io.BytesIO(data)
        parts = iter([*(stream.read(cut) for cut in cuts), stream.read()])
        found = [one for one in blocks((part for part in parts if part), size) if isinstance(one, Block)]
        rows: list[Row] = []
        line = 1
        for one in found:
            index = len([row for row in rows if row.reference is not None])
            source = io.BytesIO(one.data or b"x" * one.size)
            read = list(jsonl.read_part(source, "rows.jsonl", COLUMNS, index, line))
            assert len([row for row in read if row.reference is not None]) in (
                one.rows,
                0 if jsonl.is_utf16(data) else one.rows,
            )
            rows += read
            line += one.lines
        whole = list(jsonl.read(io.BytesIO(data), "rows.jsonl", COLUMNS))
        assert rows == [row for row in whole if row.faults[:1] == () or row.faults[0].rule != "empty-file"]


def test_a_line_of_any_length_takes_no_more_memory_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "LINE_LIMIT", 100)
    parts = [NATIVE + b"\n", *[b" " * 64] * 50, b"\n" + NATIVE]
    first, long, last = (one for one in blocks(parts, 1) if isinstance(one, Block))
    assert (first.rows, long.rows, last.rows) == (1, 1, 1)
    assert long.data is None
    assert long.size == 50 * 64 + 1


def test_compressed_lines_come_with_their_bytes_and_all_that_was_read_before_damage(tmp_path: Path) -> None:
    content = b"".join(NATIVE[:-1] + b', "n": %d}\n' % number for number in range(3_000))
    path = tmp_path / "rows.jsonl.gz"
    for data in (gzip.compress(content), gzip.compress(content)[:-100], b"no gzip", b""):
        path.write_bytes(data)
        assert rows_of(pieces_of_file(str(path), COLUMNS, split="rows", size=5_000)) == list(read_dataset(path))


@pytest.mark.parametrize("name", ["rows.json", "none.jsonl", "rows.txt", "rows.arrow", "folder.jsonl"])
def test_what_cannot_be_cut_is_read_as_a_whole(tmp_path: Path, name: str) -> None:
    (tmp_path / "rows.json").write_bytes(b"[" + b",".join([NATIVE] * 100) + b"]")
    (tmp_path / "rows.txt").write_bytes(NATIVE)
    (tmp_path / "rows.arrow").write_bytes(b"ARROW1")
    (tmp_path / "folder.jsonl").mkdir()
    path = tmp_path / name
    assert rows_of(pieces_of_file(str(path), COLUMNS, split=path.stem)) == list(read_dataset(path))


@pytest.mark.parametrize(("rows", "group"), [(0, 1), (1, 1), (300, 1), (300, 100), (300, 7), (2_500, 1_200)])
def test_the_row_groups_of_parquet_have_the_rows_of_the_whole_file(tmp_path: Path, rows: int, group: int) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.table({"guidelines": [""] * rows, "labels": ["[]"] * rows, "id": list(map(str, range(rows)))})
    pq.write_table(table, path, row_group_size=group)
    pieces = list(pieces_of_file(str(path), COLUMNS, split="rows"))
    assert rows_of(iter(pieces)) == list(read_dataset(path))
    # Small groups stand together, and large ones are read where they are cut.
    shards = [piece for piece in pieces if isinstance(piece, Shard)]
    assert len(shards) == {(1, 1): 1, (300, 1): 5, (300, 100): 3, (300, 7): 5, (2_500, 1_200): 1}.get((rows, group), 0)


@given(st.data())
def test_damaged_parquet_is_told_alike(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / f"damaged-{os.getpid()}.parquet"
    table = pa.table({"guidelines": [""] * 200, "labels": [f"[{number}]" for number in range(200)]})
    pq.write_table(table, path, row_group_size=70, write_page_checksum=True)
    content = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=3)):
        content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    assert rows_of(pieces_of_file(str(path), COLUMNS, split=path.stem)) == list(read_dataset(path))


def test_a_group_that_cannot_be_read_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.table({"guidelines": [""] * 300, "labels": [f"[{number:05}]" for number in range(300)]})
    pq.write_table(table, path, row_group_size=100, write_page_checksum=True, use_dictionary=False, compression="none")
    path.write_bytes(path.read_bytes().replace(b"[00150]", b"[0015x]"))
    (broken, *_), labels = (
        [row for row in read_dataset(path) if row.record is None],
        [row.record.index for row in read_dataset(path) if row.record is not None],
    )
    assert labels == [*range(100), *range(200, 300)]
    assert "behind row 99" in broken.faults[0].message


def test_a_file_may_be_named_by_a_uri(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes((NATIVE + b"\n") * 10)
    found = rows_of(pieces_of_file(path.as_uri(), COLUMNS, split="rows", size=1))
    assert [row.record for row in found] == [row.record for row in read_dataset(path)]
    (unknown,) = rows_of(pieces_of_file("nowhere://rows.jsonl", COLUMNS))
    assert unknown.is_unread


def test_a_stream_gives_what_has_come_and_says_when_it_has_to_be_waited_for() -> None:
    read, write = os.pipe()
    with os.fdopen(read, "rb") as source, os.fdopen(write, "wb", buffering=0) as sink:
        pieces = pieces_of_stream(source, "<stdin>")
        assert next(pieces) == Waiting(source.fileno())
        sink.write(NATIVE + b"\n" + NATIVE[:5])
        first = next(pieces)
        assert isinstance(first, Shard)
        assert (first.index, first.line) == (0, 1)
        assert next(pieces) == Waiting(source.fileno())
        threading.Timer(0.05, lambda: sink.write(NATIVE[5:] + b"\n")).start()
        second = next(pieces)
        assert isinstance(second, Shard)
        assert (second.index, second.line) == (1, 2)
        assert list(read_shard(second, COLUMNS)) == list(read_jsonl(NATIVE + b"\n" + NATIVE + b"\n", "<stdin>"))[1:]
