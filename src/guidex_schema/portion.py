"""Portions of a long text in UTF-8, and what can be told of each fast; of most texts the first one says enough."""

import string
from dataclasses import dataclass
from functools import cached_property

from guidex_schema.vocabulary import ascii_runs

_LETTERS = string.ascii_letters.encode()
# Of what is not ASCII all but the first byte is left out: each character is counted once.
_FOLLOWING = bytes(range(0x80, 0xC0))
_PLAIN = string.printable.encode()
# What is asked of a fifth of all words is mostly answered by so much of a text.
_FIRST = 0.625


@dataclass(frozen=True)
class Portion:
    """A portion of a text, which no word crosses.

    Attributes:
        written: the portion in UTF-8, halves of pairs as they are.
    """

    written: bytes

    @cached_property
    def words(self) -> list[bytes]:
        """Give the runs of ASCII letters and digits, in lower case."""
        return ascii_runs(self.written)

    @cached_property
    def _signs(self) -> bytes:
        return self.written.translate(None, _LETTERS)

    @cached_property
    def signs(self) -> bytes:
        """Give the first byte of every character that is no ASCII letter: in most texts a fifth of all."""
        return self._signs.translate(None, _FOLLOWING)

    @property
    def letters(self) -> int:
        """Count the ASCII letters."""
        return len(self.written) - len(self._signs)

    @cached_property
    def others(self) -> int:
        """Count the characters that are not ASCII, and the control characters."""
        return len(self.signs.translate(None, _PLAIN))


def portions(written: bytes) -> tuple[Portion, Portion]:
    """Give a text in UTF-8 in two portions, parted before a space."""
    end = written.find(b" ", int(_FIRST * len(written))) % (len(written) + 1)
    return Portion(written[:end]), Portion(written[end:])
