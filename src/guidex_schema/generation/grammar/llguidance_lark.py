"""Lark as llguidance reads it: what a lexeme is, such as a string, is a terminal, in capitals.

Source: llguidance, docs/syntax.md. Its ``substring_chunks`` are half as large and compile faster, but match nothing,
leading and trailing blanks and the way from one sentence to the next, which no cheap condition takes away again.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import assert_never

from guidex_schema.generation.grammar.passage import Passage
from guidex_schema.generation.grammar.plan import Plan
from guidex_schema.generation.grammar.production import FreeNumber, FreeText, Span
from guidex_schema.generation.grammar.span import definitions
from guidex_schema.generation.grammar.writing import Leaf, Symbols, written

# Control characters, blanks that break lines, directions, half pairs.
_PLAIN = r'[^"\\\x00-\x1f\x7f-\x9f\u{2028}\u{2029}\u{202a}-\u{202e}\u{2066}-\u{2069}]'
_FIRST = r'[^"\\\s\p{C}]'
_ESCAPE = r'\\["\\nt]'
_DIGITS = r"-?(?:0|[1-9][0-9]{0,8})"


def lark_of(plan: Plan) -> str:
    """Write a plan as Lark."""
    symbols = Symbols("W", _symbol)
    rules = [_rule(rule.name, written(rule.production, symbols, _quoted), rule.comment) for rule in plan.rules]
    start = _rule("start", written(plan.start, symbols, _quoted))
    words = (_rule(name, " | ".join(_quoted(one.text) for one in texts)) for texts, name in symbols.choices.items())
    leaves = chain.from_iterable(_leaf(leaf, name, plan.passages) for leaf, name in symbols.used.items())
    return "".join((start, *reversed(rules), *words, *leaves))


def _rule(name: str, right: str, comment: str = "") -> str:
    return f"// {comment}\n{name}: {right}\n" if comment else f"{name}: {right}\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _symbol(leaf: Leaf) -> str:
    match leaf:
        case Span():
            return "SPAN"
        case FreeText(most=most):
            return f"TEXT{most}"
        case FreeNumber(is_integer=is_integer):
            return "INTEGER" if is_integer else "NUMBER"
        case _:
            assert_never(leaf)


def _leaf(leaf: Leaf, name: str, passages: Iterable[Passage]) -> Iterator[str]:
    match leaf:
        case Span():
            yield from (_rule(*one) for one in definitions(name, passages, _quoted))
        case FreeText(most=most):
            yield _rule(name, f'/"(?:{_FIRST}|{_ESCAPE})(?:{_PLAIN}|{_ESCAPE}){{0,{most - 1}}}"/')
        case FreeNumber(is_integer=is_integer):
            yield _rule(name, f"/{_DIGITS}/" if is_integer else rf"/{_DIGITS}(?:\.[0-9]{{1,9}})?/")
        case _:
            assert_never(leaf)
