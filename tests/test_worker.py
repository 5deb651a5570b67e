"""The host keeps its head: whatever the jailed process does is a verdict about one row, and the next row is safe."""

import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guidex_schema import worker as worker_module
from guidex_schema.error import IsolationError, JailError
from guidex_schema.isolation import LAYERS, Demand, Isolation
from guidex_schema.worker import Mode, Worker, restrictedpython_site

SANDBOX = Path(__file__).parent.parent / "sandbox"
PRELUDE = f"""
import json, os, signal, struct, sys, time
SANDBOX = {str(SANDBOX)!r}
NONCE = bytes(16)
def send(body, nonce=None):
    os.write(1, head(len(body), nonce) + body)
def head(length, nonce=None):
    return struct.pack(">I16s", length, NONCE if nonce is None else nonce)
def say(reply, nonce=None):
    send(json.dumps(reply).encode(), nonce)
def listen():
    global NONCE
    start = os.read(0, 20)
    if not start:
        sys.exit()
    length, NONCE = struct.unpack(">I16s", start)
    body = b""
    while len(body) < length:
        body += os.read(0, length - len(body))
    return json.loads(body)["source"]
"""
READY = """
say({"status": "ready", "layers": ["process", "landlock", "seccomp"], "gaps": []})
"""
LOOP = """
last = []
while True:
    source = listen()
    if source == "misbehave":
        misbehave()
    last[:] = [NONCE]
    say({"status": "ok", "source": source, "pid": os.getpid()})
"""
HONEST = READY + LOOP
# The real service with an answer that is not the real one.
SERVED = """
sys.path.insert(0, SANDBOX)
import service
def answer(body):
    if json.loads(body)["source"] == "misbehave":
        misbehave()
    return json.dumps({"status": "ok", "source": json.loads(body)["source"], "pid": os.getpid()}).encode()
serve = {"persistent": service.serve_persistent, "fork-per-row": service.serve_forked}[sys.argv[2]]
serve(answer, service.claim_pipes(), LAYERS)
"""
FULL = Isolation(layers=LAYERS)

each_mode = pytest.mark.parametrize("mode", ["persistent", "fork-per-row"])
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc")


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Path]:
    """Give a maker of programs: one that answers honestly but for what is done at the word ``misbehave``."""

    def make(misbehaviour: str = "pass", body: str = HONEST) -> Path:
        folder = tmp_path / "program"
        folder.mkdir(exist_ok=True)
        defined = "def misbehave():\n" + textwrap.indent(textwrap.dedent(misbehaviour), "    ")
        (folder / "__main__.py").write_text("\n".join([PRELUDE, defined, body]), "utf-8")
        return folder

    return make


@pytest.fixture(scope="module", params=["persistent", "fork-per-row"])
def jail(request: pytest.FixtureRequest) -> Iterator[Worker]:
    """Give a worker with the real program."""
    with Worker(mode=request.param) as real:
        yield real


@pytest.fixture
def served(program: Callable[..., Path]) -> Callable[..., Path]:
    """Give a maker of programs that the real service serves, behind no doors unless they are named."""
    return lambda misbehaviour="pass", layers=(): program(misbehaviour, f"LAYERS = {layers!r}\n{SERVED}")


def ask(worker: Worker, source: str, *classes: str) -> dict[str, object]:
    reply = worker.request({"source": source, "classes": list(classes), "enums": []})
    assert reply.content is not None, reply
    return reply.content


def pid(worker: Worker) -> int:
    assert worker._process is not None
    return worker._process.pid


