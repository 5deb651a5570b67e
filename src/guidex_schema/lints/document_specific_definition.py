"""A definition or description quotes the document of its row.

A type's guidelines have to hold for other documents of the domain. What is copied out of one document, a long piece of
its wording or a name of several words, ties them to it, and tells a model the answer that it should extract. Names
given as examples or in quotes, and those that the types themselves bear, are left alone.

Source: GuideX, arXiv:2506.00649 (guidelines are generated for a domain from one of its documents); project decision.
"""

import re
import string
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import groupby

from guidex_schema.definitions import Definition, Description, called, place, prose, texts
from guidex_schema.diagnostic import quoted
from guidex_schema.grounding.lexicon import FUNCTION_WORDS
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.vocabulary import (
    EXAMPLES,
    ascii_runs,
    ascii_words,
    has_ascii_lower,
    is_letter,
    unit_texts,
    units,
)

CODE = "GX116"
NAME = "document-specific-definition"
SEVERITY = Severity.WARNING

_DOCUMENT = (
    "The Shire of Gordon was proclaimed in May 1885. The town has a date of birth, and the name of the person who "
    "founded it is known. There is a growing interest in the old language of the northern hills today. "
    "两家公司在去年六月共同修建了通往北部矿区的铁路。"
)


def _row(definition: str, name: str = "Town", description: str = "the name") -> str:
    return f'class {name}:\n    """{definition}"""\n    mention: str  # {description}\n'


VALID = (
    Example(guidelines=_row("The Shire of Gordon as a whole.")),
    Example(document=_DOCUMENT, guidelines=_row("A town, and the name of the person who founded it.")),
    Example(document=_DOCUMENT, guidelines=_row("A shire, such as the Shire of Gordon; not 'Shire of Gordon Club'.")),
    Example(document=_DOCUMENT, guidelines=_row("A Shire that may or may not be Gordon.")),
    Example(document=_DOCUMENT, guidelines=_row("What the Shire of Gordon is for us.", name="ShireOfGordon")),
    Example(document=_DOCUMENT, guidelines=_row("两家公司共同修建的铁路。")),
    Example(document="", guidelines=_row("The Shire of Gordon as a whole.")),
)


def _invalid(guidelines: str, path: str, at: str, message: str) -> Example:
    return Example(document=_DOCUMENT, guidelines=guidelines, path=path, at=at, part="guidelines", message=message)


INVALID = (
    _invalid(
        _row("The history of the Shire of Gordon."),
        "Town",
        "Shire of Gordon",
        "the definition of the class holds a name of the row's document: `Shire of Gordon`; it has to hold for others",
    ),
    _invalid(
        'class Town:\n    """A town."""\n    # A town of the Shire\n    # of Gordon that is marked\n    mention: str\n',
        "Town.mention",
        "Shire\n    # of Gordon",
        "the description of the attribute holds a name of the row's document: `Shire of Gordon`; it has to hold for "
        "others",
    ),
    _invalid(
        _row("Describes a growing interest in\n    the old language of  the Northern Hills."),
        "Town",
        "a growing interest in\n    the old language of  the Northern Hills",
        "the definition of the class repeats the row's document: `a growing interest in the old language of the "
        "Northern Hills`; it has to hold for others",
    ),
    _invalid(
        _row("A town.", description="说明两家公司在去年六月共同修建了通往北部矿区的铁路的情况"),
        "Town.mention",
        "两家公司在去年六月共同修建了通往北部矿区的铁路",
        "the description of the attribute repeats the row's document: "
        "`两家公司在去年六月共同修建了通往北部矿区的铁路`; it has to hold for others",
    ),
)

# So many words in a row, and content words among them, no two authors choose by chance.
_LEAST_WORDS = 8
_LEAST_CONTENT = 4
_GRAM = 6
_NO_CAPITALS = bytes({*range(1, 256)} - {*string.ascii_uppercase.encode()})
_IN_QUOTES = re.compile(r"\"[^\"\n]*\"|(?<!\w)'[^'\n]*'(?!\w)|“[^”\n]*”|‘[^’\n]*’|«[^»\n]*»|`[^`\n]*`|「[^」\n]*」")
_SENTENCE_END = re.compile(r"[.!?]\s+(?=[^\W\d_a-z])|\n\s*\n|$")
_SENTENCE_START = re.compile(r"[.!?:|]|\n\s*\n")
_PARTICLES = frozenset("of the de du des del della di da do dos la le van von der den al el bin ibn y".split())
_LONGEST_NAME = 8


def check(subject: Subject) -> Iterator[Fault]:
    """Compare all that is said of types and attributes with the document."""
    if not subject.record.document:
        return
    guideline = subject.guideline
    doubtful = _doubtful(texts(guideline), subject.record.document, subject.document_words)
    if not doubtful:
        return
    document = unit_texts(subject.record.document)
    shared = _shared(doubtful, document)
    names = _shared_names(doubtful, document, guideline)
    for said in prose(guideline):
        if said.text not in doubtful:
            continue
        fault = _fault(guideline, said, shared, names)
        if fault is not None:
            yield fault


