"""Fingerprints: what a finding is known by from one run to the next, wherever its row stands by then."""

import json
import re
from collections import Counter
from hashlib import blake2b

from guidex_schema.diagnostic import Diagnostic

_SIZE = 16

# Numbers of lines and rows move; an author's own words, which stand in backticks, do not.
_QUOTED_OR_PLACE = re.compile(r"`[^`]*`|\b((?:row|line|column)s?) \d[\d,]*")


def fingerprint(diagnostic: Diagnostic, identity: str, file: str) -> bytes:
    """Give 16 bytes that stand for a finding.

    They are made of its code and, where it has a key, of that; else of the record, the path and the message without
    numbers of lines and rows. Findings that differ in nothing else have the same.

    Args:
        diagnostic: the finding.
        identity: what tells its row from others; empty where nothing does.
        file: what its file is called on any machine; it counts where there is no row of a dataset.

    Source:
        Project decision (SPEC 25).
    """
    if diagnostic.key is not None:
        about = [diagnostic.code, "key", diagnostic.key]
    else:
        is_in_record = diagnostic.record is not None and identity
        place = ["record", identity] if is_in_record else ["file", file]
        about = [diagnostic.code, *place, diagnostic.path or "", _stable(diagnostic.message)]
    return digest(about)


def digest(words: list[str]) -> bytes:
    """Give 16 bytes that stand for words of any characters."""
    return blake2b(json.dumps(words).encode(), digest_size=_SIZE).digest()


def _stable(message: str) -> str:
    return _QUOTED_OR_PLACE.sub(lambda found: found[1] or found[0], message)


class Fingerprints:
    """Number findings that have the same fingerprint, for programs that take equal ones for the same finding."""

    def __init__(self) -> None:
        self._counts: Counter[bytes] = Counter()

    def numbered(self, found: bytes) -> str:
        """Give a fingerprint as text that was not given before: 32 hexadecimal digits, a colon and a number from 1."""
        self._counts[found] += 1
        return f"{found.hex()}:{self._counts[found]}"
