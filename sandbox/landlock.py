"""Landlock: no file, no program, no TCP port bound or connected to, whatever the process still can call.

A rule set that handles every right it knows and allows none of them anywhere. Descriptors that are open stay open.
It does not know other ways into the network: UDP, sockets of the file system, multipath TCP, TCP's fast open.

Source: https://docs.kernel.org/userspace-api/landlock.html
"""

import errno
import os
import struct

import kernel

# The numbers are the same on every machine.
_CREATE_RULESET = 444
_RESTRICT_SELF = 446
_VERSION = 1

# How many of the rights on files each ABI version knows, by the lowest version that knows so many.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
# Bind and connect TCP: ABI 4 (Linux 6.7). Abstract Unix sockets and signals outside: ABI 6 (Linux 6.12).
_TCP_VERSION, _TCP_RIGHTS = 4, 0b11
_SCOPE_VERSION, _SCOPES = 6, 0b11


def version() -> int:
    """Give the version of the kernel's Landlock ABI, from 1.

    Raises:
        kernel.Unavailable: the kernel has no Landlock, or it is switched off or forbidden.
    """
    try:
        return kernel.call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError as error:
        reasons = {
            errno.ENOSYS: "the kernel is built without it (Linux 5.13 or later has it)",
            errno.EOPNOTSUPP: "it is switched off at boot",
            errno.EPERM: "a filter around this process forbids it",
        }
        reason = reasons.get(error.errno or 0, error.strerror)
        raise kernel.Unavailable(f"no Landlock: {reason}") from error


def close() -> list[str]:
    """Deny this process and all that it starts every right that the kernel's Landlock knows, for good.

    Returns:
        What this kernel's version does not deny.

    Raises:
        kernel.Unavailable: there is no Landlock.
        OSError: the kernel refuses the rules.
    """
    known = version()
    rule_set = kernel.call(_CREATE_RULESET, rights(known), len(rights(known)), 0)
    try:
        kernel.forbid_privileges()
        kernel.call(_RESTRICT_SELF, rule_set, 0)
    finally:
        os.close(rule_set)
    return [] if known >= _TCP_VERSION else [f"ABI {known} does not deny TCP (Linux 6.7 does)"]


def rights(known: int) -> bytes:
    """Give the attributes of a rule set that handles all an ABI version knows (``struct landlock_ruleset_attr``)."""
    count = max(rights for lowest, rights in _FILE_RIGHTS.items() if lowest <= known)
    attributes = struct.pack("=Q", (1 << count) - 1)
    if known >= _TCP_VERSION:
        attributes += struct.pack("=Q", _TCP_RIGHTS)
    if known >= _SCOPE_VERSION:
        attributes += struct.pack("=Q", _SCOPES)
    return attributes
