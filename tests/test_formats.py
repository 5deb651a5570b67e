"""Formats: what one of them holds, the others hold as well, and what is broken says so."""

import gzip
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guidex_schema.datasets import SUFFIXES, Row, folder_writing, json_array, jsonl, read_dataset, read_datasets
from guidex_schema.datasets import table_writing as tables_written
from guidex_schema.datasets.json_text import Notes, json_object
from guidex_schema.datasets.writing import writer_for
from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError
from guidex_schema.validation import Validator

FIXTURES = Path(__file__).parent.parent / "fixtures" / "datasets"
TEXTS = [suffix for suffix in SUFFIXES if ".json" in suffix or ".ndjson" in suffix]
TABLES = [suffix for suffix in SUFFIXES if suffix not in TEXTS]
MIXED = "missing in some rows and null in others, which is the same in a table"
COMPRESSED = [suffix for suffix in SUFFIXES if suffix.endswith((".gz", ".zst"))]
NATIVE = {"id": "n", "guidelines": "class A: pass", "labels": "[]", "document": "Ada"}

texts = st.text(st.characters(codec=None), max_size=5)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
values = st.recursive(
    scalars, lambda of: st.lists(of, max_size=3) | st.dictionaries(texts, of, max_size=2), max_leaves=5
)
# A column of a table is called by what UTF-8 holds.
names = st.sampled_from(["a", "b", "guidelines", "labels", "document", "text", "é 😀", ".", ""])
contents = st.lists(st.dictionaries(names, values, min_size=1, max_size=4), min_size=1, max_size=4)


def rows_of(content: Sequence[Mapping[str, object]], path: Path) -> None:
    path.write_text("".join(json.dumps(one) + "\n" for one in content), encoding="utf-8")


def read(path: Path) -> list[Row]:
    return [row for rows in read_datasets(path) for row in rows]


def held(path: Path) -> list[dict[str, object]]:
    """Give the columns of all rows, each of which could be decoded."""
    found = [row.content for row in read(path)]
    assert None not in found, [row.faults for row in read(path)]
    return [dict(one) for one in found if one is not None]


def write(rows: Sequence[Row] | Iterator[Row], path: Path) -> tuple[str, ...]:
    writer = writer_for(path)
    try:
        for row in rows:
            writer.write(row)
        writer.finish()
        writer.publish()
    finally:
        writer.discard()
    return writer.notes


def faults(rows: Sequence[Row]) -> list[tuple[int | None, str]]:
    return [(row.reference.index if row.reference else None, fault.rule) for row in rows for fault in row.faults]


def exact(value: object) -> object:
    """Give a value that is equal to another only if JSON has them alike: True is not 1, but 1 is 1.0."""
    match value:
        case dict():
            return {name: exact(one) for name, one in value.items()}
        case list():
            return [exact(one) for one in value]
        case bool():
            return ("bool", value)
        case _:
            return value


@pytest.mark.parametrize("suffix", TEXTS)
@given(contents)
@settings(max_examples=15)
def test_json_formats_give_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    rows_of(content, folder / "rows.jsonl")
    assert write(read(folder / "rows.jsonl"), folder / f"out{suffix}") == ()
    assert held(folder / f"out{suffix}") == content
    # Their bytes stay the same, too.
    write(read(folder / f"out{suffix}"), folder / "back.jsonl")
    assert (folder / "back.jsonl").read_bytes() == (folder / "rows.jsonl").read_bytes()


