"""Which definitions are so close that annotators will mix up what they define.

How close two definitions are is the cosine of the character n-grams of their content words, in one form each, weighted
by how few of all definitions hold them. That alone would find winner and loser: two long definitions that differ in the
one word that matters. Close are therefore only definitions that set nothing against each other: the content words of
one, in their order, are those of the other, which may have a few more.
"""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from string import ascii_lowercase
from typing import NamedTuple

from guidex_schema.grounding.lexicon import FUNCTION_WORDS, RELATIONS
from guidex_schema.vocabulary import FILLERS, is_same, root, singular, words

_LENGTHS = (2, 3, 4)
# Where a type is found is no difference between two: all of them are.
_TEXT_WORDS = frozenset(
    "article articles document documents mention mentioned mentions named passage passages sentence text texts".split()
)
# What is mostly a matter of grammar may make the difference here: from whom, to whom, by whom.
_DIRECTIONS = frozenset("by for from into onto to upon with".split())
_DROPPED = (FUNCTION_WORDS | FILLERS | _TEXT_WORDS) - _DIRECTIONS
_TURNING = RELATIONS | _DIRECTIONS
# Of many wordings of one definition so many are looked at, and so many compared, those of nearest length first.
_CANDIDATES = 256
_COMPARED = 8
# Of so few each is held against each before any is taken apart, by their words of so many letters.
_FEW = 32
_LONG = 6
# How all words of one root begin, by their first two letters: what is left of `aed` may be `a`, `haem` is `hem`, `aem`
# is `em`, `dying` is `die`, `lled` is `led`.
_SECOND = {"": "", **dict(zip(ascii_lowercase, ascii_lowercase, strict=True)), "a": "e", "y": "i"}
_BEGINNINGS = {
    **{first + second: first + shared for first in "bcdfghjklmnpqrstvwxz" for second, shared in _SECOND.items()},
    **{first + second: first + second.strip("aeiouyl") for first in "iouy" for second in _SECOND},
    **{first + second: "e" for first in "ae" for second in _SECOND},
    **{"l" + second: "le" for second in "aeiyl"},
}
# Characters of a definition that its cosine is taken of; hardly any is longer.
_LONGEST = 2_000
# Definitions whose vectors are kept at once.
_VECTORS = 256

Content = tuple[str, ...]


class Near(NamedTuple):
    """A definition that is close to another: its number, and the cosine of both."""

    number: int
    cosine: float


def content(definition: str) -> Content:
    """Give the words of a definition that may set it apart, in order."""
    return content_of(words(definition))


def content_of(words: Iterable[str]) -> Content:
    """Give of the words of a definition those that may set it apart, in order."""
    return tuple([word for word in words if word not in _DROPPED])


def exchanges_a_word(one: str, other: str) -> bool:
    """Say whether two texts are the same but for one word in the place of another, be it one that `content` drops.

    An entity mention is no event mention, and a sentence no document.
    """
    left_words, right_words = words(one), words(other)
    if len(left_words) != len(right_words):
        return False
    exchanged = {
        (singular(left), singular(right))
        for left, right in zip(left_words, right_words, strict=True)
        if not (is_same(left, right) or {left, right} <= FUNCTION_WORDS)
    }
    return len(exchanged) == 1


@lru_cache(maxsize=256)
def close(contents: tuple[Content, ...], threshold: float) -> tuple[tuple[Near, ...], ...]:
    """Give for each definition those that are close to it, itself among them, the nearest first.

    No two are compared that cannot be close: all content words of the shorter stand in the longer, so the rarest of
    them leads to the few where that may be.

    Args:
        contents: the definitions by their content, all different; one without any is close to none.
        threshold: the least cosine, 0 to 1.
    """
    if len(contents) <= _FEW and not _may_extend(contents):
        return tuple((Near(number, 1.0),) if one else () for number, one in enumerate(contents))
    roots = [tuple(root(word) for word in one) for one in contents]
    vectors = _Vectors([f" {' '.join(one)} "[:_LONGEST] for one in roots])
    found = [[Near(number, 1.0)] if one else [] for number, one in enumerate(contents)]
    for shorter, longer in _extensions(contents, [frozenset(one) for one in roots]):
        cosine = vectors.cosine(shorter, longer)
        if cosine >= threshold:
            found[shorter].append(Near(longer, cosine))
            found[longer].append(Near(shorter, cosine))
    return tuple(tuple(sorted(set(near), key=lambda one: (-one.cosine, one.number))) for near in found)


