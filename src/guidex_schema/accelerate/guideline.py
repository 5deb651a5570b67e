"""Plainly written guidelines, read by pattern: their tree is made only where somebody asks for it.

Screening and the reader of trees are the authority. What is read here is what models write day by day: imports, and
dataclasses of attributes with docstrings and comments, at most with a root of GoLLIE's as their base. All else is left
to them: other bases, options, most calls, tabs, backslashes, names that are not ASCII, and whatever is laid out in
another way.
"""

import keyword
import re
from collections.abc import Sequence
from typing import NamedTuple, cast

from guidex_schema.accelerate.annotation import meaning
from guidex_schema.accelerate.comments import remarks
from guidex_schema.annotation import ROLES, Names
from guidex_schema.comments import NO_REMARKS, described
from guidex_schema.frozen import trusted
from guidex_schema.meaning import Meaning
from guidex_schema.prose import dedented
from guidex_schema.schema import ROOTS, Attribute, Default, EntityType, FactoryDefault, Relations, Schema, derived_kinds
from guidex_schema.screening import Limits
from guidex_schema.syntax import DOTS_LIMIT
from guidex_schema.text import Location

# Before Python 3.11.5 a group that is repeated possessively goes wrong where it can be matched in several ways
# (https://github.com/python/cpython/issues/106052): only what cannot is.
_END = r" *+(?:\n|\Z)"
_BLANK = r"(?: *+\n)*"
# Python and libcst do not read a declared encoding alike.
_COMMENT = r"#(?![^\n]*coding)[^\n]*+"
_DOCSTRING = rf'{_BLANK}    """([^"]*+(?:"(?!"")[^"]*+)*)"""{_END}'
_IMPORT = (
    r"from (?:abc|dataclasses|datetime|enum|typing|typing_extensions) import "
    rf"([A-Za-z_]\w*+(?:, ?[A-Za-z_]\w*+)*){_END}"
)
_CLASS = rf"(@dataclass *+\n)?(class) ([A-Za-z]\w*+)(?:\(({'|'.join(ROOTS)})\))?: *+\n(?:{_DOCSTRING})?"
_BEFORE = rf"(?:(?: *+|{_COMMENT})\n)*"
_FUTURE = re.compile(rf"{_BEFORE}from __future__ import (annotations){_END}")
_STATEMENT = re.compile(rf"{_BEFORE}(?:{_IMPORT}|{_CLASS}|(?:{_COMMENT})?\Z)", re.ASCII)
_TYPE = r"""([\w\[\]"', ]*[\w\]"'])"""
_CONSTANTS = {"None": None, "True": True, "False": False}
_FACTORIES = {
    f"field(default_factory={name})": FactoryDefault.model_validate({"factory": name})
    for name in ("list", "dict", "set", "tuple")
}
_NUMBER = r"(?:0|[1-9][0-9]{0,17}+)(?:\.[0-9]{1,17}+)?"
_DEFAULT = rf"""({"|".join(map(re.escape, (*_CONSTANTS, *_FACTORIES)))}|"[^"\n]*+"|'[^'\n]*+'|{_NUMBER})"""
_ATTRIBUTE = re.compile(
    rf"((?: *+\n|    #[^\n]*+\n)*)    ([A-Za-z]\w*+): ?{_TYPE}(?: = {_DEFAULT})? *+(#[^\n]*+)?(?:\n|\Z)"
    rf"(?:{_DOCSTRING})?",
    re.ASCII,
)
# The group of the docstring in both patterns.
_PROSE = 6
_QUOTES = 3
_INDENT = 4
# What no class may be called, and names that make something else of what is annotated with them.
_RESERVED = frozenset((*keyword.kwlist, *ROLES, "__debug__"))
_SIGNS = ('"', "'")
_EMPTY = Schema()


# The name of an attribute, its annotation and its default, and the docstring behind it, each as it is written; None
# where there is none.
PlainAttribute = tuple[str, str, str | None, str | None]


class PlainClass(NamedTuple):
    """A class statement, and the attributes in its body, as patterns find them."""

    name: str
    head: re.Match[str]
    body: list[re.Match[str]]

    @property
    def is_decorated(self) -> bool:
        """Say whether it is a dataclass."""
        return self.head[2] is not None

    @property
    def bases(self) -> tuple[str, ...]:
        """Give the root that it derives from, if it does."""
        return () if self.head[5] is None else (self.head[5],)

    @property
    def docstring(self) -> str | None:
        """Give its docstring as it is written; None where it has none."""
        return self.head[_PROSE]

    @property
    def attributes(self) -> list[PlainAttribute]:
        """Give its attributes in source order."""
        return cast("list[PlainAttribute]", [one.group(2, 3, 4, _PROSE) for one in self.body])

    @property
    def prose(self) -> int:
        """Count the characters of its docstrings."""
        return sum([one.end(_PROSE) - one.start(_PROSE) for one in (self.head, *self.body)])

    @property
    def end(self) -> int:
        """Give the offset behind its last statement."""
        last = self.body[-1] if self.body else self.head
        return last.end(_PROSE) + _QUOTES if last[_PROSE] is not None else _end(last)


