"""Spans: the automaton of all values that are a piece of the document, as the definitions of a grammar."""

from collections.abc import Callable, Iterable, Iterator

from guidex_schema.generation.grammar.automaton import State, states
from guidex_schema.generation.grammar.literal import escaped
from guidex_schema.generation.grammar.passage import Passage


def definitions(name: str, passages: Iterable[Passage], quoted: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Write what a string literal may be that holds a piece of one of the passages.

    A span begins and ends in a token. There is one definition for each state of the automaton behind a token, so the
    grammar knows at every character how the document goes on, and nothing has to be cut off afterwards.

    Args:
        name: that of a whole literal, which comes first; the others are called P and a number.
        passages: at least one.
        quoted: writes text that stands for itself.

    Returns:
        Names and right sides.
    """
    texts = [[escaped(text) for piece in passage for text in piece if text] for passage in passages]
    gaps = {escaped(piece.gap) for passage in passages for piece in passage}
    found = states(texts)

    def moves(state: State, *, is_start: bool = False) -> str:
        return " | ".join(step(symbol, to) for symbol, to in state.moves.items() if not (is_start and symbol in gaps))

    def step(symbol: str, to: int) -> str:
        if symbol in gaps:
            return f"{quoted(symbol)} ({moves(found[to])})"
        return f"{quoted(symbol)} P{to}" if found[to].moves else quoted(symbol)

    quote = quoted('"')
    yield name, f"{quote} ({moves(found[0], is_start=True)}) {quote}"
    tokens = {to for state in found for symbol, to in state.moves.items() if symbol not in gaps}
    for number in sorted(tokens):
        if found[number].moves:
            yield f"P{number}", f'"" | {moves(found[number])}'
