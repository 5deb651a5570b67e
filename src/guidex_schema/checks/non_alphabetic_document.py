"""More than 80 % of a document are no letters.

Tables of numbers, markup and rows of signs hold little that can be annotated, and teach nothing. Counted are the
characters of the document but for white space; vowel signs and other marks belong to their letters.

Source: IEPile, arXiv:2402.14710, section B.1, rule 1.
"""

import re
import string
import unicodedata
from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX504"
NAME = "non-alphabetic-document"
SEVERITY = Severity.WARNING

VALID = (
    Example(document="12 grams of salt"),
    Example(document="हिन्दी"),
    Example(document="a1234"),
    Example(document=""),
    Example(),
)

INVALID = (
    Example(
        document="| 12 | 3.5 | 18 | x |",
        part="document",
        message="only 1 of 13 characters is a letter; more than 80 % are none",
    ),
    Example(
        document="2026-11-21", part="document", message="none of 10 characters is a letter; more than 80 % are none"
    ),
)

_MOST = 0.8
_ASCII_LETTERS = string.ascii_letters.encode()
_LETTERS = re.compile(r"[^\W\d_]+")
# Of most documents less than a third has so many letters that they are a fifth of the whole.
_FIRST = 0.3


def check(subject: Subject) -> Iterator[Fault]:
    """Count the letters of the document."""
    document = subject.record.document or ""
    if _has_ascii_letters(subject.document_bytes, len(document) / 5):
        return
    characters = "".join(document.split())
    others = _LETTERS.sub("", characters)
    if len(others) <= _MOST * len(characters):
        return
    marks = sum(unicodedata.category(one).startswith("M") for one in others)
    letters = len(characters) - len(others) + marks
    if len(others) - marks > _MOST * len(characters):
        counted = f"only {letters:,}" if letters else "none"
        verb = "is a letter" if letters < 2 else "are letters"
        message = f"{counted} of {len(characters):,} characters {verb}; more than 80 % are none"
        yield Fault(rule=NAME, message=message, part="document")


def _has_ascii_letters(written: bytes, least: float) -> bool:
    """Say whether a document in UTF-8 has more ASCII letters than that."""
    return any(
        len(some) - len(some.translate(None, _ASCII_LETTERS)) > least
        for some in (written[: int(_FIRST * len(written))], written)
    )
