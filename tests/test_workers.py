"""Workers: whoever reads the rows and whenever each is done, what comes of them is the same and in order."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import ANY

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crew_work import Deadly, Play
from guidex_schema import crew, workers, workplace
from guidex_schema.datasets import COLUMNS, Row, read_jsonl
from guidex_schema.datasets.block import Waiting
from guidex_schema.datasets.piece_source import Source
from guidex_schema.datasets.shard import Piece, pieces_of_file
from guidex_schema.error import IsolationError, UsageError, WorkerError
from guidex_schema.isolation import Isolation
from guidex_schema.workplace import Request


def line(labels: str) -> bytes:
    return json.dumps({"guidelines": "", "labels": labels}).encode() + b"\n"


def rows(*labels: str) -> list[Row]:
    return list(read_jsonl(b"".join(map(line, labels)), "rows.jsonl"))


def pieces(found: list[Row], size: int) -> Iterator[Piece]:
    for start in range(0, len(found), size):
        yield tuple(found[start : start + size])


def by_crew(folder: Path, *labels: str, size: int = 2, jobs: int = 2) -> list[object]:
    return list(crew.Crew(Play(folder), jobs, lambda _: None).results(Source(pieces(rows(*labels), size))))


def processes(folder: Path) -> set[int]:
    return {int(path.stem) for path in folder.glob("*.begun")}


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def assert_all_gone(found: set[int]) -> None:
    deadline = time.monotonic() + 20
    while any(map(is_running, found)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [one for one in found if is_running(one)]


@settings(max_examples=8)
@given(st.lists(st.sampled_from(("a", "b", "sleep 0.01", "large 200000")), min_size=1, max_size=12), st.integers(1, 4))
def test_the_order_is_that_of_the_rows(tmp_path_factory: pytest.TempPathFactory, labels: list[str], size: int) -> None:
    folder = tmp_path_factory.getbasetemp()
    with Play(folder).begin() as begun:
        expected = list(begun.results(rows(*labels)))
    assert list(workers.results(Play(folder), pieces(rows(*labels), size), 1)) == expected
    for jobs in (1, 3):
        assert by_crew(folder, *labels, size=size, jobs=jobs) == expected


def test_any_completion_order_gives_the_order_of_the_rows(tmp_path: Path) -> None:
    labels = ["sleep 0.3", "sleep 0.2", *["a"] * 20, "sleep 0.1", "b"]
    assert by_crew(tmp_path, *labels, size=1, jobs=3) == [f"{number} {one}" for number, one in enumerate(labels)]
    assert len(processes(tmp_path)) == 3
    assert {path.stem for path in tmp_path.glob("*.ended")} == {path.stem for path in tmp_path.glob("*.begun")}


def test_the_order_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"".join(line(f"row {number}") for number in range(200)))
    for jobs in (1, 2, 3):
        found = workers.results(Play(tmp_path), pieces_of_file(str(path), COLUMNS, size=500), jobs)
        assert list(found) == [f"{number} row {number}" for number in range(200)]


def test_little_is_read_in_this_process(tmp_path: Path) -> None:
    assert list(workers.results(Play(tmp_path), pieces(rows("a", "b"), 1), 8)) == ["0 a", "1 b"]
    assert processes(tmp_path) == {os.getpid()}
    path = tmp_path / "rows.jsonl"
    path.write_bytes(line("x" * 1_000) * 300)
    assert len(list(workers.results(Play(tmp_path), pieces_of_file(str(path), COLUMNS), 8))) == 300
    assert len(processes(tmp_path)) > 2


def test_there_are_never_more_workers_than_pieces(tmp_path: Path) -> None:
    assert by_crew(tmp_path, *"abcdef", size=2, jobs=64) == [f"{number} {one}" for number, one in enumerate("abcdef")]
    assert len(processes(tmp_path)) <= 3


@pytest.mark.parametrize("word", ["kill", "exit", "memory", "unpicklable"])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_the_row_that_ends_a_worker_again_costs_no_other(tmp_path: Path, word: str, size: int) -> None:
    labels = ["a", "b", word, "c", "d", word, "e"]
    found = by_crew(tmp_path, *labels, size=size)
    expected = [f"{number} {one}" for number, one in enumerate(labels)]
    for number in (2, 5):
        assert str(found[number]).startswith(f"{number} failed: ")
        expected[number] = str(found[number])
    assert found == expected
    said = {"kill": "ended by SIGKILL", "exit": "exit code 3", "memory": "MemoryError()", "unpicklable": "local object"}
    assert said[word] in str(found[2])
    assert_all_gone(processes(tmp_path) - {os.getpid()})


@pytest.mark.parametrize("size", [1, 3])
def test_what_cannot_be_read_of_an_answer_is_told_and_costs_no_other(tmp_path: Path, size: int) -> None:
    found = by_crew(tmp_path, "a", "unreadable", "b", size=size)
    assert found[::2] == ["0 a", "2 b"]
    assert "what came of a row of this file cannot be read: ValueError(" in str(found[1])
    assert len(found) == 3


def test_a_row_that_ends_a_worker_once_is_read_all_the_same(tmp_path: Path) -> None:
    assert by_crew(tmp_path, "a", "kill-once", "b", "kill-once") == ["0 a", "1 kill-once", "2 b", "3 kill-once"]


def test_whoever_kills_workers_changes_nothing(tmp_path: Path) -> None:
    labels = ["sleep 0.02"] * 40
    found = []
    killed: set[int] = set()
    for one in crew.Crew(Play(tmp_path), 2, lambda _: None).results(Source(pieces(rows(*labels), 2))):
        found.append(one)
        victims = {process for process in processes(tmp_path) if is_running(process)} - killed
        if len(found) in (4, 12, 20) and victims:
            killed.add(victim := max(victims))
            os.kill(victim, signal.SIGKILL)
    assert found == [f"{number} sleep 0.02" for number in range(40)]
    assert killed
    assert_all_gone(processes(tmp_path) - {os.getpid()})


def test_a_piece_whose_reading_ends_a_worker_is_told(tmp_path: Path) -> None:
    sent = Source([Deadly(rows("a", "b")), tuple(rows("c"))])
    assert list(crew.Crew(Play(tmp_path), 2, lambda _: None).results(sent)) == [
        (
            "rows.jsonl failed: a part of the file cannot be read, and its rows are missing: "
            "the worker process was ended by SIGKILL"
        ),
        "0 c",
    ]


def test_what_refuses_a_row_ends_the_run_behind_those_before_it(tmp_path: Path) -> None:
    sent = Source(pieces(rows("sleep 0.2", "b", "refuse", "c"), 1))
    found = crew.Crew(Play(tmp_path), 2, lambda _: None).results(sent)
    assert [next(found), next(found)] == ["0 sleep 0.2", "1 b"]
    with pytest.raises(UsageError, match="this row cannot be"):
        next(found)
    assert_all_gone(processes(tmp_path))


def test_workers_that_cannot_begin_end_the_run(tmp_path: Path) -> None:
    (tmp_path / "unstartable").touch()
    with pytest.raises(WorkerError, match="before it was ready"):
        by_crew(tmp_path, *"abcdef")


def test_jails_that_are_closed_less_end_the_run(tmp_path: Path) -> None:
    told: list[Isolation] = []
    one = crew.Crew(Play(tmp_path), 2, told.append)
    one._require_alike(Isolation(layers=("process", "landlock")))
    one._require_alike(Isolation(layers=("process", "landlock", "seccomp")))
    with pytest.raises(IsolationError, match="closed further"):
        one._require_alike(Isolation(layers=("process",)))
    assert told == [Isolation(layers=("process", "landlock"))]


def test_whoever_stops_listening_leaves_no_process(tmp_path: Path) -> None:
    found = crew.Crew(Play(tmp_path), 2, lambda _: None).results(Source(pieces(rows(*["sleep 0.01"] * 100), 1)))
    assert next(found) == "0 sleep 0.01"
    del found
    assert_all_gone(processes(tmp_path))


def test_no_more_is_taken_than_is_under_way(tmp_path: Path) -> None:
    taken = 0

    def counted() -> Iterator[Piece]:
        nonlocal taken
        for piece in pieces(rows("sleep 0.5", *["a"] * 500), 1):
            taken += 1
            yield piece

    found = crew.Crew(Play(tmp_path), 2, lambda _: None).results(Source(counted()))
    assert next(found) == "0 sleep 0.5"
    assert taken < 20
    assert len(list(found)) == 500


def test_pieces_that_do_not_fit_a_pipe_pass_both_ways(tmp_path: Path) -> None:
    labels = [f"large {10**6} {'y' * 10**6}" if number % 2 else "large 3000000" for number in range(8)]
    labels = [one if one.count(" ") == 1 else "a" * 10**6 for one in labels]
    found = by_crew(tmp_path, *labels, size=1)
    assert [str(one).partition(" ")[0] for one in found] == list(map(str, range(8)))


@pytest.mark.parametrize("word", ["kill-once", "kill", "memory", "unpicklable"])
@pytest.mark.parametrize("size", [2, 5, 9])
def test_what_was_said_of_a_piece_is_told_once(tmp_path: Path, word: str, size: int) -> None:
    much = f"large {workplace._SAID_BYTES}"
    labels = ["a", much, "b", much, "c", word, "d", much, "e"]
    sent = Source(pieces(rows(*labels), size))
    told: list[object] = list(crew.Crew(Play(tmp_path, counts=True), 2, lambda _: None).results(sent))
    found = [one for one in told if isinstance(one, str)]
    assert [one.split()[0] for one in found] == [str(number) for number in range(9)]
    failed = [number for number, one in enumerate(found) if " failed: " in one]
    assert failed == ([] if word == "kill-once" else [5])
    assert sum(one for one in told if isinstance(one, int)) == 9 - len(failed)


def test_what_is_ahead_of_a_slow_row_does_not_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_HELD_BYTES", 4_000_000)
    labels = ["sleep 1", *["large 500000"] * 119]
    tracemalloc.start()
    try:
        results = crew.Crew(Play(tmp_path), 2, lambda _: None).results(Source(pieces(rows(*labels), 20)))
        assert [str(one).split()[0] for one in results] == [str(number) for number in range(120)]
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


def test_workers_that_end_while_others_wait_to_be_heard_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_HELD_BYTES", 0)
    much = f"large {workplace._SAID_BYTES}"
    labels = [*["sleep 0.3", much, "kill-once", much] * 3, *[much, "kill", much, "a"] * 3]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"".join(map(line, labels)))
    sent = Source(pieces_of_file(str(path), COLUMNS, size=100))
    found = [str(one) for one in crew.Crew(Play(tmp_path), 3, lambda _: None).results(sent)]
    assert [one.split()[0] for one in found] == [str(number) for number in range(24)]
    assert [number for number, one in enumerate(found) if " failed: " in one] == [13, 17, 21]


def test_a_stream_is_not_waited_for(tmp_path: Path) -> None:
    read, write = os.pipe()
    pieces_sent = [tuple(rows(*["a"] * 40)) for _ in range(2)]

    def arriving() -> Iterator[Piece | Waiting]:
        yield from pieces_sent
        yield Waiting(read)
        os.read(read, 1)
        yield pieces_sent[0]

    found = workers.results(Play(tmp_path), arriving(), 2)
    assert [next(found) for _ in range(80)]
    os.write(write, b"x")
    assert len(list(found)) == 40
    os.close(read)
    os.close(write)


def test_what_comes_slowly_is_read_here(tmp_path: Path) -> None:
    read, write = os.pipe()

    def arriving() -> Iterator[Piece | Waiting]:
        for one in rows("a", "b", "c"):
            yield Waiting(read)
            os.read(read, 1)
            yield (one,)
        yield Waiting(read)
        os.read(read, 1)

    found = workers.results(Play(tmp_path), arriving(), 2)
    for expected in ("0 a", "1 b", "2 c"):
        os.write(write, b"x")
        assert next(found) == expected
    os.write(write, b"x")
    assert list(found) == []
    assert processes(tmp_path) == {os.getpid()}
    os.close(read)
    os.close(write)


def test_a_stream_that_ends_late_is_not_waited_for(tmp_path: Path) -> None:
    read, write = os.pipe()
    sent = [tuple(rows(*["a"] * 40)) for _ in range(2)]

    def arriving() -> Iterator[Piece | Waiting]:
        yield from sent
        yield Waiting(read)
        os.read(read, 1)

    found = workers.results(Play(tmp_path), arriving(), 2)
    assert [next(found) for _ in range(80)]
    threading.Timer(0.3, os.write, (write, b"x")).start()
    thread = threading.Thread(target=list, args=(found,), daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    os.close(read)
    os.close(write)


def test_an_idle_worker_that_ends_costs_no_row(tmp_path: Path) -> None:
    def killing(started: crew.Crew[str]) -> None:
        idle = next(one for one in started._members if one.is_ready and not one.tasks)
        assert idle.process.pid is not None
        os.kill(idle.process.pid, signal.SIGKILL)
        idle.process.join(10)

    labels = ["a", "b", "sleep 1", "kill-once", "c"]
    found = rows(*labels)
    started: crew.Crew[str] = crew.Crew(Play(tmp_path), 2, lambda _: None)
    told = started.results(Source([tuple(found[:1]), tuple(found[1:])]))
    assert next(told) == "0 a"
    killing(started)
    assert list(told) == [f"{number} {one}" for number, one in enumerate(labels)][1:]


def test_counts_are_never_told_before_all_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workplace, "_SAID_BYTES", 0)
    here, there = multiprocessing.Pipe()
    here.send(Request(tuple(rows("a", "b", "refuse")), None))
    here.send(Request(tuple(rows("a", "b")), None))
    thread = threading.Thread(target=workplace.answer, args=(Play(tmp_path, counts=True), there))
    thread.start()
    said = [here.recv() for _ in range(7)]
    here.close()
    thread.join()
    there.close()
    assert said == [
        workplace.Ready(ANY),
        workplace.Partly(workplace.packed(["0 a"])),
        workplace.Partly(workplace.packed(["1 b"])),
        workplace.Refused(ANY),
        workplace.Partly(workplace.packed(["0 a"])),
        workplace.Partly(workplace.packed(["1 b"])),
        workplace.Done(workplace.packed([2])),
    ]


def test_a_process_with_threads_is_not_forked(tmp_path: Path) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert not crew._can_fork()
        assert by_crew(tmp_path, "a", "b", jobs=1) == ["0 a", "1 b"]
    finally:
        done.set()
        thread.join()


def test_a_worker_whose_last_words_nobody_read_ends_in_order(tmp_path: Path) -> None:
    here, there = multiprocessing.Pipe()
    with ThreadPoolExecutor() as threads:
        ended = threads.submit(workplace.answer, Play(tmp_path), there)
        here.send(Request(tuple(rows("a")), None))
        here.recv()
        assert here.poll(10)
        # What is closed with something unread in it is reset for the other side.
        here.close()
        assert ended.result(10) is None
    there.close()


def test_what_a_worker_says(tmp_path: Path) -> None:
    here, there = multiprocessing.Pipe()
    piece = tuple(rows("a", "memory", "b"))
    for request in (Request(piece[:1], None), Request(piece, None), Request(piece, 1)):
        here.send(request)
    thread = threading.Thread(target=workplace.answer, args=(Play(tmp_path), there))
    thread.start()
    said = [here.recv() for _ in range(8)]
    here.close()
    thread.join()
    there.close()
    assert said == [
        workplace.Ready(ANY),
        workplace.Done(workplace.packed(["0 a"])),
        workplace.Broken("it could not be read: MemoryError()"),
        workplace.RowBegun(piece[1]),
        workplace.Broken("checking this row broke: MemoryError(); please report it"),
        workplace.RowBegun(piece[2]),
        workplace.RowDone(workplace.packed(["2 b"])),
        workplace.Done([]),
    ]


# A program of its own, so that it can be killed.
PROGRAM = """
import sys
from pathlib import Path
from crew_work import Deadly, Play
from guidex_schema import workers
from guidex_schema.datasets import COLUMNS
from guidex_schema.datasets.shard import pieces_of_file
if __name__ == "__main__":
    found = workers.results(Play(Path(".")), pieces_of_file("rows.jsonl", COLUMNS), 3)
    for one in found:
        print(one[:20], flush=True)
