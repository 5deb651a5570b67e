"""What engines make of the words of models and servers."""

from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.generation.engine import Message
from guidex_schema.generation.engines.counting import bound, estimate
from guidex_schema.generation.engines.wording import said, whole

ANY = st.text(st.characters(exclude_categories=()))


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
