"""How requests are answered: by one locked process for all of them, or by a new process for each."""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

import frames
import lockdown
from frames import Json, encoded

# The names that 4 MiB of guidelines may declare, each letter as an escape, and the labels.
REQUEST_BYTES = 32 * 1024 * 1024
REPLY_BYTES = 4 * 1024 * 1024

Answer = Callable[[bytes], bytes]


class Pipes(NamedTuple):
    """Two descriptors.

    Attributes:
        source: what is read from.
        sink: what is written to.
    """

    source: int
    sink: int


def claim_pipes() -> Pipes:
    """Move the pipes to the host away from the standard streams, which lead nowhere from then on.

    What labels should ever print would otherwise stand where replies do.
    """
    host = Pipes(os.dup(0), os.dup(1))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return host


def forget_paths() -> None:
    """Let nothing be imported any more that is not loaded yet or part of Python itself."""
    sys.path.clear()
    sys.path_importer_cache.clear()


def serve_persistent(answer: Answer, host: Pipes, layers: Iterable[str] = lockdown.LAYERS) -> None:
    """Close the doors, then answer every request in this process, until the host closes its pipe.

    Args:
        answer: gives the body of a reply for the body of a request, and keeps nothing of it.
        host: the pipes to the host.
        layers: of the isolation.
    """
    forget_paths()
    lockdown.restore_signals()
    isolation = lockdown.close(layers, source=host.source, sink=host.sink)
    frames.write(host.sink, frames.NO_NONCE, _ready(isolation))
    while (request := _next(host)) is not None:
        lockdown.allow_cpu()
        nonce, body = request
        frames.write(host.sink, nonce, answer(body))


def serve_forked(answer: Answer, host: Pipes, layers: Iterable[str] = lockdown.LAYERS) -> None:
    """Answer every request in a process of its own, which ends with its reply, until the host closes its pipe.

    This process reads no request and no reply: it hands them on and keeps nothing of them. The next row's process is
    forked and locked before the row arrives. It gets a nonce of its own and never sees the host's.

    Args:
        answer: gives the body of a reply for the body of a request.
        host: the pipes to the host.
        layers: of the isolation of each row's process.
    """
    forget_paths()
    lockdown.restore_signals()
    lockdown.guard()
    wanted = set(layers)
    # Landlock is inherited, so that it is paid for once.
    inherited = lockdown.close(wanted & {lockdown.LANDLOCK}, source=host.source, sink=host.sink)
    own = wanted - {lockdown.LANDLOCK}
    gc.freeze()
    child = _Child.fork(answer, host, own)
    isolation = child.isolation()
    if isolation is None:
        # Nothing is known, so nothing is said, and the host does without this process.
        child.end()
        return
    ready = _ready(lockdown.joined(inherited, isolation))
    frames.write(host.sink, frames.NO_NONCE, ready)
    while _hand_on(host, child):
        child = _Child.fork(answer, host, own)
        if child.isolation() != isolation:
            # The next row would be less isolated than what was reported. The host starts anew and is told.
            break
    child.end()


def _hand_on(host: Pipes, child: "_Child") -> bool:
    """Let a child answer the next request, and say whether there was one; nothing that holds a row outlives this."""
    request = _next(host)
    if request is None:
        return False
    nonce, body = request
    frames.write(host.sink, nonce, child.reply(body))
    return True


class _Child(NamedTuple):
    """One row's process, as the process that forked it holds it."""

    process: int
    pipes: Pipes

    @classmethod
    def fork(cls, answer: Answer, host: Pipes, layers: Iterable[str]) -> "_Child":
        """Fork a process that closes its doors, says how far, and waits for its row."""
        requests, replies = os.pipe(), os.pipe()
        process = os.fork()
        if process == 0:
            code = 1
            try:
                for descriptor in (*host, requests[1], replies[0]):
                    os.close(descriptor)
                _answer_one(answer, Pipes(requests[0], replies[1]), layers)
                code = 0
            finally:
                os._exit(code)
        os.close(requests[0])
        os.close(replies[1])
        return cls(process, Pipes(replies[0], requests[1]))

    def isolation(self) -> lockdown.Isolation | None:
        """Give how far the child has closed its doors; None where it has died over it."""
        said = frames.read(self.pipes.source, REPLY_BYTES)
        if said is None:
            return None
        layers, gaps = json.loads(said[1])
        return lockdown.Isolation(tuple(layers), tuple(gaps))

    def reply(self, body: bytes) -> bytes:
        """Hand the request to the child and give its reply as it stands, or how the child ended without one."""
        outcome: dict[str, Json] | None = None
        said = None
        # Not the host's, which no row's process ever holds.
        nonce = os.urandom(frames.NONCE_BYTES)
        try:
            frames.write(self.pipes.sink, nonce, body)
            said = frames.read(self.pipes.source, REPLY_BYTES)
        except frames.Oversize:
            outcome = {"status": "output"}
        except OSError:
            # It has ended; how is told below.
            pass
        code = os.waitstatus_to_exitcode(self.end(kill=outcome is not None))
        if said is not None and said[0] == nonce and code == 0:
            return said[1]
        return encoded(outcome or {"status": "died", "code": code})

    def end(self, *, kill: bool = True) -> int:
        """Close the pipes, which ends a waiting child, and give its exit status."""
        for descriptor in self.pipes:
            os.close(descriptor)
        if kill:
            os.kill(self.process, signal.SIGKILL)
        return os.waitpid(self.process, 0)[1]


def _answer_one(answer: Answer, pipes: Pipes, layers: Iterable[str]) -> None:
    """Be one row's process."""
    if lockdown.PROCESS in layers:
        lockdown.allow_cpu(for_good=True)
    isolation = lockdown.close(layers, source=pipes.source, sink=pipes.sink)
    frames.write(pipes.sink, frames.NO_NONCE, json.dumps(isolation).encode())
    request = _next(pipes)
    if request is not None:
        nonce, body = request
        frames.write(pipes.sink, nonce, answer(body))


def _next(pipes: Pipes) -> tuple[bytes, bytes] | None:
    """Read the next request; one that is too long is the host's fault, and there is no going on behind it."""
    try:
        return frames.read(pipes.source, REQUEST_BYTES)
    except frames.Oversize:
        return None


def _ready(isolation: lockdown.Isolation) -> bytes:
    return encoded({"status": "ready", "layers": [*isolation.layers], "gaps": [*isolation.gaps]})
