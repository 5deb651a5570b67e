"""Filtering: what is kept passes, what is not is told, and nothing is lost or made up."""

import json
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Literal, NamedTuple, assert_never

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filter_rows import Leaf, arrays, columns, leaves, lines
from guidex_schema.datasets import COLUMNS, Row, json_array, read_jsonl, tables
from guidex_schema.datasets.json_text import Notes
from guidex_schema.datasets.jsonl import UTF8_MARK
from guidex_schema.diagnostic import Severity
from guidex_schema.filtering import Filter, Granularity, row_rules
from guidex_schema.filtering.rejection import rejected_line
from guidex_schema.filtering.tally import Tally
from guidex_schema.rule import default_rules
from guidex_schema.validation import Validator

RULES = default_rules("row")
# Lints that only advise look at every row, and nothing here is about them.
REJECTING = [rule for rule in RULES if rule.severity is Severity.ERROR or rule.has_fix]
GRANULARITIES: list[Granularity] = ["record", "instance", "value"]
Encoding = Literal["lines", "array", "parquet", "arrow"]
ENCODINGS: list[Encoding] = ["lines", "array", "parquet", "arrow"]
slowly = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


class Taken(NamedTuple):
    """What was dropped of a row."""

    path: str
    entity_type: str | None
    attribute: str | None
    source: str
    codes: list[str]


class Rejected(NamedTuple):
    """A line of rejected rows.

    Attributes:
        itself: the row, byte by byte, where it is not kept.
        original: the row as it was, byte by byte, where it is kept otherwise.
        number: the row's index; None for a file.
    """

    itself: bytes | None
    original: bytes | None
    number: int | None
    codes: list[str]
    dropped: list[Taken]
    fixed: list[str]

    @property
    def leaves(self) -> Counter[Leaf]:
        return sum((leaves(one.source, one.entity_type, one.attribute) for one in self.dropped), Counter[Leaf]())


class Filtered(NamedTuple):
    """What filtering came to.

    Attributes:
        kept: the rows that are kept.
        unchanged: those of them that are kept as they were read.
        rejected: what is said of the others.
        input: all of it in the order of the input, as it was: what is kept unchanged, and what is told.
        files: files that could not be read, or not to their end.
    """

    kept: list[Row]
    unchanged: list[Row]
    rejected: list[Rejected]
    input: list[bytes]
    files: int

    @property
    def lines(self) -> list[bytes]:
        return [row.raw or b"" for row in self.kept]


def read_rejected(line: bytes) -> Rejected:
    """Read a line of rejected rows."""
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    told = json.loads(line)
    found: dict[str, bytes] = {}
    for name, name_of_bytes in (("record", "raw_base64"), ("original", "original_base64")):
        if name_of_bytes in told:
            found[name] = b64decode(told[name_of_bytes]).strip(b" \t\r\n")
        elif name in told:
            text = line.decode("utf-8")
            start = len(f'{{"{name}": ')
            _, end = json.JSONDecoder().raw_decode(text, start)
            found[name] = text[start:end].encode("utf-8")
    assert len(found) < 2
    dropped = [Taken(**one) for one in told["dropped"]]
    codes, fixed = ([one["code"] for one in told[name]] for name in ("diagnostics", "fixed"))
    return Rejected(found.get("record"), found.get("original"), told["source"]["index"], codes, dropped, fixed)


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator(rules=row_rules(REJECTING)) as one:
        yield one


def filtered(rows: Iterable[Row], validator: Validator, granularity: Granularity, *, fixes: bool = False) -> Filtered:
    found, tally = Filtered([], [], [], [], 0), Tally()
    chosen = Filter(validator, REJECTING, granularity=granularity, fixes=fixes)
    for outcome in chosen.outcomes(rows):
        line = rejected_line(outcome, None, Notes())
        if outcome.is_row:
            tally.add(outcome)
        if outcome.kept is not None:
            found.kept.append(outcome.kept)
        if line is not None:
            told = read_rejected(line)
            found.rejected.append(told)
            found.input.append(told.itself or told.original or b"")
        elif outcome.kept is not None:
            found.unchanged.append(outcome.kept)
            found.input.append(outcome.kept.raw.strip(b" \t\r\n") if outcome.kept.raw else dumped(outcome.kept.content))
    return found._replace(files=tally.files)


def dumped(content: object) -> bytes:
    return json.dumps(content).encode()


def jsonl(data: bytes) -> Iterator[Row]:
    return read_jsonl(data, "rows.jsonl")


def encoded(rows: list[dict[str, str]], encoding: Encoding) -> bytes:
    """Write rows, whose columns are JSON, as a file."""
    written = ["{" + ", ".join(f'"{name}": {value}' for name, value in row.items()) + "}" for row in rows]
    if encoding == "lines":
        return "\n".join(written).encode()
    if encoding == "array":
        return ("[\n  " + ",\n  ".join(written) + "\n]\n").encode()
    content = [json.loads(one) for one in written]
    names = dict.fromkeys(name for one in content for name in one)
    table = pa.table({name: pa.array([one.get(name) for one in content]) for name in names})
    sink = BytesIO()
    if encoding == "parquet":
        pq.write_table(table, sink, row_group_size=2)
    else:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=1)
    return sink.getvalue()


def read(data: bytes, encoding: Encoding) -> Iterator[Row]:
    match encoding:
        case "lines":
            return jsonl(data)
        case "array":
            return json_array.read(data, "rows.json", COLUMNS)
        case "parquet":
            return tables.read_parquet(BytesIO(data), "rows.parquet", COLUMNS)
        case "arrow":
            return tables.read_arrow(BytesIO(data), "rows.arrow", COLUMNS)
        case _:
            assert_never(encoding)


