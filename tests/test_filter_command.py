"""The command that filters: its two files, its summary, and what it refuses."""

import json
import os
import subprocess
import sys
from base64 import b64decode

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from command import Folder
from filter_rows import DOCUMENT, GUIDELINES
from guidex_schema.datasets import read_dataset
from test_attacks import FIXTURES, SECRET
from test_real_rows import DATA


def row(labels: str, **others: object) -> dict[str, object]:
    return {"guidelines": GUIDELINES, "labels": labels, "document": DOCUMENT, **others}


GOOD = '[Person(mention="Ada", role="poet")]'
ABSENT = '[Person(mention="Ada", role="queen"), Person(mention="Bob")]'
LOST = '[Person(mention="Ada"), Person(mention="Zoe", children=[Person("Bob")])]'


def written(folder: Folder, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder.path / name).read_text("utf-8").split("\n") if line]


def test_rows_with_an_error_go_to_the_rejected_ones_with_what_was_found(folder: Folder) -> None:
    folder.write("in.jsonl", row(GOOD, id="a"), row(ABSENT, id="b"), '{"labels": \n')
    done = folder.run("filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl")
    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "guidex: 3 rows read, 1 kept, 2 rejected (1 could not be read)",
        "       1 GX002 unreadable-row, in 1 row",
        "       1 GX301 value-absent, in 1 row",
    ]
    assert written(folder, "kept.jsonl") == [row(GOOD, id="a")]
    absent, unread = written(folder, "no.jsonl")
    assert absent["record"] == row(ABSENT, id="b")
    assert absent["source"] == {"file": "in.jsonl", "index": 1, "id": "b", "line": 2, "split": "in"}
    assert absent["dropped"] == []
    assert isinstance(absent["diagnostics"], list)
    (found,) = (one for one in absent["diagnostics"] if one["severity"] == "error")
    assert (found["code"], found["path"], found["isolation"]) == ("GX301", "result[0].role", found["isolation"])
    assert unread["raw_base64"] == "eyJsYWJlbHMiOiAK"


@pytest.mark.parametrize(
    ("drop", "labels", "left", "dropped"),
    [
        ("instance", ABSENT, '[\n    Person(mention="Bob")\n]', [("result[0]", "Person", None, "GX301")]),
        (
            "value",
            ABSENT,
            '[\n    Person(mention="Ada"),\n    Person(mention="Bob")\n]',
            [("result[0].role", "Person", "role", "GX301")],
        ),
        ("value", LOST, '[\n    Person(mention="Ada")\n]', [("result[1]", "Person", None, "GX301")]),
        (
            "instance",
            '[Person("Ada", children=[Person("Zoe"), Person("Bob")])]',
            '[\n    Person("Ada", children=[Person("Bob")])\n]',
            [("result[0].children[0]", "Person", "children", "GX301")],
        ),
        ("instance", '[Meeting(host=Person("Zoe"), guests=[])]', "[]", [("result[0]", "Meeting", None, "GX301")]),
        (
            "value",
            '[Meeting(Person("Ada"), [Person("Zoe")], place="Rome")]',
            '[\n    Meeting(Person("Ada"), [])\n]',
            [("result[0].guests[0]", "Person", "guests", "GX301"), ("result[0].place", "Meeting", "place", "GX301")],
        ),
        (
            "value",
            '[Person("Ada", "queen", ["poet", "son"])]',
            '[\n    Person("Ada", tags=["poet", "son"])\n]',
            [("result[0].role", "Person", "role", "GX301")],
        ),
        (
            "value",
            '[Person("Ada", marks={"rose"}, size=(12, "15"))]',
            '[\n    Person("Ada")\n]',
            [("result[0].marks", "Person", "marks", "GX301"), ("result[0].size", "Person", "size", "GX204")],
        ),
        (
            "value",
            '[Person("Ada", names={"en": Name("Ada"), "fr": Name("Adele")}, kind=Kind.KING)]',
            '[\n    Person("Ada", names={"en": Name("Ada")})\n]',
            [("result[0].names['fr']", "Person", "names", "GX301"), ("result[0].kind", "Person", "kind", "GX205")],
        ),
        (
            "value",
            'p = Person("Ada", colour="red")\n[p, Alien(x=1), Person(), 3]',
            '[\n    Person("Ada")\n]',
            [
                ("result[0].colour", "Person", "colour", "GX202"),
                ("result[1]", "Alien", None, "GX201"),
                ("result[2]", "Person", None, "GX203"),
                ("result[3]", None, None, "GX209"),
            ],
        ),
    ],
)
def test_as_little_is_dropped_as_is_asked_for(
    folder: Folder, drop: str, labels: str, left: str, dropped: list[tuple[str, str, str, str]]
) -> None:
    folder.write("in.jsonl", row(labels))
    done = folder.run("filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl", "--drop", drop)
    assert done.returncode == 0
    assert written(folder, "kept.jsonl") == [row(left)]
    (told,) = written(folder, "no.jsonl")
    assert "record" not in told
    assert told["original"] == row(labels)
    assert isinstance(told["dropped"], list)
    assert [(one["path"], one["entity_type"], one["attribute"], *one["codes"]) for one in told["dropped"]] == dropped
    assert "1 kept (1 without something" in done.stderr


