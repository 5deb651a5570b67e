"""A document in which values are looked up: exact, then normalised, then in other words."""

import math
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, getcontext
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Literal, assert_never

from guidex_schema import instance
from guidex_schema.frozen import Frozen
from guidex_schema.grounding import exact
from guidex_schema.grounding.border import IGNORED, SIGNS, borders, is_border, is_sign
from guidex_schema.grounding.normalisation import Folded, joined, normal_form, spaced, unescape
from guidex_schema.grounding.rewriting import Rewriting
from guidex_schema.text import Span

# What reads terms is only loaded, with its many patterns, where a value does not stand in a document as it is.
if TYPE_CHECKING:
    from guidex_schema.grounding.passage import Near
    from guidex_schema.grounding.variant import Match

GroundingStatus = Literal["exact", "normalised", "variant", "absent", "not-applicable"]

# What a label may hold at a leaf, as Python has it.
Scalar = str | int | float | bool | None

_LONGEST_INTEGER = 1024
_MOST_PLACES = 1000
# Where a value may stand before the one that is written before it.
_BACK = 600
# The longest int that is read from a text, as a power of ten; labels hold no more than 256 bits.
_LONGEST_NUMBER = 70
# A number that is written in digits alone, in normal form, and one that Python would write like that.
_IN_DIGITS = re.compile(r"−?(?:[0-9]+(?:[.,' ][0-9]+)*|\.[0-9]+)")
_PYTHONIC = re.compile(r"[-−]?(?:0|[1-9][0-9]{0,70})(?:\.[0-9]{1,20})?(?![0-9])")
_PAIRS = tuple(zip('“‘«„「(["', '”’»“」)]"', strict=True))
_BRACKET = re.compile('[“”‘’«»„「」()\\[\\]"]')
# What hyphens between digits join is two numbers.
_JOINED_DIGITS = re.compile(r"\d-+\d")


class Passage(Frozen):
    """The place that comes nearest to an absent value.

    Attributes:
        span: the place, in code points of the document.
        coverage: how much of the value's letters and digits stand there, above 0 and at most 1; all of them may, in
            another order, with other words between them, or as a part of a longer word.
        inside_word: the value's characters stand there as a part of a longer word or number.
    """

    span: Span
    coverage: float
    inside_word: bool = False


class Grounding(Frozen):
    """Say whether a document holds a value, and where.

    Attributes:
        status: ``exact`` (the same characters at token borders), ``normalised`` (the same after NFKC, HTML entities,
            case folding, quotes, dashes, white space, hyphen = space, signs that nobody sees), ``variant`` (the same
            content words inflected, at most two function words dropped or added, X's Y for Y of X, another form of a
            number, unit, date or abbreviation), ``absent``, or ``not-applicable`` (nothing to look for: bool, None,
            enum members, containers).
        spans: every place with that status in text order, in code points of the document; they may overlap. Of more
            than a thousand only the first are kept, for the memory of whoever is sent such a document.
        is_complete: there are no more places than ``spans`` has.
        best: the place to show, or None.
        score: 1.0 for exact, 0.95 for normalised, 0.9 for variant and 0.05 less for each function word that differs,
            0.0 where nothing was found.
        nearest: what comes nearest to an absent value; only `ground` fills it in, documents are asked by `nearest`.
    """

    status: GroundingStatus
    spans: tuple[Span, ...] = ()
    best: Span | None = None
    score: float = 0.0
    nearest: Passage | None = None
    is_complete: bool = True


_ABSENT = Grounding(status="absent")
_NOT_APPLICABLE = Grounding(status="not-applicable")


