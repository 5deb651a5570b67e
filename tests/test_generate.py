"""``guidex generate``: the command, what it writes, and what it says when something is wrong."""

import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
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
    ready.write("transcripts.jsonl", {"document": "-", "stage": "summary", "attempt": 0, "text": "-"})
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


def test_records_are_judged_outside_as_they_were_in_the_run(ready: Folder, tmp_path: Path) -> None:
    text = "Ada wrote."
    digest = SourceDocument("", text, "", 0).digest
    guidelines = GUIDELINES + '\n    mood: str\n    """The mood of the person, in one of the words of the text."""\n'
    answers = GOOD | {"guideline": f"```python\n{guidelines}```", "instances": '[Person(name="Ada", mood="glad")]'}
    told = [{"document": digest, "stage": stage, "attempt": 0, "text": answers[stage]} for stage in answers]
    ready.write("transcripts.jsonl", *told)
    ready.write("one.jsonl", {"text": text})
    ready.write("guidex.toml", 'abstractive = ["*.mood"]\nextend-select = ["GX1"]\n[thresholds]\nsimilarity = 0.5\n')
    done = ready.run("generate", "one.jsonl", "-o", "out", *REPLAY)
    assert "1 kept" in done.stderr, done.stderr
    (tmp_path / "guidex.toml").unlink()
    # The project does not say any more what it asked for; what the run has written does.
    assert ready.run("check", "out").returncode == 1
    assert ready.run("check", "out", "--config", "out/guidex.toml").returncode == 0
    assert ready.shell("cd out && guidex check .").returncode == 0
    done = ready.run("generate", "one.jsonl", "-o", "out", *REPLAY)
    assert done.returncode == 2
    assert "its abstractive is" in done.stderr


def test_records_that_stand_there_are_not_dropped(ready: Folder, tmp_path: Path) -> None:
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    before = tree(tmp_path / "out")
    done = ready.run("generate", "in.jsonl", "-o", "out", "--limit", "1", *REPLAY)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "out would lose 1 record beyond --limit" in done.stderr
    ready.write("one.jsonl", {"text": TEXTS[1]})
    done = ready.run("generate", "one.jsonl", "-o", "out", *REPLAY)
    assert done.returncode == 2
    assert "nothing is overwritten" in done.stderr
    assert tree(tmp_path / "out") == before
    # What was rejected may be left out, and who takes the records away wants them no more.
    ready.write("good.jsonl", *({"id": f"d{number}", "text": TEXTS[number]} for number in range(2)))
    assert ready.run("generate", "good.jsonl", "-o", "out", *REPLAY).returncode == 0
    (tmp_path / "out/data/train.jsonl").unlink()
    assert ready.run("generate", "one.jsonl", "-o", "out", *REPLAY).returncode == 0
    assert len(lines(tmp_path / "out/data/train.jsonl")) == 1


def test_a_name_that_is_mistyped_begins_no_run(ready: Folder, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    done = ready.run("generate", "nonexist", "-o", "out", *REPLAY)
    assert (done.returncode, "nothing is written" in done.stderr) == (2, True)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--base-url", "http://127.0.0.1:9/v1"), "--base-url is for the engine openai or ray, and this one is replay"),
        (("--model", "m"), "--model is for the engine openai or ray or vllm, and this one is replay"),
        (("--engine", "openai", *REPLAY), "--transcripts is for the engine replay, and this one is openai"),
    ],
)
def test_what_an_engine_makes_nothing_of_is_refused(ready: Folder, given: tuple[str, ...], words: str) -> None:
    done = ready.run("generate", "in.jsonl", "-o", "out", *given)
    assert (done.returncode, done.stderr) == (2, f"guidex: {words}\n")


@pytest.mark.parametrize(
    "line", ["context = 512", "max-tokens = 100000", "price-in = inf", "timeout = inf", "price-out = nan"]
)
def test_settings_that_leave_no_room_are_refused(ready: Folder, line: str) -> None:
    ready.write("guidex.toml", f"[engine]\n{line}\n")
    done = ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    assert done.returncode == 2
    assert line.split()[0] in done.stderr


