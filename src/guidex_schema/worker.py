"""The jailed process as the host holds it: started bare, spoken to in frames, killed and replaced at any oddity."""

import contextlib
import importlib.util
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Self

from guidex_schema import resources
from guidex_schema.error import JailError

WALL_SECONDS = 10.0
START_SECONDS = 60.0
REPLY_BYTES = 16 * 1024 * 1024

Trouble = Literal["time-limit", "memory-limit", "output-limit", "jail-died"]


class Reply(NamedTuple):
    """What came back for one request: the decoded JSON object, or what went wrong instead."""

    content: dict[str, object] | None
    trouble: Trouble | None = None
    detail: str = ""


_NO_VERDICT = Reply(None, "jail-died", "it answered something that is no verdict")


class Worker:
    """Hold one persistent jailed process; it is started on the first request and replaced when it fails.

    Safe to share between threads: one request runs at a time. A process that was forked off gets a jail of its
    own, so that no reply can reach the wrong host. Leaves no process behind when it is closed; a jailed process
    whose host is gone ends by itself, because its pipe is closed.

    Args:
        program: folder of the jailed program; tests put misbehaving ones here.
        wall_seconds: how long one request may take.
        start_seconds: how long the program may take to say that it is ready.
        reply_bytes: how large one reply may be.
    """

    def __init__(
        self,
        program: Path | None = None,
        *,
        wall_seconds: float = WALL_SECONDS,
        start_seconds: float = START_SECONDS,
        reply_bytes: int = REPLY_BYTES,
    ) -> None:
        self._program = program
        self._wall_seconds = wall_seconds
        self._start_seconds = start_seconds
        self._reply_bytes = reply_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._host = 0
        self._lock = threading.Lock()
        self.level: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        """Give the worker; the process itself starts with the first request."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self.close()

    def close(self) -> None:
        """End the process and everything it may have started; a later request starts a new one."""
        with self._lock:
            self._end()

    def request(self, content: dict[str, object]) -> Reply:
        """Send one request and wait for its reply.

        Returns:
            The reply, or the trouble: the process is then already gone and the next request gets a new one.

        Raises:
            JailError: no process can be started at all.
        """
        with self._lock:
            try:
                if not self._is_alive():
                    self._end()
                    self._start()
                reply = self._exchange(content, self._wall_seconds)
            except BaseException:
                # Interrupted between question and answer: the next row must not get this one's verdict.
                self._end()
                raise
            if reply.trouble is not None:
                self._end()
            return reply

    def _is_alive(self) -> bool:
        return self._process is not None and self._host == os.getpid() and self._process.poll() is None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if self._host == os.getpid():
            _kill(process)
        else:
            # It belongs to the process that this one was forked from; only the pipes are ours to close.
            process.returncode = 0
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()

    def _start(self) -> None:
        site = restrictedpython_site()
        program = (self._program or resources.folder("sandbox")).absolute()
        self._host = os.getpid()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", str(program), str(site)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                cwd=program.anchor,
                close_fds=True,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise JailError(f"the jail cannot be started: {error}") from error
        ready = self._exchange(None, self._start_seconds)
        if ready.content is None or ready.content.get("status") != "ready":
            raise JailError(
                f"the jail does not answer ({ready.detail or 'it is not ready'}); is RestrictedPython >= 9.0 there?"
            )
        level = ready.content.get("level")
        self.level = tuple(str(one) for one in level) if isinstance(level, list) else ()

    def _exchange(self, content: Mapping[str, object] | None, seconds: float) -> Reply:
        """Write a request, if there is one, and read a reply; a watchdog kills the process when time is up."""
        process = self._process
        assert process is not None, "a process was started"
        watchdog = _Watchdog(process, seconds)
        try:
            reply = self._frames(process, content)
        finally:
            late = watchdog.stop()
        if late:
            return Reply(None, "time-limit", f"no answer within {seconds:g} s")
        if reply.trouble == "jail-died":
            return self._explained(process, reply)
        if reply.content is not None and reply.content.get("status") == "memory":
            return Reply(None, "memory-limit", "the labels need more memory than the jail has")
        return reply

    def _frames(self, process: subprocess.Popen[bytes], content: Mapping[str, object] | None) -> Reply:
        assert process.stdin is not None, "its input is a pipe"
        assert process.stdout is not None, "its output is a pipe"
        try:
            if content is not None:
                body = json.dumps(content).encode("ascii")
                _write(process.stdin.fileno(), struct.pack(">I", len(body)) + body)
            (length,) = struct.unpack(">I", _read(process.stdout.fileno(), 4))
            if length > self._reply_bytes:
                return Reply(None, "output-limit", f"a reply of {length:,} bytes")
            text = _read(process.stdout.fileno(), length).decode("utf-8")
        except (OSError, EOFError) as error:
            return Reply(None, "jail-died", str(error))
        except UnicodeDecodeError:
            return _NO_VERDICT
        try:
            reply = json.loads(text, object_pairs_hook=_unique, parse_constant=_not_finite)
        except (ValueError, RecursionError):
            return _NO_VERDICT
        return Reply(reply) if isinstance(reply, dict) else _NO_VERDICT

    def _explained(self, process: subprocess.Popen[bytes], reply: Reply) -> Reply:
        """Say how a process ended that closed its pipe by itself."""
        if reply is _NO_VERDICT:
            return reply
        try:
            code = process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return reply
        if code < 0 and -code == getattr(signal, "SIGXCPU", 0):
            return Reply(None, "time-limit", "the CPU time of the row is spent")
        ended = f"signal {-code}" if code < 0 else f"exit code {code}"
        return Reply(None, "jail-died", f"it ended with {ended}")


class _Watchdog:
    """Kill a process when its time is up, unless it was stopped before."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._process = process
        self._lock = threading.Lock()
        self._open = True
        self._fired = False
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.daemon = True
        self._timer.start()

    def _fire(self) -> None:
        with self._lock:
            if self._open:
                self._fired = True
                _kill(self._process)

    def stop(self) -> bool:
        """Stop the clock and say whether it had killed the process."""
        with self._lock:
            self._open = False
        self._timer.cancel()
        return self._fired


def restrictedpython_site() -> Path:
    """Give the folder that holds RestrictedPython, found without importing it.

    Raises:
        JailError: it is not installed.
    """
    spec = importlib.util.find_spec("RestrictedPython")
    if spec is None or spec.origin is None:
        raise JailError("RestrictedPython is not installed; install guidex-schema again")
    return Path(spec.origin).parent.parent


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group, which holds whatever the process may have started."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # pragma: no cover  Windows has no process groups of this kind
            process.kill()


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _read(descriptor: int, length: int) -> bytes:
    pieces = []
    while length > 0:
        piece = os.read(descriptor, min(length, 1 << 20))
        if not piece:
            raise EOFError("it closed its pipe")
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make a JSON object; a key that stands twice would be read otherwise by others."""
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key stands twice")
    return content


def _not_finite(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")
