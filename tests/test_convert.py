"""``guidex convert``: all rows arrive, or why not is told; what a folder says of itself is true, and it is read."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from command import Folder
from guidex_schema.card.markdown import plain
from guidex_schema.datasets import SUFFIXES, read_datasets
from guidex_schema.diagnostic import visible

ROOT = Path(__file__).parent.parent
REAL = ROOT.parent / "shared" / "data" / "guidex" / "rows.jsonl"
PERSON = (
    'from dataclasses import dataclass\n\n@dataclass\nclass Person:\n    """A person."""\n    name: str  # The name\n'
)
ROW = {"id": "a", "guidelines": PERSON, "labels": '[Person("Ada")]', "document": "Ada was here."}

# mlcroissant uses what rdflib and pandas warn of.
with_mlcroissant = pytest.mark.filterwarnings("ignore")


def rows_in(path: Path) -> list[dict[str, object]]:
    return [dict(row.content or {}) for rows in read_datasets(path) for row in rows]


def card(folder: Path) -> tuple[dict[str, Any], str]:
    """Give the front matter and the text of a card."""
    _, matter, text = (folder / "README.md").read_text("utf-8").split("---\n", 2)
    return yaml.safe_load(matter), text


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_has_the_format_that_its_name_says(suffix: str, folder: Folder) -> None:
    folder.write("in.jsonl", ROW, ROW | {"id": "b", "document": None})
    done = folder.run("convert", "in.jsonl", "-o", f"out{suffix}")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"guidex: 2 rows written to out{suffix}\n"
    assert folder.run("convert", f"out{suffix}", "-o", "-", "-q").stdout == (folder.path / "in.jsonl").read_text(
        "utf-8"
    )
    assert sorted(path.name for path in folder.path.iterdir()) == ["in.jsonl", f"out{suffix}"]


def test_several_datasets_become_one(folder: Folder) -> None:
    folder.write("a.jsonl", ROW)
    folder.write("b.json", json.dumps([ROW | {"id": "b"}]))
    assert folder.run("convert", "a.jsonl", "b.json", "-o", "c.parquet").returncode == 0
    assert [row["id"] for row in rows_in(folder.path / "c.parquet")] == ["a", "b"]
    done = folder.run("convert", "-", "-o", "d.feather", stdin=json.dumps(ROW))
    assert done.returncode == 0
    assert rows_in(folder.path / "d.feather") == [ROW]


def test_what_could_not_be_read_is_told_and_left_out(folder: Folder) -> None:
    folder.write("in.jsonl", ROW, "{\n", {"no": "record"}, "\n")
    done = folder.run("convert", "in.jsonl", "missing.json", "-o", "out.parquet")
    assert done.returncode == 1
    first, second, last = done.stderr.splitlines()
    assert first.startswith("in.jsonl:2: error GX002 unreadable-row: the line is not JSON")
    assert "missing.json" in second
    assert last == "guidex: 2 rows written to out.parquet; 2 rows or files left out"
    assert folder.run("convert", "in.jsonl", "-o", "out.parquet", "--max-rejected", "10%").returncode == 1
    assert folder.run("convert", "in.jsonl", "-o", "out.parquet", "--max-rejected", "50%").returncode == 0


def test_where_nothing_could_be_read_nothing_is_written(folder: Folder) -> None:
    folder.write("in.jsonl", "{\n")
    (folder.path / "out.jsonl").write_text("old", "utf-8")
    for output in ("out.jsonl", "out.parquet", "out"):
        done = folder.run("convert", "in.jsonl", "-o", output)
        assert done.returncode == 2
        assert "nothing was written" in done.stderr
    assert sorted(path.name for path in folder.path.iterdir()) == ["in.jsonl", "out.jsonl"]
    assert (folder.path / "out.jsonl").read_text("utf-8") == "old"


def test_what_changes_is_told(folder: Folder) -> None:
    folder.write("in.jsonl", ROW | {"x": 1}, ROW | {"x": "1"})
    done = folder.run("convert", "in.jsonl", "-o", "out.parquet")
    assert "guidex: the column `x`: written as JSON text, since it holds integers and strings\n" in done.stderr
    pq.write_table(pq.read_table(folder.path / "out.parquet").append_column("y", [[b"\xff", None]]), "bytes.parquet")
    done = folder.run("convert", "bytes.parquet", "-o", "back.jsonl")
    assert "guidex: the column `y`: bytes are written as base64\n" in done.stderr
    assert [row["x"] for row in rows_in(folder.path / "back.jsonl")] == [1, "1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a dataset"),
        (("in.jsonl", "-o", "in.jsonl"), "is one of the files to read"),
        (("in.jsonl", "-o", "./link.jsonl"), "is one of the files to read"),
        (("sub", "-o", "sub/new.jsonl"), "is one of the files to read"),
        (("sub/a.jsonl", "-o", "sub"), "is one of the files to read, or holds one"),
        (("sub", "-o", "sub/folder"), "is one of the files to read"),
        (("in.jsonl", "-o", "full"), "holds `notes.txt`"),
        (("in.jsonl", "-o", "full/notes.txt"), "no format that is written"),
        (("in.jsonl", "-o", "nowhere/out.jsonl"), "No such file or directory"),
        (("in.jsonl", "-o", "out.jsonl", "--license", "mit"), "only a folder has a card"),
        (("in.jsonl", "-o", "out", "--config", "none.toml"), "cannot be read"),
    ],
)
def test_misuse_is_one_line_and_leaves_nothing(arguments: tuple[str, ...], message: str, folder: Folder) -> None:
    folder.write("in.jsonl", ROW)
    folder.write("sub/a.jsonl", ROW)
    folder.write("full/notes.txt", "keep")
    (folder.path / "sub" / "folder").mkdir()
    (folder.path / "link.jsonl").symlink_to("in.jsonl")
    before = sorted(folder.path.rglob("*"))
    done = folder.run("convert", *(arguments or ("-o", "out")))
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(folder.path.rglob("*")) == before
    assert rows_in(folder.path / "in.jsonl") == [ROW]


def test_columns_of_the_settings_hold_for_every_format(folder: Folder) -> None:
    folder.write("guidex.toml", '[columns]\ndocument = "passage"\nlabels = "answer"\nsplit = "part"\n')
    foreign = {"guidelines": PERSON, "answer": '[Person("Ada")]', "passage": "Ada"}
    folder.write("in.jsonl", foreign | {"part": "train"}, foreign | {"part": "test"})
    for output in ("out.parquet", "out.arrow", "out.json.zst", "out"):
        assert folder.run("convert", "in.jsonl", "-o", output).returncode == 0
        assert "2 records checked, 2 kept" in folder.run("check", output, "--select", "GX2,GX3").stdout
    assert [split["split"] for split in card(folder.path / "out")[0]["configs"][0]["data_files"]] == ["train", "test"]


@pytest.mark.parametrize("output", ["out.jsonl", "out"])
def test_killed_at_any_step_the_output_is_the_old_or_the_new_one(output: str, folder: Folder) -> None:
    folder.write("older.jsonl", ROW)
    folder.write("newer.jsonl", *[ROW] * 3)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    program = [sys.executable, str(ROOT / "tests" / "killed_convert.py"), output]
    done = subprocess.run(program, cwd=folder.path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *killed, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert last["older"] != last["newer"] == last["after"]
    found = [one["after"] for one in killed]
    assert {} not in (last["older"], last["newer"])
    assert all(one in (last["older"], last["newer"]) or (output == "out" and one == {}) for one in found)
    assert last["older"] in found
    # What a killed run leaves beside it is hidden, and read by nobody.
    names = {path.name for path in folder.path.iterdir()}
    assert all(name.startswith(".") for name in names - {output, "older.jsonl", "newer.jsonl"})


@pytest.fixture
def splits(folder: Folder) -> Path:
    """Give a folder that was converted from two splits, in all parts that there can be."""
    second = ROW | {
        "id": "b",
        "labels": '[Person("Bob"), Person("Ada", 1)]',
        "n": 1,
        "tags": ["x"],
        "o": {"k": 1.5},
        "spans": [{"a": 1}],
    }
    folder.write("in/train.jsonl", ROW, second)
    folder.write("in/test.jsonl", ROW | {"id": "c", "document": "Ada, too.", "labels": "[Alien()]"}, "{\n")
    done = folder.run("convert", "in", "-o", "out", "--license", "CC-BY-4.0", "--language", "en", "--name", "People")
    assert (done.returncode, done.stdout) == (0, "")
    return folder.path / "out"


def test_a_card_says_what_is_there(splits: Path, folder: Folder) -> None:
    matter, text = card(splits)
    assert (matter["license"], matter["language"], matter["pretty_name"]) == ("cc-by-4.0", ["en"], "People")
    assert matter["size_categories"] == ["n<1K"]
    assert matter["configs"][0]["data_files"] == [
        {"split": "test", "path": ["data/test-00000-of-00001.parquet"]},
        {"split": "train", "path": ["data/train-00000-of-00001.parquet"]},
    ]
    assert "| `default` | `train` | 2 | 1 |\n" in text
    assert "| tags | list of string |\n" in text
    assert "1 row or file could not be read" in text
    facts = json.loads(folder.run("stats", "in", "--output-format", "json").stdout)
    kept, rejected, unread = (facts["rows"][one] for one in ("kept", "rejected", "unread"))
    assert f"{kept} rows without an error, {rejected} with one, {unread} not read" in text.replace("1 row ", "1 rows ")
    for code in facts["codes"]:
        line = f"| {code['code']} | {code['name']} | {code['severity']} | {code['findings']} | {code['rows']} |\n"
        assert line in text
    person = next(one for one in facts["entity_types"] if one["entity_type"] == "Person")
    assert f"| Person | {person['rows']} | {person['annotations']} | " in text
    assert "name 100 %" in text
    sought = sum(facts["grounding"][one] for one in ("exact", "normalised", "variant", "absent"))
    assert f"Of {sought} values that were looked for" in text
    assert text.rstrip().endswith("CC-BY-4.0")


def test_a_folder_is_opened_by_the_libraries_it_is_for(
    splits: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", folder.path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    opened = datasets.load_dataset(str(splits))
    names = list(opened["train"].features)
    source = {
        "test": rows_in(folder.path / "in" / "test.jsonl")[:1],
        "train": rows_in(folder.path / "in" / "train.jsonl"),
    }
    assert {split: list(opened[split]) for split in opened} == {
        split: [dict.fromkeys(names) | row for row in rows] for split, rows in source.items()
    }
    frame = pandas.read_parquet(splits / "data" / "train-00000-of-00001.parquet")
    assert frame["id"].tolist() == ["a", "b"]
    # Written back, the rows are those that were read.
    assert folder.run("convert", "out", "-o", "back.jsonl").returncode == 0
    assert rows_in(folder.path / "back.jsonl") == source["test"] + source["train"]


@with_mlcroissant
def test_the_croissant_file_is_valid_and_its_records_can_be_read(splits: Path) -> None:
    import mlcroissant

    dataset = mlcroissant.Dataset(jsonld=splits / "croissant.json")
    assert not dataset.metadata.issues.errors
    content = json.loads((splits / "croissant.json").read_text("utf-8"))
    assert content["license"] == "CC-BY-4.0"
    assert content["version"] == "1.0.0"
    files = [one for one in content["distribution"] if one["@type"] == "cr:FileObject"]
    assert len(files) == 2
    for file in files:
        data = (splits / file["contentUrl"]).read_bytes()
        assert (file["sha256"], file["contentSize"]) == (hashlib.sha256(data).hexdigest(), f"{len(data)} B")
    records = list(dataset.records("default"))
    assert sorted(one["default/id"] for one in records) == [b"a", b"b", b"c"]
    assert sorted(one["default/split_of_the_file"] for one in records) == [b"test", b"train", b"train"]
    assert [one["default/o"]["default/o/k"] for one in records if one["default/id"] == b"b"] == [1.5]
    assert "spans" in next(one for one in content["recordSet"] if one["@id"] == "default")["description"]
    assert {one["default-splits/split"] for one in dataset.records("default-splits")} == {"test", "train"}


def test_a_folder_is_the_same_each_time_and_replaces_itself(splits: Path, folder: Folder) -> None:
    before = {path.name: path.read_bytes() for path in splits.rglob("*") if path.is_file()}
    options = ("--license", "CC-BY-4.0", "--language", "en", "--name", "People")
    assert folder.run("convert", "in", "-o", "out", *options).returncode == 0
    assert {path.name: path.read_bytes() for path in splits.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in folder.path.iterdir()) == ["in", "out"]
    (splits / "data" / "mine.txt").touch()
    assert folder.run("convert", "in", "-o", "out").returncode == 2


def test_a_folder_that_others_wrote_or_changed_is_not_replaced(splits: Path, folder: Folder) -> None:
    card = (splits / "README.md").read_text("utf-8")
    for text in ("My own card.\n", card.replace("license: cc-by-4.0", "license: mit"), card + "\nMore.\n"):
        (splits / "README.md").write_text(text, "utf-8")
        before = {path: path.read_bytes() for path in splits.rglob("*") if path.is_file()}
        done = folder.run("convert", "in", "-o", "out")
        assert done.returncode == 2
        assert "out holds `README.md`, which guidex has not written, or which was changed since" in done.stderr
        assert done.stderr.count("\n") == 1
        assert {path: path.read_bytes() for path in splits.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("command", [("convert", "--no-check"), ("filter", "--rejected", "rejected.jsonl")])
def test_every_folder_is_opened_with_its_configurations(
    command: tuple[str, ...], folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", folder.path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    folder.write("in.jsonl", *(ROW | {"split": split} for split in ("en/train", "en/test", "de/train", "de/train")))
    # What filter has written, convert may replace, and the other way round.
    for _ in range(2):
        assert folder.run(*command, "in.jsonl", "-o", "out").returncode == 0
    assert folder.run("convert", "in.jsonl", "-o", "out", "--no-check").returncode == 0
    assert folder.run(*command, "in.jsonl", "-o", "out").returncode == 0
    opened = str(folder.path / "out")
    rows = {name: datasets.load_dataset(opened, name).num_rows for name in datasets.get_dataset_config_names(opened)}
    assert rows == {"en": {"train": 1, "test": 1}, "de": {"train": 2}}


def test_files_of_two_configurations_are_told(folder: Folder) -> None:
    folder.write("in/train.jsonl", ROW)
    folder.write("in/README.md", "---\nconfigs:\n- config_name: a\n  data_files: '*'\n")
    with (folder.path / "in" / "README.md").open("a", encoding="utf-8") as card:
        card.write("- config_name: b\n  data_files: train.jsonl\n---\n")
    done = folder.run("convert", "in", "-o", "out", "--no-check")
    assert done.returncode == 0
    assert "guidex: in: `b/train` has 1 file in common with `a/train`, for which alone it is read\n" in done.stderr


def test_all_of_a_broken_array_is_written_somewhere(folder: Folder) -> None:
    kept, rows = json.dumps(ROW), [json.dumps(ROW | {"id": str(number)}) for number in range(9)]
    folder.write("in.json", f"[{kept}, {kept} junk, {', '.join(rows)}]\n[7]")
    done = folder.run("filter", "in.json", "-o", "kept.jsonl", "--rejected", "rejected.jsonl")
    assert done.returncode == 1
    assert "12 rows read, 11 kept, 1 rejected (1 could not be read); 1 file" in done.stderr
    junk, rest = (json.loads(line) for line in (folder.path / "rejected.jsonl").read_text("utf-8").splitlines())
    assert base64.b64decode(junk["raw_base64"]) == b"junk\n"
    assert rest["record"] == [7]


def test_a_card_without_a_licence_or_a_check_says_so(folder: Folder) -> None:
    folder.write("in.jsonl", ROW)
    assert folder.run("convert", "in.jsonl", "-o", "out", "--no-check").returncode == 0
    matter, text = card(folder.path / "out")
    assert matter["license"] == "unknown"
    assert "No licence was given" in text
    assert "without a check of the rows" in text
    assert "license" not in json.loads((folder.path / "out" / "croissant.json").read_text("utf-8"))
    folder.run("convert", "in.jsonl", "-o", "out", "--no-check", "--license", "https://example.org/terms")
    assert card(folder.path / "out")[0]["license_link"] == "https://example.org/terms"


HOSTILE = (
    "x\n---\nlicense: mit\n<script>alert(1)</script> [a](javascript:b) | `c` ![d](e) \x1b[31m \u202e & @all # {{ f }}"
)


def tags(markdown: str) -> list[str]:
    """Give what Markdown makes of a text beside text, as GitHub and the Hub do."""
    parser = MarkdownIt("gfm-like", {"linkify": False})
    return [
        inner.type for token in parser.parse(markdown) for inner in (token.children or []) if inner.type != "text"
    ] + [
        token.type
        for token in parser.parse(markdown)
        if token.type not in ("paragraph_open", "paragraph_close", "inline")
    ]


@given(st.text(max_size=40) | st.text(st.sampled_from("#*_-`[]()<>!|&;~=+.1) \n\\:/ab@wW"), max_size=20))
@example("__0__")
@example("123. a")
@example("1) a")
@example("www.a.b")
@example("&amp; &#60;")
def test_any_text_stays_text_in_a_card(text: str) -> None:
    shown = plain(text)
    assert not tags(shown)
    rendered = MarkdownIt("gfm-like", {"linkify": False}).parse(f"a {shown}")
    shown_text = "".join(one.content for token in rendered for one in token.children or [])
    assert shown_text == f"a {visible(' '.join(text.split()))}".rstrip(" ")
    row = MarkdownIt("gfm-like", {"linkify": False}).parse(f"| a | b |\n|---|---|\n| {shown} | end |\n")
    assert [token.type for token in row].count("td_open") == 2


@with_mlcroissant
def test_a_card_is_not_what_hostile_rows_make_of_it(folder: Folder) -> None:
    labels = '[Person("<b>"), Ärger("x")]'
    row = ROW | {"labels": labels, HOSTILE: 1, "split": HOSTILE.replace("/", ""), "\u2028": {HOSTILE: 1}}
    folder.write("in.jsonl", row)
    options = ("--name", HOSTILE, "--description", HOSTILE, "--license", HOSTILE, "--language", HOSTILE)
    done = folder.run("convert", "in.jsonl", "-o", "out", *options)
    assert done.returncode == 0
    assert "\x1b" not in done.stderr
    matter, text = card(folder.path / "out")
    assert matter["license"] == "other"
    assert set(matter) == {
        *("license", "license_name", "language", "pretty_name", "task_categories", "size_categories", "tags"),
        *("configs", "dataset_info"),
    }
    assert not set(tags(text)) & {"html_inline", "html_block", "link_open", "image", "em_open", "strong_open"}
    assert not re.search("[\x1b\u202e\u2028]", text)
    assert [split["split"] for split in matter["configs"][0]["data_files"]] == [
        re.sub(r"\W", "_", HOSTILE.replace("/", ""))[:200]
    ]
    import mlcroissant

    dataset = mlcroissant.Dataset(jsonld=folder.path / "out" / "croissant.json")
    assert not dataset.metadata.issues.errors
    assert len(list(dataset.records("default"))) == 1
    assert rows_in(folder.path / "out") == [row]


@pytest.mark.skipif(not REAL.exists(), reason="the real rows stand beside a checkout only, in shared/data")
def test_the_real_rows_go_there_and_back(folder: Folder) -> None:
    assert folder.run("convert", str(REAL), "-o", "out").returncode == 0
    assert folder.run("convert", "out", "-o", "back.jsonl").returncode == 0
    assert rows_in(folder.path / "back.jsonl") == rows_in(REAL)
    text = card(folder.path / "out")[1]
    assert "42 annotations of 41 entity types; the guidelines declare 43." in text
