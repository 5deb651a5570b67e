"""Mutants of labels: Python that differs at a few places from what is read, and what is no Python any more."""

import random
from collections.abc import Sequence

# What mutations put in: what could be read otherwise than by Python if it were passed over.
PIECES = [
    *"[](){}'\"=,.:;+-*/%@~\\#_0123456789eEjxXbBoOrRuUfFnNtT ",
    *"\t\n\r\f\v\0\x1a\x1b\x7f\x85\xa0\u2028\u3000\ufeff\u202e\u200b",
    "\r\n", "\\\n", "\\\r\n", "\ud800", "\ud83d", "\U0001f600", "\ufb01", "\uff30", "é", "e\u0301", "ª", "٣", "²", "º",
    "None", "True", "False", "null", "lambda ", " if 1 else ", " for x in y", "not ", "await ", "yield ", "*", "**",
    ":=",
    "==", "->", "...", "Person", "Person(", "Role.A", "Role.", "print(", "name=", "name=1", "class=", "None=",
    "__debug__=",
    "'''", '"""', "r'", 'f"', "b'", "''", '""', "\\'", '\\"', "\\\\", "\\n", "\\x41", "\\u00e9", "\\N{BULLET}", "\\0",
    "\\d", "# x\n", "#", "1_0", "0x1", "1e5", "1.", ".5", "00", "1j", "-", "--", "+", "[" * 30, "]" * 30, "(" * 30,
    "result = ", "result: x = ", "x = Person()\n", "import os\n", "\n[1]", ", 1", ",,", "()", "[0]", ".x",
]  # fmt: skip


def mutant(source: str, chance: random.Random, pieces: Sequence[str] = PIECES) -> str:
    """Change labels at a few places.

    Args:
        source: the labels.
        chance: makes the choices.
        pieces: what is put in.
    """
    for _ in range(chance.choice((1, 1, 2, 3))):
        start = chance.randrange(len(source) + 1)
        end = min(start + chance.choice((0, 0, 1, 1, 2, 5)), len(source))
        match chance.randrange(6):
            case 0:
                new = ""
            case 1:
                new = source[start:end] * 2
            case 2:
                at = chance.randrange(len(source) + 1)
                new = source[at : at + chance.randrange(12)]
            case _:
                new = chance.choice(pieces)
        source = source[:start] + new + source[end:]
    return source
