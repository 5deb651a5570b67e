"""Passages: a document as the pieces that a value may be made of."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from guidex_schema import sentence
from guidex_schema.generation.grammar.literal import has_surrogate
from guidex_schema.grounding import GroundedDocument
from guidex_schema.grounding.border import IGNORED

_PARAGRAPH_END = re.compile(r"\n[ \t\r]*\n|[\v\f\u2029]")


class Piece(NamedTuple):
    """A token of the document, and the blanks before it that belong to a value which goes on to it."""

    gap: str
    token: str

    def __len__(self) -> int:
        return len(self.gap) + len(self.token)


Passage = tuple[Piece, ...]


class _Chunk(NamedTuple):
    """What stands between two borders.

    Attributes:
        starts: a value may begin with it.
    """

    text: str
    starts: bool


def passages(document: GroundedDocument, characters: int) -> tuple[Passage, ...]:
    """Give stretches of a document, of which every run from one token to another is found in it exactly.

    None holds the end of a sentence or a paragraph inside, half a surrogate pair, or more characters than it may. A
    sentence with more is given as passages that overlap by half of that, so a value up to half as long is never lost.
    Where no value may start, as before the dash of 1990-95, two tokens are one piece, and what stands before them is
    given once more, for a value that ends there.
    """
    found: dict[Passage, None] = {}
    for chunks in _sentences(document):
        for passage in _joined(chunks):
            found.update(dict.fromkeys(_windows(passage, characters)))
    return tuple(found)


def _sentences(document: GroundedDocument) -> Iterator[list[_Chunk]]:
    """Cut a document at its borders, and its chunks where sentences and paragraphs end."""
    text = document.text
    ends = {*sentence.ends(text), *(found.end() for found in _PARAGRAPH_END.finditer(text))}
    chunks: list[_Chunk] = []
    start, starts = 0, True
    for border, starts_next in (*document.borders(), (len(text), True)):
        chunk = _Chunk(text[start:border], starts)
        if has_surrogate(chunk.text):
            yield chunks
            chunks = []
        else:
            chunks.append(chunk)
        if border in ends:
            yield chunks
            chunks = []
        start, starts = border, starts_next
    yield chunks


def _joined(chunks: Sequence[_Chunk]) -> Iterator[Passage]:
    """Make pieces of chunks: blanks go to what follows them, and so does what no value may start with."""
    whole: list[Piece] = []
    before = 0
    gap = ""
    for chunk in chunks:
        if _is_blank(chunk.text):
            gap += chunk.text
            continue
        if chunk.starts:
            whole.append(Piece(gap, chunk.text))
        elif whole:
            yield tuple(whole[before:])
            last = whole.pop()
            before = len(whole)
            whole.append(Piece(last.gap, last.token + gap + chunk.text))
        gap = ""
    yield tuple(whole)


def _is_blank(text: str) -> bool:
    """Say whether nobody would see a value of these characters."""
    return all(char.isspace() or char in IGNORED or not char.isprintable() for char in text)


def _windows(passage: Passage, characters: int) -> Iterator[Passage]:
    """Cut a passage into overlapping ones that are short enough."""
    start = end = length = 0
    while start < len(passage):
        while end < len(passage) and length + len(passage[end]) <= characters:
            length += len(passage[end])
            end += 1
        if end > start:
            yield passage[start:end]
        if end == len(passage):
            return
        if end == start:
            # A token that is too long by itself.
            start, end, length = start + 1, start + 1, 0
            continue
        # The next one begins in the middle, and reaches further than this one.
        half = length // 2
        while start < end and length > min(half, characters - len(passage[end])):
            length -= len(passage[start])
            start += 1
