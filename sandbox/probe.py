"""What the jail of this system is made of, and attempts to break out of it: for `guidex doctor`.

Started as ``python -I -S -B sandbox SITE describe``, which writes JSON to standard output, or as
``... SITE attempt NAME TARGET LAYER...``, which closes these layers and then makes the attempt. It ends with one of
the exit codes below, or is killed. Any other end says nothing about the attempt. One byte
on standard output says that the attempt has begun.
"""

import json
import os
import platform
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import kernel
import landlock
import lockdown

# None that Python or a shell ends with of itself.
GOT_THROUGH, REFUSED, NOT_CLOSED = 40, 41, 42

_ALLOCATION_BYTES = 2 * lockdown.MEMORY_BYTES


def describe() -> None:
    """Write what the system has and what the limits are, as JSON."""
    abi: int | None
    try:
        abi = landlock.version()
    except kernel.Unavailable:
        abi = None
    content = {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "landlock_abi": abi,
        "seccomp": kernel.has_filters(),
        "limits": {**dict(lockdown.LIMITS), "RLIMIT_CPU": lockdown.CPU_SECONDS_A_ROW},
    }
    os.write(1, json.dumps(content).encode("ascii"))


def attempt(name: str, target: str, layers: list[str]) -> None:
    """Close layers, make one attempt, and end the process with what came of it.

    Args:
        name: a key of ``ATTEMPTS``.
        target: what it is about: a file, a port of the loopback interface, the process of the host.
        layers: those to close before.
    """
    act = ATTEMPTS[name]
    lockdown.restore_signals()
    if lockdown.PROCESS in layers:
        lockdown.allow_cpu(0, for_good=True)
    isolation = lockdown.close(layers, source=0, sink=1)
    if list(isolation.layers) != layers:
        os._exit(NOT_CLOSED)
    # What comes now is the attempt and no slow start.
    os.write(1, b"!")
    try:
        act(target)
    except (OSError, MemoryError):
        os._exit(REFUSED)
    os._exit(GOT_THROUGH)


def _open_file(target: str) -> None:
    os.read(os.open(target, os.O_RDONLY), 1)


def _make_folder(target: str) -> None:
    # A name of its own: one that is there already could not be made again, with no layer to thank.
    Path(f"{target}.{os.getpid()}").mkdir()


def _connect(target: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.connect(("127.0.0.1", int(target)))


def _send(target: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"x", ("127.0.0.1", int(target)))


def _fork(target: str) -> None:
    del target
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _start_program(target: str) -> None:
    del target
    os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", f"import os; os._exit({GOT_THROUGH})"])


def _signal_host(target: str) -> None:
    os.kill(int(target), signal.SIGCONT)


def _allocate(target: str) -> None:
    del target
    bytes(_ALLOCATION_BYTES)


def _spin(target: str) -> None:
    del target
    while True:
        pass


ATTEMPTS: dict[str, Callable[[str], None]] = {
    "open-file": _open_file,
    "make-folder": _make_folder,
    "connect": _connect,
    "send": _send,
    "fork": _fork,
    "start-program": _start_program,
    "signal-host": _signal_host,
    "allocate": _allocate,
    "spin": _spin,
}
