"""EBNF as xgrammar reads it.

Source: xgrammar, "EBNF Grammar" (its notation is that of GBNF, llama.cpp, grammars/README.md).
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import assert_never

from guidex_schema.generation.grammar.passage import Passage
from guidex_schema.generation.grammar.plan import Plan
from guidex_schema.generation.grammar.production import FreeNumber, FreeText, Span
from guidex_schema.generation.grammar.span import definitions
from guidex_schema.generation.grammar.writing import Leaf, Symbols, written

# What may stand in a string: neither quotes, backslashes, control characters, line ends, directions nor half pairs,
# which a class that says what is not in it would let pass.
_BEHIND = r"\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_PLAIN = rf"[ !#-\[\]-~\u00a0-\u2027\u202f\u205f-\u2065\u206a-\u206f\u3000\ufeff{_BEHIND}]"
_FIRST = rf"[!#-\[\]-~\u00a1-\u00ac\u00ae-\u167f\u1681-\u1fff\u2010-\u2027{_BEHIND}]"
_ESCAPE = r'"\\" ["\\nt]'
_DIGITS = '"-"? ("0" | [1-9] [0-9]{0,8})'


def ebnf_of(plan: Plan) -> str:
    """Write a plan as EBNF."""
    symbols = Symbols("w", _symbol)
    rules = [_rule(rule.name, written(rule.production, symbols, _quoted), rule.comment) for rule in plan.rules]
    start = _rule("root", written(plan.start, symbols, _quoted))
    words = (_rule(name, " | ".join(_quoted(one.text) for one in texts)) for texts, name in symbols.choices.items())
    leaves = chain.from_iterable(_leaf(leaf, name, plan.passages) for leaf, name in symbols.used.items())
    return "".join((start, *reversed(rules), *words, *leaves))


def _rule(name: str, right: str, comment: str = "") -> str:
    return f"# {comment}\n{name} ::= {right}\n" if comment else f"{name} ::= {right}\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _symbol(leaf: Leaf) -> str:
    match leaf:
        case Span():
            return "span"
        case FreeText(most=most):
            return f"text{most}"
        case FreeNumber(is_integer=is_integer):
            return "integer" if is_integer else "number"
        case _:
            assert_never(leaf)


def _leaf(leaf: Leaf, name: str, passages: Iterable[Passage]) -> Iterator[str]:
    match leaf:
        case Span():
            yield from (_rule(*one) for one in definitions(name, passages, _quoted))
        case FreeText(most=most):
            yield _rule(name, rf'"\"" ({_FIRST} | {_ESCAPE}) ({_PLAIN} | {_ESCAPE}){{0,{most - 1}}} "\""')
        case FreeNumber(is_integer=is_integer):
            yield _rule(name, _DIGITS if is_integer else rf'{_DIGITS} ("." [0-9]{{1,9}})?')
        case _:
            assert_never(leaf)
