"""Shards: parts of a dataset file that can each be read by themselves, and give the rows that the whole file gives.

JSONL is cut at line ends and Parquet between row groups. What cannot be cut so, as a compressed file, comes in pieces
that hold what was read.
"""

import io
import os
import select
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import BinaryIO, Literal, assert_never, cast

from guidex_schema.datasets import jsonl, tables
from guidex_schema.datasets.block import Waiting, blocks
from guidex_schema.datasets.changes import Changed, content, digest, reopened, steady_parts
from guidex_schema.datasets.compression import reading
from guidex_schema.datasets.file import known_format, of_no_format, of_split, open_file, rows_of, telling
from guidex_schema.datasets.row import Columns, Row, without_rows
from guidex_schema.datasets.stream import compression_of, continued, is_mark_open

# Bytes of lines, and rows of Parquet, that make a shard. Smaller ones are spread more evenly, larger ones are sent less
# often.
SHARD_BYTES = 128 * 1024
_SHARD_ROWS = 64
# A row group of more rows is read where it is cut: nobody else would have to read it from its beginning.
GROUP_ROWS = 1_024
# The same where other machines read them: what is read in seconds, and done in vain where a machine is lost. A row
# group is one shard there, whatever its rows.
FAR_BYTES = 4 * 1024 * 1024
FAR_ROWS = 2**63
# What stands at the very end of a Parquet file, behind the length of what it says of itself.
_PARQUET_MARK = b"PAR1"
_LENGTH_AND_MARK = 8
# Rows that travel together where a file cannot be cut.
_BATCH_ROWS = 32


@dataclass(frozen=True)
class Shard:
    """A part of one dataset file that can be read by itself, in another process or on another machine.

    Attributes:
        file: the path or the URI of the file, as it is called in findings.
        encoding: lines of JSON, or row groups of Parquet.
        split: the split that its rows belong to.
        is_split_named: they do, whatever they say themselves.
        start: where it begins: a byte, or the number of a row group.
        end: where it ends, half-open.
        index: 0-based number of its first row in the file.
        line: 1-based number of its first line in the file.
        data: its bytes, where the file cannot be read from ``start``; None where it can.
        digest: of its bytes, or of what a Parquet file says of all its row groups, where it is read from the file: what
            is read there has to be what stood there when it was cut.
    """

    file: str
    encoding: Literal["lines", "parquet"]
    split: str = ""
    is_split_named: bool = False
    start: int = 0
    end: int = 0
    index: int = 0
    line: int = 1
    data: bytes | None = field(default=None, repr=False)
    digest: int = 0


# What rows are handed on in.
Piece = Shard | tuple[Row, ...]


def file_of(piece: Piece) -> str:
    """Give the file that a piece is of, as it is called in findings."""
    return piece.file if isinstance(piece, Shard) else piece[0].file


def pieces_of_file(
    name: str,
    columns: Columns,
    *,
    split: str = "",
    is_split_named: bool = False,
    size: int = SHARD_BYTES,
    rows: int = GROUP_ROWS,
) -> Iterator[Piece | Waiting]:
    """Cut a file into pieces, which together have the rows that ``rows_of`` gives, in order.

    Args:
        name: a path, or the URI of a file in a store.
        columns: what the columns are called.
        split: the split that its rows belong to.
        is_split_named: they do, whatever they say themselves.
        size: the bytes that a shard of JSONL has at least; the last may have fewer.
        rows: those of the largest row group of Parquet that is a shard; one that has more is read where it is cut.
    """
    whole = Shard(name, "lines", split, is_split_named)
    try:
        for one in telling(_pieces(whole, columns, size, rows), name):
            yield _of_split(one, whole)
    except Changed as change:
        yield _of_split(change.row, whole)


def pieces_of_stream(stream: BinaryIO, name: str) -> Iterator[Piece | Waiting]:
    """Give what comes on a stream of JSONL, such as standard input, as it comes: nothing waits for what is to follow.

    It may be compressed.

    Args:
        stream: open; it is read to its end.
        name: what it is called in findings.
    """
    whole = Shard(name, "lines")
    for one in telling(_arriving_lines(stream, whole), name):
        yield _of_split(one, whole)


