"""Screen guideline source before anything else reads it: libcst can be crashed or stalled, ``ast`` cannot.

What is refused is named as a fault and blanked, so that the reader behind sees only statements that
declare something, and every offset stays what it was. Nothing is ever executed.
"""

import ast
import re
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from guidex_schema import tokens
from guidex_schema.diagnostic import Fault, quoted
from guidex_schema.text import Document, Span

DEPTH_LIMIT = 24
# libcst reads strings that stand side by side by recursion.
_ADJACENT_STRINGS_LIMIT = 256
_INTEGER_BITS_LIMIT = 256
_OPERAND_LIMIT = 64

# Trojan Source (CVE-2021-42574): characters that make source look like what it is not.
_BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"
_INVALID_CHARACTER = re.compile(f"[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\ud800-\udfff{_BIDI_CONTROLS}]")

_VIEWS = frozenset(("items", "keys", "values"))
_FACTORIES = frozenset(("list", "dict", "set", "tuple"))
_CONSTANT_FIELD_OPTIONS = frozenset(("init", "repr", "hash", "compare", "kw_only"))


@dataclass(frozen=True)
class Limits:
    """How large a source may be: bytes of UTF-8 and nodes of its tree."""

    size: int
    nodes: int


ROW_LIMITS = Limits(size=64 * 1024, nodes=20_000)
FILE_LIMITS = Limits(size=4 * 1024 * 1024, nodes=500_000)


@dataclass(frozen=True)
class Screened:
    """A source that is safe to hand to libcst.

    Attributes:
        source: the source as it was given.
        readable: the same length and lines, with everything refused replaced by blanks.
        tree: the tree of ``readable``.
        unreadable: names of classes of which something was refused that decides what their instances may hold.
    """

    source: str
    readable: str
    tree: ast.Module
    faults: tuple[Fault, ...] = ()
    unreadable: frozenset[str] = frozenset()


class Refusal(Exception):
    """Carry the node that the allow-list does not have, and what it is called."""

    def __init__(self, node: ast.AST, what: str, rule: str = "runs-code") -> None:
        super().__init__(what)
        self.node = node
        self.what = what
        self.rule = rule


def parse(source: str) -> ast.Module | Fault:
    """Parse source with ``ast``, or say where and why it does not parse; nothing is raised."""
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
            message=f"the guidelines are not Python here: {error.msg}",
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


def size_fault(source: str, limits: Limits) -> Fault | None:
    """Say whether the source is larger than it may be, before anything parses it."""
    size = len(source.encode("utf-8", "surrogatepass"))
    if size <= limits.size:
        return None
    return Fault(
        rule="source-limit",
        message=f"the guidelines have {size:,} bytes; at most {limits.size:,} are read, so split them",
        part="guidelines",
    )


def invalid_characters(source: str) -> tuple[str, tuple[Fault, ...]]:
    """Blank the characters that no guideline may hold, each with a fault at its place."""
    faults = []
    if source.startswith("\ufeff"):
        # A form feed is the one character that may stand before the first statement unseen.
        source = "\f" + source[1:]
        faults.append(
            Fault(
                rule="byte-order-mark",
                message="the guidelines start with a byte order mark, which Python does not read in text",
                part="guidelines",
                span=Span(start=0, end=1),
            )
        )
    for match in _INVALID_CHARACTER.finditer(source):
        name = unicodedata.name(match.group(), f"U+{ord(match.group()):04X}")
        faults.append(
            Fault(
                rule="invalid-character",
                message=f"the character {name} may not stand in guidelines; write it as an escape in a string",
                part="guidelines",
                span=Span(start=match.start(), end=match.end()),
            )
        )
    return _INVALID_CHARACTER.sub(" ", source), tuple(faults)


