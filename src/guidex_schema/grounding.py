"""Where the document says what a label says: the exact characters, or the same ones after normalising."""

import bisect
import html
import itertools
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property, lru_cache
from html.entities import html5
from typing import Literal, assert_never

from guidex_schema import instance
from guidex_schema.frozen import Frozen
from guidex_schema.text import Span

GroundingStatus = Literal["exact", "normalised", "variant", "absent", "not-applicable"]

_IGNORED = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_SIGNS = "-−"
_DASHES = "-֊־᐀᠆‐‑‒–—―⁃−⸗⸚⸺⸻⹀〜〰゠︱︲﹘﹣－"
_QUOTES = "'\"`´‘’‚‛“”„‟‹›«»′″‴‵‶ʹʺʼʻ＇＂׳״"
# One character for all that mean the same; variation selectors choose a glyph, not a character.
_SAME = str.maketrans(
    dict.fromkeys(_DASHES, "-")
    | dict.fromkeys(_QUOTES, "'")
    | dict.fromkeys("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029", " ")
    | dict.fromkeys("⁄∕", "/")
    | dict.fromkeys("\0\1\2", "\3")
    | dict.fromkeys((*_IGNORED, *map(chr, range(0xFE00, 0xFE10))), "")
)
# What may stand before a sign. After anything else a dash joins two parts: 1990-95, (555)-1234.
_OPENERS = frozenset("([{<>=≤≥≈~±:;,/|'\"‘“„«$€£¥")
_POINTS = frozenset(".,．，·٫٬")
_GROUP_SPACES = frozenset("\u00a0\u2009\u202f")

# What holds on to the character before it, besides the category M: vowel signs, Jamo, voice marks, skin tones.
_HOLDS_ON = re.compile("[\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7fb\uff9e\uff9f\U0001f3fb-\U0001f3ff]")
# The scripts without spaces between words, by Unicode block: Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f"
    "\U0001aff0-\U0001b16f\U00020000-\U000323af]"
)
_ENTITY = re.compile("&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_NUMBER = re.compile(
    r"(?:(?P<whole>\d{1,3}(?P<mark>[, \u00a0\u2009\u202f])\d{3}(?:(?P=mark)\d{3})*(?!\d)|\d+)(?:\.\d+)?|\.\d+)"
    r"(?:[eE][-+]?\d{1,3})?"
)
_LONGEST_NUMBER = 400

# While a text is folded these stand for what needs a second look: a character that becomes none or several, one
# that holds on to its base, one that is ignored.
_SPECIAL, _EXTENDING, _SKIPPED = "\0", "\1", "\2"
_RUNS = re.compile(r"[ -](?:[ -]+|(?<=-)(?=\d))")
_RUNS_AND_CLUSTERS = re.compile(r"[\0-\2 -](?:(?<=[ -])[\2 -]+|(?<=-)(?=\d)|(?<=[\0-\2])[\1\2]*)")
_ASCII = bytes(range(128))
_FOLDED_ASCII = _ASCII.decode().lower().translate(_SAME).encode() + bytes(range(128, 256))


