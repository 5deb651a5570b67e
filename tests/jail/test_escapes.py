"""Ways around the clock, signals and the walls between processes, with the layers off that would stop them, too."""

import json
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from guidex_schema.error import JailError
from guidex_schema.execution import execute
from guidex_schema.guideline import parse_guideline
from guidex_schema.instance import Record
from guidex_schema.rule import GUIDELINES
from guidex_schema.worker import Mode, Worker

ROOT = Path(__file__).parent.parent.parent
MODES: list[Mode] = ["persistent", "fork-per-row"]
PROGRAM = """
import sys
sys.path[:0] = [{sandbox!r}]
sys.path.append(sys.argv[1])
import ctypes, json, os, signal, time
import frames, policy, service

def answer(body):
    namespace = {{}}
    exec(json.loads(body)["source"], namespace)
    return frames.encoded({{"status": "ran", "result": namespace.get("result")}})

serve = service.serve_forked if sys.argv[2] == "fork-per-row" else service.serve_persistent
serve(answer, service.claim_pipes(), layers={layers!r})
os._exit(0)
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layers are those of Linux")

Program = Callable[..., Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Give a maker of jailed programs that run their labels as plain Python behind these layers."""

    def make(*layers: str) -> Path:
        folder = tmp_path / "program"
        folder.mkdir(exist_ok=True)
        (folder / "__main__.py").write_text(PROGRAM.format(sandbox=str(ROOT / "sandbox"), layers=layers), "utf-8")
        return folder

    return make


def run(worker: Worker, source: str) -> object:
    reply = worker.request({"source": textwrap.dedent(source)})
    assert reply.content is not None, reply
    return reply.content["result"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("layers", [(), ("process",)], ids=["none", "process"])
def test_who_leaves_the_group_with_the_pipe_in_hand_stops_no_clock(
    mode: Mode, layers: tuple[str, ...], program: Program
) -> None:
    source = """
        import os, time
        if os.fork() == 0:
            os.setsid()
            time.sleep(6)
        os._exit(0)
    """
    with Worker(program(*layers), mode=mode, wall_seconds=0.4) as worker:
        assert run(worker, "result = 1") == 1
        began = time.monotonic()
        assert worker.request({"source": textwrap.dedent(source)}).trouble in ("time-limit", "jail-died")
        assert time.monotonic() - began < 4
        assert run(worker, "result = 2") == 2


@pytest.mark.parametrize("mode", MODES)
def test_signals_that_the_host_was_started_to_ignore_are_not_ignored_in_the_jail(mode: Mode, program: Program) -> None:
    host = f"""
        import signal
        for name in ("SIGCHLD", "SIGXCPU"):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGXCPU, signal.SIGCHLD])
        from pathlib import Path
        from guidex_schema.worker import Worker
        source = "import signal; result = [int(signal.getsignal(getattr(signal, one)) == signal.SIG_DFL) for one in"
        source += " ('SIGCHLD', 'SIGXCPU')] + [len(signal.pthread_sigmask(signal.SIG_BLOCK, []))]"
        with Worker(Path({str(program())!r}), mode={mode!r}) as worker:
            for _ in range(3):
                print(worker.request({{"source": source}}).content["result"])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(host)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[1, 1, 0]\n" * 3, "")


def test_a_host_that_ignores_the_ends_of_its_children_judges_rows_all_the_same() -> None:
    path = ROOT / "fixtures" / "datasets" / "guidex" / "valid" / "music.jsonl"
    command = f"""
        import signal, sys
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        from guidex_schema.cli import app
        app(["check", {str(path)!r}, "--worker", "fork-per-row"])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(command)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("layers", [("process",), ("process", "landlock")], ids="+".join)
def test_a_row_does_not_reach_the_memory_of_the_process_it_was_forked_from(
    layers: tuple[str, ...], program: Program
) -> None:
    source = """
        import ctypes, os
        library = ctypes.CDLL(None, use_errno=True)
        class Vector(ctypes.Structure):
            _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
        memory = ctypes.create_string_buffer(b"0123456789abcdef")
        vector = Vector(ctypes.addressof(memory), 16)
        def reach(call, process):
            return call(process, ctypes.byref(vector), 1, ctypes.byref(vector), 1, 0)
        calls = (library.process_vm_readv, library.process_vm_writev)
        result = [[reach(call, process) for call in calls] for process in (os.getpid(), os.getppid())]
        # PTRACE_SEIZE, which stops nobody.
        result.append(library.ptrace(0x4206, os.getppid(), 0, 0))
    """
    with Worker(program(*layers), mode="fork-per-row") as worker:
        if worker.isolation.layers != layers:
            pytest.skip("this system lacks a layer")
        itself, above, traced = json.loads(json.dumps(run(worker, source)))
    assert itself == [16, 16]
    assert (above, traced) == ([-1, -1], -1)


def test_a_host_that_inherits_orphans_keeps_no_zombie(program: Program) -> None:
    # The first process of a container inherits every orphan; here the host asks for them (PR_SET_CHILD_SUBREAPER).
    host = f"""
        import ctypes, os
        assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
        from pathlib import Path
        from guidex_schema.worker import Worker
        with Worker(Path({str(program())!r}), mode="fork-per-row", wall_seconds=0.3) as worker:
            for source in ("result = 1", "while True: pass", "import os; os._exit(3)", "result = 2"):
                worker.request({{"source": source}})
        try:
            print(os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG))
        except ChildProcessError:
            print("nobody")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(host)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("nobody\n", "")


@pytest.mark.parametrize("mode", MODES)
def test_a_thread_that_ends_costs_no_verdict(mode: Mode) -> None:
    # The kernel ends the jail with the thread that started it.
    with Worker(mode=mode) as worker:
        for _ in range(3):
            replies: list[object] = []
            request: dict[str, object] = {"source": "[P(1)]", "classes": ["P"], "enums": []}
            thread = threading.Thread(target=lambda: replies.append(worker.request(request).content))  # noqa: B023
            thread.start()
            thread.join()
            reply = worker.request(request).content
            assert replies == [reply]
            assert reply is not None
            assert reply["status"] == "ok"


def test_replies_bear_a_nonce_that_no_row_is_shown_beforehand(program: Program) -> None:
    # What a row of its own process can learn of the host's nonce: nothing, it is in another process.
    source = """
        import sys
        frame, found = sys._getframe(), []
        while frame:
            found += [one for one in frame.f_locals.values() if isinstance(one, bytes) and len(one) == 16]
            frame = frame.f_back
        result = [one.hex() for one in found]
    """
    seen: list[str] = []
    with Worker(program(), mode="fork-per-row") as worker:
        for _ in range(3):
            found = run(worker, source)
            assert isinstance(found, list)
            seen += found
    # Its own, which the process that forked it made up, is another each time.
    assert len(set(seen)) == len(seen) == 3


def test_the_request_may_hold_all_names_that_guidelines_can_declare() -> None:
    name = "é" * 700_000
    with Worker() as worker:
        reply = worker.request({"source": "[]", "classes": [name], "enums": []})
    assert reply.content is not None
    assert reply.content["status"] == "ok"


def test_a_row_that_is_killed_says_so(program: Program) -> None:
    with Worker(program(), mode="fork-per-row") as worker:
        reply = worker.request({"source": f"import os; os.kill(os.getpid(), {int(signal.SIGSYS)})"})
    assert (reply.trouble, reply.detail) == ("jail-died", "it made a system call that the jail forbids")


def test_the_first_process_of_a_row_that_dies_over_its_doors_is_no_jail(program: Program) -> None:
    folder = program()
    main = folder / "__main__.py"
    dying = (
        "import lockdown\n"
        "lockdown.close = lambda layers, **pipes: layers and os._exit(9) or lockdown.Isolation((), ())\n"
    )
    main.write_text(main.read_text("utf-8").replace("layers=()", "layers=('process',)"), "utf-8")
    main.write_text(main.read_text("utf-8").replace("def answer", dying + "\ndef answer"), "utf-8")
    with Worker(folder, mode="fork-per-row") as worker, pytest.raises(JailError, match="does not answer"):
        worker.isolation  # noqa: B018


def test_a_process_that_is_forked_off_while_a_row_is_read_does_not_wait_for_it(program: Program) -> None:
    host = f"""
        import os, signal, threading, time
        from pathlib import Path
        from guidex_schema.worker import Worker
        worker = Worker(Path({str(program())!r}), wall_seconds=5)
        worker.request({{"source": "result = 1"}})
        thread = threading.Thread(target=lambda: worker.request({{"source": "import time; time.sleep(2); result = 2"}}))
        thread.start()
        time.sleep(0.5)
        if os.fork() == 0:
            signal.alarm(10)
            print(worker.request({{"source": "result = 3"}}).content["result"], flush=True)
            worker.close()
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.wait()[1]))
        thread.join()
        worker.close()
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(host)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("3\n0\n", "")


