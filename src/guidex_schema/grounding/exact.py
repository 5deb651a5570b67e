"""Where the very characters of a value stand, at the borders of tokens."""

from collections.abc import Iterator

from guidex_schema.grounding.border import SIGNS, is_border, is_sign
from guidex_schema.grounding.rewriting import Rewriting

# Beside an ASCII letter these make a border, and beside an ASCII digit those, whatever else stands there.
_OPENERS = frozenset(" (['\"\n“‘-/")
_CLOSERS = frozenset(" )]'\"\n-/,;:.!?")
_DIGIT_OPENERS = _OPENERS - {"'", "-"}
_DIGIT_CLOSERS = _CLOSERS - {"'", ",", "."}


def place(text: str, plain: Rewriting, needle: str, start: int = 0, end: int | None = None) -> int:
    """Give where the characters stand first, or next; nearly all that is asked of most values.

    Args:
        text: the document.
        plain: the document with its HTML entities read.
        needle: the value.
        start: the first offset that counts.
        end: the offset that the characters may not go beyond; the end of the document unless it is given.

    Returns:
        The offset in the document, or -1 if they do not stand there.
    """
    found = text.find(needle, start, end) if needle else -1
    if found < 0:
        return -1
    # Most values are words between spaces and punctuation: there nothing else has to be asked.
    first, last = needle[0], needle[-1]
    simple = plain.text is text and first.isalnum() and last.isalnum() and needle.isascii()
    openers = _OPENERS if first.isalpha() else _DIGIT_OPENERS
    closers = _CLOSERS if last.isalpha() else _DIGIT_CLOSERS
    while found >= 0:
        behind = found + len(needle)
        if simple and text[found - 1 : found] in openers and text[behind : behind + 1] in closers:
            return found
        if _stands_alone(plain, found, behind, signed=first in SIGNS and needle[1:2].isdecimal()):
            return found
        found = text.find(needle, found + 1, end)
    return -1


def places(text: str, plain: Rewriting, needle: str) -> Iterator[int]:
    """Give every offset at which the characters stand, in order."""
    found = place(text, plain, needle)
    while found >= 0:
        yield found
        found = place(text, plain, needle, found + 1)


def _stands_alone(plain: Rewriting, start: int, end: int, *, signed: bool) -> bool:
    """Say whether a stretch of the document has a border at both ends, as the reader of HTML entities sees them."""
    # In `caf&eacute;` no token ends behind the f.
    found = plain.target(start, end)
    if found is None or not (is_border(plain.text, found[0]) and is_border(plain.text, found[1])):
        return False
    return not signed or is_sign(plain.text, found[0])
