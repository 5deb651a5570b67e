"""The terms of a text: words, numbers with their units, dates; function words and marks stand between them."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from guidex_schema.grounding import number
from guidex_schema.grounding.border import SPACELESS
from guidex_schema.grounding.date import Date, date_at
from guidex_schema.grounding.lexicon import (
    ABBREVIATIONS,
    BARE_ABBREVIATIONS,
    CASED_UNITS,
    FUNCTION_WORDS,
    MONTHS,
    PREFIXES,
    SMALL_ABBREVIATIONS,
    STATES,
    UNITS,
)
from guidex_schema.grounding.pattern import END, LETTER, SPELT, any_of


class Word(NamedTuple):
    """A content word, abbreviations spelt out; ``genitive`` where 's followed it."""

    text: str
    start: int
    end: int
    genitive: bool = False
    is_abbreviated: bool = False


class FunctionWord(NamedTuple):
    """A word that may be dropped or added."""

    text: str
    start: int
    end: int


class Quantity(NamedTuple):
    """A number with its unit, if it has one.

    Attributes:
        values: what the number can mean; more than one only where its separators are ambiguous.
        units: what the unit can mean; empty without one.
        number: start and end of the number alone.
        decimals: the digits behind the point as they are written.
        is_ordinal: it is a first or 2nd; None in what is looked for where both will do.
    """

    values: frozenset[Decimal]
    units: frozenset[str]
    start: int
    end: int
    number: tuple[int, int]
    is_ordinal: bool | None = False
    decimals: str = ""


class Sign(NamedTuple):
    """A character that means something by itself: an ideograph, +, #, °."""

    text: str
    start: int
    end: int


# Gives a stretch as its author wrote it, before folding.
Author = Callable[[int, int], str]
Content = Word | Quantity | Date | Sign
Term = Content | FunctionWord