@pytest.mark.parametrize(
    "labels",
    [
        '[Person("Ada"',
        "[Person('Zoe'), open('x')]",
        '"none"',
        'x = 3\n[Person("Ada")]',
        f"[Person('{'Ada ' * 20_000}')]",
    ],
)
@pytest.mark.parametrize("drop", ["instance", "value"])
def test_what_could_not_be_read_goes_as_a_whole_whatever_is_selected(folder: Folder, drop: str, labels: str) -> None:
    folder.write("in.jsonl", row(labels))
    arguments = ["filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl", "--drop", drop]
    for select in ([], ["--select", "GX201"], ["--ignore", "GX0,GX2,GX4"]):
        assert folder.run(*arguments, *select).returncode == 0
        assert written(folder, "kept.jsonl") == []
        (told,) = written(folder, "no.jsonl")
        assert told["record"] == row(labels)
        assert told["diagnostics"]


def test_what_is_selected_rejects(folder: Folder) -> None:
    folder.write("in.jsonl", row(ABSENT, id="a"), row('[Alien("Ada")]', id="b"))
    arguments = ["filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl"]
    for select, kept in (("GX2", ["a"]), ("GX3", ["b"]), ("GX1", ["a", "b"])):
        assert folder.run(*arguments, "--select", select).returncode == 0
        assert [one["id"] for one in written(folder, "kept.jsonl")] == kept
    assert folder.run(*arguments, "--ignore", "GX301").returncode == 0
    assert [one["id"] for one in written(folder, "kept.jsonl")] == ["a"]
    folder.write("guidex.toml", '[severity]\nGX301 = "warning"\n[per-file-ignores]\n"in.jsonl" = ["GX201"]\n')
    assert folder.run(*arguments).returncode == 0
    assert [one["id"] for one in written(folder, "kept.jsonl")] == ["a", "b"]


def test_rows_are_compared_with_those_that_are_kept_where_that_rejects(folder: Folder) -> None:
    rows = [row(ABSENT, id="a"), row(GOOD, id="b"), row(GOOD, id="c")]
    folder.write("in.jsonl", *rows)
    arguments = ["filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl"]
    folder.run(*arguments)
    assert [one["id"] for one in written(folder, "kept.jsonl")] == ["b", "c"]
    folder.write("guidex.toml", '[severity]\nduplicate-document = "error"\n')
    folder.run(*arguments)
    # The first copy is broken, so the second is no copy of anything that is kept.
    assert [one["id"] for one in written(folder, "kept.jsonl")] == ["b"]
    assert [
        one["source"]["index"] for one in map(dict, written(folder, "no.jsonl")) if isinstance(one["source"], dict)
    ] == [0, 2]


def test_what_is_found_in_all_rows_together_is_told_and_rejects_none(folder: Folder) -> None:
    other = GUIDELINES.replace(
        "    place: Optional[str] = None  # where\n", "    city: Optional[str] = None  # where\n"
    )
    labels = '[Meeting(host=Person("Ada"), guests=[])]'
    folder.write("in.jsonl", row(labels), {**row(labels), "guidelines": other, "document": DOCUMENT + " All left."})
    folder.write("guidex.toml", '[severity]\ninconsistent-type = "error"\n')
    done = folder.run("filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl")
    assert done.returncode == 0
    assert len(written(folder, "kept.jsonl")) == 2
    told, summary = done.stderr.splitlines()
    assert "error GX509 inconsistent-type" in told
    assert summary == "guidex: 2 rows read, 2 kept, 0 rejected"