def _of_split(one: Piece | Waiting | Row, whole: Shard) -> Piece | Waiting:
    """Put the split of a file to rows that were read of it."""
    match one:
        case Shard() | Waiting():
            return one
        case Row():
            return (_with_split(one, whole),)
    return tuple(_with_split(row, whole) for row in one)


def _with_split(one: Row, whole: Shard) -> Row:
    return next(of_split((one,), whole.split, is_named=whole.is_split_named))


def _pieces(whole: Shard, columns: Columns, size: int, rows: int) -> Iterator[Piece | Waiting]:
    name = whole.file
    known = known_format(name)
    if known is None:
        yield (of_no_format(name),)
        return
    with open_file(name) as file:
        match known.encoding:
            case "lines" if known.compression:
                yield from _lines(_parts(reading(file, known.compression)), whole, size)
            case "lines" if not file.seekable():
                yield from _arriving_lines(file, whole)
            case "lines":
                yield from _line_shards(file, whole, size)
            case "parquet":
                yield from _group_pieces(file, whole, columns, rows)
            case "array" | "arrow":
                yield from _batches(rows_of(name, columns))
            case _:
                assert_never(known.encoding)


def read_shard(shard: Shard, columns: Columns) -> Iterator[Row]:
    """Give the rows of a shard, which are those that the whole file has there.

    Args:
        shard: any.
        columns: what the columns are called.

    Raises:
        Changed: its file holds something else by now, or is gone.
    """
    rows = telling(_read(shard, columns), shard.file)
    return of_split(rows, shard.split, is_named=shard.is_split_named)


def lines_in(shard: Shard) -> Iterator[jsonl.Line | Row]:
    """Give the lines of a shard that are rows, not read any further, and rows for what can be told without.

    Args:
        shard: one of lines.

    Raises:
        Changed: its file holds something else by now, or is gone.
    """
    for one in telling(_lines_of(shard), shard.file):
        yield one if isinstance(one, jsonl.Line) else _with_split(one, shard)


def with_content(shard: Shard) -> Shard:
    """Give a shard of lines with its bytes.

    Raises:
        Changed: its file holds something else by now, or is gone.
        UsageError: it stands in a store, and pyarrow is not installed.
    """
    return shard if shard.data is not None else replace(shard, data=_data(shard))


def _data(shard: Shard) -> bytes:
    if shard.data is not None:
        return shard.data
    data = content(shard.file, shard.start, shard.end)
    if digest(data) != shard.digest:
        raise Changed(shard.file)
    return data


def row_in(shard: Shard, line: jsonl.Line, columns: Columns) -> Row:
    """Read a line of a shard as a row."""
    return _with_split(jsonl.row_of(line, shard.file, columns), shard)


def _read(shard: Shard, columns: Columns) -> Iterator[Row]:
    match shard.encoding:
        case "lines":
            for one in _lines_of(shard):
                yield one if isinstance(one, Row) else jsonl.row_of(one, shard.file, columns)
        case "parquet":
            with reopened(shard.file) as file:
                if _footer(file) != shard.digest:
                    raise Changed(shard.file)
                yield from _rows_of_groups(file, shard, columns)
        case _:
            assert_never(shard.encoding)


def _lines_of(shard: Shard) -> Iterator[jsonl.Line | Row]:
    return jsonl.lines_of(io.BytesIO(_data(shard)), shard.file, shard.index, shard.line)


def _line_shards(file: BinaryIO, whole: Shard, size: int) -> Iterator[Piece | Waiting]:
    """Give where the lines of a file can be read; they are counted here and read there."""
    for one in _lines(steady_parts(file, whole.file, size), whole, size):
        if isinstance(one, Shard) and one.data is not None:
            yield replace(one, data=None, digest=digest(one.data))
        else:
            yield one