def state(process: str) -> list[str]:
    """Give what the kernel says of a process from its state on; nothing where there is none."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
        return ["Z", "0", "0"]


def is_running(process: int) -> bool:
    """Say whether a process is there and no mere entry that waits to be collected."""
    return state(str(process))[0] != "Z"


def group(leader: int) -> list[str]:
    """Name the running processes of a group."""
    found = [path.name for path in Path("/proc").glob("[0-9]*")]
    return [one for one in found if state(one)[2] == str(leader) and state(one)[0] != "Z"]


def ends(process: int) -> bool:
    """Wait a while for a process to end."""
    for _ in range(200):
        if not is_running(process):
            return True
        time.sleep(0.05)
    return False


MISBEHAVIOURS = {
    "spins": ("while True: pass", "time-limit", "0.5 s"),
    "sleeps": ("time.sleep(60)", "time-limit", "0.5 s"),
    "ignores signals": ("signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)", "time-limit", ""),
    "spends its CPU time": ("os.kill(os.getpid(), signal.SIGXCPU)", "time-limit", "CPU"),
    "runs out of memory": ('say({"status": "memory"})', "memory-limit", "memory"),
    "tells of too long a reply": ('say({"status": "output"})', "output-limit", "too long"),
    "tells of an exit": ('say({"status": "died", "code": 7})', "jail-died", "exit code 7"),
    "tells of a clean exit": ('say({"status": "died", "code": 0})', "jail-died", "exit code 0"),
    "tells of a crash": ('say({"status": "died", "code": -11})', "jail-died", "signal 11"),
    "tells of CPU time": ('say({"status": "died", "code": -signal.SIGXCPU})', "time-limit", "CPU"),
    "tells of a call": ('say({"status": "died", "code": -signal.SIGSYS})', "jail-died", "a system call that the jail"),
    "makes a forbidden call": ("os.kill(os.getpid(), signal.SIGSYS)", "jail-died", "a system call that the jail"),
    "exits": ("os._exit(7)", "jail-died", "exit code 7"),
    "exits cleanly": ("sys.exit()", "jail-died", "exit code 0"),
    "raises": ("1 / 0", "jail-died", "exit code 1"),
    "is killed": ("os.kill(os.getpid(), signal.SIGKILL)", "jail-died", "signal 9"),
    "crashes": ("os.kill(os.getpid(), signal.SIGSEGV)", "jail-died", "signal 11"),
    "closes its pipes": ("os.close(1); os.close(0); time.sleep(60)", "jail-died", "closed its pipe"),
    "floods": ('send(b"x" * 1001)', "output-limit", "1,001 bytes"),
    "announces a flood": ("os.write(1, head(2**32 - 1)); time.sleep(60)", "output-limit", "4,294,967,295 bytes"),
    "stops in a length": ('os.write(1, b"\\0\\0"); time.sleep(60)', "time-limit", ""),
    "stops in a nonce": ("os.write(1, head(2)[:9]); time.sleep(60)", "time-limit", ""),
    "stops in a frame": ('os.write(1, head(900) + b"{"); time.sleep(60)', "time-limit", ""),
    "drips": ('os.write(1, head(256))\nwhile True:\n    os.write(1, b" "); time.sleep(0.1)', "time-limit", ""),
    "dies in a frame": ('os.write(1, head(900) + b"{"); sys.exit()', "jail-died", "exit code 0"),
    "answers without nonce": ('say({"status": "ok"}, bytes(16))', "jail-died", "no verdict"),
    "answers with another nonce": ('say({"status": "ok"}, os.urandom(16))', "jail-died", "no verdict"),
    "answers for the row before": ('say({"status": "ok"}, (last or [b"x" * 16])[0])', "jail-died", "no verdict"),
    "answers as it did without nonces": (
        'os.write(1, struct.pack(">I", 16) + b\'{"status": "ok"}\' * 5)', "jail-died", "no verdict"
    ),
    "prints before it answers": ('print("hello", flush=True)', "jail-died", "no verdict"),
    "says nothing": ('send(b"")', "jail-died", "no verdict"),
    "speaks no JSON": ('send(b"ok")', "jail-died", "no verdict"),
    "speaks no UTF-8": ('send(b\'{"status": "\\xff"}\')', "jail-died", "no verdict"),
    "sends a list": ('say([{"status": "ok"}])', "jail-died", "no verdict"),
    "sends a key twice": ('send(b\'{"status": "refused", "status": "ok"}\')', "jail-died", "no verdict"),
    "sends NaN": ('send(b\'{"status": NaN}\')', "jail-died", "no verdict"),
    "sends a huge number": ('send(b\'{"a": 1e999}\')', "jail-died", "no verdict"),
    "nests deep": ('send(b\'{"a": \' + b"[" * 400 + b"]" * 400 + b"}")', "jail-died", "no verdict"),
    "leaves a child": ("if os.fork():\n    os._exit(3)\ntime.sleep(60)", "time-limit", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_what_goes_wrong_is_a_verdict_and_the_next_row_gets_a_new_process(
    name: str, program: Callable[..., Path]
) -> None:
    misbehaviour, trouble, detail = MISBEHAVIOURS[name]
    # Whether a silent process lives on without its pipes is waited for, too.
    wall_seconds = 3 if "closed" in detail else 0.5
    with Worker(program(misbehaviour), wall_seconds=wall_seconds, reply_bytes=1000) as worker:
        first = ask(worker, "before")
        began = time.monotonic()
        reply = worker.request({"source": "misbehave"})
        assert time.monotonic() - began < 5
        assert reply.content is None
        assert reply.trouble == trouble
        assert detail in reply.detail
        assert worker._process is None
        assert all(ends(int(one)) for one in group(int(str(first["pid"]))))
        after = ask(worker, "after")
        assert after["source"] == "after"
        assert after["pid"] != first["pid"]


@pytest.mark.parametrize(("misbehaviour", "trouble"), [("time.sleep(60)", "time-limit"), ("os._exit(7)", "jail-died")])
def test_a_system_without_poll_and_groups_has_a_clock_all_the_same(
    misbehaviour: str, trouble: str, program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As Windows is.
    for module, name in ((select, "poll"), (os, "killpg"), (os, "waitid")):
        monkeypatch.delattr(module, name, raising=False)
    others = set(threading.enumerate())
    with Worker(program(misbehaviour), wall_seconds=0.5) as worker:
        assert ask(worker, "before")["source"] == "before"
        reply = worker.request({"source": "misbehave"})
        assert (reply.content, reply.trouble) == (None, trouble)
        assert ask(worker, "after")["source"] == "after"
    # A clock that was stopped takes a moment to be gone.
    for thread in set(threading.enumerate()) - others:
        thread.join(5)
        assert not thread.is_alive()


def test_very_deep_nesting_is_no_verdict(program: Callable[..., Path]) -> None:
    with Worker(program('send(b"[" * 200_000)')) as worker:
        assert worker.request({"source": "misbehave"}).trouble == "jail-died"
        assert ask(worker, "after")["source"] == "after"


def test_a_process_that_does_not_read_is_stopped(program: Callable[..., Path]) -> None:
    with Worker(program(body=READY + "time.sleep(60)"), wall_seconds=0.3) as worker:
        assert worker.request({"source": "x" * 1_000_000}).trouble == "time-limit"


# Another try


def counting(folder: Path, then: str) -> str:
    """Leave a file for each attempt, and do something at the first only."""
    return (
        f"import glob\nopen({str(folder)!r} + f'/attempt {{os.getpid()}}', 'w').close()\n"
        f"if len(glob.glob({str(folder)!r} + '/attempt*')) == 1:\n{textwrap.indent(then, '    ')}"
    )


def attempts(folder: Path) -> int:
    return len([*folder.glob("attempt *")])


@pytest.mark.parametrize(
    "fault", ["os._exit(7)", "time.sleep(60)", 'send(b"x" * 2000)', 'say({"status": "memory"})', 'say({}, b"x" * 16)']
)
def test_what_goes_wrong_once_is_tried_again_in_a_new_process(
    fault: str, program: Callable[..., Path], tmp_path: Path
) -> None:
    with Worker(program(counting(tmp_path, fault)), wall_seconds=0.5, reply_bytes=1000) as worker:
        before = ask(worker, "before")
        content = ask(worker, "misbehave")
        assert content["source"] == "misbehave"
        assert content["pid"] != before["pid"]
        assert attempts(tmp_path) == 2
        assert worker._process is None, "the second process answers nothing else"
        assert not any(is_running(int(str(one["pid"]))) for one in (before, content))
        assert ask(worker, "after")["source"] == "after"


def test_no_row_pays_for_what_another_left_behind(program: Callable[..., Path]) -> None:
    poison = """
    kept = say
    def once(reply):
        kept(reply)
        globals()["say"] = lambda reply: os._exit(9)
    globals()["say"] = once
    """
    with Worker(program(poison)) as worker:
        poisoned = ask(worker, "misbehave")["pid"]
        after = ask(worker, "after")
        assert after["source"] == "after"
        assert after["pid"] != poisoned


def test_what_goes_wrong_twice_is_reported_and_tried_no_third_time(
    program: Callable[..., Path], tmp_path: Path
) -> None:
    fault = f"open({str(tmp_path)!r} + f'/attempt {{os.getpid()}}', 'w').close()\nos._exit(7)"
    with Worker(program(fault)) as worker:
        reply = worker.request({"source": "misbehave"})
        assert (reply.trouble, reply.detail) == ("jail-died", "it ended with exit code 7")
        assert attempts(tmp_path) == 2
        assert worker._process is None


def test_the_second_trouble_is_the_one_that_is_reported(program: Callable[..., Path], tmp_path: Path) -> None:
    fault = counting(tmp_path, "time.sleep(60)") + "\nos._exit(9)"
    with Worker(program(fault), wall_seconds=0.5) as worker:
        assert worker.request({"source": "misbehave"}).detail == "it ended with exit code 9"


def test_a_row_that_is_fine_is_asked_once(program: Callable[..., Path], tmp_path: Path) -> None:
    with Worker(program(f"open({str(tmp_path)!r} + f'/attempt {{time.monotonic_ns()}}', 'w').close()")) as worker:
        ask(worker, "misbehave")
        assert attempts(tmp_path) == 1


def test_every_request_bears_a_nonce_of_its_own(program: Callable[..., Path]) -> None:
    body = READY + 'while True:\n    listen()\n    say({"status": "ok", "nonce": NONCE.hex()})'
    with Worker(program(body=body)) as worker:
        found = {str(ask(worker, "x")["nonce"]) for _ in range(50)}
    assert len(found) == 50
    assert bytes(16).hex() not in found
    assert {len(one) for one in found} == {32}


@each_mode
def test_what_is_printed_is_no_verdict(mode: Mode, served: Callable[..., Path]) -> None:
    misbehaviour = """
    forged = b'{"status": "forged"}'
    for one in (1, 2):
        os.write(one, struct.pack(">I16s", len(forged), bytes(16)) + forged)
    print(forged)
    sys.stdout.flush()
    """
    with Worker(served(misbehaviour), mode=mode) as worker:
        ask(worker, "before")
        process = pid(worker)
        assert ask(worker, "misbehave")["status"] == "ok"
        assert ask(worker, "after")["status"] == "ok"
        assert pid(worker) == process


@each_mode
def test_a_reply_that_is_written_past_the_service_is_no_verdict(mode: Mode, served: Callable[..., Path]) -> None:
    """Code that reaches the very pipe still does not know the nonce; of its own row it may say what it likes."""
    misbehaviour = """
    forged = b'{"status": "forged"}'
    for one in range(3, 20):
        try:
            os.write(one, (struct.pack(">I16s", len(forged), bytes(16)) + forged) * 3)
        except OSError:
            pass
    """
    with Worker(served(misbehaviour), mode=mode) as worker:
        reply = worker.request({"source": "misbehave"})
        if mode == "persistent":
            assert (reply.trouble, reply.detail) == ("jail-died", "it answered something that is no verdict")
        assert ask(worker, "after")["status"] == "ok"


def test_a_process_that_died_between_rows_is_replaced_without_blame(program: Callable[..., Path]) -> None:
    with Worker(program()) as worker:
        ask(worker, "before")
        os.kill(pid(worker), signal.SIGKILL)
        assert ends(pid(worker))
        assert ask(worker, "after")["source"] == "after"


@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(3)",
        "time.sleep(60)",
        "syntax error",
        'say({"status": "ok"})\ntime.sleep(60)',
        'say({"status": "ready", "layers": [], "gaps": []}, b"x" * 16)\ntime.sleep(60)',
        'send(b"x")',
        "import nowhere",
    ],
)
def test_a_program_that_does_not_start_is_an_error_that_says_what_to_do(
    body: str, program: Callable[..., Path], tmp_path: Path
) -> None:
    worker = Worker(program(body=body), start_seconds=0.5)
    with pytest.raises(JailError, match="RestrictedPython"):
        worker.request({"source": ""})
    assert worker._process is None
    program()
    assert ask(worker, "after")["source"] == "after"
    worker.close()


def test_a_python_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with Worker() as worker, pytest.raises(JailError, match="cannot be started"):
        worker.request({"source": ""})


def test_a_missing_restricted_python_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with Worker() as worker, pytest.raises(JailError, match="install guidex-schema again"):
        worker.request({"source": ""})


def test_finding_restricted_python_does_not_import_it() -> None:
    code = (
        "import sys; from guidex_schema.worker import restrictedpython_site;"
        "restrictedpython_site(); print('RestrictedPython' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert (restrictedpython_site() / "RestrictedPython").is_dir()


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_row_leaves_no_answer_for_the_next(
    error: type[BaseException], program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = set(threading.enumerate())
    with Worker(program()) as worker:
        first = ask(worker, "before")

        def interrupted(*arguments: object) -> bytes:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(worker_module, "read_frame", interrupted)
            with pytest.raises(error):
                worker.request({"source": "interrupted"})
        assert not is_running(int(str(first["pid"])))
        assert ask(worker, "after")["source"] == "after"
    for _ in range(100):
        if not set(threading.enumerate()) - others:
            break
        time.sleep(0.01)
    assert not set(threading.enumerate()) - others, "no watchdog is left behind"


ALL = """
def answer_all(change=lambda replies: replies):
    size, nonce = struct.unpack(">I16s", os.read(0, 20))
    global NONCE
    NONCE = nonce
    asked = json.loads(os.read(0, size))
    say(change([{"status": "ok", "source": one["source"]} for one in asked]))
