"""Plans written as grammars: all dialects have parts side by side, bars, question marks and counts."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import assert_never

from guidex_schema.generation.grammar.passage import Passage
from guidex_schema.generation.grammar.plan import Plan
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
from guidex_schema.generation.grammar.span import definitions

_Leaf = Span | FreeText | FreeNumber


@dataclass(frozen=True)
class Dialect:
    """What dialects differ in.

    Attributes:
        start: the name of the rule for whole lists.
        becomes: what stands between the name of a rule and its right side.
        remark: what a comment begins with.
        named: writes the name of what is a lexeme, which is given in small letters.
        quoted: writes text that stands for itself.
        text: writes the right side for a free text of so many characters at most.
        integer: the right side for a free whole number.
        number: the right side for a free number.
    """

    start: str
    becomes: str
    remark: str
    named: Callable[[str], str]
    quoted: Callable[[str], str]
    text: Callable[[int], str]
    integer: str
    number: str

    def rule(self, name: str, right: str, comment: str = "") -> str:
        """Write a rule, below its comment if it has one."""
        above = f"{self.remark} {comment}\n" if comment else ""
        return f"{above}{name}{self.becomes} {right}\n"


class _Symbols:
    """The symbols for leaves and for long choices of words, each with its definition."""

    def __init__(self, dialect: Dialect) -> None:
        self.used: dict[_Leaf, str] = {}
        self.choices: dict[tuple[Text, ...], str] = {}
        self._named = dialect.named

    def of(self, leaf: _Leaf) -> str:
        """Give the symbol of a leaf."""
        match leaf:
            case Span():
                name = "span"
            case FreeText(most=most):
                name = f"text{most}"
            case FreeNumber(is_integer=is_integer):
                name = "integer" if is_integer else "number"
            case _:
                assert_never(leaf)
        return self.used.setdefault(leaf, self._named(name))

    def one_of(self, texts: tuple[Text, ...]) -> str:
        """Give the symbol of one of several words."""
        return self.choices.setdefault(texts, self._named(f"w{len(self.choices)}"))


def written(plan: Plan, dialect: Dialect) -> str:
    """Write a plan in a dialect."""
    symbols = _Symbols(dialect)
    rules = [dialect.rule(one.name, _right(one.production, symbols, dialect.quoted), one.comment) for one in plan.rules]
    start = dialect.rule(dialect.start, _right(plan.start, symbols, dialect.quoted))
    choices = (
        dialect.rule(name, " | ".join(dialect.quoted(one.text) for one in texts))
        for texts, name in symbols.choices.items()
    )
    leaves = chain.from_iterable(_leaf(leaf, name, plan.passages, dialect) for leaf, name in symbols.used.items())
    return "".join((start, *reversed(rules), *choices, *leaves))


def _leaf(leaf: _Leaf, name: str, passages: Iterable[Passage], dialect: Dialect) -> Iterator[str]:
    """Write the rules for a leaf."""
    match leaf:
        case Span():
            yield from (dialect.rule(*one) for one in definitions(name, passages, dialect.quoted))
        case FreeText(most=most):
            yield dialect.rule(name, dialect.text(most))
        case FreeNumber(is_integer=is_integer):
            yield dialect.rule(name, dialect.integer if is_integer else dialect.number)
        case _:
            assert_never(leaf)


def _right(production: Production, symbols: _Symbols, quoted: Callable[[str], str]) -> str:
    """Write a production as the right side of a rule.

    Args:
        production: what to write.
        symbols: takes note of the leaves and words that it names.
        quoted: writes text that stands for itself.
    """

    def part(one: Production) -> str:
        text = _right(one, symbols, quoted)
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
            return f"({_right(inner, symbols, quoted)})?"
        case Items(part=inner, most=1):
            return part(inner)
        case Items(part=inner, most=most):
            return f"{part(inner)} ({quoted(', ')} {part(inner)}){{0,{most - 1}}}"
        case _:
            assert_never(production)