_WORD_CLASS = (
    "\\s\x00-\x2f\x3a-\x60\x7b-\x7f\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b9\u00bb\u00bf\u00d7\u00f7\u05be\u05c0"
    "\u05c3\u05f3\u05f4\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff"
    f"\u3000-\u3004\u3008-\u3020\u3030{SPELT}"
)
# Of the symbols only bullets and their like mean nothing.
_SYMBOLS = "−~+=<>^@%°±×÷§¶†‡‰‱¬$¢-¥\u20a0-\u20cf\u2190-\u23ff\u2600-\u27bf"
_ANY = (
    rf"(?P<prefix>{any_of(PREFIXES)})[ -]?(?=\d)"
    r"|(?P<minus>−|minus )?(?P<number>(?:\d{1,3}(?: \d{3})+(?!\d)|\d+)(?:[.,']\d+)*|\.\d+)"
    r"(?P<power>e[-+]?\d{1,3}(?!\w))?"
    rf"|(?P<state>{any_of(STATES)}){END}"
    rf"|(?P<initials>(?:{LETTER}\.)+{LETTER}(?:\.|{END})|{LETTER}\.(?: {LETTER}\.)+)"
    rf"|(?P<chinese>[{number.CHINESE_NUMERAL}]+)"
    rf"|(?P<word>[^{_WORD_CLASS}]+(?:'[^{_WORD_CLASS}\d]+)*)"
    rf"|(?P<sign>[{SPELT}]|(?<=[a-z])#|(?<=[a-z0-9])\*(?!\*)|[{_SYMBOLS}])"
    r"|(?P<and>&)"
)
_TERM = re.compile(rf"(?P<plain>[a-z]+)(?=[ ,;)\]])|{_ANY}")
_ANY_TERM = re.compile(_ANY)
# Pronouns, unless their author wrote them in capital letters.
PRONOUNS_OR_NAMES = frozenset({"us", "it", "who"})
# Most words are plain; with these something longer may begin.
_BEGINS_MORE = frozenset(
    (*MONTHS, *number.STARTS, *ABBREVIATIONS, *PREFIXES, *(name.split()[0] for name in STATES), "minus", "no", "nr")
).union(PRONOUNS_OR_NAMES) - {"a"}
_AMOUNT = re.compile(r"a (?:hundred|thousand|million|billion|trillion|dozen)\b")
_FACTORS = {**number.SCALES, **number.FOREIGN_SCALES, **number.SHORT_SCALES, "dozen": 12}
_SCALE = re.compile(rf"(?P<gap>[ -]?)(?P<name>{any_of(_FACTORS)})(?:(?<=mio|mrd|млн|тыс)\.)?(?:{END}|(?=원))")
_MIXED = re.compile(rf"(\d+(?:\.\d+)?) ?([{number.CHINESE_SCALE}])|(\d{{1,4}})(?!\d)")
_CHINESE_SCALE = re.compile(f" ?[{number.CHINESE_SCALE}]")
_FRACTION = re.compile(r" (\d)/(\d{1,2})(?![\d/])")
# A Korean particle may follow.
_UNIT = re.compile(rf"[ -]?(?P<name>{any_of(UNITS)})(?:{END}|(?=[은는이가을를의에도로와과]))(?!/[a-z])")
_ORDINAL_ENDING = re.compile(rf"(?:st|nd|rd|th){END}")
_DECADE = re.compile(rf"\d*0'?s{END}")
_SPELT_WORD = re.compile(r"[ -]?([a-z]+)")
# A single Chinese numeral is part of a word (三重, 一般) unless something is counted.
_COUNTED = re.compile("[ -]?[人年月日円元圆米岁歳世回次番位名件条個个本枚台度分秒点号级階层割%つ]")
_ENGLISH = re.compile(" (?:the|of|and) ")
# Two thirds are not two, and no one is not one.
_PART = re.compile("(?:hal(?:f|ves)|quarters?|thirds?|(?:four|fif|six|seven|eigh|nin|ten)ths?)")
_COUNTS_PARTS = re.compile(r"\b(?:one|two|three|four|five)[ -]$")
_NOBODY = re.compile(r"\b(?:no|any|every|some) $")
_HALF = re.compile(rf"half(?: an?)?[ -]({any_of(number.HALVED)})\b")
_AND_A_HALF = re.compile(r" and a half\b")
_FOREIGN = re.compile(
    r"\b(?:der|die|das|und|von|mit|ist|im|ein|eine|hat|hatte|den|dem|für|el|los|las|del|en|por|con|una|le|les|des|et|du|"
    r"une|est|il|di|che|della|per|sono|os|do|dos|em|não|uma|het|een|van|zijn|og|av|är|och|på)\b"
)
_LOOK_BACK = 300
_LONGEST_SPELT = 24


def terms(text: str, start: int, end: int, author: Author) -> Iterator[Term]:
    """Read the terms of a stretch.

    Args:
        text: folded text with ASCII digits.
        start: where to begin; a term begins there.
        end: where to end.
        author: gives a stretch as it was before folding.
    """
    units: frozenset[str] = frozenset()
    place = first = start
    while match := _TERM.search(text, place, end):
        begin, place = match.span()
        if plain := match["plain"]:
            if plain not in _BEGINS_MORE and not (plain == "a" and _AMOUNT.match(text, begin, end)):
                is_function = plain in FUNCTION_WORDS and not _is_name(text, begin, place, author)
                yield FunctionWord(plain, begin, place) if is_function else Word(plain, begin, place)
                units = frozenset()
                continue
            match = _ANY_TERM.match(text, begin, end) or match
            place = match.end()
        if match.lastgroup == "prefix":
            units, first = UNITS[match["prefix"]], begin
            continue
        for term in _special(text, match, units, first if units else begin, end, author):
            place = max(place, term.end) if isinstance(term, Word) else term.end
            yield term
        units = frozenset()


