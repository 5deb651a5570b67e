"""Where syntax nodes stand, in code points of the source: what `ast` counts in lines and UTF-8 bytes."""

import ast
import bisect
import re
from itertools import accumulate

# Python's own line ends (reference manual, 2.1.2).
_LINE_END = re.compile(r"\r\n|\r|\n")


class Offsets:
    """Turn places of one source into offsets.

    Args:
        source: any string.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._is_ascii = source.isascii()
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(source))]
        self._byte_ends: dict[int, list[int]] = {}

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Give where a node starts and where it ends."""
        start = self._offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        end = self._offset(getattr(node, "end_lineno", None) or 1, getattr(node, "end_col_offset", None) or 0)
        return start, max(start, end)

    def error(self, error: SyntaxError) -> int:
        """Give the place of an error, which counts code points from 1 and may lie behind the source."""
        line, column = max(error.lineno or 1, 1), max(error.offset or 1, 1)
        return min(self._starts[min(line, len(self._starts)) - 1] + column - 1, len(self._source))

    def _offset(self, line: int, column: int) -> int:
        if line > len(self._starts):
            return len(self._source)
        start = self._starts[line - 1]
        if self._is_ascii:
            return min(start + column, len(self._source))
        if line not in self._byte_ends:
            # Kept, because one line may hold thousands of nodes.
            end = self._starts[line] if line < len(self._starts) else len(self._source)
            self._byte_ends[line] = list(accumulate(map(_width, self._source[start:end])))
        return start + bisect.bisect_right(self._byte_ends[line], column)


def _width(character: str) -> int:
    """Give the bytes that a character takes in UTF-8 (RFC 3629, section 3)."""
    point = ord(character)
    return 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4
