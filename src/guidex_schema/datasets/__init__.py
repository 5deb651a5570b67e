"""Datasets: one file per format, each of which gives rows one after another and never stops at a bad one."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import BinaryIO, assert_never

from guidex_schema.datasets import hub_folder, json_array, jsonl, tables
from guidex_schema.datasets.compression import Damaged, damage, reading
from guidex_schema.datasets.formats import SUFFIXES, Format, format_of, stem
from guidex_schema.datasets.row import COLUMNS, Columns, Row, unreadable
from guidex_schema.error import UsageError
from guidex_schema.folder import is_folder

__all__ = ["COLUMNS", "SUFFIXES", "Columns", "Row", "format_of", "read_dataset", "read_datasets", "read_jsonl"]

# Bytes of an array that are read at once.
_PART = 1024 * 1024
# What the name of a file says of its number among those of its split: `train-00000-of-00004`.
_SHARD = re.compile(r"[-_.]\d{5}-of-\d{5}$")


def read_datasets(
    path: Path, columns: Columns = COLUMNS, tell: Callable[[str], None] = lambda _: None
) -> Iterator[Iterator[Row]]:
    """Give the rows of each dataset that a path names: of itself, or of the folder's files, by name.

    Args:
        path: a file or a folder, of which ``hub_folder.listing`` says what belongs to it; a folder that cannot be
            listed or holds no dataset is a row with a fault and no record.
        columns: what the columns are called.
        tell: told in words of a split that lacks files here, since an earlier one has them.
    """
    if not is_folder(path):
        yield read_dataset(path, columns)
        return
    for one in hub_folder.listing(path, tell):
        if isinstance(one, Row):
            yield iter((one,))
        elif one.is_named:
            yield (replace(row, split=one.split) for row in _rows(one.file, columns))
        else:
            yield _of_split(_rows(one.file, columns), one.split or split_of(one.file))


def read_dataset(path: Path, columns: Columns = COLUMNS) -> Iterator[Row]:
    """Give the rows of a file in any of the formats.

    Args:
        path: a file; what cannot be opened or decoded is a row with a fault and no record. A pipe is read as JSONL.
        columns: what the columns are called.
    """
    return _of_split(_rows(path, columns), split_of(path))


def split_of(path: PurePath) -> str:
    """Give the split that a file is, by its name: ``train`` for ``train-00000-of-00004.jsonl``."""
    return _SHARD.sub("", stem(path))


def _of_split(rows: Iterable[Row], split: str) -> Iterator[Row]:
    """Put the split of their file to the rows that name none of their own."""
    return (row if row.split else replace(row, split=split) for row in rows)


def _rows(path: Path, columns: Columns) -> Iterator[Row]:
    name = str(path)
    known = format_of(path)
    try:
        if known is None and not path.is_fifo():
            path.stat()
            message = (
                f"the format is not known: a dataset ends in one of {', '.join(SUFFIXES)}, "
                "and a label file needs --guidelines"
            )
            yield unreadable("unreadable-file", message, name)
            return
        with path.open("rb") as file, damage():
            yield from _of_format(file, known or Format("lines", ""), name, columns)
    except Damaged as error:
        message = f"the file is cut off or damaged, and nothing behind this place was read: {error}"
        yield unreadable("unreadable-file", message, name)
    except UsageError as error:
        yield unreadable("unreadable-file", str(error), name)
    except OSError as error:
        yield unreadable("unreadable-file", f"the file cannot be read: {error.strerror or error}", name)


def _of_format(file: BinaryIO, known: Format, name: str, columns: Columns) -> Iterator[Row]:
    match known.encoding:
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


def read_jsonl(source: BinaryIO | bytes, name: str, columns: Columns = COLUMNS) -> Iterator[Row]:
    """Give the rows of an open JSONL stream, such as standard input."""
    yield from jsonl.read(io.BytesIO(source) if isinstance(source, bytes) else source, name, columns)