def test_what_dropping_would_leave_is_checked_and_told(folder: Folder) -> None:
    # Written anew, each of these characters is an escape, and the labels are larger than any that are read.
    labels = f'[Person("Ada", colour="red", role="{chr(0x2028) * 15_000}")]'
    folder.write("in.jsonl", row(labels))
    arguments = ["-o", "kept.jsonl", "--rejected", "no.jsonl", "--drop", "value", "--select", "GX202"]
    done = folder.run("filter", "in.jsonl", *arguments)
    assert written(folder, "kept.jsonl") == []
    (told,) = written(folder, "no.jsonl")
    assert told["record"] == row(labels)
    assert isinstance(told["diagnostics"], list)
    assert [one["code"] for one in told["diagnostics"]] == ["GX202", "GX010"]
    assert told["diagnostics"][1]["message"].startswith("in what dropping would leave: the labels have 90,")
    assert "1 GX010 source-limit, in 1 row" in done.stderr


@pytest.mark.parametrize("column", [True, False])
@pytest.mark.parametrize("prefix", ["", "result = "])
def test_labels_that_stand_twice_stay_the_same(folder: Folder, column: bool, prefix: str) -> None:
    head = f"{GUIDELINES}\n# Text\ntext = {json.dumps(DOCUMENT)}\n\n# Annotations\n"
    one = {"task": "x", "text": f"{head}result = {ABSENT}\n"} | ({"labels": prefix + ABSENT + "\n"} if column else {})
    folder.write("in.jsonl", one)
    folder.run("filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl", "--drop", "instance")
    left = '[\n    Person(mention="Bob")\n]\n'
    (kept,) = written(folder, "kept.jsonl")
    assert kept == {"task": "x", "text": f"{head}result = {left}"} | ({"labels": left} if column else {})
    assert "GX507" not in folder.run("check", "kept.jsonl", "--output-format", "concise").stdout


def test_more_than_may_be_rejected_is_an_exit_code(folder: Folder) -> None:
    folder.write("in.jsonl", *[row(GOOD)] * 3, row(ABSENT))
    arguments = ["filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl", "--max-rejected"]
    assert folder.run(*arguments, "25%").returncode == 0
    assert folder.run(*arguments, "0.24").returncode == 1
    assert len(written(folder, "kept.jsonl")) == 3


def test_fixes_mend_guidelines_and_labels_first(folder: Folder) -> None:
    guidelines = GUIDELINES.replace("from enum import Enum\n", "")
    text = f'{guidelines}\n# Text\ntext = {json.dumps(DOCUMENT)}\n\nresult = \n```\n[Person("ada")]\n```\n'
    before = {"score": 1, "text": text}
    folder.write("in.jsonl", before, row(GOOD))
    arguments = ["filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl"]
    folder.run(*arguments)
    assert len(written(folder, "no.jsonl")) == 1
    done = folder.run(*arguments, "--fix")
    assert done.stderr == "guidex: 2 rows read, 2 kept (1 mended by 3 fixes), 0 rejected\n"
    (told,) = written(folder, "no.jsonl")
    assert told["original"] == before
    assert "record" not in told
    assert isinstance(told["fixed"], list)
    assert sorted(one["code"] for one in told["fixed"]) == ["GX014", "GX107", "GX302"]
    mended, other = written(folder, "kept.jsonl")
    assert other == row(GOOD)
    after = str(mended["text"])
    assert "from enum import Enum\n" in after
    assert after.endswith(f'\n# Text\ntext = {json.dumps(DOCUMENT)}\n\nresult = [Person("Ada")]\n')


def test_a_fix_that_brings_another_fault_is_not_made(folder: Folder) -> None:
    # Written as the document has them, the two would be one.
    folder.write("in.jsonl", row('[Person("Ada", marks={"ADA", "Ada"})]'))
    folder.run("filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl", "--fix")
    assert written(folder, "kept.jsonl") == [row('[Person("Ada", marks={"ADA", "Ada"})]')]


def test_a_row_that_is_mended_can_be_restored(folder: Folder) -> None:
    prose = f"Here they are, as asked:\n```python\n{GOOD}\n```"
    folder.write("in.jsonl", row(prose), '{"labels": "x", \n', row(GOOD))
    folder.run("filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl", "--fix")
    mended, kept = written(folder, "kept.jsonl")
    assert mended == kept == row(GOOD)
    told, _ = written(folder, "no.jsonl")
    assert told["original"] == row(prose)
    assert (told["diagnostics"], told["dropped"]) == ([], [])
    assert isinstance(told["fixed"], list)
    assert {one["name"] for one in told["fixed"]} == {"text-around-list", "markdown-fence"}


