"""The journal: what is answered stays answered, whatever becomes of the run, the disk or the file."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.error import UsageError
from guidex_schema.generation import journal
from guidex_schema.generation.engine import Answer, Completion, Failure, Message, Request
from guidex_schema.generation.engines import start
from guidex_schema.generation.journal import NAME, Journal
from guidex_schema.generation_settings import EngineSettings

IDENTITY = {"model": "a", "seed": "0"}


@pytest.fixture(scope="module", autouse=True)
def _without_waiting_for_disks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "_SYNCHRONOUS", "OFF")
        yield


def request(document: str = "d" * 64, attempt: int = 0, prompt: str = "Write.") -> Request:
    messages = (Message(role="user", content=prompt),)
    return Request(document=document, stage="summary", attempt=attempt, messages=messages, seed=7, max_tokens=9)


def completion(text: str, model: str = "m") -> Completion:
    return Completion(text=text, is_cut=True, prompt_tokens=3, output_tokens=5, model=model)


def kept(one: Journal, asked: Request) -> Completion | Failure | None:
    return one.answer((asked.document, asked.stage, asked.attempt), asked.messages)


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_an_answer_is_given_again_as_it_was(text: str, prompt: str) -> None:
    asked = request(prompt=prompt)
    with TemporaryDirectory() as folder:
        with Journal(Path(folder)) as one:
            one.identify(IDENTITY)
            one.record([(asked, completion(text, text))])
            before = kept(one, asked)
        with Journal(Path(folder)) as one:
            one.identify(IDENTITY)
            assert kept(one, asked) == before
    assert isinstance(before, Completion)
    # What UTF-8 cannot hold is escaped, before anything is made of the answer.
    assert before.text == text.encode("utf-8", "backslashreplace").decode("utf-8")
    assert before == completion(before.text, before.text)


def test_refusals_are_answers_and_failures_are_none(tmp_path: Path) -> None:
    refused = Failure(reason="too long", kind="refused")
    answers: list[Answer] = [
        (request(), refused),
        (request(attempt=1), Failure(reason="down", kind="unavailable")),
    ]
    with Journal(tmp_path) as one:
        one.identify(IDENTITY)
        one.record(answers)
        assert kept(one, request()) == refused
        assert kept(one, request(attempt=1)) is None
        assert one.holds("d" * 64)
        assert not one.holds("e" * 64)


def test_windows_are_kept(tmp_path: Path) -> None:
    with Journal(tmp_path) as one:
        one.cut("a", [(0, 3), (3, 9)])
        one.cut("b", [])
        assert [one.spans(name) for name in "abc"] == [((0, 3), (3, 9)), (), None]


def test_an_answer_to_another_prompt_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path) as one:
        one.record([(request(), completion("x"))])
        with pytest.raises(UsageError, match="another prompt"):
            kept(one, request(prompt="Write more."))


def test_two_runs_do_not_write_one_journal(tmp_path: Path) -> None:
    with Journal(tmp_path) as one:
        one.identify(IDENTITY)
        with pytest.raises(UsageError, match="another run is writing to"):
            Journal(tmp_path)
        one.record([(request(), completion("x"))])
    with Journal(tmp_path) as one:
        assert kept(one, request()) == completion("x")


def test_what_differs_from_the_run_before_is_named(tmp_path: Path) -> None:
    with Journal(tmp_path) as one:
        one.identify(IDENTITY)
        one.begin()
    with Journal(tmp_path) as one, pytest.raises(UsageError) as caught:
        one.identify({"model": "b \x1b[31m", "seed": "0", "context": "9"})
    words = str(caught.value)
    assert r"its model is `a`, not `b \x1b[31m`" in words
    assert "its context is not known, not `9`" in words
    assert "seed" not in words


def test_a_journal_of_no_run_leaves_nothing(tmp_path: Path) -> None:
    with Journal(tmp_path) as one:
        # A run that has nothing to keep binds nobody.
        one.identify(IDENTITY)
    assert not list(tmp_path.iterdir())


def test_a_request_that_gets_no_answer_in_three_runs_is_refused(tmp_path: Path) -> None:
    silent = Failure(reason="it fails", kind="unavailable")
    gone = Failure(reason="connection refused", kind="unavailable", is_gone=True)
    found = []
    for number in range(8):
        with Journal(tmp_path) as one:
            one.identify(IDENTITY)
            one.forget_refusals()
            one.record([(request(), gone if number % 2 else silent)])
            found.append(kept(one, request()))
    refused = [one for one in found if one is not None]
    # Nobody's fault is it that a server is not there.
    assert [one is None for one in found] == [True] * 4 + [False, True] * 2
    assert [one.reason for one in refused if isinstance(one, Failure)] == [
        "no answer in 3 runs: it fails",
        "no answer in 4 runs: it fails",
    ]


@given(st.lists(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans())), max_size=4))
def test_records_that_stood_there_are_missed(runs: list[list[tuple[str, bool]]]) -> None:
    published: set[str] = set()
    with TemporaryDirectory() as folder:
        for run in runs:
            with Journal(Path(folder)) as one:
                one.identify(IDENTITY)
                one.begin()
                for document, is_kept in run:
                    one.meet(document, is_kept=is_kept)
                assert one.records() == len(published)
                assert one.missed() == len(published - {document for document, _ in run})
                one.publish()
            published = {document for document, is_kept in run if is_kept}


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be one" * 100, b"SQLite format 3\0" + b"x" * 5_000]
)
def test_a_file_that_is_no_journal_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(UsageError, match="damaged, or no journal"):
        Journal(tmp_path)
    assert (tmp_path / NAME).read_bytes() == content


def test_a_database_of_others_is_left_as_it_is(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as other:
        other.execute("CREATE TABLE mail (text)")
    other.close()
    content = (tmp_path / NAME).read_bytes()
    with pytest.raises(UsageError, match="no journal of guidex"):
        Journal(tmp_path)
    assert (tmp_path / NAME).read_bytes() == content


def test_a_journal_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path) as one:
        one.identify(IDENTITY)
    with sqlite3.connect(tmp_path / NAME) as later:
        later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(UsageError, match="a later guidex"):
        Journal(tmp_path)


def test_a_damaged_journal_says_so(tmp_path: Path) -> None:
    with Journal(tmp_path) as one:
        one.identify(IDENTITY)
        one.record([(request(attempt=number), completion("x" * 5_000)) for number in range(50)])
    data = bytearray((tmp_path / NAME).read_bytes())
    data[4096:-4096] = b"\xff" * (len(data) - 8192)
    (tmp_path / NAME).write_bytes(data)
    with pytest.raises(UsageError, match="damaged"):
        _read_all(tmp_path)


def _read_all(folder: Path) -> None:
    with Journal(folder) as one:
        one.identify(IDENTITY)
        for number in range(50):
            kept(one, request(attempt=number))


def test_a_full_disk_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    with Journal(tmp_path) as one:
        one.identify(IDENTITY)
        one.record([(request(), completion("x"))])
        pages = one._database.execute("PRAGMA page_count").fetchone()[0]
        one._database.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(
            UsageError, match=r"cannot be written: database or disk is full.*run the same command again"
        ):
            one.record([(request(attempt=1), completion("x")), (request(attempt=2), completion("x" * 100_000))])
        # All or none, and the journal can still be used.
        assert kept(one, request(attempt=1)) is None
        assert kept(one, request()) == completion("x")
        one._database.execute("PRAGMA max_page_count = 100000")
        one.record([(request(attempt=1), completion("y"))])
    with Journal(tmp_path) as one:
        one.identify(IDENTITY)
        assert [kept(one, request(attempt=number)) for number in (0, 1)] == [completion("x"), completion("y")]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing.journal\.sqlite cannot be written"):
        Journal(tmp_path / "missing")


def test_a_journal_can_be_replayed(tmp_path: Path) -> None:
    with Journal(tmp_path) as one:
        one.identify(IDENTITY)
        one.record([(request(), completion("x"))])
    engine = start(EngineSettings(name="replay", transcripts=str(tmp_path / NAME)))
    engine.submit(request())
    assert engine.collect() == [(request(), completion("x"))]
