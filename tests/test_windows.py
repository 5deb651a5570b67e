"""Windows: nothing of a document is lost, none is too long, and they end where a reader would pause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.generation.documents import SourceDocument
from guidex_schema.generation.windows import windows

texts = st.lists(
    st.sampled_from(
        ["Ada wrote. ", "Bob, e.g. Dr. No, slept.\n\n", "“Why?” ", "   ", "日本。", "🙂", "\n \n", "x" * 30, "a b"]
    )
    | st.text(min_size=1, max_size=10),
    min_size=1,
).map("".join)


@given(texts, st.integers(1, 40))
def test_windows_together_are_the_document(text: str, most: int) -> None:
    found = windows(text, lambda part: len(part) <= most)
    assert found is not None
    assert "".join(text[start:end] for start, end in found) == text
    assert all(0 < end - start <= most for start, end in found)
    assert found[0][0] == 0
    assert found[-1][1] == len(text)


@given(texts, st.integers(0, 40))
def test_windows_fit_by_bytes_as_well(text: str, most: int) -> None:
    found = windows(text, lambda part: len(part.encode("utf-8", "surrogatepass")) <= most)
    widest = max(len(one.encode("utf-8", "surrogatepass")) for one in text)
    if found is None:
        assert widest > most
    else:
        assert "".join(text[start:end] for start, end in found) == text
        assert all(len(text[start:end].encode("utf-8", "surrogatepass")) <= most for start, end in found)


@given(texts, st.sets(st.integers(1, 60)))
def test_windows_fit_where_longer_parts_may_fit_better(text: str, refused: set[int]) -> None:
    # Tokenizers merge: a longer part may have fewer tokens.
    found = windows(text, lambda part: len(part) not in refused)
    assert found is None or all(end - start not in refused for start, end in found)
    assert found is None or "".join(text[start:end] for start, end in found) == text


@pytest.mark.parametrize(
    ("text", "most", "parts"),
    [
        ("One two.\n\nThree four. Five.", 20, ["One two.\n\n", "Three four. Five."]),
        ("Mr. Ng wrote it. She read it twice.", 20, ["Mr. Ng wrote it. ", "She read it twice."]),
        ("He left. “Why?” she asked aloud.", 16, ["He left. ", "“Why?” she ", "asked aloud."]),
        ("one two three four", 9, ["one two ", "three ", "four"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("彼は来た。彼女も来た。", 7, ["彼は来た。", "彼女も来た。"]),
        ("short", 9, ["short"]),
    ],
)
def test_windows_end_where_a_reader_pauses(text: str, most: int, parts: list[str]) -> None:
    found = windows(text, lambda part: len(part) <= most)
    assert [text[start:end] for start, end in found or ()] == parts


def test_a_document_is_cut_with_few_questions() -> None:
    asked = 0

    def fits(part: str) -> bool:
        nonlocal asked
        asked += 1
        return len(part) <= 1_000

    found = windows("Ada wrote a letter to Bob. " * 4_000, fits)
    assert found is not None
    assert len(found) > 100
    assert asked < 25 * len(found)


def test_a_window_says_what_it_is_a_part_of() -> None:
    whole = SourceDocument("a", "Ada wrote. Bob read.", "a.txt", 0)
    part = whole.part(11, 20)
    assert (part.id, part.text) == ("a[11:20]", "Bob read.")
    assert part.place == (whole.digest, 11, 20)
    assert whole.place == (whole.digest, 0, 20)
