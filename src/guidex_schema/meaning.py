"""What annotations mean, remembered by how they are written."""

import re
from collections.abc import Set
from typing import NamedTuple

from guidex_schema.attribute_type import AttributeType

# Types that mean the same in every file that gives none of their words another meaning, by how they are written.
_MEANINGS: dict[str, tuple["Meaning", frozenset[str]]] = {}
_MEANINGS_LIMIT = 4096
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
# Characters of an annotation that is kept. Longer ones mostly list values, which no other file writes out.
_SHORT = 32


class Meaning(NamedTuple):
    """What an annotation states: a type, and every entity type that it mentions."""

    type: AttributeType
    mentioned: frozenset[str]


def recalled(text: str, words: Set[str]) -> Meaning | None:
    """Give what an annotation meant in another file, if it means the same in this one.

    Args:
        text: the annotation as it is written.
        words: every name that means something in this file only.
    """
    known = _MEANINGS.get(text)
    return known[0] if known is not None and known[1].isdisjoint(words) else None


def remember(text: str, meaning: Meaning, words: Set[str]) -> None:
    """Keep what an annotation means for other files, unless they will hardly write it or it is of this file only."""
    if len(text) > _SHORT:
        return
    of_text = frozenset(_WORD.findall(text))
    if of_text.isdisjoint(words):
        if len(_MEANINGS) >= _MEANINGS_LIMIT:
            _MEANINGS.clear()
        _MEANINGS[text] = meaning, of_text
