"""The way to other forms of a value: cheap questions first, reading both texts closely last."""

import re
from collections.abc import Iterator

from guidex_schema.grounding import candidate, variant
from guidex_schema.grounding.normalisation import Folded

_CAPITALS = re.compile(r"\b[A-Z]{2,3}\b")
# How many characters the function words may take that a value begins or ends with, or the beginning of a number.
_EDGE = 24


def variants(wanted: Folded, document: Folded) -> Iterator[variant.Match]:
    """Give every stretch of a document's normal form that says a value in another form, in order.

    What is too long to be a mention has no other form.
    """
    if len(wanted.text) > variant.LONGEST_VALUE:
        return
    words = candidate.plain_words(wanted.text, wanted.plain.text)
    if words is None:
        needle = variant.needle(wanted.digits, wanted.author)
        yield from variant.matches(needle, document.digits, document.author) if needle else ()
        return
    needle = None
    for start, end in candidate.stretches(words, document.words):
        found = candidate.in_order(words, document.words, start, end)
        if found and not _CAPITALS.search(document.author(found.start, found.end)):
            yield found
            continue
        needle = needle or variant.needle(wanted.digits, wanted.author)
        if needle is None:
            return
        stretch = _widened(document.words, start, end, _EDGE if needle.has_edges or words.others else 0)
        if not words.others or needle.may_stand_in(document.digits, *stretch):
            yield from variant.matches_in(needle, document.digits, stretch, document.author)


def _widened(text: str, start: int, end: int, edge: int) -> tuple[int, int]:
    """Widen a stretch to whole words, and to those around it that a value may begin or end with."""
    before = text.rfind(" ", 0, max(start - edge, 0)) if start else -1
    behind = text.find(" ", end + edge) if end + edge < len(text) else -1
    return before + 1, behind if behind >= 0 else len(text)
