"""What isolation this system has, proved by attempts to break out of it, one layer at a time."""

import os
import platform
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from guidex_schema import resources
from guidex_schema.error import JailError
from guidex_schema.frozen import Frozen
from guidex_schema.isolation import LAYERS, Isolation, Layer
from guidex_schema.worker import REPLY_BYTES, WALL_SECONDS, Worker, jail_command

Outcome = Literal["refused", "killed", "got through", "not its task", "not shown"]

# How long an attempt may take; spinning takes the second that is its CPU time.
_ATTEMPT_SECONDS = 10.0
_UNLIMITED_SECONDS = 2.0

# What each layer stops by itself. The limit on processes does not hold the root user.
_PROMISES: Mapping[str, tuple[Layer, ...]] = {
    "open-file": ("process", "landlock", "seccomp"),
    "make-folder": ("landlock", "seccomp"),
    "connect": ("process", "landlock", "seccomp"),
    "send": ("process", "seccomp"),
    "fork": ("seccomp",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ("process", "seccomp"),
    "start-program": ("landlock", "seccomp"),
    "signal-host": ("seccomp",),
    "allocate": ("process",),
    "spin": ("process",),
}


# How attempts end (`sandbox/probe.py`), and what stands for those that only the clock could end.
_GOT_THROUGH, _REFUSED, _OUT_OF_TIME = 40, 41, 1_000


class Attempt(Frozen):
    """One try to break out.

    Attributes:
        name: what was tried.
        layers: the layers that were in place.
        outcome: what came of it; ``not its task`` where none of the layers promises to stop it, ``not shown`` where the
            attempt came to nothing for another reason, so that it proves nothing.
    """

    name: str
    layers: tuple[Layer, ...]
    outcome: Outcome


class System(Frozen):
    """What the jailed program says of the system.

    Attributes:
        system: kernel and release.
        machine: whose system calls are made.
        landlock_abi: the version of the kernel's Landlock, or None.
        seccomp: the kernel can filter system calls.
        limits: of a jailed process, by the names of setrlimit(2), in bytes, numbers and seconds.
    """

    system: str
    machine: str
    landlock_abi: int | None
    seccomp: bool
    limits: Mapping[str, int]


class Examination(Frozen):
    """What is known of the isolation on this system.

    Attributes:
        versions: of guidex-schema, Python and RestrictedPython, by name.
        system: the system and the limits.
        wall_seconds: what a row may take in all.
        reply_bytes: how long a reply may be.
        isolation: how far the jail is closed.
        attempts: the tries to break out, each without a layer, with one, and with all that are in place.
    """

    versions: Mapping[str, str]
    system: System
    wall_seconds: float
    reply_bytes: int
    isolation: Isolation
    attempts: tuple[Attempt, ...]

    @property
    def broken(self) -> tuple[Attempt, ...]:
        """Give the attempts that got through layers that promise to stop them."""
        return tuple(one for one in self.attempts if one.layers and one.outcome == "got through")

    @property
    def unshown(self) -> tuple[str, ...]:
        """Name the attempts that prove nothing here, because they fail without any layer, too, or broke."""
        return tuple(dict.fromkeys(one.name for one in self.attempts if one.outcome == "not shown"))


def examine() -> Examination:
    """Look at this system and try to break out of its jail.

    Raises:
        JailError: no jail can be started on this machine.
    """
    with Worker() as worker:
        isolation = worker.isolation
    return Examination(
        versions={
            "guidex-schema": version("guidex-schema"),
            "Python": f"{platform.python_version()} ({platform.python_implementation()})",
            "RestrictedPython": version("RestrictedPython"),
        },
        system=_system(),
        wall_seconds=WALL_SECONDS,
        reply_bytes=REPLY_BYTES,
        isolation=isolation,
        attempts=tuple(_attempts(isolation)),
    )


def _system() -> System:
    done = _run("describe")
    try:
        return System.model_validate_json(done.stdout)
    except ValidationError as error:
        raise JailError("the jail does not describe itself; install guidex-schema again") from error


def _attempts(isolation: Isolation) -> Iterator[Attempt]:
    """Try everything without a layer, against each layer alone, then against all of them."""
    configurations: list[tuple[Layer, ...]] = [(layer,) for layer in LAYERS if layer in isolation.layers]
    if len(isolation.layers) > 1:
        configurations.append(isolation.layers)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        file = Path(folder) / "file"
        file.write_text("what no jail may read", encoding="utf-8")
        port = str(listener.getsockname()[1])
        targets = {"connect": port, "send": port, "signal-host": str(os.getpid())}
        for name, stopped_by in _PROMISES.items():
            target = targets.get(name, str(file))
            alone = _outcome(name, target, ())
            yield Attempt(name=name, layers=(), outcome=alone if alone == "got through" else "not shown")
            for layers in configurations:
                outcome: Outcome = "not its task"
                if not set(layers).isdisjoint(stopped_by):
                    outcome = _outcome(name, target, layers) if alone == "got through" else "not shown"
                yield Attempt(name=name, layers=layers, outcome=outcome)


def _outcome(name: str, target: str, layers: tuple[Layer, ...]) -> Outcome:
    seconds = _ATTEMPT_SECONDS if layers else _UNLIMITED_SECONDS
    done = _run("attempt", name, target, *layers, seconds=seconds)
    code = done.returncode
    # Only to spin is to go on for ever; what else takes so long has not come so far.
    if code == _GOT_THROUGH or (code == _OUT_OF_TIME and name == "spin" and done.stdout):
        return "got through"
    if code == _REFUSED:
        return "refused"
    return "killed" if code in (-signal.SIGSYS, -signal.SIGXCPU) else "not shown"


def _run(*arguments: str, seconds: float = _ATTEMPT_SECONDS) -> "subprocess.CompletedProcess[bytes]":
    program = resources.folder("sandbox").absolute()
    try:
        return subprocess.run(
            jail_command(program, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd=program.anchor,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        # What only the clock could end was not stopped by a layer.
        return subprocess.CompletedProcess(error.cmd, returncode=_OUT_OF_TIME, stdout=error.stdout or b"")
