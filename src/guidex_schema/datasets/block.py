"""Blocks of JSONL: whole lines that follow each other, cut out of a stream of bytes and counted without being read."""

import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from guidex_schema.datasets import jsonl


class Waiting(NamedTuple):
    """Say that nothing can be read of a stream at the moment.

    Attributes:
        descriptor: of the stream; whoever has nothing else to do waits for it.
    """

    descriptor: int


class Block(NamedTuple):
    """Whole lines that follow each other.

    Attributes:
        data: the lines with their ends, of which only the last of a file may have none; None for one line that is
            longer than any that is read.
        size: in bytes.
        lines: how many there are.
        rows: how many of them are rows, as ``jsonl.read_part`` counts them.
    """

    data: bytes | None
    size: int
    lines: int
    rows: int


def blocks(parts: Iterable[bytes | Waiting], size: int) -> Iterator[Block | Waiting]:
    """Cut a file into blocks.

    What stands in a file that says with its first bytes that it is UTF-16 is one block: no more of it is read.

    Args:
        parts: what the file holds, in any parts; where they end with an error, what was read before comes first. That
            nothing is there yet is given on.
        size: the bytes from which on the whole lines that are there are a block; with 1 they are one as they come.
    """
    cutter = _Cutter(size)
    try:
        for part in parts:
            if isinstance(part, Waiting):
                yield part
                continue
            yield from cutter.add(part)
            if cutter.is_utf16:
                return
    except Exception:
        yield from cutter.cut()
        raise
    yield from cutter.end()


class _Cutter:
    """What was read of a file and is no block yet.

    Attributes:
        is_utf16: the file is none that has lines.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        # Whole lines, and behind them the beginning of one.
        self._held = bytearray()
        self._whole = 0
        # Bytes of a line that is too long to be kept; 0 outside of one.
        self._skipped = 0
        self._is_first = True
        self.is_utf16 = False

    def add(self, part: bytes) -> Iterator[Block]:
        """Take what was read next, and give the blocks that are full."""
        if self._skipped:
            end = part.find(b"\n") + 1
            self._skipped += end or len(part)
            if not end:
                return
            yield self._over_long()
            part = part[end:]
        end = part.rfind(b"\n") + 1
        if end:
            self._whole = len(self._held) + end
        self._held += part
        if self._whole >= self._size:
            yield from self.cut()
        if len(self._held) - self._whole > jsonl.LINE_LIMIT:
            yield from self.cut()
            self._skipped = len(self._held)
            self._held.clear()

    def cut(self) -> Iterator[Block]:
        """Give the whole lines that are there."""
        if self._whole:
            data = bytes(memoryview(self._held)[: self._whole])
            del self._held[: self._whole]
            self._whole = 0
            yield self._block(data)

    def end(self) -> Iterator[Block]:
        """Give what is left at the end of the file, whose last line may have no end."""
        if self._skipped:
            yield self._over_long()
        self._whole = len(self._held)
        yield from self.cut()

    def _block(self, data: bytes) -> Block:
        shown = data
        if self._is_first:
            first = (data.find(b"\n") + 1) or len(data)
            self.is_utf16 = first <= jsonl.LINE_LIMIT and jsonl.is_utf16(data)
            if data.startswith(jsonl.UTF8_MARK):
                # White space in its place leaves the line as long as it is, and blank if it is.
                shown = b"   " + data[len(jsonl.UTF8_MARK) :]
        self._is_first = False
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        return Block(data, len(data), lines, _rows(shown, lines))

    def _over_long(self) -> Block:
        size, self._skipped, self._is_first = self._skipped, 0, False
        return Block(None, size, 1, 1)


def _rows(data: bytes, lines: int) -> int:
    """Count the lines that are no blank ones."""
    # As a rule every line is an object, and counting those costs next to nothing.
    if data.startswith(b"{") + data.count(b"\n{") == lines:
        return lines
    return sum(1 for line in io.BytesIO(data) if len(line) > jsonl.LINE_LIMIT or line.strip())