class Grounding(Frozen):
    """Say whether a document holds a value, and where.

    Attributes:
        status: ``exact`` (the same characters at token borders), ``normalised`` (the same after NFKC, HTML entities,
            case folding, quotes, dashes, white space, hyphen = space; or another way to write the same number),
            ``variant``, ``absent``, or ``not-applicable`` (nothing to look for: bool, None, enum members, containers).
        spans: every place with that status in text order, in code points of the document; they may overlap.
        best: the place to show, or None.
        score: 1.0 for exact, 0.95 for normalised, 0.0 where nothing was found.
    """

    status: GroundingStatus
    spans: tuple[Span, ...] = ()
    best: Span | None = None
    score: float = 0.0


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

    def ground(self, value: instance.Value) -> Grounding:
        """Find every place that says the value; containers and instances are for the caller to walk."""
        match value:
            case instance.TextValue(value=text):
                return self._ground_text(text)
            case instance.IntegerValue(value=integer):
                # str refuses longer ints, and no document writes them out.
                return self._ground_number(str(integer)) if integer.bit_length() <= 1024 else _ABSENT
            case instance.NumberValue(value=real):
                return self._ground_number(repr(real)) if math.isfinite(real) else _ABSENT
            case instance.BooleanValue() | instance.NoneValue() | instance.MemberValue() | instance.Instance():
                return _NOT_APPLICABLE
            case instance.ListValue() | instance.TupleValue() | instance.SetValue() | instance.MappingValue():
                return _NOT_APPLICABLE
            case _:
                assert_never(value)

    def _ground_text(self, text: str) -> Grounding:
        if all(char.isspace() or char in _IGNORED for char in text):
            return _ABSENT
        if spans := tuple(span for span, _ in self._exact(text)):
            return Grounding(status="exact", spans=spans, best=spans[0], score=1.0)
        return _normalised(self._same_folded(_fold(_unescape(text).text.strip()).text.strip()))

    def _ground_number(self, written: str) -> Grounding:
        text, negative = self._plain.text, written[0] == "-"
        if spans := tuple(span for span, start in self._exact(written) if not negative or _is_sign(text, start)):
            return Grounding(status="exact", spans=spans, best=spans[0], score=1.0)
        return _normalised(self._numbers.get(Decimal(written), ()))

    @cached_property
    def _plain(self) -> "_Rewriting":
        return _unescape(self.text)

    @cached_property
    def _folded(self) -> "_Rewriting":
        return _fold(self._plain.text)

    @cached_property
    def _numbers(self) -> dict[Decimal, list[Span]]:
        """Give the places of each number, however it is written."""
        text = self._plain.text
        numbers: dict[Decimal, list[Span]] = {}
        for match in _NUMBER.finditer(text):
            (start, end), whole = match.span(), match["whole"]
            # A minus sign keeps a border from standing before the digits.
            signed = start > 0 and whole is not None and _is_sign(text, start - 1)
            starts = signed or (_opens(text, start) if whole is None else _is_border(text, start))
            # 007 and 2015-07 name something; of numbers only 0 and 0.5 start so.
            padded = whole is not None and len(whole) > 1 and int(whole[0]) == 0
            if not starts or padded or end - start > _LONGEST_NUMBER or not _is_border(text, end):
                continue
            number = Decimal(match.group().replace(match["mark"] or ",", ""))
            if place := self._plain.source(start - signed, end):
                numbers.setdefault(-number if signed else number, []).append(Span(start=place[0], end=place[1]))
        return numbers

    def _exact(self, needle: str) -> Iterator[tuple[Span, int]]:
        """Give the places of the exact characters, and where each starts once entities are read."""
        text = self._plain.text
        for start in _occurrences(self.text, needle):
            # Borders are judged as the reader sees them: in `caf&eacute;` no token ends behind the f.
            plain = self._plain.target(start, start + len(needle))
            if plain and _is_border(text, plain[0]) and _is_border(text, plain[1]):
                yield Span(start=start, end=start + len(needle)), plain[0]

    def _same_folded(self, needle: str) -> Iterator[Span]:
        text = self._plain.text
        for found in _occurrences(self._folded.text, needle) if needle else ():
            plain = self._folded.source(found, found + len(needle))
            if plain is None or not _is_border(text, plain[0]):
                continue
            start, end = plain
            while end > start and text[end - 1] in _IGNORED:
                end -= 1
            if _is_border(text, end) and (place := self._plain.source(start, end)):
                yield Span(start=place[0], end=place[1])


def ground(value: instance.Value, document: str) -> Grounding:
    """Find every place where a document says a value; for many values, make one `GroundedDocument`."""
    return GroundedDocument(document).ground(value)


def _normalised(found: Iterable[Span]) -> Grounding:
    spans = tuple(found)
    return Grounding(status="normalised", spans=spans, best=spans[0], score=0.95) if spans else _ABSENT


def _occurrences(text: str, needle: str) -> Iterator[int]:
    start = text.find(needle)
    while start >= 0:
        yield start
        start = text.find(needle, start + 1)


