"""Mutants of Python source: small changes of the kinds on which two readers of one text could part."""

import random
from collections.abc import Callable, Sequence

# Characters that a lexer may see otherwise than its neighbour: blanks, line ends, marks, look-alikes, halves of pairs.
CHARACTERS = (
    "\0\t\n\r\f\v \\#;:,.@=()[]{}'\"`0_1aé名\x85\xa0\x1c\x1f\x7f\u2028\u2029\u202e\u3000\ufeff\ufb01\u210c\u1680"
    "\ud800\udfff🙂ſªµ·℘"
)
TOKENS = (
    "\\\n",
    "\\\r\n",
    "\r\n",
    "\n\n",
    "\n    ",
    "\n\f    ",
    "\n\t",
    "  # a comment\n",
    "\n# a comment\n",
    "\n    # a comment\n",
    "\n      # a comment\n",
    "    #\n",
    "  # guidex: ignore[GX101]",
    "  # noqa",
    "  # type: ignore",
    "# -*- coding: latin-1 -*-\n",
    "; ",
    "; x: str",
    '"""',
    "'''",
    '"a" "b"',
    "r'''a'''",
    "b'a'",
    "f'{a}'",
    "u'a'",
    "('a'  # inside\n)",
    "(",
    ")",
    "[" * 30,
    "(((((x)))))",
    "(x): str",
    ": List[List[List[List[List[List[List[List[List[str]]]]]]]]]",
    " = 0x1F",
    " = 1_000",
    " = -1",
    " = 1if 1 else 2",
    " = None",
    " = field(default_factory=list)",
    " = field(default='a', kw_only=True)",
    " = Role.WRITER",
    " = [\n  1,  # one\n]",
    " | None",
    "Optional[",
    "Literal['a', \"b c\", 3]",
    "ClassVar[int]",
    "_: KW_ONLY",
    "pass",
    "...",
    "@dataclass\n",
    "@dataclass(frozen=True)\n",
    "@ dataclass\n",
    "@evil\n",
    "class ﬁ: pass\n",
    "class A(B, metaclass=C):\n    x: int\n",
    "class A: x: str  # one\n",
    "class A:\n\n  # above\n\n  # close\n  x: int\n    # deeper\n  y: int\n# lower\n  z: int\n",
    "import os; os.system('a')\n",
    "from typing import List as L, Optional as O\n",
    "from typing import (  # why\n    List,\n    Optional)\n",
    "from x import(y)\n",
    "from . import *\n",
    "if True:\n    ",
    "for x in y: pass\n",
    "X = [A, B]\n",
    "Alias = Union[str, int]\n",
    "match: str",
    "case: str",
    "type: str",
    "print: str",
    "ℌ: str",
    "def f(self): pass",
    "lambda: 1",
    "\\ud800",
    "\\N{BULLET}",
    "“",
)


def mutant(source: str, chance: random.Random) -> str:
    """Give the source with one to three changes.

    Args:
        source: any text.
        chance: where the changes come from; the same state gives the same mutant.
    """
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        source = chance.choice(_CHANGES)(source, chance)
    return source


def mutants(sources: Sequence[str], number: int, seed: int) -> list[str]:
    """Give that many mutants of sources, the same for the same seed."""
    chance = random.Random(seed)
    return [mutant(chance.choice(sources), chance) for _ in range(number)]


def _insert(source: str, chance: random.Random) -> str:
    place = chance.randint(0, len(source))
    return source[:place] + chance.choice(CHARACTERS) + source[place:]


def _insert_token(source: str, chance: random.Random) -> str:
    place = chance.randint(0, len(source))
    return source[:place] + chance.choice(TOKENS) + source[place:]


def _insert_at_line(source: str, chance: random.Random) -> str:
    """Insert at a line's start, behind its indentation, or at its end, where a token is most likely to be read."""
    lines = source.split("\n")
    number = chance.randrange(len(lines))
    line = lines[number]
    indent = len(line) - len(line.lstrip(" "))
    place = chance.choice((0, indent, len(line)))
    lines[number] = line[:place] + chance.choice((*TOKENS, *CHARACTERS)) + line[place:]
    return "\n".join(lines)


def _delete(source: str, chance: random.Random) -> str:
    place = chance.randint(0, len(source))
    return source[:place] + source[place + chance.choice((1, 1, 2, 5)) :]


def _replace(source: str, chance: random.Random) -> str:
    place = chance.randint(0, len(source))
    return source[:place] + chance.choice(CHARACTERS) + source[place + 1 :]


def _indent(source: str, chance: random.Random) -> str:
    lines = source.split("\n")
    number = chance.randrange(len(lines))
    lines[number] = chance.choice(("", " ", "  ", "\t", "    ", "        ")) + lines[number].lstrip(" ")
    return "\n".join(lines)


def _move_line(source: str, chance: random.Random) -> str:
    lines = source.split("\n")
    line = lines.pop(chance.randrange(len(lines)))
    if chance.random() < 0.7:
        lines.insert(chance.randint(0, len(lines)), line)
    return "\n".join(lines)


def _join_lines(source: str, chance: random.Random) -> str:
    lines = source.split("\n")
    number = chance.randrange(len(lines))
    between = chance.choice(("; ", "", " ", " \\\n", "  # "))
    lines[number : number + 2] = [between.join(one.strip(" ") for one in lines[number : number + 2])]
    return "\n".join(lines)


def _line_ends(source: str, chance: random.Random) -> str:
    ends = chance.choice(("\r\n", "\r", "\n", " \n", "\f\n", "  # x\n"))
    return source.replace("\n", ends, chance.choice((-1, 1, 3)))


def _wrap(source: str, chance: random.Random) -> str:
    """Wrap one line in brackets or turn it into a comment or a block of its own."""
    lines = source.split("\n")
    number = chance.randrange(len(lines))
    text = lines[number].strip(" ")
    indent = lines[number][: len(lines[number]) - len(lines[number].lstrip(" "))]
    lines[number] = indent + chance.choice((f"({text})", f"# {text}", f"#{text}", f"if 1: {text}", f"{text} # {text}"))
    return "\n".join(lines)


def _double(source: str, chance: random.Random) -> str:
    start, end = sorted(chance.randint(0, len(source)) for _ in range(2))
    return source[:end] + source[start:end] + source[end:] if end - start < 2_000 else source


_CHANGES: Sequence[Callable[[str, random.Random], str]] = (
    *(_insert, _insert, _insert_token, _insert_token, _insert_at_line, _insert_at_line, _insert_at_line),
    *(_delete, _replace, _replace, _indent, _move_line, _join_lines, _line_ends, _wrap, _double),
)
