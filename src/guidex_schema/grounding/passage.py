"""The passage that comes nearest to a value which does not stand in the document, so that a person sees why."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from guidex_schema.grounding.inflection import inflects
from guidex_schema.grounding.term import Content, Word
from guidex_schema.grounding.variant import Needle, word_starts

# More places of one word than this say nothing new, and the search stays linear.
_PLACES = 200
_LONGEST_FUZZY = 64
_LEAST_ALIKE = 60.0
_SHORTEST_BLOCK = 2
_NEARLY_ALL = 0.8
_LETTERS = re.compile(r"[^\W\d_]+")


class Near(NamedTuple):
    """A stretch of the folded document, and the share of the value's letters and digits that it holds."""

    start: int
    end: int
    coverage: float


def nearest(wanted: Needle | None, needle: str, digits: str, spaced: str) -> Near | None:
    """Give the stretch that holds most of the words, unless another is nearly the same to the letter.

    Args:
        wanted: the value read as a phrase, if it has words.
        needle: the value in its spaced form.
        digits: the document's normal form with ASCII digits.
        spaced: the document's spaced form.
    """
    words = densest(wanted, digits) if wanted is not None else None
    if words is not None and words.coverage == 1:
        return words
    letters = alike(needle, spaced)
    if words is None or letters is None:
        return words or letters
    return letters if letters.coverage > max(words.coverage, _NEARLY_ALL) else words


class _Place(NamedTuple):
    """Where a form of a content stands, and how many characters of the content that is worth."""

    start: int
    end: int
    content: int
    weight: int


def densest(wanted: Needle, text: str) -> Near | None:
    """Give the stretch that holds most of a value's contents, the shortest and then the first of its kind."""
    contents = wanted.phrase.contents
    places = sorted(
        _Place(start, start + len(form), number, weight)
        for number, forms in enumerate(wanted.beginnings)
        for form in forms
        for start in islice(word_starts(text, form), _PLACES)
        if (weight := _weight(contents[number], form, text, start))
    )
    found = _best_window(places, wanted.reach)
    if found is None:
        return None
    start, end, weight = found
    return Near(start, end, weight / sum(content.end - content.start for content in contents))


def _weight(content: Content, form: str, text: str, start: int) -> int:
    """Count a whole content, or only its beginning where another word begins alike."""
    if isinstance(content, Word) and (word := _LETTERS.match(text, start)) and not inflects(content.text, word[0]):
        return min(len(form), content.end - content.start - 1)
    return content.end - content.start


def _best_window(places: Sequence[_Place], reach: int) -> tuple[int, int, int] | None:
    held: dict[int, list[int]] = {}
    best: tuple[int, int, int] | None = None
    first = weight = 0
    for place in places:
        weights = held.setdefault(place.content, [])
        weight -= max(weights, default=0)
        weights.append(place.weight)
        weight += max(weights)
        # What is too far back, or stands again further on, is left behind.
        while place.start - places[first].start > reach or len(held[places[first].content]) > 1:
            weights = held[places[first].content]
            weight -= max(weights)
            weights.pop(0)
            weight += max(weights, default=0)
            first += 1
        length = place.end - places[first].start
        if best is None or (weight, -length) > (best[2], best[0] - best[1]):
            best = (places[first].start, place.end, weight)
    return best


def alike(needle: str, text: str) -> Near | None:
    """Give the stretch whose characters are most like a value's: a misspelt name."""
    from rapidfuzz.distance import Indel
    from rapidfuzz.fuzz import partial_ratio_alignment

    needle = needle[:_LONGEST_FUZZY]
    found = partial_ratio_alignment(needle, text, score_cutoff=_LEAST_ALIKE)
    if found is None or found.dest_start == found.dest_end:
        return None
    start, end = found.dest_start, found.dest_end + 1
    blocks = Indel.opcodes(needle, text[start:end]).as_matching_blocks()
    # Single letters follow each other anywhere.
    shared = sum(block.size for block in blocks if block.size >= _SHORTEST_BLOCK)
    return Near(start, end - 1, min(shared, len(needle) - 1) / len(needle)) if shared else None
