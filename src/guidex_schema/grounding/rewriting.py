"""Texts with some stretches replaced, and the way between the offsets of both."""

import bisect
import itertools
from collections.abc import Sequence

# The starts and the ends of the same stretches, in order.
_Stretches = tuple[list[int], list[int]]
_NOTHING: _Stretches = ([], [])


class Rewriting:
    """A text with some stretches replaced, and the way between the offsets of both.

    Args:
        base: the text that shows through between the edits; it has one character for each of the source.
        edits: source start, source end and replacement, in order and apart.
    """

    def __init__(self, base: str, edits: Sequence[tuple[int, int, str]] = ()) -> None:
        # Only the edits are kept, each as a stretch of the source and one of the result; an empty one closes both.
        # Without edits both are empty.
        self._source: _Stretches = _NOTHING
        self._target: _Stretches = _NOTHING
        self.text = base
        if not edits:
            return
        self._source, self._target = ([], []), ([], [])
        pieces: list[str] = []
        done = length = 0
        for start, end, replacement in itertools.chain(edits, ((len(base), len(base), ""),)):
            pieces += (base[done:start], replacement)
            length += start - done
            self._source[0].append(start)
            self._source[1].append(end)
            self._target[0].append(length)
            length += len(replacement)
            self._target[1].append(length)
            done = end
        self.text = "".join(pieces)

    def source(self, start: int, end: int) -> tuple[int, int] | None:
        """Give the source of a stretch of the result, or None if that would cut through an edit."""
        if self._source is _NOTHING:
            return (start, end) if start < end else None
        return _carry(start, end, self._target, self._source)

    def target(self, start: int, end: int) -> tuple[int, int] | None:
        """Give what became of a stretch of the source, or None if it cuts through an edit."""
        if self._source is _NOTHING:
            return (start, end) if start < end else None
        return _carry(start, end, self._source, self._target)


def _carry(start: int, end: int, near: _Stretches, far: _Stretches) -> tuple[int, int] | None:
    """Carry a stretch of at least one character over; an edit that is empty on the near side stays outside."""
    (near_starts, near_ends), (far_starts, far_ends) = near, far
    index = bisect.bisect_right(near_starts, start) - 1
    if index < 0:
        far_start = start
    elif start >= near_ends[index]:
        far_start = far_ends[index] + start - near_ends[index]
    elif start == near_starts[index]:
        far_start = far_starts[index]
    else:
        return None
    index = bisect.bisect_left(near_ends, end)
    if end <= near_starts[index]:
        far_end = far_starts[index] - (near_starts[index] - end)
    elif end == near_ends[index]:
        far_end = far_ends[index]
    else:
        return None
    return (far_start, far_end) if far_start < far_end else None
