"""Which names guidelines import, which they should, and the edit that adds one."""

import ast
import builtins
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from guidex_schema.diagnostic import Edit
from guidex_schema.guideline import Guideline
from guidex_schema.screening import quoted_annotation

# Listed, not taken from the running Python: a verdict must not depend on its release.
_TYPING_NAMES = (
    "AbstractSet Annotated Any AnyStr Callable ClassVar Collection DefaultDict Deque Dict Final FrozenSet Generic "
    "Hashable Iterable Iterator List Literal Mapping MutableMapping MutableSequence MutableSet NamedTuple NewType "
    "NoReturn NotRequired Optional Protocol Required Sequence Set Sized Text Tuple Type TypeVar TypedDict Union"
).split()
_DATACLASS_NAMES = ("dataclass", "field", "KW_ONLY", "InitVar")
_ENUM_NAMES = ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")
_DATETIME_NAMES = ("date", "datetime", "time", "timedelta")

# Where the names that guidelines use without declaring them come from (SPEC 19: these four modules only).
MODULES: Mapping[str, str] = {
    **dict.fromkeys(_TYPING_NAMES, "typing"),
    **dict.fromkeys(_DATETIME_NAMES, "datetime"),
    **dict.fromkeys(_ENUM_NAMES, "enum"),
    **dict.fromkeys(_DATACLASS_NAMES, "dataclasses"),
}
BUILTINS = frozenset(dir(builtins))


def bound_names(guideline: Guideline) -> frozenset[str]:
    """Give every name that the guidelines bind at module level: imports, classes and assignments."""
    return frozenset(_bound(guideline)) | guideline.unreadable


def imports_everything(guideline: Guideline) -> bool:
    """Say whether a star import may bind any name."""
    return any(
        isinstance(statement, ast.ImportFrom) and any(alias.name == "*" for alias in statement.names)
        for statement in guideline.tree.body
    )


def is_imported(guideline: Guideline, module: str, name: str) -> bool:
    """Say whether a name is imported from a module under that very name."""
    return any(
        isinstance(statement, ast.ImportFrom)
        and statement.module == module
        and any(alias.name == name and alias.asname is None for alias in statement.names)
        for statement in guideline.tree.body
    )


def postpones_annotations(guideline: Guideline) -> bool:
    """Say whether annotations are not evaluated (PEP 563)."""
    return any(
        isinstance(statement, ast.ImportFrom)
        and statement.module == "__future__"
        and any(alias.name == "annotations" for alias in statement.names)
        for statement in guideline.tree.body
    )


def _bound(guideline: Guideline) -> Iterator[str]:
    for statement in guideline.tree.body:
        match statement:
            case ast.Import(names=names):
                yield from ((alias.asname or alias.name).split(".")[0] for alias in names)
            case ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name for alias in names)
            case ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass


class Declaration(NamedTuple):
    """An annotated name in the body of a class; ``path`` is written ``Person.name``."""

    owner: ast.ClassDef
    statement: ast.AnnAssign
    target: ast.Name

    @property
    def path(self) -> str:
        """Give class and attribute as a finding names them."""
        return f"{self.owner.name}.{self.target.id}"


def declarations(node: ast.ClassDef) -> Iterator[Declaration]:
    """Give every annotated name in the body of a class."""
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name() as target):
                yield Declaration(node, statement, target)
            case _:
                pass


def all_declarations(guideline: Guideline) -> Iterator[Declaration]:
    """Give every annotated name of every class, in source order."""
    for node in guideline.classes:
        yield from declarations(node)


def names_in(annotation: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Give every name in an annotation with the node it stands in: the string, where it is quoted.

    What stands in ``Literal[...]`` is a value and no name.
    """
    pending: list[tuple[ast.AST, ast.expr | None]] = [(annotation, None)]
    while pending:
        node, string = pending.pop()
        match node:
            case ast.Name(id=name):
                yield name, string or node
            case ast.Constant(value=str(text)) if string is None:
                inner = quoted_annotation(text)
                if inner is not None:
                    pending.append((inner, node))
            case ast.Subscript(value=ast.Name(id="Literal") as literal):
                pending.append((literal, string))
            case ast.Subscript(value=ast.Name(id="Annotated") as annotated, slice=ast.Tuple(elts=[first, *_])):
                pending += [(annotated, string), (first, string)]
            case _:
                pending += [(child, string) for child in reversed(list(ast.iter_child_nodes(node)))]


def import_edit(guideline: Guideline, module: str, name: str) -> Edit:
    """Give the edit that imports a name: into an import of the same module, else on a line of its own."""
    for statement in guideline.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == module and statement.level == 0:
            end = guideline.span(statement.names[-1]).end
            return Edit(start=end, end=end, replacement=f", {name}")
    start = _import_place(guideline)
    return Edit(start=start, end=start, replacement=f"from {module} import {name}\n")


def _import_place(guideline: Guideline) -> int:
    """Give the start of the first line that may hold an import: behind docstring and future imports."""
    above = 0
    for number, statement in enumerate(guideline.tree.body):
        is_docstring = number == 0 and isinstance(statement, ast.Expr)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if is_docstring or is_future:
            above = statement.end_lineno or statement.lineno
            continue
        decorators = statement.decorator_list if isinstance(statement, ast.ClassDef) else []
        line = min(statement.lineno, *(one.lineno for one in decorators), statement.lineno)
        starts = guideline.document.line_starts
        # What shares a line with a future import stays behind it.
        line = max(line, above + 1)
        start = starts[line - 1] if line <= len(starts) else len(guideline.source)
        return max(start, 1) if guideline.source.startswith("\ufeff") else start
    return len(guideline.source)
