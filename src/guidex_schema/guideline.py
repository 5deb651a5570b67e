"""Guidelines: Python source in, schema out. The source is read, never executed.

``ast`` and an allow-list go first (``screening``), because libcst can be crashed and stalled by small files.
Then libcst reads what ``ast`` drops, the comments: what the two do not agree on is a fault. Where guidelines are
plainly written an accelerator reads the comments instead, and libcst is not even imported.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

from guidex_schema import blocks
from guidex_schema.accelerate.comments import line_comments
from guidex_schema.accelerate.guideline import PlainClass, plain_guideline
from guidex_schema.aliases import type_aliases
from guidex_schema.comments import Comments, Disagreement
from guidex_schema.diagnostic import Fault, quoted
from guidex_schema.reader import Reader
from guidex_schema.schema import Schema
from guidex_schema.screening import FILE_LIMITS, ROW_LIMITS, Limits, blank, invalid_characters, screen, size_fault
from guidex_schema.syntax import node_span, parse
from guidex_schema.text import Document, Span

__all__ = ["FILE_LIMITS", "ROW_LIMITS", "Guideline", "parse_guideline"]

_Told = TypeVar("_Told")

# Between the keyword and the name there may be a line that is continued. Names have letters that \w has not: ℘, ·.
_CLASS_NAME = re.compile(r"class(?:\s|\\)+([^\s\\(:]+)")


@dataclass(frozen=True)
class Guideline:
    """Guidelines as they were read.

    Attributes:
        source: the text as it was given; every span refers to it.
        readable: the same length, with everything that could not or may not be read blanked.
        parsed: the tree of ``readable``, if reading it took one; ``tree`` is always there.
        schema: what the readable part declares.
        faults: what could not be read, and what would have run.
        unreadable: classes of which too little was read to judge their instances.
        keyworded: classes that were read but for a keyword in their header, which may decide what instances hold.
        bound_names: every name that the source binds at module level, also where what binds it was refused.
        type_aliases: names that stand for a type, each with the type as it is written.
        plain: the classes as patterns found them, where reading took no tree.
    """

    source: str
    readable: str
    parsed: ast.Module | None
    schema: Schema
    faults: tuple[Fault, ...]
    unreadable: frozenset[str]
    keyworded: frozenset[str] = frozenset()
    bound_names: frozenset[str] = frozenset()
    type_aliases: Mapping[str, ast.expr] = field(default_factory=dict)
    plain: Sequence[PlainClass] | None = field(default=None, compare=False)

    @cached_property
    def tree(self) -> ast.Module:
        """Give the ``ast`` tree of ``readable``."""
        tree = parse(self.readable) if self.parsed is None else self.parsed
        assert isinstance(tree, ast.Module), "what can be read can be parsed"
        return tree

    @cached_property
    def document(self) -> Document:
        """Give the source with its lines."""
        return Document(self.source)

    @cached_property
    def _readable_document(self) -> Document:
        # The tree counts bytes, and a blank has fewer of them than what it stands for.
        return self.document if self.readable == self.source else Document(self.readable)

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.alias) -> Span:
        """Give the place of a node of the tree in the source."""
        span = node_span(self._readable_document, node)
        assert span is not None, "statements and expressions have a place"
        return span

    def name_span(self, statement: ast.ClassDef) -> Span:
        """Give the place of a class's name."""
        match = _CLASS_NAME.match(self.readable, self.span(statement).start)
        assert match is not None, "a class statement starts with its name"
        return Span(start=match.start(1), end=match.end(1))

    def reported(self, rule: str) -> Iterator[Fault]:
        """Give what reading has found for a rule."""
        return (fault for fault in self.faults if fault.rule == rule)

    @cached_property
    def classes(self) -> list[ast.ClassDef]:
        """Give every class statement of the readable part, in source order."""
        return [statement for statement in self.tree.body if isinstance(statement, ast.ClassDef)]

    def once(self, tell: Callable[["Guideline"], _Told]) -> _Told:
        """Give what a function tells of these guidelines; many rules ask the same, and it is worked out once."""
        told = self._told
        if tell not in told:
            told[tell] = tell(self)
        return cast(_Told, told[tell])

    @cached_property
    def _told(self) -> dict[Callable[["Guideline"], object], object]:
        return {}


def parse_guideline(source: str, *, limits: Limits = FILE_LIMITS, accelerate: bool = True) -> Guideline:
    """Read guidelines into a schema.

    Args:
        source: Python source with dataclasses; any string is accepted.
        limits: sizes beyond which nothing is parsed; ``ROW_LIMITS`` for the guidelines of a dataset row.
        accelerate: whether what is plainly written may be read without libcst, passed at a glance and looked up among
            what other guidelines held; what is read is the same either way.

    Returns:
        The schema of all that could be read, and a fault for all that could not. Nothing is raised.
    """
    too_large = size_fault(source, limits)
    if too_large is not None:
        return _unread(source, blank(source, Span(start=0, end=len(source))), ast.Module([], []), (too_large,))
    valid, character_faults = invalid_characters(source)
    plain = plain_guideline(valid, limits) if accelerate and not character_faults else None
    if plain is not None:
        return Guideline(
            source, source, None, plain.schema, (), frozenset(), bound_names=plain.bound_names, plain=plain.classes
        )
    reading = blocks.read(valid)
    screened = screen(reading.readable, limits, reading.tree, glance=accelerate)
    faults = (*character_faults, *reading.faults, *screened.faults)
    reader = Reader(screened.readable, screened.tree, limits, by_spelling=accelerate and not screened.renamed)
    try:
        schema = reader.schema(_comments(screened.readable, screened.tree, accelerate=accelerate))
    except (Disagreement, RecursionError) as error:
        fault = Fault(
            rule="guideline-syntax",
            message=f"Python reads these guidelines, but libcst does not: {quoted(str(error))}",
            part="guidelines",
            span=Span(start=0, end=0),
        )
        return _unread(source, screened.readable, screened.tree, (*faults, fault))
    unreadable = reading.unreadable | screened.unreadable | reader.unreadable
    return Guideline(
        source=source,
        readable=screened.readable,
        parsed=screened.tree,
        schema=schema,
        faults=(*faults, *reader.faults),
        unreadable=unreadable,
        keyworded=screened.keyworded,
        bound_names=screened.bound_names,
        type_aliases=_type_aliases(screened.tree, reader.names.aliases.types),
    )


def _comments(source: str, tree: ast.Module, *, accelerate: bool) -> Comments:
    found = line_comments(source, tree) if accelerate else None
    if found is None:
        # Its import takes longer than reading many guidelines.
        from guidex_schema.statements import ConcreteComments

        found = ConcreteComments(source, tree)
    return found


def _type_aliases(tree: ast.Module, known: Collection[str]) -> Mapping[str, ast.expr]:
    return {name: value for name, value in type_aliases(tree).items() if name in known} if known else {}


def _unread(source: str, readable: str, tree: ast.Module, faults: tuple[Fault, ...]) -> Guideline:
    return Guideline(source, readable, tree, Schema(), faults, blocks.class_names(source))