class Plain(NamedTuple):
    """What guidelines declare in which nothing is unusual.

    Attributes:
        bound_names: every name that they bind at module level.
        classes: their classes, of which no two have one name.
    """

    schema: Schema
    bound_names: frozenset[str]
    classes: Sequence[PlainClass]


def plain_guideline(source: str, limits: Limits) -> Plain | None:
    """Read guidelines without parsing them.

    Args:
        source: guidelines without invalid characters.
        limits: sizes beyond which guidelines are not read.

    Returns:
        What the authority reads, or None where anything is unusual.
    """
    if "\t" in source or "\f" in source or "\r" in source or "\\" in source or source.count(".") >= DOTS_LIMIT:
        return None
    bound: list[str] = []
    classes = _classes(source, bound)
    if classes is None:
        return None
    names = Names(frozenset([one.name for one in classes]))
    bound_names = names.entity_types.union(bound)
    if len(names.entity_types) < len(classes) or not bound_names.isdisjoint(_RESERVED):
        return None
    if not names.entity_types.isdisjoint(ROOTS):
        return None
    if 3 * len(source) > limits.nodes:
        # No character makes more than three nodes, as ``plain_statement`` has it, and those of docstrings make none.
        # Brackets, which have the same limit, are fewer even if each is counted as often as it is deep.
        prose = sum([one.prose for one in classes])
        if 3 * (len(source) - prose) > limits.nodes:
            return None
    entity_types = _entity_types(source, classes, names)
    if entity_types is None:
        return None
    return Plain(trusted(Schema, {**vars(_EMPTY), "entity_types": entity_types}), bound_names, classes)


def _classes(source: str, bound: list[str]) -> list[PlainClass] | None:
    """Find the classes of a source that holds nothing but them and imports, whose names are added to ``bound``."""
    classes = []
    future = _FUTURE.match(source)
    position = 0 if future is None else future.end()
    bound += () if future is None else future.groups()
    while position < len(source):
        statement = _STATEMENT.match(source, position)
        if statement is None:
            return None
        position = statement.end()
        if statement[1]:
            bound += statement[1].replace(" ", "").split(",")
        elif statement[4]:
            body = []
            while (attribute := _ATTRIBUTE.match(source, position)) is not None:
                body.append(attribute)
                position = attribute.end()
            if not body and statement[_PROSE] is None:
                return None
            classes.append(PlainClass(statement[4], statement, body))
    return classes


def _entity_types(source: str, classes: list[PlainClass], names: Names) -> tuple[EntityType, ...] | None:
    lines = _Lines(source)
    types: dict[str, Meaning] = {}
    declared: list[dict[str, object]] = []
    relations: dict[str, Relations] = {}
    for one in classes:
        line = lines.of(one.head.start(3))
        attributes: dict[str, Attribute] = {}
        mentioned: set[str] = set()
        for attribute in one.body:
            above, name, annotation, default, comment, docstring = attribute.groups()
            stated = types.get(annotation)
            if stated is None:
                stated = meaning(annotation, names)
                if stated is None:
                    return None
                types[annotation] = stated
            mentioned |= stated.mentioned
            start = attribute.start(2)
            place = lines.of(start)
            attributes[name] = trusted(
                Attribute,
                {
                    "name": name,
                    "type": stated.type,
                    "description": _description(above, comment, docstring),
                    "required": default is None,
                    "default": None if default is None else _default(default),
                    "inherited": False,
                    "keyword_only": False,
                    "init": True,
                    "location": Location.between((place, _INDENT, place, _INDENT + _end(attribute) - start)),
                },
            )
        if len(attributes) < len(one.body) or not _RESERVED.isdisjoint(attributes):
            return None
        end = one.end
        relations[one.name] = Relations(one.bases, mentioned)
        declared.append(
            {
                "name": one.name,
                "kind": "unknown",
                "definition": dedented(one.docstring or ""),
                "bases": one.bases,
                "attributes": tuple(attributes.values()),
                "decorated": one.is_decorated,
                "options": (),
                "section": "",
                "location": Location.between((line, 0, lines.of(end), end - source.rfind("\n", 0, end) - 1)),
            }
        )
    derived = derived_kinds(relations)
    for fields, name in zip(declared, relations, strict=True):
        fields["kind"] = derived[name]
    return tuple([trusted(EntityType, fields) for fields in declared])


def _end(attribute: re.Match[str]) -> int:
    """Give the offset behind the statement of an attribute."""
    return attribute.end(3) if attribute[4] is None else attribute.end(4)


def _default(written: str) -> Default:
    if written in _CONSTANTS:
        return _CONSTANTS[written]
    if written in _FACTORIES:
        return _FACTORIES[written]
    if written[0] in _SIGNS:
        return written[1:-1]
    return float(written) if "." in written else int(written)


def _description(above: str, comment: str | None, docstring: str | None) -> str:
    if "#" not in above and comment is None:
        return "" if docstring is None else dedented(docstring)
    return described(remarks(above.split("\n")[:-1], comment or "", _INDENT), docstring, NO_REMARKS)


class _Lines:
    """Count the lines of a source, forwards only."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._offset = 0
        self._line = 1

    def of(self, offset: int) -> int:
        """Give the line of an offset that is not before the last that was asked for."""
        self._line += self._source.count("\n", self._offset, offset)
        self._offset = offset
        return self._line
