"""What may stand between the contents of a phrase, and beside them, where a value has something else."""

from collections.abc import Sequence

from guidex_schema.grounding.lexicon import ARTICLES, LINKS, NEGATIONS, RELATIONS
from guidex_schema.grounding.term import Author, Content, FunctionWord, Word

_SOFT_MARKS = frozenset(",:()[]/،、，-")


def difference(wanted: Sequence[FunctionWord], found: Sequence[FunctionWord]) -> int | None:
    """Count the function words that differ; None where one stands in place of another: to London, from London.

    Only articles may be exchanged, and `by` neither comes nor goes: it tells who does from whom it is done to.
    """
    dropped, added = _differing(wanted, found)
    if (dropped and added and not ARTICLES.issuperset(dropped + added)) or "by" in dropped + added:
        return None
    return len(dropped) + len(added)


def _differing(wanted: Sequence[FunctionWord], found: Sequence[FunctionWord]) -> tuple[list[str], list[str]]:
    dropped, added = [word.text for word in wanted], []
    for word in found:
        if word.text in dropped:
            dropped.remove(word.text)
        else:
            added.append(word.text)
    return dropped, added


def is_replaced(links: Sequence[FunctionWord], beside: Sequence[Content]) -> bool:
    """Say whether a content word does what a word of the value should: without reservation, with reservation."""
    texts = {word.text for word in beside if isinstance(word, Word)}
    linked = any(word.text in LINKS for word in links)
    return not (RELATIONS if linked else NEGATIONS).isdisjoint(texts)


def is_swapped(wanted: Sequence[FunctionWord], found: Sequence[FunctionWord]) -> bool:
    """Say whether beside the contents another word of the same kind stands: from for to, they for we."""
    dropped, added = ({word for word in words if word not in ARTICLES} for words in _differing(wanted, found))
    return bool((dropped & LINKS and added & LINKS) or (dropped - LINKS and added - LINKS))


def allows(marks: str, wanted: str, beside: tuple[Content, Content], author: Author) -> bool:
    """Say whether the document's punctuation keeps two contents in one passage."""
    found = set(marks) - set(wanted) - set(" '")
    before, after = beside
    if isinstance(before, Word) and before.is_abbreviated:
        found.discard(".")
    # Portland, Oregon is one place; the commas of a list part what they stand between.
    return found <= _SOFT_MARKS and (found <= {"-"} or author(after.start, after.end)[:1].isupper())


def links_names(
    wanted: Sequence[FunctionWord],
    found: Sequence[FunctionWord],
    marks: str,
    beside: tuple[Content, Content],
    author: Author,
) -> bool:
    """Say whether a link that comes or goes makes two of one, or turns who does what to whom.

    Paul and Simon for Paul Simon, Paris to London for Paris, London, sold Lenovo for sold to Lenovo.
    """
    dropped, added = _differing(wanted, found)
    before, after = (author(one.start, one.end)[:1].isupper() for one in beside)
    if "," in marks:
        return not LINKS.isdisjoint(added) and not {"and", "or"}.issuperset(added)
    return (before and after and not {"and", "or"}.isdisjoint(added)) or (after and "to" in dropped + added)
