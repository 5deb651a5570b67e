"""The authority on comments: libcst, whose statements are put beside those of ``ast``."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from guidex_schema.comments import Disagreement, Remarks, all_spoken, spoken

# A form feed sets the indentation back to nothing (reference manual, 2.1.8), which libcst does not know everywhere.
_FORM_FEED = re.compile(r"(^|[\r\n])[ \t\f]*\f")

_Line = tuple[cst.BaseStatement | cst.BaseSmallStatement, Sequence[cst.EmptyLine], cst.Comment | None]


class ConcreteComments:
    """The comments of screened source, read by libcst.

    Args:
        source: what screening passed.
        tree: its tree.

    Raises:
        Disagreement: libcst does not read what ``ast`` reads, or sees other statements.
    """

    def __init__(self, source: str, tree: ast.Module) -> None:
        try:
            module = cst.parse_module(_FORM_FEED.sub(r"\1", source).replace("\f", " "))
        except (cst.ParserSyntaxError, cst.CSTValidationError) as error:
            raise Disagreement(str(error)) from error
        self._statements = {node: line[0] for line, node in _paired(module, tree.body)}

    def of(self, node: ast.ClassDef) -> Sequence[Remarks]:
        """Give the comments in the body of a class, one entry for each of its statements.

        Raises:
            Disagreement: libcst sees another class, or other statements in it.
        """
        concrete = self._statements[node]
        if not isinstance(concrete, cst.ClassDef):
            raise Disagreement(f"line {node.lineno} is a class to one parser only")
        if concrete.name.value != node.name and concrete.name.value.isascii():
            raise Disagreement(f"class {node.name} against {concrete.name.value}")
        return [
            Remarks(_block_above(above), all_spoken(_comments(above)), spoken(_text(trailing)))
            for (_, above, trailing), _ in _paired(concrete.body, node.body)
        ]


def _paired(concrete: cst.BaseSuite | cst.Module, nodes: Sequence[ast.stmt]) -> list[tuple[_Line, ast.stmt]]:
    """Put the statements of one body beside each other."""
    lines = list(_lines(concrete))
    if len(lines) != len(nodes):
        raise Disagreement(f"{len(lines)} statements against {len(nodes)}")
    return list(zip(lines, nodes, strict=True))


def _lines(concrete: cst.BaseSuite | cst.Module) -> Iterator[_Line]:
    if isinstance(concrete, cst.SimpleStatementSuite):
        yield from _small_statements(concrete, ())
        return
    for line in concrete.body:
        if isinstance(line, cst.SimpleStatementLine):
            yield from _small_statements(line, line.leading_lines)
        elif isinstance(line, cst.BaseStatement):
            yield line, getattr(line, "leading_lines", ()), None


def _small_statements(
    line: cst.SimpleStatementLine | cst.SimpleStatementSuite, above: Sequence[cst.EmptyLine]
) -> Iterator[_Line]:
    """Give the statements of one line; the comment behind it belongs to the last of them."""
    for small in line.body[:-1]:
        yield small, above, None
        above = ()
    yield line.body[-1], above, line.trailing_whitespace.comment


def _text(comment: cst.Comment | None) -> str | None:
    return None if comment is None else comment.value


def _comments(lines: Iterable[cst.EmptyLine]) -> Iterator[str]:
    for line in lines:
        if line.comment is not None:
            yield line.comment.value


def _block_above(lines: Sequence[cst.EmptyLine]) -> tuple[str, ...]:
    start = len(lines)
    while start > 0 and lines[start - 1].comment is not None:
        start -= 1
    return all_spoken(_comments(lines[start:]))
