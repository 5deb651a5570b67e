"""Numbers as texts write them: digits with their separators, and English and Chinese number words."""

import itertools
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

# Beyond this no document writes a number out, and int() would refuse it some day.
LONGEST = 400
# Nor are these written in words or with a scale.
_BEYOND_WORDS = 10**15

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
# Behind digits; in most languages of Europe a billion is a million millions, so theirs is not here.
FOREIGN_SCALES = (
    dict.fromkeys("tausend mille mil тыс тысяч тысячи ألف آلاف".split(), 10**3)
    | dict.fromkeys(
        "mio millionen millions milioni millones milhões млн миллион миллиона миллионов مليون ملايين".split(), 10**6
    )
    | dict.fromkeys(
        "mrd milliarde milliarden milliard milliards miliardi млрд миллиард миллиарда миллиардов مليار".split(), 10**9
    )
    | {"만": 10**4, "억": 10**8, "조": 10**12}
)
SHORT_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "mln": 10**6, "bn": 10**9, "b": 10**9, "tn": 10**12}
_VALUES = {word: number for number, word in enumerate(_SMALL)} | {
    word: 10 * number for number, word in enumerate(_TENS, 2)
}
_ORDINALS = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        1,
    )
} | {word[:-1] + "ieth": _VALUES[word] for word in _TENS}

_BARE = frozenset((*SCALES, "hundred", "dozen"))
# Words that a number in words may begin with.
STARTS = frozenset((*_VALUES, *_ORDINALS, "a", "half"))

_QUARTERS = {"25": "1/4", "5": "1/2", "75": "3/4"}

# Half of these is said so: half a million.
HALVED = {"dozen": 12, "million": 10**6, "billion": 10**9, "trillion": 10**12}

