"""Rows are judged one by one, anywhere and in any order, and compared by what was kept of them."""

import json
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.datasets import Row, read_jsonl
from guidex_schema.error import UsageError
from guidex_schema.inspection import Comparison
from guidex_schema.rule import Fault, Place, Sketch, by_name, discover
from guidex_schema.screening import ROW_LIMITS
from guidex_schema.validation import Judged, Validator, with_compared
from test_dataset_rules import CONTENTS

# What is read of a row at most: guidelines and labels of 64 KiB; names may stand in sketches twice.
_SKETCH_BYTES = 4 * ROW_LIMITS.size


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as shared:
        yield shared


def rows_of(contents: Sequence[object]) -> list[Row]:
    data = "".join(json.dumps(content) + "\n" for content in contents).encode()
    return list(read_jsonl(data, "rows.jsonl"))


@given(st.lists(CONTENTS | st.just("no row"), max_size=8), st.integers(1, 20))
def test_judging_and_comparing_say_what_reading_says(validator: Validator, contents: list[object], ahead: int) -> None:
    rows = rows_of(contents)
    comparison = validator.comparison()
    found = []
    for one in validator.judge(rows, ahead=ahead):
        sketches, place = pickle.loads(pickle.dumps((one.sketches, one.subject.place)))
        found.append(with_compared(one.report, comparison.compare(sketches, place, one.row.files)))
    found += [report for _, report in comparison.conclusions()]
    assert found == list(validator.check_rows(rows))
    assert found == [report for _, _, report in validator.read_rows(rows, ahead=1)]


@given(st.data())
def test_rows_are_judged_alike_in_any_order(validator: Validator, data: st.DataObject) -> None:
    rows = rows_of(data.draw(st.lists(CONTENTS, max_size=8)))
    order = data.draw(st.permutations(range(len(rows))))

    def told(judged: Judged) -> object:
        return judged.report, judged.sketches, judged.subject.place

    straight = list(map(told, validator.judge(rows)))
    assert list(map(told, validator.judge(rows[one] for one in order))) == [straight[one] for one in order]
    assert [next(iter(map(told, validator.judge([one])))) for one in rows] == straight


@pytest.mark.parametrize(
    "guidelines",
    [
        "class Base:\n"
        + "".join(f"    attribute_{one}: str\n" for one in range(1_000))
        + "".join(f"class T{one}(Base):\n    pass\n" for one in range(1_000)),
        f"class {'N' * 60_000}:\n    mention: str\n",
        f"class A:\n    mention: str = {'x' * 60_000!r}\n",
    ],
)
def test_sketches_are_plain_and_of_bounded_size(validator: Validator, guidelines: str) -> None:
    labels = "[" + ", ".join(f"T{one}()" for one in range(1_000)) + ", A(), " + "N" * 60_000 + "()]"
    content = {"guidelines": guidelines, "labels": labels, "document": "Ada " * 100_000}
    (judged,) = validator.judge(rows_of([content]))
    assert judged.sketches
    for sketch in judged.sketches.values():
        assert type(sketch) is tuple
        assert all(type(one) is str for one in sketch)
        assert len(pickle.dumps(sketch)) <= _SKETCH_BYTES


def test_what_a_long_definition_ends_with_tells_types_apart() -> None:
    attributes = "".join(f"    attribute_{one}: str\n" for one in range(100))
    with Validator(rules=[by_name()["inconsistent-type"]]) as validator:
        contents = [
            {"guidelines": f"class A:\n{attributes}    last: {last}\n", "labels": "[A()]"}
            for last in ("int", "str", "int")
        ]
        (found,) = [one for report in validator.check_rows(rows_of(contents)) for one in report.diagnostics]
    assert found.message.startswith("`A` is defined in 2 ways in 3 rows; here as `A(attribute_0: str,")
    assert found.record is not None
    assert found.record.index == 1


def test_a_sketch_that_breaks_is_a_finding_and_the_row_is_not_compared() -> None:
    def broken(_subject: object) -> None:
        raise ValueError("no sketch")

    rule = replace(by_name()["split-leakage"], sketch=broken)
    with Validator(rules=[rule]) as validator:
        (judged,) = validator.judge(rows_of([{"guidelines": "", "labels": "[]", "document": "Ada"}]))
    assert [one.code for one in judged.report.diagnostics] == ["GX406"]
    assert "the rule GX503 split-leakage broke" in judged.report.diagnostics[0].message
    assert not judged.sketches


def test_a_comparison_that_breaks_is_a_finding() -> None:
    def compare(_sketch: Sketch, _place: Place) -> Iterator[Fault]:
        raise ValueError("no comparison")

    rule = replace(by_name()["split-leakage"], watch=lambda: compare)
    with Validator(rules=[rule]) as validator:
        (report,) = validator.check_rows(rows_of([{"guidelines": "", "labels": "[]", "document": "Ada"}]))
    assert [one.code for one in report.diagnostics] == ["GX406"]
    assert report.diagnostics[0].file == "rows.jsonl"


def test_rows_that_were_read_before_reading_broke_are_judged(validator: Validator) -> None:
    def rows() -> Iterator[Row]:
        yield from rows_of([{"guidelines": "", "labels": "[]"}] * 3)
        raise UsageError("the rest is gone")

    judged = validator.judge(rows())
    assert [next(judged).row.reference for _ in range(3)]
    with pytest.raises(UsageError, match="the rest is gone"):
        next(judged)


def test_no_more_rows_are_read_than_are_asked_for(validator: Validator) -> None:
    read = []

    def rows() -> Iterator[Row]:
        for row in rows_of([{"guidelines": "", "labels": "[]"}] * 9):
            read.append(row)
            yield row

    next(validator.judge(rows(), ahead=1))
    assert len(read) == 1
    next(validator.judge(rows(), ahead=4))
    assert len(read) == 5


def test_every_rule_across_rows_has_its_sketch_and_is_compared() -> None:
    across = {rule.name for rule in discover() if rule.is_across}
    assert across == {rule.name for rule in discover() if rule.watch is not None or rule.survey is not None}
    assert not list(Comparison(discover()).conclusions())
