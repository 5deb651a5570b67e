"""Hypothesis strategies for labels: values as Python source in many styles, each with what it means."""

import ast
import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from hypothesis import strategies as st

# What a value means, without places: ("text", "Ada"), ("list", (...)), ("call", "Person", positional, keyword).
Meaning: TypeAlias = tuple[object, ...]

CLASSES = ("Person", "Event", "Ärztin", "dict", "Role")
ENUMS = ("Role",)
NAMES = ("name", "birth_date", "größe", "class_", "self", "_x", "print")


class Written(NamedTuple):
    """A value, and one way to write it."""

    source: str
    meaning: Meaning


characters = st.characters(exclude_categories=["Cs"])
texts = st.text(characters, max_size=8) | st.text(
    st.sampled_from("ab\"'\\\n\r\t\0 {}[](),#=“”’é日😀\u202e"), max_size=8
)


# What may stand in labels as an escape only.
_DECEIVING = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def _verbatim(text: str, quote: str) -> str:
    """Write a text with as few escapes as it may have between these quotes."""
    escaped = text.replace("\\", "\\\\").replace(quote[0], "\\" + quote[0])
    escaped = _DECEIVING.sub(lambda match: f"\\u{ord(match.group()):04x}", escaped)
    return quote + (escaped if len(quote) == 3 else escaped.replace("\n", "\\n")) + quote


def _escaped(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


def _raw(text: str) -> str:
    unsafe = bool(set(text) & set('"\\\n')) or bool(_DECEIVING.search(text))
    return _verbatim(text, '"') if unsafe else f'r"{text}"'


_STYLES: tuple[Callable[[str], str], ...] = (
    repr,
    ascii,
    _escaped,
    _raw,
    lambda text: _verbatim(text, "'"),
    lambda text: _verbatim(text, '"'),
    lambda text: _verbatim(text, '"""'),
    lambda text: "u" + _verbatim(text, "'"),
)
_pieces = st.lists(st.tuples(texts, st.sampled_from(_STYLES)), min_size=1, max_size=3)
_glues = st.sampled_from([" ", "\n  ", " + ", "+"])
_commas = st.sampled_from([",", ", ", " , ", ",\n    ", ',  # a comment, "with [signs\n', ",\r\n"])
_ends = st.sampled_from(["", ",", "\n"])
_equals = st.sampled_from(["=", " = "])
_callees = st.sampled_from([*CLASSES, "Unknown", "_Hidden", "result"])
_keywords = st.sampled_from(NAMES)


@st.composite
def strings(draw: st.DrawFn) -> Written:
    """Write one string, perhaps in pieces side by side or added."""
    pieces = draw(_pieces)
    literals = [style(text) for text, style in pieces]
    return Written(draw(_glues).join(literals), ("text", "".join(text for text, _ in pieces)))


def _numbers() -> st.SearchStrategy[Written]:
    integers = st.integers(-(2**256) + 1, 2**256 - 1)
    floats = st.floats(allow_nan=False, allow_infinity=False)
    small = st.integers(0, 10**9)
    return st.one_of(
        integers.map(lambda number: Written(str(number), ("integer", number))),
        small.map(lambda number: Written(f"+{number:_}", ("integer", number))),
        integers.map(lambda number: Written(hex(number), ("integer", number))),
        floats.map(lambda real: Written(repr(real), ("number", real.hex()))),
        floats.map(lambda real: Written(f"{real:.25e}", ("number", real.hex()))),
    )


constants = st.one_of(
    st.sampled_from(
        [
            Written("None", ("none",)),
            Written("True", ("boolean", True)),
            Written("False", ("boolean", False)),
            Written("Role.WRITER", ("member", "Role", "WRITER")),
            Written("(Role.größe)", ("member", "Role", "größe")),
        ]
    ),
    strings(),
    _numbers(),
)
keys = constants.filter(lambda one: one.meaning[0] != "member")


@st.composite
def _joined(draw: st.DrawFn, sources: list[str]) -> str:
    comma = draw(_commas) if len(sources) > 1 else ""
    return comma.join(sources) + (draw(_ends) if sources else "")


@st.composite
def _displays(draw: st.DrawFn, values: st.SearchStrategy[Written]) -> Written:
    items = draw(st.lists(values, max_size=3))
    meaning = tuple(item.meaning for item in items)
    if draw(st.booleans()):
        return Written("[" + draw(_joined([item.source for item in items])) + "]", ("list", meaning))
    if len(items) == 1:
        return Written(f"({items[0].source},)", ("tuple", meaning))
    return Written("(" + draw(_joined([item.source for item in items])) + ")", ("tuple", meaning))


@st.composite
def _sets(draw: st.DrawFn) -> Written:
    items = draw(st.lists(constants, min_size=1, max_size=3))
    items += items[: draw(st.integers(0, 1))]
    return Written(
        "{" + draw(_joined([item.source for item in items])) + "}", ("set", tuple(item.meaning for item in items))
    )


@st.composite
def _dicts(draw: st.DrawFn, values: st.SearchStrategy[Written]) -> Written:
    entries = draw(st.lists(st.tuples(keys, values), max_size=3))
    entries += entries[: draw(st.integers(0, 1))]
    sources = [f"{key.source}: {value.source}" for key, value in entries]
    meaning = tuple((key.meaning, value.meaning) for key, value in entries)
    return Written("{" + draw(_joined(sources)) + "}", ("mapping", meaning))


@st.composite
def calls(draw: st.DrawFn, values: st.SearchStrategy[Written]) -> Written:
    """Write a call of a class of the row, or of one that it lacks."""
    name = draw(_callees)
    positional = draw(st.lists(values, max_size=2))
    keyword = draw(st.dictionaries(_keywords, values, max_size=2))
    equals = draw(_equals)
    sources = [one.source for one in positional] + [f"{key}{equals}{one.source}" for key, one in keyword.items()]
    meaning = (
        "call",
        name,
        tuple(one.meaning for one in positional),
        tuple((key, one.meaning) for key, one in keyword.items()),
    )
    return Written(f"{name}({draw(_joined(sources))})", meaning)


values: st.SearchStrategy[Written] = st.recursive(
    constants, lambda inner: st.one_of(_displays(inner), _sets(), _dicts(inner), calls(inner)), max_leaves=4
)
instances = calls(values)


@st.composite
def lists_of_instances(draw: st.DrawFn, least: int = 0) -> tuple[list[Written], str]:
    """Write a list of instances, as it is the whole of the labels."""
    items = draw(st.lists(instances, min_size=least, max_size=3))
    source = "[" + draw(_joined([item.source for item in items])) + "]"
    ast.parse(source)
    return items, source
