"""Lark as llguidance reads it: what a lexeme is, such as a string, is a terminal, in capitals.

Source: llguidance, docs/syntax.md. Its ``substring_chunks`` are half as large and compile faster, but match nothing,
leading and trailing blanks and the way from one sentence to the next, which no cheap condition takes away again.
"""

import json

from guidex_schema.generation.grammar.writing import Dialect

# Control characters, blanks that break lines, directions, half pairs.
_PLAIN = r'[^"\\\x00-\x1f\x7f-\x9f\u{2028}\u{2029}\u{202a}-\u{202e}\u{2066}-\u{2069}]'
_FIRST = r'[^"\\\s\p{C}]'
_ESCAPE = r'\\["\\nt]'
_DIGITS = r"-?(?:0|[1-9][0-9]{0,8})"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _text(most: int) -> str:
    return f'/"(?:{_FIRST}|{_ESCAPE})(?:{_PLAIN}|{_ESCAPE}){{0,{most - 1}}}"/'


LARK = Dialect(
    start="start",
    becomes=":",
    remark="//",
    named=str.upper,
    quoted=_quoted,
    text=_text,
    integer=f"/{_DIGITS}/",
    number=rf"/{_DIGITS}(?:\.[0-9]{{1,9}})?/",
)
