"""Readers: nothing that a file may hold stops them, and every row is accounted for, in order."""

import io
import json
import os
import re
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cost import assert_linear
from guidex_schema.datasets import (
    COLUMNS,
    Columns,
    Row,
    data_files,
    json_array,
    read_dataset,
    read_datasets,
    read_jsonl,
    source_files,
)
from guidex_schema.datasets import row as rows_module
from guidex_schema.diagnostic import Part

NATIVE = {"id": "n", "guidelines": "class A: pass", "labels": "[]", "document": "Ada"}
GUIDEX = {
    "ids": ["g"],
    "labels": "[A()]",
    "text": 'class A: pass\n\n# the text\ntext = "Ada"\n\n# the list\nresult = [A()]\n',
    "unlabelled_sentence": "Ada",
}

cells = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda of: st.lists(of, max_size=2) | st.dictionaries(st.text(max_size=3), of, max_size=2),
    max_leaves=4,
)
columns = st.sampled_from(["id", "ids", "guidelines", "labels", "document", "text", "unlabelled_sentence", "other"])
contents = st.one_of(
    st.just(NATIVE), st.just(GUIDEX), st.dictionaries(columns, cells, max_size=5), cells, st.text(max_size=9)
)


def of_array(text: str | bytes) -> list[Row]:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return list(json_array.read(data, "rows.json", COLUMNS))


def of_lines(text: str | bytes) -> list[Row]:
    return list(read_jsonl(text.encode() if isinstance(text, str) else text, "rows.jsonl"))


def ids(rows: Sequence[Row]) -> list[str | None]:
    return [one.record.id if one.record else None for one in rows]


def faults(rows: Sequence[Row]) -> list[tuple[int | None, str]]:
    return [(one.reference.line if one.reference else None, fault.rule) for one in rows for fault in one.faults]


def native(identifier: str) -> str:
    return json.dumps(NATIVE | {"id": identifier})


@given(st.binary(max_size=60))
@example(b"")
@example(b"[")
@example(b"[,]")
@example(b"[}")
@example(b'[{"a": 1}}')
@example(b'["\\')
@example(b"\xef\xbb\xbf")
@example(b"[[[[")
@example(b"{}{}")
@example(b"\xff[")
def test_any_bytes_are_rows_or_say_why_not(data: bytes) -> None:
    for rows in (of_lines(data), of_array(data)):
        assert rows
        assert all(one.record is not None or one.faults for one in rows)
        assert [one.reference.index for one in rows if one.reference and one.record] == sorted(
            {one.reference.index for one in rows if one.reference and one.record}
        )


json_soup = st.lists(
    st.sampled_from(["[", "]", "{", "}", ",", ":", '"', "\\", "\n", " ", "1", "null", '"a"', native("x"), "é"]),
    max_size=12,
).map("".join)


@given(json_soup)
def test_pieces_of_json_are_rows_or_say_why_not(text: str) -> None:
    rows = of_array(text)
    assert rows
    assert all(one.record is not None or one.faults for one in rows)
    try:
        content = json.loads(text)
    except ValueError:
        # Never clean by accident: what is no JSON leaves a fault, unless objects follow each other as in JSONL.
        assert any(one.faults for one in rows) or not text.lstrip().startswith("[")
    else:
        expected = content if isinstance(content, list) else [content]
        assert len(rows) >= max(len(expected), 1)
        assert text.count(native("x")) >= sum(one.record is not None for one in rows)


@given(st.lists(contents, min_size=1, max_size=6), st.sampled_from([None, 0, 2]))
def test_an_array_and_lines_hold_the_same_rows(content: list[object], indent: int | None) -> None:
    lines = of_lines("".join(json.dumps(one) + "\n" for one in content))
    array = of_array(json.dumps(content, indent=indent))
    assert len(lines) == len(array) == len(content)
    for number, (one, other) in enumerate(zip(lines, array, strict=True)):
        assert one.reference is not None
        assert other.reference is not None
        assert one.reference.index == other.reference.index == number
        assert one.reference.line == number + 1
        assert one.faults == other.faults
        ignored = {"line": 0}
        assert (one.record and one.record.model_copy(update=ignored)) == (
            other.record and other.record.model_copy(update=ignored)
        )