def _doubtful(said: Sequence[str], document: str, document_words: Sequence[bytes]) -> Set[str]:
    """Give the texts that may quote a document or hold a name; of most a look at their ASCII letters rules it out.

    A name has two capitals. A few words of ASCII have as many runs of letters at least: where the document has them,
    it has three of the runs together at one of the places that are looked at.
    """
    if has_ascii_lower(document):
        return set(said)
    whole = "\0".join(said).encode("utf-8", "surrogatepass")
    capitals = whole.translate(None, _NO_CAPITALS).split(b"\0")
    if len(capitals) > len(said):
        return set(said)
    found = {text for text, own in zip(said, capitals, strict=True) if len(own) > 1}
    if not whole.isascii():
        found.update(text for text in said if not text.isascii())
    runs = ascii_runs(whole)
    grams = set(zip(runs, runs[1:], runs[2:], strict=False))
    step = _GRAM - 2
    places = grams.intersection(
        zip(document_words[::step], document_words[1::step], document_words[2::step], strict=False)
    )
    if places:
        line = b" %s " % b" ".join(document_words)
        if _may_quote(runs, places, line):
            found.update(text for text in said if _may_quote(ascii_words(text), places, line))
    return found


def _may_quote(runs: Sequence[bytes], places: Set[tuple[bytes, ...]], document: bytes) -> bool:
    """Say whether the document has a few runs of a text in a row, with three of them at one of the places."""
    return len(runs) >= _LEAST_WORDS and any(
        b" %s " % b" ".join(runs[start : start + _GRAM]) in document
        for number, gram in enumerate(zip(runs, runs[1:], runs[2:], strict=False))
        if gram in places
        for start in range(max(number + 3 - _GRAM, 0), min(number, len(runs) - _GRAM) + 1)
    )


def _fault(
    guideline: Guideline, said: Definition | Description, shared: Set[tuple[str, ...]], names: Set[str]
) -> Fault | None:
    piece = _longest_quotation(said.text, shared)
    verb = "repeats the row's document"
    if piece is None:
        piece = next((name for name in _names(said.text) if name in names), None)
        verb = "holds a name of the row's document"
    if piece is None:
        return None
    return Fault(
        rule=NAME,
        message=f"the {called(said)} {verb}: {quoted(piece)}; it has to hold for others",
        part="guidelines",
        span=place(guideline, piece, said),
        path=said.path,
    )


def _grams(found: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    return zip(*(found[start:] for start in range(length)), strict=False)


def _lower(text: str) -> list[str]:
    return [unit.lower() for unit in unit_texts(text)]


def _shared(texts: Iterable[str], document: Sequence[str]) -> Set[tuple[str, ...]]:
    """Give the runs of a few words that the texts have in common with the document."""
    written = {gram for text in texts for gram in _grams(_lower(text), _GRAM)}
    return written.intersection(_grams([unit.lower() for unit in document], _GRAM))


def _longest_quotation(text: str, shared: Set[tuple[str, ...]]) -> str | None:
    """Give the longest piece of a text whose every run of a few words stands in the document, if it is long."""
    grams = list(_grams(_lower(text), _GRAM))
    found = list(units(text))
    longest = 0.0
    piece = None
    for is_shared, run in groupby(range(len(grams)), lambda number: grams[number] in shared):
        numbers = list(run)
        quotation = found[numbers[0] : numbers[-1] + _GRAM]
        if is_shared and _LEAST_WORDS <= _length(quotation) > longest and _content(quotation) >= _LEAST_CONTENT:
            longest = _length(quotation)
            piece = text[quotation[0].start() : quotation[-1].end()]
    return piece


def _length(quotation: Sequence[re.Match[str]]) -> float:
    """Count the words; a letter of a script without spaces is half a word."""
    return sum(0.5 if is_letter(unit[0]) else 1 for unit in quotation)


def _content(quotation: Sequence[re.Match[str]]) -> float:
    return _length([unit for unit in quotation if unit[0].lower() not in FUNCTION_WORDS])


def _shared_names(texts: Iterable[str], document: Sequence[str], guideline: Guideline) -> Set[str]:
    """Give the names in the texts that the document has as well, but for those of the types."""
    types = " ".join(map(_joined, inventory(guideline).class_names))
    names = {tuple(name.split()): name for text in texts for name in _names(text)}
    wanted = {parts for parts in names if _joined("".join(parts)) not in types}
    lengths = {len(parts) for parts in wanted}
    return {names[parts] for length in lengths for parts in _grams(document, length) if parts in wanted}


def _joined(name: str) -> str:
    return name.replace("_", "").lower()


def _names(text: str) -> Iterator[str]:
    """Give the names of several words in a text: words with a capital, and particles between them."""
    bare = _IN_QUOTES.sub(" | ", _without_examples(text))
    pending: list[str] = []
    end = 0
    for found in units(bare):
        gap = bare[end : found.start()]
        has_capital = found[0][:1].isupper()
        if pending and not (gap.isspace() and (has_capital or found[0] in _PARTICLES)):
            yield from _name(pending)
            pending = []
        # The capital of the first word of a sentence says nothing.
        if pending or (has_capital and end > 0 and not _SENTENCE_START.search(gap)):
            pending.append(found[0])
        end = found.end()
    yield from _name(pending)


def _name(written: list[str]) -> Iterator[str]:
    while written and written[-1] in _PARTICLES:
        written.pop()
    if 2 <= len(written) <= _LONGEST_NAME and sum(unit[:1].isupper() for unit in written) >= 2:
        yield " ".join(written)


def _without_examples(text: str) -> str:
    """Leave out what follows the words that introduce examples, to the end of the sentence."""
    kept = []
    start = 0
    for found in EXAMPLES.finditer(text):
        if found.start() >= start:
            kept.append(text[start : found.start()])
            ending = _SENTENCE_END.search(text, found.end())
            start = ending.end() if ending is not None else len(text)
    return " | ".join([*kept, text[start:]])