def test_a_row_that_is_no_json_for_others_is_restored_by_its_bytes(folder: Folder) -> None:
    line = json.dumps(row(ABSENT, score=float("nan")))
    folder.write("in.jsonl", line)
    folder.run("filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl", "--drop", "value")
    (told,) = written(folder, "no.jsonl")
    assert b64decode(str(told["original_base64"])) == line.encode()


def test_a_byte_order_mark_is_told(folder: Folder) -> None:
    for name, text in (("in.jsonl", json.dumps(row(GOOD))), ("in.json", json.dumps([row(GOOD)]))):
        folder.write(name, "\ufeff" + text)
        done = folder.run("filter", name, "-o", "kept.jsonl", "--rejected", "no.jsonl")
        assert done.returncode == 0
        told, summary = done.stderr.splitlines()
        assert told.startswith(f"{name}: warning GX007 byte-order-mark: ")
        assert summary == "guidex: 1 row read, 1 kept, 0 rejected"
        assert written(folder, "no.jsonl") == []
        done = folder.run("filter", name, "-o", "kept.jsonl", "--rejected", "no.jsonl", "--ignore", "GX007")
        assert done.stderr.splitlines() == [summary]


@pytest.mark.parametrize(
    ("name", "content", "left"),
    [
        ("in.json", json.dumps([row(GOOD)]) + "\nand more", b"and more"),
        ("in.json", json.dumps([row(GOOD)]) + '{"labels": "[]"}', b'{"labels": "[]"}'),
        ("in.json", "[" + json.dumps(row(GOOD)) + ",", b""),
    ],
)
def test_a_file_that_is_not_read_to_its_end_is_an_exit_code(
    folder: Folder, name: str, content: str, left: bytes
) -> None:
    folder.write(name, content)
    done = folder.run("filter", name, "-o", "kept.jsonl", "--rejected", "no.jsonl")
    assert done.returncode == 1
    assert done.stderr.endswith("guidex: 1 row read, 1 kept, 0 rejected; 1 file could not be read to the end\n")
    (told,) = written(folder, "no.jsonl")
    if left.startswith(b"{"):
        assert told["record"] == json.loads(left)
    else:
        assert b64decode(str(told.get("raw_base64", ""))).strip() == left


def test_what_an_earlier_run_left_is_told_where_nothing_is_written(folder: Folder) -> None:
    folder.write("in.jsonl", "")
    arguments = ["filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl", "-q"]
    assert "left as it was" not in folder.run(*arguments).stderr
    folder.write("kept.jsonl", "older\n")
    done = folder.run(*arguments)
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == ["guidex: nothing was written; kept.jsonl is left as it was"]
    assert (folder.path / "kept.jsonl").read_text("utf-8") == "older\n"


def test_rejected_rows_may_go_to_a_device(folder: Folder) -> None:
    folder.write("in.jsonl", row(GOOD), row(ABSENT))
    assert folder.run("filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "/dev/null").returncode == 0
    assert written(folder, "kept.jsonl") == [row(GOOD)]
    assert folder.run("filter", "in.jsonl", "-o", "/dev/null", "--rejected", "no.jsonl").returncode == 0
    assert len(written(folder, "no.jsonl")) == 1


def test_a_folder_with_several_configurations_opens_again(folder: Folder) -> None:
    names = {"en": ["train", "test"], "de": ["train"]}
    for name, splits in names.items():
        for split in splits:
            folder.write(f"{name}-{split}.jsonl", row(GOOD, id=f"{name}-{split}"), row(ABSENT, id="absent"))
    (folder.path / "rows").mkdir()
    matter = ["---", "configs:"]
    for name, splits in names.items():
        matter += [f"- config_name: {name}", "  data_files:"]
        for split in splits:
            (folder.path / f"{name}-{split}.jsonl").rename(folder.path / "rows" / f"{name}-{split}.jsonl")
            matter += [f"  - split: {split}", f"    path: {name}-{split}.jsonl"]
    folder.write("rows/README.md", "\n".join([*matter, "---", ""]))
    done = folder.run("filter", "rows", "-o", "kept", "--rejected", "no.jsonl")
    assert (done.returncode, done.stderr.splitlines()[0]) == (0, "guidex: 6 rows read, 3 kept, 3 rejected")
    kept = opened(folder, "kept", tuple(names))
    assert kept == {"en": {"train": ["en-train"], "test": ["en-test"]}, "de": {"train": ["de-train"]}}
    assert [
        one["source"]["split"] for one in map(dict, written(folder, "no.jsonl")) if isinstance(one["source"], dict)
    ] == [
        "en/train",
        "en/test",
        "de/train",
    ]


def opened(folder: Folder, name: str, configs: tuple[str, ...]) -> dict[str, dict[str, list[str]]]:
    """Open a folder with the library that it is for, and give the ids of all rows."""
    code = (
        "import json, sys, datasets; datasets.disable_progress_bars(); "
        "print(json.dumps({one: {split: list(rows['id']) for split, rows in "
        "datasets.load_dataset(sys.argv[1], one, cache_dir='cache').items()} for one in sys.argv[2:]}))"
    )
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder.path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code, f"./{name}", *configs],
        cwd=folder.path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, list[str]]] = json.loads(done.stdout)
    return found