def screen(source: str, limits: Limits) -> Screened:
    """Pass a source that ``ast`` can parse through the allow-list.

    Args:
        source: guidelines without invalid characters that parse as Python.
        limits: the most nodes that are read.
    """
    tree = parse(source)
    if isinstance(tree, Fault):
        return Screened(source, _blank(source, Span(start=0, end=len(source))), ast.Module([], []), (tree,))
    document = Document(source)
    faults: list[Fault] = []
    refused: list[Span] = []
    unreadable: set[str] = set()
    nodes = 0

    def refuse(refusal: Refusal, span: Span) -> None:
        at = node_span(document, refusal.node) or span
        words = quoted(source[at.start : at.end])
        message = f"{refusal.what} {'would run code' if refusal.rule == 'runs-code' else 'is not read'}: {words}"
        faults.append(Fault(rule=refusal.rule, message=message, part="guidelines", span=at))
        refused.append(span)

    for statement in tree.body:
        span = statement_span(document, statement)
        try:
            nodes += _measured(statement)
            if nodes > limits.nodes:
                raise Refusal(statement, f"what stands behind the first {limits.nodes:,} nodes", "source-limit")
            _screen_depth_of_text(document, statement, span)
            if not isinstance(statement, ast.ClassDef):
                _screen_statement(statement)
                continue
            _screen_class_header(statement)
        except Refusal as refusal:
            refuse(refusal, span)
            if isinstance(statement, ast.ClassDef):
                unreadable.add(statement.name)
            continue
        for decorator in statement.decorator_list:
            try:
                _screen_decorator(decorator)
            except Refusal as refusal:
                at = node_span(document, decorator) or span
                refuse(refusal, Span(start=source.rindex("@", 0, at.start), end=at.end))
        for inner in statement.body:
            try:
                _screen_class_statement(inner)
            except Refusal as refusal:
                refuse(refusal, statement_span(document, inner))
                if isinstance(inner, ast.AnnAssign | ast.Assign):
                    unreadable.add(statement.name)
    faults.extend(_unstable_names(source))
    if not refused:
        return Screened(source, source, tree, tuple(faults), frozenset(unreadable))
    readable = _without(source, refused)
    remaining = parse(readable)
    if isinstance(remaining, Fault):
        return Screened(
            source, _blank(source, Span(start=0, end=len(source))), ast.Module([], []), (*faults, remaining)
        )
    return Screened(source, readable, remaining, tuple(faults), frozenset(unreadable))


def node_span(document: Document, node: ast.AST) -> Span | None:
    """Give the code points that a node of the document's tree covers; None for nodes without a place."""
    if not isinstance(node, ast.expr | ast.stmt | ast.keyword) or node.end_lineno is None:
        return None
    start = document.byte_offset(node.lineno, node.col_offset)
    return Span(start=start, end=max(start, document.byte_offset(node.end_lineno, node.end_col_offset or 0)))


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


def blank(source: str, span: Span) -> str:
    """Replace a span by blanks; line ends stay, so no offset and no line number changes."""
    return source[: span.start] + _blank(source, span) + source[span.end :]


def _blank(source: str, span: Span) -> str:
    return re.sub(r"[^\r\n]", " ", source[span.start : span.end])


def _without(source: str, spans: list[Span]) -> str:
    """Blank refused statements; a ``0`` takes the place of each, so that no block becomes empty."""
    pieces = []
    end = 0
    for span in sorted(spans, key=lambda one: one.start):
        if span.start < end:
            continue
        filler = "" if source[span.start] == "@" and not _is_whole_statement(source, span) else "0"
        pieces += [source[end : span.start], filler, _blank(source, span)[len(filler) :]]
        end = span.end
    return "".join([*pieces, source[end:]])


def _is_whole_statement(source: str, span: Span) -> bool:
    """Say whether a span that starts with a decorator goes on to the class or function it decorates."""
    return re.search(r"^[ \t]*(async[ \t]+def|def|class)\b", source[span.start : span.end], re.MULTILINE) is not None


def _measured(statement: ast.stmt) -> int:
    """Count the nodes of a statement without recursion; refuse it when it nests too deeply."""
    count = 0
    level: list[ast.AST] = [statement]
    for _ in range(DEPTH_LIMIT):
        if not level:
            return count
        count += len(level)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise Refusal(statement, f"a statement that nests deeper than {DEPTH_LIMIT} levels", "source-limit")
    return count


