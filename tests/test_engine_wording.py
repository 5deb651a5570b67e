"""What engines make of the words of models and servers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.generation.engine import Message
from guidex_schema.generation.engines.counting import bound, estimate
from guidex_schema.generation.engines.wording import said, spoken, whole

ANY = st.text(st.characters(exclude_categories=()))
PLAIN = ANY.filter(lambda text: "<think>" not in text and "</think>" not in text)


@given(thoughts=PLAIN, answer=PLAIN, before=st.sampled_from(["", " ", "\n"]))
def test_thoughts_are_left_out_and_nothing_else_is(thoughts: str, answer: str, before: str) -> None:
    assert spoken(f"{before}<think>{thoughts}</think>{answer}") == answer.lstrip()
    assert spoken(f"{thoughts}</think>{answer}") == answer.lstrip()
    assert spoken(f"{before}<think>{thoughts}") == ""
    assert spoken(answer) == answer


@pytest.mark.parametrize(
    "text",
    ["It writes <think> first.", "It writes <think> and </think> around thoughts.", "- x\n<think>", ""],
)
def test_an_answer_that_speaks_of_thoughts_stays(text: str) -> None:
    assert spoken(text) == text


@given(ANY)
def test_what_is_whole_can_be_sent_and_is_not_changed_otherwise(text: str) -> None:
    whole(text).encode()
    if not any("\ud800" <= one <= "\udfff" for one in text):
        assert whole(text) == text


@given(ANY)
def test_what_is_said_is_one_short_line_that_deceives_nobody(text: str) -> None:
    shown = said(text * 50)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown) <= 300 * len(r"\U00000000")
    assert said(shown) == shown or len(shown) > 300


@given(st.lists(ANY))
def test_no_estimate_is_above_the_bound(texts: list[str]) -> None:
    messages = tuple(Message(role="user", content=text) for text in texts)
    assert estimate(messages) <= bound(messages)