def test_splits_without_a_row_that_is_kept_are_told(folder: Folder) -> None:
    folder.write("train.jsonl", row(GOOD, id="a"))
    folder.write("test.jsonl", row(ABSENT, id="b"))
    done = folder.run("filter", "train.jsonl", "test.jsonl", "-o", "kept", "--rejected", "no.jsonl", "-q")
    assert done.returncode == 0
    assert done.stderr.startswith("guidex: the split `test` has no row and is left out")
    assert opened(folder, "kept", ("default",)) == {"default": {"train": ["a"]}}
    done = folder.run("filter", "test.jsonl", "-o", "none", "--rejected", "no.jsonl", "-q")
    assert done.returncode == 0
    assert done.stderr.startswith("guidex: the configuration `default` has no row, so that `datasets` does not open it")
    done = folder.run("filter", "test.jsonl", "-o", "none.jsonl", "--rejected", "no.jsonl", "-q")
    assert (done.returncode, done.stderr) == (0, "")


def test_columns_have_the_names_that_settings_say(folder: Folder) -> None:
    folder.write("guidex.toml", '[columns]\nguidelines = "schema"\nlabels = "ann"\ndocument = "doc"\n')
    folder.write("in.jsonl", {"schema": GUIDELINES, "ann": ABSENT, "doc": DOCUMENT, "labels": "mine"})
    folder.run("filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl", "--drop", "instance")
    (kept,) = written(folder, "kept.jsonl")
    assert (kept["ann"], kept["labels"]) == ('[\n    Person(mention="Bob")\n]', "mine")


def test_several_inputs_are_one_dataset_in_order(folder: Folder) -> None:
    folder.write("b.jsonl", row(GOOD, id="1"), row(ABSENT, id="2"))
    folder.write("a.json", json.dumps([row(GOOD, id="3"), row(GOOD, id="4")]))
    arguments = ["filter", "b.jsonl", "a.json", "--rejected", "no.jsonl"]
    assert folder.run(*arguments, "-o", "kept.json").returncode == 0
    assert [one["id"] for one in json.loads((folder.path / "kept.json").read_text("utf-8"))] == ["1", "3", "4"]
    assert folder.run(*arguments, "-o", "kept").returncode == 0
    assert sorted(path.name for path in (folder.path / "kept" / "data").iterdir()) == [
        "a-00000-of-00001.parquet",
        "b-00000-of-00001.parquet",
    ]
    assert folder.run("filter", "kept", "-o", "again", "--rejected", "none.jsonl").returncode == 0
    assert written(folder, "none.jsonl") == []


def test_rows_of_a_table_are_rejected_as_json(folder: Folder) -> None:
    folder.write("in.jsonl", row(ABSENT, id="a", score=1.5), row(GOOD, id="b", score=2.0))
    folder.run("filter", "in.jsonl", "-o", "table.parquet", "--rejected", "no.jsonl", "--select", "GX1")
    done = folder.run("filter", "table.parquet", "-o", "kept.parquet", "--rejected", "no.jsonl")
    assert done.returncode == 0
    (told,) = written(folder, "no.jsonl")
    assert told["record"] == row(ABSENT, id="a", score=1.5)
    folder.run("filter", "table.parquet", "-o", "kept.parquet", "--rejected", "no.jsonl", "--drop", "value")
    kept = [one.content for one in read_dataset(folder.path / "kept.parquet")]
    left = '[\n    Person(mention="Ada"),\n    Person(mention="Bob")\n]'
    assert kept == [row(left, id="a", score=1.5), row(GOOD, id="b", score=2.0)]


