"""Other ways to say a value: inflection, function words, X's Y for Y of X, other forms of numbers and dates."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, assert_never

from guidex_schema.grounding.date import Date
from guidex_schema.grounding.gap import allows, difference, is_replaced, is_swapped, links_names
from guidex_schema.grounding.inflection import beginnings, inflects
from guidex_schema.grounding.lexicon import MONTHS, SHORT_FORMS
from guidex_schema.grounding.number import written, written_ordinal
from guidex_schema.grounding.term import Author, Content, FunctionWord, Quantity, Sign, Term, Word, terms

# The definition allows this many function words to be dropped or added.
CHANGES = 2
# Terms this close to the cut of a window may go on behind it.
_MARGIN = 40
LONGEST_VALUE = 400
_MOST_CONTENTS = 100
# Half of what a number in words takes.
_LONGEST_NUMBER = 60
_BLOCK = 3
_INFLECTION = 4
_LONGEST_FUNCTION_WORD = 11
_RANGE_WORDS = frozenset({"through", "until", "till", "bis"})


class Match(NamedTuple):
    """A stretch of the folded document that says the value, and how many function words differ."""

    start: int
    end: int
    changes: int


@dataclass(frozen=True)
class Phrase:
    """Content words in order, and what stands before each and behind the last.

    Attributes:
        contents: what has to be matched.
        gaps: the function words before each content and behind the last: one more than contents.
        marks: the punctuation in the same places.
    """

    contents: tuple[Content, ...]
    gaps: tuple[tuple[FunctionWord, ...], ...]
    marks: tuple[str, ...]


def phrase(text: str, start: int, end: int, author: Author) -> Phrase:
    """Read a stretch of folded text as a phrase."""
    contents: list[Content] = []
    gaps: list[tuple[FunctionWord, ...]] = []
    marks: list[str] = []
    functions: list[FunctionWord] = []
    place, mark = start, ""
    found = list(terms(text, start, end, author))
    for term in _with_ranges(found, text) if any(isinstance(term, Quantity) for term in found) else found:
        mark += text[place : term.start]
        # The 's of a genitive stands outside its word.
        place = term.end + 2 * (isinstance(term, Word) and text.startswith("'s", term.end))
        if isinstance(term, FunctionWord):
            functions.append(term)
            continue
        contents.append(term)
        gaps.append(tuple(functions))
        marks.append(mark)
        functions, mark = [], ""
    return Phrase(tuple(contents), (*gaps, tuple(functions)), (*marks, mark + text[place:end]))


def _with_ranges(found: Sequence[Term], text: str) -> Iterator[Term]:
    """Read 1914-18, 1914 to 1918, 1914 through 1918 and between 1914 and 1918 alike."""
    for place, term in enumerate(found):
        before, after = (found[other] if 0 <= other < len(found) else None for other in (place - 1, place + 1))
        match before, term, after:
            case Quantity(), Quantity(), _ if text[before.end : term.start] == "-":
                yield FunctionWord("to", before.end, term.start)
                yield _completed(before, term)
            case Quantity(), Word() | FunctionWord(), Quantity() if term.text in _RANGE_WORDS or (
                term.text == "and" and _is_between(found, place - 2)
            ):
                yield FunctionWord("to", term.start, term.end)
            case _, Word(text="between"), Quantity() if any(
                isinstance(one, FunctionWord) and one.text == "and" for one in found[place + 2 : place + 3]
            ):
                yield FunctionWord("from", term.start, term.end)
            case _:
                yield term


def _is_between(found: Sequence[Term], place: int) -> bool:
    return place >= 0 and isinstance(word := found[place], Word) and word.text == "between"


def _completed(first: Quantity, last: Quantity) -> Quantity:
    """Read the 18 of 1914-18 as 1918."""
    (start, *_), (end, *_) = first.values, last.values
    if 1000 <= start < 3000 and 10 <= end < 100 and start % 100 < end:
        return last._replace(values=frozenset({start - start % 100 + end}))
    return last


@dataclass(frozen=True)
class Needle:
    """What a phrase looks like in folded text.

    Attributes:
        phrase: the value.
        length: of its folded text.
    """

    phrase: Phrase
    length: int

    @cached_property
    def beginnings(self) -> tuple[tuple[str, ...], ...]:
        """Give strings for each content of which one begins every form of it."""
        return tuple(map(_beginnings, self.phrase.contents))

    @cached_property
    def orders(self) -> "tuple[_Order, ...]":
        """Give the ways to order the contents, besides that of the value."""
        return tuple(_swapped(self.phrase))

    def may_stand_in(self, text: str, start: int, end: int) -> bool:
        """Say whether a stretch holds a beginning of every content."""
        return all(any(text.find(form, start, end) >= 0 for form in forms) for forms in self._kinds)

    @cached_property
    def _kinds(self) -> frozenset[tuple[str, ...]]:
        return frozenset(self.beginnings)

    @property
    def has_edges(self) -> bool:
        """Say whether the value begins or ends with function words."""
        return bool(self.phrase.gaps[0] or self.phrase.gaps[-1])

    @cached_property
    def reach(self) -> int:
        """Give how far from one of its contents the whole may stretch."""
        contents = self.phrase.contents
        reach = self.length + _INFLECTION * len(contents) + CHANGES * _LONGEST_FUNCTION_WORD
        return reach if all(isinstance(content, Word) for content in contents) else reach + self.length + _MARGIN


def needle(text: str, author: Author) -> Needle | None:
    """Read a folded value; None where it holds no content or too much for a mention."""
    if len(text) > LONGEST_VALUE:
        return None
    read = phrase(text, 0, len(text), author)
    return Needle(read, len(text)) if 0 < len(read.contents) <= _MOST_CONTENTS else None


def number(value: Decimal) -> Needle:
    """Make a needle of a number alone."""
    quantity = Quantity(frozenset({value}), frozenset(), 0, 0, (0, 0), is_ordinal=None)
    return Needle(Phrase((quantity,), ((), ()), ("", "")), _LONGEST_NUMBER)


def _beginnings(content: Content) -> tuple[str, ...]:
    match content:
        case Word(text=word):
            if word[0].isdecimal():
                return ("".join(itertools.takewhile(str.isdecimal, word)),)
            short = SHORT_FORMS.get(word, ())
            initials = (".".join(word), ". ".join(word)) if len(word) < 5 else ()
            return (*beginnings(word), *short, *initials)
        case Quantity(values=values, is_ordinal=True):
            return tuple(form for value in values for form in written_ordinal(int(value)))
        case Quantity(values=values):
            ordinal = content.is_ordinal is None
            ordinals = (
                form for value in values if ordinal and value in range(1, 100) for form in written_ordinal(int(value))
            )
            ends = (f"-{value % 100}" for value in values if 1000 < value < 3000 and value == int(value))
            return (*(form for value in values for form in written(value)), *ordinals, *ends)
        case Date(year=None, month=month, day=day):
            names = (name for name, one in MONTHS.items() if one == month)
            return (*names, f"{month:02}-{day:02}", f"{month}月", f"{month}월", f"/{month:02}/", f".{month:02}.")
        case Date(year=year):
            return (str(year),)
        case Sign(text=sign):
            return (sign,)
        case _:
            assert_never(content)


def matches(wanted: Needle, text: str, author: Author) -> Iterator[Match]:
    """Give every stretch of a folded document that says a value in other words, in order."""
    for start, end in _windows(wanted, text):
        first = start + _MARGIN if start else 0
        last = end - _MARGIN if end < len(text) else end
        for found in matches_in(wanted, text, (start, end), author):
            if first <= found.start and found.end <= last:
                yield found


def matches_in(wanted: Needle, text: str, stretch: tuple[int, int], author: Author) -> Iterator[Match]:
    """Give what says a value in one stretch of a folded document."""
    yield from _alignments(wanted, phrase(text, *stretch, author), author)


def _windows(wanted: Needle, text: str) -> Iterator[tuple[int, int]]:
    """Give the stretches that hold all contents close together, apart and in order."""
    rarest_first = sorted(wanted.beginnings, key=lambda forms: -min(map(len, forms)))
    if not all(any(form in text for form in forms) for forms in rarest_first):
        return
    hits = sorted({place for form in rarest_first[0] for place in word_starts(text, form)})
    low, high = 0, -1
    for hit in hits:
        start, end = max(hit - wanted.reach, 0), min(hit + wanted.reach, len(text))
        if wanted.may_stand_in(text, start, end):
            start, end = max(start - _MARGIN, 0), min(end + _MARGIN, len(text))
            if start > high:
                if high >= 0:
                    yield _whole_terms(text, low, high)
                low = start
            high = end
    if high >= 0:
        yield _whole_terms(text, low, high)


def word_starts(text: str, form: str) -> Iterator[int]:
    """Give where a word begins with a string."""
    place = text.find(form)
    while place >= 0:
        if not place or not (text[place - 1].isascii() and text[place - 1].isalpha() and form[0].isalpha()):
            yield place
        place = text.find(form, place + 1)


def _whole_terms(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a stretch to the white space around it, if there is some close by."""
    before, after = text.rfind(" ", max(start - _MARGIN, 0), start), text.find(" ", end, end + _MARGIN)
    return (before + 1 if before >= 0 else start), (after if after >= 0 else end)


