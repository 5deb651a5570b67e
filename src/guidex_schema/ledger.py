"""What is remembered of a dataset of any size: entries by key, in memory while they are few and on disk beyond that."""

import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

# Two megabytes of entries stay in memory (a negative number counts kibibytes). Nobody else has the file, and nobody
# needs it after a crash.
_SETTINGS = ("cache_size = -2048", "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE")


class Entry(NamedTuple):
    """One entry: what was said of its key first, and how often the key came."""

    key: str
    value: str
    times: int


class Ledger:
    """Entries in a database without a name, which SQLite keeps in a temporary file and which ends with the program.

    Source:
        SQLite, *In-Memory Databases*, "Temporary Databases": an empty file name.
    """

    def __init__(self) -> None:
        # Rows are checked one after another, but a host may do so in another thread than the one it began in.
        self._entries = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._entries.close)
        for setting in _SETTINGS:
            self._entries.execute(f"PRAGMA {setting}")
        self._entries.execute("CREATE TABLE entry (key BLOB PRIMARY KEY, value BLOB, count INTEGER) WITHOUT ROWID")

    def add(self, key: str, value: str) -> Entry | None:
        """Count a key, and remember a value if the key is new.

        Returns:
            The entry as it was before; None if there was none.
        """
        added = _ADDED.get()
        if added is not None:
            added.append((self, key))
        found = self._entries.execute("SELECT key, value, count FROM entry WHERE key = ?", (_bytes(key),)).fetchone()
        if found is None:
            self._entries.execute("INSERT INTO entry VALUES (?, ?, 1)", (_bytes(key), _bytes(value)))
            return None
        self._entries.execute("UPDATE entry SET count = count + 1 WHERE key = ?", (_bytes(key),))
        return _entry(*found)

    def take_back(self, key: str) -> None:
        """Undo that a key was added, the last time that it was."""
        self._entries.execute("UPDATE entry SET count = count - 1 WHERE key = ?", (_bytes(key),))
        self._entries.execute("DELETE FROM entry WHERE key = ? AND count = 0", (_bytes(key),))

    def entries(self) -> Iterator[Entry]:
        """Give all entries in the order of their keys."""
        return (_entry(*found) for found in self._entries.execute("SELECT key, value, count FROM entry ORDER BY key"))


# What was added to which ledger, while somebody may want to take it back.
_ADDED: ContextVar[list[tuple[Ledger, str]] | None] = ContextVar("added", default=None)


@contextmanager
def revocable() -> Iterator[Callable[[], None]]:
    """Give a function that takes back all that was added to any ledger within the ``with`` block."""
    added: list[tuple[Ledger, str]] = []
    before = _ADDED.set(added)

    def take_back() -> None:
        for ledger, key in reversed(added):
            ledger.take_back(key)

    try:
        yield take_back
    finally:
        _ADDED.reset(before)


def _bytes(text: str) -> bytes:
    # Names of files and splits may hold lone surrogates, which SQLite refuses in texts.
    return text.encode("utf-8", "surrogatepass")


def _entry(key: bytes, value: bytes, times: int) -> Entry:
    return Entry(key.decode("utf-8", "surrogatepass"), value.decode("utf-8", "surrogatepass"), times)