def test_rows_of_both_forms_in_one_table_are_cut_alike(folder: Folder) -> None:
    text = f"{GUIDELINES}\n# Text\ntext = {json.dumps(DOCUMENT)}\n\nresult = {ABSENT}\n"
    table = pa.Table.from_pylist([row(ABSENT, text=None), {"text": text}])
    pq.write_table(table, folder.path / "in.parquet")
    done = folder.run("filter", "in.parquet", "-o", "kept.parquet", "--rejected", "no.jsonl", "--drop", "instance")
    assert done.stderr.startswith("guidex: 2 rows read, 2 kept (2 without something), 0 rejected")
    left = '[\n    Person(mention="Bob")\n]'
    nothing = {"guidelines": None, "labels": None, "document": None}
    assert pq.read_table(folder.path / "kept.parquet").to_pylist() == [
        row(left, text=None),
        nothing | {"text": text.replace(ABSENT, left)},
    ]


def test_standard_streams_are_read_and_written(folder: Folder) -> None:
    lines = "".join(json.dumps(one) + "\n" for one in (row(GOOD), row(ABSENT)))
    done = folder.run("filter", "-", "-o", "-", "--rejected", "no.jsonl", stdin=lines)
    assert done.stdout == json.dumps(row(GOOD)) + "\n"
    (told,) = written(folder, "no.jsonl")
    assert isinstance(told["source"], dict)
    assert told["source"]["file"] == "<stdin>"
    done = folder.run("filter", "-", "-o", "kept.jsonl", "--rejected", "-", "-q", stdin=lines)
    assert json.loads(done.stdout)["record"] == row(ABSENT)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in.jsonl", "-o", "k.jsonl", "--rejected", "k.jsonl"], "kept and rejected rows need a file each"),
        (["in.jsonl", "-o", "-", "--rejected", "-"], "kept and rejected rows need a file each"),
        (["in.jsonl", "-o", "link.jsonl", "--rejected", "no.jsonl"], "link.jsonl is one of the files to read"),
        (["in.jsonl", "-o", "k.jsonl", "--rejected", "in.jsonl"], "in.jsonl is one of the files to read"),
        (["rows", "-o", "rows", "--rejected", "no.jsonl"], "rows is one of the files to read, or holds one"),
        (
            ["rows", "-o", "rows/k", "--rejected", "no.jsonl"],
            "rows/k is one of the files to read, or holds one or stands",
        ),
        (["rows", "-o", "k.jsonl", "--rejected", "rows/no.jsonl"], "rows/no.jsonl is one of the files to read"),
        (["rows/a.jsonl", "-o", "rows", "--rejected", "no.jsonl"], "rows is one of the files to read, or holds one"),
        (["in.jsonl", "-o", "new", "--rejected", "new/no.jsonl"], "new/no.jsonl stands in new"),
        (["in.jsonl", "-o", "k.jsonl", "--rejected", "no.csv"], "should end in .jsonl"),
        (["in.jsonl", "-o", "k.csv", "--rejected", "no.jsonl"], "k.csv"),
        (["in.jsonl", "-o", "lost/k.jsonl", "--rejected", "no.jsonl"], "lost/k.jsonl cannot be written: No such"),
        (["in.jsonl", "-o", "k.jsonl", "--rejected", "lost/no.jsonl"], "lost/no.jsonl cannot be written: No such"),
        (["in.jsonl", "-o", "k.jsonl", "--rejected", "rows.jsonl"], "rows.jsonl is no regular file"),
        (["-o", "k.jsonl", "--rejected", "no.jsonl"], "name a dataset"),
        (["in.jsonl", "-o", "k.jsonl", "--rejected", "no.jsonl", "--select", "GX999"], "no rule is called"),
        (["lost.jsonl", "-o", "k.jsonl", "--rejected", "no.jsonl"], "lost.jsonl: error GX001"),
        (["empty.jsonl", "-o", "k.jsonl", "--rejected", "no.jsonl"], "empty.jsonl: error GX006"),
    ],
)
def test_what_cannot_be_done_leaves_all_as_it_was(folder: Folder, arguments: list[str], message: str) -> None:
    folder.write("in.jsonl", row(GOOD))
    folder.write("rows/a.jsonl", row(GOOD))
    folder.write("empty.jsonl")
    folder.write("k.jsonl", "older\n")
    folder.write("no.jsonl", "older, too\n")
    (folder.path / "rows.jsonl").mkdir()
    (folder.path / "link.jsonl").symlink_to("in.jsonl")
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    done = folder.run("filter", *arguments, "--isolation", "best-effort")
    assert done.returncode == 2
    assert message in done.stderr
    assert {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()} == before