@given(st.lists(st.sampled_from([native("a"), native("b"), "{", "", "[]", " "]), max_size=6))
def test_the_line_of_a_row_is_its_line_in_the_file(lines: list[str]) -> None:
    rows = of_lines("\n".join(lines))
    filled = [number for number, line in enumerate(lines, start=1) if line.strip()]
    assert [one.reference.line for one in rows if one.reference] == filled
    assert [one.record is not None for one in rows if one.reference] == [
        lines[number - 1].startswith('{"') for number in filled
    ]


def test_a_native_row() -> None:
    (one,) = of_lines(json.dumps(NATIVE))
    assert one.record is not None
    assert (one.record.id, one.record.document, one.record.labels_start) == ("n", "Ada", 0)


@pytest.mark.parametrize("document", [{}, {"document": None}])
def test_the_document_of_a_native_row_may_be_called_text(document: dict[str, object]) -> None:
    content = {"guidelines": "", "labels": "[]", "text": "Ada"} | document
    (one,) = of_lines(json.dumps(content))
    assert one.record is not None
    assert one.record.document == "Ada"


def test_a_guidex_row() -> None:
    (one,) = of_lines(json.dumps(GUIDEX))
    assert one.record is not None
    assert not one.faults
    assert (one.record.id, one.record.document, one.record.labels) == ("g", "Ada", "[A()]")
    assert GUIDEX["text"][: len(one.record.guidelines)] == one.record.guidelines  # offsets are those of `text`
    assert one.record.guidelines.startswith("class A: pass")


def test_labels_behind_the_result_line_keep_their_offsets_in_the_text() -> None:
    content = {key: value for key, value in GUIDEX.items() if key in ("ids", "text")}
    (one,) = of_lines(json.dumps(content))
    assert one.record is not None
    assert one.record.labels == GUIDEX["text"]
    assert one.record.labels[one.record.labels_start :] == "[A()]\n"


def test_a_document_may_hold_the_words_that_guidex_rows_are_made_of() -> None:
    document = 'He wrote:\ntext = "no"\nresult = [B()]\nand left.'
    text = f"class A: pass\ntext = {json.dumps(document)}\nresult = [A()]\n"
    (one,) = of_lines(json.dumps({"text": text}))
    assert one.record is not None
    assert one.record.document == document
    assert one.record.labels[one.record.labels_start :] == "[A()]\n"
    assert one.record.guidelines == "class A: pass\n"


@pytest.mark.parametrize(
    ("literal", "document"),
    [('"caf\\u00e9 \\ud83d\\ude00"', "café 😀"), (repr('it\'s\n"so"'), 'it\'s\n"so"'), ("'a'", "a"), ('""', "")],
)
def test_the_literal_of_a_document_is_json_or_python(literal: str, document: str) -> None:
    (one,) = of_lines(json.dumps({"text": f"text = {literal}\nresult = []"}))
    assert one.record is not None
    assert one.record.document == document


def test_a_literal_that_cannot_be_read_is_a_fault_unless_a_column_has_the_document() -> None:
    text = "text = \"a' + b\nresult = []"
    assert faults(of_lines(json.dumps({"text": text}))) == [(1, "missing-column")]
    (one,) = of_lines(json.dumps({"text": text, "unlabelled_sentence": "Ada"}))
    assert one.record is not None
    assert one.record.document == "Ada"


def test_columns_that_disagree_are_both_named() -> None:
    content = GUIDEX | {"unlabelled_sentence": "Bob", "labels": "[]"}
    (one,) = of_lines(json.dumps(content))
    assert [(fault.rule, fault.part) for fault in one.faults] == [
        ("conflicting-columns", "document"),
        ("conflicting-columns", "labels"),
    ]
    assert one.record is not None
    assert (one.record.document, one.record.labels) == ("Bob", "[]")


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ({"id": "a"}, "a"),
        ({"id": 7}, "7"),
        ({"ids": ["a"]}, "a"),
        ({"id": None, "ids": ["b"]}, "b"),
        ({"ids": ["a", "b"]}, None),
        ({"ids": []}, None),
        ({"id": True}, None),
        ({"id": {"x": 1}}, None),
        ({"id": "\ud800"}, "\ud800"),
        ({}, None),
    ],
)
def test_identifiers(identifier: dict[str, object], expected: str | None) -> None:
    (one,) = of_lines(json.dumps({"guidelines": "", "labels": "[]"} | identifier))
    assert ids([one]) == [expected]


