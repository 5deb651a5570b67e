"""Streams without a name that says their format, such as standard input: JSONL, compressed where it begins so."""

import io
from typing import TYPE_CHECKING, BinaryIO

from guidex_schema.datasets.compression import reading
from guidex_schema.datasets.formats import Compression
from guidex_schema.error import UsageError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# What a stream begins with (RFC 1952, RFC 8878).
_COMPRESSIONS: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
# What is read from files only, or not at all; no JSON begins so.
_OTHERS = {
    b"PAR1": "Parquet",
    b"ARROW1": "Arrow",
    b"\xff\xff\xff\xff": "Arrow",
    b"FEA1": "Feather",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "a ZIP archive",
}
# Bytes by which any of them is known, and more.
_START = 4096


def opened(stream: io.BufferedIOBase | BinaryIO) -> io.BufferedIOBase:
    """Give what a stream holds, decompressed.

    Raises:
        UsageError: it holds no JSONL, or the package that decompresses it is not installed.
    """
    start = b""
    while is_mark_open(start) and (some := _some(stream, _START)):
        start += some
    return continued(start, stream, compression_of(start))


def is_mark_open(start: bytes) -> bool:
    """Say whether more has to be read to tell what a stream holds."""
    return any(len(start) < len(mark) and mark.startswith(start) for mark in (*_COMPRESSIONS, *_OTHERS))


def compression_of(start: bytes) -> Compression:
    """Say by what a stream begins with how it is compressed.

    Raises:
        UsageError: it holds no JSONL.
    """
    for mark, other in _OTHERS.items():
        if start.startswith(mark):
            raise UsageError(f"it is {other}, and a stream is read as JSONL, plain or by gzip or zstd; name a file")
    return next((found for mark, found in _COMPRESSIONS.items() if start.startswith(mark)), "")


def continued(start: bytes, stream: io.BufferedIOBase | BinaryIO, compression: Compression) -> io.BufferedIOBase:
    """Give what a stream holds, decompressed, of which the start was read already."""
    return reading(io.BufferedReader(_Continued(start, stream)), compression)


def _some(stream: io.BufferedIOBase | BinaryIO, size: int) -> bytes:
    """Read what is there of a stream; one without a buffer reads no more anyway."""
    data: bytes = getattr(stream, "read1", stream.read)(size)
    return data


class _Continued(io.RawIOBase):
    """A stream of which the start was read already."""

    def __init__(self, start: bytes, stream: io.BufferedIOBase | BinaryIO) -> None:
        self._start = start
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        data = self._start[: len(view)]
        self._start = self._start[len(data) :]
        data = data or _some(self._stream, len(view))
        view[: len(data)] = data
        return len(data)