@pytest.mark.parametrize("suffix", [*TABLES, ""])
@given(contents)
@example([{"a": 1}, {"a": "x"}])
@example([{"a": 2**64}, {"a": None}, {}])
@example([{"a": True}, {"a": 1}])
@example([{"a": 1}, {"a": 2.5}, {"a": 2**53 + 1}])
@example([{"a": {"x": 1}}, {"a": {"y": 1}}])
@example([{"a": {}}, {"a": {"": []}}])
@example([{"a": "\ud800"}, {"a": "b"}])
@example([{"a": None}, {"b": []}])
@settings(max_examples=20)
def test_tables_give_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    rows_of(content, folder / "rows.jsonl")
    rows = read(folder / "rows.jsonl")
    expected = [dict(row.content or {}) for row in rows]
    notes = write(rows, folder / f"rows{suffix}")
    for name in {name for row in expected for name in row}:
        if f"the column {quoted(name)}: {MIXED}" in notes:
            expected = [{name: None} | row for row in expected]
    assert exact(held(folder / f"rows{suffix}")) == exact(expected)
    assert write(read(folder / f"rows{suffix}"), folder / "back.jsonl") == ()
    assert exact(held(folder / "back.jsonl")) == exact(expected)


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as shared:
        yield shared


def findings(rows: Sequence[Row], validator: Validator) -> list[list[tuple[object, ...]]]:
    return [
        [(one.code, one.severity, one.message, one.path, one.part, one.span, one.fix) for one in report.diagnostics]
        for report in validator.check_rows(rows)
    ]


def test_a_check_finds_the_same_in_every_format(validator: Validator, tmp_path: Path) -> None:
    names = ("guidex/invalid/columns.jsonl", "json/invalid/catalogue.json", "native/invalid/instances.jsonl")
    rows = [row for name in (*names, "native/invalid/characters.jsonl") for row in read_dataset(FIXTURES / name)]
    # A folder has the splits one after another.
    content = [{name: one for name, one in (row.content or {}).items() if name != "split"} for row in rows]
    rows_of(content, tmp_path / "all.jsonl")
    rows = read(tmp_path / "all.jsonl")
    expected = findings(rows, validator)
    assert sum(map(len, expected)) > 30
    for suffix in (".parquet", ""):
        write(rows, tmp_path / f"all{suffix}")
        assert findings(read(tmp_path / f"all{suffix}"), validator) == expected


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_an_archive_that_is_cut_off_is_never_clean(suffix: str, tmp_path: Path) -> None:
    rows_of(
        [NATIVE | {"id": str(number), "document": os.urandom(30).hex()} for number in range(9)], tmp_path / "a.jsonl"
    )
    rows = read(tmp_path / "a.jsonl")
    whole = tmp_path / f"whole{suffix}"
    write(rows, whole)
    data = whole.read_bytes()
    for end in range(1, len(data), 7):
        cut = tmp_path / f"cut{suffix}"
        cut.write_bytes(data[:end])
        found = read(cut)
        assert "unreadable-file" in [rule for _, rule in faults(found)]
        good = [row.content for row in found if row.content is not None]
        assert good == [row.content for row in rows][: len(good)]
    (tmp_path / f"empty{suffix}").touch()
    assert faults(read(tmp_path / f"empty{suffix}")) == [(None, "empty-file")]


def test_rows_before_the_damage_are_read(tmp_path: Path) -> None:
    first, second = (gzip.compress((json.dumps(NATIVE | {"id": one}) + "\n").encode()) for one in "ab")
    for name in ("rows.jsonl.gz", "rows.json.gz"):
        (tmp_path / name).write_bytes(first + second[:-4])
        found = read(tmp_path / name)
        assert [row.record.id for row in found if row.record] == ["a", "b"]
        assert "unreadable-file" in [rule for _, rule in faults(found)]
    (tmp_path / "rows.jsonl.gz").write_bytes(first + second)
    assert [row.record.id for row in read(tmp_path / "rows.jsonl.gz") if row.record] == ["a", "b"]
    (tmp_path / "rows.jsonl.zst").write_bytes(first)
    assert faults(read(tmp_path / "rows.jsonl.zst")) == [(None, "unreadable-file")]