# The starts and the ends of the same stretches, in order.
_Stretches = tuple[list[int], list[int]]


class _Rewriting:
    """A text with some stretches replaced, and the way between the offsets of both.

    Args:
        base: the text that shows through between the edits; it has one character for each of the source.
        edits: source start, source end and replacement, in order and apart.
    """

    def __init__(self, base: str, edits: Iterable[tuple[int, int, str]]) -> None:
        # Only the edits are kept, each as a stretch of the source and one of the result; an empty one closes both.
        self._source: _Stretches = ([], [])
        self._target: _Stretches = ([], [])
        pieces: list[str] = []
        done = length = 0
        for start, end, replacement in itertools.chain(edits, ((len(base), len(base), ""),)):
            pieces += (base[done:start], replacement)
            length += start - done
            self._source[0].append(start)
            self._source[1].append(end)
            self._target[0].append(length)
            length += len(replacement)
            self._target[1].append(length)
            done = end
        self.text = "".join(pieces)

    def source(self, start: int, end: int) -> tuple[int, int] | None:
        """Give the source of a stretch of the result, or None if that would cut through an edit."""
        return _carry(start, end, self._target, self._source)

    def target(self, start: int, end: int) -> tuple[int, int] | None:
        """Give what became of a stretch of the source, or None if it cuts through an edit."""
        return _carry(start, end, self._source, self._target)


def _carry(start: int, end: int, near: _Stretches, far: _Stretches) -> tuple[int, int] | None:
    """Carry a stretch of at least one character over; an edit that is empty on the near side stays outside."""
    (near_starts, near_ends), (far_starts, far_ends) = near, far
    index = bisect.bisect_right(near_starts, start) - 1
    if index < 0:
        far_start = start
    elif start >= near_ends[index]:
        far_start = far_ends[index] + start - near_ends[index]
    elif start == near_starts[index]:
        far_start = far_starts[index]
    else:
        return None
    index = bisect.bisect_left(near_ends, end)
    if end <= near_starts[index]:
        far_end = far_starts[index] - (near_starts[index] - end)
    elif end == near_ends[index]:
        far_end = far_ends[index]
    else:
        return None
    return (far_start, far_end) if far_start < far_end else None


def _unescape(text: str) -> _Rewriting:
    """Read the HTML entities of a text once; ``&amp;lt;`` is the text ``&lt;``."""
    return _Rewriting(text, _entities(text) if "&" in text else ())


