"""The engine that gives what was recorded."""

import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.error import UsageError
from guidex_schema.generation.engine import Completion, Failure, Message, Request
from guidex_schema.generation.engines import start
from guidex_schema.generation.engines.replay import ReplayEngine, Transcript
from guidex_schema.generation.journal import written
from guidex_schema.generation.probe import enforced_dialect, enforces_schema
from guidex_schema.generation_settings import EngineSettings

LINE: Mapping[str, object] = {"document": "d", "stage": "summary", "attempt": 0, "text": "- It rains.", "model": "one"}

transcripts = st.lists(
    st.builds(
        Transcript,
        document=st.text("ab", min_size=1, max_size=2),
        stage=st.sampled_from(["summary", "structure", "guideline", "instances"]),
        attempt=st.integers(0, 3),
        text=st.text(),
        is_cut=st.booleans(),
        prompt_tokens=st.none() | st.integers(0, 9_000),
        output_tokens=st.integers(0, 9_000),
        model=st.sampled_from(["one", "two"]),
    ),
    unique_by=lambda one: one.key,
    min_size=1,
    max_size=12,
)


def asking(one: Transcript) -> Request:
    message = Message(role="user", content="?")
    return Request(
        document=one.document, stage=one.stage, attempt=one.attempt, messages=(message,), seed=0, max_tokens=9
    )


def replayed(path: Path) -> ReplayEngine:
    one = start(EngineSettings(transcripts=str(path)))
    assert isinstance(one, ReplayEngine)
    return one