def test_archives_are_read_by_others_and_are_the_same_each_time(tmp_path: Path) -> None:
    rows_of([NATIVE], tmp_path / "a.jsonl")
    plain = (tmp_path / "a.jsonl").read_bytes()
    for suffix in (".jsonl.gz", ".jsonl.zst"):
        write(read(tmp_path / "a.jsonl"), tmp_path / f"a{suffix}")
        write(read(tmp_path / "a.jsonl"), tmp_path / f"b{suffix}")
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == plain
    with pa.input_stream(str(tmp_path / "a.jsonl.zst"), compression="zstd") as stream:
        assert stream.read() == plain


def test_a_line_beyond_the_limit_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = len(json.dumps(NATIVE)) + 5
    monkeypatch.setattr(jsonl, "LINE_LIMIT", limit)
    long = NATIVE | {"document": "x" * 5 * limit}
    rows_of([NATIVE, long, NATIVE, long], tmp_path / "rows.jsonl")
    found = read(tmp_path / "rows.jsonl")
    assert faults(found) == [(1, "unreadable-row"), (3, "unreadable-row")]
    assert [row.reference.line for row in found if row.reference] == [1, 2, 3, 4]


def test_an_archive_of_an_array_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_array, "SIZE_LIMIT", 10_000_000)
    (tmp_path / "bomb.json.gz").write_bytes(gzip.compress(b"[" + b" " * 30_000_000 + b"]"))
    (found,) = read(tmp_path / "bomb.json.gz")
    assert "JSONL" in found.faults[0].message


TYPED = pa.table(
    {
        "id": pa.array([1, 2, None], pa.int32()),
        "guidelines": pa.array(["class A: pass"] * 3, pa.large_string()),
        "labels": pa.array(["[]"] * 3, pa.string()),
        "kind": pa.array(["x", "y", "x"]).dictionary_encode(),
        "when": pa.array([datetime(2024, 1, 2, tzinfo=UTC)] * 3, pa.timestamp("ns", "UTC")),
        "part": pa.array([{"a": 1}, {"a": None}, None], pa.struct([("a", pa.int8())])),
        "list": pa.array([[1.5], [], None], pa.list_(pa.field("element", pa.float32()))),
        "bytes": pa.array([b"\xff", b"", None], pa.binary()),
    }
).replace_schema_metadata({"huggingface": '{"info": {}}', "made by": "a person"})


