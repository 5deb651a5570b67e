"""However a run ends, nothing of the jail is left: no process, no zombie, no descriptor, no temporary file."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from guidex_schema.instance import Record
from guidex_schema.validation import Validator
from guidex_schema.worker import Mode, Worker

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc")

SANDBOX = Path(__file__).parent.parent.parent / "sandbox"
MODES: tuple[Mode, ...] = ("persistent", "fork-per-row")
GUIDELINES = '@dataclass\nclass Person(Entity):\n    """A person."""\n\n    mention: str  # The name\n'
ROW = {"guidelines": GUIDELINES, "labels": '[Person(mention="Ada")]', "text": "Ada"}
SPINNING = {**ROW, "labels": '[Person(mention="spin")]'}
ROWS = 300
KILLED = 50
# Machines of CI are shared.
PATIENCE_SECONDS = 20.0

# The real program, but for what it does at a word in the labels.
PROGRAM = f"""
import os, sys
sys.path[:0] = [{str(SANDBOX)!r}, sys.argv[1]]
import reading, service
reading.warm_up()
def answer(body):
    while b"spin" in body:
        pass
    if b"die" in body:
        os._exit(3)
    return reading.answer(body)
host = service.claim_pipes()
serve = {{"persistent": service.serve_persistent, "fork-per-row": service.serve_forked}}[sys.argv[2]]
serve(answer, host)
os._exit(0)
"""
# The real command, with that program in the place of its own.
COMMAND = """
import sys
from pathlib import Path
from guidex_schema import resources
from guidex_schema.cli import main
program, real = sys.argv.pop(1), resources.folder
resources.folder = lambda name: Path(program) if name == "sandbox" else real(name)
main()
"""


class Stat:
    """What the kernel says of a process."""

    def __init__(self, process: int) -> None:
        fields = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        self.process = process
        self.state = fields[0]
        self.parent, self.group, self.session = map(int, fields[1:4])
        self.ticks = int(fields[11]) + int(fields[12])


def processes() -> list[Stat]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            found.append(Stat(int(path.name)))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def jailed(leaders: set[int]) -> list[Stat]:
    """Give what runs in the groups or sessions of jails, or was adopted by them; a jail leads its own session."""
    return [one for one in processes() if {one.group, one.session} & leaders and one.state != "Z"]


def zombies() -> set[int]:
    return {one.process for one in processes() if one.state == "Z" and one.parent == os.getpid()}


def comes_true(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> bool:
    """Wait a while for something to become so."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def jails_of(host: int) -> set[int]:
    """Give the leaders of the jails that a host, or a process that reads rows for it, has started."""
    found = list(processes())
    readers = {host, *(one.process for one in found if one.parent == host and one.session != one.process)}
    return {one.process for one in found if one.parent in readers and one.session == one.process}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "__main__.py").write_text(PROGRAM, "utf-8")
    return folder


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """Give a folder for temporary files that is to stay empty, and see that no zombie is left to this process."""
    before = zombies()
    folder = tmp_path / "temporary"
    folder.mkdir()
    yield folder
    assert list(folder.iterdir()) == []
    assert zombies() <= before


