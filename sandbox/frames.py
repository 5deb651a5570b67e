"""Frames on a pipe: four bytes of big-endian length, sixteen bytes of nonce, and a body of that length."""

import json
import os
import struct
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

NONCE_BYTES = 16
# Before the first request there is no nonce.
NO_NONCE = bytes(NONCE_BYTES)

# What is written is a tree.
_ENCODER = json.JSONEncoder(allow_nan=False, check_circular=False, separators=(",", ":"))

_HEAD = struct.Struct(f">I{NONCE_BYTES}s")


class Oversize(Exception):
    """Say that a frame is announced that is longer than it may be."""


def read(descriptor: int, limit: int) -> tuple[bytes, bytes] | None:
    """Read one frame.

    Args:
        descriptor: the pipe.
        limit: how many bytes the body may have.

    Returns:
        The nonce and the body; None where the other side has closed the pipe, even in the middle of a frame.

    Raises:
        Oversize: the body is longer; nothing of it has been read.
    """
    head = _read_exactly(descriptor, _HEAD.size)
    if head is None:
        return None
    length, nonce = _HEAD.unpack(head)
    if length > limit:
        raise Oversize
    body = _read_exactly(descriptor, length)
    return None if body is None else (nonce, body)


def write(descriptor: int, nonce: bytes, body: bytes) -> None:
    """Write one frame, however the pipe cuts it.

    Raises:
        OSError: the other side has closed the pipe.
    """
    view = memoryview(_HEAD.pack(len(body), nonce) + body)
    while view:
        view = view[os.write(descriptor, view) :]


def encoded(content: "dict[str, Json]") -> bytes:
    """Give JSON as a body; a lone surrogate travels as its escape."""
    return _ENCODER.encode(content).encode("ascii")


def _read_exactly(descriptor: int, length: int) -> bytes | None:
    pieces = []
    while length > 0:
        piece = os.read(descriptor, min(length, 65536))
        if not piece:
            return None
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)
