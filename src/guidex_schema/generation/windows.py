"""Windows: parts of a long document that leave room for an answer, and that together are the document."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from guidex_schema import sentence

_PARAGRAPH = re.compile(r"\n[ \t\r]*\n\s*")
_SPACE = re.compile(r"\s+")


class _Borders(NamedTuple):
    """Where a text can be cut, in order."""

    paragraphs: Sequence[int]
    sentences: Sequence[int]
    spaces: Sequence[int]


def windows(text: str, fits: Callable[[str], bool]) -> tuple[tuple[int, int], ...] | None:
    """Cut a text into windows that follow each other without a gap.

    Each is as long as fits, and ends behind a paragraph; where none ends in its second half, behind a sentence; behind
    white space only where no sentence ends, and within a word only where there is none.

    Args:
        text: not empty.
        fits: whether a part leaves room for what is to be written of it; shorter parts fit better.

    Returns:
        Where each begins and ends, in code points; None where not even one character fits.
    """
    borders = _Borders(
        [found.end() for found in _PARAGRAPH.finditer(text)],
        sentence.ends(text),
        [found.end() for found in _SPACE.finditer(text)],
    )
    found: list[tuple[int, int]] = []
    start, guess = 0, len(text)
    while start < len(text):
        end = _last_that_fits(text, start, guess, fits)
        while end > start and end < len(text):
            end = _border(borders, start, end)
            if fits(text[start:end]):
                break
            # Counts of tokens do not always grow with the text.
            end -= 1
        if end <= start:
            return None
        found.append((start, end))
        start, guess = end, end - start
    return tuple(found)


def _last_that_fits(text: str, start: int, guess: int, fits: Callable[[str], bool]) -> int:
    """Give how far a part may reach, by as few questions as bisection needs around a guess of its length."""
    least, most = start, len(text)
    step = max(guess, 1)
    while least < most:
        middle = min(max(start + step, least + 1), most)
        if fits(text[start:middle]):
            least = middle
            step = middle - start + max((middle - start) // 2, 1)
        else:
            most = middle - 1
            break
    while least < most:
        middle = (least + most + 1) // 2
        if fits(text[start:middle]):
            least = middle
        else:
            most = middle - 1
    return least


def _border(borders: _Borders, start: int, end: int) -> int:
    """Give the best place to end a window at or before ``end``."""
    half = start + (end - start) // 2
    paragraph, sentence_end, space = (_last(kind, end) for kind in borders)
    for at, least in ((paragraph, half), (sentence_end, half), (max(paragraph, sentence_end), start), (space, start)):
        if at > least:
            return at
    return end


def _last(borders: Sequence[int], end: int) -> int:
    """Give the last border at or before a place; 0 if there is none."""
    at = bisect_right(borders, end)
    return borders[at - 1] if at else 0
