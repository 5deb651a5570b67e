"""Which definitions are close, and that finding them is exact and fast."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import assert_linear
from guidex_schema.similarity import _extends, _Vectors, close, content, exchanges_a_word
from guidex_schema.vocabulary import root

WORDS = st.sampled_from(
    "person name place city organise organised not from 3 {x} университет universe university".split()
)
CONTENTS = st.lists(st.lists(WORDS, max_size=4).map(tuple), max_size=8, unique=True).map(tuple)


@given(CONTENTS, st.sampled_from([0.0, 0.5, 0.7, 0.9, 1.0]))
def test_every_close_pair_is_found(contents: tuple[tuple[str, ...], ...], threshold: float) -> None:
    vectors = _Vectors([f" {' '.join(root(word) for word in one)} " for one in contents])
    expected = {(number, number) for number, one in enumerate(contents) if one}
    for one, other in combinations(range(len(contents)), 2):
        pair = contents[one], contents[other]
        is_extension = all(pair) and (_extends(*pair) or _extends(*reversed(pair)))
        if is_extension and vectors.cosine(one, other) >= threshold:
            expected |= {(one, other), (other, one)}
    found = close(contents, threshold)
    assert {(number, near.number) for number, row in enumerate(found) for near in row} == expected
    assert all(list(row) == sorted(row, key=lambda near: (-near.cosine, near.number)) for row in found)


def test_what_may_set_definitions_apart() -> None:
    assert content("A person who is named in the text.") == ("person",)
    assert content("The man to whom it is not paid; {ace_man}") == ("man", "to", "not", "paid", "{ace_man}")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("A relation between entities.", "A relation between events.", True),
        ("An entity, or many entities.", "An event, or many events.", True),
        ("It marks a sentence.", "It marks a document.", True),
        ("A person.", "The persons.", False),
        ("A person in the text.", "A person named in the document.", False),
        ("It marks an entity of a text.", "It marks an event of a document.", False),
        ("A person.", "A person named.", False),
        ("文本中的公司", "文本中的人物", True),
        ("", "", False),
    ],
)
def test_one_word_for_another_makes_the_difference(one: str, other: str, expected: bool) -> None:
    assert exchanges_a_word(one, other) is expected
    assert exchanges_a_word(other, one) is expected


def test_one_template_for_many_definitions_takes_linear_time() -> None:
    def compare(count: int) -> None:
        definitions = [
            f"Represents a x{number} that is named in the text, with those who take part, and the consequences."
            for number in range(count)
        ]
        assert all(len(row) == 1 for row in close(tuple(content(one) for one in definitions), 0.9))

    assert_linear(compare, 1_000)


def test_many_wordings_of_one_definition_are_not_all_compared() -> None:
    links = ["by", "for", "from", "to"]
    wordings = [
        ("somebody", *(link for bit, link in enumerate(links * 3) if number >> bit & 1), "pays", "money", "somewhere")
        for number in range(4_096)
    ]
    assert_linear(lambda count: close(tuple(dict.fromkeys(wordings[:count])), 0.5), 512)