def test_a_file_that_is_missing_among_others_is_told(folder: Folder) -> None:
    folder.write("in.jsonl", row(GOOD))
    done = folder.run("filter", "in.jsonl", "lost.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl")
    assert done.returncode == 1
    assert done.stderr.startswith("lost.jsonl: error GX001")
    assert done.stderr.endswith("1 row read, 1 kept, 0 rejected; 1 file could not be read to the end\n")
    (told,) = written(folder, "no.jsonl")
    assert "record" not in told
    assert isinstance(told["source"], dict)
    assert told["source"]["file"] == "lost.jsonl"


def test_a_full_disk_leaves_nothing_half_written(folder: Folder) -> None:
    folder.write("in.jsonl", *[row(GOOD), row(ABSENT)] * 200)
    folder.write("kept.jsonl", "older\n")
    done = folder.shell(
        "ulimit -f 100; guidex filter in.jsonl -o kept.jsonl --rejected no.jsonl".replace("guidex", "exec guidex")
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "cannot be written: File too large" in done.stderr
    assert sorted(path.name for path in folder.path.iterdir()) == ["in.jsonl", "kept.jsonl"]
    assert (folder.path / "kept.jsonl").read_text("utf-8") == "older\n"


@pytest.mark.parametrize("drop", ["record", "instance", "value"])
@pytest.mark.parametrize("fix", [[], ["--fix"]])
def test_hostile_rows_run_nothing_and_are_all_told(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, drop: str, fix: list[str]
) -> None:
    canary = folder.path / "canary"
    monkeypatch.setenv("GUIDEX_SECRET", SECRET)
    monkeypatch.setenv("GUIDEX_CANARY", str(canary))
    lines = b"".join(path.read_bytes() for path in FIXTURES).splitlines()
    (folder.path / "in.jsonl").write_bytes(b"\n".join(lines))
    arguments = ["-o", "kept.jsonl", "--rejected", "no.jsonl", "--drop", drop, *fix]
    folder.run("filter", "in.jsonl", *arguments)
    assert not canary.exists()
    outputs = (folder.path / "kept.jsonl").read_text("utf-8") + (folder.path / "no.jsonl").read_text("utf-8")
    assert SECRET not in outputs.replace(SECRET, "", b"".join(lines).decode("utf-8", "replace").count(SECRET))
    whole = [one for one in written(folder, "no.jsonl") if "record" in one or "raw_base64" in one]
    assert len(whole) + len(written(folder, "kept.jsonl")) == len([line for line in lines if line.strip()])


@pytest.mark.skipif(not DATA.exists(), reason="the real rows stand beside a checkout only, in shared/data")
def test_the_filter_cases_are_decided_as_they_should_be(folder: Folder) -> None:
    cases = json.loads((DATA / "filter_cases.json").read_text(encoding="utf-8"))
    decided = 0
    for case in cases:
        if "rows" not in case:
            continue
        folder.write("in.jsonl", *case["rows"])
        for fix in ([], ["--fix"]):
            done = folder.run("filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "no.jsonl", *fix)
            assert done.returncode == 0
            kept = [one["id"] for one in written(folder, "kept.jsonl")]
            match case["case"], case["should_keep"]:
                case "hallucinated_span", _:
                    # It is about grounding, and the row has no document.
                    assert kept == ["a"]
                case "missing_import_after_leak", _:
                    assert kept == (["a", "b"] if fix else ["a"])
                case _, "repairable":
                    assert kept == (["a"] if fix else [])
                case _, list(should_keep):
                    assert kept == should_keep, case["case"]
                case "empty_list" | "no_docstring", _:
                    assert kept == ["a"]
                case "rebinds_builtin", _:
                    assert "b" not in kept
                case name, _:
                    pytest.fail(f"{name} is not decided")
            decided += 1
    assert decided == 2 * sum("rows" in case for case in cases) > 0
