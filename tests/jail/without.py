"""Start a program on a kernel that seems to lack something: ``python without.py landlock|seccomp ERRNO COMMAND...``.

A filter of system calls answers with that error where the program asks for it, as the filters of containers do.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
# Of prctl and seccomp.
_NUMBERS = {"x86_64": (157, 317), "aarch64": (167, 277)}
_LANDLOCK = (444, 446)


def main() -> None:
    """Close the filter and become the command."""
    lacking, name, *command = sys.argv[1:]
    refuse = _ERRNO | getattr(errno, name)
    prctl, seccomp = _NUMBERS[platform.machine()]
    number, first_argument = 0, 16
    programs = {
        "landlock": (
            (_LOAD, 0, 0, number),
            (_IF_AT_LEAST, 0, 2, _LANDLOCK[0]),
            (_IF_AT_LEAST, 1, 0, _LANDLOCK[1] + 1),
            (_RETURN, 0, 0, refuse),
            (_RETURN, 0, 0, _ALLOW),
        ),
        "seccomp": (
            (_LOAD, 0, 0, number),
            (_IF_EQUAL, 3, 0, seccomp),
            (_IF_EQUAL, 0, 3, prctl),
            (_LOAD, 0, 0, first_argument),
            (_IF_EQUAL, 0, 1, _PR_SET_SECCOMP),
            (_RETURN, 0, 0, refuse),
            (_RETURN, 0, 0, _ALLOW),
        ),
    }
    program = b"".join(struct.pack("=HBBI", *one) for one in programs[lacking])
    held = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(held))
    library = ctypes.CDLL(None, use_errno=True)
    none = ctypes.c_ulong(0)
    for option, argument, more in (
        (_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), none),
        (_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.c_char_p(header)),
    ):
        if library.prctl(option, argument, more, none, none):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
