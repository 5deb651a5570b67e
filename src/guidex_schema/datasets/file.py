"""One dataset file: its rows one after another, whatever its format is and wherever it is kept."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import BinaryIO, TypeVar, assert_never, cast

from guidex_schema.datasets import json_array, jsonl, tables
from guidex_schema.datasets.compression import Damaged, damage, reading
from guidex_schema.datasets.formats import SUFFIXES, Format, format_of, require, stem
from guidex_schema.datasets.row import Columns, Row, unreadable
from guidex_schema.datasets.stream import opened
from guidex_schema.error import UsageError

# Bytes of an array that are read at once.
_PART = 1024 * 1024
# What the name of a file says of its number among those of its split: `train-00000-of-00004`.
_SHARD = re.compile(r"[-_.]\d{5}-of-\d{5}$")
# What stands before the name of a store, as in `s3://`; the drive of a path on Windows is one letter.
_STORE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

_Part = TypeVar("_Part")


def is_stored(name: str) -> bool:
    """Say whether a file is named by a URI, as one in an object store is."""
    return _STORE.match(name) is not None


def open_file(name: str) -> BinaryIO:
    """Open a file to read bytes from, at any place of it.

    Args:
        name: a path, or a URI that pyarrow has a file system for, as in ``s3://bucket/train.jsonl``.

    Raises:
        UsageError: it stands in a store, and pyarrow is not installed.
        OSError: it cannot be opened.
    """
    if not is_stored(name):
        return Path(name).open("rb")
    require("pyarrow", "a file in a store")
    import pyarrow as pa
    from pyarrow import fs

    try:
        store, path = fs.FileSystem.from_uri(name)
    except pa.ArrowInvalid as error:
        raise UsageError(f"no file system is known for {name}") from error
    return cast(BinaryIO, store.open_input_file(path))


def split_of(path: PurePath) -> str:
    """Give the split that a file is, by its name: ``train`` for ``train-00000-of-00004.jsonl``."""
    return _SHARD.sub("", stem(path))


def of_split(rows: Iterable[Row], split: str, *, is_named: bool) -> Iterator[Row]:
    """Put the split of their file to rows.

    Args:
        rows: all of one file, or some.
        split: what the folder, or else the name of the file, says.
        is_named: it says so outright: rows may name none of their own.
    """
    return (row if row.split and not is_named else replace(row, split=split) for row in rows)


def rows_of(name: str, columns: Columns) -> Iterator[Row]:
    """Give the rows of a file in any of the formats; what cannot be opened or decoded is a row with a fault.

    Args:
        name: a path or a URI. A pipe is read as JSONL.
        columns: what the columns are called.
    """
    return telling(_rows(name, columns), name)


def rows_of_stream(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    """Give the rows of a stream of JSONL, which may be compressed; what it holds else is a row with a fault.

    Args:
        stream: open.
        name: what it is called in findings.
        columns: what the columns are called.
    """
    return telling(_rows_of_stream(stream, name, columns), name)


def _rows_of_stream(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    yield from jsonl.read(opened(stream), name, columns)


def telling(parts: Iterator[_Part], name: str) -> Iterator[_Part | Row]:
    """Give what is read of a file on, and a row that says why there is no more where reading it fails."""
    try:
        with damage():
            yield from parts
    except Damaged as error:
        message = f"the file is cut off or damaged, and nothing behind this place was read: {error}"
        yield unreadable("unreadable-file", message, name)
    except UsageError as error:
        yield unreadable("unreadable-file", str(error), name)
    except OSError as error:
        yield unreadable("unreadable-file", f"the file cannot be read: {error.strerror or error}", name)


def known_format(name: str) -> Format | None:
    """Give the format of a file, which is JSONL for a pipe, whatever it is called; None where it is none of a dataset.

    Raises:
        OSError: there is no such file.
    """
    known = format_of(PurePath(name))
    if known is None and not is_stored(name):
        if Path(name).is_fifo():
            return Format("lines", "")
        Path(name).stat()
    return known


def of_no_format(name: str) -> Row:
    """Say that a file is no dataset by its name."""
    message = (
        f"the format is not known: a dataset ends in one of {', '.join(SUFFIXES)}, and a label file needs --guidelines"
    )
    return unreadable("unreadable-file", message, name)


def _rows(name: str, columns: Columns) -> Iterator[Row]:
    known = known_format(name)
    if known is None:
        yield of_no_format(name)
        return
    with open_file(name) as file:
        yield from _of_format(file, known, name, columns)


def _of_format(file: BinaryIO, known: Format, name: str, columns: Columns) -> Iterator[Row]:
    match known.encoding:
        case "lines" if not (known.compression or file.seekable()):
            yield from _rows_of_stream(file, name, columns)
        case "lines":
            yield from jsonl.read(reading(file, known.compression), name, columns)
        case "array":
            content, damaged = _whole(reading(file, known.compression))
            yield from json_array.read(content, name, columns)
            if damaged is not None:
                raise damaged
        case "parquet":
            yield from tables.read_parquet(file, name, columns)
        case "arrow":
            yield from tables.read_arrow(file, name, columns)
        case _:
            assert_never(known.encoding)


def _whole(source: io.BufferedIOBase) -> tuple[bytes, Damaged | None]:
    """Read a file up to the limit of an array, or up to where it is damaged."""
    content = bytearray()
    try:
        with damage():
            while len(content) <= json_array.SIZE_LIMIT and (part := source.read1(_PART)):
                content += part
    except Damaged as error:
        return bytes(content), error
    return bytes(content), None
