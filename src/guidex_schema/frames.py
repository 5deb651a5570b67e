"""Frames between the host and the jailed process, and JSON as far as it can be trusted.

A frame is four bytes of big-endian length, sixteen bytes of nonce, and a body of that length. The host makes a new
nonce for every request, and only a reply that bears it is one: nothing that was printed can pass for a verdict.
"""

import json
import math
import os
import select
import struct
import time
from itertools import chain
from typing import Any

NONCE_BYTES = 16
# Before the first request there is no nonce.
NO_NONCE = bytes(NONCE_BYTES)

# Labels of 64 KiB come to some 60,000 brackets; each costs far more memory than its two bytes.
_BRACKETS = 200_000
# Values nest 24 levels deep, and each level is at most a pair in a list in a triple.
_LEVELS = 100

# What 256 bits come to, generously.
_DIGITS = 100

# What poll(2) takes is an int of milliseconds.
_LONGEST_WAIT_SECONDS = 3600.0

_HEAD = struct.Struct(f">I{NONCE_BYTES}s")


class Garbled(Exception):
    """Say that what came is no reply to what was asked."""


class Late(Exception):
    """Say that the other side did not read or write in time."""


class Oversize(Exception):
    """Say that a longer reply was announced than is read; the argument is its length in bytes."""


def write_frame(descriptor: int, nonce: bytes, body: bytes, deadline: float) -> None:
    """Write one frame.

    Args:
        descriptor: the pipe, which does not block.
        nonce: that of the request.
        body: the request.
        deadline: until when, by ``time.monotonic``.

    Raises:
        OSError: the other side has closed its pipe.
        Late: it did not read all in time.
    """
    view = memoryview(_HEAD.pack(len(body), nonce) + body)
    while view:
        _wait(descriptor, deadline, to_write=True)
        view = view[os.write(descriptor, view) :]


def read_frame(descriptor: int, nonce: bytes, limit: int, deadline: float) -> bytes:
    """Read the frame that answers a request.

    Args:
        descriptor: the pipe.
        nonce: that of the request.
        limit: how many bytes the body may have.
        deadline: until when, by ``time.monotonic``.

    Raises:
        EOFError, OSError: the other side has closed its pipe.
        Late: it did not write all in time, whoever holds its end of the pipe.
        Garbled: the frame bears another nonce.
        Oversize: the body is longer; nothing of it has been read.
    """
    length, found = _HEAD.unpack(_read(descriptor, _HEAD.size, deadline))
    if found != nonce:
        raise Garbled
    if length > limit:
        raise Oversize(length)
    return _read(descriptor, length, deadline)


def decode(body: bytes) -> dict[str, object]:
    """Read a JSON object of limited size and depth, without repeated keys and without numbers that are none.

    Raises:
        Garbled: it is anything else.
    """
    brackets = body.count(b"[") + body.count(b"{")
    if brackets > _BRACKETS:
        raise Garbled
    try:
        content = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_number,
            parse_float=_finite,
            parse_int=_short,
        )
    except (ValueError, RecursionError) as error:
        raise Garbled from error
    if not isinstance(content, dict) or (brackets > _LEVELS and not _is_flat(content)):
        raise Garbled
    return content


def _is_flat(content: dict[str, object]) -> bool:
    """Count levels without recursion."""
    level: list[Any] = [content]
    for _ in range(_LEVELS):
        held = chain.from_iterable([outer.values() if isinstance(outer, dict) else outer for outer in level])
        level = [inner for inner in held if type(inner) is list or type(inner) is dict]
        if not level:
            return True
    return False


def _wait(descriptor: int, deadline: float, *, to_write: bool = False) -> None:
    """Wait until a pipe can be read or written, or is closed."""
    if not hasattr(select, "poll"):
        # Windows waits for no pipe; the process is killed there when time is up, which closes it.
        return
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT if to_write else select.POLLIN)
    while (left := deadline - time.monotonic()) > 0:
        # Rounded up, so as not to wake before the time.
        if poll.poll(math.ceil(min(left, _LONGEST_WAIT_SECONDS) * 1000)):
            return
    raise Late


def _read(descriptor: int, length: int, deadline: float) -> bytes:
    pieces = []
    while length > 0:
        _wait(descriptor, deadline)
        piece = os.read(descriptor, min(length, 1 << 20))
        if not piece:
            raise EOFError("it closed its pipe")
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make a JSON object; a key that stands twice would be read otherwise by others."""
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key stands twice")
    return content


def _no_number(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _short(number: str) -> int:
    """Read an integer; whether Python refuses long ones, which take it quadratic time, is a setting of the host's."""
    if len(number) > _DIGITS:
        raise ValueError("an integer of more digits than any value has")
    return int(number)


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number} is more than a float can be")
    return value
