"""Rows that meet are compared apart from all others, and what is found is what comparing all of them in order finds."""

import json
import pickle
from collections.abc import Iterable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidex_schema.cluster.meeting import Hall, Heaped, Heaping, HeapWork, Packed
from guidex_schema.datasets import Row, read_jsonl
from guidex_schema.diagnostic import Diagnostic, Severity
from guidex_schema.filtering import row_rules
from guidex_schema.rule import by_name, discover
from guidex_schema.validation import Validator
from guidex_schema.work import Comparing, Judging, Result
from guidex_schema.works.check import Checked, CheckWork, reports
from guidex_schema.works.filter import FilterWork
from guidex_schema.works.stats import CountedRow, CountWork
from test_dataset_rules import CONTENTS

ACROSS = tuple(rule for rule in discover() if rule.is_across)
NAMES = tuple(rule.name for rule in discover() if not rule.is_lint)
# What is found across rows rejects.
SEVERE = {rule.name: Severity.ERROR for rule in ACROSS}
# Rows of one or two files, cut into pieces, whose results are sent some at a time.
DATASETS = st.lists(st.lists(st.tuples(CONTENTS | st.just("no row"), st.booleans()), max_size=5), max_size=4)


def rows_of(pieces: Sequence[Sequence[tuple[object, bool]]]) -> list[list[Row]]:
    """Give the rows of pieces of two files, each row with the number that it has in its own."""
    files: dict[str, list[object]] = {}
    placed: list[list[tuple[str, int]]] = []
    for piece in pieces:
        placed.append([])
        for content, is_other in piece:
            name = "other.jsonl" if is_other else "rows.jsonl"
            placed[-1].append((name, len(files.setdefault(name, []))))
            files[name].append(content)
    read = {
        name: list(read_jsonl("".join(json.dumps(one) + "\n" for one in contents).encode(), name))
        for name, contents in files.items()
    }
    return [[read[name][number] for name, number in piece] for piece in placed]


@pytest.fixture(scope="module")
def judge() -> Iterator[Validator]:
    with Validator(rules=[by_name()[name] for name in NAMES]) as validator:
        yield validator


def met(work: Comparing[Result], pieces: Iterable[Sequence[Result]], together: int) -> list[Result]:
    """Do what nodes and the command do, with everything sent that is sent between them."""
    hall = Hall(work)

    def sent(one: Packed | Heaped) -> None:
        hall.add(pickle.loads(pickle.dumps(one)))

    for results in pieces:
        heaping = Heaping(pickle.loads(pickle.dumps(work)))
        for start in range(0, len(results), together):
            for one in heaping.parted(results[start : start + together]):
                sent(one)
        if heaping.has_rows:
            sent(heaping.heaped())
    compare = HeapWork(work)
    for number, heap in enumerate(hall.heaps()):
        hall.note(number, pickle.loads(pickle.dumps(compare(heap))))
    return list(hall.results())


@settings(max_examples=40)
@given(DATASETS, st.integers(1, 4))
def test_what_is_found_is_what_comparing_in_order_finds(
    judge: Validator, contents: list[list[tuple[object, bool]]], together: int
) -> None:
    work = CheckWork(Judging(NAMES))
    pieces = [[Checked.of(one) for one in judge.judge(rows)] for rows in rows_of(contents)]
    expected = list(reports([one for piece in pieces for one in piece], work.comparison()))
    assert list(reports(met(work, pieces, together), work.comparison())) == expected


@settings(max_examples=40)
@given(DATASETS, st.integers(1, 4))
def test_rows_are_kept_as_comparing_in_order_keeps_them(
    judge: Validator, contents: list[list[tuple[object, bool]]], together: int
) -> None:
    names = tuple(rule.name for rule in ACROSS)
    work = FilterWork(Judging(tuple(rule.name for rule in row_rules(ACROSS)), SEVERE), names, "record", False, is_told)
    pieces = [list(work._results(judge, rows)) for rows in rows_of(contents)]
    expected = list(work.outcomes(one for piece in pieces for one in piece))
    assert list(work.outcomes(met(work, pieces, together))) == expected


@settings(max_examples=40)
@given(DATASETS, st.integers(1, 4))
def test_reports_that_are_counted_are_those_of_comparing_in_order(
    judge: Validator, contents: list[list[tuple[object, bool]]], together: int
) -> None:
    work = CountWork(Judging(NAMES))
    pieces = [list(work._results(judge, rows)) for rows in rows_of(contents)]
    comparison = work.comparison()
    rows = [one for piece in pieces for one in piece if isinstance(one, CountedRow)]
    expected = [one.checked.compared(comparison) for one in rows] + [one for _, one in comparison.conclusions()]
    found = [one for one in met(work, pieces, together) if isinstance(one, CountedRow) or hasattr(one, "diagnostics")]
    assert [one.checked.report if isinstance(one, CountedRow) else one for one in found] == expected


def is_told(found: Diagnostic) -> bool:
    """Leave one rule out, as settings for single files may."""
    return found.name != "split-leakage"


@settings(max_examples=40)
@given(DATASETS)
def test_a_row_meets_the_same_by_every_rule(judge: Validator, contents: list[list[tuple[object, bool]]]) -> None:
    meeting = {rule.name: rule.meeting for rule in ACROSS if rule.watch is not None and rule.meeting is not None}
    for rows in rows_of(contents):
        for one in judge.judge(rows):
            sketches = one.sketches.items()
            assert len({meeting[name](sketch, one.subject.place) for name, sketch in sketches if name in meeting}) <= 1