@pytest.mark.parametrize("suffix", TABLES)
@pytest.mark.parametrize("source", TABLES)
def test_a_table_keeps_its_types_and_what_it_says_of_them(source: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"typed{source}"
    if source == ".parquet":
        pq.write_table(TYPED, path, row_group_size=2)
    else:
        # One of a stream is read under the same name.
        opened = pa.ipc.new_stream if source == ".arrow" else pa.ipc.new_file
        with opened(path, TYPED.schema) as writer:
            writer.write_table(TYPED, max_chunksize=2)
    rows = read(path)
    assert [row.reference.line for row in rows if row.reference] == [None] * 3
    assert len({id(row.schema) for row in rows}) == 1
    assert write(rows, tmp_path / f"out{suffix}") == ()
    if suffix == ".parquet":
        found = pq.read_table(tmp_path / f"out{suffix}")
    else:
        with pa.ipc.open_file(tmp_path / f"out{suffix}") as opened_file:
            found = opened_file.read_all()
    assert found.schema.equals(TYPED.schema, check_metadata=True)
    assert found.to_pylist() == TYPED.to_pylist()


def test_a_column_that_changes_takes_what_was_said_of_all_columns_with_it(tmp_path: Path) -> None:
    pq.write_table(TYPED.select(["id", "guidelines", "labels"]), tmp_path / "a.parquet")
    rows_of([NATIVE], tmp_path / "b.jsonl")
    notes = write([*read(tmp_path / "a.parquet"), *read(tmp_path / "b.jsonl")], tmp_path / "c.parquet")
    found = pq.read_table(tmp_path / "c.parquet")
    assert found.schema.metadata == {b"made by": b"a person"}
    assert found.schema.field("guidelines").type == pa.large_string()
    assert found.column("id").to_pylist() == ["1", "2", "null", '"n"']
    assert notes == ("the column `id`: written as JSON text, since it holds int32 and string",)
    assert [row.record.id for row in read(tmp_path / "c.parquet") if row.record] == ["1", "2", None, "n"]


def test_what_json_does_not_have_is_written_as_text_and_told() -> None:
    notes = Notes()
    content = {
        "number": [float("nan"), float("inf"), -float("inf")],
        "bytes": b"\xff",
        "time": datetime(2024, 1, 2, 3, 4, 5, 6, UTC),
        "duration": -timedelta(days=1, microseconds=5),
        "decimal": Decimal("1.10"),
        "other": 1 + 2j,
        "half": "\ud800",
    }
    assert json.loads(json_object(content, notes)) == {
        "number": ["NaN", "Infinity", "-Infinity"],
        "bytes": "/w==",
        "time": "2024-01-02T03:04:05.000006+00:00",
        "duration": "-PT86400.000005S",
        "decimal": "1.10",
        "other": "(1+2j)",
        "half": "\ud800",
    }
    assert [note.split(":")[0] for note in notes] == [f"the column `{name}`" for name in content if name != "half"]
    json_object(content, notes)
    assert len(list(notes)) == len(content) - 1


def test_times_in_nanoseconds_are_times_where_python_has_them(tmp_path: Path) -> None:
    table = pa.table(
        {
            "guidelines": ["", ""],
            "labels": ["", ""],
            "exact": pa.array([0, 1_000], pa.timestamp("ns")),
            "finer": pa.array([0, 1], pa.timestamp("ns")),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    _, two = held(tmp_path / "a.parquet")
    assert two["exact"] == datetime(1970, 1, 1, 0, 0, 0, 1)
    assert two["finer"] == "1970-01-01 00:00:00.000000001"
    write(read(tmp_path / "a.parquet"), tmp_path / "b.parquet")
    assert pq.read_table(tmp_path / "b.parquet").equals(table)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no whole"),
        (b"PAR1", "no whole"),
        (b"ARROW1\0\0", "no whole"),
        (b"FEA1 and more", "version 1"),
        (b'{"a": 1}\n', "no whole"),
        (b"\0" * 64, ""),
    ],
)
@pytest.mark.parametrize("suffix", TABLES)
def test_what_is_no_table_says_so(suffix: str, data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / f"a{suffix}").write_bytes(data)
    (found,) = read(tmp_path / f"a{suffix}")
    assert found.is_unread
    if suffix != ".parquet":
        assert message in found.faults[0].message


def test_a_table_without_rows_is_empty_and_one_with_a_column_twice_is_not_read(tmp_path: Path) -> None:
    pq.write_table(TYPED.slice(0, 0), tmp_path / "a.parquet")
    assert faults(read(tmp_path / "a.parquet")) == [(None, "empty-file")]
    twice = pa.Table.from_arrays([pa.array(["x"])] * 2, names=["labels", "labels"])
    with pa.ipc.new_file(tmp_path / "b.arrow", twice.schema) as writer:
        writer.write_table(twice)
    assert "`labels` stands twice" in read(tmp_path / "b.arrow")[0].faults[0].message


def test_a_stream_without_its_end_may_lack_rows(tmp_path: Path) -> None:
    with pa.ipc.new_stream(tmp_path / "a.arrow", TYPED.schema) as writer:
        writer.write_table(TYPED)
    data = (tmp_path / "a.arrow").read_bytes()
    assert not faults(read(tmp_path / "a.arrow"))
    for end in (len(data) - 8, len(data) - 20, 100):
        (tmp_path / "b.arrow").write_bytes(data[:end])
        assert faults(read(tmp_path / "b.arrow"))[-1][1] == "unreadable-file"


def test_text_that_is_not_utf_8_costs_a_table_one_row(tmp_path: Path) -> None:
    labels = pa.array([b"[]", b"\xff", b"[]"]).cast(pa.binary()).view(pa.string())
    table = pa.table({"id": ["a", "b", "c"], "guidelines": [""] * 3, "labels": labels})
    pq.write_table(table, tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet")
    assert faults(found) == [(1, "unreadable-row")]
    assert [row.record.id for row in found if row.record] == ["a", "c"]


FAR = 400_000_000_000


def test_a_value_that_python_does_not_have_costs_no_row(tmp_path: Path) -> None:
    broken = pa.array([b"a", b"\xff"]).view(pa.string())
    table = pa.table(
        {
            "id": ["a", "b"],
            "guidelines": ["class A: pass"] * 2,
            "labels": ["[]"] * 2,
            "when": pa.array([0, FAR], pa.timestamp("s")),
            "in": pa.array([{"x": [0]}, {"x": [FAR]}], pa.struct([("x", pa.list_(pa.timestamp("s")))])),
            "note": broken,
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    one, two = read(tmp_path / "a.parquet")
    assert not one.faults + two.faults
    assert one.content is not None
    assert two.content is not None
    assert (one.content["when"], one.content["note"]) == (datetime(1970, 1, 1), "a")
    assert (two.content["when"], two.content["note"]) == ("14645-06-30 15:06:40.000", b"\xff")
    assert two.content["in"] == {"x": ["14645-06-30 15:06:40.000"]}
    write([one, two], tmp_path / "b.parquet")
    assert [row["id"] for row in held(tmp_path / "b.parquet")] == ["a", "b"]
    # What a record is made of is not replaced; what can be had of the row is.
    pq.write_table(table.set_column(2, "labels", broken), tmp_path / "c.parquet")
    _, lost = read(tmp_path / "c.parquet")
    assert "`labels`" in lost.faults[0].message
    assert lost.raw is not None
    assert json.loads(lost.raw) == {
        "id": "b",
        "guidelines": "class A: pass",
        "labels": "/w==",
        "when": "14645-06-30 15:06:40.000",
        "in": {"x": ["14645-06-30 15:06:40.000"]},
        "note": "/w==",
    }


def strange() -> dict[str, pa.Array]:
    """Give columns of types that are legal in Arrow and in few other places, two rows each."""
    objects = pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array([{"a": 1}, {"a": 2}]))
    values = [pa.array([1]), pa.array(["a"])]
    interval = pa.month_day_nano_interval()
    return {
        "dictionary of objects": objects,
        "dictionary of lists": pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array([[1], [2]])),
        "list of dictionary": pa.ListArray.from_arrays([0, 1, 2], pa.array(["a", "b"]).dictionary_encode()),
        "list of dictionary of objects": pa.ListArray.from_arrays([0, 1, 2], objects),
        "union": pa.UnionArray.from_dense(pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), values),
        "runs": pa.RunEndEncodedArray.from_arrays([1, 2], ["a", "b"]),
        "interval": pa.array([(1, 2, 3), None], interval),
        "object of interval": pa.array([{"x": (1, 2, 3)}, None], pa.struct([("x", interval)])),
        "view": pa.array([[1], None], pa.list_view(pa.int64())),
        "large view": pa.array([[1], None], pa.large_list_view(pa.int64())),
        "object without fields": pa.array([{}, None], pa.struct([])),
        "object of a map by name": pa.array([{"map": 1}, None], pa.struct([("map", pa.int64())])),
    }


def test_legal_types_become_those_that_a_format_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(tables_written, "_BATCH_ROWS", 1)
    datasets.disable_progress_bars()
    table = pa.table({"id": ["a", "b"], "guidelines": [""] * 2, "labels": ["[]"] * 2} | strange())
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table)
    rows = read(tmp_path / "a.arrow")

    def shown(content: list[dict[str, object]]) -> list[object]:
        return [json.loads(json_object(row, Notes())) for row in content]

    expected = shown([dict(row.content or {}) for row in rows])
    told = {}
    for output in ("b.parquet", "b.arrow", "b"):
        told[output] = {note.split("`")[1] for note in write(rows, tmp_path / output) if "JSON text" in note}
        assert shown(held(tmp_path / output)) == expected
    none = {"union", "list of dictionary of objects"}
    assert told["b.arrow"] == none | {"list of dictionary"}
    assert told["b.parquet"] - {"view", "large view"} == none | {
        *("runs", "interval", "object of interval", "object without fields")
    }
    assert told["b"] >= told["b.parquet"] | {"view", "large view"}
    opened = datasets.load_dataset(str(tmp_path / "b"))["a"]
    assert opened["dictionary of objects"][:] == [{"a": 1}, {"a": 2}]
    assert opened["object of a map by name"][:] == [{"map": 1}, None]