def _alignments(wanted: Needle, document: Phrase, author: Author) -> Iterator[Match]:
    value = wanted.phrase
    count, run = len(value.contents), 0
    for place, content in enumerate(document.contents):
        run = run + 1 if any(_same(one, content, count == 1) for one in value.contents) else 0
        if run >= count:
            start = place - count + 1
            found = _align(value, _Order(tuple(range(count))), document, start, author) or min(
                (match for order in wanted.orders if (match := _align(value, order, document, start, author))),
                key=lambda match: match.changes,
                default=None,
            )
            if found:
                yield found


class _Order(NamedTuple):
    """A way to say the contents; ``joint`` is the content that follows the one `of` stands before."""

    contents: tuple[int, ...]
    joint: int | None = None
    of: bool = False


def _swapped(value: Phrase) -> Iterator[_Order]:
    """Give the orders of X's Y for Y of X and of Y of X for X's Y and X Y."""
    count = len(value.contents)
    if any(not isinstance(content, Word) for content in value.contents):
        return
    for first, joint in itertools.combinations(range(count), 2):
        between = [word.text for word in value.gaps[joint]]
        if joint - first > _BLOCK or value.marks[joint].strip(" '"):
            continue
        of = "of" in between
        if between and not of:
            continue
        for last in range(joint + 1, min(joint + _BLOCK, count) + 1):
            swapped = (*range(first), *range(joint, last), *range(first, joint), *range(last, count))
            yield _Order(swapped, first + last - joint, not of)


