"""Close the doors of the jailed process: what it may use from here on. Standard library only.

Three layers, each of which holds by itself: the limits and switches of a process, Landlock, the filter of system calls.
What a system does not have is left out and named.
"""

import contextlib
import importlib
import signal
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import NamedTuple

import kernel
import landlock
import seccomp

resource: ModuleType | None
try:
    resource = importlib.import_module("resource")
except ImportError:
    # Windows has none.
    resource = None

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS_A_ROW = 5

PROCESS, LANDLOCK, SECCOMP = "process", "landlock", "seccomp"
LAYERS = (PROCESS, LANDLOCK, SECCOMP)

# The limits that hold for the life of a process, CPU time aside.
LIMITS = (
    ("RLIMIT_CORE", 0),
    ("RLIMIT_FSIZE", 0),
    ("RLIMIT_NOFILE", 0),
    ("RLIMIT_NPROC", 0),
    ("RLIMIT_DATA", MEMORY_BYTES),
    ("RLIMIT_AS", MEMORY_BYTES),
)


class Isolation(NamedTuple):
    """How far the doors are closed.

    Attributes:
        layers: those that are in place, in the order of ``LAYERS``.
        gaps: what is not in place and why, each as ``layer: reason``.
    """

    layers: tuple[str, ...]
    gaps: tuple[str, ...]


def close(layers: Iterable[str] = LAYERS, *, source: int, sink: int) -> Isolation:
    """Close the doors for the life of the process; none of them can be opened again.

    Args:
        layers: those to put in place.
        source: the only descriptor that may be read from here on.
        sink: the only descriptor that may be written.
    """
    steps: dict[str, Callable[[], list[str]]] = {
        # Landlock needs a descriptor for its rules, which the limits then forbid. The filter forbids everything else.
        LANDLOCK: _close_landlock,
        PROCESS: _close_process,
        SECCOMP: lambda: _close_seccomp(source, sink),
    }
    wanted = set(layers)
    gaps = {name: step() for name, step in steps.items() if name in wanted}
    return Isolation(
        tuple(name for name in LAYERS if gaps.get(name) == []),
        tuple(f"{name}: {gap}" for name in LAYERS for gap in gaps.get(name, ())),
    )


def joined(first: Isolation, second: Isolation) -> Isolation:
    """Give what two closings come to when the second builds on the first."""
    layers = {*first.layers, *second.layers}
    return Isolation(tuple(name for name in LAYERS if name in layers), (*first.gaps, *second.gaps))


def restore_signals() -> None:
    """Take signals as they are meant, whatever the host was started with: by them limits and ends of processes tell."""
    for name in ("SIGCHLD", "SIGXCPU"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, ())


def guard() -> None:
    """End with the host and be out of reach of the rows' processes, where the system can do so.

    For the process that forks those and keeps its doors open. Where it cannot end so, its closed pipe ends it.
    """
    for switch in (kernel.end_with_parent, kernel.hide):
        with contextlib.suppress(kernel.Unavailable, OSError):
            switch()


def allow_cpu(seconds: int = CPU_SECONDS_A_ROW, *, for_good: bool = False) -> str:
    """Give the next row its own CPU time; a row that spends more is killed by the kernel (SIGXCPU).

    Args:
        seconds: the CPU time of a row; the limit counts whole seconds, so it is at most one more.
        for_good: this is the only row, and the limit can never be raised.

    Returns:
        Why there is no such limit; empty where there is.
    """
    if resource is None or not hasattr(resource, "RLIMIT_CPU"):
        return "no RLIMIT_CPU on this system"
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime) + seconds + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    unlimited = hard == resource.RLIM_INFINITY
    if unlimited or soft <= hard:
        if for_good:
            hard = soft + 1 if unlimited else min(soft + 1, hard)
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        except (OSError, ValueError) as error:
            return f"RLIMIT_CPU is refused ({error})"
    return ""


def _close_process() -> list[str]:
    """Give up privileges, hide from other processes, end with the host, and set limits."""
    return [*_set_switches(), *_set_limits()]


def _set_limits() -> list[str]:
    if resource is None:
        return ["this system has no resource limits"]
    gaps = []
    for name, limit in LIMITS:
        number = getattr(resource, name, None)
        if number is None:
            gaps.append(f"no {name} on this system")
            continue
        hard = resource.getrlimit(number)[1]
        # A limit that was lower before stays so.
        lowest = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(number, (lowest, lowest))
        except (OSError, ValueError) as error:
            gaps.append(f"{name} is refused ({error})")
    # Rows get theirs one by one; whether the system has it at all is known now.
    without_cpu = allow_cpu()
    return [*gaps, without_cpu] if without_cpu else gaps


def _set_switches() -> list[str]:
    gaps = []
    for name, switch in (
        ("no_new_privs", kernel.forbid_privileges),
        ("capset", kernel.drop_capabilities),
        ("PR_SET_DUMPABLE", kernel.hide),
        ("PR_SET_PDEATHSIG", kernel.end_with_parent),
    ):
        try:
            switch()
        except kernel.Unavailable as error:
            return [f"no {name}: {error}"]
        except OSError as error:
            gaps.append(f"{name} is refused ({error.strerror})")
    return gaps


def _close_landlock() -> list[str]:
    try:
        return landlock.close()
    except kernel.Unavailable as error:
        return [str(error)]
    except OSError as error:
        return [f"the kernel refuses the rules ({error.strerror})"]


def _close_seccomp(source: int, sink: int) -> list[str]:
    try:
        seccomp.close(source, sink)
    except kernel.Unavailable as error:
        return [str(error)]
    except OSError as error:
        return [f"the kernel refuses the filter ({error.strerror})"]
    return []