@given(recorded=transcripts, data=st.data())
def test_what_was_recorded_is_given_in_whatever_order_it_is_asked_for(
    recorded: list[Transcript], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = tmp_path_factory.mktemp("replay") / "transcripts.jsonl"
    lines.write_text("\n".join(json.dumps(one.model_dump()) for one in recorded), encoding="utf-8")
    journal = lines.with_name("journal.sqlite")
    with closing(sqlite3.connect(journal)) as connection:
        connection.execute(
            "CREATE TABLE completions (document TEXT, stage TEXT, attempt INTEGER, seed INTEGER, prompt TEXT,"
            " text TEXT, is_cut INTEGER, prompt_tokens INTEGER, output_tokens INTEGER, model TEXT)"
        )
        connection.execute("CREATE TABLE run AS SELECT 'seed' AS name, '7' AS value")
        connection.executemany(
            "INSERT INTO completions VALUES (:document, :stage, :attempt, 0, :asked, :text, :is_cut, :prompt_tokens,"
            " :output_tokens, :model)",
            [{**one.model_dump(), "asked": written(asking(one).messages)} for one in recorded],
        )
        connection.commit()
    asked = data.draw(st.permutations(recorded))
    for path in (lines, journal):
        engine = replayed(path)
        for one in asked:
            engine.submit(asking(one))
        assert list(engine.collect()) == [(asking(one), one.completion(asking(one))) for one in asked]
        assert engine.collect() == []
        assert engine.model == ", ".join(sorted({one.model for one in recorded}))
        assert (engine.seed, engine.prompts) == (7 if path is journal else None, None)


def test_those_of_the_package_are_the_default() -> None:
    engine = start(EngineSettings())
    assert engine.name == "replay"
    assert engine.model != "replay"
    engine.close()


def test_a_request_that_was_not_recorded_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(json.dumps(LINE) + "\n")
    engine = replayed(path)
    engine.submit(asking(Transcript.model_validate({**LINE, "attempt": 1})))
    ((_, got),) = engine.collect()
    assert isinstance(got, Failure)
    assert got.kind == "refused"
    assert "no transcript of stage summary, attempt 1" in got.reason
    assert "--engine" in got.reason


def test_nothing_enforces_a_grammar_in_a_replay() -> None:
    engine = start(EngineSettings())
    assert enforced_dialect(engine, seed=1) is None
    assert not enforces_schema(engine, seed=1)


@given(st.lists(st.text()))
def test_tokens_are_estimated_alike_each_time(texts: list[str]) -> None:
    engine = ReplayEngine((), "the package", width=1, context=9)
    messages = tuple(Message(role="user", content=text) for text in texts)
    assert engine.count(messages) == engine.count(messages)
    assert engine.count(messages) <= sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "Expecting property name"),
        ("\x00\x1b[31m", "Expecting value"),
        ("[" * 100_000, "recursion"),
        ("[]", "valid dictionary"),
        (json.dumps({"document": "d"}), "stage: Field required"),
        (json.dumps({**LINE, "attempt": "first"}), "attempt: Input should be a valid integer"),
        (json.dumps({**LINE, "surplus\x1b[31m": 1}), r"surplus\x1b[31m: Extra inputs"),
        (json.dumps({**LINE, "attempt": -1}), "attempt: Input should be greater than or equal to 0"),
        (json.dumps({**LINE, "stage": "sumary"}), "stage: Input should be 'summary'"),
        (json.dumps(LINE), "line 3 repeats the request of 1"),
    ],
)
def test_damaged_transcripts_are_told_with_line_and_fault(line: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(json.dumps(LINE) + "\n\n" + line + "\n")
    with pytest.raises(UsageError, match=re.escape(fault)) as told:
        replayed(path)
    assert "line 3" in str(told.value)
    assert str(told.value).isprintable()


def test_transcripts_without_an_answer_are_told(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_bytes(b"\n\n")
    with pytest.raises(UsageError, match="are empty"):
        replayed(path)


def test_an_answer_to_another_prompt_is_none() -> None:
    recorded = Transcript.model_validate({**LINE, "prompt": written((Message(role="user", content="!"),))})
    engine = ReplayEngine([recorded], "it", width=1, context=9)
    engine.submit(asking(recorded))
    ((_, got),) = engine.collect()
    assert isinstance(got, Failure)
    assert "to another prompt" in got.reason


def test_bytes_that_are_no_text_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_bytes(b'{"document": "\xff"}\n')
    with pytest.raises(UsageError, match="damaged in line 1"):
        replayed(path)


@pytest.mark.parametrize("content", [b"SQLite format 3\0" + b"\xff" * 5_000, None])
def test_a_database_that_is_no_journal_is_told(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "a?b%20#.sqlite"
    if content is None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE other (a)")
    else:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"cannot be replayed: .*(not a database|malformed|no such table)"):
        replayed(path)


def test_transcripts_that_are_not_there_are_told(tmp_path: Path) -> None:
    for name in ("nowhere.jsonl", ".", "x" * 300):
        with pytest.raises(UsageError, match="cannot be read"):
            replayed(tmp_path / name)


def test_tokens_that_were_not_counted_are_estimated() -> None:
    recorded = Transcript.model_validate({**LINE, "output_tokens": 2})
    assert recorded.completion(asking(recorded)) == Completion(
        text="- It rains.", is_cut=False, prompt_tokens=1, output_tokens=2, model="one"
    )
    assert Transcript.model_validate(LINE).completion(asking(recorded)).output_tokens == 3


@pytest.mark.parametrize("is_open", [True, False])
def test_a_journal_is_read_while_it_is_written_and_left_as_it_was(is_open: bool, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE completions AS SELECT 'd' AS document, 'summary' AS stage, 0 AS attempt, 'x' AS text,"
            " '[]' AS prompt, 0 AS is_cut, 1 AS prompt_tokens, 2 AS output_tokens, 'one' AS model"
        )
        connection.execute("CREATE TABLE run AS SELECT 'seed' AS name, '7' AS value")
        connection.commit()
        if is_open:
            assert replayed(path).model == "one"
    if not is_open:
        before = sorted(tmp_path.iterdir())
        assert replayed(path).model == "one"
        assert sorted(tmp_path.iterdir()) == before
