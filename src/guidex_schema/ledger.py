"""What is remembered of a dataset of any size: entries by key, in memory while they are few and on disk beyond that."""

import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3

# A quarter of a megabyte of entries stays in memory (a negative number counts kibibytes); with eight times as much half
# a million of them took as long. Nobody else has the file, and nobody needs it after a crash.
_SETTINGS = ("cache_size = -256", "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE")


# So many entries wait in memory, or so many characters, and go to disk together, by key: several find the same page.
_WAITING = 1_000
_WAITING_CHARACTERS = 1 << 18

# Bits by which a key that is new is told without looking for it: of 100,000 keys one in ten is looked for after all.
_MARKS = 1 << 20


class Entry(NamedTuple):
    """One entry: what was said of its key first, and how often the key came."""

    key: str
    value: str
    times: int


def nameless(table: str) -> "sqlite3.Connection":
    """Open a database without a name, which SQLite keeps in a temporary file and which ends with the program.

    Args:
        table: its one table, with its columns and its primary key.

    Source:
        SQLite, *In-Memory Databases*, "Temporary Databases": an empty file name.
    """
    # Loaded where a dataset is checked: guidelines are linted without.
    import sqlite3

    # Rows are checked one after another, but a host may do so in another thread than the one it began in.
    opened = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for setting in _SETTINGS:
        opened.execute(f"PRAGMA {setting}")
    opened.execute(f"CREATE TABLE {table} WITHOUT ROWID")
    # One transaction without an end: there is nobody to whom anything is committed.
    opened.execute("BEGIN")
    return opened


class Ledger:
    """Entries by their keys: the latest in memory, and those before them, if they were many, in a database."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, int]] = {}
        self._characters = 0
        self._stored: _Stored | None = None

    def add(self, key: str, value: str) -> Entry | None:
        """Count a key, and remember a value if the key is new.

        Returns:
            The entry as it was before; None if there was none.
        """
        if self._stored is not None and self._stored.may_have(key):
            self._tell_added(key)
            return self._store().add(key, value)
        found = self._waiting.get(key)
        self.count(key, value)
        return None if found is None else Entry(key, *found)

    def count(self, key: str, value: str) -> None:
        """Count a key, and remember a value if the key is new, as ``add`` does for who asks for no answer."""
        self._tell_added(key)
        found = self._waiting.get(key)
        if found is not None:
            self._waiting[key] = found[0], found[1] + 1
            return
        self._waiting[key] = value, 1
        self._characters += len(key) + len(value)
        if len(self._waiting) >= _WAITING or self._characters >= _WAITING_CHARACTERS:
            self._store()

    def _tell_added(self, key: str) -> None:
        added = _ADDED.get()
        if added is not None:
            added.append((self, key))

    def take_back(self, key: str) -> None:
        """Undo that a key was added or counted, the last time that it was."""
        value, times = self._waiting.pop(key, ("", 0))
        if times > 1:
            self._waiting[key] = value, times - 1
        elif times:
            self._characters -= len(key) + len(value)
        elif self._stored is not None:
            self._stored.take_back(key)

    def entries(self) -> Iterator[Entry]:
        """Give all entries in the order of their keys."""
        return (_entry(*found) for found in self._sorted())

    def akin(self) -> Iterator[list[Entry]]:
        """Give the entries whose keys are the same up to a null character, where these are several, in their order."""
        shared = None
        group: list[_Row] = []
        for row in self._sorted():
            beginning = row[0].partition(b"\0")[0]
            if beginning == shared:
                group.append(row)
                continue
            if len(group) > 1:
                yield [_entry(*one) for one in group]
            shared, group = beginning, [row]
        if len(group) > 1:
            yield [_entry(*one) for one in group]

    def _sorted(self) -> "Iterable[_Row]":
        return sorted(self._rows()) if self._stored is None else self._store().rows()

    def _rows(self) -> "Iterator[_Row]":
        return ((_bytes(key), _bytes(value), times) for key, (value, times) in self._waiting.items())

    def _store(self) -> "_Stored":
        """Give the database with all that waited for it."""
        stored = self._stored
        if stored is None:
            stored = self._stored = _Stored()
        if self._waiting:
            stored.take(sorted(self._rows()), self._waiting)
            self._waiting, self._characters = {}, 0
        return stored


# An entry as it is stored.
_Row = tuple[bytes, bytes, int]


class _Stored:
    """The entries of a ledger in a ``nameless`` database, and a mark for each key by which most others are told."""

    def __init__(self) -> None:
        self._entries = nameless("entry (key BLOB PRIMARY KEY, value BLOB, count INTEGER)")
        weakref.finalize(self, self._entries.close)
        self._marks = bytearray(_MARKS // 8)

    def may_have(self, key: str) -> bool:
        """Say whether there may be an entry of that key; False is certain."""
        byte, bit = divmod(hash(key) % _MARKS, 8)
        return self._marks[byte] >> bit & 1 == 1

    def take(self, rows: Iterable[_Row], keys: Iterable[str]) -> None:
        """Count what the rows say, and remember the values of keys that are new."""
        self._entries.executemany(
            "INSERT INTO entry VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET count = count + excluded.count", rows
        )
        self._mark(keys)

    def add(self, key: str, value: str) -> Entry | None:
        """Count a key, remember a value if it is new, and give the entry as it was before."""
        self._mark((key,))
        raw = _bytes(key)
        if self._entries.execute("INSERT OR IGNORE INTO entry VALUES (?, ?, 1)", (raw, _bytes(value))).rowcount:
            return None
        found = self._entries.execute("SELECT key, value, count FROM entry WHERE key = ?", (raw,)).fetchone()
        self._entries.execute("UPDATE entry SET count = count + 1 WHERE key = ?", (raw,))
        return _entry(*found)

    def take_back(self, key: str) -> None:
        """Undo that a key was counted, the last time that it was."""
        self._entries.execute("UPDATE entry SET count = count - 1 WHERE key = ?", (_bytes(key),))
        self._entries.execute("DELETE FROM entry WHERE key = ? AND count = 0", (_bytes(key),))

    def rows(self) -> Iterable[_Row]:
        """Give all entries in the order of their keys."""
        return self._entries.execute("SELECT key, value, count FROM entry ORDER BY key")

    def _mark(self, keys: Iterable[str]) -> None:
        for key in keys:
            byte, bit = divmod(hash(key) % _MARKS, 8)
            self._marks[byte] |= 1 << bit


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