def _may_extend(contents: Sequence[Content]) -> bool:
    """Say whether all content words of a definition may stand in another: all that are long begin as some there do."""
    held = [_begun(one) for one in contents]
    for shorter, one in enumerate(contents):
        longer = [number for number, other in enumerate(contents) if len(other) >= len(one) and number != shorter]
        for word in one:
            if len(word) >= _LONG:
                begun = _BEGINNINGS.get(word[:2], word[:2])
                longer = [number for number in longer if begun in held[number]]
                if not longer:
                    break
        if one and any(_may_hold(contents[number], one) for number in longer):
            return True
    return False


def _begun(words: Iterable[str]) -> set[str]:
    """Give how words begin, whatever their form."""
    starts = [word[:2] for word in words]
    return set(map(_BEGINNINGS.get, starts, starts))


def _may_hold(longer: Content, shorter: Content) -> bool:
    """Say whether the long words of one definition stand in another, in whatever form."""
    wanted = {_BEGINNINGS.get(word[:2], word[:2]): word for word in shorter if len(word) >= _LONG}
    held = {root(word) for word in longer if _BEGINNINGS.get(word[:2], word[:2]) in wanted}
    return all(root(word) in held for word in wanted.values())


def _extensions(contents: Sequence[Content], roots: Sequence[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Give every pair of definitions of which the second says all that the first says, and nothing against it."""
    frequency = Counter(one for held in roots for one in held)
    by_rarest: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for length, number in sorted((len(one), number) for number, one in enumerate(contents)):
        if length:
            rarest = min(roots[number], key=lambda one: (frequency[one], one))
            by_rarest[rarest].append((length, number))
    for number, held in enumerate(roots):
        candidates: list[tuple[int, int]] = []
        for one in held:
            shared = by_rarest.get(one, [])
            end = bisect_right(shared, (len(contents[number]), len(contents)))
            candidates += shared[max(end - _CANDIDATES, 0) : end]
        extended = (
            other
            for _, other in sorted(candidates, reverse=True)
            if other != number and roots[other] <= held and _extends(contents[number], contents[other])
        )
        yield from ((other, number) for other in islice(extended, _COMPARED))


def _extends(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    """Say whether some words are others, in their order, with a few more that do not turn the meaning."""
    number = 0
    for word in longer:
        if number < len(shorter) and is_same(word, shorter[number]):
            number += 1
        elif word in _TURNING or word.isdecimal():
            return False
    return number == len(shorter)


class _Vectors:
    """The weighted character n-grams of lines, made when they are asked for."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._made: dict[int, dict[str, float]] = {}
        self._weights: Mapping[str, float] | None = None

    def cosine(self, one: int, other: int) -> float:
        """Give how close two lines are, 0 to 1."""
        shorter, longer = sorted((self._vector(one), self._vector(other)), key=len)
        return min(math.fsum(weight * longer[gram] for gram, weight in shorter.items() if gram in longer), 1.0)

    def _vector(self, number: int) -> dict[str, float]:
        if number not in self._made:
            if len(self._made) >= _VECTORS:
                self._made.clear()
            self._made[number] = self._new_vector(number)
        return self._made[number]

    def _new_vector(self, number: int) -> dict[str, float]:
        if self._weights is None:
            self._weights = self._rarity()
        counts = Counter(_grams(self._lines[number]))
        weighted = {gram: count * self._weights[gram] for gram, count in counts.items()}
        length = math.sqrt(math.fsum(weight * weight for weight in weighted.values()))
        return {gram: weight / length for gram, weight in weighted.items()}

    def _rarity(self) -> dict[str, float]:
        """Weigh each n-gram by how few lines hold it (inverse document frequency, smoothed)."""
        holders = Counter(gram for line in self._lines for gram in set(_grams(line)))
        return {gram: 1 + math.log((1 + len(self._lines)) / (1 + count)) for gram, count in holders.items()}


def _grams(line: str) -> Iterator[str]:
    """Give the pieces of a line, across the borders of words as well, so that their order counts."""
    return (line[start : start + length] for length in _LENGTHS for start in range(len(line) - length + 1))
