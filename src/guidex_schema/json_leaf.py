"""The leaf values of JSON, each with its path and the place where it is written."""

import json
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from guidex_schema.diagnostic import quoted
from guidex_schema.text import Span

# Deeper than anybody writes; the reader of Python's own library gives up at a depth that depends on the machine.
_DEEPEST = 32
_LONGEST_STEP = 80

# A number of so many digits is none that a text names.
_MOST_DIGITS = 400

# A string without an end is one to the end of the text, so that no text is read again and again.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},:]|[^\s"\[\]{},:]++', re.DOTALL)


class Leaf(NamedTuple):
    """A string, number, bool or null.

    Attributes:
        path: as in ``structure.people[0].name``.
        span: where it stands in the text, with its quotes.
    """

    path: str
    value: str | float | bool | None
    span: Span


def json_value(source: str) -> object:
    """Read JSON as RFC 8259 has it: no ``NaN``, no key twice, and nothing nested deeper than 32 times.

    Raises:
        ValueError: it is none (``json.JSONDecodeError``, which names the place), or cannot be read.
    """
    depth = 0
    for token in _TOKEN.finditer(source):
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
        if depth > _DEEPEST:
            raise json.JSONDecodeError(f"it is nested deeper than {_DEEPEST} times", source, token.start())
    return json.loads(source, object_pairs_hook=unique, parse_constant=_refuse, parse_int=_integer, parse_float=_number)


def json_leaves(source: str, root: str) -> Iterator[Leaf]:
    """Give the leaf values of JSON in their order.

    Args:
        source: what ``json_value`` reads.
        root: what paths start with.
    """
    path = [root]
    counts: list[int | None] = []
    key: str | None = None
    for token in _TOKEN.finditer(source):
        text = token[0]
        is_key = counts and counts[-1] is None and key is None
        if text in ("]", "}"):
            counts.pop()
            path.pop()
            key = None
        elif text == ",":
            key = None
            if counts[-1] is not None:
                counts[-1] += 1
        elif is_key and text != ":":
            key = json.loads(text)
        elif text != ":":
            step = "" if not counts else f"[{counts[-1]}]" if counts[-1] is not None else _step(key or "")
            if text in ("[", "{"):
                path.append(step)
                counts.append(0 if text == "[" else None)
                key = None
            else:
                yield Leaf("".join((*path, step)), json.loads(text), Span(start=token.start(), end=token.end()))


def trailing_commas(source: str) -> Iterator[int]:
    """Give the places of commas between a value and the end of its list or object, which JSON does not allow."""
    before, last = "", None
    for token in _TOKEN.finditer(source):
        if token[0] in ("]", "}") and last is not None and last[0] == "," and before not in ("[", "{", ",", ":"):
            yield last.start()
        before, last = last[0] if last is not None else "", token


def _step(key: str) -> str:
    return f".{key}" if key.isidentifier() and len(key) <= _LONGEST_STEP else f"[{key[:_LONGEST_STEP]!r}]"


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build an object; a key that stands twice makes it unreadable, since only one of its values would count."""
    content = dict(pairs)
    if len(content) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {quoted(key)} stands twice")
            seen.add(key)
    return content


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number has {len(digits):,} digits")
    return int(digits)


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"the number {quoted(text)} is too large")
    return value


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")
