"""What the command has in hand of a job on a cluster: on disk, and gone with the program."""

import weakref
from collections.abc import Iterator

from guidex_schema.ledger import nameless


class Spool:
    """Contents by their keys, in a ``nameless`` database: as many as a disk holds, each read when its turn has come."""

    def __init__(self) -> None:
        self._contents = nameless("content (key BLOB PRIMARY KEY, content BLOB) WITHOUT ROWID")
        weakref.finalize(self, self._contents.close)

    def put(self, key: bytes, content: bytes) -> None:
        """Put a content under a key that is new."""
        self._contents.execute("INSERT INTO content VALUES (?, ?)", (key, content))

    def contents(self, prefix: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Give all contents whose keys begin so, each with its key, in the order of keys."""
        # No key begins with so many of the highest byte.
        ends = prefix + b"\xff" * 16
        asked = "SELECT key, content FROM content WHERE key >= ? AND key < ? ORDER BY key"
        return iter(self._contents.execute(asked, (prefix, ends)))
