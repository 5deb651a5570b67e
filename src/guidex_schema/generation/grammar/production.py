"""Productions: what a grammar is made of, whichever dialect it is written in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never


@dataclass(frozen=True)
class Text:
    """Source that is written as it stands."""

    text: str


@dataclass(frozen=True)
class Span:
    """A string literal that holds a piece of the document."""


@dataclass(frozen=True)
class FreeText:
    """A string literal that holds anything, but does not begin with a blank.

    Attributes:
        most: characters it may have, an escape counting as one.
    """

    most: int


@dataclass(frozen=True)
class FreeNumber:
    """Any number of at most nine digits before its point, and as many behind it.

    Attributes:
        is_integer: it has no point.
    """

    is_integer: bool


@dataclass(frozen=True)
class Name:
    """Another rule of the grammar.

    Attributes:
        height: how many instances and containers nest in what the rule stands for.
    """

    name: str
    height: int


@dataclass(frozen=True)
class Row:
    """Parts one behind the other."""

    parts: "tuple[Production, ...]"


@dataclass(frozen=True)
class Enclosed:
    """Parts between brackets: an instance or a container, one level of values."""

    opening: str
    parts: "tuple[Production, ...]"
    closing: str


@dataclass(frozen=True)
class Choice:
    """One of several parts."""

    parts: "tuple[Production, ...]"


@dataclass(frozen=True)
class Maybe:
    """A part or nothing."""

    part: "Production"


@dataclass(frozen=True)
class Items:
    """A part once or more, with a comma between.

    Attributes:
        most: how often, at least once.
    """

    part: "Production"
    most: int


Production = Text | Span | FreeText | FreeNumber | Name | Row | Enclosed | Choice | Maybe | Items


@dataclass(frozen=True)
class Rule:
    """A production with a name.

    Attributes:
        comment: what it is about, for people; of letters, digits and commas.
    """

    name: str
    production: Production
    comment: str = ""


class Table:
    """The rules of a grammar while they come to be, each behind those that it names; equal productions share one."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._names: dict[Production, Name] = {}

    def named(self, prefix: str, production: Production, comment: str = "") -> Name:
        """Give the rule of a production, which is made where there is none yet.

        Args:
            prefix: what the name begins with; a number follows.
            production: what the rule stands for.
            comment: what it is about.
        """
        if production not in self._names:
            name = Name(f"{prefix}{len(self.rules)}", height(production))
            self._names[production] = name
            self.rules.append(Rule(name.name, production, comment))
        return self._names[production]


def choice(parts: Iterable[Production | None]) -> Production | None:
    """Give one of those parts that there are, each once; None where there is none."""
    flat = (one for part in parts for one in (part.parts if isinstance(part, Choice) else (part,)) if one is not None)
    found = tuple(dict.fromkeys(flat))
    return found[0] if len(found) == 1 else Choice(found) if found else None


def words(production: Production | None) -> tuple[Text, ...] | None:
    """Give all that a production can be, where it is one of some texts; nothing where there is no production."""
    match production:
        case None:
            return ()
        case Text():
            return (production,)
        case Choice(parts=parts):
            texts = tuple(part for part in parts if isinstance(part, Text))
            return texts if len(texts) == len(parts) else None
        case _:
            return None


def height(production: Production) -> int:
    """Give how many instances and containers nest in a production."""
    match production:
        case Text() | Span() | FreeText() | FreeNumber():
            return 0
        case Name(height=known):
            return known
        case Row(parts=parts) | Choice(parts=parts):
            return max(map(height, parts), default=0)
        case Enclosed(parts=parts):
            return 1 + max(map(height, parts), default=0)
        case Maybe(part=part) | Items(part=part):
            return height(part)
        case _:
            assert_never(production)


def named(production: Production) -> frozenset[str]:
    """Give the rules that a production names."""
    match production:
        case Text() | Span() | FreeText() | FreeNumber():
            return frozenset()
        case Name(name=name):
            return frozenset((name,))
        case Row(parts=parts) | Choice(parts=parts) | Enclosed(parts=parts):
            return frozenset().union(*map(named, parts))
        case Maybe(part=part) | Items(part=part):
            return named(part)
        case _:
            assert_never(production)
