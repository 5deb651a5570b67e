"""English words that differ by inflection only: accepts and accepting, not organ and organization."""

from collections.abc import Callable
from functools import cache, lru_cache

from guidex_schema.grounding.lexicon import IRREGULAR

_ENDINGS = frozenset(("", "s", "es", "d", "ed", "ing", "e", "y", "ies", "ied", "ying", "ie"))
# Past and paste, humans and humane.
_OTHER_WORDS = ({"", "e"}, {"e", "s"})
_APART = tuple(
    set(pair.split("/"))
    for pair in "good/goods custom/customs mean/means unit/united cloth/clothing cloth/clothes arm/arms new/news "
    "minute/minutes secret/secreted final/finals economic/economics general/generals".split()
)
_PLURALS: dict[str, set[str]] = {}
for _plural, _singular in IRREGULAR.items():
    _PLURALS.setdefault(_singular, set()).add(_plural)


@lru_cache(maxsize=1 << 12)
def inflects(one: str, other: str) -> bool:
    """Say whether two words in lower case are forms of one word.

    The same stem is not enough: Snowball's stem of ``university`` is that of ``universe``.

    Source:
        Porter, *Snowball: a language for stemming algorithms* (2001); the English stemmer (Porter 2).
    """
    if one == other:
        return True
    if not (one.isascii() and one.isalpha() and other.isascii() and other.isalpha()):
        return False
    # `lives` is more than one `life`.
    return any(_is_regular(a, b) for a in {one, IRREGULAR.get(one, one)} for b in {other, IRREGULAR.get(other, other)})


def _is_regular(one: str, other: str) -> bool:
    if one == other:
        return True
    shared = _shared(one, other)
    endings = {_undoubled(one, shared), _undoubled(other, shared)}
    # Stemming costs most and comes last.
    return (
        endings <= _ENDINGS and endings not in _OTHER_WORDS and {one, other} not in _APART and stem(one) == stem(other)
    )


def _shared(one: str, other: str) -> str:
    length = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return min(one, other, key=len) if length is None else one[:length]


def _undoubled(word: str, shared: str) -> str:
    """Give what follows the shared part, without the consonant that stopped doubles."""
    ending = word[len(shared) :]
    return ending[1:] if shared and ending[:1] == shared[-1] and ending[1:] in ("ed", "ing") else ending


@lru_cache(maxsize=1 << 12)
def beginnings(word: str) -> tuple[str, ...]:
    """Give strings such that every form of a word begins with one of them."""
    if not (word.isascii() and word.isalpha()):
        return (word,)
    singular = IRREGULAR.get(word, word)
    forms = {word, singular} | _PLURALS.get(singular, set())
    return tuple(sorted({_beginning(form) for form in forms}))


def _beginning(word: str) -> str:
    shared = _shared(stem(word), word)
    # Tied and tying share less than the stem tie.
    cut = 2 if shared.endswith("ie") and len(shared) > 2 else shared[-1:] in ("e", "i", "y") and len(shared) > 1
    return shared[: len(shared) - cut]


@lru_cache(maxsize=1 << 12)
def stem(word: str) -> str:
    """Give the stem of an English word in lower case."""
    return _stem()(word)


@cache
def _stem() -> Callable[[str], str]:
    import Stemmer

    # What is stemmed is remembered here already.
    stem_word: Callable[[str], str] = Stemmer.Stemmer("english", maxCacheSize=0).stemWord
    return stem_word