def test_columns_that_do_not_fit_are_found_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables_written, "_BATCH_ROWS", 1)
    passes: list[object] = []
    real = tables_written.parquet_writer

    def counted(sink: BinaryIO, schema: pa.Schema) -> Callable[[pa.RecordBatch | None], None]:
        passes.append(schema)
        return real(sink, schema)

    monkeypatch.setattr(tables_written, "parquet_writer", counted)
    names = [str(number) for number in range(20)]
    rows_of([dict.fromkeys(names, "x"), dict.fromkeys(names, "\ud800")], tmp_path / "a.jsonl")
    notes = write(read(tmp_path / "a.jsonl"), tmp_path / "a.parquet")
    assert len(notes) == 20
    assert all("lone surrogates" in note for note in notes)
    assert len(passes) == 1
    # Rows of a table that came to hold what its types do not.
    schema = pa.schema([(name, pa.int64()) for name in names])
    rows = [
        replace(row, content=dict.fromkeys(names, 1) | {names[number]: "x"}, schema=schema)
        for number, row in enumerate(read(tmp_path / "a.jsonl") * 10)
    ]
    write(rows, tmp_path / "b.parquet")
    assert len(passes) == 3
    assert held(tmp_path / "b.parquet")[3]["3"] == "x"


def test_objects_with_keys_that_are_no_text_are_json(tmp_path: Path) -> None:
    rows_of([{"a": {"\ud800": 1}}], tmp_path / "a.jsonl")
    (note,) = write(read(tmp_path / "a.jsonl"), tmp_path / "a.parquet")
    assert "lone surrogates" in note
    assert held(tmp_path / "a.parquet") == [{"a": {"\ud800": 1}}]