def _special(
    text: str, match: re.Match[str], units: frozenset[str], start: int, end: int, author: Author
) -> Iterator[Term]:
    """Read what is no plain word; ``start`` is where its currency stands, if it has one."""
    begin, place = match.span()
    if (match["number"] or match["word"] in MONTHS) and (date := date_at(text, begin, end)):
        yield date
    elif decade := match["number"] and _DECADE.match(text, begin, end):
        yield Word(decade.group().replace("'", ""), begin, decade.end())
    elif match["number"]:
        place = _ending(text, place, end)
        yield _quantity(text, match, units, start, end, author) or Word(text[begin:place], begin, place)
    elif match["chinese"]:
        yield from _chinese(text, begin, place, end)
    elif match["sign"]:
        yield Sign(match.group(), begin, place)
    elif match["and"]:
        yield FunctionWord("and", begin, place)
    else:
        spelt = match["word"] is not None and (match["word"] in number.STARTS or match["word"] == "minus")
        yield (_spelt_number(text, begin, end, author) if spelt else None) or _word(text, match, author)


def _quantity(
    text: str, match: re.Match[str], units: frozenset[str], start: int, end: int, author: Author
) -> Quantity | None:
    """Read a number in digits with its scale and unit; None where it is part of a name: 007, 1.5.2, 3d."""
    begin, place = match.span("number")
    values = number.readings(match["number"], dots_group=_groups_by_dots(text, begin))
    if not values:
        return None
    if ordinal := _ORDINAL_ENDING.match(text, place, end):
        return Quantity(values, units, start, ordinal.end(), (begin, ordinal.end()), is_ordinal=True)
    factor = Decimal(1)
    if match["power"]:
        factor, place = Decimal(f"1{match['power']}"), match.end("power")
    elif (fraction := _FRACTION.match(text, place, end)) and (part := _part(fraction)):
        values, place = frozenset(value + part for value in values), fraction.end()
    if _CHINESE_SCALE.match(text, place, end):
        values, place = _mixed(text, begin, place, end) or (values, place)
    elif scale := _SCALE.match(text, place, end):
        name = scale["name"]
        # 5 m is a length; 5bn, 5M and $5m are amounts.
        attached = not scale["gap"] and name != "b" and (name != "m" or author(*scale.span("name")).isupper())
        if name not in number.SHORT_SCALES or units or attached:
            factor, place = Decimal(_FACTORS[name]), scale.end()
    sign = -1 if match["minus"] else 1
    scaled = frozenset(sign * factor * value for value in values)
    return _with_unit(text, scaled, units, (start, match.start() if match["minus"] else begin), place, end, author)


def _part(fraction: re.Match[str]) -> Decimal | None:
    """Give the value of 3/4, but not of 3/7, which no decimal number says, nor of 1/365."""
    upper, lower = int(fraction[1]), int(fraction[2])
    return Decimal(upper) / lower if upper < lower and lower in (2, 4, 5, 8, 10, 16) else None


def _with_unit(
    text: str,
    values: frozenset[Decimal],
    units: frozenset[str],
    starts: tuple[int, int],
    place: int,
    end: int,
    author: Author,
) -> Quantity | None:
    """Take the unit behind a number along; None where letters follow that are none."""
    start, begin = starts
    last = place
    unit = _UNIT.match(text, place, end)
    if unit and author(*unit.span("name")) not in CASED_UNITS.get(unit["name"], (author(*unit.span("name")),)):
        unit = None
    if not units and unit:
        units, last = UNITS[unit["name"]], unit.end()
    elif _ending(text, place, end) > place:
        return None
    behind = text[begin:place].partition(".")[2]
    decimals = behind if behind.isdecimal() else ""
    return Quantity(values, units, start, last, (begin, place), decimals=decimals)


def _ending(text: str, place: int, end: int) -> int:
    """Give where the letters and digits that follow without a gap end."""
    while place < end and text[place].isalnum() and not SPACELESS.match(text[place]):
        place += 1
    return place


def _groups_by_dots(text: str, place: int) -> bool:
    """Say whether the text before a number is in a language that writes 1.838 for 1,838."""
    before = text[max(place - _LOOK_BACK, 0) : place]
    return len(set(_FOREIGN.findall(before))) > 1 and not _ENGLISH.search(before)


