"""Places: offsets, positions and bytes name the same characters."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from guidex_schema import tokens
from guidex_schema.prose import clean, dedented
from guidex_schema.text import Document, Location, Position, Span

any_text = st.text(st.sampled_from("ab \t\n\r\f\v\x85\u2028é名🙂\ud800\"'#\\(),“"), max_size=40)


@given(any_text, st.integers(-3, 45))
def test_an_offset_survives_its_position(text: str, offset: int) -> None:
    document = Document(text)
    assert document.offset(document.position(offset)) == min(max(offset, 0), len(text))


@given(any_text)
def test_lines_are_those_of_python(text: str) -> None:
    document = Document(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [document.line(number) for number in range(1, len(lines) + 1)] == lines
    assert document.line(0) == document.line(len(lines) + 1) == ""


@given(any_text)
def test_positions_follow_the_text(text: str) -> None:
    document = Document(text)
    positions = [document.position(offset) for offset in range(len(text) + 1)]
    places = [(one.line, one.column) for one in positions]
    assert places == sorted(set(places))


@given(st.text(st.sampled_from("ab é名🙂"), max_size=20), st.text(st.sampled_from("ab é名🙂"), max_size=20))
def test_the_bytes_of_ast_name_characters(before: str, inside: str) -> None:
    source = f'"{before}"; x = "{inside}"; "{before}"\ny = "{inside}"'
    document = Document(source)
    _, first, last, second = ast.parse(source).body
    for node, written in ((first, f'x = "{inside}"'), (last, f'"{before}"'), (second, f'y = "{inside}"')):
        start = document.byte_offset(node.lineno, node.col_offset)
        end = document.byte_offset(node.end_lineno or 0, node.end_col_offset or 0)
        assert source[start:end] == written


def test_places_outside_the_text_are_moved_to_its_end() -> None:
    document = Document("é\nb")
    assert document.offset(Position(line=9, column=0)) == 3
    assert document.offset(Position(line=1, column=99)) == 3
    assert document.byte_offset(9, 0) == 3
    assert document.byte_offset(2, 99) == 3
    assert document.location(Span(start=0, end=99)) == Location(
        start=Position(line=1, column=0), end=Position(line=2, column=1)
    )


def test_a_byte_inside_a_character_is_that_character() -> None:
    assert [Document("a名b").byte_offset(1, column) for column in range(6)] == [0, 1, 1, 1, 2, 3]


@pytest.mark.parametrize(("start", "end"), [(3, 2), (-1, 2)])
def test_a_span_runs_forward(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=f"from {start} to {end}"):
        Span(start=start, end=end)
    with pytest.raises(ValidationError):
        TypeAdapter(Span).validate_python({"start": start, "end": end})


@given(any_text)
def test_tokens_cover_a_source_without_a_gap(source: str) -> None:
    found = list(tokens.scan(source))
    assert "".join(token.text for token in found) == source
    assert all(source[token.start : token.end] == token.text for token in found)


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("'a' \"b\" '''c''' \"\"\"d\"\"\"", ["string"] * 4),
        ("'a''b'\"\"", ["string"] * 3),
        ("r'\\'' + rb\"\\\"\"", ["string", "other", "string"]),
        ("f(x)", ["name", "open", "name", "close"]),
        ("'a\nb", ["unclosed", "name", "name"]),
        ('"""a\n"b"', ["unclosed", "name", "string"]),
        ("“a”", ["curly", "name", "curly"]),
        ("x # 'y", ["name", "comment"]),
        ("'a\\\nb' '\\''", ["string", "string"]),
        ('"\\"\\"', ["unclosed", "other", "other"]),
    ],
)
def test_a_source_is_cut_into_tokens(source: str, kinds: list[str]) -> None:
    assert [token.kind for token in tokens.scan(source) if token.kind != "space"] == kinds


@pytest.mark.parametrize("piece", ['"\\"', "\\'", '"""\\"""', "'\"", "rb", "'''\"\"\"\\", "“'"])
def test_a_source_of_one_piece_is_cut_in_linear_time(piece: str) -> None:
    assert len(list(tokens.scan("'" + piece * 50_000))) <= 200_001


@pytest.mark.parametrize(
    ("docstring", "meant"),
    [
        ("", ""),
        ("  one  ", "one"),
        ("\n    one\n      two\n\n    three\n    ", "one\n  two\n\nthree"),
        ("one\n    two\n      three", "one\ntwo\n  three"),
        ("one\r\n\ttwo \r\tthree", "one\ntwo\nthree"),
        ("one\n\n  \n", "one"),
    ],
)
def test_a_docstring_loses_the_indentation_of_the_code(docstring: str, meant: str) -> None:
    assert dedented(docstring) == meant


@given(any_text)
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean(dedented(text)) == dedented(text)
