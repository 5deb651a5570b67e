"""Datasets: one file per format, each of which gives rows one after another and never stops at a bad one."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from guidex_schema.datasets import json_array, jsonl
from guidex_schema.datasets.row import COLUMNS, Columns, Row, unreadable
from guidex_schema.error import UsageError

__all__ = ["COLUMNS", "Columns", "Row", "dataset_files", "read_dataset", "read_jsonl"]

SUFFIXES = (".jsonl", ".ndjson", ".json")


def dataset_files(path: Path) -> list[Path]:
    """Give the dataset files that a path names: itself, or all below a folder, in order of their names.

    Raises:
        UsageError: the format is not known, or a folder holds no dataset.
    """
    if not path.is_dir():
        if path.suffix.lower() not in SUFFIXES:
            raise UsageError(f"{path} is no dataset that can be read; its suffix must be {', '.join(SUFFIXES)}")
        return [path]
    found = sorted(one for one in path.rglob("*") if one.suffix.lower() in SUFFIXES and _is_visible(one, path))
    if not found:
        raise UsageError(f"{path} holds no dataset file ({', '.join(SUFFIXES)})")
    return found


def read_dataset(path: Path, columns: Columns = COLUMNS) -> Iterator[Row]:
    """Give the rows of a JSONL or JSON file.

    Args:
        path: a file; what cannot be opened or decoded is a row with a fault and no record.
        columns: what the columns are called.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            if path.suffix.lower() == ".json":
                yield from json_array.read(file.read(json_array.SIZE_LIMIT + 1), name, columns)
            else:
                yield from jsonl.read(file, name, columns)
    except OSError as error:
        yield unreadable("unreadable-file", f"the file cannot be read: {error.strerror or error}", name)


def read_jsonl(source: BinaryIO | bytes, name: str, columns: Columns = COLUMNS) -> Iterator[Row]:
    """Give the rows of an open JSONL stream, such as standard input."""
    yield from jsonl.read(io.BytesIO(source) if isinstance(source, bytes) else source, name, columns)


def _is_visible(path: Path, below: Path) -> bool:
    return path.is_file() and not any(part.startswith(".") for part in path.relative_to(below).parts)