_CHINESE_DIGITS = {char: number for number, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_CHINESE_TENS = {"十": 10, "百": 100, "千": 1000}
_CHINESE_SCALES = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
CHINESE_DIGIT = "".join(_CHINESE_DIGITS)
CHINESE_NUMERAL = CHINESE_DIGIT + "".join(_CHINESE_TENS) + "".join(_CHINESE_SCALES)
CHINESE_SCALE = "".join(_CHINESE_SCALES)


def readings(digits: str, *, dots_group: bool) -> frozenset[Decimal]:
    """Give what a number in digits can mean: ``1,838`` is one thing, and so is ``3,5``.

    Args:
        digits: ASCII digits with ``.``, ``,``, ``'`` or spaces between them.
        dots_group: a single dot before three digits is a thousands separator, as in German text.

    Returns:
        No number for ``007``, which names something, and for ``1.5.2``.
    """
    marks = [char for char in digits if not char.isdecimal()]
    if len(digits) > LONGEST or (digits[0] == "0" and len(digits) > 1 and digits[1].isdecimal()):
        return frozenset()
    if not marks:
        return frozenset({Decimal(digits)})
    last = marks[-1]
    if len(set(marks)) == 2 and marks.count(last) == 1 and last in ".,":
        whole, _, fraction = digits.rpartition(last)
        return frozenset({Decimal(f"{_ungrouped(whole)}.{fraction}")}) if _is_grouped(whole) else frozenset()
    if len(set(marks)) > 1:
        return frozenset()
    if len(marks) > 1 or last in "' ":
        return frozenset({Decimal(_ungrouped(digits))}) if _is_grouped(digits) else frozenset()
    grouped = Decimal(_ungrouped(digits)) if _is_grouped(digits) else None
    decimal = Decimal(digits.replace(",", "."))
    if last == ",":
        return frozenset({decimal if grouped is None else grouped})
    return frozenset({grouped if grouped is not None and dots_group else decimal})


def _ungrouped(digits: str) -> str:
    return "".join(char for char in digits if char.isdecimal())


def _is_grouped(digits: str) -> bool:
    first, *groups = re.split(r"\D", digits)
    indian = all(len(group) == 2 for group in groups[:-1]) and len(first) <= 2
    western = all(len(group) == 3 for group in groups) and len(first) <= 3
    return len(first) > 0 and first != "0" and len(groups[-1]) == 3 and (western or indian)


def in_words(words: Sequence[str]) -> tuple[int, int, bool] | None:
    """Read an English number at the start of some words.

    Returns:
        The number, how many words it takes, and whether it is an ordinal; None where no number starts.
    """
    total = group = taken = 0
    # What may still be added to the group: less than this.
    room = scale_room = _BEYOND_WORDS
    for place, word in enumerate(words):
        if word in ("and", "a"):
            starts = word == "a" and place == 0
            if not starts and not (word == "and" and taken and (group >= 100 or (total and not group))):
                break
            continue
        if word in _VALUES and _VALUES[word] < room:
            group += _VALUES[word]
            room = 10 if _VALUES[word] >= 20 else 0
        elif word in ("half", "quarter"):
            break
        elif place == 0 and word in _BARE:
            # Several hundred is no number, nor is half a million this one; only `a million` is.
            break
        elif word == "hundred" and group < 100:
            group, room = (group or 1) * 100, 100
        elif word == "dozen" and not total and group < 100:
            group, room, scale_room = (group or 1) * 12, 0, 0
        elif word in SCALES and SCALES[word] < scale_room and (group or not total):
            total, group = total + (group or 1) * SCALES[word], 0
            room = scale_room = SCALES[word]
        elif word in _ORDINALS and _ORDINALS[word] < room:
            return total + group + _ORDINALS[word], place + 1, True
        else:
            break
        taken = place + 1
    if not taken or words[0] == "and":
        return None
    return total + group, taken, False


def in_chinese(numeral: str) -> int:
    """Read a number in Chinese characters: 三百五, 二千零三, 一八三八."""
    if all(char in _CHINESE_DIGITS for char in numeral):
        return int("".join(str(_CHINESE_DIGITS[char]) for char in numeral))
    total = group = digit = 0
    for char in numeral:
        if char in _CHINESE_DIGITS:
            digit = _CHINESE_DIGITS[char]
        elif char in _CHINESE_TENS:
            group, digit = group + (digit or 1) * _CHINESE_TENS[char], 0
        else:
            total, group, digit = total + (group + digit or 1) * _CHINESE_SCALES[char], 0, 0
    return total + group + digit


@lru_cache(maxsize=1 << 12)
def written(number: Decimal) -> tuple[str, ...]:
    """Give how texts may begin to write a number; each is lower case and without a sign.

    Every other way to write it that `readings`, `in_words` and `in_chinese` understand begins with one of these.
    """
    number = abs(number)
    forms = list(_digits(number))
    forms += _with_power(number)
    if number >= _BEYOND_WORDS:
        return tuple(forms)
    for scale in sorted(set(SHORT_SCALES.values())):
        if number >= scale and (scaled := number / scale) < 10**4 and scaled == round(scaled, 3):
            tables = (SCALES, FOREIGN_SCALES, SHORT_SCALES)
            names = {name[0] for table in tables for name, value in table.items() if value == scale}
            forms += [f"{form}{gap}{name}" for form in _digits(scaled) for gap in (" ", "-", "") for name in names]
    for scale, name in ((10**4, "万萬만"), (10**8, "亿億억"), (10**12, "兆조")):
        if number >= scale:
            scaled = number / scale
            wholes = {Decimal(int(scaled)), *({scaled} if scaled == round(scaled, 3) else ())}
            forms += [form + char for one in sorted(wholes) for form in _digits(one) for char in name]
    if number * 2 == int(number * 2):
        # Five and a half begins as five does.
        forms += _word_starts(int(number))
    return tuple(dict.fromkeys(forms))


def _digits(number: Decimal) -> Iterator[str]:
    plain = f"{number.normalize():f}"
    whole, _, fraction = plain.partition(".")
    wholes = [whole] if len(whole) < 4 else [whole, *(f"{int(whole):,}".replace(",", mark) for mark in ",. '")]
    if len(whole) > 5:
        wholes.append(_indian(whole))
    for one, mark in itertools.product(wholes, ".," if fraction else ("",)):
        yield f"{one}{mark}{fraction}"
    if whole == "0" and fraction:
        yield f".{fraction}"
    if fraction in _QUARTERS:
        yield f"{whole} {_QUARTERS[fraction]}"


def _with_power(number: Decimal) -> Iterator[str]:
    """Give 2.5e, with which 2.5e6 and 2.5e+06 begin."""
    digits = "".join(map(str, number.normalize().as_tuple().digits))
    yield f"{digits}e"
    if len(digits) > 1:
        yield f"{digits[0]}.{digits[1:]}e"


def _indian(whole: str) -> str:
    head, tail = whole[:-3], whole[-3:]
    start = len(head) % 2 or 2
    return ",".join((head[:start], *(head[at : at + 2] for at in range(start, len(head), 2)), tail))


def _word_starts(number: int) -> Iterator[str]:
    """Give the first word of a number in English, and its first character in Chinese."""
    leading = number
    for scale in (10**12, 10**9, 10**6, 10**3):
        if leading >= scale:
            if leading // scale == 1:
                yield f"a {next(name for name, value in SCALES.items() if value == scale)}"
            leading //= scale
            break
    if leading >= 100:
        if leading // 100 == 1:
            yield "a hundred"
        leading //= 100
    yield _SMALL[leading] if leading < 20 else _TENS[leading // 10 - 2]
    if 1000 < number < 10000 and number % 100 == 0:
        yield _SMALL[number // 100] if number < 2000 else _TENS[number // 1000 - 2]
    if number * 2 in HALVED.values():
        yield "half"
    if number % 12 == 0 and number < 1200:
        yield _SMALL[number // 12] if number // 12 < 20 else _TENS[number // 120 - 2]
        if number == 12:
            yield "a dozen"
    lead = str(number)[0]
    yield "〇一二三四五六七八九"[int(lead)]
    if lead == "1":
        yield from "十百千"
    if lead == "2":
        yield from "两兩"


@lru_cache(maxsize=1 << 12)
def written_ordinal(number: int) -> tuple[str, ...]:
    """Give how texts may begin to write an ordinal: 21st, twenty-first."""
    words = [word for word, value in _ORDINALS.items() if value == number]
    if 20 < number < 100:
        words.append(_TENS[number // 10 - 2])
    return (str(number), *words)
