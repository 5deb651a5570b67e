"""More than 80 % of the words of a document are stop words of one language.

Menus, lists of links and cut-off sentences are made of words such as "the", "to" and "of": there is nothing to
annotate. Words are told as in definitions; fewer than five tell no language, and languages without a list of stop
words are passed over.

Source: IEPile, arXiv:2402.14710, section B.1, rule 3; the lists are those of the package stop-words.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.vocabulary import ascii_words, has_ascii_lower, words

CODE = "GX506"
NAME = "stop-word-document"
SEVERITY = Severity.WARNING

VALID = (
    Example(document="Ada Lovelace wrote the first program for the Analytical Engine."),
    Example(document="Will may be."),
    Example(document=""),
    Example(),
)

INVALID = (
    Example(
        document="Here you are, and there it is: more of this and that.",
        part="document",
        message="12 of 12 words are stop words of English; more than 80 % are",
    ),
    Example(
        document="Das ist es, und wir haben es nicht.",
        part="document",
        message="8 of 8 words are stop words of German; more than 80 % are",
    ),
)

_MOST = 0.8
_LEAST = 5
# How many words are looked up before it is asked whether there are enough.
_BLOCK = 128


def check(subject: Subject) -> Iterator[Fault]:
    """Count the stop words of the language that has most of them."""
    # Guidelines alone are linted without a document, and without the words of any language.
    if not subject.record.document or _says_enough(subject):
        return
    found = words(subject.record.document)
    most = _MOST * len(found)
    # Hardly any document comes so far that each language has to be tried.
    if len(found) < _LEAST or sum(word in _all_stop_words() for word in found) <= most:
        return
    counts = {name: sum(word in stop_words for word in found) for name, stop_words in _stop_words().items()}
    language = max(counts, key=lambda name: counts[name])
    if counts[language] > most:
        counted = f"{counts[language]:,} of {len(found):,} words are stop words of {language.capitalize()}"
        yield Fault(rule=NAME, message=f"{counted}; more than 80 % are", part="document")


def _says_enough(subject: Subject) -> bool:
    """Say whether more than a fifth of the words can be no stop words: most documents are told by their beginning.

    Words are taken for more than they are, and runs of ASCII letters that stand in no stop word for fewer words: each
    word has a run, or a character that is not ASCII, or, not yet read, a sign or the end of the document behind it; an
    apostrophe parts one word into two runs, and so does what is not ASCII.
    """
    if has_ascii_lower(subject.record.document or ""):
        return False
    first, later = subject.document_portions
    doubt = first.doubtful
    found = len(first.words) + doubt
    told = _told(first.words, (found + later.gaps + 1 + later.doubtful) / 5 + doubt)
    if told is None:
        return True
    doubt += later.doubtful
    found += len(later.words) + later.doubtful
    return _told(later.words, found / 5 + doubt - told) is None


def _told(found: Sequence[bytes], wanted: float) -> int | None:
    """Count the runs that stand in no stop word; None where there are more than are wanted."""
    known = _runs_of_stop_words()
    told = 0
    for start in range(0, len(found), _BLOCK):
        told += len([1 for run in found[start : start + _BLOCK] if run not in known])
        if told > wanted:
            return None
    return told


@cache
def _runs_of_stop_words() -> frozenset[bytes]:
    """Give the runs of ASCII letters in the stop words of any language; the words themselves are not kept for them."""
    # A copy of a set takes half the room of one that grew, and is looked up in faster.
    return frozenset({run for _, listed in _lists() for word in listed for run in ascii_words(word)})


@cache
def _stop_words() -> Mapping[str, frozenset[str]]:
    """Give the stop words of each language by its English name."""
    return {name: frozenset(listed) for name, listed in _lists()}


def _lists() -> Iterator[tuple[str, Sequence[str]]]:
    # Read where the first document is looked at: other commands need no lists.
    import stop_words

    return ((name, stop_words.get_stop_words(name, cache=False)) for name in stop_words.AVAILABLE_LANGUAGES)


@cache
def _all_stop_words() -> frozenset[str]:
    return frozenset().union(*_stop_words().values())
