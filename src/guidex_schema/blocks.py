"""Guidelines that do not parse as a whole, read block by block, so that one bad class does not lose the others."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from guidex_schema import tokens
from guidex_schema.diagnostic import Fault
from guidex_schema.screening import blank
from guidex_schema.syntax import parse, quoted_annotation
from guidex_schema.text import Document, Span
from guidex_schema.tokens import Token

# A line starts behind any of Python's line ends, where ``^`` knows the line feed only.
_BLOCK_START = re.compile(r"(?<![^\r\n])(?=@|class\b)")
_CLASS_NAME = re.compile(r"(?<![^\r\n])class[ \t]+([^\W\d]\w*)")
# What may follow a name and a colon is told apart by hand: a pattern for all of it takes quadratic time.
_FIELD_LINE = re.compile(r"(?<![^\r\n])(?P<indent>[ \t]*)(?P<name>[^\W\d]\w*)[ \t]*:(?P<rest>[^\r\n]*)")
# Each mend parses the block again.
_MENDS_LIMIT = 8
_BLOCKS_JOINED = 3
_TYPE_NAMES = frozenset(
    "Any Dict FrozenSet Iterable List Literal Mapping Optional Sequence Set Tuple Type Union "
    "bool bytes complex date datetime dict float frozenset int list None object set str tuple typing".split()
)


class Reading(NamedTuple):
    """What of a source can be parsed: the same offsets, the rest blanked and named.

    Attributes:
        tree: the tree of ``readable``.
    """

    readable: str
    tree: ast.Module
    faults: tuple[Fault, ...] = ()
    unreadable: frozenset[str] = frozenset()


def read(source: str) -> Reading:
    """Blank what does not parse.

    The source is cut before each ``@`` or ``class`` at the start of a line; a block that does not parse by
    itself is mended where a docstring swallowed a line, else blanked with a fault at its first error.
    """
    tree = parse(source)
    if isinstance(tree, ast.Module):
        return Reading(source, tree)
    classes = class_names(source)
    faults: list[Fault] = []
    unreadable: set[str] = set()
    pieces: list[str] = []
    for start, block in _parsable_blocks(source):
        error = parse(block)
        if isinstance(error, Fault):
            mended, at = _mended(block, error, classes)
            if mended is None:
                mended = blank(block, Span(start=0, end=len(block)))
                unreadable.update(_CLASS_NAME.findall(block))
            if at is not None:
                faults.append(_moved(error.model_copy(update={"span": at}), start))
            block = mended
        pieces.append(block)
    readable = "".join(pieces)
    whole = parse(readable)
    if isinstance(whole, Fault):
        nothing = blank(source, Span(start=0, end=len(source)))
        return Reading(nothing, ast.Module([], []), (*faults, whole), classes)
    return Reading(readable, whole, tuple(faults), frozenset(unreadable))


def _mended(block: str, error: Fault, classes: frozenset[str]) -> tuple[str | None, Span | None]:
    """Blank as little of a block as makes it parse.

    Returns:
        The block, or None where nothing helps; and the place of the fault, or None where a rule of its own names it.
    """
    swallowing = _without_swallowing(block, classes)
    if swallowing is not None:
        return swallowing, None
    mended = _without_tail(block, error)
    if mended is None and not _CLASS_NAME.search(block):
        mended = _without_bad_lines(block)
    return mended or (None, error.span)


def class_names(source: str) -> frozenset[str]:
    """Give the names of the classes that a source declares at the start of a line, parsed or not."""
    return frozenset(_CLASS_NAME.findall(source))


class SwallowedAttribute(NamedTuple):
    """A line inside an attribute docstring that was meant to declare an attribute."""

    name: str
    span: Span


def swallowed_attributes(docstring: str, indent: str | None, classes: frozenset[str]) -> list[SwallowedAttribute]:
    """Find lines of an attribute docstring that declare an attribute themselves.

    Args:
        docstring: the literal as written, quotes included.
        indent: white space before the attribute that the docstring belongs to; None where that may be any.
        classes: names that an annotation may use beside the builtin and typing ones.
    """
    return [
        SwallowedAttribute(match["name"], Span(start=match.start(), end=match.end()))
        for match in _FIELD_LINE.finditer(docstring)
        if (indent is None or match["indent"] == indent)
        and match.start() > 0
        and _is_type(_type_text(match["rest"]), classes)
    ]


def _type_text(rest: str) -> str:
    """Give what stands before the default and the comment of an attribute."""
    return rest.split("#", 1)[0].split("=", 1)[0].strip()


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


def _parsable_blocks(source: str) -> Iterator[tuple[int, str]]:
    """Give each block and where it starts; blocks that parse together only (a cut in a string) are one."""
    blocks = _blocks(source)
    position = 0
    while position < len(blocks):
        start, end = blocks[position]
        position += 1
        if _ends_in_string(source[start:end]):
            for ahead in range(position, min(position + _BLOCKS_JOINED, len(blocks))):
                further = blocks[ahead]
                if isinstance(parse(source[further[0] : further[1]]), ast.Module):
                    break
                if isinstance(parse(source[start : further[1]]), ast.Module):
                    end = further[1]
                    position = ahead + 1
                    break
        yield start, source[start:end]


def _blocks(source: str) -> list[tuple[int, int]]:
    """Cut before each decorated class: decorators stay with the class they stand above."""
    cuts = [0]
    decorated = False
    for match in _BLOCK_START.finditer(source):
        if not decorated and match.start() > 0:
            cuts.append(match.start())
        decorated = source.startswith("@", match.start())
    return list(zip(cuts, [*cuts[1:], len(source)], strict=True))


def _ends_in_string(block: str) -> bool:
    return any(token.kind == "unclosed" for token in tokens.scan(block)) and isinstance(parse(block), Fault)


def _without_swallowing(block: str, classes: frozenset[str]) -> str | None:
    """Blank the prose that an unclosed attribute docstring turned into code; None where that is not the fault."""
    rest = block
    start = 0
    for _ in range(_MENDS_LIMIT):
        found = next(_swallowing(rest, start, classes), None)
        if found is None:
            return None
        close = rest.find(found.text[:3], found.end)
        if close < 0:
            return None
        rest = blank(rest, Span(start=found.end, end=close + 3))
        if isinstance(parse(rest), ast.Module):
            return rest
        start = found.end
    return None


def _swallowing(source: str, start: int, classes: frozenset[str]) -> Iterator[Token]:
    """Give the docstrings that swallow an attribute; each stands alone at the start of its line."""
    indent: str | None = None
    for token in tokens.scan(source, start):
        docstring = token.kind == "string" and token.text.startswith(('"""', "'''"))
        if docstring and indent is not None and swallowed_attributes(token.text, indent, classes):
            yield token
        indent = None
        if token.kind == "space" and ("\n" in token.text or "\r" in token.text):
            indent = re.split(r"[\r\n]", token.text)[-1]


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
    pieces: list[str] = []
    for start, end in pairwise([*document.line_starts, len(block)]):
        line = block[start:end]
        if isinstance(parse(line.strip()), Fault):
            first = first or Span(start=start, end=start + len(line.rstrip("\r\n")))
            line = blank(line, Span(start=0, end=len(line)))
        pieces.append(line)
    mended = "".join(pieces)
    if first is None or isinstance(parse(mended), Fault):
        return None
    return mended, first


def _moved(fault: Fault, by: int) -> Fault:
    span = fault.span or Span(start=0, end=0)
    return fault.model_copy(update={"span": Span(start=span.start + by, end=span.end + by)})
