"""The filter of system calls: a list of those that reading labels needs; any other ends the process.

Plain BPF, made here for x86-64 and aarch64, so that no library has to be there.

Source: https://docs.kernel.org/userspace-api/seccomp_filter.html; numbers from the kernel's ``asm/unistd.h``.
"""

import struct
from typing import NamedTuple

import kernel

# What may be called at all; of some calls an argument is looked at, too.
_NUMBERS = {
    "x86_64": {
        "read": 0, "write": 1, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigreturn": 15, "mremap": 25,
        "madvise": 28, "exit": 60, "getrusage": 98, "futex": 202, "clock_gettime": 228, "exit_group": 231,
        "prlimit64": 302,
    },
    "aarch64": {
        "read": 63, "write": 64, "exit": 93, "exit_group": 94, "futex": 98, "clock_gettime": 113, "rt_sigreturn": 139,
        "getrusage": 165, "brk": 214, "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226, "madvise": 233,
        "prlimit64": 261,
    },
}  # fmt: skip
# AUDIT_ARCH_*: which table of system calls the kernel is asked by.
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Offsets into ``struct seccomp_data``. Arguments are 64 bits, low half first on both machines.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_PROT_EXEC = 0x4
_RLIMIT_CPU = 0

# Instructions: load a word, jump if equal, jump if a bit is set, return.
_LOAD, _IF_EQUAL, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000


class Condition(NamedTuple):
    """Look at the low half of an argument, whose high half has to be zero where it has to be equal.

    Attributes:
        argument: its number, from 0.
        value: what it has to be, or the bits that it may not have.
        equal: it has to be equal; else it may have none of these bits.
    """

    argument: int
    value: int
    equal: bool = True


def allowed(source: int, sink: int) -> "dict[str, tuple[Condition, ...]]":
    """Give the calls that a jailed process may make.

    Args:
        source: the only descriptor that is read.
        sink: the only descriptor that is written.
    """
    no_code = (Condition(2, _PROT_EXEC, equal=False),)
    conditions = {
        "read": (Condition(0, source),),
        "write": (Condition(0, sink),),
        "mmap": no_code,
        "mprotect": no_code,
        # Each row of a persistent process gets CPU time of its own: pid 0 is itself, resource 0 is CPU.
        "prlimit64": (Condition(0, 0), Condition(1, _RLIMIT_CPU)),
    }
    return {name: conditions.get(name, ()) for name in _NUMBERS["x86_64"]}


def program(machine: str, source: int, sink: int) -> bytes:
    """Assemble the filter.

    Args:
        machine: ``x86_64`` or ``aarch64``.
        source: the only descriptor that is read.
        sink: the only descriptor that is written.
    """
    instructions = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_IF_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _instruction(_RETURN, _KILL_PROCESS),
    ]
    for name, conditions in allowed(source, sink).items():
        test = [one for condition in conditions for one in _tested(condition)]
        # Numbers of the x32 table have a bit of their own and so are equal to none of these.
        instructions += [
            _instruction(_LOAD, _NUMBER),
            _instruction(_IF_EQUAL, _NUMBERS[machine][name], 0, len(test) + 1),
            *test,
            _instruction(_RETURN, _ALLOW),
        ]
    instructions.append(_instruction(_RETURN, _KILL_PROCESS))
    return b"".join(instructions)


def close(source: int, sink: int) -> None:
    """Allow this process nothing but what reading labels needs, for good.

    Args:
        source: the only descriptor that is read.
        sink: the only descriptor that is written.

    Raises:
        kernel.Unavailable: this is no Linux, or a machine whose calls are not known here.
        OSError: the kernel has no filters, or refuses this one.
    """
    kernel.filter_calls(program(kernel.machine(), source, sink))


def _tested(condition: Condition) -> list[bytes]:
    """Load an argument and kill unless it is as it has to be; else go on behind."""
    low = _ARGUMENTS + 8 * condition.argument
    kill = _instruction(_RETURN, _KILL_PROCESS)
    if not condition.equal:
        return [_instruction(_LOAD, low), _instruction(_IF_ANY_BIT, condition.value, 0, 1), kill]
    # The kernel takes descriptors and resources as 32 bits; a high half is never honest.
    return [
        *(_instruction(_LOAD, low), _instruction(_IF_EQUAL, condition.value, 1, 0), kill),
        *(_instruction(_LOAD, low + 4), _instruction(_IF_EQUAL, 0, 1, 0), kill),
    ]


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Give one ``struct sock_filter``; jumps count the instructions that are left out."""
    return struct.pack("=HBBI", code, if_true, if_false, operand)
