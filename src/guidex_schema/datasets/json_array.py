"""JSON: an array of objects, or one object, in a file that is read whole."""

import json
import re
from collections.abc import Iterator

from guidex_schema.datasets.jsonl import unique
from guidex_schema.datasets.row import Columns, Row, row, unreadable
from guidex_schema.diagnostic import RecordReference
from guidex_schema.text import Document

SIZE_LIMIT = 256 * 1024 * 1024

_SPACE = re.compile(r"[ \t\r\n]*")


def read(data: bytes, file: str, columns: Columns) -> Iterator[Row]:
    """Give a row for every object of the array.

    Where an object is not JSON, reading goes on at the next line that starts an object at the same indentation.

    Args:
        data: the whole file.
        file: the file's name.
        columns: what the columns are called.
    """
    if len(data) > SIZE_LIMIT:
        message = f"the file is larger than {SIZE_LIMIT // 2**20} MB; write it as JSONL, which is read as a stream"
        yield unreadable("unreadable-file", message, file)
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"line {line} is not UTF-8 ({data[error.start]:#04x})"
        yield unreadable("invalid-utf-8", message, file, RecordReference(index=0, line=line))
        return
    if text.startswith("\ufeff"):
        text = text[1:]
        yield unreadable("byte-order-mark", "the file starts with a byte order mark; it is passed over", file)
    start = _skip_space(text, 0)
    if start == len(text):
        yield unreadable("empty-file", "the file holds no row", file)
        return
    yield from _rows(text, start, file, columns)


def _rows(text: str, start: int, file: str, columns: Columns) -> Iterator[Row]:
    document = Document(text)
    decoder = json.JSONDecoder(object_pairs_hook=unique)
    is_array = text[start] == "["
    offset = _skip_space(text, start + 1) if is_array else start
    index = 0
    while offset < len(text) and not (is_array and text[offset] == "]"):
        line = document.position(offset).line
        try:
            content, end = decoder.raw_decode(text, offset)
            yield row(content, file, index, line, columns)
        except (ValueError, RecursionError) as error:
            message = f"the row is not JSON: {getattr(error, 'msg', error)}"
            reference = RecordReference(index=index, line=line)
            yield unreadable("unreadable-row", message, file, reference)
            end = _next_object(text, offset)
        index += 1
        offset = _skip_space(text, end)
        if is_array and text[offset : offset + 1] == ",":
            offset = _skip_space(text, offset + 1)
        elif offset < len(text) and not (is_array and text[offset] == "]") and text[offset] != "{":
            message = "what follows is no row, and nothing behind it was read"
            yield unreadable(
                "unreadable-row",
                message,
                file,
                RecordReference(index=index, line=document.position(offset).line),
            )
            return
    if is_array and offset >= len(text):
        reference = RecordReference(index=index, line=document.position(len(text)).line)
        yield unreadable("unreadable-row", "the array is never closed; rows may be missing", file, reference)
    elif index == 0:
        yield unreadable("empty-file", "the file holds no row", file)


def _next_object(text: str, offset: int) -> int:
    """Give where the next object starts that stands at the same indentation as a broken one, else the end."""
    line_start = text.rfind("\n", 0, offset) + 1
    indent = text[line_start:offset]
    if indent.strip():
        return len(text)
    found = re.compile(rf"^{re.escape(indent)}\{{", re.MULTILINE).search(text, offset + 1)
    return found.end() - 1 if found else len(text)


def _skip_space(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    return match.end() if match else offset
