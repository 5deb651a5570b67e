"""Numbers of a document with one digit changed: values that no tool may find there."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

# Digits with their separators; whatever stands around them is left to the words.
DIGITS = re.compile(r"\d+(?:[.,٫٬]\d+)*")
WHOLE = re.compile(r"\d+|\d{1,3}(?:,\d{3})+")
# One number and no list of them, such as 1,2,3 or 3.11.7.
ONE_NUMBER = re.compile(r"\d+(?:[.,٫]\d+)?|\d{1,3}(?:[.,٬]\d{3})+(?:[.,٫]\d+)?")
SPACED = re.compile(r"(?<!\d)\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d)")
SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "만": 4, "억": 8, "조": 12}
SCALE = re.compile(rf"[\s-]*({'|'.join(SCALES)})")
CHINESE = re.compile(r"[\d〇零一二三四五六七八九十百千万萬億亿兆两兩]+")
SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen""".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
WORDS = (
    {word: number for number, word in enumerate(SMALL)}
    | {word: 10 * number for number, word in enumerate(TENS, 2)}
    | {word: number for number, word in enumerate(ORDINALS, 1)}
    | {f"{ten}-{one}": 10 * tens + number for tens, ten in enumerate(TENS, 2) for number, one in enumerate(SMALL)}
)
EDGES = ".,;:()[]{}“”\"'"


class Edit(NamedTuple):
    """A value that the document does not hold: how it was made, the number as it stands, the value."""

    form: str
    original: str
    value: str | int | float


class Surroundings(NamedTuple):
    """What stands around a number: the rest of its word, and the words beside it, where they are words."""

    head: str
    tail: str
    before: str
    after: str


def edits(document: str) -> Iterator[Edit]:
    """Change each digit of each number to all nine others, wherever that gives a number the document lacks."""
    held = numbers_of(document)
    seen: set[tuple[str, str | int | float]] = set()
    words = document.split()
    for place, word in enumerate(words):
        for start, end in written_numbers(word):
            beside = Surroundings(word[:start], word[end:], neighbour(words, place - 1), neighbour(words, place + 1))
            for edited in altered(word[start:end]):
                # 1 and 1.0 are equal, so the form is part of the key.
                fresh = set(forms(edited, beside)) - seen if held.isdisjoint(readings(edited)) else set()
                seen |= fresh
                yield from (Edit(form, word[start:end], value) for form, value in sorted(fresh, key=repr))


def neighbour(words: list[str], place: int) -> str:
    """Give the word at a place without punctuation, or "" if there is none, or one with digits."""
    word = words[place].strip(EDGES) if 0 <= place < len(words) else ""
    return word if any(map(str.isalpha, word)) and not any(map(str.isnumeric, word)) else ""


def altered(number: str) -> Iterator[str]:
    """Change one digit, to every other of its own script."""
    for place, char in enumerate(number):
        if char.isdecimal():
            zero = ord(char) - unicodedata.decimal(char)
            for digit in range(10):
                if chr(zero + digit) != char:
                    yield number[:place] + chr(zero + digit) + number[place + 1 :]


def forms(number: str, beside: Surroundings) -> Iterator[tuple[str, str | int | float]]:
    """Write an edited number as labels might: alone, as an int or float, within its word, with a neighbouring word."""
    yield "text", number
    if WHOLE.fullmatch(number) and (len(number) == 1 or unicodedata.decimal(number[0])):
        yield "int", int(number.replace(",", ""))
    elif re.fullmatch(r"\d+\.\d+", number):
        yield "float", float(number)
    word = (beside.head + number + beside.tail).strip(EDGES)
    if word != number:
        yield "word", word
    if beside.before:
        yield "context", f"{beside.before} {word}"
        yield "context", f"{word} {beside.before}"
    if beside.after:
        yield "context", f"{word} {beside.after}"


def written_numbers(document: str) -> Iterator[tuple[int, int]]:
    """Give the places of the numbers in digits; a list of numbers counts as several."""
    for match in DIGITS.finditer(document):
        if ONE_NUMBER.fullmatch(match.group()):
            yield match.span()
        else:
            yield from (part.span() for part in re.compile(r"\d+").finditer(document, *match.span()))


def readings(number: str) -> set[Decimal]:
    """Read one number in every way its separators allow: 1.610 is 1.61 or 1610."""
    english, continental = re.sub("[,٬]", "", number), re.sub("[.٬]", "", number)
    written = {
        english.replace("٫", "."),
        re.sub("[,٫]", ".", continental),
        "".join(char for char in number if char.isdecimal()),
    }
    return {Decimal(one) for one in written if one.count(".") <= 1}


def chinese(written: str) -> Decimal:
    """Read a number in Chinese characters, digits among them: 三千, 二〇八, 1億2000万."""
    total = section = digits = 0
    for char in written:
        # Older versions of Unicode give 两 and 兩 no value.
        worth = int(unicodedata.numeric(char, 2))
        if worth >= 10_000:
            total += ((section + digits) or 1) * worth
            section = digits = 0
        elif worth >= 10:
            section += (digits or 1) * worth
            digits = 0
        else:
            digits = 10 * digits + worth
    return Decimal(total + section + digits)


def numbers_of(document: str) -> set[Decimal]:
    """Give every number that stands in a document: in digits, in words, as one character, and with its scale."""
    lower = document.lower()
    words = (*re.findall("[a-z]+", lower), *re.findall("[a-z]+-[a-z]+", lower))
    held = {Decimal(WORDS[word]) for word in words if word in WORDS}
    held |= {
        Decimal(str(unicodedata.numeric(char)))
        for char in set(document)
        if char.isnumeric() and not char.isdecimal() and unicodedata.numeric(char, -1) >= 0
    }
    held |= {chinese(written) for written in CHINESE.findall(document)}
    held |= {Decimal("".join(spaced.split())) for spaced in SPACED.findall(document)}
    for start, end in written_numbers(document):
        values = readings(document[start:end])
        held |= values
        if scale := SCALE.match(lower, end):
            held |= {value.scaleb(SCALES[scale[1]]) for value in values}
    return held
