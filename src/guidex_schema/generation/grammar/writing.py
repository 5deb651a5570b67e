"""What both dialects have in common: parts side by side, bars, question marks and counts."""

from collections.abc import Callable
from typing import assert_never

from guidex_schema.generation.grammar.production import (
    Choice,
    Enclosed,
    FreeNumber,
    FreeText,
    Items,
    Maybe,
    Name,
    Production,
    Row,
    Span,
    Text,
    words,
)

Leaf = Span | FreeText | FreeNumber


class Symbols:
    """The symbols for leaves and for long choices of words, each with its definition.

    Args:
        prefix: what the names of choices of words begin with.
        leaf: gives the symbol of a leaf.
    """

    def __init__(self, prefix: str, leaf: Callable[[Leaf], str]) -> None:
        self.leaf = leaf
        self.used: dict[Leaf, str] = {}
        self.choices: dict[tuple[Text, ...], str] = {}
        self._prefix = prefix

    def of(self, leaf: Leaf) -> str:
        """Give the symbol of a leaf."""
        return self.used.setdefault(leaf, self.leaf(leaf))

    def one_of(self, texts: tuple[Text, ...]) -> str:
        """Give the symbol of one of several words."""
        return self.choices.setdefault(texts, f"{self._prefix}{len(self.choices)}")


def written(production: Production, symbols: Symbols, quoted: Callable[[str], str]) -> str:
    """Write a production as the right side of a rule.

    Args:
        production: what to write.
        symbols: takes note of the leaves and words that it names.
        quoted: writes text that stands for itself.
    """

    def part(one: Production) -> str:
        text = written(one, symbols, quoted)
        return f"({text})" if isinstance(one, Choice) and words(one) is None else text

    match production:
        case Text(text=text):
            return quoted(text)
        case Span() | FreeText() | FreeNumber():
            return symbols.of(production)
        case Name(name=name):
            return name
        case Row(parts=parts):
            return " ".join(map(part, parts))
        case Enclosed(opening=opening, parts=parts, closing=closing):
            return " ".join((quoted(opening), *map(part, parts), quoted(closing)))
        case Choice(parts=parts):
            texts = words(production)
            return " | ".join(map(part, parts)) if texts is None else symbols.one_of(texts)
        case Maybe(part=inner):
            return f"({written(inner, symbols, quoted)})?"
        case Items(part=inner, most=1):
            return part(inner)
        case Items(part=inner, most=most):
            return f"{part(inner)} ({quoted(', ')} {part(inner)}){{0,{most - 1}}}"
        case _:
            assert_never(production)