def contents(data: bytes, encoding: Literal["parquet", "arrow"]) -> list[dict[str, object]]:
    """Read a table with nothing that is under test."""
    if encoding == "parquet":
        found = pq.read_table(BytesIO(data)).to_pylist()
    else:
        found = pa.ipc.open_stream(data).read_all().to_pylist()
    return list(found)


def labels_of(row: Mapping[str, object]) -> str:
    return str(row["labels"] if row.get("labels") is not None else str(row["text"]).partition("\nresult = ")[2])


@slowly
@given(st.lists(lines(), min_size=1, max_size=4), st.sampled_from(GRANULARITIES), st.booleans())
def test_kept_and_rejected_rows_are_the_input(
    validator: Validator, rows: list[bytes], granularity: Granularity, fixes: bool
) -> None:
    found = filtered(jsonl(b"\n".join(rows)), validator, granularity, fixes=fixes)
    expected = [row.strip(b" \t\r\n") for row in rows]
    assert found.input == expected
    itself = [one.itself for one in found.rejected if one.itself is not None]
    assert len(found.kept) + len(itself) == len(rows)
    if granularity == "record":
        assert not any(one.dropped for one in found.rejected)
    if granularity == "record" and not fixes:
        assert Counter([*(one.strip(b" \t\r\n") for one in found.lines), *itself]) == Counter(expected)


# What lies between the elements of an array; in strings it is left out alike on both sides.
_BETWEEN = re.compile(rb"[ \t\r\n,\[\]]+")


@slowly
@given(arrays(), st.sampled_from(GRANULARITIES), st.booleans())
def test_kept_and_rejected_bytes_are_the_array(
    validator: Validator, data: bytes, granularity: Granularity, fixes: bool
) -> None:
    found = filtered(read(data, "array"), validator, granularity, fixes=fixes)
    assert _BETWEEN.sub(b"", b"".join(found.input)) == _BETWEEN.sub(b"", data.removeprefix(UTF8_MARK))
    try:
        elements = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        # Never clean by accident.
        assert found.rejected
        return
    # NaN is unlike itself.
    assert [dumped(json.loads(one)) for one in found.input if one] == [dumped(one) for one in elements]
    assert found.files == (not elements)


@slowly
@given(
    st.lists(columns(), min_size=1, max_size=3),
    st.sampled_from(GRANULARITIES),
    st.booleans(),
    st.sampled_from(["parquet", "arrow"]),
    st.floats(0, 1),
)
def test_kept_and_rejected_rows_are_the_table(
    validator: Validator,
    rows: list[dict[str, str]],
    granularity: Granularity,
    fixes: bool,
    encoding: Literal["parquet", "arrow"],
    left: float,
) -> None:
    data = encoded(rows, encoding)
    expected = contents(data, encoding)
    found = filtered(read(data, encoding), validator, granularity, fixes=fixes)
    assert [json.loads(one) for one in found.input] == expected
    assert found.files == 0
    cut = filtered(read(data[: int(left * (len(data) - 1))], encoding), validator, granularity, fixes=fixes)
    restored = [json.loads(one) for one in cut.input if one]
    assert restored == expected[: len(restored)]
    assert cut.files == 1


@slowly
@given(st.lists(columns(), min_size=1, max_size=3), st.sampled_from(["instance", "value"]), st.sampled_from(ENCODINGS))
def test_every_leaf_stands_in_exactly_one_output(
    validator: Validator, rows: list[dict[str, str]], granularity: Granularity, encoding: Encoding
) -> None:
    found = filtered(read(encoded(rows, encoding), encoding), validator, granularity)
    kept = iter(found.kept)
    rejected = {one.number: one for one in found.rejected}
    for index, columns_of_row in enumerate(rows):
        row = {name: json.loads(value) for name, value in columns_of_row.items()}
        one = rejected.get(index)
        if one is not None and one.itself is not None:
            assert {name: value for name, value in json.loads(one.itself).items() if name in row} == row
            continue
        left = next(kept).content or {}
        before, after = leaves(labels_of(row)), leaves(labels_of(left))
        if one is None:
            assert {name: value for name, value in left.items() if name in row} == row
        else:
            assert one.dropped
            assert after + one.leaves == before
            assert all(set(taken.codes) <= set(one.codes) and taken.codes for taken in one.dropped)
    assert next(kept, None) is None
    # The same goes, whatever the format is.
    as_lines = filtered(jsonl(encoded(rows, "lines")), validator, granularity)
    assert [labels_of(one.content or {}) for one in found.kept] == [
        labels_of(one.content or {}) for one in as_lines.kept
    ]


@slowly
@given(st.lists(lines(), min_size=1, max_size=3), st.sampled_from(GRANULARITIES), st.booleans())
def test_what_is_kept_has_no_error_and_is_kept_again_as_it_is(
    validator: Validator, rows: list[bytes], granularity: Granularity, fixes: bool
) -> None:
    found = filtered(jsonl(b"\n".join(rows)), validator, granularity, fixes=fixes)
    data = b"".join(one if one.endswith(b"\n") else one + b"\n" for one in found.lines)
    for report in validator.check_rows(jsonl(data)) if data else ():
        assert report.kept, report.diagnostics
    again = filtered(jsonl(data), validator, granularity, fixes=fixes)
    assert b"".join(again.lines) == data
    assert not again.rejected or not data


@slowly
@given(columns(), st.sampled_from(["instance", "value"]), st.booleans())
def test_a_changed_row_keeps_its_other_columns_as_they_are_written(
    validator: Validator, row: dict[str, str], granularity: Granularity, fixes: bool
) -> None:
    line = ("{" + " , ".join(f'"{name}":  {value}' for name, value in row.items()) + "}").encode()
    for kept in filtered(jsonl(line), validator, granularity, fixes=fixes).lines:
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