def test_columns_may_have_other_names() -> None:
    named = Columns(guidelines="schema", labels="answer", document="passage", id=("uid",))
    content = {"uid": "u", "schema": "g", "answer": "[]", "passage": "Ada", "document": "no"}
    (one,) = read_jsonl(json.dumps(content).encode(), "x", named)
    assert one.record is not None
    assert (one.record.id, one.record.guidelines, one.record.labels, one.record.document) == ("u", "g", "[]", "Ada")
    assert Columns.model_validate({"id": "uid"}).id == ("uid",)


@pytest.mark.parametrize(
    ("line", "rule", "message"),
    [
        (b'{"a": }', "unreadable-row", "Expecting value (column 7)"),
        (b"[1]", "unreadable-row", "an array"),
        (b"null", "unreadable-row", "null"),
        (b'{"a": 1, "a": 2}', "unreadable-row", "`a` stands twice"),
        (b"[" * 200_000, "unreadable-row", "nested too deeply"),
        (b"1" * 5_000, "unreadable-row", "4300 digits"),
        (b'{"\x00a": 1}', "unreadable-row", "NUL bytes"),
        (b'{"a": "\xe9"}', "invalid-utf-8", "byte 8 of the line is not UTF-8 (0xe9)"),
        (b"{}", "missing-column", "no column at all"),
        (b'{"guidelines": ""}', "missing-column", "`labels`"),
        (b'{"guidelines": "", "labels": ["A"]}', "column-type", "an array"),
        (b'{"guidelines": "", "labels": "[]", "document": 1.5}', "column-type", "a number"),
        (b'{"text": "class A: pass"}', "missing-column", "text = "),
        (b'{"text": "text = \\"a\\""}', "missing-column", "result = "),
        (b'{"text": null, "labels": "[]"}', "missing-column", "`text`"),
        (b'{"text": {}}', "column-type", "an object"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_read(line: bytes, rule: str, message: str) -> None:
    rows = of_lines(b"\n".join([native("a").encode(), line, native("b").encode()]))
    assert ids(rows) == ["a", None, "b"]
    assert set(faults(rows)) == {(2, rule)}
    assert any(message in fault.message for fault in rows[1].faults)
    assert rows[1].is_unread


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        (f'[{native("a")}, {{"b": }}, {native("c")}]', ["a", None, "c"], [(1, "unreadable-row")]),
        (f"[{native('a')}, nul, {native('c')}]", ["a", None, "c"], [(1, "unreadable-row")]),
        (f'[{native("a")}, "\n", {native("c")}]', ["a", None, "c"], [(1, "unreadable-row")]),
        (f'[\n{native("a")},\n{{"b": "x,\n{native("c")}\n]', ["a", None, "c"], [(3, "unreadable-row")]),
        (f'[{{"a": "x,\n {native("c")}\n]', [None, "c"], [(1, "unreadable-row")]),
        (f'[{{"a": 1, "a": 2}}, {native("c")}]', [None, "c"], [(1, "unreadable-row")]),
        (f"[{native('a')},,{native('c')}]", ["a", None, "c"], [(1, "unreadable-row")]),
        (f"[{native('a')}\n{native('c')}]", ["a", "c"], [(2, "unreadable-row")]),
        (f"[{native('a')},\n]", ["a", None], [(1, "unreadable-row")]),
        (f"[{native('a')}]\n7", ["a", None], [(None, "unreadable-file")]),
        (f"[{native('a')}", ["a", None], [(None, "unreadable-file")]),
        (f"[{native('a')},", ["a", None], [(None, "unreadable-file")]),
        (f"[{native('a')}; {native('c')}]", ["a", None, "c"], [(1, "unreadable-row")]),
        (f"[{native('a')} junk, {native('c')}, {native('d')}]", ["a", None, "c", "d"], [(1, "unreadable-row")]),
        (f"[{native('a')}}}, {native('c')}]", ["a", None, "c"], [(1, "unreadable-row")]),
        (f"{native('a')}, {native('c')}", ["a", None, "c"], [(1, "unreadable-row")]),
        (f'[{native("a")}, {{"b": ', ["a", None, None], [(1, "unreadable-row"), (None, "unreadable-file")]),
        (f"{native('a')}\n{native('c')}", ["a", "c"], []),
        (native("a"), ["a"], []),
        ("[]", [None], [(None, "empty-file")]),
        (" \n", [None], [(None, "empty-file")]),
        ('"text"', [None], [(1, "unreadable-row")]),
        (f"\ufeff[{native('a')}]", [None, "a"], [(None, "byte-order-mark")]),
        ("[" * 200_000, [None, None], [(1, "unreadable-row"), (None, "unreadable-file")]),
    ],
)
def test_a_broken_array_loses_no_more_than_it_must(
    text: str, found: list[str | None], expected: list[tuple[int | None, str]]
) -> None:
    rows = of_array(text)
    assert ids(rows) == found
    assert faults(rows) == expected


array_soup = st.lists(
    st.sampled_from([native("x"), native("y"), ",", "]", "[", "{", "}", " ", "\n", "junk", '"', "\udcff", "7"]),
    max_size=9,
).map("".join)


@given(array_soup)
@example(f"{native('x')} junk, {native('x')}")
@example(f"{native('x')}] {native('x')}")
@example(f'{native("x")}, {{"a": "{native("x")}')
def test_all_of_an_array_stands_in_some_row(text: str) -> None:
    rows = of_array(f"[{text}".encode("utf-8", "surrogateescape"))
    held = b" ".join(one.raw or b"" for one in rows).decode("utf-8", "surrogateescape")
    # Brackets of the array, commas and space stand around elements.
    assert sorted(re.sub(r"[\[\], \n]", "", held)) == sorted(re.sub(r"[\[\], \n]", "", text))


def test_a_long_array_of_broken_lines_takes_linear_time() -> None:
    assert len(of_array("[\n" + "x,\n" * 1_000 + "]")) == 1_001
    assert_linear(lambda lines: of_array("[\n" + "x,\n" * lines + "]"), 1_000)


def test_a_byte_that_is_not_utf_8_costs_an_array_one_row() -> None:
    rows = of_array(f"[{native('a')},\n".encode() + b'{"b": "\xe9"},\n' + f"{native('c')}]".encode())
    assert ids(rows) == ["a", None, "c"]
    assert faults(rows) == [(2, "invalid-utf-8")]
    assert "0xe9 at column 8 of line 2" in rows[1].faults[0].message


def test_a_byte_order_mark_is_a_remark_and_no_unread_row() -> None:
    for rows in (of_lines(f"\ufeff{native('a')}"), of_array(f"\ufeff[{native('a')}]")):
        assert [one.is_unread for one in rows] == [False, False]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json"])
def test_utf_16_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(f"[{native('a')}]", encoding="utf-16")
    rows = list(read_dataset(tmp_path / name))
    assert faults(rows) == [(None, "unreadable-file")]
    assert "UTF-16" in rows[0].faults[0].message


def test_an_array_beyond_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_array, "SIZE_LIMIT", 10)
    rows = of_array(f"[{native('a')}]")
    assert faults(rows) == [(None, "unreadable-file")]
    assert "JSONL" in rows[0].faults[0].message