"""
TOGETHER = [{"source": "a"}, {"source": "b"}]
SAID = 'answer_all(lambda replies: {"status": "all", "replies": replies%s})'


def test_requests_travel_together(program: Callable[..., Path]) -> None:
    body = ALL + READY + "\n".join([SAID % "", "while True: listen(); say({'status': 'ok', 'source': 'x'})"])
    with Worker(program(body=body)) as worker:
        replies = worker.request_all(TOGETHER)
        process = pid(worker)
        assert replies == [{"status": "ok", **one} for one in TOGETHER]
        assert ask(worker, "x")["source"] == "x"
        assert pid(worker) == process


@pytest.mark.parametrize(
    "fault",
    [
        "answer_all()", SAID % "[:1]", SAID % " + replies", SAID % "[:1] + [1]", SAID % ' and ""', SAID % "[:0]",
        SAID % '[:1] + [{"status": "memory"}]', SAID % '[:1] + [{"status": "died", "code": 1}]',
        'answer_all(lambda replies: {"status": "memory"})', 'answer_all(lambda replies: {"status": "ok"})',
        "os._exit(3)", "time.sleep(60)", "send(b'[' * 5_000)", "listen(); send(bytes(5_000))", "send(b'{}', bytes(16))",
    ],
)  # fmt: skip
def test_what_goes_wrong_with_several_is_no_reply_and_ends_the_process(
    fault: str, program: Callable[..., Path]
) -> None:
    with Worker(program(body=ALL + READY + fault + LOOP), wall_seconds=0.5, reply_bytes=1000) as worker:
        assert worker.request_all(TOGETHER) is None
        assert worker._process is None
        program()
        assert ask(worker, "after")["source"] == "after"


def test_a_relative_program_is_found(program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = program()
    monkeypatch.chdir(folder.parent)
    with Worker(Path(folder.name)) as worker:
        assert ask(worker, "x")["source"] == "x"


# How far the jail is closed

GAP = READY.replace(', "seccomp"]', "]").replace('"gaps": []', '"gaps": ["seccomp: no"]')
SHORT = Isolation(layers=LAYERS[:2], gaps=("seccomp: no",))


def test_the_isolation_is_what_the_program_reports(program: Callable[..., Path]) -> None:
    with Worker(program()) as worker:
        assert worker.isolation == FULL
        process = pid(worker)
        assert ask(worker, "x")["pid"] == process, "it is asked of the process that answers"
    with Worker(program(body=GAP + LOOP)) as worker:
        assert ask(worker, "x")["source"] == "x"
        assert worker.isolation == SHORT


def test_a_process_that_died_is_replaced_before_its_isolation_is_told(program: Callable[..., Path]) -> None:
    with Worker(program()) as worker:
        ask(worker, "x")
        os.kill(pid(worker), signal.SIGKILL)
        assert ends(pid(worker))
        program(body=GAP + LOOP)
        with pytest.raises(IsolationError, match="closed further before"):
            worker.isolation  # noqa: B018
        program()
        assert worker.isolation == FULL


@pytest.mark.parametrize("layers", ['"layers": ["process"]', '"gaps": []', '"layers": 5, "gaps": []', '"level": []'])
def test_a_program_that_does_not_say_how_far_it_is_closed_is_an_error(
    layers: str, program: Callable[..., Path]
) -> None:
    with Worker(program(body=f'say({{"status": "ready", {layers}}})\n{LOOP}')) as worker:
        with pytest.raises(JailError, match="does not say how far it is closed"):
            ask(worker, "x")
        assert worker._process is None
        with pytest.raises(JailError, match="does not say how far it is closed"):
            worker.isolation  # noqa: B018


def test_strict_runs_nothing_where_a_layer_is_missing(program: Callable[..., Path], tmp_path: Path) -> None:
    asked = f"{GAP}listen()\nopen({str(tmp_path / 'asked')!r}, 'w')"
    with Worker(program(body=asked), demand="strict") as worker:
        for attempt in (lambda: ask(worker, "x"), lambda: worker.isolation):
            with pytest.raises(IsolationError, match="seccomp: no"):
                attempt()
            assert worker._process is None
    assert not (tmp_path / "asked").exists()


def test_strict_runs_where_every_layer_is_in_place(program: Callable[..., Path]) -> None:
    with Worker(program(), demand="strict") as worker:
        assert ask(worker, "x")["source"] == "x"
        assert worker.isolation == FULL


@pytest.mark.parametrize("demand", ["strict", "best-effort"])
def test_a_replacement_has_to_be_as_closed_as_the_one_before(
    demand: Demand, program: Callable[..., Path], tmp_path: Path
) -> None:
    mark = str(tmp_path / "started")
    body = f"if os.path.exists({mark!r}):\n{textwrap.indent(GAP, '    ')}\nelse:\n{textwrap.indent(READY, '    ')}"
    with Worker(program("os._exit(7)", f"{body}\nopen({mark!r}, 'w').close()\n{LOOP}"), demand=demand) as worker:
        ask(worker, "x")
        assert worker.isolation == FULL
        with pytest.raises(IsolationError):
            worker.request({"source": "misbehave"})
        assert worker._process is None


def test_an_isolation_error_is_a_jail_error() -> None:
    assert issubclass(IsolationError, JailError)


def test_the_real_jail_says_what_is_missing_or_has_it_all(jail: Worker) -> None:
    assert jail.isolation.is_full == (not jail.isolation.gaps)
    with Worker(mode=jail._mode, demand="strict") as strict:
        if jail.isolation.is_full:
            assert ask(strict, "[]")["status"] == "ok"
        else:
            with pytest.raises(IsolationError):
                ask(strict, "[]")


@each_mode
def test_a_forbidden_call_is_told_as_such(mode: Mode, served: Callable[..., Path]) -> None:
    with Worker(served("os.getpid() + os.getppid()", ("seccomp",)), mode=mode) as worker:
        if "seccomp" not in worker.isolation.layers:
            pytest.skip(worker.isolation.shortfall)
        reply = worker.request({"source": "misbehave"})
        assert (reply.trouble, reply.detail) == ("jail-died", "it made a system call that the jail forbids")


@linux
@each_mode
def test_a_row_that_computes_on_is_stopped_by_the_kernel(mode: Mode, served: Callable[..., Path]) -> None:
    folder = served("while True: pass", ("process",))
    main = folder / "__main__.py"
    one_second = "import lockdown\nlockdown.allow_cpu.__defaults__ = (0,)\nimport service"
    main.write_text(main.read_text("utf-8").replace("import service", one_second), "utf-8")
    with Worker(folder, mode=mode, wall_seconds=30) as worker:
        assert worker.isolation.layers == ("process",)
        reply = worker.request({"source": "misbehave"})
        assert (reply.trouble, reply.detail) == ("time-limit", "the CPU time of the row is spent")


# What the process is given


@linux
@each_mode
def test_the_process_starts_with_nothing(
    mode: Mode, program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = """
    import select, tempfile
    say({"environment": dict(os.environ), "descriptors": sorted(os.listdir("/proc/self/fd")), "folder": os.getcwd(),
         "status": "ok", "arguments": sys.argv[1:], "session": os.getsid(0) == os.getpid(), "path": sys.path,
         "flags": [sys.flags.isolated, sys.flags.no_site, sys.flags.dont_write_bytecode],
         "error": os.readlink("/proc/self/fd/2")})
    """
    monkeypatch.setenv("GUIDEX_SECRET", "s3cret")
    monkeypatch.setenv("PYTHONPATH", str(SANDBOX))
    with open(os.devnull) as other, Worker(program(report), mode=mode) as worker:  # noqa: PTH123
        os.set_inheritable(other.fileno(), True)
        content = ask(worker, "misbehave")
    # Python itself may set LC_CTYPE when the locale is C (PEP 538); the last descriptor is the listing's own.
    assert set(json.loads(json.dumps(content["environment"]))) <= {"LC_CTYPE"}
    assert content["descriptors"] == ["0", "1", "2", "3"]
    assert content["error"] == os.devnull
    assert content["folder"] == Path(os.devnull).anchor
    assert content["arguments"] == [str(restrictedpython_site()), mode]
    assert content["session"] is True
    assert content["flags"] == [1, 1, 1]
    assert str(SANDBOX) not in str(content["path"])
    assert "s3cret" not in json.dumps(content)


@linux
def test_the_limits_hold_whatever_runs_behind_them(program: Callable[..., Path], tmp_path: Path) -> None:
    """The process layer alone: arbitrary code behind the doors that the real program closes."""
    attempts = {
        "open": "open('/proc/self/environ')",
        "write": f"os.open({str(tmp_path / 'canary')!r}, os.O_CREAT | os.O_WRONLY)",
        "import": "import fractions",
        "socket": "os.pipe()",
        "memory": "bytearray(10**9)",
        "raise limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
    }
    tried = "".join(
        f"    try:\n        {code}\n        said[{name!r}] = 'done'\n"
        f"    except BaseException as error:\n        said[{name!r}] = type(error).__name__\n"
        for name, code in attempts.items()
    )
    behind = f"""