def test_a_dry_run_says_what_it_cannot_read(ready: Folder) -> None:
    done = ready.run("generate", "in.jsonl", "missing.jsonl", "--dry-run", *REPLAY)
    assert done.returncode == 1
    assert "in.jsonl:5" in done.stderr
    assert "missing.jsonl" in done.stderr
    done = ready.run("generate", "missing.jsonl", "--dry-run", *REPLAY)
    assert done.returncode == 2


def test_a_pipe_is_no_text_file(ready: Folder, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    done = ready.start("generate", "pipe.txt", "-o", "out", *REPLAY)
    assert done.returncode == 2
    assert "no regular file" in done.stderr


def test_a_folder_without_documents_is_told_what_could_stand_there(ready: Folder, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = ready.run("generate", "empty", "-o", "out", *REPLAY)
    assert done.returncode == 2
    assert ".txt, .md, " in done.stderr


def test_a_folder_with_an_empty_journal_is_somebody_elses(ready: Folder, tmp_path: Path) -> None:
    ready.write("out/README.md", "mine")
    ready.write("out/journal.sqlite", "")
    assert "holds `README.md` and no journal" in ready.run("generate", "in.jsonl", "-o", "out", *REPLAY).stderr
    assert (tmp_path / "out/README.md").read_text() == "mine"


def test_where_nothing_is_kept_that_is_said(ready: Folder, tmp_path: Path) -> None:
    ready.write("bad.jsonl", {"text": "Bob slept."})
    done = ready.run("generate", "bad.jsonl", "-o", "out", *REPLAY)
    assert "there are no records; out/rejected.jsonl says why" in done.stderr
    assert sorted(tree(tmp_path / "out")) == ["README.md", "guidex.toml", "rejected.jsonl"]
    done = ready.run("check", "out")
    assert done.returncode == 2
    assert "data/train.jsonl" in done.stdout + done.stderr
    # More documents may come.
    assert ready.run("generate", "bad.jsonl", "in.jsonl", "-o", "out", *REPLAY).returncode == 0
    assert len(lines(tmp_path / "out/data/train.jsonl")) == 2


def test_a_replayed_journal_says_with_what_it_was_recorded(ready: Folder, tmp_path: Path) -> None:
    ready.run("generate", "in.jsonl", "-o", "out", *REPLAY)
    (row, _) = lines(tmp_path / "out/data/train.jsonl")
    # Nobody has sampled what was written by hand.
    assert (row["provenance"]["seed"], row["provenance"]["prompts"]) == (None, None)
    with closing(sqlite3.connect(tmp_path / "out/journal.sqlite")) as recorded:
        recorded.execute("UPDATE run SET value = 'openai' WHERE name = 'engine'")
        recorded.execute("UPDATE run SET value = '7' WHERE name = 'seed'")
        recorded.commit()
        prompts = recorded.execute("SELECT value FROM run WHERE name = 'prompts'").fetchone()[0]
    for number, source in enumerate(("out", "again0")):
        out = f"again{number}"
        ready.run("generate", "in.jsonl", "-o", out, "--seed", "99", "--transcripts", f"{source}/journal.sqlite")
        provenance = lines(tmp_path / out / "data/train.jsonl")[0]["provenance"]
        assert (provenance["seed"], provenance["prompts"]) == (7, prompts)
    (tmp_path / "prompts").mkdir()
    for path in (Path(__file__).parent.parent / "prompts").glob("*.md"):
        (tmp_path / "prompts" / path.name).write_text(path.read_text("utf-8") + "\nBe brief.\n", "utf-8")
    done = ready.run(
        "generate", "in.jsonl", "-o", "other", "--prompts", "prompts", "--transcripts", "out/journal.sqlite"
    )
    assert "0 kept" in done.stderr
    assert "to another prompt" in (tmp_path / "other/rejected.jsonl").read_text()


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
    assert ("━" in shown) == is_shown
    # What is said stands above the bar, in a line of its own.
    assert re.search(r"(^|\n|\x1b\[2K)in\.jsonl:5[^\n\x1b]*\r\n", shown)
    assert ("5 of 5" in shown and "2 kept, 2 rejected" in shown and "tokens/s" in shown) == is_shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", shown)