def _screen_depth_of_text(document: Document, statement: ast.stmt, span: Span) -> None:
    """Refuse what only the text shows: brackets around nothing, and long runs of strings side by side."""
    depth = strings = 0
    # A class body repeats this for nothing: one scan of the whole statement sees all of it.
    for token in tokens.scan(document.text[span.start : span.end]):
        match token.kind:
            case "open":
                depth += 1
            case "close":
                depth -= 1
            case "string":
                strings += 1
                if strings > _ADJACENT_STRINGS_LIMIT:
                    raise Refusal(statement, f"a run of more than {_ADJACENT_STRINGS_LIMIT} strings", "source-limit")
                continue
            case "space" | "comment":
                if depth == 0 and ("\n" in token.text or "\r" in token.text):
                    strings = 0
                continue
            case _:
                pass
        strings = 0
        if depth > DEPTH_LIMIT:
            raise Refusal(statement, f"a statement that nests deeper than {DEPTH_LIMIT} brackets", "source-limit")


def _unstable_names(source: str) -> Iterator[Fault]:
    """Name the identifiers that Python reads as something else (PEP 3131: names are NFKC-normalised)."""
    if source.isascii():
        return
    for token in tokens.scan(source):
        if token.kind == "name" and not token.text.isascii():
            read = unicodedata.normalize("NFKC", token.text)
            if read != token.text:
                yield Fault(
                    rule="invalid-character",
                    message=f"the name {quoted(token.text)} is read by Python as {quoted(read)}; write it so",
                    part="guidelines",
                    span=Span(start=token.start, end=token.end),
                )


