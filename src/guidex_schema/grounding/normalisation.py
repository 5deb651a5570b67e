"""Texts as they are compared: entities read, then NFKC, case, quotes, dashes and white space made the same."""

import bisect
import html
import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cached_property, lru_cache
from html.entities import html5

from guidex_schema.grounding.border import DASHES, IGNORED, extends, is_sign
from guidex_schema.grounding.rewriting import Rewriting

_QUOTES = "'\"`´‘’‚‛“”„‟‹›«»′″‴‵‶ʹʺʼʻ＇＂׳״"
# One character for all that mean the same; variation selectors choose a glyph, not a character.
_SAME = str.maketrans(
    dict.fromkeys(DASHES, "-")
    | dict.fromkeys(_QUOTES, "'")
    | dict.fromkeys("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029", " ")
    | dict.fromkeys("⁄∕", "/")
    | dict.fromkeys("\0\1\2", "\3")
    | {"ё": "е"}
    # Vowel signs of Arabic and Hebrew and the tatweel may be written or not.
    | dict.fromkeys((*map(chr, range(0x64B, 0x653)), "\u0670", "\u0640", *map(chr, range(0x591, 0x5BE))), "")
    | dict.fromkeys("\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7", "")
    | dict.fromkeys((*IGNORED, *map(chr, range(0xFE00, 0xFE10))), "")
)
_ENTITY = re.compile("&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")

# While a text is folded these stand for what needs a second look: a character that becomes none or several, one
# that holds on to its base, one that is ignored.
_SPECIAL, _EXTENDING, _SKIPPED = "\0", "\1", "\2"
_SPACES = re.compile("  +")
_SPECIALS = re.compile("\0")
_HYPHENS = re.compile("-[ -]*")
# A dash that may be a sign.
_BEFORE_AMOUNT = re.compile(r"-(?=[$€£¥]?\d)")
_RUNS_AND_CLUSTERS = re.compile(r"[\0-\2 -](?:(?<=[ -])[\2 -]+|(?<=-)(?=[$€£¥]?\d)|(?<=[\0-\2])[\1\2]*)")
# Ideographs and kana are written without spaces: one between them comes from wrapping or typesetting.
_IDEOGRAPHIC = re.compile(
    "[\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af]"
)
_GAP = re.compile(f" (?:(?={_IDEOGRAPHIC.pattern})|(?<={_IDEOGRAPHIC.pattern} ))")
# Text that folding only turns to lower case; most values are such.
_SIMPLE = re.compile(r"[A-Za-z0-9.,:;()%/']+(?:(?: |(?<=[A-Za-z0-9])-)[A-Za-z0-9.,:;()%/']+)*")
_LONGEST_SIMPLE = 200
_DIGIT = re.compile(r"[^\D0-9]|[٫٬]")
_ASCII = bytes(range(128))
_FOLDED_ASCII = _ASCII.decode().lower().translate(_SAME).encode() + bytes(range(128, 256))


def unescape(text: str) -> Rewriting:
    """Read the HTML entities of a text once; ``&amp;lt;`` is the text ``&lt;``."""
    return Rewriting(text, tuple(_entities(text)) if "&" in text else ())


