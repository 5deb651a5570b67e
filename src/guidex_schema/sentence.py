"""Sentences: where they end, and whether a text is more than one."""

import re
from collections.abc import Iterable, Iterator

# What ends in a full stop that ends no sentence; one letter, letters with stops inside and ordinals do so as well.
_ABBREVIATIONS = frozenset(
    "adm al approx apr art assn assoc aug ave bd bldg blvd bros ca capt cf ch chap cie cmdr co col comdr corp cpl dec "
    "dept dipl dist div dr ed eds est etc ext feb fig figs fr fri ft gen gov govt hon hr inc ing inst int intl jan jr "
    "jul jun lt ltd maj mar max messrs min mlle mme mon mr mrs ms msgr mt mtn nat natl no nos nov nr oct op ph pl pp "
    "pres prof pt pvt rd rep reps res rev sat sect sen sens sep sept sgt sr st sta ste str sun supt sq tel thu thurs "
    "tue tues univ viz vol vols vs wed".split()
)
# Ends in scripts with capitals; the letter behind decides. Possessive, so that no run of marks is read twice.
_END = re.compile(r"(?<![.!?])[.!?]++[\"'”’»)\]]*+\s++[\"'“‘„«(\[¿¡]*+(?=(\w))")
_OPENING = "\"'“‘„«([¿¡"
_DANDA_END = re.compile(r"[।؟۔]++\s*+")
_WIDE_END = re.compile(r"[。！？｡]++[」』”’）]*+\s*+")
# Without one of the marks that those begin with no sentence ends.
_MARK = re.compile(r"[.!?।؟۔。！？｡]")
_LAST_WORD = re.compile(r"[\w.]+\Z")
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_LETTER = re.compile(r"[^\W\d_]")
_LONGEST_WORD = 40

# A mention names something in a few words.
_LONGEST_MENTION = 200


def is_several(text: str) -> bool:
    """Say whether a text goes on after the end of a sentence, with at least two words on either side.

    The end is a stop, exclamation or question mark before a capital, or a mark of Chinese, Japanese, Hindi, Arabic or
    Urdu; the stop of an abbreviation, an initial or an ordinal is none. Chinese and Japanese words are counted by
    their letters.
    """
    if not _MARK.search(text):
        return False
    found = [*_capital_ends(text), *_DANDA_END.finditer(text)]
    return _parts(text, found, _WORD) or _parts(text, _WIDE_END.finditer(text), _LETTER)


def ends(text: str) -> list[int]:
    """Give where sentences end, with the white space behind them, as ``is_several`` sees it; in order."""
    found = (*_capital_ends(text), *_DANDA_END.finditer(text), *_WIDE_END.finditer(text))
    # What opens the next sentence belongs to that.
    return sorted({end.start() + len(end[0].rstrip(_OPENING)) for end in found})


def _capital_ends(text: str) -> Iterator[re.Match[str]]:
    """Give the ends of sentences in scripts that have capitals."""
    return (end for end in _END.finditer(text) if _is_capital(end[1]) and not _is_abbreviated(text, end))


def _parts(text: str, ends: Iterable[re.Match[str]], unit: re.Pattern[str]) -> bool:
    """Say whether one of these ends has at least two units before and behind it."""
    units = [found.span() for found in unit.finditer(text)]
    if len(units) < 4:
        return False
    second, last_but_one = units[1][1], units[-2][0]
    return any(second <= end.start() and end.end() <= last_but_one for end in ends)


def _is_capital(letter: str) -> bool:
    return letter.isupper() or letter.istitle()


def _is_abbreviated(text: str, end: re.Match[str]) -> bool:
    """Say whether the stop belongs to the word before it."""
    if not text.startswith(".", end.start()) or text.startswith((".", "!", "?"), end.start() + 1):
        return False
    word = _LAST_WORD.search(text, max(end.start() - _LONGEST_WORD, 0), end.start())
    if word is None:
        return False
    last = word[0].casefold()
    return last in _ABBREVIATIONS or "." in last or len(last) == 1 or (last.isdecimal() and len(last) <= 2)


def excess(text: str, longest: int = _LONGEST_MENTION) -> str:
    """Say what is too much of a string for a mention, or nothing; white space counts as one character."""
    length = len(" ".join(text.split())) if len(text) > longest else 0
    if length > longest:
        return f"has {length:,} characters, more than {longest:,}"
    return "is more than one sentence" if is_several(text) else ""
