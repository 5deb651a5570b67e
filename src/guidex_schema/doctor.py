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
from guidex_schema.worker import WALL_SECONDS, Worker, jail_command

Outcome = Literal["refused", "killed", "got through", "not its task"]

# How long an attempt may take; spinning takes the second that is its CPU time.
_ATTEMPT_SECONDS = 10.0
_UNLIMITED_SECONDS = 2.0

# What each layer stops by itself, whoever the user is. `fork` is left to the filter: no limit holds the root user.
_PROMISES: Mapping[str, tuple[Layer, ...]] = {
    "open-file": ("process", "landlock", "seccomp"),
    "make-folder": ("landlock", "seccomp"),
    "connect": ("process", "landlock", "seccomp"),
    "fork": ("seccomp",),
    "start-program": ("landlock", "seccomp"),
    "signal-host": ("seccomp",),
    "allocate": ("process",),
    "spin": ("process",),
}


class Attempt(Frozen):
    """One try to break out.

    Attributes:
        name: what was tried.
        layers: the layers that were in place.
        outcome: what came of it; ``not its task`` where none of the layers promises to stop it.
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
        memory_bytes: what a jailed process may allocate.
        cpu_seconds: what a row may compute.
    """

    system: str
    machine: str
    landlock_abi: int | None
    memory_bytes: int
    cpu_seconds: int


class Examination(Frozen):
    """What is known of the isolation on this system.

    Attributes:
        versions: of guidex-schema, Python and RestrictedPython, by name.
        system: the system and the limits.
        wall_seconds: what a row may take in all.
        isolation: how far the jail is closed.
        attempts: the tries to break out, each without a layer, with one, and with all that are in place.
    """

    versions: Mapping[str, str]
    system: System
    wall_seconds: float
    isolation: Isolation
    attempts: tuple[Attempt, ...]

    @property
    def broken(self) -> tuple[Attempt, ...]:
        """Give the attempts that got through layers that promise to stop them."""
        return tuple(one for one in self.attempts if one.layers and one.outcome == "got through")


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
    configurations: list[tuple[Layer, ...]] = [(), *((layer,) for layer in LAYERS if layer in isolation.layers)]
    if len(isolation.layers) > 1:
        configurations.append(isolation.layers)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        file = Path(folder) / "file"
        file.write_text("what no jail may read", encoding="utf-8")
        targets = {"connect": str(listener.getsockname()[1]), "signal-host": str(os.getpid())}
        for layers in configurations:
            for name, stopped_by in _PROMISES.items():
                outcome: Outcome = "not its task"
                if not layers or not set(layers).isdisjoint(stopped_by):
                    outcome = _outcome(name, targets.get(name, str(file)), layers)
                yield Attempt(name=name, layers=layers, outcome=outcome)


def _outcome(name: str, target: str, layers: tuple[Layer, ...]) -> Outcome:
    seconds = _ATTEMPT_SECONDS if layers else _UNLIMITED_SECONDS
    code = _run("attempt", name, target, *layers, seconds=seconds).returncode
    if code == 1:
        return "refused"
    return "killed" if code in (-signal.SIGSYS, -signal.SIGXCPU) else "got through"


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
        return subprocess.CompletedProcess(error.cmd, returncode=-signal.SIGTERM, stdout=b"")