def _entities(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _ENTITY.finditer(text):
        name = match.group()
        char = html.unescape(name) if name[1] == "#" else html5.get(name[1:])
        if char is not None:
            yield match.start(), match.end(), char


def fold(text: str) -> Rewriting:
    """Normalise a text: NFKC, case, quotes, dashes, white space; minus signs stay, as ``−``.

    What may join two parts of a word stays as ``-``: a hyphen, also one at the end of a line, and white space beside
    an ideograph. To compare, it is read as a space (``spaced``) or as nothing (``joined``).

    Source:
        Unicode Standard 15.0, 3.13, D146 (compatibility caseless match), cluster by cluster.
    """
    return _reduced(text, *_flat(text))


def normal_form(text: str, written: bytes | None = None) -> str:
    """Give the normal form of a text, its HTML entities read, with a space for what joins two parts, and no way back.

    There are no spaces at its ends. Of a text in which folding leaves nothing but spaces and dashes to be looked at,
    as most are, this is a few searches.

    Args:
        text: any text.
        written: the text in UTF-8, where somebody has it.
    """
    plain = unescape(text).text
    flat, foreign = _flat(plain, written if plain is text else None)
    if foreign and (_SPECIAL in flat or _EXTENDING in flat or _SKIPPED in flat or _has_ideographs(foreign)):
        return spaced(_reduced(plain, flat, foreign).text).strip()
    pieces: list[str] = []
    done = 0
    for match in _BEFORE_AMOUNT.finditer(flat):
        if is_sign(plain, match.start()):
            pieces += (flat[done : match.start()], "−")
            done = match.end()
    if done:
        flat = "".join((*pieces, flat[done:]))
    # Of a run of spaces an even part is split away, and the rest begins with one or is empty.
    parts = [part.lstrip(" ") for part in spaced(flat).split("  ")]
    return " ".join(filter(None, parts)).strip()


def _flat(text: str, written: bytes | None = None) -> tuple[str, Collection[str]]:
    """Fold character for character, with stand-ins for what needs a second look; give what is not ASCII with it."""
    raw = text.encode("utf-8", "surrogatepass") if written is None else written
    flat = raw.translate(_FOLDED_ASCII).decode("utf-8", "surrogatepass")
    if text.isascii():
        return flat, ()
    marked = False
    foreign = set(raw.translate(None, _ASCII).decode("utf-8", "surrogatepass"))
    for char in foreign:
        stand_in = _stand_in(char)
        if stand_in != char:
            flat = flat.replace(char, stand_in)
            marked = marked or stand_in in "\0\1\2"
    extending = [char for char in foreign if extends(char)]
    if extending and (marked or not unicodedata.is_normalized("NFC", flat)):
        for char in extending:
            flat = flat.replace(char, _EXTENDING)
    return flat, foreign


def _has_ideographs(foreign: Collection[str]) -> bool:
    return any(_IDEOGRAPHIC.match(char) for char in foreign)


def _reduced(text: str, flat: str, foreign: Collection[str]) -> Rewriting:
    """Take the second looks at what was folded character for character."""
    shown = _GAP.sub("-", flat) if _has_ideographs(foreign) else flat
    return Rewriting(shown, tuple(_edits(text, flat)))


def _second_looks(flat: str) -> Iterator[tuple[int, int]]:
    """Give the stretches that are no character for character: runs of spaces and dashes, and clusters."""
    if _EXTENDING in flat or _SKIPPED in flat:
        yield from (match.span() for match in _RUNS_AND_CLUSTERS.finditer(flat))
        return
    # Three searches for a literal are much faster than one for any of them.
    spans = [match.span() for pattern in (_SPACES, _SPECIALS) for match in pattern.finditer(flat)]
    for match in _HYPHENS.finditer(flat):
        start, end = match.span()
        while start and flat[start - 1] == " ":
            start -= 1
        if end - start > 1 or flat[end : end + 2].lstrip("$€£¥")[:1].isdecimal():
            spans.append((start, end))
    done = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= done:
            done = end
            yield start, end


def _edits(text: str, flat: str) -> Iterator[tuple[int, int, str]]:
    done = 0
    for start, end in _second_looks(flat):
        if flat[start] in " -":
            sign = flat[end - 1] == "-" and is_sign(text, end - 1)
            if end - start > 1:
                yield start, end - sign, "-" if _is_joint(text, flat, start, end) else " "
            if sign:
                yield end - 1, end, "−"
        else:
            if flat[start] != _SPECIAL and start > done:
                start -= 1
            yield start, end, _fold_in_place(text, start, end)
        done = end


def _is_joint(text: str, flat: str, start: int, end: int) -> bool:
    """Say whether a run only wraps a line: a hyphen at its end, or white space between ideographs."""
    if flat[start] == "-":
        return "\n" in text[start:end] and "-" not in flat[start + 1 : end]
    return "-" not in flat[start:end] and _IDEOGRAPHIC.search(text[max(start - 1, 0) : end + 1]) is not None


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
    if char in IGNORED:
        return _SKIPPED
    folded = _fold_cluster(char)
    if extends(char):
        return char if folded == char else _EXTENDING
    return folded if len(folded) == 1 and (char.isdecimal() or not folded.isdecimal()) else _SPECIAL


def spaced(folded: str) -> str:
    """Read what joins two parts as a space; offsets stay."""
    return folded.replace("-", " ")


def joined(folded: str) -> str:
    """Leave out what joins two parts."""
    return folded.replace("-", "")


def ascii_digits(folded: str) -> str:
    """Write the decimal digits of every script as 0 to 9, and the separators of Arabic numbers; offsets stay."""
    if folded.isascii() or not _DIGIT.search(_foreign(folded)):
        return folded
    return _DIGIT.sub(lambda match: _as_ascii(match.group()), folded)


def _foreign(text: str) -> str:
    """Leave the ASCII characters out, which most texts are full of."""
    return text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")


def _as_ascii(char: str) -> str:
    return {"٫": ".", "٬": ","}.get(char) or str(unicodedata.decimal(char))


class Folded:
    """A text and its normal form, with the ways to read it and back to the text.

    Attributes:
        text: the normal form, in which ``-`` stands wherever two parts of a word may be joined.
    """

    def __init__(self, text: str) -> None:
        if len(text) <= _LONGEST_SIMPLE and _SIMPLE.fullmatch(text):
            self.plain, self._rewriting = Rewriting(text), Rewriting(text.lower())
        else:
            self.plain = unescape(text)
            self._rewriting = fold(self.plain.text)
        self.text = self._rewriting.text

    def source(self, start: int, end: int) -> tuple[int, int] | None:
        """Give the stretch of the plain text, entities read, that a stretch was folded from."""
        return self._rewriting.source(start, end)

    def author(self, start: int, end: int) -> str:
        """Give a stretch as its author wrote it; empty where it cuts through something."""
        place = self._rewriting.source(start, end)
        return self.plain.text[place[0] : place[1]] if place else ""

    @cached_property
    def spaced(self) -> str:
        """Read what joins two parts as a space; offsets stay."""
        return spaced(self.text)

    @cached_property
    def words(self) -> str:
        """Have spaces between all words; offsets stay."""
        return self.spaced.replace("/", " ")

    @cached_property
    def joined(self) -> str:
        """Leave out what joins two parts."""
        return joined(self.text)

    @cached_property
    def digits(self) -> str:
        """Write all decimal digits as 0 to 9; offsets stay."""
        return ascii_digits(self.text)

    def unjoined(self, offset: int) -> int:
        """Give the offset in the normal form of one in the joined text."""
        return offset + bisect.bisect_right(self._joints, offset)

    @cached_property
    def _joints(self) -> list[int]:
        """Give how far the joined text has come at each joint that it leaves out."""
        places = (match.start() for match in re.finditer("-", self.text))
        return [place - number for number, place in enumerate(places)]
