"""Documents of stop words: the beginning of a document says no more than the whole."""

from hypothesis import given, settings
from hypothesis import strategies as st
from stop_words import AVAILABLE_LANGUAGES, get_stop_words

from guidex_schema.checks.stop_word_document import check
from guidex_schema.guideline import parse_guideline
from guidex_schema.instance import Record
from guidex_schema.subject import Subject
from guidex_schema.vocabulary import words

LISTS = [frozenset(get_stop_words(name)) for name in AVAILABLE_LANGUAGES]
STOP_WORDS = ["the", "of", "don't", "und", "là", "THE"]
OTHERS = ["engine", "x9", "_a_b", "O’Neil", "naïve", "日本語", "1843", "\x01", "\ud800"]
GUIDELINE = parse_guideline("")


@given(
    st.lists(st.sampled_from([*STOP_WORDS * 6, *OTHERS]), min_size=1, max_size=40),
    st.sampled_from([" ", "\n", ", ", " - ", "  ", "'"]),
    st.integers(1, 60),
    st.lists(st.sampled_from(OTHERS), max_size=3),
)
@settings(max_examples=300)
def test_a_document_is_found_where_its_words_say_so(drawn: list[str], gap: str, times: int, end: list[str]) -> None:
    document = gap.join([*drawn * times, *end * times])
    said = words(document)
    most = max(sum(word in stop_words for word in said) for stop_words in LISTS)
    record = Record(guidelines="", labels="[]", document=document)
    found = [*check(Subject(record, GUIDELINE, None))]
    assert bool(found) == (len(said) >= 5 and most > 0.8 * len(said))