def test_where_no_row_is_written_a_table_has_the_columns_that_were_expected(tmp_path: Path) -> None:
    pq.write_table(TYPED, tmp_path / "train.parquet")
    pq.write_table(TYPED.slice(0, 0), tmp_path / "empty.parquet")
    for source in ("train.parquet", "empty.parquet"):
        for output in ("out.parquet", "out"):
            writer = writer_for(tmp_path / output)
            for row in read(tmp_path / source):
                writer.expect(row)
            writer.finish()
            writer.publish()
        folder = tmp_path / "out" / "data" / source.replace(".parquet", "-00000-of-00001.parquet")
        for file in (tmp_path / "out.parquet", folder):
            assert pq.read_table(file).num_rows == 0
            assert pq.read_schema(file).types == TYPED.schema.types
        assert any("has no row" in note for note in writer.notes)


def test_a_split_without_rows_does_not_close_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    rows_of([NATIVE | {"split": one} for one in ("train", "test", "en/dev")], tmp_path / "a.jsonl")
    train, test, dev = read(tmp_path / "a.jsonl")
    writer = writer_for(tmp_path / "out")
    writer.write(train)
    writer.expect(replace(test, content=dict(NATIVE) | {"labels": 7}))
    writer.write(dev)
    writer.finish()
    writer.publish()
    assert writer.notes == (
        "the split `test` has no row and is left out, since `datasets` opens no folder that has such",
    )
    assert datasets.get_dataset_config_names(str(tmp_path / "out")) == ["default", "en"]
    assert list(datasets.load_dataset(str(tmp_path / "out"), "default")) == ["train"]
    assert list(datasets.load_dataset(str(tmp_path / "out"), "en")) == ["dev"]


