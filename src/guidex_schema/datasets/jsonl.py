"""JSONL: one JSON object a line (jsonlines.org), read as a stream."""

import json
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedIOBase
from typing import BinaryIO, NamedTuple

from guidex_schema.datasets.row import Columns, Row, row, unreadable, without_rows
from guidex_schema.diagnostic import RecordReference
from guidex_schema.json_leaf import unique

# Longer lines are passed over: a small archive may hold a line that fills the memory.
LINE_LIMIT = 256 * 1024 * 1024

UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Line(NamedTuple):
    """A line that is a row.

    Attributes:
        content: with its end.
        row: 0-based number of the row.
        number: 1-based number of the line.
    """

    content: bytes
    row: int
    number: int


def read(source: BinaryIO | BufferedIOBase, file: str, columns: Columns) -> Iterator[Row]:
    """Give a row for every line that is not blank; a line that cannot be read is a row with a fault.

    Args:
        source: an open file.
        file: the file's name.
        columns: what the columns are called.
    """
    is_empty = True
    for one in read_part(source, file, columns):
        is_empty = is_empty and one.reference is None and one.faults[0].rule == "byte-order-mark"
        yield one
    if is_empty:
        yield without_rows(file)


def read_part(
    source: BinaryIO | BufferedIOBase, file: str, columns: Columns, index: int = 0, line: int = 1
) -> Iterator[Row]:
    """Give the rows of whole lines that follow each other in a file, as ``read`` gives those of all.

    Args:
        source: where the first of them begins.
        file: the file's name.
        columns: what the columns are called.
        index: 0-based number of the first row.
        line: 1-based number of the first line.
    """
    for one in lines_of(source, file, index, line):
        yield one if isinstance(one, Row) else row_of(one, file, columns)


def lines_of(source: BinaryIO | BufferedIOBase, file: str, index: int = 0, line: int = 1) -> Iterator[Line | Row]:
    """Give the lines that are rows, not read any further, and rows for what can be told of the file without.

    Args:
        source: where the first of them begins.
        file: the file's name.
        index: 0-based number of the first row.
        line: 1-based number of the first line.
    """
    for number, content in enumerate(_lines(source), start=line):
        if content is None:
            yield over_long(file, index, number)
            index += 1
            continue
        if number == 1 and is_utf16(content):
            yield unreadable("unreadable-file", "the file is UTF-16; write it as UTF-8", file)
            return
        if number == 1 and content.startswith(UTF8_MARK):
            content = content.removeprefix(UTF8_MARK)
            yield unreadable("byte-order-mark", "the file starts with a byte order mark; it is passed over", file)
        if not content.strip():
            continue
        yield Line(content, index, number)
        index += 1


def row_of(line: Line, file: str, columns: Columns) -> Row:
    """Read a line as a row."""
    return replace(_row(line.content, file, line.row, line.number, columns), raw=line.content)


def over_long(file: str, index: int, line: int) -> Row:
    """Give the row of a line beyond the limit."""
    message = f"the line has more than {LINE_LIMIT // 2**20} MB; it is passed over"
    return unreadable("unreadable-row", message, file, RecordReference(index=index, line=line))


def _lines(source: BinaryIO | BufferedIOBase) -> Iterator[bytes | None]:
    """Give the lines with their ends; None for one beyond the limit."""
    while line := source.readline(LINE_LIMIT + 1):
        if len(line) <= LINE_LIMIT:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = source.readline(LINE_LIMIT)
        yield None


def _row(line: bytes, file: str, index: int, number: int, columns: Columns) -> Row:
    reference = RecordReference(index=index, line=number)
    try:
        content = json.loads(line.decode("utf-8"), object_pairs_hook=unique)
    except UnicodeDecodeError as error:
        message = f"byte {error.start + 1} of the line is not UTF-8 ({error.object[error.start]:#04x})"
        return unreadable("invalid-utf-8", message, file, reference)
    except json.JSONDecodeError as error:
        hint = "; the line holds NUL bytes, is it UTF-16?" if b"\0" in line else ""
        message = f"the line is not JSON: {error.msg} (column {error.pos + 1}){hint}"
        return unreadable("unreadable-row", message, file, reference)
    except (ValueError, RecursionError) as error:
        return unreadable("unreadable-row", f"the line cannot be read: {misread(error)}", file, reference)
    return row(content, file, index, number, columns)


def is_utf16(data: bytes) -> bool:
    """Say whether a file starts with the mark of UTF-16 (or of UTF-32, which starts alike)."""
    return data.startswith(_UTF16_MARKS)


def misread(error: ValueError | RecursionError) -> str:
    """Say why JSON that is well-formed cannot be read."""
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
