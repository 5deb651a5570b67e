"""How long the longest sentence of a grammar is."""

from guidex_schema.generation.grammar.literal import escaped
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
)

# Bytes of the longest character of UTF-8, of quotes around a text, of a comma and a space.
_CHARACTER, _QUOTES, _COMMA = 4, 2, 2
# A sign and nine digits, and a point with nine more.
_INTEGER, _NUMBER = 10, 20


def longest(plan: Plan) -> int:
    """Give the bytes of the longest sentence, at least as many as any tokenizer makes tokens of it."""
    lengths: dict[str, int] = {}
    pieces = ("".join(text for piece in passage for text in piece) for passage in plan.passages)
    span = _QUOTES + max((_bytes(escaped(text)) for text in pieces), default=0)

    def length(production: Production) -> int:
        match production:
            case Text(text=text):
                return _bytes(text)
            case Span():
                return span
            case FreeText(most=most):
                return _QUOTES + _CHARACTER * most
            case FreeNumber(is_integer=is_integer):
                return _INTEGER if is_integer else _NUMBER
            case Name(name=name):
                return lengths[name]
            case Row(parts=parts):
                return sum(map(length, parts))
            case Enclosed(opening=opening, parts=parts, closing=closing):
                return _bytes(opening) + sum(map(length, parts)) + _bytes(closing)
            case Choice(parts=parts):
                return max(map(length, parts))
            case Maybe(part=part):
                return length(part)
            case Items(part=part, most=most):
                return most * (length(part) + _COMMA) - _COMMA

    for rule in plan.rules:
        lengths[rule.name] = length(rule.production)
    return length(plan.start)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8"))
