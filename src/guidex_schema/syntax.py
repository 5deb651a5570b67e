"""Python's syntax trees as this project needs them: parsed without raising, with places in code points and names.

``ast`` is the one parser that stands up to any input (libcst can be crashed and stalled), so every source goes
through ``parse`` before anything else reads it.
"""

import ast
import keyword
import re
import warnings
from collections.abc import Iterator, Sequence
from itertools import takewhile

from guidex_schema.diagnostic import Fault, quoted, visible
from guidex_schema.text import Document, Location, Span

DOTS_LIMIT = 256
# CPython joins the parts of a module's name one by one, so that a long one takes it quadratic time.
_DOTTED = re.compile(rf"(?<!\w)(?:\w++[ \t\\\r\n]*+\.[ \t\\\r\n]*+){{{DOTS_LIMIT}}}")

_CONSTRUCTS = {
    "AsyncFunctionDef": "an async function",
    "Call": "a call",
    "FunctionDef": "a function or method",
    "If": "an if statement",
    "JoinedStr": "an f-string",
    "Lambda": "a lambda",
    "NamedExpr": "an assignment expression",
    "Try": "a try statement",
    "With": "a with statement",
}


def parse(source: str) -> ast.Module | Fault:
    """Parse source with ``ast``, or say where and why it does not parse; nothing is raised."""
    dotted = _DOTTED.search(source) if source.count(".") >= DOTS_LIMIT else None
    if dotted is not None:
        return Fault(
            rule="source-limit",
            message=f"a name with more than {DOTS_LIMIT} dots is not read: {quoted(dotted.group())}",
            part="guidelines",
            span=Span(start=dotted.start(), end=dotted.end()),
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source, feature_version=(3, 11))
    except SyntaxError as error:
        document = Document(source)
        start = 0
        if error.lineno:
            line_start = document.line_starts[min(error.lineno, len(document.line_starts)) - 1]
            start = min(line_start + max((error.offset or 1) - 1, 0), len(source))
        return Fault(
            rule="guideline-syntax",
            message=f"the guidelines are not Python here: {visible(error.msg)}",
            part="guidelines",
            span=Span(start=start, end=min(start + 1, len(source))),
        )
    except (ValueError, RecursionError, MemoryError) as error:
        return Fault(
            rule="guideline-syntax",
            message=f"the guidelines cannot be parsed: {quoted(str(error) or type(error).__name__)}",
            part="guidelines",
            span=Span(start=0, end=0),
        )


def docstring(tree: ast.Module) -> ast.stmt | None:
    """Give the statement that is the docstring of a module; None where it has none."""
    match tree.body[:1]:
        case [ast.Expr(value=ast.Constant(value=str())) as statement]:
            return statement
        case _:
            return None


def is_future_import(statement: ast.stmt) -> bool:
    """Say whether a statement imports from ``__future__``, which only a docstring and its like may stand above."""
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def opening(tree: ast.Module) -> Sequence[ast.stmt]:
    """Give the first statements of a module that a future import may stand behind: a docstring, and its like."""
    above = docstring(tree)
    return list(takewhile(lambda one: one is above or is_future_import(one), tree.body))


def quoted_annotation(text: str) -> ast.expr | None:
    """Parse what a quoted annotation holds; None where it is prose and no expression."""
    stripped = text.strip()
    if stripped.isascii() and stripped.isidentifier() and not keyword.iskeyword(stripped):
        # Most that is quoted is a name, of which the parser makes this.
        return ast.Name(stripped, ast.Load(), lineno=1, col_offset=0, end_lineno=1, end_col_offset=len(stripped))
    tree = parse(stripped) if stripped else None
    if isinstance(tree, ast.Module) and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        return tree.body[0].value
    return None


def type_strings(annotation: ast.expr) -> Iterator[ast.Constant]:
    """Give the strings of an annotation that hold types; those in ``Literal[...]`` are values."""
    pending: list[ast.AST] = [annotation]
    while pending:
        match pending.pop():
            case ast.Constant(value=str()) as string:
                yield string
            case ast.Subscript(value=value) if last_name(value) == "Literal":
                pass
            case node:
                pending += ast.iter_child_nodes(node)


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
            case ast.Subscript(value=literal) if last_name(literal) == "Literal":
                pending.append((literal, string))
            case ast.Subscript(value=annotated, slice=ast.Tuple(elts=[first, *_])) if (
                last_name(annotated) == "Annotated"
            ):
                pending += [(annotated, string), (first, string)]
            case _:
                pending += [(child, string) for child in reversed(list(ast.iter_child_nodes(node)))]


def bindings(statement: ast.stmt) -> Iterator[str]:
    """Give the names that a statement binds where it stands, those of the blocks inside it included."""
    if isinstance(statement, ast.ClassDef):
        yield statement.name
        return
    pending: list[ast.AST] = [statement]
    while pending:
        match pending.pop():
            case ast.Import(names=names):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name for alias in names)
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                # What these bind is their own.
                pass
            case node:
                pending += ast.iter_child_nodes(node)


def operands(union: ast.BinOp) -> Iterator[ast.expr]:
    """Give the operands of ``A | B | C``, from right to left."""
    pending: list[ast.expr] = [union]
    while pending:
        match pending.pop():
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                pending += [left, right]
            case operand:
                yield operand


def node_span(document: Document, node: ast.AST) -> Span | None:
    """Give the code points that a node of the document's tree covers; None for nodes without a place."""
    if not isinstance(node, ast.expr | ast.stmt | ast.keyword | ast.alias) or node.end_lineno is None:
        return None
    start = document.byte_offset(node.lineno, node.col_offset)
    return Span(start=start, end=max(start, document.byte_offset(node.end_lineno, node.end_col_offset or 0)))


def node_location(document: Document, node: ast.stmt) -> Location:
    """Give the two positions of a statement of the document's tree."""
    end_line = node.end_lineno or node.lineno
    return document.byte_location(node.lineno, node.col_offset, end_line, node.end_col_offset or 0)


def statement_span(document: Document, statement: ast.stmt) -> Span:
    """Give the span of a statement, its decorators included."""
    span = node_span(document, statement)
    assert span is not None, "every statement has a place"
    decorators = getattr(statement, "decorator_list", [])
    if decorators:
        first = node_span(document, decorators[0])
        assert first is not None, "every expression has a place"
        return Span(start=document.text.rindex("@", 0, first.start), end=span.end)
    return span


def is_dotted_name(node: ast.expr) -> bool:
    """Say whether an expression is a name, or attributes of one: ``dataclasses.dataclass``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def last_name(node: ast.expr) -> str:
    """Give the last part of a dotted name: ``dataclass`` of ``dataclasses.dataclass``; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def construct(node: ast.AST) -> str:
    """Name a syntax node as a reader would; unknown ones by their name in the ``ast`` module."""
    name = type(node).__name__
    if isinstance(node, ast.Expr):
        return construct(node.value)
    return _CONSTRUCTS.get(name, f"the construct {name}")
