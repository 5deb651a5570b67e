"""What authors say about their types: definitions of classes, descriptions of attributes, and where they stand."""

import ast
import re
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from guidex_schema import docstring, imports
from guidex_schema.guideline import Guideline
from guidex_schema.imports import Declaration
from guidex_schema.inventory import inventory
from guidex_schema.prose import dedented
from guidex_schema.schema import Attribute
from guidex_schema.syntax import last_name
from guidex_schema.text import Span
from guidex_schema.vocabulary import words


class Definition(NamedTuple):
    """The docstring of a class.

    Attributes:
        guideline: the guidelines that it stands in, which it does not keep alive: they remember what is told of them.
        owner: the class statement.
        text: what the author means by it; "" where there is none.
        summary: what it says of the type itself, before any section that describes attributes.
        words: those of the summary, in lower case.
    """

    guideline: Guideline
    owner: ast.ClassDef
    text: str
    summary: str
    words: Sequence[str]

    @property
    def path(self) -> str:
        """Give the class as a finding names it."""
        return self.owner.name

    @property
    def name(self) -> Span:
        """Give the place of the class's name."""
        return self.guideline.name_span(self.owner)

    @property
    def written(self) -> Span:
        """Give the place of the docstring's literal, or that of the name."""
        is_missing = ast.get_docstring(self.owner, clean=False) is None
        return self.name if is_missing else self.guideline.span(self.owner.body[0])


class Description(NamedTuple):
    """What describes an attribute, as the class itself declares it.

    Attributes:
        guideline: the guidelines that it stands in, which it does not keep alive: they remember what is told of them.
        declaration: the statement that declares it.
        attribute: the attribute as the schema has it.
        number: the place of the statement in the body of its class.
    """

    guideline: Guideline
    declaration: Declaration
    attribute: Attribute
    number: int

    @property
    def path(self) -> str:
        """Give class and attribute as a finding names them."""
        return self.declaration.path

    @property
    def text(self) -> str:
        """Give the comment above, the trailing comment and the docstring; "" where there is none."""
        return self.attribute.description

    @property
    def name(self) -> Span:
        """Give the place of the attribute's name."""
        return self.guideline.span(self.declaration.target)

    @property
    def written(self) -> Span:
        """Give the place of the declaration with all comments and strings that may describe it."""
        guideline, node, number = self.guideline, self.declaration.owner, self.number
        statement = node.body[number]
        following = node.body[number + 1] if number + 1 < len(node.body) else statement
        last = following if isinstance(following, ast.Expr) else statement
        above = (node.body[number - 1].end_lineno if number else None) or node.lineno
        start = min(guideline.document.line_end(above), guideline.span(statement).start)
        return Span(start=start, end=guideline.document.line_end(last.end_lineno or last.lineno))


def definitions(guideline: Guideline) -> Sequence[Definition]:
    """Give the definition of every class that was read completely, in source order; "" where it has none."""
    return guideline.once(_definitions)


def _definitions(guideline: Guideline) -> Sequence[Definition]:
    found = []
    bearer: Guideline = weakref.proxy(guideline)
    for body in inventory(guideline).bodies:
        if body.node.name not in guideline.unreadable:
            text = dedented(body.docstring)
            summary = docstring.summary(text)
            found.append(Definition(bearer, body.node, text, summary, words(summary)))
    return found


def descriptions(guideline: Guideline) -> Sequence[Description]:
    """Give every attribute that a completely read class declares, in source order, described or not."""
    return guideline.once(_descriptions)


def _descriptions(guideline: Guideline) -> Sequence[Description]:
    attributes = {
        (attribute.location.start.line, attribute.location.start.column): attribute
        for entity_type in guideline.schema.entity_types
        for attribute in entity_type.own_attributes
        if attribute.location is not None
    }
    found = []
    bearer: Guideline = weakref.proxy(guideline)
    for node in guideline.classes:
        for number, statement in enumerate(node.body if node.name not in guideline.unreadable else ()):
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                attribute = attributes.get(_start(guideline, statement))
                if attribute is not None:
                    declaration = Declaration(node, statement, statement.target)
                    found.append(Description(bearer, declaration, attribute, number))
    return found


def _start(guideline: Guideline, statement: ast.stmt) -> tuple[int, int]:
    """Give line and column of a statement in code points."""
    if guideline.readable.isascii():
        return statement.lineno, statement.col_offset
    start = guideline.document.position(guideline.span(statement).start)
    return start.line, start.column


def prose(guideline: Guideline) -> Iterator[Definition | Description]:
    """Give all that is said of types, then all that is said of attributes."""
    yield from definitions(guideline)
    yield from descriptions(guideline)


def texts(guideline: Guideline) -> Sequence[str]:
    """Give every text that is said of a type or an attribute, in no order, and those of what was not read completely.

    What is in none of these is nowhere in the prose, which takes longer to give.
    """
    return guideline.once(_texts)


def _texts(guideline: Guideline) -> Sequence[str]:
    return [one.text for one in definitions(guideline)] + [
        attribute.description for entity_type in guideline.schema.entity_types for attribute in entity_type.attributes
    ]


def place(guideline: Guideline, piece: str, within: Definition | Description) -> Span:
    """Give the place of a piece of prose in the source, or that of the name where it is written otherwise there."""
    # Between two words there may be the start of a line, and of a comment.
    pattern = r"[\s#]+".join(re.escape(word) for word in piece.split())
    found = re.compile(pattern).search(guideline.source, within.written.start, within.written.end)
    return within.name if found is None else Span(start=found.start(), end=found.end())


def called(said: Definition | Description) -> str:
    """Name a definition or description in a message, without the words of the author."""
    return "definition of the class" if isinstance(said, Definition) else "description of the attribute"


def bases(classes: Iterable[ast.ClassDef]) -> dict[str, tuple[str, ...]]:
    """Give the bases of every class by the last part of their names; of a repeated name those of the last."""
    return {node.name: tuple(last_name(base) for base in node.bases) for node in classes}


def families(guideline: Guideline) -> frozenset[str]:
    """Give the names of the classes that declare no attribute and that others of the guidelines derive from."""
    last = {node.name: node for node in guideline.classes}
    return frozenset(
        name
        for name in derived_from(guideline) & last.keys()
        if not any(one.is_attribute for one in imports.declarations(last[name]))
    )


def derived_from(guideline: Guideline) -> frozenset[str]:
    """Give the names of all that classes of the guidelines derive from."""
    return frozenset(last_name(base) for node in guideline.classes for base in node.bases)
