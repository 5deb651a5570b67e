"""String literals: what is written evaluates to the text, in characters that labels may hold."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.diagnostic import visible
from guidex_schema.string_literal import rewritten


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(['"x"', "'x'", "r'''x'''", "(\"a\" 'b')"]))
def test_a_literal_says_the_text_in_visible_characters(text: str, source: str) -> None:
    written = rewritten(source, text)
    assert written is not None
    assert ast.literal_eval(written) == text
    assert "\n" not in written
    assert visible(written) == written


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("'a'", "b", "'b'"),
        ('"a"', "b", '"b"'),
        ('u"""a"""', "b", '"b"'),
        ("( 'a' + \"b\")", "c", "'c'"),
        ("'a'", "it's", '"it\'s"'),
        ('"a"', 'say "x"', "'say \"x\"'"),
        ('"a"', "'\"", '"\'\\""'),
        ("'a'", "\\n\n\x00\u202e\u00a0", "'\\\\n\\n\\x00\\u202e\u00a0'"),
        ("“a”", "b", None),
        ("x", "b", None),
        ("'a'", "\ud800", None),
    ],
)
def test_the_quotes_of_the_author_are_kept_where_they_can_be(source: str, text: str, expected: str | None) -> None:
    assert rewritten(source, text) == expected