def test_a_document_literal_beyond_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "_LITERAL_LIMIT", 4)
    assert faults(of_lines(json.dumps({"text": 'text = "Ada Lovelace"\nresult = []'}))) == [(1, "missing-column")]


def test_folders_are_read_whole_and_in_order(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a/c.JSONL", "a/d.ndjson", "e.txt", ".hidden.jsonl", ".cache/f.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(native(name), encoding="utf-8")
    (tmp_path / "z.jsonl").symlink_to(tmp_path / "nowhere")
    found = [next(iter(rows)) for rows in read_datasets(tmp_path)]
    assert [Path(one.file).relative_to(tmp_path).as_posix() for one in found] == [
        "a/c.JSONL",
        "a/d.ndjson",
        "b.jsonl",
        "z.jsonl",
    ]
    assert faults(found) == [(None, "unreadable-file")]


def test_what_cannot_be_read_is_a_row_with_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "labels.py").touch()
    (tmp_path / "empty").mkdir()
    expected = {
        "none.jsonl": "No such file",
        "labels.py": "--guidelines",
        "none.csv": "No such file",
        "empty": ".jsonl",
    }
    for name, message in expected.items():
        ((one,),) = (list(rows) for rows in read_datasets(tmp_path / name))
        assert one.is_unread
        assert message in one.faults[0].message

    def denied(path: Path, mode: str) -> io.BytesIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    (one,) = read_dataset(tmp_path / "rows.jsonl")
    assert "Permission denied" in one.faults[0].message


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").write_text(native("a"), encoding="utf-8")
    real = os.scandir

    def denied(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "scandir", denied)
    rows = [next(iter(rows)) for rows in read_datasets(tmp_path)]
    assert faults(rows) == [(None, "unreadable-file")]
    assert ids(rows) == [None, "a"]


