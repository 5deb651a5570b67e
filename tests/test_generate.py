"""``guidex generate``: the command, what it writes, and what it says when something is wrong."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import pytest

from command import ENVIRONMENT, GUIDEX, Folder, codes
from guidex_schema.generation import journal
from guidex_schema.generation.documents import SourceDocument
from guidex_schema.generation.journal import Journal
from scripted import GOOD, GUIDELINES, tree

TEXTS = ("Ada wrote.", "Ada, 日本 🙂 “\\” \u2028 said:\n\nresult = [1]\ntext = 'x'", "Bob slept.", "Ada wrote.\n")
REPLAY = ("--transcripts", "transcripts.jsonl")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture(scope="module", autouse=True)
def _without_waiting_for_disks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "_SYNCHRONOUS", "OFF")
        patch.setattr("os.fsync", lambda _: None)
        yield


@pytest.fixture
def ready(folder: Folder) -> Folder:
    """Give a folder with documents, and what a model says about two of them."""
    folder.write("in.jsonl", *({"id": f"d{number}", "text": text} for number, text in enumerate(TEXTS)), "no JSON\n")
    told = []
    for text in TEXTS[:2]:
        digest = SourceDocument("", text, "", 0).digest
        told += [{"document": digest, "stage": stage, "attempt": 0, "text": GOOD[stage]} for stage in GOOD]
    folder.write("transcripts.jsonl", *told)
    return folder


def test_documents_become_records_that_have_no_error(ready: Folder, tmp_path: Path) -> None:
    done = ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    assert done.returncode == 0
    assert "5 documents: 2 kept, 2 rejected, 1 duplicate, 0 pending" in done.stderr
    assert "in.jsonl:5" in done.stderr
    assert done.stdout == ""
    checked = ready.run("check", "out", "--output-format", "json-lines")
    assert (checked.returncode, codes(checked.stdout)) == (0, [])
    assert ready.run("check", "out/gollie").returncode == 0
    rows = lines(tmp_path / "out/data/train.jsonl")
    assert [row["document"] for row in rows] == list(TEXTS[:2])
    opened = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert opened["train"]["document"][:] == list(TEXTS[:2])


def test_the_form_of_guidex_reads_back_as_the_document(ready: Folder, tmp_path: Path) -> None:
    # In the published rows, characters beyond U+FFFF come back as halves of surrogate pairs.
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    for row, text in zip(lines(tmp_path / "out/gollie/train.jsonl"), TEXTS, strict=False):
        assert list(row) == ["ids", "task_id", "scorer_cls", "labels", "text", "unlabelled_sentence"]
        held: dict[str, Any] = {}
        exec(str(row["text"]), held)
        assert held["text"] == row["unlabelled_sentence"] == text
        assert len(held["result"]) == 1


def test_what_is_not_kept_is_told_with_its_reason(ready: Folder, tmp_path: Path) -> None:
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    refused, duplicate, unread = lines(tmp_path / "out/rejected.jsonl")
    assert (refused["fate"], refused["id"], refused["text"], refused["stage"]) == (
        "rejected",
        "d2",
        "Bob slept.",
        "summary",
    )
    assert [one["code"] for one in refused["diagnostics"]] == ["GX607"]
    assert (duplicate["fate"], duplicate["id"], duplicate["of"]) == ("duplicate", "d3", "d0")
    assert unread["source"] == {"file": "in.jsonl", "row": 4, "line": 5}


def test_a_run_that_is_done_asks_nothing_and_writes_the_same(ready: Folder, tmp_path: Path) -> None:
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    before = tree(tmp_path / "out")
    # Nothing is left to replay, and nothing is missed.
    (tmp_path / "transcripts.jsonl").write_bytes(b"")
    done = ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    assert (done.returncode, "answers" in done.stderr) == (0, False)
    after = tree(tmp_path / "out")
    assert after == before
    assert sorted(before) == ["README.md", "data/train.jsonl", "gollie/train.jsonl", "guidex.toml", "rejected.jsonl"]


def test_what_was_not_recorded_then_may_be_later(ready: Folder, tmp_path: Path) -> None:
    recorded = (tmp_path / "transcripts.jsonl").read_bytes()
    ready.run("generate", "in.jsonl", "-o", "whole", *REPLAY)
    (tmp_path / "transcripts.jsonl").write_bytes(b"".join(recorded.splitlines(keepends=True)[:6]))
    done = ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    assert "1 kept, 3 rejected" in done.stderr
    (tmp_path / "transcripts.jsonl").write_bytes(recorded)
    done = ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    assert "2 kept, 2 rejected" in done.stderr
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_a_limit_can_be_raised(ready: Folder, tmp_path: Path) -> None:
    done = ready.run("generate", "in.jsonl", "-o", "out", "--limit", "1", *REPLAY)
    assert "1 document: 1 kept" in done.stderr
    ready.run("generate", "in.jsonl", "-o", "whole", *REPLAY)
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_a_dry_run_counts_and_writes_nothing(ready: Folder, tmp_path: Path) -> None:
    ready.write("guidex.toml", "[engine]\nprice-in = 1000\nprice-out = 2000\n")
    before = sorted(tmp_path.iterdir())
    done = ready.run("generate", "in.jsonl", "-o", "out", "--dry-run", *REPLAY)
    assert done.returncode == 0
    assert done.stdout.startswith("3 documents to ask about; 1 duplicate, 0 too long, 1 not read\n")
    summary, structure = (line.split() for line in done.stdout.splitlines()[3:5])
    assert (summary[0], "at" in summary[1], structure[:3]) == ("summary", False, ["structure", "at", "most"])
    assert "That costs at most" in done.stdout
    assert sorted(tmp_path.iterdir()) == before


def test_instances_are_written_for_guidelines_of_the_user(ready: Folder, tmp_path: Path) -> None:
    ready.write("people.py", GUIDELINES)
    done = ready.run("generate", "in.jsonl", "-o", "out", "--from", "structure", "--guidelines", "people.py", *REPLAY)
    assert done.returncode == 0
    rows = lines(tmp_path / "out/data/train.jsonl")
    assert [row["guidelines"] for row in rows] == [GUIDELINES] * 2
    assert ready.run("check", "out").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("generate", "-o", "out"), "name documents"),
        (("generate", "in.jsonl"), "name the folder to write with -o"),
        (("generate", "in.jsonl", "-o", "out", "--from", "structure"), "go together"),
        (("generate", "in.jsonl", "-o", "out", "--guidelines", "bad.py"), "go together"),
        (("generate", "in.jsonl", "-o", "out", "--from", "structure", "--guidelines", "bad.py"), "bad.py has 1 error"),
        (("generate", "in.jsonl", "-o", "out", "--from", "structure", "--guidelines", "none.py"), "no dataclass"),
        (("generate", "in.jsonl", "-o", "out", "--from", "structure", "--guidelines", "missing.py"), "cannot be read"),
        (("generate", "in.jsonl", "-o", "out", "--prompts", "nowhere"), "nowhere"),
        (("generate", "in.jsonl", "-o", "out", "--transcripts", "nowhere"), "nowhere"),
        (("generate", "in.jsonl", "-o", "out", "--engine", "openai"), "base"),
        (("generate", "in.jsonl", "-o", "in.jsonl"), "one of the files to read"),
        (("generate", "documents", "-o", "documents/out"), "stands among them"),
        (("generate", "documents/in.jsonl", "-o", "documents"), "holds one"),
        (("generate", "in.jsonl", "-o", "full"), "holds `precious.txt` and no journal"),
        (("generate", "in.jsonl", "-o", "bad.py"), "bad.py"),
    ],
)
def test_what_cannot_be_is_told_in_a_line_before_anything_is_written(
    ready: Folder, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    ready.write("bad.py", "from dataclasses import dataclass\n\n\n@dataclass\nclass A:\n    x: Strr\n")
    ready.write("none.py", "X = 1\n")
    ready.write("documents/in.jsonl", {"text": "Ada."})
    ready.write("full/precious.txt", "Ada")
    before = sorted(tmp_path.rglob("*"))
    done = ready.run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_that_can_be_read_leaves_what_is_there(ready: Folder, tmp_path: Path) -> None:
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    before = tree(tmp_path / "out")
    done = ready.run("generate", "missing.jsonl", "-o", "out", *REPLAY)
    assert done.returncode == 2
    assert "missing.jsonl" in done.stderr
    assert "nothing could be read" in done.stderr
    assert tree(tmp_path / "out") == before


def test_too_many_rejections_fail_where_that_is_asked_for(ready: Folder) -> None:
    assert ready.run("generate", "in.jsonl", "-o", "out", "--max-rejected", "20%", *REPLAY).returncode == 1
    assert ready.run("generate", "in.jsonl", "-o", "out", "--max-rejected", "60%", *REPLAY).returncode == 0


def test_a_run_goes_on_only_with_the_same_seed_and_prompts(ready: Folder, tmp_path: Path) -> None:
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    done = ready.run("generate", "in.jsonl", "-o", "out", "--seed", "1", *REPLAY)
    assert done.returncode == 2
    assert "out holds another run: its seed is `0`, not `1`" in done.stderr
    (tmp_path / "prompts").mkdir()
    for path in (Path(__file__).parent.parent / "prompts").glob("*.md"):
        (tmp_path / "prompts" / path.name).write_text(path.read_text("utf-8") + "\nBe brief.\n", "utf-8")
    done = ready.run("generate", "in.jsonl", "-o", "out", "--prompts", "prompts", *REPLAY)
    assert "out holds another run: its prompts is" in done.stderr


def test_two_runs_do_not_write_one_folder(ready: Folder, tmp_path: Path) -> None:
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    with Journal(tmp_path / "out"):
        done = ready.start("generate", "in.jsonl", "-o", "out", *REPLAY)
    assert (done.returncode, done.stderr) == (
        2,
        "guidex: another run is writing to out; wait for it, or name another folder\n",
    )


def test_what_a_killed_run_has_left_is_gone(ready: Folder, tmp_path: Path) -> None:
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    (tmp_path / "out/data/.train.jsonl.abc.part").write_bytes(b"half")
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    assert not list((tmp_path / "out").rglob(".*"))


def test_renamed_columns_are_those_of_the_output(ready: Folder, tmp_path: Path) -> None:
    ready.write(
        "guidex.toml", 'abstractive = ["*.mood"]\n[columns]\ndocument = "body"\nguidelines = "schema"\nid = "key"\n'
    )
    ready.write("other.jsonl", {"key": 7, "body": TEXTS[0]})
    assert ready.run("generate", "other.jsonl", "-o", "out", *REPLAY).returncode == 0
    (row,) = lines(tmp_path / "out/data/train.jsonl")
    assert (row["key"], row["body"], "guidelines" in row) == ("7", TEXTS[0], False)
    assert ready.run("check", "out").returncode == 0
    assert ready.run("check", "out", "--config", "out/guidex.toml").returncode == 0
    assert 'abstractive = ["*.mood"]' in (tmp_path / "out/guidex.toml").read_text()


def test_documents_that_are_too_long_are_refused_or_cut(ready: Folder, tmp_path: Path) -> None:
    ready.write("guidex.toml", "[engine]\ncontext = 2500\nmax-tokens = 200\n")
    ready.write("long.jsonl", {"id": "long", "text": "".join(f"Ada wrote letter {number}. " for number in range(300))})
    done = ready.run("generate", "long.jsonl", "-o", "refused")
    assert "GX606" in done.stderr
    (line,) = lines(tmp_path / "refused/rejected.jsonl")
    assert len(str(line["text"])) > 5_000
    done = ready.run("generate", "long.jsonl", "-o", "cut", "--long-documents", "window")
    windows = lines(tmp_path / "cut/rejected.jsonl")
    assert len(windows) > 1
    assert "".join(str(one["text"]) for one in windows) == line["text"]
    places = [one["window"] for one in windows]
    assert [place["start"] for place in places[1:]] == [place["end"] for place in places[:-1]]
    assert {place["parent"] for place in places} == {line["document"]}


@pytest.mark.parametrize(("environment", "is_shown"), [({}, True), ({"TERM": "dumb"}, False)])
def test_terminals_show_how_far_a_run_is(ready: Folder, environment: dict[str, str], is_shown: bool) -> None:
    ours, theirs = os.openpty()
    try:
        command = [*GUIDEX, "generate", "in.jsonl", "-o", "out", *REPLAY]
        variables = ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "160", "NO_COLOR": "1"} | environment
        done = subprocess.run(command, cwd=ready.path, env=variables, stderr=theirs, timeout=60, check=False)
        shown = os.read(ours, 65_536).decode("utf-8")
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0
    assert "5 documents: 2 kept" in shown
    assert ("5 of 5" in shown and "2 kept, 2 rejected" in shown and "tokens/s" in shown) == is_shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", shown)