def _arriving_lines(stream: io.BufferedIOBase | BinaryIO, whole: Shard) -> Iterator[Piece | Waiting]:
    arriving = _arriving(stream)
    start = b""
    for part in arriving:
        if isinstance(part, Waiting):
            yield part
            continue
        start += part
        if not is_mark_open(start):
            break
    compression = compression_of(start)
    plain = chain([start] if start else [], arriving)
    yield from _lines(_parts(continued(start, stream, compression)) if compression else plain, whole, 1)


def _lines(parts: Iterable[bytes | Waiting], whole: Shard, size: int) -> Iterator[Piece | Waiting]:
    """Give the lines of a file in shards that hold them."""
    start, index, line = 0, 0, 1
    for block in blocks(parts, size):
        if isinstance(block, Waiting):
            yield block
            continue
        end = start + block.size
        if block.data is None:
            yield (jsonl.over_long(whole.file, index, line),)
        else:
            yield replace(whole, start=start, end=end, index=index, line=line, data=block.data)
        start, index, line = end, index + block.rows, line + block.lines
    if index == 0:
        yield (without_rows(whole.file),)


def _parts(source: io.BufferedIOBase | BinaryIO) -> Iterator[bytes]:
    """Give what a stream has, in parts of at most the size of a shard."""
    # A file of type BinaryIO has it, too, where it is buffered, as those of streams are.
    return iter(lambda: cast(io.BufferedIOBase, source).read1(SHARD_BYTES), b"")


def _arriving(stream: io.BufferedIOBase | BinaryIO) -> Iterator[bytes | Waiting]:
    """Give what a stream has, and each time before it would have to be waited for, that it would."""
    parts = _parts(stream)
    while True:
        if not can_be_read(stream):
            yield Waiting(stream.fileno())
        part = next(parts, None)
        if part is None:
            return
        yield part


def can_be_read(stream: io.BufferedIOBase | BinaryIO | int) -> bool:
    """Say whether something can be read of a stream at once, or of its descriptor; where nothing can tell, it is."""
    try:
        return bool(select.select([stream], [], [], 0)[0])
    except (OSError, ValueError):
        # No file of the system stands behind it, or it is none that Windows can tell it of.
        return True


def _group_pieces(file: BinaryIO, whole: Shard, columns: Columns, most: int) -> Iterator[Piece]:
    """Give the row groups of a Parquet file, small ones together, and large ones as rows."""
    groups = tables.row_groups(file)
    if not groups or not any(groups):
        # Reading it will tell why there is no row.
        yield from _batches(rows_of(whole.file, columns))
        return
    footer = _footer(file)
    start, index, rows = 0, 0, 0
    for number, count in enumerate(groups):
        rows += count
        if rows < _SHARD_ROWS and number + 1 < len(groups):
            continue
        shard = replace(whole, encoding="parquet", start=start, end=number + 1, index=index, digest=footer)
        if rows > most:
            yield from _batches(_rows_of_groups(file, shard, columns))
        else:
            yield shard
        start, index, rows = number + 1, index + rows, 0


def _rows_of_groups(file: BinaryIO, shard: Shard, columns: Columns) -> Iterator[Row]:
    file.seek(0)
    return tables.read_parquet(file, shard.file, columns, range(shard.start, shard.end), shard.index)


def _footer(file: BinaryIO) -> int:
    """Give the digest of what a Parquet file says of its row groups, at its end (Apache Parquet, "File Format")."""
    size = file.seek(0, os.SEEK_END)
    size = file.seek(max(size - _LENGTH_AND_MARK, 0))
    end = file.read()
    if end.endswith(_PARQUET_MARK):
        file.seek(max(size - int.from_bytes(end[:4], "little"), 0))
        end = file.read()
    return digest(end)


def _batches(rows: Iterator[Row]) -> Iterator[tuple[Row, ...]]:
    while batch := tuple(islice(rows, _BATCH_ROWS)):
        yield batch