def _entities(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _ENTITY.finditer(text):
        name = match.group()
        char = html.unescape(name) if name[1] == "#" else html5.get(name[1:])
        if char is not None:
            yield match.start(), match.end(), char


def _fold(text: str) -> _Rewriting:
    """Normalise a text: NFKC, case, quotes, dashes, white space; minus signs stay, as ``−``.

    Source:
        Unicode Standard 15.0, 3.13, D146 (compatibility caseless match), cluster by cluster.
    """
    raw = text.encode("utf-8", "surrogatepass")
    flat = raw.translate(_FOLDED_ASCII).decode("utf-8", "surrogatepass")
    marked = False
    if not text.isascii():
        foreign = set(raw.translate(None, _ASCII).decode("utf-8", "surrogatepass"))
        for char in foreign:
            stand_in = _stand_in(char)
            if stand_in != char:
                flat = flat.replace(char, stand_in)
                marked = marked or stand_in in "\0\1\2"
        extending = [char for char in foreign if _extends(char)]
        if extending and (marked or not unicodedata.is_normalized("NFC", flat)):
            marked = True
            for char in extending:
                flat = flat.replace(char, _EXTENDING)
    return _Rewriting(flat.replace("-", " "), _edits(text, flat, _RUNS_AND_CLUSTERS if marked else _RUNS))


def _edits(text: str, flat: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    done = 0
    for match in pattern.finditer(flat):
        start, end = match.span()
        if flat[start] in " -":
            sign = flat[end - 1] == "-" and _is_sign(text, end - 1)
            if end - start > 1:
                yield start, end - sign, " "
            if sign:
                yield end - 1, end, "−"
        else:
            if flat[start] != _SPECIAL and start > done:
                start -= 1
            yield start, end, _fold_in_place(text, start, end)
        done = end


def _fold_in_place(text: str, start: int, end: int) -> str:
    """Fold a cluster so that its digits never join those beside it: 10² is not 102, and 1½ is 1 1/2."""
    folded = _fold_cluster(text[start:end]).replace("-", " ")
    if text[start].isdecimal() or not folded:
        return folded
    if folded[0].isdecimal() and start and text[start - 1].isnumeric():
        raised = unicodedata.decomposition(text[start]).startswith("<su")
        folded = (("^" if text[start - 1].isdecimal() else "") if raised else " ") + folded
    if folded[-1].isdecimal() and text[end : end + 1].isdecimal():
        folded += " "
    return folded


@lru_cache(maxsize=1 << 14)
def _fold_cluster(cluster: str) -> str:
    """Fold one base with what holds on to it."""
    folded = cluster.translate(_SAME)
    for _ in range(3):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold())
    return folded.translate(_SAME)


@lru_cache(maxsize=1 << 14)
def _stand_in(char: str) -> str:
    """Give the one character that a non-ASCII character is folded to, or what marks it for a second look."""
    if char in _IGNORED:
        return _SKIPPED
    folded = _fold_cluster(char)
    if _extends(char):
        return char if folded == char else _EXTENDING
    return folded if len(folded) == 1 and (char.isdecimal() or not folded.isdecimal()) else _SPECIAL


@lru_cache(maxsize=1 << 14)
def _extends(char: str) -> bool:
    return unicodedata.category(char)[0] == "M" or _HOLDS_ON.match(char) is not None


def _is_sign(text: str, index: int) -> bool:
    """Say whether a dash is a minus sign, not a hyphen or a range."""
    # A value may start with any dash, as in –5; inside a text that dash is one between two parts.
    signs = _SIGNS if index else _DASHES
    return text[index] in signs and text[index + 1 : index + 2].isdecimal() and _opens(text, index)


def _opens(text: str, index: int) -> bool:
    return not index or text[index - 1].isspace() or text[index - 1] in _OPENERS


def _is_border(text: str, index: int) -> bool:
    """Say whether a token may start or end at an offset."""
    if index <= 0 or index >= len(text):
        return True
    left, right = text[index - 1], text[index]
    if left.isascii() and right.isascii():
        if left == " " or right == " ":
            return True
        return not (left.isalnum() and right.isalnum()) and not _is_joined(text, index - 1, index)
    low, high = index - 1, index
    while low >= 0 and text[low] in _IGNORED:
        low -= 1
    while high < len(text) and text[high] in _IGNORED:
        high += 1
    if low < 0 or high == len(text):
        return True
    right = text[high]
    joined = "\u200d" in text[low + 1 : high] and not text[low].isspace() and not right.isspace()
    if joined or _extends(right):
        return False
    while low and _extends(text[low]):
        low -= 1
    left = text[low]
    if left.isalnum() and right.isalnum():
        return not (left.isdecimal() and right.isdecimal()) and _SPACELESS.search(left + right) is not None
    return not _is_joined(text, low, high)


def _is_joined(text: str, low: int, high: int) -> bool:
    """Say whether a mark beside a border makes one token of both sides: 1.5, 1,838, snake_case, -5."""
    left, right = text[low], text[high]
    return (
        _is_sign(text, low)
        or _joins(text[low - 1 : low], left, text[high : high + 4])
        or _joins(left, right, text[high + 1 : high + 5])
    )


def _joins(before: str, mark: str, after: str) -> bool:
    if mark in _POINTS:
        return before.isdecimal() and after[:1].isdecimal()
    if mark in _GROUP_SPACES:
        return before.isdecimal() and len(after) >= 3 and after[:3].isdecimal() and not after[3:].isdecimal()
    return mark == "_" and before.isalnum() and after[:1].isalnum()
