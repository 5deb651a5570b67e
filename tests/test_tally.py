"""What is counted in a dataset."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guidex_schema import tally as tallies
from guidex_schema.ledger import Entry, revocable
from guidex_schema.tally import Tally

ANY_TEXT = st.text(st.characters(), max_size=8)
# Few keys, so that they come again, and with the same beginning.
ANY_KEY = st.text(st.sampled_from("a\0\ud800"), max_size=3)
SAID = st.lists(st.tuples(ANY_KEY, ANY_TEXT), max_size=40)
patched = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=(1, 3, 1_000))
def waiting(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have so many entries wait in memory, and few rows on disk."""
    with patch.object(tallies, "WAITING", request.param), patch.object(tallies, "_ROWS", 5):
        yield


def akin(said: list[tuple[str, str]]) -> list[list[Entry]]:
    """Give what a tally has to say."""
    first: dict[str, str] = {}
    for key, value in said:
        first.setdefault(key, value)
    counts = Counter(key for key, _ in said)
    entries = sorted((Entry(key, first[key], counts[key]) for key in first), key=lambda one: one.key)
    groups = [list(group) for _, group in groupby(entries, key=lambda one: one.key.partition("\0")[0])]
    return [group for group in groups if len(group) > 1]


@pytest.mark.usefixtures("waiting")
@patched
@given(SAID)
def test_keys_are_told_that_begin_alike_with_their_first_values(said: list[tuple[str, str]]) -> None:
    tally = Tally()
    for key, value in said:
        tally.count(key, value)
    assert list(tally.akin()) == akin(said)


@pytest.mark.usefixtures("waiting")
@patched
@given(st.lists(st.tuples(SAID, st.booleans()), max_size=5))
def test_what_is_counted_can_be_taken_back(trials: list[tuple[list[tuple[str, str]], bool]]) -> None:
    tally = Tally()
    for said, is_kept in trials:
        with revocable() as take_back:
            for key, value in said:
                tally.count(key, value)
            if not is_kept:
                take_back()
    assert list(tally.akin()) == akin([one for said, is_kept in trials if is_kept for one in said])


def test_what_is_counted_does_not_wait_for_ever() -> None:
    tally = Tally()
    tracemalloc.start()
    try:
        for number in range(20_000):
            tally.count(f"{number:064}", "x" * 100)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
