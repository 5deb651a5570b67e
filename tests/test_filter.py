"""Filtering: what is kept passes, what is not is told, and nothing is lost or made up."""

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filter_rows import Leaf, columns, leaves, lines
from guidex_schema.datasets import read_jsonl
from guidex_schema.datasets.json_text import Notes
from guidex_schema.diagnostic import Severity
from guidex_schema.filtering import Filter, Granularity, row_rules
from guidex_schema.filtering.rejection import rejected_line
from guidex_schema.rule import default_rules
from guidex_schema.validation import Validator

RULES = default_rules("row")
# Lints that only advise look at every row, and nothing here is about them.
REJECTING = [rule for rule in RULES if rule.severity is Severity.ERROR or rule.has_fix]
GRANULARITIES: list[Granularity] = ["record", "instance", "value"]
slowly = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


class Taken(NamedTuple):
    """What was dropped of a row."""

    path: str
    entity_type: str | None
    attribute: str | None
    source: str
    codes: list[str]


class Rejected(NamedTuple):
    """A line of rejected rows: the row itself, byte by byte, or what was dropped of one that is kept."""

    itself: bytes | None
    number: int
    codes: list[str]
    dropped: list[Taken]

    @property
    def leaves(self) -> Counter[Leaf]:
        return sum((leaves(one.source, one.entity_type, one.attribute) for one in self.dropped), Counter[Leaf]())


class Filtered(NamedTuple):
    """What filtering came to."""

    kept: list[bytes]
    rejected: list[Rejected]


def read_rejected(line: bytes) -> Rejected:
    """Read a line of rejected rows."""
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    told = json.loads(line)
    itself = None
    if "raw_base64" in told:
        itself = b64decode(told["raw_base64"]).strip()
    elif "record" in told:
        text = line.decode("utf-8")
        start = len('{"record": ')
        _, end = json.JSONDecoder().raw_decode(text, start)
        itself = text[start:end].encode("utf-8")
    dropped = [Taken(**one) for one in told["dropped"]]
    return Rejected(itself, told["source"]["index"], [one["code"] for one in told["diagnostics"]], dropped)


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator(rules=row_rules(REJECTING)) as one:
        yield one


def filtered(data: bytes, validator: Validator, granularity: Granularity, *, fixes: bool = False) -> Filtered:
    found = Filtered([], [])
    chosen = Filter(validator, REJECTING, granularity=granularity, fixes=fixes)
    for outcome in chosen.outcomes(read_jsonl(data, "rows.jsonl")):
        line = rejected_line(outcome, None, Notes())
        if outcome.kept is not None:
            assert outcome.kept.raw is not None
            found.kept.append(outcome.kept.raw)
        if line is not None:
            found.rejected.append(read_rejected(line))
    return found


def labels_of(line: bytes) -> str:
    row = json.loads(line)
    found = row["labels"] if "labels" in row else row["text"].partition("\nresult = ")[2]
    return str(found)


@slowly
@given(st.lists(lines(), min_size=1, max_size=4))
def test_kept_and_rejected_rows_are_the_input(validator: Validator, rows: list[bytes]) -> None:
    found = filtered(b"\n".join(rows), validator, "record")
    told = [one.itself or b"" for one in found.rejected]
    expected = [row.strip() for row in rows]
    assert Counter([*(one.strip() for one in found.kept), *told]) == Counter(expected)
    assert [one.strip() for one in found.kept] == [one for one in expected if one in {k.strip() for k in found.kept}]
    assert all(not one.dropped for one in found.rejected)


@slowly
@given(st.lists(columns(), min_size=1, max_size=3), st.sampled_from(["instance", "value"]))
def test_every_leaf_stands_in_exactly_one_output(
    validator: Validator, rows: list[dict[str, str]], granularity: Granularity
) -> None:
    written = [("{" + ", ".join(f'"{name}": {value}' for name, value in row.items()) + "}").encode() for row in rows]
    found = filtered(b"\n".join(written), validator, granularity)
    kept = iter(found.kept)
    rejected = {one.number: one for one in found.rejected}
    for index, line in enumerate(written):
        one = rejected.get(index)
        if one is not None and one.itself is not None:
            assert one.itself == line
            continue
        left = next(kept)
        before, after = leaves(labels_of(line)), leaves(labels_of(left))
        if one is None:
            assert left.strip() == line
        else:
            assert one.dropped
            assert after + one.leaves == before
            assert all(set(taken.codes) <= set(one.codes) and taken.codes for taken in one.dropped)
    assert next(kept, None) is None


@slowly
@given(st.lists(lines(), min_size=1, max_size=3), st.sampled_from(GRANULARITIES), st.booleans())
def test_what_is_kept_has_no_error_and_is_kept_again_as_it_is(
    validator: Validator, rows: list[bytes], granularity: Granularity, fixes: bool
) -> None:
    found = filtered(b"\n".join(rows), validator, granularity, fixes=fixes)
    data = b"".join(one if one.endswith(b"\n") else one + b"\n" for one in found.kept)
    for report in validator.check_rows(read_jsonl(data, "kept.jsonl")) if data else ():
        assert report.kept, report.diagnostics
    again = filtered(data, validator, granularity, fixes=fixes)
    assert b"".join(again.kept) == data
    assert not again.rejected or not data


@slowly
@given(columns(), st.sampled_from(["instance", "value"]), st.booleans())
def test_a_changed_row_keeps_its_other_columns_as_they_are_written(
    validator: Validator, row: dict[str, str], granularity: Granularity, fixes: bool
) -> None:
    line = ("{" + " , ".join(f'"{name}":  {value}' for name, value in row.items()) + "}").encode()
    for kept in filtered(line, validator, granularity, fixes=fixes).kept:
        after = json.loads(kept)
        assert list(after) == list(row)
        for name, value in row.items():
            if name not in ("labels", "text", "guidelines"):
                assert f'"{name}":  {value}'.encode() in kept
        faults = [fault.rule for one in read_jsonl(kept, "kept.jsonl") for fault in one.faults]
        before = [fault.rule for one in read_jsonl(line, "rows.jsonl") for fault in one.faults]
        assert faults.count("conflicting-columns") <= before.count("conflicting-columns")
        if "text" in after and "guidelines" not in after:
            older = json.loads(line)["text"]
            start = older.index("\n# Text\n")
            end = older.find("\nresult = ")
            assert older[start : end if end >= 0 else None] in after["text"]