def test_a_pipe_is_read_as_lines(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    with os.fdopen(write_end, "w", encoding="utf-8") as pipe:
        pipe.write(native("a"))
    try:
        assert ids(list(read_dataset(Path(f"/dev/fd/{read_end}")))) == ["a"]
    finally:
        os.close(read_end)


def test_separate_files_make_one_record(tmp_path: Path) -> None:
    texts: dict[Part, str] = {"guidelines": "class A: pass", "labels": "[A()]", "document": "Ada"}
    paths = {}
    for part, text in texts.items():
        paths[part] = tmp_path / f"{part}.txt"
        paths[part].write_text(text, encoding="utf-8")
    one = source_files.read(paths["guidelines"], paths["labels"], paths["document"])
    assert one.record is not None
    assert (one.record.guidelines, one.record.labels, one.record.document) == tuple(texts.values())
    assert one.files == {part: str(path) for part, path in paths.items()}
    assert source_files.read(paths["guidelines"], Path("-"), None, lambda path: b"[]").files["labels"] == "<stdin>"

    paths["labels"].write_bytes(b"[\n\xff]")
    broken = source_files.read(tmp_path / "none.py", paths["labels"], None)
    assert broken.record is None
    assert [(fault.rule, fault.part) for fault in broken.faults] == [
        ("unreadable-file", "guidelines"),
        ("invalid-utf-8", "labels"),
    ]
    assert "line 2" in broken.faults[1].message


def split_rows(folder: Path) -> dict[str, list[str]]:
    """Give the identifiers of a folder's rows by split, and no faults."""
    found: dict[str, list[str]] = {}
    for rows in read_datasets(folder):
        for one in rows:
            assert one.record is not None, one.faults
            found.setdefault(one.split, []).append(one.record.id or "")
    return {split: sorted(names) for split, names in sorted(found.items())}


def lay_out(folder: Path, *names: str, readme: str = "") -> None:
    """Write files, each with a row that is called as its file, and a card."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(native(name) + "\n", encoding="utf-8")
    if readme:
        (folder / "README.md").write_text(f"---\n{readme}\n---\n# A card\n", encoding="utf-8")


CARDS = {
    "a string": "configs:\n- config_name: default\n  data_files: one.jsonl",
    "a glob": "configs:\n- config_name: default\n  data_files: data/*.jsonl",
    "a list": "configs:\n- config_name: default\n  data_files:\n  - one.jsonl\n  - 'data/train-*.jsonl'",
    "splits": (
        "configs:\n- config_name: default\n  data_files:\n"
        "  - split: train\n    path: data/train-*\n  - split: dev\n    path: [one.jsonl, 'more/**/*.jsonl']"
    ),
    "a folder": ("configs:\n- config_name: default\n  data_dir: data"),
    "other keys": "license: mit\ntags: [configs]\nconfigs:\n  - config_name: default\n    data_files: '**/two.jsonl'",
}
FILES = ("one.jsonl", "data/train-00000-of-00002.jsonl", "data/train-00001-of-00002.jsonl", "more/deep/two.jsonl")


def test_cards_name_the_files_that_the_hub_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = hugging_face(tmp_path, monkeypatch)
    folders = {}
    for name, readme in CARDS.items():
        folders[name] = tmp_path / name.replace(" ", "_")
        lay_out(folders[name], *FILES, readme=readme)
    layouts = {
        "shards": (
            "data/train-00000-of-00002.jsonl",
            "data/train-00001-of-00002.jsonl",
            "data/dev-00000-of-00001.jsonl",
        ),
        "names": ("train.jsonl", "my-test-file.jsonl"),
        "folders": ("train/a.jsonl", "train/b.jsonl", "validation/c.jsonl", "eval/d.jsonl"),
    }
    for name, files in layouts.items():
        folders[name] = tmp_path / name
        lay_out(folders[name], *files)
    for name, folder in folders.items():
        opened = hub.load_dataset(str(folder))
        assert split_rows(folder) == {split: sorted(opened[split]["id"]) for split in sorted(opened)}, name


def hugging_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the library `datasets`, which touches nothing outside of a folder and no network."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    return datasets


def test_what_was_saved_to_disk_is_read_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = hugging_face(tmp_path, monkeypatch)
    rows = [NATIVE | {"id": str(number)} for number in range(4)]
    parts = {"train": rows[:3], "test": rows[3:]}
    saved = hub.DatasetDict({split: hub.Dataset.from_list(part) for split, part in parts.items()})
    saved.save_to_disk(tmp_path / "all", num_shards={"train": 2, "test": 1})
    saved["test"].save_to_disk(tmp_path / "one")
    (tmp_path / "all" / "train" / "cache-1.arrow").write_bytes(b"no part of it")
    assert split_rows(tmp_path / "all") == {"test": ["3"], "train": ["0", "1", "2"]}
    assert split_rows(tmp_path / "one") == {"data": ["3"]}
    (tmp_path / "all" / "train" / "data-00001-of-00002.arrow").unlink()
    found = [one for rows in read_datasets(tmp_path / "all") for one in rows]
    assert [fault.message for one in found for fault in one.faults] == [
        "the file cannot be read: No such file or directory"
    ]


def test_aliases_do_not_grow(tmp_path: Path) -> None:
    levels = "".join(f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 10)}]\n" for one in range(1, 10))
    lay_out(tmp_path, "a.jsonl", readme=f"a0: &a0 [x]\n{levels}configs:\n- data_files: *a9")
    tracemalloc.start()
    found = [one for rows in read_datasets(tmp_path) for one in rows]
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert "has aliases" in found[0].faults[0].message


def test_faults_of_a_card_are_told_up_to_a_limit_and_in_few_words(tmp_path: Path) -> None:
    files = f"[{'x' * 99}], " * 200
    lay_out(tmp_path, "a.jsonl", readme=f"configs:\n- data_files: [{files}a.jsonl]")
    found = [one for rows in read_datasets(tmp_path) for one in rows]
    assert ids(found).count("a.jsonl") == 1
    assert len(found) == 102
    assert "100 more faults" in found[-1].faults[0].message
    assert all(len(fault.message) < 200 for one in found for fault in one.faults)


def test_a_pattern_for_all_files_passes_over_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = hugging_face(tmp_path, monkeypatch)
    lay_out(tmp_path / "in", "a.jsonl", "b.jsonl", readme="configs:\n- config_name: default\n  data_files: '**'")
    assert split_rows(tmp_path / "in") == {"train": ["a.jsonl", "b.jsonl"]}
    assert sorted(hub.load_dataset(str(tmp_path / "in"))["train"]["id"]) == ["a.jsonl", "b.jsonl"]


def test_files_of_two_splits_are_read_once_and_told(tmp_path: Path) -> None:
    readme = (
        "configs:\n- config_name: en\n  data_files: [a.jsonl, '*.jsonl']\n- config_name: de\n  data_files: '*.jsonl'"
    )
    lay_out(tmp_path, "a.jsonl", "b.jsonl", readme=readme)
    told: list[str] = []
    found = [one.split for rows in read_datasets(tmp_path, COLUMNS, told.append) for one in rows]
    assert found == ["en/train", "en/train"]
    assert told == [
        f"{tmp_path}: `de/train` has 2 files in common with `en/train`, for which alone they are read",
    ]


def test_several_configurations_have_splits_of_their_own(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        *FILES,
        readme=(
            "configs:\n- config_name: en\n  data_files:\n  - split: train\n    path: one.jsonl\n"
            "- config_name: de\n  default: true\n  data_dir: data\n- config_name: twice\n  data_files: one.jsonl"
        ),
    )
    assert split_rows(tmp_path) == {"de/train": list(FILES[1:3]), "en/train": ["one.jsonl"]}


@pytest.mark.parametrize(
    ("readme", "message"),
    [
        ("configs: [", "cannot be read as YAML"),
        ("configs: {a: b}", "no list of configurations"),
        ("configs: []", "no list of configurations"),
        ("configs: [1]", "no list of configurations"),
        ("configs: &a [*a]", "has aliases"),
        ("configs: !!python/object/apply:os.system [echo]", "cannot be read as YAML"),
        (f"configs: {'[' * 5_000}{']' * 5_000}", "nested too deeply"),
        ("configs: [\n" + "# more\n" * 200_000, "more than 1,024 KB"),
    ],
)
def test_a_card_that_cannot_be_read_leaves_the_folder_to_be_read(readme: str, message: str, tmp_path: Path) -> None:
    lay_out(tmp_path, "a.jsonl", readme=readme)
    found = [one for rows in read_datasets(tmp_path) for one in rows]
    assert ids(found) == [None, "a.jsonl"]
    assert message in found[0].faults[0].message
    assert found[0].file == str(tmp_path / "README.md")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ("missing.jsonl", "`missing.jsonl` is missing"),
        ("sub", "`sub` is missing"),
        ("nothing/*.jsonl", "`nothing/*.jsonl` matches no file"),
        ("../outside.jsonl", "`../outside.jsonl` leaves the folder"),
        ("sub/../../outside.jsonl", "leaves the folder"),
        ("/etc/passwd", "`/etc/passwd` leaves the folder"),
        ("../*.jsonl", "leaves the folder"),
        ("linked/outside.jsonl", "`linked/outside.jsonl` is missing"),
        ("linked/*.jsonl", "matches no file"),
        ("https://example.org/a.jsonl", "is no local file"),
        ("hf://datasets/a/b.jsonl", "is no local file"),
        (f"'[{'x' * 2_000}'", "longer than any name"),
        ('"a\\0b"', "leaves the folder"),
        ("{split: a, path: b, more: c}", "`b` is missing"),
        ("[{split: a}]", "write `split` and `path`"),
        ("[{split: a, path: {b: c}}]", "is no path"),
        ("[]", "are no data files"),
        ("7", "are no data files"),
        ("[[a]]", "write `split` and `path`"),
    ],
)
def test_a_card_names_nothing_that_is_not_there(files: str, message: str, tmp_path: Path) -> None:
    lay_out(tmp_path, "outside.jsonl", "in/sub/a.jsonl", "elsewhere/outside.jsonl")
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "elsewhere")
    lay_out(tmp_path / "in", readme=f"configs:\n- config_name: default\n  data_files: {files}")
    found = [one for rows in read_datasets(tmp_path / "in") for one in rows]
    assert all(one.record is None and one.is_unread for one in found)
    assert any(message in fault.message for one in found for fault in one.faults)


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    lay_out(tmp_path, "sub/a.jsonl", readme="configs:\n- config_name: default\n  data_files: '**/*.jsonl'")
    (tmp_path / "sub" / "again").symlink_to(tmp_path)
    assert split_rows(tmp_path) == {"train": ["sub/a.jsonl"]}


def test_a_pattern_is_matched_in_no_time(tmp_path: Path) -> None:
    lay_out(tmp_path, "a" * 200 + ".jsonl", readme=f"configs:\n- config_name: c\n  data_files: '{'*a' * 200}b'")
    (found,) = [one for rows in read_datasets(tmp_path) for one in rows]
    assert "matches no file" in found.faults[0].message
    names = data_files.Names([tmp_path.joinpath(*"a" * 100)], tmp_path)
    assert names.matching("**/a/" * 90 + "b") == "matches no file"
    assert len(names.matching("**/a/" * 90 + "a")) == 1


@pytest.mark.parametrize(
    "state",
    [
        "{",
        "[]",
        '{"_data_files": []}',
        '{"_data_files": [{"filename": "../a.arrow"}]}',
        '{"_data_files": [{"filename": 1}]}',
        '{"_data_files": [{"filename": "a.arrow"}], "_indices_files": [{"filename": "i.arrow"}]}',
        "[" * 5_000,
    ],
)
def test_a_saved_folder_that_is_broken_says_so(state: str, tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "state.json").write_text(state, encoding="utf-8")
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train"]}', encoding="utf-8")
    found = [one for rows in read_datasets(tmp_path) for one in rows]
    assert all(one.is_unread for one in found)
    assert len(found) == 1
    for splits in ("{}", '{"splits": []}', '{"splits": ["../train"]}', "x"):
        (tmp_path / "dataset_dict.json").write_text(splits, encoding="utf-8")
        (one,) = [one for rows in read_datasets(tmp_path) for one in rows]
        assert one.file == str(tmp_path / "dataset_dict.json")


def test_what_describes_a_folder_is_no_dataset(tmp_path: Path) -> None:
    lay_out(
        tmp_path, "a.jsonl", "state.json", "croissant.json", "sub/dataset_info.json", "sub/state.json", "sub/b.json"
    )
    assert sorted(name for names in split_rows(tmp_path).values() for name in names) == [
        "a.jsonl",
        "state.json",
        "sub/b.json",
    ]
    lay_out(tmp_path, readme="license: mit")
    assert len(split_rows(tmp_path)) == 3
