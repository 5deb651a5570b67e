"""Validation: every row gets one report, in order, and no input stops the rest."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import guidex_schema
from cost import assert_linear
from guidex_schema.datasets import Columns, read_jsonl
from guidex_schema.diagnostic import Diagnostic, Report, Severity
from guidex_schema.error import UsageError
from guidex_schema.guideline import FILE_LIMITS
from guidex_schema.instance import Record
from guidex_schema.rule import GUIDELINES, by_name, discover
from guidex_schema.validation import Validator, validate

OTHER = GUIDELINES.replace("Person", "Place")

# Rules about a dataset as a whole look at the rows one after another.
OF_DATASETS = {rule.code for rule in discover() if rule.watch is not None}


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as shared:
        yield shared


def reports(validator: Validator, data: bytes) -> list[Report]:
    return list(validator.check_rows(read_jsonl(data, "rows.jsonl")))


def codes(report: Report) -> set[str]:
    return {one.code for one in report.diagnostics}


labels = st.sampled_from(
    [
        '[Person(mention="Ada")]',
        '[Persn(mention="Ada")]',
        '[Person(mention="Bob", role=3)]',
        '[Place(name="London")]',
        "[Person(mention='Ada'), Person(mention='Ada')]",
        "[Person(",
        "",
        "1",
        "```python\n[]\n```",
        '[Person("Ada", children=[Person()])]',
    ]
)
rows = st.one_of(
    st.fixed_dictionaries(
        {"guidelines": st.sampled_from([GUIDELINES, OTHER, "class A(", ""]), "labels": labels},
        optional={
            "document": st.sampled_from(["Ada lived in London.", "Bob", "Bob\ud800", ""]),
            "id": st.integers(0, 9) | st.text(max_size=3),
        },
    ),
    st.sampled_from([[], 3, {}, {"guidelines": 1, "labels": "[]"}]),
)


@given(st.binary(max_size=80))
@settings(max_examples=60)
def test_any_bytes_give_reports_and_are_never_clean(validator: Validator, data: bytes) -> None:
    found = reports(validator, data)
    assert found
    assert all(one.diagnostics or one.checked for one in found)
    assert not any(one.kept for one in found) or any(one.checked for one in found)


@given(st.lists(rows, min_size=1, max_size=6))
@settings(max_examples=40)
def test_every_row_gives_one_report_in_order(validator: Validator, content: list[object]) -> None:
    found = reports(validator, "".join(json.dumps(one) + "\n" for one in content).encode())
    assert len(found) == len(content)
    for number, one in enumerate(found):
        assert one.checked or one.unread
        assert {d.record.index for d in one.diagnostics if d.record} <= {number}
        assert {d.record.line for d in one.diagnostics if d.record} <= {number + 1}
        for diagnostic in one.diagnostics:
            source = one.source_of(diagnostic)
            assert (diagnostic.span is None) == (diagnostic.location is None)
            if diagnostic.span is not None:
                assert source is not None
                assert diagnostic.span.end <= len(source.text)
                assert source.location(diagnostic.span) == diagnostic.location


@given(st.lists(rows, min_size=2, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_rows_does_not_matter(validator: Validator, content: list[object], chance: random.Random) -> None:
    def found(order: list[int]) -> dict[int, list[Diagnostic]]:
        data = "".join(json.dumps(content[number]) + "\n" for number in order).encode()
        return {
            number: [
                one.model_copy(update={"record": None}) for one in report.diagnostics if one.code not in OF_DATASETS
            ]
            for number, report in zip(order, reports(validator, data), strict=True)
        }

    order = list(range(len(content)))
    assert found(order) == found(chance.sample(order, len(order)))


def test_guidelines_of_one_row_do_not_count_for_the_next(validator: Validator) -> None:
    first = {"guidelines": GUIDELINES, "labels": "[Person('Ada')]", "document": "Ada"}
    second = {"guidelines": OTHER, "labels": "[Person('Bob')]", "document": "Bob"}
    found = reports(validator, "".join(json.dumps(one) + "\n" for one in (first, second)).encode())
    assert [codes(one) for one in found] == [set(), {"GX201"}]


def test_a_record_is_validated_by_itself() -> None:
    record = Record(id="r", guidelines=GUIDELINES, labels="[Person('Ada', children=[Person('Bob')])]", document="Ada")
    validation = validate(record)
    assert validation.record is record
    assert validation.schema.class_names == ("Person",)
    assert [one.class_name for one in validation.instances] == ["Person"]
    assert [(one.mention.path, one.grounding.status) for one in validation.groundings] == [
        ("result[0].mention", "exact"),
        ("result[0].children[0].mention", "absent"),
    ]
    assert [one.code for one in validation.diagnostics] == ["GX301"]
    assert not validation.kept
    assert validate(record.model_copy(update={"document": "Ada, Bob"})).kept
    assert guidex_schema.validate is validate


def test_abstractive_attributes_are_a_setting() -> None:
    record = Record(guidelines=GUIDELINES, labels="[Person('Ada', role='a poet')]", document="Ada")
    with Validator(abstractive=["*.role"]) as lenient:
        found = lenient.validate(record)
    assert [(one.code, one.severity) for one in found.diagnostics] == [("GX304", Severity.INFO)]
    assert found.kept
    with pytest.raises(UsageError, match="`role` names no attribute"):
        Validator(abstractive=["role"])


def test_thousands_of_absent_values_take_linear_time() -> None:
    # The nearest passage is looked for only as often as it helps.
    document = " ".join(f"word{number % 977} of" for number in range(20_000))

    def check(count: int) -> None:
        labels = "[" + ", ".join(f"Person('name{number} of {number}')" for number in range(count)) + "]"
        found = validate(Record(guidelines=GUIDELINES, labels=labels, document=document))
        assert len(found.diagnostics) == min(count, 1_001)

    assert_linear(check, 150)


def test_half_a_surrogate_pair_in_a_document_is_found_without_a_file_too() -> None:
    validation = validate(Record(guidelines=GUIDELINES, labels="[]", document="half a pair: \udc00b"))
    (found,) = (one for one in validation.diagnostics if one.part == "document")
    assert found.code == "GX009"
    assert found.span is not None
    assert (found.span.start, found.span.end) == (13, 14)


def test_rules_severities_and_columns_are_settings() -> None:
    data = json.dumps({"guidelines": GUIDELINES, "answer": "[Persn(mention='Bob')]", "document": "Ada"}).encode()
    columns = Columns(labels="answer")
    with Validator(
        rules=[by_name()["undefined-class"]], severities={"undefined-class": Severity.INFO}, columns=columns
    ) as few:
        (report,) = few.check_rows(read_jsonl(data, "rows.jsonl", columns))
    assert [(one.code, one.severity) for one in report.diagnostics] == [("GX201", Severity.INFO)]
    assert report.kept


def test_files_are_named_and_read_with_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"guidelines": GUIDELINES, "answer": "[Persn('Ada')]", "document": "Ada"}))
    with Validator(columns=Columns(labels="answer")) as one:
        (report,) = one.check_file(path)
    assert {found.file for found in report.diagnostics} == {str(path)}
    assert codes(report) == {"GX201"}


def test_findings_stand_in_the_order_of_their_places(validator: Validator) -> None:
    source = "[Persn(mention='Bob'),\n Person(mention=3, colour='red'),\n Person()]"
    found = validator.validate(Record(guidelines=GUIDELINES, labels=source, document="Ada")).diagnostics
    starts = [one.span.start for one in found if one.span]
    assert len(starts) > 3
    assert starts == sorted(starts)


def test_endless_findings_of_one_rule_are_cut_and_said_to_be() -> None:
    source = "[" + ", ".join(f'Persn("{number}")' for number in range(1_500)) + "]"
    with Validator(rules=[by_name()["undefined-class"]]) as one:
        found = one.validate(Record(guidelines=GUIDELINES, labels=source)).diagnostics
    assert len(found) == 1_001
    assert sum("more than 1,000 times" in one.message for one in found) == 1
    assert {one.severity for one in found} == {Severity.ERROR}


def test_a_rule_that_breaks_is_a_finding_and_the_others_are_applied() -> None:
    def broken(subject: object) -> Iterator[object]:
        raise ZeroDivisionError("by zero")

    rule = replace(by_name()["undefined-class"], check=broken)  # type: ignore[arg-type]
    data = json.dumps({"guidelines": GUIDELINES, "labels": "[Person()]"}).encode() + b"\n{"
    with Validator(rules=[rule, by_name()["missing-attribute"]]) as one:
        first, unread = reports(one, data)
        alone = one.validate(Record(guidelines=GUIDELINES, labels="[Person()]"))
    for found in (first.diagnostics, alone.diagnostics):
        assert [(each.code, each.part) for each in found] == [("GX406", "labels"), ("GX203", "labels")]
        assert "GX201 undefined-class broke: ZeroDivisionError('by zero')" in found[0].message
    assert [(each.code, each.part) for each in unread.diagnostics] == [("GX406", "file")]
    assert not first.kept
    assert not alone.kept


def test_many_guidelines_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guidex_schema.validation._CACHED_GUIDELINES", 2)
    with Validator(rules=[]) as one:
        for number in range(5):
            one.validate(Record(guidelines=f"class A{number}:\n    x: str\n", labels="[]"))
        assert len(one._guidelines) == 2


def test_guideline_files_may_be_larger_than_those_of_rows() -> None:
    large = Record(guidelines=GUIDELINES + "# " + "x" * 70_000 + "\n", labels="[Person('Ada')]", document="Ada")
    assert "GX010" in {one.code for one in validate(large).diagnostics}
    with Validator(limits=FILE_LIMITS) as one:
        assert one.validate(large).kept
