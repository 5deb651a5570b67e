"""JSON: an array of objects, or one object, in a file that is read whole.

Every element stands in a row: one that is no JSON, and what stands between elements, in a row with a fault and ``raw``.
An element that is laid out over several lines becomes one line, and does not keep its bytes (an exception to SPEC 23).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from guidex_schema.datasets.jsonl import UTF8_MARK, is_utf16, misread
from guidex_schema.datasets.row import Columns, Row, row, unreadable, without_rows
from guidex_schema.diagnostic import Fault, RecordReference
from guidex_schema.json_leaf import unique
from guidex_schema.text import Document

SIZE_LIMIT = 256 * 1024 * 1024

_SPACE = re.compile(r"[ \t\r\n]*")
_LINE_BREAK = re.compile(r"[\r\n][ \t\r\n]*")
_LINE_OF_OBJECT = re.compile(r"^[ \t]*\{", re.MULTILINE)
# A string, or a bracket outside of strings. A string that nothing closes runs to the end: trying each quote inside it
# again would take quadratic time.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
# A broken element that is neither object nor array.
_WORD = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[^\[\]{},"]*', re.DOTALL)
# What `surrogateescape` makes of a byte that is not UTF-8 (PEP 383).
_WRONG_BYTE = re.compile("[\udc80-\udcff]")


def read(data: bytes, file: str, columns: Columns) -> Iterator[Row]:
    """Give a row for every element of the array.

    Where an element is not JSON, reading goes on at the next one that can be told. What is wrong with the array as a
    whole is a row without a reference: that it has no end, or that something stands behind it.

    Args:
        data: the whole file.
        file: the file's name.
        columns: what the columns are called.
    """
    if len(data) > SIZE_LIMIT:
        message = f"the file is larger than {SIZE_LIMIT // 2**20} MB; write it as JSONL, which is read as a stream"
        yield unreadable("unreadable-file", message, file)
        return
    if is_utf16(data):
        yield unreadable("unreadable-file", "the file is UTF-16; write it as UTF-8", file)
        return
    if data.startswith(UTF8_MARK):
        data = data.removeprefix(UTF8_MARK)
        yield unreadable("byte-order-mark", "the file starts with a byte order mark; it is passed over", file)
    text = data.decode("utf-8", "surrogateescape")
    if not text.strip():
        yield without_rows(file)
        return
    yield from _Elements(text, file, columns).rows()


class _Elements:
    """The elements of one array, or what stands where an array should."""

    def __init__(self, text: str, file: str, columns: Columns) -> None:
        self._text = text
        self._file = file
        self._columns = columns
        self._document = Document(text)
        self._decoder = json.JSONDecoder(object_pairs_hook=unique)
        self._start = self._behind_space(0)
        self._is_array = text[self._start] == "["
        self._index = 0
        # Of lines behind which no line with the same indentation starts an object: each is sought once only.
        self._last_indents: set[str] = set()

    def rows(self) -> Iterator[Row]:
        """Give a row for every element, and one for every fault of the array itself."""
        text = self._text
        is_array = self._is_array
        offset = self._behind_space(self._start + 1) if is_array else self._start
        fault = ""
        while offset < len(text) and not (is_array and text[offset] == "]"):
            found, end, is_json = self._row(offset)
            yield replace(found, faults=(*found.faults, self._fault(fault))) if fault else found
            self._index += 1
            offset = self._behind_space(end)
            fault = ""
            if is_array and text.startswith(",", offset):
                comma = offset
                offset = self._behind_space(offset + 1)
                if text.startswith("]", offset):
                    yield self._unreadable("no row stands behind the last comma of the array", comma)
            elif is_array and text.startswith("{", offset):
                # Behind a broken row the comma may have been passed over with it.
                fault = "no comma stands before the row" if is_json else ""
        if is_array and offset >= len(text):
            yield unreadable("unreadable-file", "the array is never closed; rows may be missing", self._file)
        elif is_array and (rest := self._behind_space(offset + 1)) < len(text):
            line = self._document.position(rest).line
            message = f"something stands behind the array, in line {line}, and it was not read"
            yield replace(unreadable("unreadable-file", message, self._file), raw=self._line(rest, len(text)))
        elif self._index == 0:
            yield without_rows(self._file)

    def _row(self, offset: int) -> tuple[Row, int, bool]:
        """Give the row that starts at an offset, where it ends, and whether that is certain."""
        try:
            content, end = self._decoder.raw_decode(self._text, offset)
        except (ValueError, RecursionError) as error:
            message = f"the row cannot be read: {misread(error)}"
            if isinstance(error, json.JSONDecodeError):
                at = self._document.position(error.pos)
                message = f"the row is not JSON: {error.msg} (line {at.line}, column {at.column + 1})"
            end = self._next_element(offset)
            return replace(self._unreadable(message, offset), raw=self._line(offset, end)), end, False
        return replace(self._found(content, offset, end), raw=self._line(offset, end)), end, True

    def _found(self, content: object, offset: int, end: int) -> Row:
        """Give the row of an element that was decoded."""
        line = self._document.position(offset).line
        wrong = _WRONG_BYTE.search(self._text, offset, end)
        if wrong is None:
            return row(content, self._file, self._index, line, self._columns)
        at = self._document.position(wrong.start())
        byte = ord(wrong.group()) - 0xDC00
        reference = RecordReference(index=self._index, line=line)
        message = f"the row is not UTF-8: {byte:#04x} at column {at.column + 1} of line {at.line}"
        return unreadable("invalid-utf-8", message, self._file, reference)

    def _next_element(self, offset: int) -> int:
        """Give where reading can go on behind a broken element, else the end of the text.

        The next line that starts an object at the same indentation is taken; where the element does not start its
        line, the bracket that closes it; where nothing does, the next line that starts an object.
        """
        text = self._text
        indent = text[offset - self._document.position(offset).column : offset]
        if not indent.strip() and indent not in self._last_indents:
            found = re.compile(rf"^{re.escape(indent)}\{{", re.MULTILINE).search(text, offset + 1)
            if found is not None:
                return found.end() - 1
            self._last_indents.add(indent)
        if text[offset] not in "{[":
            word = _WORD.match(text, offset)
            # Nothing stands before the comma of an array; a bracket that closes nothing is a word, too.
            least = offset if self._is_array and text[offset] == "," else offset + 1
            return max(word.end() if word is not None else least, least)
        depth = 0
        for token in _TOKEN.finditer(text, offset):
            match token.group():
                case "{" | "[":
                    depth += 1
                case "}" | "]":
                    depth -= 1
                    if depth == 0:
                        return token.end()
                case _:
                    continue
        found = _LINE_OF_OBJECT.search(text, offset + 1)
        return found.end() - 1 if found is not None else len(text)

    def _unreadable(self, message: str, offset: int) -> Row:
        reference = RecordReference(index=self._index, line=self._document.position(offset).line)
        return unreadable("unreadable-row", message, self._file, reference)

    def _line(self, start: int, end: int) -> bytes | None:
        """Give what stands there on one line; no JSON string holds a line break, so only space between tokens changes.

        Commas and space behind it are left out; where there is no more it is None.
        """
        element = self._text[start:end].rstrip(", \t\r\n")
        return _LINE_BREAK.sub(" ", element).encode("utf-8", "surrogateescape") + b"\n" if element else None

    @staticmethod
    def _fault(message: str) -> Fault:
        return Fault(rule="unreadable-row", message=message, part="file")

    def _behind_space(self, offset: int) -> int:
        match = _SPACE.match(self._text, offset)
        return match.end() if match else offset
