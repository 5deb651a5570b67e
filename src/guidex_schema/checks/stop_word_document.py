"""More than 80 % of the words of a document are stop words of one language.

Menus, lists of links and cut-off sentences are made of words such as "the", "to" and "of": there is nothing to
annotate. Words are told as in definitions; fewer than five tell no language, and languages without a list of stop
words are passed over.

Source: IEPile, arXiv:2402.14710, section B.1, rule 3; the lists are those of the package stop-words.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.vocabulary import words

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


def check(subject: Subject) -> Iterator[Fault]:
    """Count the stop words of the language that has most of them."""
    found = words(subject.record.document or "")
    most = _MOST * len(found)
    # Hardly any document comes so far that each language has to be tried.
    if len(found) < _LEAST or sum(word in _all_stop_words() for word in found) <= most:
        return
    counts = {name: sum(word in stop_words for word in found) for name, stop_words in _stop_words().items()}
    language = max(counts, key=lambda name: counts[name])
    if counts[language] > most:
        counted = f"{counts[language]:,} of {len(found):,} words are stop words of {language.capitalize()}"
        yield Fault(rule=NAME, message=f"{counted}; more than 80 % are", part="document")


@cache
def _stop_words() -> Mapping[str, frozenset[str]]:
    """Give the stop words of each language by its English name."""
    # Read where the first document is looked at: other commands need no lists.
    import stop_words

    return {name: frozenset(stop_words.get_stop_words(name)) for name in stop_words.AVAILABLE_LANGUAGES}


@cache
def _all_stop_words() -> frozenset[str]:
    return frozenset().union(*_stop_words().values())
