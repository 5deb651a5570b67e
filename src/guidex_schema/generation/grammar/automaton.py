"""A suffix automaton: every run of the symbols of some texts, and nothing else.

Source: A. Blumer et al., The smallest automaton recognizing the subwords of a text, 1985.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass
class State:
    """What may follow the runs that lead here."""

    length: int = 0
    link: int = -1
    moves: dict[str, int] = field(default_factory=dict)


def states(texts: Iterable[Sequence[str]]) -> list[State]:
    """Give the states of the automaton of all runs within some texts; the first one is where runs start.

    All runs that lead to a state end in the same symbol. There are fewer than two states for each symbol.
    """
    found = [State()]
    for text in texts:
        last = 0
        for symbol in text:
            last = _extended(found, last, symbol)
    return found


def _extended(found: list[State], last: int, symbol: str) -> int:
    """Take one more symbol behind the run that leads to the last state, and give the state of all of it."""
    known = found[last].moves.get(symbol)
    if known is not None and found[known].length == found[last].length + 1:
        return known
    if known is not None:
        return _split(found, last, symbol, known)
    found.append(State(found[last].length + 1))
    new, at = len(found) - 1, last
    while at >= 0 and symbol not in found[at].moves:
        found[at].moves[symbol] = new
        at = found[at].link
    if at < 0:
        found[new].link = 0
        return new
    other = found[at].moves[symbol]
    found[new].link = other if found[other].length == found[at].length + 1 else _split(found, at, symbol, other)
    return new


def _split(found: list[State], at: int, symbol: str, old: int) -> int:
    """Part the shorter runs of a state from the longer ones, and give the state of the shorter."""
    found.append(State(found[at].length + 1, found[old].link, dict(found[old].moves)))
    new = len(found) - 1
    found[old].link = new
    while at >= 0 and found[at].moves.get(symbol) == old:
        found[at].moves[symbol] = new
        at = found[at].link
    return new
