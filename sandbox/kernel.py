"""The kernel's own calls that Python has no function for, through the C library that is loaded anyway (ctypes)."""

import contextlib
import os
import platform
import struct
import sys

# Python can be built without it, and then reaches none of this.
with contextlib.suppress(ImportError):
    import ctypes

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_GET_SECCOMP = 21
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_SIGKILL = 9

# `capset`, the third version of its data: three sets of capabilities, each in two words.
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION = 0x20080522
_CAPABILITY_BYTES = 24

# Signed and unsigned names of one machine type, as `uname` gives them.
_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


class Unavailable(Exception):
    """Say what this system does not have."""


def machine() -> str:
    """Give the machine whose system calls this process makes: ``x86_64`` or ``aarch64``.

    Raises:
        Unavailable: this is no Linux, another machine, a process of 32 bits on one of these, or a Python without
            ctypes.
    """
    if not sys.platform.startswith("linux"):
        raise Unavailable(f"{platform.system() or sys.platform} is not Linux")
    name = platform.machine()
    if name not in _MACHINES or struct.calcsize("P") != 8:
        raise Unavailable(f"its system calls are known for x86-64 and aarch64 only, not for {name or 'this machine'}")
    if "ctypes" not in globals():
        raise Unavailable("this Python has no module ctypes")
    return _MACHINES[name]


def call(number: int, *arguments: "int | bytes | None") -> int:
    """Make a system call.

    Args:
        number: of the call on this machine.
        arguments: integers of the machine's size, addresses of byte strings, or null.

    Raises:
        Unavailable: this machine's calls are not known here.
        OSError: the kernel refuses.
    """
    machine()
    given = [one if isinstance(one, bytes) or one is None else ctypes.c_long(one) for one in arguments]
    return _checked(_library().syscall(ctypes.c_long(number), *given))


def forbid_privileges() -> None:
    """Let no later program give this process more rights than it has (no_new_privs); filters need it.

    Raises:
        Unavailable, OSError: the system has no such switch, or refuses.
    """
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up what the root user may do beyond others: raise limits, trace and signal processes, open any file.

    Raises:
        Unavailable, OSError: the system has no such call, or refuses.
    """
    number = _CAPSET[machine()]
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    call(number, header, bytes(_CAPABILITY_BYTES))


def hide() -> None:
    """Let no process of the same user trace this one or read its memory, and write no core file.

    Raises:
        Unavailable, OSError: the system has no such switch, or refuses.
    """
    _prctl(_PR_SET_DUMPABLE, 0)


def end_with_parent() -> None:
    """Be killed when the thread that started this process ends; it does not outlive its host.

    Raises:
        Unavailable, OSError: the system has no such switch, or refuses.
    """
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL)


def has_filters() -> bool:
    """Say whether the kernel can filter system calls at all."""
    try:
        _prctl(_PR_GET_SECCOMP)
    except (Unavailable, OSError):
        return False
    return True


def filter_calls(program: bytes) -> None:
    """Put a BPF program in front of every system call of this process and all that it starts, for good.

    Args:
        program: instructions of 8 bytes each (``struct sock_filter``).

    Raises:
        Unavailable, OSError: the system has no filters, or refuses this one.
    """
    forbid_privileges()
    instructions = ctypes.create_string_buffer(program, len(program))
    # ``struct sock_fprog``: how many instructions, and where they are.
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    held = ctypes.create_string_buffer(header, len(header))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(held))


def _prctl(option: int, *arguments: int) -> None:
    machine()
    given = [ctypes.c_ulong(one) for one in (*arguments, 0, 0, 0, 0)[:4]]
    _checked(_library().prctl(ctypes.c_int(option), *given))


def _library() -> "ctypes.CDLL":
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
