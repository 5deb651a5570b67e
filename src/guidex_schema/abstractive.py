"""Abstractive attributes: what they hold describes the document and need not stand in it."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError
from guidex_schema.schema import Schema

# As fnmatch reads them: a closing bracket that comes first is one of the characters.
_BRACKETS = re.compile(r"\[!?+\]?+[^\]]*+\]")


def patterns(written: Iterable[str]) -> tuple[str, ...]:
    """Give patterns of attributes as settings name them, once they are seen to be such.

    Args:
        written: each an entity type, a dot and an attribute; on both sides ``*``, ``?`` and ``[abc]`` are wildcards.

    Raises:
        UsageError: a pattern has not exactly one dot, nothing on one side of it, or half a pair of brackets.
    """
    found = tuple(written)
    for pattern in found:
        if pattern.count(".") != 1 or not all(pattern.split(".")):
            raise UsageError(
                f"abstractive: {quoted(pattern)} names no attribute; a pattern is an entity type, a dot and an "
                "attribute, as in `Finding.summary` or `*.description`"
            )
        if any(set(_BRACKETS.sub("", side)) & set("[]") for side in pattern.split(".")):
            raise UsageError(f"abstractive: {quoted(pattern)} has a bracket without its other half, as in `[abc]`")
    return found


def matches_any(abstractive: Iterable[str], schema: Schema, entity_type: str, attribute: str) -> bool:
    """Say whether a pattern names an attribute of an entity type, by the type's own name or that of an ancestor."""
    lineage = schema.lineage(entity_type)
    sides = (pattern.split(".") for pattern in abstractive)
    return any(
        fnmatchcase(attribute, wanted) and any(fnmatchcase(name, holder) for name in lineage)
        for holder, wanted in sides
    )
