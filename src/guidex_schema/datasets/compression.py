"""Compressed files, read and written as streams."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from guidex_schema.datasets.formats import Compression, require

# What is decompressed at once, in bytes.
_BUFFER = 256 * 1024


class Damaged(Exception):
    """A compressed file is cut off, or not what its name says."""


def reading(file: BinaryIO, compression: Compression) -> io.BufferedIOBase:
    """Give what a file holds, as a stream.

    Args:
        file: open; several compressed streams may follow each other.
        compression: how it is compressed.

    Raises:
        UsageError: the package that decompresses it is not installed.
    """
    match compression:
        case "gzip":
            return gzip.GzipFile(fileobj=file, mode="rb")
        case "zstd":
            require("pyarrow", "Zstandard")
            import pyarrow as pa

            stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
            return io.BufferedReader(stream, _BUFFER)
        case "":
            return cast(io.BufferedIOBase, file)


def writing(file: BinaryIO, compression: Compression) -> IO[bytes]:
    """Give a stream that is compressed into a file; closing it leaves the file open.

    Raises:
        UsageError: the package that compresses it is not installed.
    """
    match compression:
        case "gzip":
            # Without name and time the same rows give the same bytes.
            return cast(IO[bytes], gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0))
        case "zstd":
            require("pyarrow", "Zstandard")
            import pyarrow as pa

            return cast(IO[bytes], pa.CompressedOutputStream(_Lent(file), "zstd"))
        case "":
            return file


class _Lent(io.RawIOBase):
    """A file that whoever writes to it cannot close."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._file.write(cast(bytes, data))

    def close(self) -> None:
        self._file.flush()


@contextmanager
def damage() -> Iterator[None]:
    """Turn what decompressors raise into ``Damaged``; errors of the system stay what they are."""
    try:
        yield
    except (EOFError, zlib.error) as error:
        raise Damaged(str(error)) from error
    except OSError as error:
        # Decompressors raise it without a number.
        if error.errno is not None:
            raise
        raise Damaged(str(error)) from error
