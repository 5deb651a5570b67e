"""The types of plainly written attributes, read from how they are written.

A tree of the annotation, and the reader of trees, are the authority (``guidex_schema.annotation``). What is read here
without them is what most attributes have: names, lists, optionals, and literals of a few words.
"""

import ast
import re
from collections.abc import Set
from typing import NamedTuple

from guidex_schema.annotation import LISTS, NAMED, Names, literal, read, reference, role
from guidex_schema.frozen import trusted
from guidex_schema.meaning import Meaning, recalled, remember
from guidex_schema.plain_statement import LEVELS, is_plain_type
from guidex_schema.schema import ListType, optional_of
from guidex_schema.syntax import parse

# Such words hold no call when they are parsed as a type; ``plain_statement`` has the same.
_VALUE = r"""(?:"[A-Za-z_ ]{0,40}"|'[A-Za-z_ ]{0,40}')"""
_LITERAL = re.compile(rf"Literal\[({_VALUE}(?:, *+{_VALUE})*)\]")
_QUOTES = ("'", '"')
# Brackets of one argument each, around a name, a name in quotes or the words of a Literal: what most annotations are.
_NAME = r"[A-Za-z_]\w*+"
_NESTED = re.compile(
    rf"((?:(?!Literal\[|Annotated\[){_NAME}\[)*)"
    rf"(?:({_NAME})|\"({_NAME})\"|'({_NAME})'|Literal\[{_VALUE}(?:, *+{_VALUE})*\])\]*+",
    re.ASCII,
)
_NO_NAMES = frozenset(("", "None", "True", "False"))
_NOTHING: frozenset[str] = frozenset()
_WORDS = re.compile(r"[\"']([A-Za-z_ ]*)[\"']")


class Named(NamedTuple):
    """The names in an annotation: those that are looked up where it stands, and those in quotes."""

    looked_up: Set[str]
    quoted: Set[str]


def named(text: str) -> Named | None:
    """Give the names in an annotation that ``meaning`` has read, or None where anything is unusual."""
    found = _NESTED.fullmatch(text)
    if found is None:
        return None
    heads, name, double, single = found.groups()
    quoted = double or single
    looked_up = {*heads.split("["), name or ("" if quoted else "Literal")}
    return Named(looked_up - _NO_NAMES, {quoted} if quoted else _NOTHING)


def meaning(text: str, names: Names) -> Meaning | None:
    """Read an annotation.

    Args:
        text: the annotation as it is written: ASCII, on one line, without brackets that are round.
        names: what the names of the file stand for: there are only entity types.

    Returns:
        What the authority reads, or None where anything is unusual.
    """
    known = recalled(text, names.words)
    if known is not None:
        return known
    found = _spelled(text, names.entity_types, LEVELS)
    if found is None:
        return _parsed(text, names)
    if not found.mentioned:
        remember(text, found, names.words)
    return found


def _spelled(text: str, entity_types: frozenset[str], levels: int) -> Meaning | None:
    # What is quoted may be a name.
    name = text[1:-1] if text[:1] == text[-1:] in _QUOTES else text
    if name in entity_types:
        return Meaning(reference(name), frozenset((name,)))
    if text[-1:] != "]":
        known = NAMED.get(text)
        return None if known is None else Meaning(known, _NOTHING)
    head, _, inside = text[:-1].partition("[")
    if (head == "Optional" or head in LISTS) and levels > 0:
        held = _spelled(inside, entity_types, levels - 1)
        if held is None:
            return None
        of = held.type
        found = optional_of(of) if head == "Optional" else trusted(ListType, {"kind": "list", "of": of})
        return Meaning(found, held.mentioned)
    values = _LITERAL.fullmatch(text)
    return None if values is None or "await" in text else Meaning(literal(_WORDS.findall(values[1])), _NOTHING)


def _parsed(text: str, names: Names) -> Meaning | None:
    match parse(f"x: {text}"):
        case ast.Module(body=[ast.AnnAssign(annotation=annotation, value=None)]):
            is_field = role(annotation) in ("field", "argument")
            return read(annotation, names, text) if is_field and is_plain_type(annotation) else None
        case _:
            return None