def test_a_folder_is_replaced_only_while_it_is_as_it_was_written(tmp_path: Path) -> None:
    rows_of([NATIVE], tmp_path / "train.jsonl")
    rows, out = read(tmp_path / "train.jsonl"), tmp_path / "out"
    write(rows, out)
    write(rows, out)
    card = (out / "README.md").read_text("utf-8")
    (out / "README.md").write_text(card + "By hand.\n", "utf-8")
    with pytest.raises(UsageError, match=r"holds `README.md`"):
        writer_for(out)
    (out / "README.md").write_text(card, "utf-8")
    (out / "data" / "mine-00000-of-00001.parquet").touch()
    with pytest.raises(UsageError, match=r"holds `data/mine"):
        writer_for(out)
    (out / "data" / "mine-00000-of-00001.parquet").unlink()
    (out / "README.md").unlink()
    with pytest.raises(UsageError, match=r"holds `data/train"):
        writer_for(out)


def test_a_folder_that_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows_of([NATIVE], tmp_path / "train.jsonl")
    write(read(tmp_path / "train.jsonl"), tmp_path / "out")
    real = Path.replace

    def refused(path: Path, target: Path) -> Path:
        if path.suffix == ".part" and path.is_dir():
            raise OSError(5, "Input/output error")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(OSError, match="Input/output"):
        write(read(tmp_path / "train.jsonl"), tmp_path / "out")
    assert held(tmp_path / "out") == [NATIVE]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "train.jsonl"]


def test_names_are_short_enough_for_a_file_system(tmp_path: Path) -> None:
    splits = ["漢" * 90, "漢" * 90 + "字", "ALL", "é" * 300 + "/" + "字" * 100]
    rows_of([NATIVE | {"split": one} for one in splits], tmp_path / "a.jsonl")
    long = "漢" * 80
    for output in (long, f"{'漢' * 80}.parquet", f"{'漢' * 80}.jsonl"):
        write(read(tmp_path / "a.jsonl"), tmp_path / output)
        assert len(held(tmp_path / output)) == 4
    found = {row.split for row in read(tmp_path / long)}
    assert len(found) == 4
    assert "default/ALL_" in found


