"""A run over the documents of the fixtures with the transcripts that come with the package, from end to end."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import datasets
import pytest

from command import Folder, codes
from guidex_schema import GroundedDocument
from test_transcripts import FINDINGS
from transcripts import digest, document, transcripts

FIXTURES = Path(__file__).parent.parent / "fixtures"
# Its repairs are exhausted.
GIVEN_UP = "sport-es-1"
KEPT = [name for name in sorted({one.document for one in transcripts()}) if name != GIVEN_UP]


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def without_journal(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in bytes_of(folder).items() if name != "journal.sqlite"}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Give a folder with the documents of the fixtures and what was generated from them; tests leave it as it is."""
    folder = Folder(tmp_path_factory.mktemp("generated"))
    shutil.copytree(FIXTURES / "documents", folder.path / "documents")
    done = folder.start("generate", "documents", "-o", "out")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def within(generated: Folder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    """Give that folder as the one in which the command runs, and see to it that nothing has changed in the end."""
    before = bytes_of(generated.path / "out")
    monkeypatch.chdir(generated.path)
    yield generated
    assert bytes_of(generated.path / "out") == before


def test_what_is_kept_has_nothing_to_find(within: Folder) -> None:
    done = within.run("check", "out", "--output-format", "json-lines")
    assert (done.returncode, codes(done.stdout)) == (0, [])


def test_all_documents_are_accounted_for(within: Folder) -> None:
    kept = [row["id"] for row in rows(within.path / "out/data/train.jsonl")]
    rejected = [row["id"] for row in rows(within.path / "out/rejected.jsonl")]
    assert kept == [f"{name}.txt" for name in KEPT]
    assert rejected == [f"{GIVEN_UP}.txt"]


def test_what_was_rejected_is_there_with_its_reason_and_all_that_was_answered(within: Folder) -> None:
    (row,) = rows(within.path / "out/rejected.jsonl")
    found = row["diagnostics"]
    assert isinstance(found, list)
    assert (row["text"], row["document"]) == (document(GIVEN_UP), digest(document(GIVEN_UP)))
    assert [one["code"] for one in found] == [*FINDINGS[GIVEN_UP, "instances", 2], "GX605"]
    answers = [{"stage": one.stage, "attempt": one.attempt} for one in transcripts() if one.document == GIVEN_UP]
    assert row["answers"] == answers


def test_a_document_that_nobody_has_answered_is_not_lost(folder: Folder) -> None:
    folder.write("in/rows.jsonl", {"id": "new", "text": "A document that is not among the fixtures."})
    done = folder.run("generate", "in", "-o", "out")
    (row,) = rows(folder.path / "out/rejected.jsonl")
    found = row["diagnostics"]
    assert isinstance(found, list)
    assert (done.returncode, row["id"], [one["code"] for one in found]) == (0, "new", ["GX607"])
    assert "no transcript of stage summary" in found[0]["message"]


def test_rows_say_where_they_come_from(within: Folder) -> None:
    for row in rows(within.path / "out/data/train.jsonl"):
        provenance = row["provenance"]
        assert isinstance(provenance, dict)
        name = str(row["id"]).removesuffix(".txt")
        assert provenance["engine"] == "replay"
        assert provenance["model"] == "hand-written"
        assert provenance["decoding"] == "replayed"
        assert provenance["document"] == digest(str(row["document"])) == digest(document(name))
        assert [(one["stage"], one["attempt"]) for one in provenance["answers"]] == [
            (one.stage, one.attempt) for one in transcripts() if one.document == name
        ]


def test_every_value_stands_in_its_document(within: Folder) -> None:
    done = within.run("ground", "out", "--quiet")
    values = [json.loads(line) for line in done.stdout.splitlines()]
    documents = {str(row["id"]): str(row["document"]) for row in rows(within.path / "out/data/train.jsonl")}
    assert len(values) >= 4 * len(KEPT)
    for value in values:
        text = documents[value["record"]["id"]]
        # What a Literal or a bool says needs no place; all else is written as the document has it.
        if value["status"] == "not-applicable":
            continue
        assert value["status"] == "exact"
        assert text[value["start"] : value["end"]] == value["evidence"] == str(value["value"])
        assert GroundedDocument(text).ground(value["evidence"]).status == "exact"


def test_the_form_of_guidex_is_as_good(within: Folder) -> None:
    done = within.run("check", "out/gollie", "--output-format", "json-lines")
    assert (done.returncode, codes(done.stdout)) == (0, [])
    theirs = rows(within.path / "out/gollie/train.jsonl")
    ours = rows(within.path / "out/data/train.jsonl")
    assert [(row["ids"], row["labels"], row["unlabelled_sentence"]) for row in theirs] == [
        ([row["id"]], row["labels"], row["document"]) for row in ours
    ]


def test_it_opens_as_a_dataset(within: Folder, tmp_path: Path) -> None:
    opened = datasets.load_dataset(str(within.path / "out"), cache_dir=str(tmp_path))
    assert {split: part.num_rows for split, part in opened.items()} == {"train": len(KEPT)}
    assert opened["train"]["id"][:] == [f"{name}.txt" for name in KEPT]


def test_a_second_run_asks_nothing_and_leaves_every_byte(within: Folder) -> None:
    done = within.run("generate", "documents", "-o", "out")
    assert done.returncode == 0
    # That nothing has changed is held by the fixture, the journal included.


def test_a_run_that_was_limited_goes_on_with_the_rest(within: Folder, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    assert within.run("generate", "documents", "-o", out, "--limit", "5").returncode == 0
    assert within.run("generate", "documents", "-o", out).returncode == 0
    assert without_journal(tmp_path / "out") == without_journal(within.path / "out")


def test_another_run_writes_the_same(within: Folder, tmp_path: Path) -> None:
    assert within.run("generate", "documents", "-o", str(tmp_path / "out")).returncode == 0
    assert without_journal(tmp_path / "out") == without_journal(within.path / "out")


def test_the_journal_of_a_run_can_be_replayed(within: Folder, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    done = within.run("generate", "documents", "-o", out, "--transcripts", "out/journal.sqlite")
    assert done.returncode == 0
    assert (tmp_path / "out/data/train.jsonl").read_bytes() == (within.path / "out/data/train.jsonl").read_bytes()


def test_a_dataset_of_documents_gives_the_same_records_as_their_files(within: Folder, tmp_path: Path) -> None:
    names = [*KEPT, GIVEN_UP]
    Folder(tmp_path).write("in/rows.jsonl", *({"id": f"{name}.txt", "text": document(name)} for name in names))
    assert within.run("generate", str(tmp_path / "in/rows.jsonl"), "-o", str(tmp_path / "out")).returncode == 0
    columns = ("id", "guidelines", "labels", "document")
    records = [{name: row[name] for name in columns} for row in rows(tmp_path / "out/data/train.jsonl")]
    assert records == [{name: row[name] for name in columns} for row in rows(within.path / "out/data/train.jsonl")]


def test_too_many_rejected_fail(within: Folder, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    assert within.run("generate", "documents", "-o", out, "--max-rejected", "1%").returncode == 1
