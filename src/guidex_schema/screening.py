"""Screen guideline source before anything else reads it: libcst can be crashed or stalled, ``ast`` cannot.

What is refused is named as a fault and blanked, so that the reader behind sees only statements that
declare something, and every offset stays what it was. Nothing is ever executed.
"""

import ast
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from guidex_schema import aliases, tokens
from guidex_schema.allowlist import (
    DEPTH_LIMIT,
    admit_bases,
    admit_class_keywords,
    admit_class_statement,
    admit_decorator,
    admit_statement,
    admit_text,
    measure,
)
from guidex_schema.diagnostic import Fault, quoted
from guidex_schema.plain_statement import Glance
from guidex_schema.refusal import Refusal
from guidex_schema.syntax import (
    bindings,
    construct,
    last_name,
    node_span,
    opening,
    parse,
    quoted_annotation,
    statement_span,
)
from guidex_schema.text import Document, Span

# The tree's own helpers are given on, so that a reader of screened source needs one import.
__all__ = [
    "DEPTH_LIMIT",
    "FILE_LIMITS",
    "INVALID_CHARACTER",
    "ROW_LIMITS",
    "Limits",
    "Refusal",
    "Screened",
    "blank",
    "construct",
    "invalid_characters",
    "last_name",
    "node_span",
    "parse",
    "quoted_annotation",
    "screen",
    "size_fault",
    "statement_span",
]

# Trojan Source (CVE-2021-42574): characters that make source look like what it is not.
_BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"
INVALID_CHARACTER = re.compile(f"[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\ud800-\udfff{_BIDI_CONTROLS}]")
_INVALID_ASCII = bytes(code for code in range(0x80) if INVALID_CHARACTER.match(chr(code)))
_COMMA = re.compile(r"(?:[\s\\]++|#[^\r\n]*+)*,")


