"""Datasets: one file per format, each of which gives rows one after another and never stops at a bad one."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from guidex_schema.datasets import hub_folder
from guidex_schema.datasets.file import of_split, rows_of, rows_of_stream, split_of
from guidex_schema.datasets.formats import SUFFIXES, format_of
from guidex_schema.datasets.hub_folder import SplitFile
from guidex_schema.datasets.row import COLUMNS, Columns, Row
from guidex_schema.folder import is_folder

__all__ = [
    "COLUMNS",
    "SUFFIXES",
    "Columns",
    "Row",
    "files_of",
    "format_of",
    "read_dataset",
    "read_datasets",
    "read_jsonl",
]


def files_of(path: Path, tell: Callable[[str], None] = lambda _: None) -> Iterator[SplitFile | Row]:
    """Give the files of the datasets that a path names: itself, or those of a folder, by name.

    Args:
        path: a file or a folder, of which ``hub_folder.listing`` says what belongs to it; a folder that cannot be
            listed or holds no dataset is a row with a fault and no record.
        tell: told in words of a split that lacks files here, since an earlier one has them.
    """
    found = hub_folder.listing(path, tell) if is_folder(path) else (SplitFile(path, "", is_named=False),)
    for one in found:
        if isinstance(one, Row) or one.split or one.is_named:
            yield one
        else:
            yield one._replace(split=split_of(one.file))


def read_datasets(
    path: Path, columns: Columns = COLUMNS, tell: Callable[[str], None] = lambda _: None
) -> Iterator[Iterator[Row]]:
    """Give the rows of each dataset that a path names: of itself, or of the folder's files, by name.

    Args:
        path: as ``files_of`` takes it.
        columns: what the columns are called.
        tell: as ``files_of`` takes it.
    """
    for one in files_of(path, tell):
        yield iter((one,)) if isinstance(one, Row) else _rows(one, columns)


def read_dataset(path: Path, columns: Columns = COLUMNS) -> Iterator[Row]:
    """Give the rows of a file in any of the formats.

    Args:
        path: a file; what cannot be opened or decoded is a row with a fault and no record. A pipe is read as JSONL.
        columns: what the columns are called.
    """
    return _rows(SplitFile(path, split_of(path), is_named=False), columns)


def _rows(one: SplitFile, columns: Columns) -> Iterator[Row]:
    return of_split(rows_of(str(one.file), columns), one.split, is_named=one.is_named)


def read_jsonl(source: BinaryIO | bytes, name: str, columns: Columns = COLUMNS) -> Iterator[Row]:
    """Give the rows of an open JSONL stream, such as standard input; it may be compressed by gzip or zstd."""
    yield from rows_of_stream(io.BytesIO(source) if isinstance(source, bytes) else source, name, columns)
