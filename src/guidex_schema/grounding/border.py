"""Where a token may start or end, in every script."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from guidex_schema.grounding.number import CHINESE_NUMERAL, CHINESE_SCALE

# Characters that nobody sees: soft hyphen, zero-width ones, direction marks.
IGNORED = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
SIGNS = "-−"
DASHES = "-֊־᐀᠆‐‑‒–—―⁃−⸗⸚⸺⸻⹀〜〰゠︱︲﹘﹣－"
# What may stand before a sign. After anything else a dash joins two parts: 1990-95, (555)-1234.
OPENERS = frozenset("([{<>=≤≥≈~±:;,/|'\"‘“„«$€£¥")
_POINTS = frozenset(".,．，·٫٬")
_GROUP_SPACES = frozenset("\u00a0\u2009\u202f")

# What holds on to the character before it, besides the category M: vowel signs, Jamo, voice marks, skin tones.
_HOLDS_ON = re.compile("[\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7fb\uff9e\uff9f\U0001f3fb-\U0001f3ff]")
# The scripts without spaces between words, by Unicode block: Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar.
SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f"
    "\U0001aff0-\U0001b16f\U00020000-\U000323af]"
)
# A word in katakana has no parts that a border could be known by: タイ is not in タイトル.
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc\uff66-\uff9d]{2}")
_CHINESE_NUMERALS = frozenset(CHINESE_NUMERAL)
# 1万8400 is one number.
_SCALES = frozenset(CHINESE_SCALE + "만억조")
_HANGUL = re.compile("[\uac00-\ud7a3]+")
_ARABIC = re.compile("[\u0620-\u065f\u066e-\u06d3\u06fa-\u06ff]+")
_HEBREW = re.compile("[\u0591-\u05bd\u05d0-\u05ea]+")
# One syllable counts only behind a number: 3명은, 5억 원을.
_COUNTERS = frozenset("원명개년월일시분초살번회대권장층위")
_COUNTED = re.compile(r"[\d만억조] ?$")
_PARTICLES = frozenset(
    "의 에 에서 에게 에게서 께 께서 한테 도 만 까지 부터 마다 조차 마저 처럼 보다 밖에 "
    "에는 에도 에서는 에서도 에게는 까지는 부터는".split()
)
_PARTICLES_AFTER_CONSONANT = _PARTICLES | set(
    "은 이 을 과 으로 이나 으로는 으로서 으로써 이라는 이라고 과의 과는".split()
)
_PARTICLES_AFTER_VOWEL = _PARTICLES | set("는 가 를 와 로 로는 로서 로써 라는 라고 와의 와는".split())
_ARABIC_CLITICS = frozenset("و ف ب ك ل ال وال فال بال كال لل ول وب فب ولل وبال".split())
_HEBREW_CLITICS = frozenset("ו ה ב ל מ ש כ וה וב ול ומ וש וכ שה שב של שמ מה כש".split())


@lru_cache(maxsize=1 << 14)
def extends(char: str) -> bool:
    """Say whether a character holds on to the one before it."""
    return unicodedata.category(char)[0] == "M" or _HOLDS_ON.match(char) is not None


def is_sign(text: str, index: int) -> bool:
    """Say whether a dash is a minus sign, not a hyphen or a range."""
    # A value may start with any dash, as in –5; inside a text that dash is one between two parts.
    signs = SIGNS if index else DASHES
    amount = text[index + 1 : index + 3].lstrip("$€£¥")
    return text[index] in signs and amount[:1].isdecimal() and opens(text, index)


def opens(text: str, index: int) -> bool:
    """Say whether a sign may stand at an offset."""
    return not index or text[index - 1].isspace() or text[index - 1] in OPENERS


def is_border(text: str, index: int) -> bool:
    """Say whether a token may start or end at an offset."""
    if index <= 0 or index >= len(text):
        return True
    left, right = text[index - 1], text[index]
    if left.isascii() and right.isascii():
        if left == " " or right == " ":
            return True
        return not (left.isalnum() and right.isalnum()) and not _is_joined(text, index - 1, index)
    low, high = index - 1, index
    while low >= 0 and text[low] in IGNORED:
        low -= 1
    while high < len(text) and text[high] in IGNORED:
        high += 1
    if low < 0 or high == len(text):
        return True
    right = text[high]
    joined = "\u200d" in text[low + 1 : high] and not text[low].isspace() and not right.isspace()
    if joined or extends(right):
        return False
    while low and extends(text[low]):
        low -= 1
    left = text[low]
    if left.isalnum() and right.isalnum():
        if (left.isdecimal() or left in _SCALES) and (right.isdecimal() or right in _SCALES):
            return False
        if (left in _CHINESE_NUMERALS and right in _CHINESE_NUMERALS) or _KATAKANA.fullmatch(left + right):
            return False
        return SPACELESS.search(left + right) is not None or _has_clitic(text, index)
    return not _is_joined(text, low, high)


def borders(text: str) -> Iterator[int]:
    """Give every offset within a text at which a token may start or end, in order, in linear time."""
    start = 1
    while start < len(text):
        end = start
        while end < len(text) and text[end] in IGNORED:
            end += 1
        # All offsets beside characters that nobody sees are the same border, or none.
        if is_border(text, start):
            yield from range(start, min(end + 1, len(text)))
        start = end + 1


def _is_joined(text: str, low: int, high: int) -> bool:
    """Say whether a mark beside a border makes one token of both sides: 1.5, 1,838, snake_case, -5."""
    left, right = text[low], text[high]
    return (
        is_sign(text, low)
        # HK$5 is not $5, but US$5 is.
        or (right == "$" and left.isalpha() and text[max(low - 1, 0) : high].casefold() != "us")
        or _joins(text[low - 1 : low], left, text[high : high + 4])
        or _joins(left, right, text[high + 1 : high + 5])
    )


def _joins(before: str, mark: str, after: str) -> bool:
    if mark in _POINTS:
        return before.isdecimal() and after[:1].isdecimal()
    if mark in _GROUP_SPACES:
        return before.isdecimal() and len(after) >= 3 and after[:3].isdecimal() and not after[3:].isdecimal()
    if mark in "'’":
        # Won is not in won't.
        return before.isalpha() and after[:1] in ("t", "T") and not after[1:2].isalpha()
    return mark == "_" and before.isalnum() and after[:1].isalnum()


def _has_clitic(text: str, index: int) -> bool:
    """Say whether a border inside a word parts a word and what only leans on it.

    Korean particles follow a word of at least two syllables, 이 of three, since many nouns end in it, and agree with
    its last sound. Arabic and Hebrew prepositions, conjunctions and articles precede a word of at least four letters,
    or three where they have more than one.

    Source:
        Universal Dependencies 2, tokenisation of Arabic and Hebrew; Korean orthography, article 41 (particles).
    """
    if "\uac00" <= text[index] <= "\ud7a3" and "\uac00" <= text[index - 1] <= "\ud7a3":
        particle = _HANGUL.match(text, index)
        counted = text[index - 1] in _COUNTERS and _COUNTED.search(text, max(index - 6, 0), index - 1)
        if not particle or not (counted or (index > 1 and _HANGUL.match(text[index - 2]))):
            return False
        if particle[0] == "이" and not (index > 2 and _HANGUL.match(text[index - 3])):
            return False
        has_final = (ord(text[index - 1]) - 0xAC00) % 28 > 0
        return particle[0] in (_PARTICLES_AFTER_CONSONANT if has_final else _PARTICLES_AFTER_VOWEL)
    for clitics, word in ((_ARABIC_CLITICS, _ARABIC), (_HEBREW_CLITICS, _HEBREW)):
        if word.match(text[index]):
            start = index
            while start and index - start < 5 and word.match(text[start - 1]):
                start -= 1
            found = word.match(text, index)
            # One letter begins many a word; it takes more of the word to tell.
            least = 4 if index - start == 1 else 3
            return text[start:index] in clitics and found is not None and len(found[0]) >= least
    return False
