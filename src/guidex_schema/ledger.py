"""What is remembered of a dataset of any size: entries by key, in memory while they are few and on disk beyond that."""

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    import sqlite3

# A quarter of a megabyte of entries stays in memory (a negative number counts kibibytes); with eight times as much half
# a million of them took as long. Nobody else has the file, and nobody needs it after a crash.
_SETTINGS = ("cache_size = -256", "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE")

# So many entries wait in memory, or so many characters, and go to disk together, by key: several find the same page.
WAITING = 1_000
WAITING_CHARACTERS = 1 << 18

# Bits by which a key that is new is told without looking for it: of 100,000 keys one in ten is looked for after all.
_MARKS = 1 << 20


class Entry(NamedTuple):
    """One entry: what was said of its key first, and how often the key came."""

    key: str
    value: str
    times: int

    @classmethod
    def of(cls, key: bytes, value: bytes, times: int) -> Self:
        """Give the entry that was stored."""
        return cls(key.decode("utf-8", "surrogatepass"), value.decode("utf-8", "surrogatepass"), times)


# An entry as it is stored: names of files and splits may hold lone surrogates, which SQLite refuses in texts.
Row = tuple[bytes, bytes, int]


def stored_rows(waiting: Mapping[str, tuple[str, int]]) -> list[Row]:
    """Give entries as they are stored, in the order of their keys."""
    rows = ((stored(key), stored(value), times) for key, (value, times) in waiting.items())
    return sorted(rows)


def stored(text: str) -> bytes:
    """Give a text as it is stored."""
    return text.encode("utf-8", "surrogatepass")


def nameless(table: str) -> "sqlite3.Connection":
    """Open a database without a name, which SQLite keeps in a temporary file and which ends with the program.

    Args:
        table: its one table, as SQL creates it.

    Source:
        SQLite, *In-Memory Databases*, "Temporary Databases": an empty file name.
    """
    # Loaded where a dataset is checked: guidelines are linted without.
    import sqlite3

    # Rows are checked one after another, but a host may do so in another thread than the one it began in.
    opened = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for setting in _SETTINGS:
        opened.execute(f"PRAGMA {setting}")
    opened.execute(f"CREATE TABLE {table}")
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
        added = ADDED.get()
        if added is not None:
            added.append((self, key))
        if self._stored is not None and self._stored.may_have(key):
            return self._store().add(key, value)
        found = self._waiting.get(key)
        if found is not None:
            self._waiting[key] = found[0], found[1] + 1
            return Entry(key, *found)
        self._waiting[key] = value, 1
        self._characters += len(key) + len(value)
        if len(self._waiting) >= WAITING or self._characters >= WAITING_CHARACTERS:
            self._store()
        return None

    def take_back(self, key: str) -> None:
        """Undo that a key was added, the last time that it was."""
        value, times = self._waiting.pop(key, ("", 0))
        if times > 1:
            self._waiting[key] = value, times - 1
        elif times:
            self._characters -= len(key) + len(value)
        elif self._stored is not None:
            self._stored.take_back(key)

    def entries(self) -> Iterator[Entry]:
        """Give all entries in the order of their keys."""
        return starmap(Entry.of, stored_rows(self._waiting) if self._stored is None else self._store().rows())

    def _store(self) -> "_Stored":
        """Give the database with all that waited for it."""
        if self._stored is None:
            self._stored = _Stored()
        self._stored.take(self._waiting)
        self._waiting, self._characters = {}, 0
        return self._stored


class _Stored:
    """The entries of a ledger in a ``nameless`` database, and a mark for each key by which most others are told."""

    def __init__(self) -> None:
        self._entries = nameless("entry (key BLOB PRIMARY KEY, value BLOB, count INTEGER) WITHOUT ROWID")
        weakref.finalize(self, self._entries.close)
        self._marks = bytearray(_MARKS // 8)

    def may_have(self, key: str) -> bool:
        """Say whether there may be an entry of that key; False is certain."""
        byte, bit = divmod(hash(key) % _MARKS, 8)
        return self._marks[byte] >> bit & 1 == 1

    def take(self, waiting: Mapping[str, tuple[str, int]]) -> None:
        """Store entries, of whose keys there is none."""
        self._entries.executemany("INSERT INTO entry VALUES (?, ?, ?)", stored_rows(waiting))
        for key in waiting:
            self._mark(key)

    def add(self, key: str, value: str) -> Entry | None:
        """Count a key, remember a value if it is new, and give the entry as it was before."""
        self._mark(key)
        one = stored(key)
        if self._entries.execute("INSERT OR IGNORE INTO entry VALUES (?, ?, 1)", (one, stored(value))).rowcount:
            return None
        found = self._entries.execute("SELECT key, value, count FROM entry WHERE key = ?", (one,)).fetchone()
        self._entries.execute("UPDATE entry SET count = count + 1 WHERE key = ?", (one,))
        return Entry.of(*found)

    def take_back(self, key: str) -> None:
        """Undo that a key was added, the last time that it was."""
        self._entries.execute("UPDATE entry SET count = count - 1 WHERE key = ?", (stored(key),))
        self._entries.execute("DELETE FROM entry WHERE key = ? AND count = 0", (stored(key),))

    def rows(self) -> Iterable[Row]:
        """Give all entries in the order of their keys."""
        return self._entries.execute("SELECT key, value, count FROM entry ORDER BY key")

    def _mark(self, key: str) -> None:
        byte, bit = divmod(hash(key) % _MARKS, 8)
        self._marks[byte] |= 1 << bit


class Revocable(Protocol):
    """What keys can be taken back from."""

    def take_back(self, key: str) -> None:
        """Undo that a key was added, the last time that it was."""


# What was added to what, while somebody may want to take it back.
ADDED: ContextVar[list[tuple[Revocable, str]] | None] = ContextVar("added", default=None)


@contextmanager
def revocable() -> Iterator[Callable[[], None]]:
    """Give a function that takes back all that was added to any ledger or tally within the ``with`` block."""
    added: list[tuple[Revocable, str]] = []
    before = ADDED.set(added)

    def take_back() -> None:
        for one, key in reversed(added):
            one.take_back(key)

    try:
        yield take_back
    finally:
        ADDED.reset(before)
