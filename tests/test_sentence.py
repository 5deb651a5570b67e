"""Sentences: abbreviations, initials and titles end none, whatever the script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import assert_linear
from guidex_schema.sentence import is_several


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada Lovelace wrote the Notes.",
        "Dr. J. R. R. Tolkien of Merton College",
        "the U.S. Army of the Potomac",
        "Acme Inc. Board of Directors",
        "Roe vs. Wade and others",
        "the Symphony No. Five in C",
        "Ph.D. Students of Mathematics in Rome",
        "am 3. Oktober 1990 in Berlin",
        "Yahoo! Answers and Questions",
        "the text of 3.5 Million readers",
        "one thing. and another thing",
        "Who wants to be a millionaire?",
        "two words. End",
        "東京都。",
        "はい。",
        "वह घर गया।",
    ],
)
def test_one_sentence_or_less(text: str) -> None:
    assert not is_several(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ada wrote. Babbage built engines.",
        "It rained all day! “Nobody came,” she said.",
        "She said “go home.” He went away.",
        "Born in London in 1815. Died there later.",
        "It was over...\nThe crowd went home.",
        "Он пришёл домой. Она ушла в школу.",
        "彼は東京に行った。そして帰った。",
        "你来吗？我不来。",
        "वह घर गया। फिर वह सोया।",
        "هل أنت هنا؟ نعم أنا هنا",
    ],
)
def test_more_than_one_sentence(text: str) -> None:
    assert is_several(text)


@given(st.text(alphabet="aB.!? 。।\n\"'1é", max_size=40))
def test_a_sentence_more_is_never_one_less(text: str) -> None:
    assert not is_several(text) or is_several(f"{text} Then she went home.")
    assert is_several(f"{text} Ada went home. Then she went out.")


@pytest.mark.parametrize("unit", [".", ". ", "। ", "。", "! A", "A. ", "\n", '."', "a.b"])
def test_long_texts_are_read_once(unit: str) -> None:
    assert_linear(lambda length: is_several(unit * (length // len(unit))), 65_536)
