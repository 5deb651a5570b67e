"""The jailed process as the host holds it: started bare, spoken to in frames, killed and replaced at any oddity."""

import contextlib
import importlib.util
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Self

from guidex_schema import isolation, resources
from guidex_schema.error import IsolationError, JailError
from guidex_schema.frames import NO_NONCE, NONCE_BYTES, Garbled, Late, Oversize, decode, read_frame, write_frame
from guidex_schema.isolation import Demand, Isolation

WALL_SECONDS = 10.0
START_SECONDS = 60.0
REPLY_BYTES = 4 * 1024 * 1024

# How long a killed process may take to be gone.
_ORPHAN_SECONDS = 1.0

Mode = Literal["persistent", "fork-per-row"]
Trouble = Literal["time-limit", "memory-limit", "output-limit", "jail-died"]


class Reply(NamedTuple):
    """What came back for one request.

    Attributes:
        content: the decoded JSON object; None where something went wrong.
        trouble: what went wrong.
        detail: how it went wrong.
        seconds: how long reading took, all attempts together, without starts and the wait for other requests.
    """

    content: dict[str, object] | None
    trouble: Trouble | None = None
    detail: str = ""
    seconds: float = 0.0


class Worker:
    """Hold one jailed process; it is started when it is first needed and replaced when it fails.

    What goes wrong with a request is tried once more in a process that answers nothing else, so that no request pays
    for what others have left behind; what goes wrong again is the reply. A process that answered oddly is never asked
    again.

    Safe to share between threads: one request runs at a time. On Linux the kernel ends the jailed process with the
    thread that started it, so that a thread which ends costs the next request a start. A process that was forked off
    gets a jail of its own, so that no reply can reach the wrong host. Leaves no process behind when it is closed; a
    jailed process whose host is gone ends by itself, because its pipe is closed.

    Args:
        program: folder of the jailed program; tests put misbehaving ones here.
        mode: ``persistent`` reads all rows in one process; ``fork-per-row`` reads each in a process of its own, so that
            nothing of one can reach another even where every other layer has failed.
        demand: ``strict`` runs nothing on a system that lacks a layer of isolation.
        wall_seconds: how long one request may take.
        start_seconds: how long the program may take to say that it is ready.
        reply_bytes: how large one reply may be.
    """

    def __init__(
        self,
        program: Path | None = None,
        *,
        mode: Mode = "persistent",
        demand: Demand = "best-effort",
        wall_seconds: float = WALL_SECONDS,
        start_seconds: float = START_SECONDS,
        reply_bytes: int = REPLY_BYTES,
    ) -> None:
        self._program = program
        self._mode = mode
        self._demand = demand
        self.wall_seconds = wall_seconds
        self._start_seconds = start_seconds
        self._reply_bytes = reply_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._host = 0
        self._lock = threading.Lock()
        self._lock_process = os.getpid()
        # What the first process has reported; none that replaces it may be less closed.
        self._isolation: Isolation | None = None

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
        with self._locked():
            self._end()

    @property
    def isolation(self) -> Isolation:
        """Give how far the process is closed; it is started for that if it is not there.

        Raises:
            IsolationError: it is less closed than was demanded, or than another was before.
            JailError: no process can be started at all.
        """
        with self._locked():
            self._prepare()
            assert self._isolation is not None, "a process says how far it is closed before anything else"
            return self._isolation

    def meet_demand(self) -> None:
        """See to it that what is demanded can be had, whether or not anything is asked.

        Raises:
            IsolationError: a process is less closed than was demanded.
            JailError: one is demanded, and none can be started at all.
        """
        if self._demand == "strict" and self._isolation is None:
            _ = self.isolation

    def request(self, content: dict[str, object]) -> Reply:
        """Send one request and wait for its reply.

        Returns:
            The reply, or the trouble: the process is then already gone and the next request gets a new one.

        Raises:
            IsolationError: a process is less closed than was demanded, or than another was before.
            JailError: no process can be started at all.
        """
        body = json.dumps(content).encode("ascii")
        with self._locked():
            reply = self._attempt(body)
            if reply.trouble is not None:
                again = self._attempt(body)
                reply = again._replace(seconds=reply.seconds + again.seconds)
                self._end()
            return reply

    def request_all(self, contents: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]] | None:
        """Send requests in one frame, and wait for the replies to all of them.

        Args:
            contents: the requests. All have the time of one together.

        Returns:
            What ``Reply.content`` would be of each; None where anything went wrong, and where each row is to be read in
            a process of its own: then each has to be asked for by itself.

        Raises:
            IsolationError: a process is less closed than was demanded, or than another was before.
            JailError: no process can be started at all.
        """
        if self._mode == "fork-per-row":
            return None
        with self._locked():
            reply = self._attempt(json.dumps(contents).encode("ascii"))
            match reply.content:
                case {"status": "all", "replies": list(replies)} if len(replies) == len(contents):
                    understood = [_understood(one).content for one in replies if isinstance(one, dict)]
                    found: list[Mapping[str, object]] = [one for one in understood if one is not None]
                    if len(found) == len(contents):
                        return found
                case _:
                    pass
            self._end()
            return None

    def _locked(self) -> threading.Lock:
        """Give the lock; one that a process was forked off with may be held by a thread that it does not have."""
        if self._lock_process != os.getpid():
            self._lock, self._lock_process = threading.Lock(), os.getpid()
        return self._lock

    def _attempt(self, body: bytes) -> Reply:
        try:
            self._prepare()
            began = time.monotonic()
            reply = self._exchange(body, secrets.token_bytes(NONCE_BYTES), self.wall_seconds)
            reply = reply._replace(seconds=time.monotonic() - began)
        except BaseException:
            # Interrupted between question and answer: the next row must not get this one's verdict.
            self._end()
            raise
        if reply.trouble is not None:
            self._end()
        return reply

    def _prepare(self) -> None:
        if not self._is_alive():
            self._end()
            self._start()

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
        _collect(process.pid)

    def _start(self) -> None:
        program = (self._program or resources.folder("sandbox")).absolute()
        command = jail_command(program, self._mode)
        self._host = os.getpid()
        try:
            self._process = subprocess.Popen(
                command,
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
        assert self._process.stdin is not None, "its input is a pipe"
        if hasattr(select, "poll"):
            os.set_blocking(self._process.stdin.fileno(), False)
        try:
            ready = self._exchange(None, NO_NONCE, self._start_seconds)
            if ready.content is None or ready.content.get("status") != "ready":
                raise JailError(
                    f"the jail does not answer ({ready.detail or 'it is not ready'}); is RestrictedPython >= 9.0 there?"
                )
            found = isolation.reported(ready.content)
            found.require(self._demand)
            if self._isolation is not None and not set(found.layers) >= set(self._isolation.layers):
                raise IsolationError(f"{found.shortfall}, and it was closed further before; run it again")
            self._isolation = found
        except BaseException:
            self._end()
            raise

    def _exchange(self, body: bytes | None, nonce: bytes, seconds: float) -> Reply:
        """Write a request, if there is one, and read a reply, all within the time that there is."""
        process = self._process
        assert process is not None, "a process was started"
        late = Reply(None, "time-limit", f"no answer within {seconds:g} s")
        try:
            with _clock(process, seconds) as rung:
                content = self._answer(process, body, nonce, time.monotonic() + seconds)
        except Late:
            return late
        except Garbled:
            return Reply(None, "jail-died", "it answered something that is no verdict")
        except Oversize as error:
            return Reply(None, "output-limit", f"a reply of {error.args[0]:,} bytes")
        except (OSError, EOFError) as error:
            if rung():
                return late
            code = _exit_code(process)
            return Reply(None, "jail-died", str(error)) if code is None else _ended(code)
        return _understood(content)

    def _answer(
        self, process: "subprocess.Popen[bytes]", body: bytes | None, nonce: bytes, deadline: float
    ) -> dict[str, object]:
        assert process.stdin is not None, "its input is a pipe"
        assert process.stdout is not None, "its output is a pipe"
        if body is not None:
            write_frame(process.stdin.fileno(), nonce, body, deadline)
        return decode(read_frame(process.stdout.fileno(), nonce, self._reply_bytes, deadline))


def _understood(content: dict[str, object]) -> Reply:
    """Tell a reply from what the jailed process says of a row's own process."""
    match content:
        case {"status": "memory"}:
            return Reply(None, "memory-limit", "the labels need more memory than the jail has")
        case {"status": "output"}:
            return Reply(None, "output-limit", "the reply is too long")
        case {"status": "died", "code": int(code)}:
            return _ended(code)
        case _:
            return Reply(content)


def _ended(code: int) -> Reply:
    """Say how a process ended that gave no reply."""
    if code < 0 and -code == getattr(signal, "SIGXCPU", 0):
        return Reply(None, "time-limit", "the CPU time of the row is spent")
    if code < 0 and -code == getattr(signal, "SIGSYS", 0):
        return Reply(None, "jail-died", "it made a system call that the jail forbids")
    return Reply(None, "jail-died", f"it ended with {f'signal {-code}' if code < 0 else f'exit code {code}'}")


def _exit_code(process: "subprocess.Popen[bytes]") -> int | None:
    """Give the exit code of a process that closed its pipe; None where it lives on without."""
    try:
        return process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return None


@contextlib.contextmanager
def _clock(process: "subprocess.Popen[bytes]", seconds: float) -> Iterator[Callable[[], bool]]:
    """Kill a process when its time is up, where its pipes cannot be waited for, and tell whether that was done."""
    if hasattr(select, "poll"):
        yield lambda: False
        return
    rung = threading.Event()

    def ring() -> None:
        rung.set()
        _kill(process)

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield rung.is_set
    finally:
        timer.cancel()


def jail_command(program: Path, *arguments: str) -> list[str]:
    """Give the command that starts a jailed program: isolated, without site-packages, writing no byte code.

    Args:
        program: its folder.
        arguments: what follows the folder that holds RestrictedPython.

    Raises:
        JailError: RestrictedPython is not installed.
    """
    return [sys.executable, "-I", "-S", "-B", str(program), str(restrictedpython_site()), *arguments]


def restrictedpython_site() -> Path:
    """Give the folder that holds RestrictedPython, found without importing it.

    Raises:
        JailError: it is not installed.
    """
    spec = importlib.util.find_spec("RestrictedPython")
    if spec is None or spec.origin is None:
        raise JailError("RestrictedPython is not installed; install guidex-schema again")
    return Path(spec.origin).parent.parent


def _collect(group: int) -> None:
    """Collect what is left of a killed group, where this process inherits orphans, as the first of a container does."""
    if not hasattr(os, "waitid"):
        # Windows has no groups and leaves no zombies.
        return
    deadline = time.monotonic() + _ORPHAN_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitid(os.P_PGID, group, os.WEXITED | os.WNOHANG) is None:
                time.sleep(_ORPHAN_SECONDS / 100)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group, which holds whatever the process may have started."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            # Windows has no process groups of this kind.
            process.kill()
