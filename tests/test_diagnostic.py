"""Diagnostics: what they show of untrusted text, and what their fixes do."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from pydantic import ValidationError

from guidex_schema.diagnostic import Diagnostic, Edit, Fix, RecordReference, Report, Severity, quoted, visible
from guidex_schema.text import Location, Position, Span

# Unicode 15.1, section 23.2 (joiners) and 23.8; Unicode Bidirectional Algorithm, section 2.
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
DECEIVING = [
    "\x1b[31mred",
    "a\u202eb",
    "\u2066x\u2069",
    "a\rb",
    "\x00",
    "\x07",
    "\x9b31m",
    "\ud800",
    "\u2028",
    "\ufeff",
]

any_text = st.one_of(
    st.text(), st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Lo", "So"])), st.sampled_from(DECEIVING)
)


@given(any_text)
def test_what_is_visible_cannot_deceive(text: str) -> None:
    shown = visible(text)
    assert not BIDI & set(shown)
    assert not [one for one in shown if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
    shown.encode("utf-8")
    assert visible(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"]).filter(str.isprintable)))
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("text", ["می‌خواهم", "क्‍ष", "👩‍💻", "全角　空白", "10 °C"])
def test_joiners_and_spaces_that_scripts_need_stay(text: str) -> None:
    assert visible(text) == text


@given(any_text)
@example("word " * 50)
def test_quoted_words_stand_on_one_short_line(text: str) -> None:
    shown = quoted(text)
    assert shown.startswith("`")
    assert shown.endswith("`")
    assert len(shown.splitlines()) == 1
    assert len(text) > 80 or len(quoted("a" * 500)) == 82
    assert not [one for one in shown if unicodedata.category(one) in ("Cc", "Cs")]


def test_quoted_words_are_cut_and_their_white_space_collapsed() -> None:
    assert quoted("a\n\t b") == "`a b`"
    assert quoted("x" * 80) == f"`{'x' * 80}`"
    assert quoted("x" * 81) == f"`{'x' * 79}…`"
    assert quoted("\x1b") == r"`\x1b`"


@st.composite
def sources_with_edits(draw: DrawFn) -> tuple[str, tuple[Edit, ...]]:
    source = draw(st.text(max_size=20))
    cuts = sorted(draw(st.lists(st.integers(0, len(source)), max_size=6)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return source, tuple(Edit(start=start, end=end, replacement=draw(st.text(max_size=3))) for start, end in pairs)


@given(sources_with_edits())
def test_a_fix_replaces_its_places_and_nothing_else(case: tuple[str, tuple[Edit, ...]]) -> None:
    source, edits = case
    expected, done = "", 0
    for edit in edits:
        expected += source[done : edit.start] + edit.replacement
        done = edit.end
    assert Fix(title="t", safe=True, edits=edits).apply(source) == expected + source[done:]


@given(sources_with_edits())
def test_a_fix_that_writes_what_is_there_changes_nothing(case: tuple[str, tuple[Edit, ...]]) -> None:
    source, edits = case
    same = tuple(one.model_copy(update={"replacement": source[one.start : one.end]}) for one in edits)
    assert Fix(title="t", safe=True, edits=same).apply(source) == source
    assert Fix(title="t", safe=True, edits=()).apply(source) == source


def test_edits_that_overlap_run_backwards_or_are_out_of_order_are_refused() -> None:
    with pytest.raises(ValidationError, match="before it starts"):
        Edit(start=2, end=1, replacement="")
    first, second = Edit(start=0, end=3, replacement=""), Edit(start=2, end=4, replacement="")
    for edits in ((first, second), (Edit(start=5, end=6, replacement=""), first)):
        with pytest.raises(ValidationError, match="overlap"):
            Fix(title="t", safe=True, edits=edits)


positions = st.builds(Position, line=st.integers(1, 99), column=st.integers(0, 99))
spans = st.tuples(st.integers(0, 99), st.integers(0, 9)).map(lambda pair: Span(start=pair[0], end=sum(pair)))
diagnostics = st.builds(
    Diagnostic,
    code=st.from_regex(r"GX\d{3}", fullmatch=True),
    name=st.just("a-name"),
    severity=st.sampled_from(Severity),
    message=st.text(),
    file=st.none() | st.text(),
    record=st.none()
    | st.builds(
        RecordReference,
        index=st.integers(0, 9),
        id=st.none() | st.text(),
        line=st.none() | st.integers(1, 9),
    ),
    path=st.none() | st.text(),
    part=st.sampled_from(["guidelines", "labels", "document", "file"]),
    location=st.none() | st.builds(Location, start=positions, end=positions),
    span=st.none() | spans,
    fix=st.none()
    | st.builds(
        Fix,
        title=st.text(),
        safe=st.booleans(),
        edits=st.just((Edit(start=0, end=1, replacement="é"), Edit(start=1, end=1, replacement=""))),
    ),
)


@given(diagnostics)
def test_a_diagnostic_survives_json(diagnostic: Diagnostic) -> None:
    assert Diagnostic.model_validate_json(diagnostic.model_dump_json()) == diagnostic


@given(st.lists(diagnostics, max_size=4), st.booleans())
def test_a_record_is_kept_when_it_was_checked_and_has_no_error(found: list[Diagnostic], checked: bool) -> None:
    errors = [one for one in found if one.severity is Severity.ERROR]
    assert Report(diagnostics=tuple(found), checked=checked).kept == (checked and not errors)


def test_a_report_gives_the_source_of_a_place() -> None:
    diagnostic = Diagnostic(code="GX001", name="n", severity=Severity.ERROR, message="m", part="labels")
    report = Report(diagnostics=(diagnostic,), sources={"labels": "[]"})
    source = report.source_of(diagnostic)
    assert source is not None
    assert source.text == "[]"
    assert report.source_of(diagnostic.model_copy(update={"part": "file"})) is None