sys.path.insert(0, SANDBOX)
import lockdown, resource
isolation = lockdown.close(["process"], source=0, sink=1)
say({{"status": "ready", "layers": isolation.layers, "gaps": isolation.gaps}})
while True:
    listen()
    lockdown.allow_cpu()
    said = {{"status": "ok"}}
{tried}
    said["limits"] = {{name: resource.getrlimit(getattr(resource, name)) for name, _ in lockdown.LIMITS}}
    said["cpu"] = resource.getrlimit(resource.RLIMIT_CPU)[0]
    say(said)
"""
    with Worker(program(body=behind)) as worker:
        content = ask(worker, "")
        assert worker.isolation == Isolation(layers=("process",))
    limits = {name: tuple(pair) for name, pair in json.loads(json.dumps(content.pop("limits"))).items()}
    assert len(limits) == 6
    assert all(soft == hard >= 0 for soft, hard in limits.values())
    assert 0 < int(str(content.pop("cpu"))) < 60
    assert content.pop("memory") == "MemoryError"
    assert content.pop("status") == "ok"
    assert set(content.values()) <= {"OSError", "ModuleNotFoundError", "ValueError", "PermissionError"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["program"]


# The end


@linux
@each_mode
def test_nothing_is_left_behind(mode: Mode) -> None:
    with Worker(mode=mode) as worker:
        assert worker.isolation.level
        process = pid(worker)
        # The first row's process is there before its row is.
        assert len(group(process)) == (1 if mode == "persistent" else 2)
        ask(worker, "[]")
    assert not Path(f"/proc/{process}").exists()
    assert all(ends(int(one)) for one in group(process))
    worker.close()
    assert ask(worker, "[]")["status"] == "ok"
    process = pid(worker)
    worker.close()
    assert not Path(f"/proc/{process}").exists()
    assert all(ends(int(one)) for one in group(process))


@linux
def test_a_forked_host_gets_a_jail_of_its_own(program: Callable[..., Path]) -> None:
    with Worker(program()) as worker:
        first = ask(worker, "parent")
        source, sink = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover  another process
            try:
                os.write(sink, json.dumps(ask(worker, "child")).encode())
                worker.close()
            finally:
                os._exit(0)
        os.close(sink)
        with os.fdopen(source, "rb") as said:
            content = json.loads(said.read())
        assert os.waitpid(child, 0)[1] == 0
        assert content["source"] == "child"
        assert content["pid"] != first["pid"]
        assert ends(content["pid"])
        assert ask(worker, "parent again")["pid"] == first["pid"]


@linux
@each_mode
def test_the_process_ends_when_its_host_is_killed(mode: Mode) -> None:
    code = (
        f"import time; from guidex_schema.worker import Worker; worker = Worker(mode={mode!r});"
        "worker.request({'source': '[]', 'classes': [], 'enums': []});"
        "print(worker._process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        jailed = int(host.stdout.readline())
        held = group(jailed)
        assert str(jailed) in held
        host.kill()
        assert all(ends(int(one)) for one in held)


def test_threads_share_a_worker(program: Callable[..., Path]) -> None:
    said: dict[str, list[str]] = {}

    def run(name: str) -> None:
        said[name] = [str(ask(worker, f"{name} {count}")["source"]) for count in range(100)]

    with Worker(program()) as worker:
        threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two", "three")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert said == {name: [f"{name} {count}" for count in range(100)] for name in ("one", "two", "three")}


def test_closing_waits_for_the_row_in_hand(program: Callable[..., Path]) -> None:
    said: list[object] = []
    with Worker(program("time.sleep(0.3)")) as worker:
        ask(worker, "x")
        thread = threading.Thread(target=lambda: said.append(ask(worker, "misbehave")["source"]))
        thread.start()
        time.sleep(0.1)
        worker.close()
        thread.join()
    assert said == ["misbehave"]


# The real program


@linux
@each_mode
def test_a_row_in_hand_ends_with_the_process_that_is_closed(mode: Mode, served: Callable[..., Path]) -> None:
    with Worker(served("time.sleep(60)"), mode=mode, wall_seconds=0.4) as worker:
        ask(worker, "before")
        process = pid(worker)
        assert worker.request({"source": "misbehave"}).trouble == "time-limit"
        assert all(ends(int(one)) for one in group(process))


@each_mode
def test_a_row_that_kills_its_own_process_harms_no_other(mode: Mode, served: Callable[..., Path]) -> None:
    with Worker(served("os.kill(os.getpid(), signal.SIGKILL)"), mode=mode) as worker:
        ask(worker, "before")
        reply = worker.request({"source": "misbehave"})
        assert (reply.trouble, reply.detail) == ("jail-died", "it ended with signal 9")
        assert ask(worker, "after")["source"] == "after"


def test_no_state_of_one_row_reaches_the_next(jail: Worker) -> None:
    assert ask(jail, "p = open()\n[p, P()]", "open", "P")["status"] == "ok"
    assert ask(jail, "[p]", "open", "P")["status"] == "refused"
    assert ask(jail, "[open()]", "P")["status"] == "refused"
    first = ask(jail, "[P(1)]", "P")
    ask(jail, "[P(2), Q(3)]", "P", "Q")
    assert ask(jail, "[P(1)]", "P") == first


def test_the_real_program_survives_what_its_policy_refuses(jail: Worker) -> None:
    ask(jail, "[]")
    process = pid(jail)
    sources = [
        "(" * 60_000,
        "-" * 60_000 + "1",
        "[" + "1," * 30_000 + "]",
        "'\ud800'",
        "\0",
        "[P(__debug__=1)]",
        "é" * 60_000,
    ]
    for source in sources:
        assert ask(jail, source)["status"] in ("syntax", "refused")
    assert pid(jail) == process
