"""What is remembered of a dataset."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guidex_schema import ledger as ledgers
from guidex_schema.ledger import Entry, Ledger, revocable

ANY_TEXT = st.text(st.characters(), max_size=8)
# Few keys, so that they come again.
ANY_KEY = st.text(st.sampled_from("ab\ud800"), max_size=3)
patched = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=(1, 3, 1_000))
def waiting(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have so many entries wait in memory; marks are so few that they are mistaken."""
    with patch.object(ledgers, "WAITING", request.param), patch.object(ledgers, "_MARKS", 16):
        yield


@pytest.mark.usefixtures("waiting")
@patched
@given(st.lists(st.tuples(ANY_KEY, ANY_TEXT), max_size=40))
def test_a_ledger_counts_keys_and_keeps_their_first_values(said: list[tuple[str, str]]) -> None:
    ledger = Ledger()
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for key, value in said:
        before = Entry(key, first[key], counts[key]) if key in first else None
        assert ledger.add(key, value) == before
        first.setdefault(key, value)
        counts[key] += 1
    found = list(ledger.entries())
    assert {one.key: (one.value, one.times) for one in found} == {key: (first[key], counts[key]) for key in first}
    assert len(found) == len(first)
    assert found == sorted(found, key=lambda one: one.key.encode("utf-8", "surrogatepass"))


@pytest.mark.usefixtures("waiting")
@patched
@given(st.lists(ANY_KEY, max_size=20), st.lists(ANY_KEY))
def test_what_is_added_can_be_taken_back(before: list[str], trial: list[str]) -> None:
    ledger, other = Ledger(), Ledger()
    for key in before:
        ledger.add(key, "first")
    was = list(ledger.entries())
    with revocable() as take_back:
        for key in trial:
            ledger.add(key, "second")
            other.add(key, "second")
        take_back()
    assert list(ledger.entries()) == was
    assert not list(other.entries())
    assert ledger.add("kept", "third") is None
    assert [one.value for one in ledger.entries() if one.key == "kept"] == ["third"]


def test_two_ledgers_know_nothing_of_each_other() -> None:
    one, other = Ledger(), Ledger()
    assert one.add("key", "value") is None
    assert other.add("key", "value") is None


def test_entries_of_a_ledger_are_not_kept_by_python() -> None:
    ledger = Ledger()
    tracemalloc.start()
    try:
        for number in range(20_000):
            ledger.add(f"{number:064}", "x" * 100)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
