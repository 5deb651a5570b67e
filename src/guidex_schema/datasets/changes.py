"""Files that change while they are read: what is told of one never comes of two versions of it."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from guidex_schema.datasets.file import is_stored, open_file
from guidex_schema.datasets.row import Row, unreadable

_OTHER = "the file has changed while it was read, and nothing behind this place was read"


class Changed(Exception):
    """Say that a file does not hold any more what was read of it, or is not there any more.

    Args:
        file: its name.
        reason: why no more of it is told, as a sentence without its end.
    """

    def __init__(self, file: str, reason: str = _OTHER) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason

    @property
    def row(self) -> Row:
        """Give what is told of the file."""
        return unreadable("unreadable-file", self.reason, self.file)


def digest(data: bytes) -> int:
    """Give what tells bytes from others that came into their place."""
    return zlib.crc32(data)


def steady_parts(file: BinaryIO, name: str, size: int) -> Iterator[bytes]:
    """Give what a file holds, in parts, as long as the part before still stands in it: meanwhile it may grow.

    Args:
        file: open, at its beginning.
        name: its path, or its URI; what stands in a store is replaced as a whole, and found out by whoever reads it.
        size: the bytes of a part.

    Raises:
        Changed: it holds something else now.
    """
    seen, start, last = _stamp(name), 0, b""
    while True:
        part = file.read(size)
        if (now := _stamp(name)) != seen:
            if content(name, start, start + len(last)) != last:
                raise Changed(name)
            seen = now
        if not part:
            return
        yield part
        start, last = start + len(last), part


def content(name: str, start: int, end: int) -> bytes:
    """Read a part of a file that was read before.

    Raises:
        Changed: it cannot be read any more.
        UsageError: it stands in a store, and pyarrow is not installed.
    """
    with reopened(name) as file, _losing(name):
        file.seek(start)
        return file.read(end - start)


def reopened(name: str) -> BinaryIO:
    """Open a file that was open before.

    Raises:
        Changed: it cannot be read any more.
        UsageError: it stands in a store, and pyarrow is not installed.
    """
    with _losing(name):
        return open_file(name)


def _stamp(name: str) -> tuple[int, ...]:
    """Give what is another as soon as somebody has written to a file, or put another under its name."""
    if is_stored(name):
        return ()
    with _losing(name):
        found = Path(name).stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def _losing(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Changed(name, f"the file cannot be read any more: {error.strerror or error}") from error
