"""Datasets in object stores, named by URIs as in ``s3://bucket/folder``, which pyarrow has file systems for."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from guidex_schema.datasets.file import split_of
from guidex_schema.datasets.formats import SUFFIXES, format_of, require
from guidex_schema.datasets.row import Row, unreadable
from guidex_schema.error import UsageError

# A path makes one slash of several.
_FLATTENED = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(?=[^/])")


class StoredFile(NamedTuple):
    """A file of rows in a store.

    Attributes:
        uri: what it is called.
        split: the split that its name says.
    """

    uri: str
    split: str


def uri_of(path: Path) -> str | None:
    """Give the URI that a path was made of; None for what is no URI."""
    found = _FLATTENED.match(str(path))
    if found is None or path.exists():
        return None
    # Only what stands on this machine has no host behind its two slashes.
    return f"{found[1]}://{'/' * (found[1] == 'file')}{str(path)[found.end() :]}"


def local(path: Path) -> Path:
    """Give the path that a URI of this machine names, as in ``file:///data``; any other as it is."""
    uri = uri_of(path)
    return path if uri is None or not uri.startswith("file://") else Path(uri.removeprefix("file://"))


def files_in_store(uri: str) -> Iterator[StoredFile | Row]:
    """Give the files of the datasets that a URI names: itself, or those below it, by name.

    Args:
        uri: of a file or a folder; one that cannot be listed, or holds no dataset, is a row with a fault.

    Raises:
        UsageError: pyarrow is not installed, or knows no such store.
    """
    require("pyarrow", "a file in a store")
    import pyarrow as pa
    from pyarrow import fs

    try:
        store, path = fs.FileSystem.from_uri(uri)
    except pa.ArrowInvalid as error:
        raise UsageError(f"no file system is known for {uri}") from error
    try:
        if store.get_file_info(path).type is not fs.FileType.Directory:
            yield StoredFile(uri, split_of(PurePosixPath(path)))
            return
        below = store.get_file_info(fs.FileSelector(path, recursive=True))
    except OSError as error:
        yield unreadable("unreadable-file", f"the store cannot be read: {error.strerror or error}", uri)
        return
    names = sorted(one.path for one in below if one.type is fs.FileType.File and _is_data(one.path, path))
    if not names:
        message = f"there is no dataset below it: none ends in one of {', '.join(SUFFIXES)}"
        yield unreadable("unreadable-file", message, uri)
    for name in names:
        yield StoredFile(f"{uri.rstrip('/')}{name.removeprefix(path.rstrip('/'))}", split_of(PurePosixPath(name)))


def _is_data(name: str, folder: str) -> bool:
    """Say whether a file is one of a dataset: hidden ones, and those that jobs leave beside their output, are none."""
    parts = PurePosixPath(name.removeprefix(folder)).parts
    return format_of(PurePosixPath(name)) is not None and not any(part.startswith((".", "_")) for part in parts)
