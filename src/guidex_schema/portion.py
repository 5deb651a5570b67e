"""Portions of a long text, and what can be told of each fast; of most texts the first one says enough."""

import string
from dataclasses import dataclass
from functools import cached_property

from guidex_schema.vocabulary import ASCII_RUNS

_PLAIN = frozenset(string.printable.encode()) - {ord("'")}
# Of what is not ASCII all but the first byte: each character is counted once.
_FOLLOWING = range(0x80, 0xC0)
# What is asked of a fifth of all words is mostly answered by so much of a text.
_FIRST = 0.625


def _spread(byte: int) -> int:
    if byte in ASCII_RUNS:
        return ord(chr(byte).lower())
    if byte in _FOLLOWING:
        return ord("\t")
    return ord(" " if byte in _PLAIN else "\n")


_SPREAD = bytes(map(_spread, range(256)))


@dataclass(frozen=True)
class Portion:
    """A portion of a text, which no word crosses.

    Attributes:
        spread: the portion with ASCII letters, digits and underscores in lower case, spaces for other signs, and line
            ends for the signs of which it is not known what they do to words: apostrophes, control characters, and the
            first byte of every character that is not ASCII. Tabs stand for the others.
    """

    spread: bytes

    @cached_property
    def words(self) -> list[bytes]:
        """Give the runs of ASCII letters, digits and underscores, in lower case."""
        return self.spread.split()

    @cached_property
    def doubtful(self) -> int:
        """Count the apostrophes, the control characters, and the characters that are not ASCII."""
        return self.spread.count(b"\n")

    @property
    def gaps(self) -> int:
        """Count the signs between words, which are as many as words at least but for one."""
        return self.spread.count(b" ") + self.doubtful


def portions(written: bytes) -> tuple[Portion, Portion]:
    """Give a text in UTF-8 in two portions, parted before a space."""
    spread = written.translate(_SPREAD)
    end = spread.find(b" ", int(_FIRST * len(spread))) % (len(spread) + 1)
    return Portion(spread[:end]), Portion(spread[end:])