def test_a_row_of_a_table_may_lack_guidelines_and_have_the_other_form(tmp_path: Path) -> None:
    text = 'class A: pass\ntext = "Ada"\nresult = [A()]'
    table = pa.table({"guidelines": ["class A: pass", None], "labels": ["[]", None], "text": [None, text]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert [row.record.document for row in read(tmp_path / "a.parquet") if row.record] == [None, "Ada"]


def test_without_pyarrow_tables_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows_of([NATIVE], tmp_path / "a.jsonl")
    row = read(tmp_path / "a.jsonl")[0]
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for suffix in (*TABLES, ".jsonl.zst"):
        (tmp_path / f"a{suffix}").write_bytes(b"x")
        (found,) = read(tmp_path / f"a{suffix}")
        assert "pip install 'guidex-schema[data]'" in found.faults[0].message
        with pytest.raises(UsageError, match="pip install"):
            writer_for(tmp_path / f"b{suffix}")
    with pytest.raises(UsageError, match="pip install"):
        writer_for(tmp_path / "folder")
    assert write([row], tmp_path / "b.jsonl.gz") == ()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_split_is_parted_into_files_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_writing, "_SHARD_BYTES", 1)
    monkeypatch.setattr(tables_written, "_BATCH_ROWS", 2)
    rows_of([NATIVE | {"id": str(number)} for number in range(5)], tmp_path / "rows.jsonl")
    write(read(tmp_path / "rows.jsonl"), tmp_path / "out")
    found = sorted(path.name for path in (tmp_path / "out" / "data").iterdir())
    assert found == [f"rows-0000{number}-of-00003.parquet" for number in range(3)]
    assert [row.record.id for row in read(tmp_path / "out") if row.record] == list("01234")


def test_rows_that_no_table_has_are_refused_one_by_one(tmp_path: Path) -> None:
    rows_of([NATIVE, {"\ud800": 1}, {str(number): 1 for number in range(2_000)}, NATIVE], tmp_path / "rows.jsonl")
    writer = writer_for(tmp_path / "rows.parquet")
    refused = []
    for row in read(tmp_path / "rows.jsonl"):
        try:
            writer.write(row)
        except UsageError as error:
            refused.append(str(error))
    writer.finish()
    writer.publish()
    assert len(refused) == 2
    assert held(tmp_path / "rows.parquet") == [NATIVE, NATIVE]


def test_splits_and_configurations_get_names_that_readers_take(tmp_path: Path) -> None:
    splits = ["", "train", "a b", "a_b", "A B", "all", "../x", "..", "one/test", "one/test 2", "data/x", "default/y"]
    rows_of([NATIVE | {"id": str(number), "split": one} for number, one in enumerate(splits)], tmp_path / "r.jsonl")
    writer = folder_writing.FolderWriter(tmp_path / "out")
    for row in read(tmp_path / "r.jsonl"):
        writer.write(row)
    writer.finish()
    writer.publish()
    names = [f"{split.config}/{split.name}" for split in writer.splits]
    assert len({name.casefold() for name in names}) == len(splits) == sum(split.rows for split in writer.splits)
    assert all(part.isidentifier() for name in names for part in name.split("/"))
    assert {"default/r", "default/train", "one/test", "default/y"} <= set(names)
    assert sum("is called" in note for note in writer.notes) == 8
    assert all((tmp_path / "out" / file.path).is_file() for split in writer.splits for file in split.files)


def test_a_folder_has_no_type_that_the_hub_has_not(tmp_path: Path) -> None:
    pairs = pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64()))
    pq.write_table(pa.table({"guidelines": ["", ""], "labels": ["", ""], "map": pairs}), tmp_path / "a.parquet")
    (note,) = write(read(tmp_path / "a.parquet"), tmp_path / "out")
    assert "the Hub has no type for map<string, int64" in note
    assert [row["map"] for row in held(tmp_path / "out")] == [[["a", 1]], None]
    assert write(read(tmp_path / "a.parquet"), tmp_path / "b.parquet") == ()
    assert pq.read_schema(tmp_path / "b.parquet").field("map").type == pairs.type


@pytest.mark.parametrize("name", ["out.csv", "out.txt", "rows.gz"])
def test_formats_that_are_not_written_are_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no format that is written"):
        writer_for(tmp_path / name)


def test_nothing_but_a_regular_file_is_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    (tmp_path / "file").touch()
    for name in ("pipe.jsonl", "folder.jsonl", "full", "file", "nowhere/a.jsonl", "nowhere/a"):
        with pytest.raises(UsageError):
            writer_for(tmp_path / name)
    (tmp_path / "real.jsonl").write_text("old", "utf-8")
    (tmp_path / "real.jsonl").chmod(0o640)
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    rows_of([NATIVE], tmp_path / "rows.jsonl")
    write(read(tmp_path / "rows.jsonl"), tmp_path / "link.jsonl")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert held(tmp_path / "real.jsonl") == [NATIVE]
    assert (tmp_path / "real.jsonl").stat().st_mode & 0o777 == 0o640
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