def _align(value: Phrase, order: _Order, document: Phrase, start: int, author: Author) -> Match | None:
    contents = document.contents[start : start + len(order.contents)]
    alone = len(contents) == 1
    if not all(
        _same(value.contents[wanted], found, alone) for wanted, found in zip(order.contents, contents, strict=True)
    ):
        return None
    changes = 0
    for place in range(1, len(contents)):
        found, marks = document.gaps[start + place], document.marks[start + place]
        if place == order.joint:
            texts = [word.text for word in found]
            owner = contents[place - 1]
            genitive = isinstance(owner, Word) and owner.genitive
            if marks.strip(" '") or (("of" in texts) != order.of) or (not order.of and texts and not genitive):
                return None
            capitals = all(author(one.start, one.end)[:1].isupper() for one in (owner, contents[place]))
            if capitals and not genitive and not _has_genitive(value):
                # Washington University is not the University of Washington.
                return None
            changes += sum(text != "of" for text in texts)
            continue
        wanted = order.contents[place]
        gap = value.gaps[wanted]
        differing = difference(gap, found)
        beside = contents[place - 1], contents[place]
        listed = any(word.text in ("and", "or") and word.text in {one.text for one in found} for word in gap)
        if differing is None or not allows(marks, value.marks[wanted] + "," * listed, beside, author):
            return None
        changes += differing
        listed_on = "," in marks and not listed and "," not in value.marks[wanted]
        if listed_on and _goes_on(document, start + len(contents)):
            return None
        if links_names(gap, found, value.marks[wanted], beside, author):
            return None
    return _with_edges(value, document, start, contents, changes)