"""
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join((str(Path(__file__).parent), *sys.path))}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there processes are forked")
def test_what_workers_need_is_loaded_once_before_they_are_forked(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(line("a" * 20_000) * 30 + line("kill-once") + line("b" * 20_000) * 30)
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=tmp_path, env=ENVIRONMENT, stdout=-1) as process:
        assert len(process.communicate()[0].splitlines()) == 61
    assert (tmp_path / "loaded").read_text() == f"{process.pid}\n"
    assert len(processes(tmp_path)) > 2


def test_what_is_loaded_is_what_looks_for_values_that_are_absent() -> None:
    program = (
        "import sys; from guidex_schema.work import Judging; from guidex_schema.works.check import CheckWork; "
        "CheckWork(Judging(())).load(); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"guidex_schema.grounding.search", "guidex_schema.grounding.passage", "rapidfuzz", "Stemmer"} <= {*loaded}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks at the processes of Linux")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_worker_outlives_the_process_that_started_it(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "rows.jsonl").write_bytes(line("sleep 0.05 " + "x" * 10_000) * 400)
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"0 sleep 0.05 xxxxxxx\n"
        found = processes(tmp_path)
        assert len(found) == 3
        process.send_signal(number)
        process.wait(timeout=20)
        assert_all_gone(found)