@dataclass(frozen=True)
class Limits:
    """How large a source may be: bytes of UTF-8 and nodes of its tree."""

    size: int
    nodes: int

    @property
    def brackets(self) -> int:
        """Give how many brackets are read, each counted as often as it is deep: far more than types need."""
        return self.nodes


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
        keyworded: names of classes of which only a keyword in the header was refused.
        bound_names: every name that the source binds at module level, also where what binds it was refused.
        renamed: names in the tree have been replaced by those that they stand for.
    """

    source: str
    readable: str
    tree: ast.Module
    faults: tuple[Fault, ...] = ()
    unreadable: frozenset[str] = frozenset()
    keyworded: frozenset[str] = frozenset()
    bound_names: frozenset[str] = frozenset()
    renamed: bool = False


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
    if source.isascii() and len(source.encode().translate(None, _INVALID_ASCII)) == len(source):
        return source, tuple(faults)
    for match in INVALID_CHARACTER.finditer(source):
        name = unicodedata.name(match.group(), f"U+{ord(match.group()):04X}")
        faults.append(
            Fault(
                rule="invalid-character",
                message=f"the character {name} may not stand in guidelines; write it as an escape in a string",
                part="guidelines",
                span=Span(start=match.start(), end=match.end()),
            )
        )
    return INVALID_CHARACTER.sub(" ", source), tuple(faults)


def screen(source: str, limits: Limits, tree: ast.Module | None = None, *, glance: bool = True) -> Screened:
    """Pass a source that ``ast`` can parse through the allow-list.

    Args:
        source: guidelines without invalid characters that parse as Python.
        limits: the most nodes that are read.
        tree: the tree of the source, where it has been parsed already; it is changed.
        glance: whether plain statements may be passed without being walked; what is found is the same either way.
    """
    parsed = parse(source) if tree is None else tree
    if isinstance(parsed, Fault):
        return _nothing(source, (parsed,))
    tree = parsed
    renamed = aliases.resolve(tree)
    screening = _Screening(Document(source))
    nodes = brackets = 0
    seen = Glance.of(source, limits.nodes, limits.brackets) if glance else None
    opened = len(opening(tree))
    for position, statement in enumerate(tree.body):
        if seen is not None and seen.is_plain(statement):
            continue
        try:
            nodes += measure(statement)
            span = statement_span(screening.document, statement)
            brackets += admit_text(statement, source[span.start : span.end])
        except Refusal as refusal:
            screening.refuse(refusal, statement)
            continue
        if nodes > limits.nodes or brackets > limits.brackets:
            screening.refuse_rest(tree.body[position:], limits)
            break
        screening.statement(statement, is_opening=position < opened)
    faults = (*screening.faults, *_unstable_names(source))
    bound_names = frozenset(name for statement in tree.body for name in bindings(statement))
    readable = source
    if screening.refused:
        readable = _without(source, screening.refused)
        remaining = parse(readable)
        if isinstance(remaining, Fault):
            return _nothing(source, (*faults, remaining))
        aliases.resolve(remaining)
        tree = remaining
    unreadable, keyworded = frozenset(screening.unreadable), frozenset(screening.keyworded)
    return Screened(source, readable, tree, faults, unreadable, keyworded, bound_names, renamed)


def _nothing(source: str, faults: tuple[Fault, ...]) -> Screened:
    return Screened(source, blank(source, Span(start=0, end=len(source))), ast.Module([], []), faults)


@dataclass
class _Screening:
    """What one pass over a source has refused so far.

    Attributes:
        refused: what is to be blanked, and what stands in its place, so that no block becomes empty.
    """

    document: Document
    faults: list[Fault] = field(default_factory=list)
    refused: list[tuple[Span, str]] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    keyworded: set[str] = field(default_factory=set)

    def statement(self, statement: ast.stmt, *, is_opening: bool) -> None:
        try:
            if not isinstance(statement, ast.ClassDef):
                admit_statement(statement, is_opening=is_opening)
                return
            admit_bases(statement)
        except Refusal as refusal:
            self.refuse(refusal, statement)
            return
        try:
            admit_class_keywords(statement)
        except Refusal as refusal:
            self._refuse_keywords(refusal, statement)
        for decorator in statement.decorator_list:
            try:
                admit_decorator(decorator)
            except Refusal as refusal:
                self._refuse_decorator(refusal, decorator)
        for inner in statement.body:
            try:
                admit_class_statement(inner)
            except Refusal as refusal:
                self.refuse(refusal, inner)
                if isinstance(inner, ast.AnnAssign | ast.Assign):
                    self.unreadable.add(statement.name)

    def refuse(self, refusal: Refusal, statement: ast.stmt) -> None:
        """Take out a whole statement."""
        span = statement_span(self.document, statement)
        self._name(refusal, span)
        self.refused.append((span, "0"))
        if isinstance(statement, ast.ClassDef):
            self.unreadable.add(statement.name)

    def refuse_rest(self, statements: list[ast.stmt], limits: Limits) -> None:
        """Take out everything from the first of these statements on, with one fault for all of it."""
        what = f"what stands behind the first {limits.nodes:,} nodes, or {limits.brackets:,} nested brackets,"
        start = statement_span(self.document, statements[0]).start
        self._name(Refusal(statements[0], what, "source-limit"), Span(start=start, end=start))
        self.refused.append((Span(start=start, end=len(self.document.text)), "0"))
        self.unreadable.update(one.name for one in statements if isinstance(one, ast.ClassDef))

    def _refuse_decorator(self, refusal: Refusal, decorator: ast.expr) -> None:
        span = node_span(self.document, decorator)
        assert span is not None, "every expression has a place"
        self._name(refusal, span)
        self.refused.append((Span(start=self.document.text.rindex("@", 0, span.start), end=span.end), ""))

    def _refuse_keywords(self, refusal: Refusal, statement: ast.ClassDef) -> None:
        spans = [node_span(self.document, keyword) for keyword in statement.keywords]
        first, last = spans[0], spans[-1]
        assert first is not None, "every keyword has a place"
        assert last is not None, "every keyword has a place"
        self._name(refusal, first)
        # A comma must not be left alone.
        comma = _COMMA.match(self.document.text, last.end)
        self.refused.append((Span(start=first.start, end=comma.end() if comma else last.end), ""))
        self.keyworded.add(statement.name)

    def _name(self, refusal: Refusal, span: Span) -> None:
        at = node_span(self.document, refusal.node) or span
        words = quoted(self.document.text[at.start : at.end])
        told = {"runs-code": "would run code", "guideline-syntax": "is not Python"}.get(refusal.rule, "is not read")
        message = f"{refusal.what} {told}: {words}"
        self.faults.append(Fault(rule=refusal.rule, message=message, part="guidelines", span=at))


def blank(source: str, span: Span) -> str:
    """Replace a span by blanks; line ends stay, so no offset and no line number changes."""
    return source[: span.start] + _blanks(source, span) + source[span.end :]


def _blanks(source: str, span: Span) -> str:
    return re.sub(r"[^\r\n]", " ", source[span.start : span.end])


def _without(source: str, refused: list[tuple[Span, str]]) -> str:
    pieces = []
    end = 0
    for span, filler in sorted(refused, key=lambda one: one[0].start):
        if span.start < end:
            continue
        pieces += [source[end : span.start], filler, _blanks(source, span)[len(filler) :]]
        end = span.end
    return "".join([*pieces, source[end:]])


def _unstable_names(source: str) -> Iterator[Fault]:
    """Name the identifiers that Python reads as something else (PEP 3131: names are NFKC-normalised)."""
    if source.isascii() or unicodedata.is_normalized("NFKC", source):
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
