"""Where the words of a value could stand in a document in another form: a cheap question that most answer with no."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from guidex_schema.grounding.border import SPACELESS
from guidex_schema.grounding.inflection import beginnings, inflects
from guidex_schema.grounding.lexicon import ABBREVIATIONS, FUNCTION_WORDS, IRREGULAR, MONTHS, STATES, UNITS
from guidex_schema.grounding.number import FOREIGN_SCALES, SCALES, SHORT_SCALES, STARTS
from guidex_schema.grounding.term import PRONOUNS_OR_NAMES
from guidex_schema.grounding.variant import CHANGES, Match

# Words that a document may write otherwise: doctor and Dr, thirty and 30, kilometres and km, feet and foot.
_OTHERWISE = frozenset(
    word
    for form in chain(
        *((*table.keys(), *table.values()) for table in (ABBREVIATIONS, IRREGULAR, STATES)),
        *(table.keys() for table in (UNITS, MONTHS, SCALES, FOREIGN_SCALES, SHORT_SCALES)),
        STARTS,
        ("hundred", "dozen", "half", "minus", "through", "until", "till", "bis", "between"),
    )
    for word in form.split()
) - {"a", "no"}
_SURE_FUNCTION_WORDS = FUNCTION_WORDS - PRONOUNS_OR_NAMES
_DELICATE = frozenset({"a", "by", "to", "and", "or", "of"})
_NO_WORDS = _OTHERWISE | FUNCTION_WORDS
_CAPITALS = re.compile(r"\b[A-Z]{2,4}\b")
_LONGEST_ENDING = re.compile("(?:ying|ing|ies|ied|es|ed|[sdey])$")
# A stretch with nothing but words, spaces and quotes inside.
_PLAIN_STRETCH = re.compile(r"[\s'\"(\[“]*([a-z]+(?:'? '?[a-z]+)*)(?:'s)?[\s'\",;:.!?)\]”]*")
# How far apart two content words may stand: two function words with quotes and brackets, or a number with its unit.
_LONGEST_GAP = 24
_PATIENCE = 3
_EDGES = " '\",:;.!?()[]“”…•·*_|~\\"


class Words(NamedTuple):
    """The content words of a value that nothing but a form of the same word says.

    Attributes:
        words: each in lower case.
        beginnings: strings that every form of them begins with.
        anchor: the longest of these.
        plain: all words of a value that consists of such words and function words between them; else empty.
        loose: strings that the regular forms of those begin with that are words all the same: leaves.
        others: how many words of the value are neither such words nor function words: numbers, abbreviations.
        reach: how many characters the whole may take, gaps included.
    """

    words: tuple[str, ...]
    beginnings: tuple[str, ...]
    anchor: str
    plain: tuple[str, ...]
    loose: tuple[str, ...]
    others: int
    reach: int


def plain_words(folded: str, author: str) -> Words | None:
    """Give the words to look for; None where a value has none: a number, a date, text written without spaces.

    Args:
        folded: the value's normal form.
        author: the value as it was before; what stands in capital letters may be written N.A.S.A.
    """
    if not folded.isascii() and SPACELESS.search(folded):
        return None
    tokens = folded.replace("-", " ").replace("/", " ").split(" ")
    bare = [token if token.isalpha() else token.strip(_EDGES).removesuffix("'s") for token in tokens]
    capitals = {word.lower() for word in _CAPITALS.findall(author)}
    words = tuple(
        [word for word in bare if len(word) > 1 and word not in _NO_WORDS and word not in capitals and word.isalpha()]
    )
    if not words or "no." in tokens:
        return None
    forms = tuple([_beginning(word) for word in words])
    # Only a value that is nothing but plain words is compared word by word.
    others = len(tokens) - len(words) - sum([word in _SURE_FUNCTION_WORDS for word in bare])
    plain = not others and tokens == bare and folded.isascii() and tokens[0] == words[0] and tokens[-1] == words[-1]
    reach = len(folded) + len(tokens) * _LONGEST_GAP
    loose: tuple[str, ...] = ()
    if others:
        unsure = [word.replace(".", "") for word in bare if word in _OTHERWISE or word in capitals or "." in word]
        loose = tuple([_beginning(word) for word in unsure if word.isalpha()])
    return Words(words, forms, max(forms, key=len), tuple(tokens) if plain else (), loose, others, reach)


@lru_cache(maxsize=1 << 12)
def _beginning(word: str) -> str:
    if not word.isascii():
        return word
    shorter = _LONGEST_ENDING.sub("", word)
    if shorter[-2:-1] == shorter[-1:] and word[len(shorter) :] in ("ed", "ing"):
        shorter = shorter[:-1]
    return shorter if len(shorter) > 2 else min((*beginnings(word), shorter or word), key=len)


def stretches(wanted: Words, text: str) -> Iterator[tuple[int, int]]:
    """Give every stretch of a spaced text that holds as many of the words with only function words between them.

    Where the value has others, numbers, units, abbreviations and whatever else may be a form of one are let through.
    """
    forms, anchor = wanted.beginnings, wanted.anchor
    others = [form for form in forms if form is not anchor]
    count, reach = len(forms), wanted.reach
    done = missed = 0
    place = text.find(anchor)
    while place >= 0:
        if place < done or (place and text[place - 1].isalpha()):
            pass
        elif len(wanted.plain) == 1:
            word = text[place : text.find(" ", place) % (len(text) + 1)]
            if inflects(wanted.words[0], word.strip(_EDGES).removesuffix("'s")):
                yield place, place + len(word)
        elif -1 not in [text.find(form, max(place - reach, 0), place + reach) for form in others]:
            more, length = _run(text[place : place + reach].split(" "), wanted, 2 * count)
            before = text[max(place - reach, 0) : place].split(" ") if more else [""]
            found, start = _run(before[-2::-1], wanted, 2 * count)
            if found + more >= count:
                done = min(place + length, len(text))
                yield max(place - start - len(before[-1]), 0), done
        else:
            # Near the first few places it was cheaper to look nearby; a word that stands nowhere ends the search.
            missed += 1
            if missed == _PATIENCE and not all(map(text.__contains__, others)):
                return
        place = text.find(anchor, place + 1)


def _run(text: Iterable[str], wanted: Words, most: int) -> tuple[int, int]:
    """Count the wanted words up to the first that nothing allows there, and the characters as far as they count."""
    count = length = kept = 0
    for word in text:
        bare = word if word.isalpha() else word.strip(_EDGES).removesuffix("'s")
        length += len(word) + 1
        if bare in FUNCTION_WORDS or bare == "&":
            continue
        if bare.startswith(wanted.beginnings) and True in [inflects(one, bare) for one in wanted.words]:
            count += 1
        elif wanted.loose and bare.startswith(wanted.loose):
            pass
        elif bare and (not wanted.others or (len(bare) > 1 and bare.isalpha() and bare not in _OTHERWISE)):
            break
        if count > most:
            break
        kept = length
    return count, kept


def in_order(wanted: Words, text: str, start: int, end: int) -> Match | None:
    """Give the match in a stretch where the words follow each other in the value's order, nothing but spaces between.

    Returns:
        What reading the phrases would find; None where it takes reading them to know.
    """
    if not wanted.plain:
        return None
    found = _PLAIN_STRETCH.fullmatch(text, start, end)
    if found is None:
        return None
    words = found[1].replace("'", "").split(" ")
    changes = _changes(wanted.plain, words)
    if (
        changes is None
        or words[0] in FUNCTION_WORDS
        or words[-1] in FUNCTION_WORDS
        or not PRONOUNS_OR_NAMES.isdisjoint(words)
    ):
        return None
    return Match(*found.span(1), changes)


def _changes(wanted: Sequence[str], found: Sequence[str]) -> int | None:
    """Count the function words dropped or added; None where a gap has both or the contents are others."""
    # What depends on case or on more than words is left to the reading.
    if not _DELICATE.isdisjoint(wanted) or not _DELICATE.isdisjoint(found):
        return None
    changes = place = dropped = 0
    for word in wanted:
        other = found[place] if place < len(found) else ""
        if word in FUNCTION_WORDS:
            dropped += word != other
            place += word == other
            continue
        added = 0
        while other in FUNCTION_WORDS:
            added, place = added + 1, place + 1
            other = found[place] if place < len(found) else ""
        if not inflects(word, other) or (dropped and added):
            return None
        changes, dropped, place = changes + dropped + added, 0, place + 1
    return changes if place == len(found) and changes <= CHANGES else None
