"""Plain statements: those that need no more than a glance to know that the allow-list has all that they hold.

What is refused, and why, stands in ``allowlist`` alone. Here stands what nearly all guidelines are made of: imports,
and classes of names, subscripts of them, short strings and docstrings. A statement that holds anything else is walked
as if this were not here.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from guidex_schema.allowlist import ADJACENT_STRINGS_LIMIT, DEPTH_LIMIT, SURROGATE, admit_decorator
from guidex_schema.refusal import Refusal
from guidex_schema.syntax import is_future_import

# Levels of subscripts; the allow-list has more.
LEVELS = 4
# When they are parsed as a type, such words hold neither a call nor a number, and nest no deeper than they are many.
_WORDS = re.compile(r"(?!.*await)[A-Za-z_ ]{0,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Glance:
    """What can be told of a whole source without reading it.

    Attributes:
        lines: its lines.
        is_flat: there are too few brackets in it for one statement to nest too deeply.
    """

    lines: Sequence[str]
    is_flat: bool

    @classmethod
    def of(cls, source: str, nodes: int, brackets: int) -> "Glance | None":
        """Look at a source; give None where it may reach a limit of the whole, or where lines are not easily told.

        Args:
            source: guidelines that parse as Python.
            nodes: the most nodes that are read.
            brackets: the most brackets that are read, each counted as often as it is deep.
        """
        found = _brackets(source)
        # No character makes more than three nodes (a name on a line of its own: a statement, a name, how it is used),
        # and no bracket is deeper than there are brackets.
        if 3 * len(source) > nodes or found * found > brackets or "\r" in source:
            return None
        if "__debug__" in source:
            return None
        if source.count('"') + source.count("'") > 2 * ADJACENT_STRINGS_LIMIT:
            return None
        return cls(source.split("\n"), found <= DEPTH_LIMIT)

    def is_plain(self, statement: ast.stmt) -> bool:
        """Say whether the allow-list surely passes a statement at module level and all that it holds."""
        first = statement.lineno
        if isinstance(statement, ast.ClassDef):
            if not _is_plain_class(statement):
                return False
            first = statement.decorator_list[0].lineno if statement.decorator_list else first
        elif not _is_plain_import(statement):
            return False
        return self.is_flat or _brackets("\n".join(self.lines[first - 1 : statement.end_lineno])) <= DEPTH_LIMIT


def _is_plain_import(statement: ast.stmt) -> bool:
    """Say whether it is an import from a module, of names that any module may have."""
    if not isinstance(statement, ast.ImportFrom) or statement.level or is_future_import(statement):
        return False
    return "." not in (statement.module or "")


def _brackets(text: str) -> int:
    """Count what could be an opening bracket, wherever it stands."""
    return text.count("[") + text.count("(") + text.count("{")


def _is_plain_class(node: ast.ClassDef) -> bool:
    if node.keywords:
        return False
    for base in node.bases:
        if type(base) is not ast.Name:
            return False
    try:
        for decorator in node.decorator_list:
            admit_decorator(decorator)
    except Refusal:
        return False
    for statement in node.body:
        if type(statement) is ast.AnnAssign:
            annotation = statement.annotation
            if type(statement.target) is not ast.Name:
                return False
            if type(annotation) is not ast.Name and not is_plain_type(annotation):
                return False
        elif type(statement) is ast.Pass:
            continue
        elif type(statement) is not ast.Expr:
            return False
        value = statement.value
        if value is None or (type(value) is ast.Constant and type(value.value) is str and value.value.isascii()):
            continue
        if type(value) is not ast.Constant or not _is_plain_constant(value.value):
            return False
    return True


def is_plain_type(annotation: ast.expr, levels: int = LEVELS) -> bool:
    """Say whether the allow-list surely passes an annotation that has no more levels of brackets than these."""
    if type(annotation) is ast.Name:
        return True
    if type(annotation) is ast.Subscript:
        return type(annotation.value) is ast.Name and levels > 0 and is_plain_type(annotation.slice, levels - 1)
    if type(annotation) is ast.Constant:
        value = annotation.value
        return value is None or (type(value) is str and _WORDS.fullmatch(value) is not None)
    if type(annotation) is ast.Tuple:
        return levels > 0 and all(is_plain_type(one, levels - 1) for one in annotation.elts)
    return False


def _is_plain_constant(value: object) -> bool:
    """Say whether a constant is no number, and a text that UTF-8 has."""
    if type(value) is str:
        return value.isascii() or not SURROGATE.search(value)
    return value is None or type(value) is bool