def _with_edges(value: Phrase, document: Phrase, start: int, contents: Sequence[Content], changes: int) -> Match | None:
    """Take the function words at both ends along where the document has them, too."""
    begin, end = _place(value, contents)
    before, behind = value.gaps[0], value.gaps[-1]
    near = document.gaps[start][-len(before) :] if before else ()
    if [word.text for word in near] == [word.text for word in before] and near:
        begin = near[0].start
    elif before:
        if is_swapped(before, near) or (not near and is_replaced(before, document.contents[:start][-2:])):
            return None
        changes += len(before)
    follow = document.gaps[start + len(contents)][: len(behind)]
    if [word.text for word in follow] == [word.text for word in behind] and follow:
        end = follow[-1].end
    elif behind:
        if isinstance(contents[-1], Quantity):
            # What follows a number may be its unit: 12 in.
            return None
        beside = document.contents[start + len(contents) :][:1]
        if is_swapped(behind, follow) or (not follow and is_replaced(behind, beside)):
            return None
        changes += len(behind)
    return Match(begin, end, changes) if changes <= CHANGES else None


def _has_genitive(value: Phrase) -> bool:
    return any(isinstance(content, Word) and content.genitive for content in value.contents)


def _goes_on(document: Phrase, behind: int) -> bool:
    """Say whether a list goes on behind a content: Portland, Oregon is a place, John, Paul and George are three."""
    return any(word.text in ("and", "or") for gap in document.gaps[behind : behind + 2] for word in gap)


def _place(value: Phrase, contents: Sequence[Content]) -> tuple[int, int]:
    """Give where the contents stand; a number or day that was asked for without more is only that."""
    wanted, found = value.contents[0], contents[0]
    if len(contents) == 1:
        if isinstance(wanted, Quantity) and isinstance(found, Quantity) and not wanted.units:
            return found.number
        if isinstance(wanted, Quantity) and isinstance(found, Date) and found.year_place:
            return found.year_place
        if isinstance(wanted, Date) and isinstance(found, Date) and wanted.year is None:
            return found.day_and_month
    return contents[0].start, contents[-1].end


def _same(wanted: Content, found: Content, alone: bool) -> bool:
    """Say whether a content of the document is that of the value; one alone may be a part of what stands there."""
    if isinstance(wanted, Word):
        return isinstance(found, Word) and inflects(wanted.text, found.text)
    match wanted, found:
        case Quantity(), Quantity():
            unit = wanted.units & found.units if wanted.units else alone or not found.units
            # Version 3.1 is not version 3.10; amounts and numbers are.
            version = wanted.is_ordinal is not None and not wanted.units and wanted.decimals and found.decimals
            if version and wanted.decimals != found.decimals:
                return False
            return bool(unit and wanted.values & found.values) and wanted.is_ordinal in (None, found.is_ordinal)
        case Quantity(), Date():
            return alone and not wanted.units and not wanted.is_ordinal and found.year in wanted.values
        case Date(), Date():
            year = wanted.year == found.year or (alone and wanted.year is None)
            return year and (wanted.month, wanted.day) == (found.month, found.day)
        case Sign(), Sign():
            return wanted.text == found.text
        case _:
            return False