SLOW = """
import time
import reading
read = reading.answer
def answer(body):
    if "Spin" in json.loads(body)["source"]:
        time.sleep(60)
    return read(body)
time.sleep({seconds})
"""


def judging(program: Program, seconds: float) -> Path:
    """Give a program that reads labels as the real one, hangs at a class of that name, and starts slowly."""
    main = program() / "__main__.py"
    source = main.read_text("utf-8")
    behind = SLOW.format(seconds=seconds) + "\nserve ="
    main.write_text(source.replace("\nserve =", behind), "utf-8")
    return main.parent


def codes(labels: str, worker: Worker) -> list[str]:
    schema = parse_guideline(GUIDELINES).schema
    return [one.rule for one in execute(Record(guidelines="", labels=labels), schema, worker, accelerate=False).faults]


ROW = '[Person("Ada"), (lambda: 1), Person("Bob")]'


def test_a_slow_start_is_no_time_of_the_row(program: Program) -> None:
    with Worker(judging(program, 1.2), wall_seconds=1) as worker:
        assert codes(ROW, worker) == ["refused-construct"]


def test_a_row_of_another_thread_takes_no_time_of_this_one(program: Program) -> None:
    with Worker(judging(program, 0), wall_seconds=0.6) as worker:
        assert codes(ROW, worker) == ["refused-construct"]
        other = threading.Thread(target=codes, args=("[Spin()]", worker))
        other.start()
        time.sleep(0.1)
        assert codes(ROW, worker) == ["refused-construct"]
        other.join()


def test_attempts_to_read_around_what_cannot_be_read_share_a_clock(program: Program) -> None:
    main = program() / "__main__.py"
    slow = SLOW.format(seconds=0).replace('"Spin" in json.loads(body)["source"]', "True").replace("60", "0.4")
    main.write_text(main.read_text("utf-8").replace("\nserve =", slow + "\nserve ="), "utf-8")
    labels = f"[{', '.join(f'Person({number} {number})' for number in range(9))}]"
    with Worker(main.parent, wall_seconds=0.5) as worker:
        *found, last = codes(labels, worker)
        assert (set(found), last) == ({"label-syntax"}, "time-limit")
        assert len(found) < 9
        assert worker.request({"source": "[]", "classes": [], "enums": []}).seconds >= 0.4
