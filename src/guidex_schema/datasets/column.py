"""Columns in the JSON of a row: one is added or changed, and the others stay as they are, character by character.

Decoded and written again, a row would lose what JSON leaves open: how numbers, escapes and spaces are written.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


class Column(NamedTuple):
    """A column of a row as it is written: ``source[start:end]`` is its name, the colon and its value.

    Attributes:
        value_start: where its value starts.
    """

    name: str
    value: object
    start: int
    value_start: int
    end: int


def columns_of(source: str) -> Iterator[Column]:
    """Give the columns of a row in their order.

    Args:
        source: one JSON object, as a reader of datasets has read it without a fault.
    """
    offset = _behind_space(source, source.index("{") + 1)
    while source[offset] == '"':
        start = offset
        name, offset = _DECODER.raw_decode(source, start)
        value_start = _behind_space(source, _behind_space(source, offset) + 1)
        value, end = _DECODER.raw_decode(source, value_start)
        yield Column(name, value, start, value_start, end)
        comma = _behind_space(source, end)
        offset = _behind_space(source, comma + 1) if source[comma] == "," else comma


def with_column(source: str, name: str, value: object) -> str:
    """Put a column behind the others, in place of one of the same name.

    Args:
        source: one JSON object that has at least one other column.
        name: what the column is called.
        value: what JSON can say; lone surrogates are left as they are, for the writer to escape.
    """
    columns = list(columns_of(source))
    for before, one in zip([None, *columns], columns, strict=False):
        if one.name == name:
            start, end = (before.end, one.end) if before else (one.start, columns[1].start)
            return with_column(source[:start] + source[end:], name, value)
    end = columns[-1].end
    written = f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
    return f"{source[:end]}, {written}{source[end:]}"


def with_values(source: str, values: Mapping[str, object]) -> str:
    """Put other values into columns, in their place.

    A value is written in ASCII where the one before it was.

    Args:
        source: one JSON object that has these columns.
        values: what JSON can say, by the name of the column; lone surrogates are left as they are, for the writer to
            escape.
    """
    for one in reversed(tuple(columns_of(source))):
        if one.name in values:
            is_ascii = source[one.value_start : one.end].isascii()
            written = json.dumps(values[one.name], ensure_ascii=is_ascii)
            source = source[: one.value_start] + written + source[one.end :]
    return source


def _behind_space(source: str, offset: int) -> int:
    match = _SPACE.match(source, offset)
    return match.end() if match else offset
