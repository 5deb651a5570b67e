"""Guidelines that do not parse as a whole, read block by block, so that one bad class does not lose the others."""

import ast
import re
from typing import NamedTuple

from guidex_schema import tokens
from guidex_schema.diagnostic import Fault
from guidex_schema.screening import blank, parse, quoted_annotation
from guidex_schema.text import Document, Span

_BLOCK_START = re.compile(r"^(?=@|class\b)", re.MULTILINE)
_CLASS_NAME = re.compile(r"^class[ \t]+([^\W\d]\w*)", re.MULTILINE)
_FIELD_LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<name>[^\W\d]\w*)[ \t]*:[ \t]*(?P<type>[^=#\r\n]+?)[ \t]*"
    r"(?:=[ \t]*(?P<default>[^\r\n]+?)[ \t]*)?(?:#[^\r\n]*)?$",
    re.MULTILINE,
)
_TYPE_NAMES = frozenset(
    "Any Dict FrozenSet Iterable List Literal Mapping Optional Sequence Set Tuple Type Union "
    "bool bytes complex date datetime dict float frozenset int list None object set str tuple typing".split()
)


class Reading(NamedTuple):
    """What of a source can be parsed: the same offsets, the rest blanked and named."""

    readable: str
    faults: tuple[Fault, ...]
    unreadable: frozenset[str]


def read(source: str) -> Reading:
    """Blank what does not parse.

    The source is cut before each ``@`` or ``class`` at the start of a line; a block that does not parse by
    itself is mended where a docstring swallowed a line, else blanked with a fault at its first error.
    """
    if isinstance(parse(source), ast.Module):
        return Reading(source, (), frozenset())
    classes = class_names(source)
    faults: list[Fault] = []
    unreadable: set[str] = set()
    pieces: list[str] = []
    for start, end in _blocks(source):
        block = source[start:end]
        error = parse(block)
        if isinstance(error, Fault):
            mended = _without_swallowing(block, classes) or _without_tail(block, error)
            if mended is None and not _CLASS_NAME.search(block):
                mended = _without_bad_lines(block)
            if mended is None:
                mended = blank(block, Span(start=0, end=len(block)))
                unreadable.update(_CLASS_NAME.findall(block))
                faults.append(_moved(error, start))
            elif isinstance(mended, tuple):
                mended, at = mended
                faults.append(_moved(error.model_copy(update={"span": at}), start))
            block = mended
        pieces.append(block)
    readable = "".join(pieces)
    whole = parse(readable)
    if isinstance(whole, Fault):
        return Reading(blank(source, Span(start=0, end=len(source))), (*faults, whole), classes)
    return Reading(readable, tuple(faults), frozenset(unreadable))


def class_names(source: str) -> frozenset[str]:
    """Give the names of the classes that a source declares at the start of a line, parsed or not."""
    return frozenset(_CLASS_NAME.findall(source))


class SwallowedAttribute(NamedTuple):
    """A line inside an attribute docstring that was meant to declare an attribute."""

    name: str
    span: Span


def swallowed_attributes(docstring: str, indent: str, classes: frozenset[str]) -> list[SwallowedAttribute]:
    """Find lines of an attribute docstring that declare an attribute themselves.

    Args:
        docstring: the literal as written, quotes included.
        indent: white space before the attribute that the docstring belongs to.
        classes: names that an annotation may use beside the builtin and typing ones.
    """
    return [
        SwallowedAttribute(match["name"], Span(start=match.start(), end=match.end()))
        for match in _FIELD_LINE.finditer(docstring)
        if match["indent"] == indent and match.start() > 0 and _is_type(match["type"], classes)
    ]


def _is_type(text: str, classes: frozenset[str]) -> bool:
    expression = quoted_annotation(text)
    if expression is None:
        return False
    for node in ast.walk(expression):
        match node:
            case ast.Name(id=name) if name not in _TYPE_NAMES and name not in classes:
                return False
            case ast.Name() | ast.Subscript() | ast.Constant() | ast.Tuple() | ast.BinOp() | ast.BitOr() | ast.Load():
                pass
            case _:
                return False
    return not isinstance(expression, ast.Constant) or isinstance(expression.value, str)


def _blocks(source: str) -> list[tuple[int, int]]:
    """Cut before each decorated class: decorators stay with the class they stand above."""
    cuts = [0]
    decorated = False
    for match in _BLOCK_START.finditer(source):
        if not decorated and match.start() > 0:
            cuts.append(match.start())
        decorated = source.startswith("@", match.start())
    return list(zip(cuts, [*cuts[1:], len(source)], strict=True))


def _without_swallowing(block: str, classes: frozenset[str]) -> str | None:
    """Blank the prose that an unclosed attribute docstring turned into code; None where that is not the fault."""
    rest = block
    start = 0
    while True:
        found = next(
            (
                token
                for token in tokens.scan(rest, start)
                if token.kind == "string"
                and token.text.startswith(('"""', "'''"))
                and swallowed_attributes(token.text, _indent(rest, token.start), classes)
            ),
            None,
        )
        if found is None:
            return None
        quotes = found.text[:3]
        close = rest.find(quotes, found.end)
        if close < 0:
            return None
        rest = blank(rest, Span(start=found.end, end=close + 3))
        if isinstance(parse(rest), ast.Module):
            return rest
        start = found.end


def _indent(source: str, offset: int) -> str:
    line_start = max(source.rfind("\n", 0, offset), source.rfind("\r", 0, offset)) + 1
    before = source[line_start:offset]
    return before if not before.strip() else "\0"


def _without_tail(block: str, error: Fault) -> tuple[str, Span] | None:
    """Blank what follows a class at the start of a line and is no code (a fence, prose)."""
    if error.span is None:
        return None
    document = Document(block)
    line = document.position(error.span.start).line
    for number in range(line, 1, -1):
        text = document.line(number)
        if text and not text[0].isspace():
            span = Span(start=document.line_starts[number - 1], end=len(block))
            kept = blank(block, span)
            if _CLASS_NAME.search(block, 0, span.start) and isinstance(parse(kept), ast.Module):
                return kept, Span(start=span.start, end=span.start + len(text))
            return None
    return None


def _without_bad_lines(block: str) -> tuple[str, Span] | None:
    """Blank the lines of a block without a class that do not parse by themselves."""
    document = Document(block)
    first: Span | None = None
    for number in range(1, len(document.line_starts) + 1):
        text = document.line(number)
        if isinstance(parse(text.strip()), Fault):
            span = Span(start=document.line_starts[number - 1], end=document.line_starts[number - 1] + len(text))
            first = first or span
            block = blank(block, span)
    if first is None or isinstance(parse(block), Fault):
        return None
    return block, first


def _moved(fault: Fault, by: int) -> Fault:
    span = fault.span or Span(start=0, end=0)
    return fault.model_copy(update={"span": Span(start=span.start + by, end=span.end + by)})