def _mixed(text: str, begin: int, place: int, end: int) -> tuple[frozenset[Decimal], int] | None:
    """Read 1億2000万 and 1万8400."""
    total, last = Decimal(0), begin
    while (match := _MIXED.match(text, last, end)) and (match[2] or last > begin):
        last = match.end()
        if match[2] is None:
            total += Decimal(match[3])
            break
        total += Decimal(match[1]) * number.in_chinese(match[2])
    return (frozenset({total}), last) if last > place else None


def _chinese(text: str, begin: int, place: int, end: int) -> Iterator[Term]:
    if place - begin > 1 or _COUNTED.match(text, place, end):
        value = number.in_chinese(text[begin:place])
        yield Quantity(frozenset({Decimal(value)}), frozenset(), begin, place, (begin, place))
    else:
        yield Sign(text[begin], begin, place)


def _spelt_number(text: str, begin: int, end: int, author: Author) -> Quantity | None:
    if match := _HALF.match(text, begin, end):
        half = Decimal(number.HALVED[match[1]]) / 2
        return _with_unit(text, frozenset({half}), frozenset(), (begin, begin), match.end(), end, author)
    words: list[str] = []
    ends: list[int] = []
    place = begin
    while len(words) < _LONGEST_SPELT and (match := _SPELT_WORD.match(text, place, end)):
        words.append(match[1])
        place = match.end()
        ends.append(place)
    minus = words[:1] == ["minus"]
    found = number.in_words(words[minus:])
    if found is None:
        return None
    whole, taken, is_ordinal = found
    rest = words[minus + taken : minus + taken + 1]
    if not is_ordinal and (
        _PART.fullmatch("".join(rest)) or (words[0] == "one" and _NOBODY.search(text[max(begin - 6, 0) : begin]))
    ):
        return None
    value, last = Decimal(-whole if minus else whole), ends[taken + minus - 1]
    if is_ordinal and _COUNTS_PARTS.search(text[max(begin - 6, 0) : begin]):
        return None
    if is_ordinal:
        return Quantity(frozenset({value}), frozenset(), begin, last, (begin, last), is_ordinal=True)
    if match := _AND_A_HALF.match(text, last, end):
        value, last = value + (Decimal("-0.5") if minus else Decimal("0.5")), match.end()
    return _with_unit(text, frozenset({value}), frozenset(), (begin, begin), last, end, author)


def _is_name(text: str, begin: int, end: int, author: Author) -> bool:
    """Say whether a function word is something else in capital letters: US, OR, vitamin A."""
    if end - begin > 1:
        return end - begin < 4 and author(begin, end).isupper()
    return begin > 1 and text[begin - 2].isalnum() and author(begin, end).isupper()


def _word(text: str, match: re.Match[str], author: Author) -> Word | FunctionWord:
    begin, end = match.span()
    if match["initials"]:
        letters = "".join(char for char in match["initials"] if char.isalpha())
        return Word(STATES.get(letters, letters), begin, end, is_abbreviated=True)
    if match["state"]:
        return Word(STATES[match["state"]], begin, end)
    word, genitive = match["word"], False
    if word.endswith("'s"):
        word, genitive, end = word[:-2], True, end - 2
    elif word.endswith("s") and text[end : end + 1] == "'":
        genitive = True
    # A型 is no article before a word.
    glued = SPACELESS.match(text[end : end + 1]) or SPACELESS.match(text[begin - 1 : begin])
    if glued or (word in FUNCTION_WORDS and _is_name(text, begin, end, author)):
        return Word(word, begin, end)
    if word in FUNCTION_WORDS:
        return FunctionWord(word, begin, end)
    dotted = text[end : end + 1] == "."
    if word in ("no", "nr"):
        numbers = dotted and text[end + 1 : end + 3].strip()[:1].isdecimal()
        return Word("number", begin, end + 1, is_abbreviated=True) if numbers else Word(word, begin, end)
    small = word not in SMALL_ABBREVIATIONS or author(begin, end).islower()
    if word in ABBREVIATIONS and small and (dotted or word in BARE_ABBREVIATIONS):
        return Word(ABBREVIATIONS[word], begin, end + dotted, is_abbreviated=True)
    return Word(word, begin, end, genitive, is_abbreviated=dotted and len(word) == 1)
