"""How often each of any number of texts came, which is told at the end."""

import weakref
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from guidex_schema.ledger import ADDED, WAITING, WAITING_CHARACTERS, Entry, Row, nameless, stored_rows

if TYPE_CHECKING:
    import sqlite3

# With so many rows on disk those of a key are made one, and again with four times as many as are left then.
_ROWS = 500_000


class Tally:
    """Count keys: the latest in memory, and those before them, if they were many, on disk, as they came.

    A ``Ledger``, which says of a key at once whether it came before, looks for the place of each on disk; here they are
    sorted in the end.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, int]] = {}
        self._characters = 0
        self._stored: sqlite3.Connection | None = None
        self._rows, self._most = 0, _ROWS

    def count(self, key: str, value: str) -> None:
        """Count a key, and remember a value if the key is new."""
        added = ADDED.get()
        is_full = len(self._waiting) >= WAITING or self._characters >= WAITING_CHARACTERS
        # What may be taken back has to be here.
        if is_full and all(one is not self for one, _ in added or ()):
            self._store()
        if added is not None:
            added.append((self, key))
        found = self._waiting.get(key)
        if found is not None:
            self._waiting[key] = found[0], found[1] + 1
            return
        self._waiting[key] = value, 1
        self._characters += len(key) + len(value)

    def take_back(self, key: str) -> None:
        """Undo that a key was counted, the last time that it was."""
        value, times = self._waiting.pop(key)
        if times > 1:
            self._waiting[key] = value, times - 1
        else:
            self._characters -= len(key) + len(value)

    def akin(self) -> Iterator[list[Entry]]:
        """Give the entries whose keys are the same up to a null character, where these are several, in their order."""
        shared = None
        group: list[Row] = []
        for row in self._all():
            beginning = row[0].partition(b"\0")[0]
            if beginning == shared:
                group.append(row)
                continue
            if len(group) > 1:
                yield [Entry.of(*one) for one in group]
            shared, group = beginning, [row]
        if len(group) > 1:
            yield [Entry.of(*one) for one in group]

    def _all(self) -> Iterable[Row]:
        """Give all entries in the order of their keys."""
        if self._stored is None:
            return stored_rows(self._waiting)
        return self._store().execute(f"SELECT key, value, times FROM ({_MERGED}) ORDER BY key")

    def _store(self) -> "sqlite3.Connection":
        """Give the database with all that waited for it."""
        if self._stored is None:
            self._stored = nameless("entry (key BLOB, value BLOB, count INTEGER)")
            weakref.finalize(self, self._stored.close)
        self._stored.executemany("INSERT INTO entry VALUES (?, ?, ?)", stored_rows(self._waiting))
        self._rows += len(self._waiting)
        self._waiting, self._characters = {}, 0
        if self._rows > self._most:
            self._stored.execute(f"CREATE TABLE merged AS SELECT key, value, times AS count FROM ({_MERGED})")
            self._stored.execute("DROP TABLE entry")
            self._stored.execute("ALTER TABLE merged RENAME TO entry")
            (self._rows,) = self._stored.execute("SELECT count(*) FROM entry").fetchone()
            self._most = max(_ROWS, 4 * self._rows)
        return self._stored


# Beside the least number of a row stands its value: SQLite, *SELECT*, "Bare columns in an aggregate query".
_MERGED = "SELECT key, value, sum(count) AS times, min(rowid) FROM entry GROUP BY key"
