"""What Python's parser takes and its compiler refuses: nothing of that is passed as guidelines."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.guideline import parse_guideline

FILES = sorted((Path(__file__).parent.parent / "fixtures" / "guidelines").rglob("*.py"))
SOURCES = [one.read_text(encoding="utf-8") for one in FILES]


def loops(number: int) -> str:
    return "\n".join(f"{' ' * depth}for a in b:" for depth in range(number))


# Each by itself, with how Python calls it where it is wrong.
LINES = {
    "from __future__ import annotations": "",
    "from __future__ import annotations as a, division": "",
    "from __future__ import nothing": "the future feature `nothing` is not Python",
    "from __future__ import *": "the future feature `*` is not Python",
    "from __future__ import braces": "the future feature `braces` is not Python",
    "from . import __debug__": "another meaning of `__debug__` is not Python",
    "import a as __debug__": "another meaning of `__debug__` is not Python",
    "import __debug__.a": "another meaning of `__debug__` is not Python",
    "import a.__debug__": "",
    "__debug__ = 1": "another meaning of `__debug__` is not Python",
    "a.__debug__ = 1": "another meaning of `__debug__` is not Python",
    "a.__debug__: int": "another meaning of `__debug__` is not Python",
    "a.__debug__ += 1": "",
    "__debug__ += 1": "another meaning of `__debug__` is not Python",
    "a = __debug__": "",
    "for __debug__ in a: pass": "another meaning of `__debug__` is not Python",
    "a = [1 for __debug__ in b]": "another meaning of `__debug__` is not Python",
    "*a = b": "a starred expression by itself is not Python",
    "*a, = b": "",
    "a, *b = c": "",
    "a, *b, *c = d": "an assignment to several starred names is not Python",
    "[a, [*b, *c]] = d": "an assignment to several starred names is not Python",
    "for a, (*b, *c) in d: pass": "an assignment to several starred names is not Python",
    "a = *b": "a starred expression by itself is not Python",
    "a = *b, *c": "",
    "a = [*b, *c]": "",
    "a: int = *b": "a starred expression by itself is not Python",
    "a += *b": "a starred expression by itself is not Python",
    "for *a in b: pass": "a starred expression by itself is not Python",
    "for a in *b, c: pass": "",
    "a = [1 for *b in c]": "a starred expression by itself is not Python",
    "a = [1 for *b, in c]": "",
    f"{'a, ' * 255}*b = c": "",
    f"{'a, ' * 256}*b = c": "a starred name behind more than 255 others is not Python",
    "a = [b async for b in c]": "an asynchronous comprehension is not Python",
    "a = (b async for b in c)": "",
    "a = ([b async for b in c] for d in e)": "",
    f"{loops(20)} pass": "",
    f"{loops(22)} pass": "a loop in more than 19 others is not Python",
    "for a in b: from __future__ import annotations": "a future import behind other statements is not Python",
    "@dataclass(frozen=True, frozen=True)\nclass A:\n    x: str": "a keyword that is repeated is not Python",
    "@dataclass(__debug__=True)\nclass A:\n    x: str": "another meaning of `__debug__` is not Python",
    "class A:\n    x: int = field(default=1, default=1)": "a keyword that is repeated is not Python",
    "class A:\n    x: int = field(default=1, kw_only=True)": "",
    "class __debug__:\n    x: int": "another meaning of `__debug__` is not Python",
    "class A:\n    __debug__: int": "another meaning of `__debug__` is not Python",
    "class A(Enum):\n    __debug__ = 1": "another meaning of `__debug__` is not Python",
}


def is_compiled(source: str) -> bool:
    try:
        compile(source, "guidelines", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize("source", LINES)
def test_what_python_refuses_is_named_and_nothing_else(source: str) -> None:
    (said, *more) = [one.message for one in parse_guideline(source).faults] or [""]
    assert (said.partition(": ")[0], more) == (LINES[source], [])
    assert is_compiled(source) == (not said)


@given(st.sampled_from(SOURCES), st.lists(st.tuples(st.sampled_from(sorted(LINES)), st.integers(0, 60)), max_size=3))
def test_guidelines_without_a_fault_are_python(source: str, inserted: list[tuple[str, int]]) -> None:
    lines = source.splitlines()
    for line, number in inserted:
        lines.insert(number % (len(lines) + 1), line)
    changed = "\n".join(lines)
    for accelerate in (True, False):
        faults = parse_guideline(changed, accelerate=accelerate).faults
        assert faults or is_compiled(changed)


@pytest.mark.parametrize(
    "above", ["", "# a comment\n\n", '"""Doc."""\n', '"""Doc."""\nfrom __future__ import division\n']
)
@pytest.mark.parametrize("behind", ["", "1\n", "import a\n", '"""More."""\n', "pass\n", "class A:\n    x: str\n"])
def test_a_future_import_stands_behind_a_docstring_and_its_like(above: str, behind: str) -> None:
    source = f"{above}{behind}from __future__ import annotations\nclass B:\n    y: str\n"
    expected = ["guideline-syntax"] if behind and (above.startswith('"') or not behind.startswith('"')) else []
    for accelerate in (True, False):
        guideline = parse_guideline(source, accelerate=accelerate)
        assert [one.rule for one in guideline.faults] == expected
        assert [one.name for one in guideline.schema.entity_types][-1] == "B"
        assert is_compiled(source) == (not expected)
        ast.parse(guideline.readable)
