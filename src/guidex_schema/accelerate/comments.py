"""The comments of plainly written guidelines, read from the lines between the statements that ``ast`` has placed.

libcst (``statements``) is the authority. What is here reads the same comments of what people and models write day by
day, and declines wherever a line is anything but what it looks like: tabs, form feeds, continued lines, other line
ends, several statements on one line, names that are not ASCII, statements that only few files hold.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guidex_schema.comments import NO_REMARKS, Comments, Remarks, all_spoken, spoken

_BEHIND = r" *(?:#.*)?"
_HEADER = re.compile(rf"class \w+(?:\([\w., ]*\))?:{_BEHIND}", re.ASCII)
_DECORATOR = re.compile(rf"@[\w.]+(?:\([\w=, ]*\))?{_BEHIND}", re.ASCII)
_IMPORT = re.compile(
    r"(?:from [.\w]+ )?import (?:[\w.]+(?: as \w+)?(?:, ?[\w.]+(?: as \w+)?)*|\([\w\s,]+\)|\*)", re.ASCII
)
_IN_CLASSES = frozenset((ast.AnnAssign, ast.Assign, ast.Expr, ast.Pass))
_IN_COLLECTIONS = frozenset(
    (
        *(ast.AnnAssign, ast.Assign, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Starred),
        *(ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Load, ast.Store),
    )
)


class Unusual(Exception):
    """Something is written in a way that only the authority reads."""


@dataclass(frozen=True, slots=True)
class _LineComments:
    bodies: Mapping[ast.ClassDef, Sequence[Remarks]]

    def of(self, node: ast.ClassDef) -> Sequence[Remarks]:
        return self.bodies[node]


def line_comments(source: str, tree: ast.Module) -> Comments | None:
    """Read the comments of screened source without libcst.

    Args:
        source: what screening passed.
        tree: its tree.

    Returns:
        What ``ConcreteComments(source, tree)`` gives, or None where anything is unusual.
    """
    if "\t" in source or "\r" in source or "\f" in source or "\\\n" in source:
        return None
    lines = source.split("\n")
    if any(line.startswith("#") and "coding" in line for line in lines[:2]):
        # Python and libcst do not read a declared encoding alike.
        return None
    bodies = {}
    end = 0
    try:
        for statement in tree.body:
            if isinstance(statement, ast.ClassDef):
                for decorator in statement.decorator_list:
                    line = lines[decorator.lineno - 1]
                    if line != "@dataclass":
                        _expect(_DECORATOR, line)
                line = lines[statement.lineno - 1]
                if line != f"class {statement.name}:" or not line.isascii():
                    _expect(_HEADER, line)
                if statement.lineno <= end:
                    return None
                bodies[statement] = _body(statement, lines)
            else:
                _simple(statement, lines, end)
            end = statement.end_lineno or 0
    except Unusual:
        return None
    return _LineComments(bodies)


def _expect(pattern: re.Pattern[str], text: str) -> None:
    if not pattern.fullmatch(text):
        raise Unusual


def _simple(statement: ast.stmt, lines: list[str], end: int) -> None:
    """Pass a statement at module level that is written as nearly all are."""
    last = statement.end_lineno or 0
    if statement.lineno <= end:
        raise Unusual
    comment = _behind(lines[last - 1], statement.end_col_offset or 0)
    text = "\n".join(lines[statement.lineno - 1 : last]).removesuffix(comment).rstrip(" ")
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            pass
        case ast.Import() | ast.ImportFrom():
            _expect(_IMPORT, text)
        case ast.Assign() | ast.AnnAssign(simple=1):
            if not text.isascii() or any(type(node) not in _IN_COLLECTIONS for node in ast.walk(statement)):
                raise Unusual
        case _:
            raise Unusual


def _body(node: ast.ClassDef, lines: list[str]) -> list[Remarks]:
    """Read the comments in the body of a class."""
    found = []
    above = node.lineno
    indent = node.body[0].col_offset
    for statement in node.body:
        start = statement.lineno
        end = statement.end_lineno or 0
        column = statement.end_col_offset or 0
        if start <= above or statement.col_offset != indent:
            raise Unusual
        last = lines[end - 1]
        is_ascii = last.isascii()
        if type(statement) is not ast.Expr:
            # libcst reads no name in brackets before a colon.
            if type(statement) not in _IN_CLASSES or (type(statement) is ast.AnnAssign and not statement.simple):
                raise Unusual
            if not (is_ascii or last[:column].isascii()) or (start != end and not _are_ascii(lines, start, end)):
                raise Unusual
        if start == above + 1 and len(last) == column and is_ascii:
            found.append(NO_REMARKS)
        else:
            found.append(remarks(lines[above : start - 1], _behind(last, column), indent))
        above = end
    return found


def _are_ascii(lines: list[str], start: int, end: int) -> bool:
    return "\n".join(lines[start - 1 : end]).isascii()


def remarks(between: list[str], comment: str, indent: int) -> Remarks:
    """Read the comments around a statement in the body of a class.

    Args:
        between: the lines between the statement before and this one, which hold blanks and comments.
        comment: the comment behind it, number sign included; "" where there is none.
        indent: the columns before it.

    Raises:
        Unusual: something else stands there, or a comment in another column.
    """
    block: list[str] = []
    comments: list[str] = []
    for line in between:
        text = line.lstrip(" ")
        if not text:
            block = []
        elif text[0] == "#" and len(line) - len(text) == indent:
            block.append(text)
            comments.append(text)
        else:
            raise Unusual
    trailing = spoken(comment) if comment else None
    if comments:
        return Remarks(all_spoken(block), all_spoken(comments), trailing)
    return NO_REMARKS if trailing is None else Remarks((), (), trailing)


def _behind(line: str, column: int) -> str:
    """Give the comment behind a statement on its last line; "" where there is none.

    Args:
        line: the line.
        column: 0-based column in UTF-8 bytes, as in ``ast.AST.end_col_offset``.
    """
    behind = line[column:] if line.isascii() else line.encode()[column:].decode()
    comment = behind.lstrip(" ")
    if comment and comment[0] != "#":
        raise Unusual
    return comment
