"""Commands that are ended before they are done leave nothing behind, and say what was not read."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from command import ENVIRONMENT, GUIDEX, Folder
from guidex_schema.cli.interruption import ending_in_order

ROW = {"guidelines": "", "labels": "[Alien()]", "document": "Ada wrote of it."}
# So many that no command is done before it is ended.
MANY = 300_000
COMMANDS = {
    "filter": ["filter", "-o", "kept.parquet", "--rejected", "rejected.jsonl"],
    "convert": ["convert", "-o", "rows.parquet"],
    "folder": ["convert", "-o", "folder"],
    "check": ["check", "--output-file", "findings.txt"],
    "report": ["report", "-o", "page.html"],
}
# What shells give as 130. A module that is run by `-m` ends by the signal where that came while a string was executed,
# as dataclasses are made, whatever is made of it later (CPython's Py_RunMain, unhandled_keyboard_interrupt).
INTERRUPTED = (130, -signal.SIGINT)
CHECKED = rb"[\d,]+ records? checked, 0 kept: .*"
SAID = {
    "filter": rb"[\d,]+ rows? read, 0 kept, [\d,]+ rejected",
    "convert": rb"[\d,]+ rows? read",
    "folder": rb"[\d,]+ rows? read",
    "check": CHECKED,
    "report": CHECKED,
    "stats": rb"[\d,]+ rows? read",
    "ground": rb"[\d,]+ values? of [\d,]+ rows?.*",
}


def comes_true(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


@contextmanager
def started(folder: Folder, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the command in a session of its own, as shells do."""
    with subprocess.Popen(
        [*GUIDEX, *arguments],
        cwd=folder.path,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def names(folder: Folder) -> list[str]:
    return sorted(path.name for path in folder.path.iterdir())


def is_reading(number: int, path: Path) -> bool:
    """Say whether a process has a file open, or has others who read it."""
    process = Path(f"/proc/{number}")
    if (process / "task" / str(number) / "children").read_text():
        return True
    opened = []
    for one in (process / "fd").iterdir():
        with suppress(OSError):
            opened.append(one.readlink())
    return path in opened


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
@pytest.mark.parametrize("name", COMMANDS)
def test_who_is_ended_leaves_nothing_behind(folder: Folder, name: str, number: signal.Signals) -> None:
    folder.write("rows.jsonl", *[ROW] * MANY)
    command, *options = COMMANDS[name]
    with started(folder, command, "rows.jsonl", *options) as process:
        assert comes_true(lambda: len(names(folder)) > 1)
        assert process.poll() is None
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == -number
    assert errors == b""
    assert names(folder) == ["rows.jsonl"]


def test_a_terminal_that_closes_is_heard_of_twice(folder: Folder) -> None:
    folder.write("rows.jsonl", *[ROW] * MANY)
    command, *options = COMMANDS["folder"]
    with started(folder, command, "rows.jsonl", *options) as process:
        assert comes_true(lambda: is_reading(process.pid, folder.path / "rows.jsonl"))
        for _ in range(3):
            process.send_signal(signal.SIGHUP)
            time.sleep(0.002)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGHUP
    assert errors == b""
    assert names(folder) == ["rows.jsonl"]


@pytest.mark.skipif(sys.platform != "linux", reason="it looks at the processes of Linux")
def test_a_worker_ends_where_it_is_asked_to_and_another_takes_its_place(folder: Folder) -> None:
    folder.write("rows.jsonl", *[ROW] * 20_000)
    arguments = ["filter", "rows.jsonl", "-o", "kept.jsonl", "--rejected", "rejected.jsonl", "--jobs", "2"]
    with started(folder, *arguments) as process:
        others = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        assert comes_true(lambda: len(others.read_text().split()) == 2)
        worker = int(others.read_text().split()[0])
        os.kill(worker, signal.SIGTERM)
        assert comes_true(lambda: worker not in map(int, others.read_text().split()))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert errors.splitlines()[0] == b"guidex: 20,000 rows read, 0 kept, 20,000 rejected"


def test_a_run_that_is_not_to_hear_of_the_terminal_goes_on(folder: Folder) -> None:
    folder.write("rows.jsonl", *[ROW] * 2_000)
    program = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.executable, sys.argv[1:])"
    )
    arguments = ["filter", "rows.jsonl", "-o", "kept.jsonl", "--rejected", "rejected.jsonl"]
    with subprocess.Popen(
        [sys.executable, "-c", program, *GUIDEX, *arguments],
        cwd=folder.path,
        env=ENVIRONMENT,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert comes_true(lambda: len(names(folder)) > 1)
        process.send_signal(signal.SIGHUP)
        assert process.wait(30) == 0
    assert names(folder) == ["kept.jsonl", "rejected.jsonl", "rows.jsonl"]


def test_a_process_that_is_forked_off_ends_at_once(tmp_path: Path) -> None:
    with ending_in_order():
        child = os.fork()
        if not child:
            try:
                (tmp_path / "begun").touch()
                time.sleep(30)
            finally:
                (tmp_path / "cleaned").touch()
                os._exit(0)
        assert comes_true((tmp_path / "begun").exists)
        os.kill(child, signal.SIGTERM)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
    assert not (tmp_path / "cleaned").exists()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("name", SAID)
def test_an_interrupt_says_what_was_read(folder: Folder, name: str) -> None:
    folder.write("rows.jsonl", *[ROW] * MANY)
    command, *options = COMMANDS.get(name, [name])
    with started(folder, command, "rows.jsonl", *options) as process:
        assert comes_true(lambda: is_reading(process.pid, folder.path / "rows.jsonl"))
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode in INTERRUPTED
    lost = b"" if name == "ground" else b", and nothing was written"
    last = errors.splitlines()[-1]
    assert re.fullmatch(b"guidex: interrupted: " + SAID[name] + b"; the rest was not read" + lost, last), last
    assert b"Traceback" not in errors
    assert names(folder) == ["rows.jsonl"]


DROPPED = """
import os, signal, sys, time
from guidex_schema.cli.interruption import ending_in_order
class Odd:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv[1]))
        for _ in range(1000):
            pass
with ending_in_order():
    try:
        Odd()
        time.sleep(20)
    except BaseException as error:
        print(type(error).__name__, flush=True)
        raise SystemExit(3)
"""


@pytest.mark.parametrize(
    ("number", "said", "code"),
    [(signal.SIGTERM, b"_Ended\n", -signal.SIGTERM), (signal.SIGINT, b"KeyboardInterrupt\n", 3)],
)
def test_what_is_raised_where_it_is_dropped_is_raised_again(number: int, said: bytes, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DROPPED, str(int(number))], env=ENVIRONMENT, capture_output=True, timeout=15, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, said, b"")


