"""The host keeps its head: whatever the jailed process does is a verdict about one row, and the next row is safe."""

import importlib.util
import json
import os
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
from guidex_schema.error import JailError
from guidex_schema.worker import Worker, restrictedpython_site

SANDBOX = Path(__file__).parent.parent / "sandbox"
PRELUDE = f"""
import json, os, signal, struct, sys, time
SANDBOX = {str(SANDBOX)!r}
def send(body):
    os.write(1, struct.pack(">I", len(body)) + body)
def say(reply):
    send(json.dumps(reply).encode())
def listen():
    head = os.read(0, 4)
    if not head:
        sys.exit()
    (length,) = struct.unpack(">I", head)
    body = b""
    while len(body) < length:
        body += os.read(0, length - len(body))
    return json.loads(body)["source"]
"""
HONEST = """
say({"status": "ready", "level": ["RLIMIT_AS"]})
while True:
    source = listen()
    if source == "misbehave":
        misbehave()
    say({"status": "ok", "source": source, "pid": os.getpid()})
"""

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


@pytest.fixture(scope="module")
def jail() -> Iterator[Worker]:
    """Give a worker with the real program."""
    with Worker() as real:
        yield real


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
    "exits": ("os._exit(7)", "jail-died", "exit code 7"),
    "exits cleanly": ("sys.exit()", "jail-died", "exit code 0"),
    "raises": ("1 / 0", "jail-died", "exit code 1"),
    "is killed": ("os.kill(os.getpid(), signal.SIGKILL)", "jail-died", "signal 9"),
    "crashes": ("os.kill(os.getpid(), signal.SIGSEGV)", "jail-died", "signal 11"),
    "closes its pipes": ("os.close(1); os.close(0); time.sleep(60)", "jail-died", "closed its pipe"),
    "floods": ('os.write(1, struct.pack(">I", 1001) + b"x" * 1001)', "output-limit", "1,001 bytes"),
    "announces a flood": ('os.write(1, b"\\xff" * 4); time.sleep(60)', "output-limit", "4,294,967,295 bytes"),
    "stops in a length": ('os.write(1, b"\\0\\0"); time.sleep(60)', "time-limit", ""),
    "stops in a frame": ('os.write(1, struct.pack(">I", 900) + b"{"); time.sleep(60)', "time-limit", ""),
    "drips": ('os.write(1, b"\\0\\0\\1\\0")\nwhile True:\n    os.write(1, b" "); time.sleep(0.1)', "time-limit", ""),
    "dies in a frame": ('os.write(1, struct.pack(">I", 900) + b"{"); sys.exit()', "jail-died", ""),
    "says nothing": ('send(b"")', "jail-died", "no verdict"),
    "speaks no JSON": ('send(b"ok")', "jail-died", "no verdict"),
    "speaks no UTF-8": ('send(b\'{"status": "\\xff"}\')', "jail-died", "no verdict"),
    "speaks UTF-16": ('send(json.dumps({"status": "ok"}).encode("utf-16"))', "jail-died", "no verdict"),
    "sends a list": ('say([{"status": "ok"}])', "jail-died", "no verdict"),
    "sends a string": ('say("ok")', "jail-died", "no verdict"),
    "sends null": ("say(None)", "jail-died", "no verdict"),
    "sends a key twice": ('send(b\'{"status": "refused", "status": "ok"}\')', "jail-died", "no verdict"),
    "sends NaN": ('send(b\'{"status": NaN}\')', "jail-died", "no verdict"),
    "sends infinity": ('send(b\'{"status": [-Infinity]}\')', "jail-died", "no verdict"),
    "nests deep": ('send(b"[" * 500 + b"]" * 500)', "jail-died", "no verdict"),
    "sends a huge number": ('send(b\'{"a": \' + b"9" * 900 + b"")', "jail-died", "no verdict"),
    "sends two objects": ('send(b"{}{}")', "jail-died", "no verdict"),
    "leaves a child": ("if os.fork():\n    os._exit(3)\ntime.sleep(60)", "time-limit", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_what_goes_wrong_is_a_verdict_and_the_next_row_gets_a_new_process(
    name: str, program: Callable[..., Path]
) -> None:
    misbehaviour, trouble, detail = MISBEHAVIOURS[name]
    with Worker(program(misbehaviour), wall_seconds=0.5, reply_bytes=1000) as worker:
        first = ask(worker, "before")
        began = time.monotonic()
        reply = worker.request({"source": "misbehave"})
        assert time.monotonic() - began < 5
        assert reply.content is None
        assert reply.trouble == trouble
        assert detail in reply.detail
        assert all(ends(int(one)) for one in group(int(str(first["pid"]))))
        after = ask(worker, "after")
        assert after["source"] == "after"
        assert after["pid"] != first["pid"]


def test_very_deep_nesting_is_no_verdict(program: Callable[..., Path]) -> None:
    with Worker(program('send(b"[" * 200_000)')) as worker:
        assert worker.request({"source": "misbehave"}).trouble == "jail-died"
        assert ask(worker, "after")["source"] == "after"


def test_a_process_that_does_not_read_is_stopped(program: Callable[..., Path]) -> None:
    deaf = 'say({"status": "ready"})\ntime.sleep(60)'
    with Worker(program(body=deaf), wall_seconds=0.3) as worker:
        assert worker.request({"source": "x" * 1_000_000}).trouble == "time-limit"


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
    with Worker(program()) as worker:
        first = ask(worker, "before")

        def interrupted(descriptor: int, length: int) -> bytes:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(worker_module, "_read", interrupted)
            with pytest.raises(error):
                worker.request({"source": "interrupted"})
        assert not is_running(int(str(first["pid"])))
        assert ask(worker, "after")["source"] == "after"
    assert threading.active_count() == 1


def test_a_relative_program_is_found(program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = program()
    monkeypatch.chdir(folder.parent)
    with Worker(Path(folder.name)) as worker:
        assert ask(worker, "x")["source"] == "x"


def test_the_level_is_what_the_program_reports(program: Callable[..., Path], jail: Worker) -> None:
    with Worker(program()) as worker:
        levels = [worker.level]
        ask(worker, "x")
        levels.append(worker.level)
    assert levels == [(), ("RLIMIT_AS",)]
    with Worker(program(body=HONEST.replace('["RLIMIT_AS"]', "5"))) as worker:
        ask(worker, "x")
        assert worker.level == ()
    ask(jail, "[]")
    assert len(jail.level) == len(set(jail.level))


# What the process is given


@linux
def test_the_process_starts_with_nothing(program: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    report = """
    import select, tempfile
    say({"environment": dict(os.environ), "descriptors": sorted(os.listdir("/proc/self/fd")), "folder": os.getcwd(),
         "status": "ok", "arguments": sys.argv[1:], "session": os.getsid(0) == os.getpid(), "path": sys.path,
         "flags": [sys.flags.isolated, sys.flags.no_site, sys.flags.dont_write_bytecode],
         "error": os.readlink("/proc/self/fd/2")})
    """
    monkeypatch.setenv("GUIDEX_SECRET", "s3cret")
    monkeypatch.setenv("PYTHONPATH", str(SANDBOX))
    with open(os.devnull) as other, Worker(program(report)) as worker:  # noqa: PTH123
        os.set_inheritable(other.fileno(), True)
        content = ask(worker, "misbehave")
    # Python itself may set LC_CTYPE when the locale is C (PEP 538); the last descriptor is the listing's own.
    assert set(json.loads(json.dumps(content["environment"]))) <= {"LC_CTYPE"}
    assert content["descriptors"] == ["0", "1", "2", "3"]
    assert content["error"] == os.devnull
    assert content["folder"] == Path(os.devnull).anchor
    assert content["arguments"] == [str(restrictedpython_site())]
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
level = lockdown.close(lockdown.load_resource())
say({{"status": "ready", "level": level}})
while True:
    listen()
    lockdown.allow_cpu(resource)
    said = {{"status": "ok"}}
{tried}
    said["limits"] = {{name: resource.getrlimit(getattr(resource, name)) for name in level}}
    said["cpu"] = resource.getrlimit(resource.RLIMIT_CPU)[0]
    say(said)
"""
    with Worker(program(body=behind)) as worker:
        content = ask(worker, "")
        assert len(worker.level) == 6
    limits = {name: tuple(pair) for name, pair in json.loads(json.dumps(content.pop("limits"))).items()}
    assert set(limits) == set(worker.level)
    assert all(soft == hard >= 0 for soft, hard in limits.values())
    assert 0 < int(str(content.pop("cpu"))) < 60
    assert content.pop("memory") == "MemoryError"
    assert content.pop("status") == "ok"
    assert set(content.values()) <= {"OSError", "ModuleNotFoundError", "ValueError", "PermissionError"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["program"]


# The end


@linux
def test_nothing_is_left_behind(program: Callable[..., Path]) -> None:
    with Worker(program()) as worker:
        ask(worker, "x")
        process = pid(worker)
    assert not Path(f"/proc/{process}").exists()
    worker.close()
    assert ask(worker, "again")["source"] == "again"
    process = pid(worker)
    worker.close()
    assert not Path(f"/proc/{process}").exists()


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
def test_the_process_ends_when_its_host_is_killed() -> None:
    code = (
        "import time; from guidex_schema.worker import Worker; worker = Worker();"
        "worker.request({'source': '[]', 'classes': [], 'enums': []});"
        "print(worker._process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        jailed = int(host.stdout.readline())
        assert is_running(jailed)
        host.kill()
        assert ends(jailed)


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
