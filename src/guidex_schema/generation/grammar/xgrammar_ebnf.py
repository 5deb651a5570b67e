"""EBNF as xgrammar reads it.

Source: xgrammar, "EBNF Grammar" (its notation is that of GBNF, llama.cpp, grammars/README.md).
"""

from guidex_schema.generation.grammar.writing import Dialect

# What may stand in a string: neither quotes, backslashes, control characters, line ends, directions nor half pairs,
# which a class that says what is not in it would let pass.
_BEHIND = r"\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_PLAIN = rf"[ !#-\[\]-~\u00a0-\u2027\u202f\u205f-\u2065\u206a-\u206f\u3000\ufeff{_BEHIND}]"
_FIRST = rf"[!#-\[\]-~\u00a1-\u00ac\u00ae-\u167f\u1681-\u1fff\u2010-\u2027{_BEHIND}]"
_ESCAPE = r'"\\" ["\\nt]'
_DIGITS = '"-"? ("0" | [1-9] [0-9]{0,8})'


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(most: int) -> str:
    return rf'"\"" ({_FIRST} | {_ESCAPE}) ({_PLAIN} | {_ESCAPE}){{0,{most - 1}}} "\""'


EBNF = Dialect(
    start="root",
    becomes=" ::=",
    remark="#",
    named=str,
    quoted=_quoted,
    text=_text,
    integer=_DIGITS,
    number=rf'{_DIGITS} ("." [0-9]{{1,9}})?',
)