TAKEN = """
import os, signal
from pydantic import BaseModel, PlainSerializer
from typing import Annotated
from guidex_schema.cli.interruption import ending_in_order, telling_interrupt
def written(value):
    os.kill(os.getpid(), signal.SIGINT)
    return value
class Odd(BaseModel):
    value: Annotated[int, PlainSerializer(written)]
with ending_in_order():
    try:
        with telling_interrupt(lambda: "7 rows read"):
            Odd(value=1).model_dump()
    except KeyboardInterrupt:
        raise SystemExit(3)
"""


def test_an_interrupt_is_one_whatever_a_library_makes_of_it() -> None:
    done = subprocess.run([sys.executable, "-c", TAKEN], env=ENVIRONMENT, capture_output=True, timeout=15, check=False)
    said = b"guidex: interrupted: 7 rows read; the rest was not read\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", said)


FORKED = """
import os, signal, sys
fork = os.fork
def interrupted():
    child = fork()
    if not child:
        os.kill(os.getpid(), signal.SIGINT)
    return child
os.fork = interrupted
from guidex_schema.cli import main
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux")
def test_an_interrupt_in_a_worker_that_is_only_just_forked_is_not_its_own(folder: Folder) -> None:
    folder.write("rows.jsonl", *[ROW] * 20_000)
    arguments = ["filter", "rows.jsonl", "-o", "kept.jsonl", "--rejected", "rejected.jsonl", "--jobs", "2"]
    done = subprocess.run(
        [sys.executable, "-c", FORKED, *arguments],
        cwd=folder.path,
        env=ENVIRONMENT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == b"guidex: 20,000 rows read, 0 kept, 20,000 rejected"
    assert b"interrupted" not in done.stderr
    assert names(folder) == ["kept.jsonl", "rejected.jsonl", "rows.jsonl"]