class GroundedDocument:
    """Look values up in one document, which is normalised once and only when a value is not there literally.

    Args:
        text: any string; it is never changed, so ``text[span.start:span.end]`` is the evidence.

    Source:
        The cascade exact, then normalised, and the sparse offset map: ``facts/performance.md``, "What pays".
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._start = 0

    def ground(self, value: instance.Value | Scalar) -> Grounding:
        """Find every place that says the value; containers and instances are for the caller to walk."""
        match value:
            case instance.TextValue(value=text) | str(text):
                return self._ground_text(text)
            case bool() | None:
                return _NOT_APPLICABLE
            case instance.IntegerValue(value=integer) | int(integer):
                # str refuses longer ints, and no document writes them out.
                return self._ground_number(str(integer)) if integer.bit_length() <= _LONGEST_INTEGER else _ABSENT
            case instance.NumberValue(value=real) | float(real):
                return self._ground_number(repr(real)) if math.isfinite(real) else _ABSENT
            case instance.BooleanValue() | instance.NoneValue() | instance.MemberValue() | instance.Instance():
                return _NOT_APPLICABLE
            case instance.ListValue() | instance.TupleValue() | instance.SetValue() | instance.MappingValue():
                return _NOT_APPLICABLE
            case _:
                assert_never(value)

    def has(self, text: str) -> bool:
        """Say whether a text, of which something is to be seen, stands here as it is between borders of tokens."""
        return not self.lacking((text,))

    def lacking(self, texts: Iterable[str]) -> frozenset[str]:
        """Give those of some texts that ``has`` denies.

        Labels mostly follow their document: the search goes on from a little before what was found last.
        """
        lacking = []
        document, plain, start = self.text, self._plain, self._start
        for text in texts:
            found = exact.place(document, plain, text, start)
            if found < 0 and start:
                found = exact.place(document, plain, text, 0, start + len(text) - 1)
            if found < 0:
                lacking.append(text)
                continue
            start = found - _BACK if found > _BACK else 0
            if not (text[0].isalnum() or _is_visible(text)):
                lacking.append(text)
        self._start = start
        return frozenset(lacking)

    @cached_property
    def written(self) -> bytes:
        """Give the text as UTF-8, halves of pairs as they are."""
        return self.text.encode("utf-8", "surrogatepass")

    @cached_property
    def normalised(self) -> str:
        """Give the text as values are compared with it after normalising; hyphens and white space are one space."""
        return normal_form(self.text, self.written)

    def nearest(self, value: instance.Value | Scalar) -> Passage | None:
        """Give the passage that comes nearest to a value that is absent; None where nothing comes near."""
        match value:
            case instance.TextValue(value=text) | str(text):
                return self._nearest(Folded(text.strip()), is_number=False) if _is_visible(text) else None
            case bool():
                return None
            case instance.IntegerValue(value=integer) | int(integer) if integer.bit_length() <= _LONGEST_INTEGER:
                return self._nearest(Folded(str(abs(integer))), is_number=True)
            case instance.NumberValue(value=real) | float(real) if math.isfinite(real):
                return self._nearest(Folded(repr(abs(real))), is_number=True)
            case _:
                return None

    def borders(self) -> Iterator[tuple[int, bool]]:
        """Give every offset within the text at which a token may start or end, in order.

        What stands between two of them, or an end of the text, is found exactly.

        Returns:
            The offset, and whether a value may start there: none does before the dash of 1990-95.
        """
        for index, place in self._borders():
            dashed = self.text[index] in SIGNS and self.text[index + 1 : index + 2].isdecimal()
            yield index, not dashed or is_sign(self._plain.text, place)

    def _borders(self) -> Iterator[tuple[int, int]]:
        """Give the borders within the text, each with its place in what HTML entities stand for."""
        text = self._plain.text
        if text is self.text:
            yield from ((index, index) for index in borders(text))
            return
        found = {0, *borders(text), len(text)}
        for index in range(1, len(self.text)):
            place = self._plain.target(index, len(self.text))
            if place and place[0] in found:
                yield index, place[0]

    def numbers(self) -> tuple[int | float, ...]:
        """Give the numbers that stand in the text, in digits or words, each once; of very many only the first.

        A whole number is an int, however it is written; all are such that ``ground`` finds them.
        """
        return self._first_numbers

    @cached_property
    def _first_numbers(self) -> tuple[int | float, ...]:
        return tuple(islice(dict.fromkeys(self._numbers()), _MOST_PLACES))

    def _numbers(self) -> Iterator[int | float]:
        plain = (found.group().replace("−", "-") for found in _PYTHONIC.finditer(self._plain.text))
        # The dash of 1990-95 is no sign.
        for written in dict.fromkeys(one for found in plain for one in (found, found.removeprefix("-"))):
            number = _number(Decimal(written))
            if number is not None and repr(number) == written and self._exact(written):
                yield number
        # To look for a number is dear: what stands in digits is where it was read, and only the rest is asked for.
        asked: dict[int | float, bool] = {}
        for value, is_plain in self._readings():
            number = _number(value)
            if number is not None and not is_plain and number not in asked:
                asked[number] = self.ground(number).status != "absent"
            if number is not None and (is_plain or asked[number]):
                yield number

    def _readings(self) -> Iterator[tuple[Decimal, bool]]:
        """Give what the terms of the text mean as numbers, and whether they stand there in digits alone."""
        from guidex_schema.grounding import variant
        from guidex_schema.grounding.date import Date
        from guidex_schema.grounding.term import Quantity

        digits = self._folded.digits
        for content in variant.phrase(digits, 0, len(digits), self._folded.author).contents:
            match content:
                case Quantity(values=values, number=(start, end)) if self._span(start, end):
                    # What has more digits than decimals are reckoned with was rounded when it was read.
                    is_plain = _IN_DIGITS.fullmatch(digits, start, end) is not None and end - start < getcontext().prec
                    yield from ((value, is_plain) for value in sorted(values))
                case Date(year=int(year)):
                    yield Decimal(year), False
                case _:
                    pass

    def _nearest(self, wanted: Folded, *, is_number: bool) -> Passage | None:
        from guidex_schema.grounding import passage, variant

        needle = spaced(wanted.text).strip()
        if (start := self._folded.spaced.find(needle)) >= 0:
            return self._passage(passage.Near(start, start + len(needle), 1.0), inside_word=True)
        if is_number:
            return None
        phrase = variant.needle(wanted.digits, wanted.author)
        found = passage.nearest(phrase, needle, self._folded.digits, self._folded.spaced)
        return self._passage(found, inside_word=False) if found else None

    def _passage(self, near: "Near", *, inside_word: bool) -> Passage | None:
        """Widen a stretch of the folded text to whole tokens of the document."""
        start, end, text = near.start, near.end, self._folded.spaced
        start += len(text[start:end]) - len(text[start:end].lstrip())
        end = start + len(text[start:end].rstrip())
        while start > 0 and not (is_border(text, start) and self._folded.source(start, end)):
            start -= 1
        while end < len(text) and not (is_border(text, end) and self._folded.source(start, end)):
            end += 1
        plain = self._folded.source(start, end)
        place = self._plain.source(*plain) if plain else None
        if place is None:
            return None
        return Passage(span=Span(start=place[0], end=place[1]), coverage=near.coverage, inside_word=inside_word)

    def _ground_text(self, text: str) -> Grounding:
        if not _is_visible(text):
            return _ABSENT
        if spans := self._exact(text):
            return _grounding("exact", spans, 1.0)
        wanted = Folded(text.strip())
        if wanted.text.endswith("-"):
            # Rh- is not Rh, and no other form says so.
            return _ABSENT
        if spans := self._same_spaced(spaced(wanted.text).strip()):
            return _grounding("normalised", spans, 0.95)
        from guidex_schema.grounding import search

        rejoined = () if _JOINED_DIGITS.search(wanted.text) else self._same_joined(joined(wanted.text).strip())
        return self._variants(search.variants(wanted, self._folded), rejoined)

    def _ground_number(self, written: str) -> Grounding:
        if spans := self._exact(written):
            return _grounding("exact", spans, 1.0)
        if spans := self._same_spaced(Folded(written).text):
            return _grounding("normalised", spans, 0.95)
        from guidex_schema.grounding import variant

        wanted = variant.number(Decimal(written))
        return self._variants(variant.matches(wanted, self._folded.digits, self._folded.author))

    @cached_property
    def _plain(self) -> Rewriting:
        return unescape(self.text)

    @cached_property
    def _folded(self) -> Folded:
        return Folded(self.text)

    def _exact(self, needle: str) -> list[Span]:
        """Give the places of the exact characters."""
        starts = islice(exact.places(self.text, self._plain, needle), _MOST_PLACES + 1)
        return [Span(start=start, end=start + len(needle)) for start in starts]

    def _same_spaced(self, needle: str) -> list[Span]:
        if needle not in self._folded.spaced:
            return []
        found = _occurrences(self._folded.spaced, needle)
        spans = (span for start in found if (span := self._span(start, start + len(needle))))
        return list(islice(spans, _MOST_PLACES + 1))

    def _same_joined(self, needle: str) -> list[Span]:
        """Give the places that differ by hyphens and wrapped lines: e-mail, infor-mation; never 2020-21 for 202021."""
        folded, spans = self._folded, list[Span]()
        if needle not in folded.joined:
            return spans
        for found in _occurrences(folded.joined, needle):
            start, end = folded.unjoined(found), folded.unjoined(found + len(needle) - 1) + 1
            if not _JOINED_DIGITS.search(folded.text, start, end) and (span := self._span(start, end)):
                spans.append(span)
            if len(spans) > _MOST_PLACES:
                break
        return spans

    def _variants(self, found: "Iterable[Match]", rejoined: Iterable[Span] = ()) -> Grounding:
        closed = ((self._closed(span), one.changes) for one in found if (span := self._span(one.start, one.end)))
        places = [*islice(closed, _MOST_PLACES + 1), *((span, 0) for span in rejoined)]
        if not places:
            return _ABSENT
        best, changes = min(places, key=lambda place: (place[1], place[0].start))
        by_place = {(span.start, span.end): span for span, _ in places}
        spans = [by_place[place] for place in sorted(by_place)]
        complete = len(places) <= _MOST_PLACES
        return _grounding("variant", spans, round(0.9 - 0.05 * changes, 2), best, is_complete=complete)

    def _closed(self, span: Span) -> Span:
        """Take the quote or bracket along that closes one inside, or opens it."""
        text, (start, end) = self.text, (span.start, span.end)
        if not _BRACKET.search(text, max(start - 1, 0), end + 1):
            return span
        for opening, closing in _PAIRS:
            inside = text[start:end]
            if text[end : end + 1] == closing and inside.count(opening) == inside.count(closing) + (opening != closing):
                end += opening != closing or inside.count(opening) % 2
            elif start and text[start - 1] == opening and inside.count(closing) == inside.count(opening) + 1:
                start -= 1
        return Span(start=start, end=end)

    def _span(self, start: int, end: int) -> Span | None:
        """Give the evidence for a stretch of the folded text, if tokens begin and end there."""
        plain = self._folded.source(start, end)
        text = self._plain.text
        if plain is None or not is_border(text, plain[0]):
            return None
        start, end = plain
        while end > start and text[end - 1] in IGNORED:
            end -= 1
        place = self._plain.source(start, end) if is_border(text, end) else None
        return Span(start=place[0], end=place[1]) if place else None


def ground(value: instance.Value | Scalar, document: str) -> Grounding:
    """Find every place where a document says a value, or what comes nearest; for many values, make one document."""
    grounded = GroundedDocument(document)
    found = grounded.ground(value)
    return found.model_copy(update={"nearest": grounded.nearest(value)}) if found.status == "absent" else found


def _number(value: Decimal) -> int | float | None:
    """Give a number as Python has it; None where Python has none that is equal to it."""
    if value == value.to_integral_value():
        return int(value) if value.adjusted() <= _LONGEST_NUMBER else None
    real = float(value)
    return real if math.isfinite(real) and Decimal(repr(real)) == value else None


def _grounding(
    status: GroundingStatus, spans: list[Span], score: float, best: Span | None = None, *, is_complete: bool = True
) -> Grounding:
    if is_complete and len(spans) <= _MOST_PLACES:
        return Grounding(status=status, spans=tuple(spans), best=best or spans[0], score=score)
    kept = tuple(spans[:_MOST_PLACES])
    # The best place is always among those that are shown.
    best = best if best in kept else kept[0]
    return Grounding(status=status, spans=kept, best=best, score=score, is_complete=False)


def _is_visible(text: str) -> bool:
    return text[:1].isalnum() or not all(char.isspace() or char in IGNORED for char in text)


def _occurrences(text: str, needle: str) -> Iterator[int]:
    start = text.find(needle) if needle else -1
    while start >= 0:
        yield start
        start = text.find(needle, start + 1)
