"""What authors say about their types: definitions of classes, descriptions of attributes, and where they stand."""

import ast
import re
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from guidex_schema import docstring, imports
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import Body, inventory
from guidex_schema.prose import dedented
from guidex_schema.schema import Attribute, EntityType
from guidex_schema.text import Span
from guidex_schema.vocabulary import words


class Definition(NamedTuple):
    """The docstring of a class.

    Attributes:
        guideline: the guidelines that it stands in, which it does not keep alive: they remember what is told of them.
        number: which of their classes it stands in.
        body: what stands in the class.
        text: what the author means by it; "" where there is none.
        summary: what it says of the type itself, before any section that describes attributes.
        words: those of the summary, in lower case.
    """

    guideline: Guideline
    number: int
    body: Body
    text: str
    summary: str
    words: Sequence[str]

    @property
    def path(self) -> str:
        """Give the class as a finding names it."""
        return self.body.name

    @property
    def name(self) -> Span:
        """Give the place of the class's name."""
        return self.guideline.name_span(self._owner)

    @property
    def written(self) -> Span:
        """Give the place of the docstring's literal, or that of the name."""
        is_missing = ast.get_docstring(self._owner, clean=False) is None
        return self.name if is_missing else self.guideline.span(self._owner.body[0])

    @property
    def _owner(self) -> ast.ClassDef:
        return self.guideline.classes[self.number]


class Description(NamedTuple):
    """What describes an attribute, as the class itself declares it.

    Attributes:
        guideline: the guidelines that it stands in, which it does not keep alive: they remember what is told of them.
        entity_type: the class that declares it.
        attribute: the attribute as the schema has it.
    """

    guideline: Guideline
    entity_type: EntityType
    attribute: Attribute

    @property
    def path(self) -> str:
        """Give class and attribute as a finding names them."""
        return f"{self.entity_type.name}.{self.attribute.name}"

    @property
    def text(self) -> str:
        """Give the comment above, the trailing comment and the docstring; "" where there is none."""
        return self.attribute.description

    @property
    def name(self) -> Span:
        """Give the place of the attribute's name."""
        return self.guideline.span(self._site.statement.target)

    @property
    def written(self) -> Span:
        """Give the place of the declaration with all comments and strings that may describe it."""
        guideline, (node, statement, number) = self.guideline, self._site
        following = node.body[number + 1] if number + 1 < len(node.body) else statement
        last = following if isinstance(following, ast.Expr) else statement
        above = (node.body[number - 1].end_lineno if number else None) or node.lineno
        start = min(guideline.document.line_end(above), guideline.span(statement).start)
        return Span(start=start, end=guideline.document.line_end(last.end_lineno or last.lineno))

    @property
    def _site(self) -> "_Site":
        return self.guideline.once(_sites)[_start(self.attribute)]


class _Site(NamedTuple):
    """A class, the statement of one of its attributes, and the place of that in its body."""

    owner: ast.ClassDef
    statement: ast.AnnAssign
    number: int


def _sites(guideline: Guideline) -> Mapping[tuple[int, int], _Site]:
    """Give the statements of attributes by line and column in code points."""
    found = {}
    for node in guideline.classes:
        for number, statement in enumerate(node.body):
            if isinstance(statement, ast.AnnAssign):
                start = guideline.document.position(guideline.span(statement).start)
                found[start.line, start.column] = _Site(node, statement, number)
    return found


def _start(attribute: Attribute) -> tuple[int, int]:
    """Give line and column of the statement of an attribute in code points."""
    assert attribute.location is not None, "what was read has a place"
    line, column, _, _ = attribute.location.places
    return line, column


def definitions(guideline: Guideline) -> Sequence[Definition]:
    """Give the definition of every class that was read completely, in source order; "" where it has none."""
    return guideline.once(_definitions)


def _definitions(guideline: Guideline) -> Sequence[Definition]:
    found = []
    bearer: Guideline = weakref.proxy(guideline)
    for number, body in enumerate(inventory(guideline).bodies):
        if body.name not in guideline.unreadable:
            text = dedented(body.docstring)
            summary = docstring.summary(text)
            found.append(Definition(bearer, number, body, text, summary, words(summary)))
    return found


def descriptions(guideline: Guideline) -> Sequence[Description]:
    """Give every attribute that a completely read class declares, in source order, described or not."""
    return guideline.once(_descriptions)


def _descriptions(guideline: Guideline) -> Sequence[Description]:
    bearer: Guideline = weakref.proxy(guideline)
    found = [
        Description(bearer, entity_type, attribute)
        for entity_type in guideline.schema.entity_types
        if entity_type.name not in guideline.unreadable
        for attribute in entity_type.own_attributes
    ]
    # What is declared again keeps its place among the attributes.
    return sorted(found, key=lambda one: _start(one.attribute))


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


def bases(bodies: Iterable[Body]) -> dict[str, tuple[str, ...]]:
    """Give the bases of every class by the last part of their names; of a repeated name those of the last."""
    return {body.name: body.bases for body in bodies}


def families(guideline: Guideline) -> frozenset[str]:
    """Give the names of the classes that declare no attribute and that others of the guidelines derive from."""
    found = inventory(guideline)
    parents = found.bases & found.class_names
    if not parents:
        return frozenset()
    last = {node.name: node for node in guideline.classes}
    return frozenset(name for name in parents if not any(one.is_attribute for one in imports.declarations(last[name])))
