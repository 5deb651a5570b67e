"""Offsets into a text, and the lines and columns that people use for the same places."""

import bisect
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import core_schema

# Python's own line ends (reference manual, 2.1.2). str.splitlines also breaks at U+0085, U+2028 and
# others, where Python and every editor see no new line.
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Name one place in a text as editors do.

    Attributes:
        line: 1-based line number.
        column: 0-based column in Unicode code points.
    """

    line: Annotated[int, Field(ge=1)]
    column: Annotated[int, Field(ge=0)]
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Name a half-open range of 0-based code point offsets: ``text[start:end]``.

    Raises:
        ValueError: ``end`` lies before ``start``, or ``start`` is negative.
    """

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span cannot run from {self.start} to {self.end}")


def without_item(items: Sequence[Span], number: int) -> Span:
    """Give what to take out of a list of several items so that one is gone, with what parts it from its neighbour."""
    if number + 1 < len(items):
        return Span(start=items[number].start, end=items[number + 1].start)
    return Span(start=items[number - 1].end, end=items[number].end)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Location:
    """Name a half-open range by its two positions.

    A reader names many ranges of which hardly one is asked for, so positions are built when they are.

    Attributes:
        places: line and column of the first character, then of the place behind the last, each as in ``Position``.
    """

    places: tuple[int, int, int, int]

    def __init__(self, *, start: Position, end: Position) -> None:
        object.__setattr__(self, "places", (start.line, start.column, end.line, end.column))

    @classmethod
    def between(cls, places: tuple[int, int, int, int]) -> "Location":
        """Give the range between two places that are known to lie in the text, in order."""
        location = cls.__new__(cls)
        object.__setattr__(location, "places", places)
        return location

    @property
    def start(self) -> Position:
        """Give the position where the range starts."""
        return Position(line=self.places[0], column=self.places[1])

    @property
    def end(self) -> Position:
        """Give the position behind the last character of the range."""
        return Position(line=self.places[2], column=self.places[3])

    def __repr__(self) -> str:
        """Write both positions."""
        return f"Location(start={self.start!r}, end={self.end!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Let models hold a location; it is read and written as an object of its two positions."""
        ends = handler.generate_schema(_Ends)
        read = core_schema.no_info_after_validator_function(lambda found: cls(start=found.start, end=found.end), ends)
        return core_schema.json_or_python_schema(
            json_schema=read,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), read]),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda location: _Ends(start=location.start, end=location.end), return_schema=ends
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ends:
    start: Position
    end: Position
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class Document:
    """Turn offsets of one text into positions and back, in logarithmic time.

    Args:
        text: any string; it is never changed, so ``document.text[span.start:span.end]`` is the evidence.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._byte_ends: dict[int, array[int]] = {}

    @cached_property
    def line_starts(self) -> list[int]:
        """Give the offset at which each line starts; the first is 0."""
        if "\r" not in self.text:
            return [0, *accumulate(len(line) + 1 for line in self.text.split("\n")[:-1])]
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @cached_property
    def line_end_style(self) -> str:
        """Give what ends the first line, as all lines of a text mostly end; a line feed where there is one line."""
        found = _LINE_END.search(self.text)
        return "\n" if found is None else found.group()

    def line(self, number: int) -> str:
        """Give the 1-based line without its line end; "" past the last line."""
        if not 1 <= number <= len(self.line_starts):
            return ""
        return _LINE_END.split(self.text[self.line_starts[number - 1] : self.line_end(number)])[0]

    def line_end(self, number: int) -> int:
        """Give the offset behind the 1-based line, its line end included."""
        return self.line_starts[number] if number < len(self.line_starts) else len(self.text)

    def position(self, offset: int) -> Position:
        """Give the position of an offset in ``0..len(text)``; offsets outside are moved to the nearer end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect.bisect_right(self.line_starts, offset)
        return Position(line=line, column=offset - self.line_starts[line - 1])

    def offset(self, position: Position) -> int:
        """Give the offset of a position; places outside the text are moved to its nearer end."""
        if position.line > len(self.line_starts):
            return len(self.text)
        return min(self.line_starts[position.line - 1] + position.column, len(self.text))

    def byte_offset(self, line: int, column: int) -> int:
        """Give the code point offset of a place that ``ast`` names.

        Args:
            line: 1-based line.
            column: 0-based column in UTF-8 bytes, as in ``ast.AST.col_offset``.
        """
        if line > len(self.line_starts):
            return len(self.text)
        start = self.line_starts[line - 1]
        if self.text.isascii():
            return min(start + column, len(self.text))
        if line not in self._byte_ends:
            # Kept, because one line may hold thousands of statements.
            text = self.text[start : self.line_end(line)]
            self._byte_ends[line] = array("I", accumulate(map(_width, text)))
        return start + bisect.bisect_right(self._byte_ends[line], column)

    def byte_location(self, line: int, column: int, end_line: int, end_column: int) -> Location:
        """Give the location of a range inside the text that ``ast`` names; ``byte_offset`` says how it does."""
        if self.text.isascii():
            return Location.between((line, column, end_line, end_column))
        return Location(
            start=self.position(self.byte_offset(line, column)),
            end=self.position(self.byte_offset(end_line, end_column)),
        )

    def location(self, span: Span) -> Location:
        """Give the two positions of a span."""
        return Location(start=self.position(span.start), end=self.position(span.end))


def _width(character: str) -> int:
    """Give the bytes that a character takes in UTF-8 (RFC 3629, section 3)."""
    point = ord(character)
    return 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4
