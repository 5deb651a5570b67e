"""Segments: a text cut at the borders of everything that is marked in it, so that marks may cross and nest."""

import bisect
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from guidex_schema.text import Span

_FIRST_ASTRAL = "\U00010000"


class Mark(NamedTuple):
    """A marked range of a text, in the offsets of the text."""

    start: int
    end: int


class Segment(NamedTuple):
    """A stretch of a text that is marked alike throughout.

    Attributes:
        marks: the numbers of the marks that cover it, the longest first, so that the innermost is the last.
    """

    start: int
    end: int
    marks: tuple[int, ...]


class Units:
    """Turn offsets of a text in code points into those of JavaScript, which counts UTF-16 code units.

    Args:
        text: any string; half a surrogate pair is one unit, as it is in JavaScript.

    Source:
        ECMA-262, section 6.1.4: a string is a sequence of 16-bit units.
    """

    def __init__(self, text: str) -> None:
        is_wide = not text.isascii() and max(text) >= _FIRST_ASTRAL
        self._wide = [offset for offset, one in enumerate(text) if one >= _FIRST_ASTRAL] if is_wide else []

    def mark(self, span: Span) -> Mark:
        """Give a span in units."""
        return Mark(self._unit(span.start), self._unit(span.end))

    def _unit(self, offset: int) -> int:
        return offset + bisect.bisect_left(self._wide, offset)


def segments(marks: Sequence[Mark]) -> tuple[Segment, ...]:
    """Cut a text at the borders of marks.

    Args:
        marks: they may lie anywhere, cross and nest; empty ones cover nothing.

    Returns:
        Every stretch that a mark covers, in order; what lies between them is not marked.
    """
    borders = sorted({border for mark in marks if mark.start < mark.end for border in mark})
    starts = _by_offset((mark.start, number) for number, mark in enumerate(marks) if mark.start < mark.end)
    ends = _by_offset((mark.end, number) for number, mark in enumerate(marks) if mark.start < mark.end)
    covering: set[int] = set()
    found = []
    for start, end in pairwise(borders):
        covering -= ends.get(start, set())
        covering |= starts.get(start, set())
        if covering:
            order = sorted(covering, key=lambda number: (marks[number].start - marks[number].end, number))
            found.append(Segment(start, end, tuple(order)))
    return tuple(found)


def _by_offset(borders: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for offset, number in borders:
        found.setdefault(offset, set()).add(number)
    return found