def _screen_statement(statement: ast.stmt) -> None:
    """Pass the module-level statements that declare or collect, and nothing else."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Assign(targets=targets, value=value):
            for target in (*targets, value):
                _screen_collection(target)
            if len(targets) > _OPERAND_LIMIT:
                raise Refusal(statement, "a chain of assignments", "source-limit")
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            _screen_collection(target)
            _screen_annotation(annotation)
            if value is not None:
                _screen_collection(value)
        case ast.AugAssign(target=target, value=value):
            _screen_collection(target)
            _screen_collection(value)
        case ast.For(target=target, iter=iterated, body=body, orelse=[]):
            _screen_collection(target)
            _screen_collection(iterated)
            for inner in body:
                _screen_statement(inner)
        case _:
            raise Refusal(statement, construct(statement))


def _screen_class_header(statement: ast.ClassDef) -> None:
    for base in statement.bases:
        if not _is_dotted_name(base):
            raise Refusal(base, f"the base of class {quoted(statement.name)}")
    for keyword in statement.keywords:
        raise Refusal(keyword, f"the class keyword of {quoted(statement.name)}")


def _screen_decorator(decorator: ast.expr) -> None:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not _is_dotted_name(called) or last_name(called) != "dataclass":
        raise Refusal(decorator, "a decorator other than `dataclass`")
    if isinstance(decorator, ast.Call):
        for argument in decorator.args:
            raise Refusal(argument, "a positional option of `dataclass`")
        for keyword in decorator.keywords:
            if keyword.arg is None or not isinstance(keyword.value, ast.Constant):
                raise Refusal(keyword, "an option of `dataclass` that is no constant")


def _screen_class_statement(statement: ast.stmt) -> None:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return
        case ast.AnnAssign(target=ast.Name(), annotation=annotation, value=value):
            _screen_annotation(annotation)
            if value is not None:
                _screen_default(value)
        case ast.Assign(targets=[ast.Name()], value=value):
            _screen_value(value)
        case _:
            raise Refusal(statement, construct(statement))


def _screen_annotation(annotation: ast.expr) -> None:
    """Pass the type grammar: names, subscripts, ``X | Y``, constants, and strings that hold the same."""
    pending = [annotation]
    while pending:
        node = pending.pop()
        match node:
            case ast.Constant(value=str(text)):
                inner = quoted_annotation(text)
                if inner is not None:
                    if isinstance(_measured_or_refusal(inner), Refusal):
                        raise Refusal(node, f"a quoted type that nests deeper than {DEPTH_LIMIT}", "source-limit")
                    if any(isinstance(one, ast.Call | ast.Lambda | ast.Await) for one in ast.walk(inner)):
                        raise Refusal(node, "a call in a quoted annotation")
            case ast.Constant():
                _screen_constant(node)
            case ast.Name():
                pass
            case ast.Attribute():
                if not _is_dotted_name(node):
                    raise Refusal(node, construct(node))
            case ast.Subscript(value=value, slice=inside):
                pending += [value, inside]
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                pending += parts
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                pending += [left, right]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float())):
                pass
            case _:
                raise Refusal(node, f"{construct(node)} in an annotation")


def _measured_or_refusal(expression: ast.expr) -> int | Refusal:
    try:
        return _measured(ast.Expr(expression))
    except Refusal as refusal:
        return refusal


def quoted_annotation(text: str) -> ast.expr | None:
    """Parse what a quoted annotation holds; None where it is prose and no expression."""
    tree = parse(text.strip()) if text.strip() else None
    if isinstance(tree, ast.Module) and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        return tree.body[0].value
    return None


def _screen_default(value: ast.expr) -> None:
    """Pass constants, names, displays of them, and ``field(...)`` with nothing but constants and containers."""
    if not isinstance(value, ast.Call):
        _screen_value(value)
        return
    if not _is_dotted_name(value.func) or last_name(value.func) != "field" or value.args:
        raise Refusal(value, "a call in a default")
    for keyword in value.keywords:
        match keyword:
            case ast.keyword(arg="default", value=default):
                _screen_value(default)
            case ast.keyword(arg="default_factory", value=ast.Name(id=name)) if name in _FACTORIES:
                pass
            case ast.keyword(arg="metadata", value=metadata):
                _screen_value(metadata)
            case ast.keyword(arg=name, value=ast.Constant()) if name in _CONSTANT_FIELD_OPTIONS:
                pass
            case _:
                raise Refusal(keyword, "this option of `field`")


def _screen_value(value: ast.expr) -> None:
    for node in ast.walk(value):
        match node:
            case ast.Constant():
                _screen_constant(node)
            case ast.Name() | ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.expr_context():
                pass
            case ast.Attribute() if _is_dotted_name(node):
                pass
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float())):
                pass
            case ast.unaryop():
                pass
            case _:
                raise Refusal(node, f"{construct(node)} in a value")


def _screen_collection(value: ast.expr) -> None:
    """Pass displays, comprehensions and subscripts whose only calls are ``.items()``, ``.keys()``, ``.values()``."""
    for node in ast.walk(value):
        match node:
            case ast.Constant():
                _screen_constant(node)
            case ast.Call(func=ast.Attribute(attr=attribute), args=[], keywords=[]) if attribute in _VIEWS:
                pass
            case ast.BoolOp(values=operands) if len(operands) <= _OPERAND_LIMIT:
                pass
            case ast.Compare(ops=operators) if len(operators) <= _OPERAND_LIMIT:
                pass
            case (
                ast.Name() | ast.Attribute() | ast.Subscript() | ast.Starred() | ast.Slice() | ast.IfExp()
                | ast.List() | ast.Tuple() | ast.Set() | ast.Dict()
                | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() | ast.UnaryOp()
                | ast.comprehension() | ast.expr_context() | ast.operator() | ast.unaryop()
                | ast.boolop() | ast.cmpop()
            ):  # fmt: skip
                pass
            case _:
                raise Refusal(node, construct(node))


def _screen_constant(node: ast.Constant) -> None:
    if isinstance(node.value, int) and node.value.bit_length() > _INTEGER_BITS_LIMIT:
        raise Refusal(node, f"an integer of more than {_INTEGER_BITS_LIMIT} bits", "source-limit")


def _is_dotted_name(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def last_name(node: ast.expr) -> str:
    """Give the last part of a dotted name: ``dataclass`` of ``dataclasses.dataclass``; "" for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


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


def construct(node: ast.AST) -> str:
    """Name a syntax node as a reader would; unknown ones by their name in the ``ast`` module."""
    name = type(node).__name__
    if isinstance(node, ast.Expr):
        return construct(node.value)
    return _CONSTRUCTS.get(name, f"the construct {name}")