def written(path: Path, *rows: dict[str, str]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@contextmanager
def command(temporary: Path, *arguments: str | Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a host that is fed by this test, in a session of its own as a shell would run it in the foreground."""
    names = ("TMPDIR", "TEMP", "TMP")
    with subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **{name: str(temporary) for name in names}},
        start_new_session=True,
    ) as host:
        try:
            yield host
        finally:
            host.kill()


def check(*arguments: str | Path) -> tuple[str | Path, ...]:
    """Name the command; what it selects says whether any row was given up."""
    return ("-m", "guidex_schema", "check", *arguments, "--no-accelerate", "--select", "GX4")


ENDINGS = {signal.SIGINT: 130, signal.SIGTERM: -signal.SIGTERM, signal.SIGKILL: -signal.SIGKILL}
ended_by = pytest.mark.parametrize("ending", ENDINGS, ids=lambda one: one.name)
in_both_modes = pytest.mark.parametrize("mode", MODES)


def end(host: "subprocess.Popen[bytes]", leaders: set[int], ending: signal.Signals) -> None:
    """End a host in its tracks, as a terminal does, and see that its jails end with it."""
    assert leaders
    assert jailed(leaders)
    os.killpg(host.pid, ending)
    assert host.wait(PATIENCE_SECONDS) == ENDINGS[ending]
    assert comes_true(lambda: not jailed(leaders)), [vars(one) for one in jailed(leaders)]


@in_both_modes
def test_a_run_to_the_end_leaves_nothing(mode: str, temporary: Path, tmp_path: Path) -> None:
    data = written(tmp_path / "rows.jsonl", *[ROW] * 200)
    with command(temporary, *check(data, "--worker", mode)) as host:
        leaders: set[int] = set()
        while host.poll() is None:
            leaders |= jails_of(host.pid)
        assert host.returncode == 0
    assert len(leaders) == 1
    # The command waits for its jail, so there is nothing to wait for here.
    assert not jailed(leaders)


@ended_by
@in_both_modes
def test_a_run_that_is_ended_between_two_rows_leaves_nothing(
    mode: str, ending: signal.Signals, temporary: Path
) -> None:
    with command(temporary, *check("-", "--worker", mode)) as host:
        assert host.stdin is not None
        host.stdin.write(f"{json.dumps(ROW)}\n".encode() * 5)
        host.stdin.flush()
        assert comes_true(lambda: jails_of(host.pid))
        # Five rows take less; then the command waits for the next.
        time.sleep(0.5)
        end(host, jails_of(host.pid), ending)


@ended_by
@in_both_modes
def test_a_run_that_is_ended_while_its_jail_starts_leaves_nothing(
    mode: str, ending: signal.Signals, temporary: Path
) -> None:
    """The jail is not locked yet then, and has not been told whose end is its own."""
    with command(temporary, *check("-", "--worker", mode)) as host:
        assert comes_true(lambda: jails_of(host.pid))
        end(host, jails_of(host.pid), ending)


@ended_by
@in_both_modes
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_is_ended_among_its_rows_leaves_nothing(
    jobs: int, mode: str, ending: signal.Signals, temporary: Path, tmp_path: Path
) -> None:
    data = written(tmp_path / "rows.jsonl", *[ROW] * 100_000)
    with command(temporary, *check(data, "--worker", mode, "--jobs", str(jobs))) as host:
        assert comes_true(lambda: len(jails_of(host.pid)) == jobs)
        time.sleep(0.5)
        assert host.poll() is None
        end(host, jails_of(host.pid), ending)


def test_processes_that_read_rows_end_with_the_one_that_started_them(temporary: Path, tmp_path: Path) -> None:
    data = written(tmp_path / "rows.jsonl", *[ROW] * 100_000)
    with command(temporary, *check(data, "--jobs", "2")) as host:
        assert comes_true(lambda: len(jails_of(host.pid)) == 2)
        time.sleep(0.5)
        readers = {one.process for one in processes() if one.parent == host.pid}
        leaders = jails_of(host.pid)
        host.kill()
        assert comes_true(lambda: not jailed(leaders) and not readers & {one.process for one in processes()})


@ended_by
@in_both_modes
def test_a_run_that_is_ended_while_a_row_spins_leaves_nothing(
    mode: str, ending: signal.Signals, temporary: Path, tmp_path: Path, program: Path
) -> None:
    script = tmp_path / "command.py"
    script.write_text(COMMAND, "utf-8")
    data = written(tmp_path / "rows.jsonl", ROW, SPINNING, ROW)
    with command(temporary, script, program, "check", data, "--no-accelerate", "--worker", mode) as host:

        def spins() -> bool:
            before = {one.process: one.ticks for one in jailed(jails_of(host.pid))}
            time.sleep(0.3)
            after = {one.process: one.ticks for one in jailed(jails_of(host.pid))}
            # A fifth of a second of CPU within a moment is no honest row.
            return any(ticks - before.get(one, ticks) >= 10 for one, ticks in after.items())

        assert comes_true(spins)
        leaders = jails_of(host.pid)
        assert len(jailed(leaders)) == (1 if mode == "persistent" else 2)
        end(host, leaders, ending)


@in_both_modes
def test_a_run_whose_zygote_or_worker_is_killed_goes_on_and_leaves_nothing(
    mode: Mode, program: Path, temporary: Path
) -> None:
    """Somebody else may kill it, too, such as a kernel that is out of memory."""
    with Worker(program, mode=mode) as worker:
        leaders = set()
        for _ in range(3):
            # A row that has met with a death is tried in a process that answers nothing else; then comes another.
            assert worker.request({"source": "[]", "classes": [], "enums": []}).trouble is None
            assert worker.isolation.layers
            assert worker._process is not None
            leaders.add(worker._process.pid)
            os.kill(worker._process.pid, signal.SIGKILL)
        assert len(leaders) == 3
    assert comes_true(lambda: not jailed(leaders))


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.slow
@in_both_modes
def test_hundreds_of_rows_and_dozens_of_killed_workers_leak_nothing(mode: Mode, program: Path, temporary: Path) -> None:
    rows = [Record(guidelines=GUIDELINES, labels=ROW["labels"], document="Ada") for _ in range(ROWS)]
    # Each is tried twice and so kills two.
    deadly = range(0, ROWS, 2 * ROWS // KILLED)
    leaders: set[int] = set()
    before, threads = descriptors(), set(threading.enumerate())
    with Validator(worker := Worker(program, mode=mode), accelerate=False) as validator:
        for index, row in enumerate(rows):
            if index in deadly:
                row = Record(guidelines=GUIDELINES, labels='[Person(mention="die")]', document="die")
            found = {one.code for one in validator.validate(row).diagnostics if one.code.startswith("GX4")}
            assert found == ({"GX405"} if index in deadly else set())
            if worker._process is not None:
                leaders.add(worker._process.pid)
                assert descriptors() <= before + 2
    assert len(deadly) * 2 == KILLED
    assert len(leaders) >= len(deadly)
    assert descriptors() == before
    assert comes_true(lambda: not jailed(leaders))
    assert comes_true(lambda: set(threading.enumerate()) <= threads)
