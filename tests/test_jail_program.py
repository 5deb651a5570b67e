"""The jailed program with its doors left open: frames in, frames out, by one process or by one for each row."""

import faulthandler
import gc
import importlib.util
import io
import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import frames
import lockdown
import policy
import probe
import reading
import service
from guidex_schema.worker import restrictedpython_site

SANDBOX = Path(__file__).parent.parent / "sandbox"
HEAD = struct.Struct(">I16s")
READY = {"status": "ready", "layers": [], "gaps": []}

Reply = tuple[bytes, dict[str, object]]
Serve = Callable[[service.Answer, service.Pipes, tuple[str, ...]], None]

each_way = pytest.mark.parametrize("serve", [service.serve_persistent, service.serve_forked])
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc")


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("jailed_program", SANDBOX / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def open_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this very process as it is: no limit, no end with its host, its paths and its garbage."""
    monkeypatch.setattr(lockdown, "resource", None)
    monkeypatch.setattr(lockdown, "guard", lambda: None)
    monkeypatch.setattr(service, "forget_paths", lambda: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)


def nonce(number: int) -> bytes:
    return number.to_bytes(16, "big")


def frame(body: bytes, number: int = 1) -> bytes:
    return HEAD.pack(len(body), nonce(number)) + body


def request(source: str, number: int = 1, classes: tuple[str, ...] = ("P",)) -> bytes:
    return frame(json.dumps({"source": source, "classes": classes, "enums": []}).encode(), number)


def read(data: bytes) -> Iterator[Reply]:
    while data:
        length, found = HEAD.unpack(data[:20])
        assert len(data) >= 20 + length
        yield found, json.loads(data[20 : 20 + length].decode("ascii"))
        data = data[20 + length :]


def served(serve: Serve, data: bytes, answer: service.Answer = reading.answer) -> list[Reply]:
    """Answer what fits into a pipe, and give all that was said."""
    source, host_sink = os.pipe()
    host_source, sink = os.pipe()
    os.write(host_sink, data)
    os.close(host_sink)
    try:
        serve(answer, service.Pipes(source, sink), ())
    finally:
        os.close(source)
        os.close(sink)
    with os.fdopen(host_source, "rb") as replies:
        return list(read(replies.read()))


def contents(replies: list[Reply]) -> list[dict[str, object]]:
    return [content for _, content in replies]


def descriptors() -> list[int]:
    return [one for one in range(200) if is_open(one)]


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


# Both ways


@each_way
def test_it_answers_every_request_in_order_with_its_nonce(serve: Serve) -> None:
    asked = ["[P(1)]", "", "[P(", "[lambda: 1]", "[P(2)]"]
    data = b"".join(request(source, 7 * number + 1) for number, source in enumerate(asked))
    ready, *replies = served(serve, data)
    assert ready == (bytes(16), READY)
    assert [content["status"] for _, content in replies] == ["ok", "empty", "syntax", "refused", "ok"]
    assert [found for found, _ in replies] == [nonce(7 * number + 1) for number in range(5)]


@each_way
@pytest.mark.parametrize("cut", [0, 1, 3, 4, 5, 19, 20, 21, 60])
def test_it_ends_where_the_host_stops_writing(serve: Serve, cut: int) -> None:
    assert len(served(serve, request("[P(1)]")[:cut])) == 1


@each_way
def test_it_ends_at_a_request_that_is_too_long(serve: Serve) -> None:
    head = HEAD.pack(service.REQUEST_BYTES + 1, nonce(1))
    assert len(served(serve, request("[P(1)]") + head + request("[P(1)]"))) == 2


@each_way
def test_it_leaves_no_descriptor_behind(serve: Serve) -> None:
    before = descriptors()
    assert len(served(serve, request("[P(1)]") * 3)) == 4
    assert descriptors() == before


@each_way
def test_it_says_what_is_missing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def close(layers: set[str], *, source: int, sink: int) -> lockdown.Isolation:
        asked.extend(layers)
        return lockdown.Isolation(("process",) if "process" in layers else (), tuple(f"{one}: no" for one in layers))

    monkeypatch.setattr(lockdown, "close", close)
    ((_, ready),) = served(lambda answer, host, _: serve(answer, host, ("process",)), b"")
    assert ready == {"status": "ready", "layers": ["process"], "gaps": ["process: no"]}


def test_landlock_is_closed_once_for_all_rows_and_the_rest_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[set[str]] = []

    def close(layers: set[str], *, source: int, sink: int) -> lockdown.Isolation:
        closed.append(set(layers))
        return lockdown.Isolation(tuple(one for one in lockdown.LAYERS if one in layers), ())

    monkeypatch.setattr(lockdown, "close", close)
    (_, ready), *replies = served(
        lambda answer, host, _: service.serve_forked(answer, host, lockdown.LAYERS), request("[P(1)]") * 2
    )
    assert ready == {"status": "ready", "layers": [*lockdown.LAYERS], "gaps": []}
    assert contents(replies) == [json.loads(reading.answer(request("[P(1)]")[20:]))] * 2
    assert closed == [{"landlock"}], "the rest is closed in other processes"


@given(text=st.text(st.characters(exclude_categories=()), max_size=2_000))
def test_any_text_is_answered(text: str) -> None:
    _, first, second = contents(served(service.serve_persistent, request(text) + request("[P(1)]")))
    assert first["status"] in ("ok", "syntax", "refused", "empty")
    assert second["status"] == "ok"


def test_a_sentence_of_the_jail_is_what_the_rows_process_said() -> None:
    for source in ("[P(1)]", "[P(", "[lambda: 1]", ""):
        one, other = (served(serve, request(source)) for serve in (service.serve_persistent, service.serve_forked))
        assert one == other


@pytest.mark.parametrize(
    ("error", "status"), [(MemoryError(), {"status": "memory"}), (RecursionError(), None)]
)  # fmt: skip
def test_running_out_of_something_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, status: dict[str, object] | None
) -> None:
    def failing(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(policy, "read", failing)
    _, reply = contents(served(service.serve_persistent, request("[]")))
    assert reply == (status or {
        "status": "refused",
        "refusals": [{"construct": "too deep a nesting", "limit": True, "place": None}],
    })  # fmt: skip


def test_every_row_gets_cpu_time_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(lockdown, "allow_cpu", lambda **options: done.append(f"CPU {options}"))

    def answer(body: bytes) -> bytes:
        done.append(body.decode())
        return b"{}"

    served(service.serve_persistent, frame(b"a") + frame(b"b"), answer)
    assert done == ["CPU {}", "a", "CPU {}", "b"]


# A process for each row

seen: list[bytes] = []


def remembering(body: bytes) -> bytes:
    """Answer what was asked before, and remember what is asked."""
    before = b" ".join(seen).decode()
    seen.append(body)
    return frames.encoded({"before": before, "process": os.getpid()})


@pytest.fixture
def nothing_seen() -> Iterator[None]:
    seen.clear()
    yield
    seen.clear()


def test_no_state_of_a_row_reaches_the_next_where_each_has_its_process(nothing_seen: None) -> None:
    asked = frame(b"a") + frame(b"b") + frame(b"c")
    _, *replies = contents(served(service.serve_forked, asked, remembering))
    assert [reply["before"] for reply in replies] == ["", "", ""]
    assert len({reply["process"] for reply in replies} | {os.getpid()}) == 4
    assert not seen
    # Where all rows share a process, the policy itself has to keep them apart: this answer does not.
    _, *replies = contents(served(service.serve_persistent, asked, remembering))
    assert [reply["before"] for reply in replies] == ["", "a", "a b"]


@linux
def test_a_rows_process_holds_no_pipe_but_its_own() -> None:
    def counted(body: bytes) -> bytes:
        links = [str(Path(f"/proc/self/fd/{one}").readlink()) for one in descriptors()]
        return frames.encoded({"pipes": sum(link.startswith("pipe:") for link in links)})

    outside = json.loads(counted(b""))["pipes"]
    _, *replies = contents(served(service.serve_forked, frame(b"a") * 3, counted))
    # Two are its own, and one is the end that this test reads from.
    assert [reply["pipes"] for reply in replies] == [outside + 3] * 3


def killed(body: bytes) -> bytes:
    faulthandler.disable()
    os.kill(os.getpid(), int(body))
    raise AssertionError("it is dead")


ENDS: dict[str, tuple[Callable[[bytes], bytes], dict[str, object]]] = {
    "is killed": (lambda body: killed(b"9"), {"status": "died", "code": -9}),
    "crashes": (lambda body: killed(b"11"), {"status": "died", "code": -11}),
    "spends its time": (lambda body: killed(b"24"), {"status": "died", "code": -24}),
    "exits": (lambda body: os._exit(7), {"status": "died", "code": 7}),
    "exits cleanly": (lambda body: os._exit(0), {"status": "died", "code": 0}),
    "raises": (lambda body: b"%d" % (1 // 0), {"status": "died", "code": 1}),
    "leaves": (lambda body: sys.exit(5), {"status": "died", "code": 1}),
    "announces too much": (lambda body: b"x" * 1001, {"status": "output"}),
}


@pytest.mark.parametrize("name", ENDS)
def test_how_a_rows_process_ends_is_an_answer_and_the_next_row_is_read(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending, expected = ENDS[name]
    monkeypatch.setattr(service, "REPLY_BYTES", 1000)
    # What it says of its own end, it says where nobody reads.
    monkeypatch.setattr(sys, "stderr", io.StringIO())

    def answer(body: bytes) -> bytes:
        return ending(body) if body == b"end" else b'{"status": "ok"}'

    replies = served(service.serve_forked, frame(b"a", 1) + frame(b"end", 2) + frame(b"b", 3), answer)
    ok = {"status": "ok"}
    assert replies == [(bytes(16), READY), (nonce(1), ok), (nonce(2), expected), (nonce(3), ok)]


def rows_sink() -> int:
    """Give the descriptor that a row's own process writes to: the highest that is open."""
    return descriptors()[-1]


def test_a_rows_process_that_dies_in_its_reply_has_given_none() -> None:
    def answer(body: bytes) -> bytes:
        os.write(rows_sink(), HEAD.pack(100, nonce(1)) + b"{")
        os._exit(3)

    _, reply = contents(served(service.serve_forked, frame(b"a"), answer))
    assert reply == {"status": "died", "code": 3}


def test_a_reply_that_is_followed_by_a_crash_is_none() -> None:
    def answer(body: bytes) -> bytes:
        os.write(rows_sink(), frame(b'{"status": "ok"}'))
        return killed(b"11")

    _, reply = contents(served(service.serve_forked, frame(b"a"), answer))
    assert reply == {"status": "died", "code": -11}


def test_a_row_can_neither_choose_its_nonce_nor_answer_for_the_next() -> None:
    def answer(body: bytes) -> bytes:
        forged = b"".join(frame(b'{"status": "forged"}', number) for number in range(5))
        if body == b"forge":
            os.write(rows_sink(), forged)
        return b'{"status": "ok"}'

    asked = frame(b"forge", 2) + frame(b"a", 3)
    _, first, second = served(service.serve_forked, asked, answer)
    # The first frame is a reply to its own row, as labels of that row that reach so far could have given anyway.
    assert first[0] == nonce(2)
    assert first[1]["status"] in ("forged", "died")
    assert second == (nonce(3), {"status": "ok"})


def test_garbage_is_handed_on_as_it_stands() -> None:
    """The host judges it; this side never decodes a reply."""
    source, host_sink = os.pipe()
    host_source, sink = os.pipe()
    os.write(host_sink, frame(b"a", 5))
    os.close(host_sink)
    service.serve_forked(lambda body: b"\xff no JSON", service.Pipes(source, sink), ())
    os.close(source)
    os.close(sink)
    with os.fdopen(host_source, "rb") as replies:
        data = replies.read()
    assert data.endswith(frame(b"\xff no JSON", 5))


def test_a_process_that_is_gone_before_its_row_comes_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    child = service._Child.fork(reading.answer, service.Pipes(*os.pipe()), ())
    child.isolation()
    os.kill(child.process, signal.SIGKILL)
    assert os.waitid(os.P_PID, child.process, os.WEXITED | os.WNOWAIT) is not None
    assert json.loads(child.reply(b"{}")) == {"status": "died", "code": -9}


def test_where_a_process_dies_over_its_doors_nothing_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def close(layers: set[str], *, source: int, sink: int) -> lockdown.Isolation:
        if "process" in layers:
            os._exit(4)
        return lockdown.Isolation((), ())

    monkeypatch.setattr(lockdown, "close", close)
    said = served(lambda answer, host, _: service.serve_forked(answer, host, ("process",)), request("[P(1)]"))
    assert list(said) == []


def test_it_ends_when_the_next_process_would_be_less_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def close(layers: set[str], *, source: int, sink: int) -> lockdown.Isolation:
        if "process" not in layers:
            return lockdown.Isolation((), ())
        (tmp_path / str(os.getpid())).touch()
        return lockdown.Isolation(("process",), ("process: no",) * (len([*tmp_path.iterdir()]) > 2))

    monkeypatch.setattr(lockdown, "close", close)
    replies = served(lambda answer, host, _: service.serve_forked(answer, host, ("process",)), request("[P(1)]") * 5)
    assert [content["status"] for _, content in replies] == ["ready", "ok", "ok"]
    for one in tmp_path.iterdir():
        with pytest.raises(ChildProcessError):
            os.waitpid(int(one.name), os.WNOHANG)


def test_a_rows_process_reads_one_row_and_says_how_closed_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[object] = []
    monkeypatch.setattr(lockdown, "allow_cpu", lambda **options: allowed.append(options))
    monkeypatch.setattr(lockdown, "close", lambda layers, *, source, sink: lockdown.Isolation(("process",), ("a: b",)))

    def one(layers: tuple[str, ...], data: bytes) -> list[tuple[bytes, bytes]]:
        source, host_sink = os.pipe()
        host_source, sink = os.pipe()
        os.write(host_sink, data)
        os.close(host_sink)
        service._answer_one(lambda body: b"said " + body, service.Pipes(source, sink), layers)
        os.close(source)
        os.close(sink)
        said = [*iter(lambda: frames.read(host_source, 100), None)]
        os.close(host_source)
        return said

    isolation = (frames.NO_NONCE, b'[["process"], ["a: b"]]')
    assert one((), b"") == [isolation]
    assert allowed == []
    assert one(("process",), frame(b"a", 5) + frame(b"b", 6)) == [isolation, (nonce(5), b"said a")]
    assert allowed == [{"for_good": True}]


# The program


@linux
def test_rows_leave_nothing_behind_in_the_process_that_forks_them() -> None:
    command = [sys.executable, "-I", "-S", "-B", str(SANDBOX), str(restrictedpython_site()), "fork-per-row"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        own = Path("/proc") / str(process.pid)

        def is_waiting() -> bool:
            """Say whether one row's process is there, waits, and is the only one."""
            children = (own / "task" / own.name / "children").read_text("utf-8").split()
            states = [
                Path(f"/proc/{child}/stat").read_text("utf-8").rpartition(")")[2].split()[0] for child in children
            ]
            return states == ["S"]

        def held() -> list[str]:
            for _ in range(200):
                if is_waiting():
                    return sorted(one.name for one in (own / "fd").iterdir())
                time.sleep(0.02)
            raise AssertionError("there is not one process that waits")

        assert json.loads(said(process.stdout.fileno()))["status"] == "ready"
        before = held()
        for number in range(200):
            process.stdin.write(request("[P(1)]" if number % 3 else "[lambda: 1]", number))
            json.loads(said(process.stdout.fileno(), number))
        assert held() == before
        process.stdin.close()
        assert process.wait(10) == 0


def said(descriptor: int, number: int = 0) -> bytes:
    reply = frames.read(descriptor, service.REPLY_BYTES)
    assert reply is not None
    found, body = reply
    assert found == nonce(number)
    return body


def test_the_readme_shows_what_it_says() -> None:
    text = (SANDBOX / "README.md").read_text("utf-8")
    blocks = ["".join(block) for block in text.split("\n\n") if block.startswith("    {")]
    ready, asked, ok, syntax, refused, empty, memory, *rest = blocks
    assert json.loads(ready) == {"status": "ready", "layers": [*lockdown.LAYERS], "gaps": []}
    sources = [json.loads(asked)["source"], "[P(", "[lambda: 1]", ""]
    bodies = [json.dumps({"source": one, "classes": ["Person", "Role"], "enums": ["Role"]}).encode() for one in sources]
    _, *replies = contents(served(service.serve_persistent, b"".join(map(frame, bodies))))
    shown = json.loads(ok)
    assert [one["name"] for one in shown.pop("unused")] == ["ada"]
    assert replies == [{**shown, "unused": []}, {**json.loads(syntax), "offset": 2, "message": "'(' was never closed"},
                       json.loads(refused), json.loads(empty)]  # fmt: skip
    assert json.loads(memory) == {"status": "memory"}
    assert [json.loads(line) for line in "\n".join(rest).splitlines()] == [ENDS["crashes"][1], {"status": "output"}]


@pytest.mark.parametrize(
    ("arguments", "way", "answer"),
    [
        ([], "serve_persistent", reading.answer),
        (["persistent"], "serve_persistent", reading.answer),
        (["fork-per-row"], "serve_forked", reading.answer),
    ],
)
def test_main_serves_the_way_it_is_told_and_knocks_at_no_closed_door(
    arguments: list[str],
    way: str,
    answer: service.Answer,
    program: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[object] = []

    class Ended(Exception):
        pass

    def end(code: int) -> None:
        done.append(code)
        raise Ended

    path = [*sys.path]
    host = service.Pipes(5, 6)
    monkeypatch.setattr(sys, "argv", ["sandbox", "a folder of its own", *arguments])
    monkeypatch.setattr(service, "claim_pipes", lambda: host)
    monkeypatch.setattr(service, way, lambda answer, pipes: done.append((answer, pipes, [*sys.path])))
    monkeypatch.setattr(os, "_exit", end)
    with pytest.raises(Ended):
        program.main()
    assert done == [(answer, host, path), 0]


@pytest.mark.parametrize(
    ("arguments", "name", "given"),
    [
        (["site", "describe"], "describe", ()),
        (["site", "attempt", "open", "file"], "attempt", ("open", "file", [])),
        (["site", "attempt", "open", "file", "landlock"], "attempt", ("open", "file", ["landlock"])),
    ],
)
def test_main_probes_for_the_doctor(
    arguments: list[str], name: str, given: tuple[object, ...], program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    monkeypatch.setattr(sys, "argv", ["sandbox", *arguments])
    monkeypatch.setattr(probe, name, lambda *received: done.append(received))
    monkeypatch.setattr(os, "_exit", done.append)
    program.main()
    assert done == [given, 0]


@pytest.mark.parametrize("arguments", [[], ["site", "fork"], ["site", "persistent", "x"], ["site", "attempt"]])
def test_main_knows_no_other_mode(arguments: list[str], program: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["sandbox", *arguments])
    with pytest.raises(SystemExit, match="the jail cannot be started"):
        program.main()


def test_loading_forgets_where_restricted_python_came_from(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = [*sys.path]
    warmed: list[object] = []
    monkeypatch.setattr(reading, "warm_up", lambda: warmed.append([*sys.path]))
    assert program.load("a folder of its own") is reading.answer
    assert warmed == [path] == [sys.path]
    monkeypatch.setitem(sys.modules, "reading", None)
    with pytest.raises(ImportError):
        program.load("a folder of its own")
    assert sys.path == path


def test_forgetting_paths_leaves_nothing_to_import_from() -> None:
    code = f"""
import sys
sys.path.insert(0, {str(SANDBOX)!r})
import service
service.forget_paths()
assert sys.path == [] and not sys.path_importer_cache
try:
    import fractions
except ImportError:
    print("forgotten")
"""
    done = subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code], capture_output=True, check=True, timeout=60)
    assert done.stdout.strip() == b"forgotten"


def test_what_is_printed_stands_where_nobody_reads() -> None:
    code = f"""
import sys
sys.path.insert(0, {str(SANDBOX)!r})
import os
import service
host = service.claim_pipes()
print("printed")
sys.stdout.flush()
os.write(1, b"written")
os.write(host.sink, b"said " + os.read(host.source, 100) + b"|" + os.read(0, 100))
assert not os.get_inheritable(host.source) and not os.get_inheritable(host.sink)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", code], input=b"asked", capture_output=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == (b"said asked|", b"")
