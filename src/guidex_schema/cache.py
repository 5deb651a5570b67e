"""Reports of rows that were checked before, kept on disk by what they were made of.

A key is a digest of everything that a report depends on, so that nothing in here is ever out of date: what is not found
is made anew. What is found bears a digest of itself, and what does not agree with it is not found. Nothing is run that
stands in the file.
"""

import contextlib
import os
import sqlite3
import sys
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import blake2b, sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from guidex_schema import resources

# In bytes of the file. Beyond it, what was not asked for longest goes.
SIZE_LIMIT = 1024 * 1024 * 1024
_LEFT = 0.75
DIGEST_SIZE = 16
_NAME = "rows.sqlite"
_APPLICATION = 0x67756964
_FORMAT = 1
# Keys that are asked for at once; SQLite takes 999 on older systems.
_ASKED = 500
# How long another run may keep this one from reading or writing.
_PATIENCE_SECONDS = 5.0
_SECONDS_OF_A_DAY = 86_400
# What has a say in what is found in a row.
_PACKAGES = ("libcst", "pydantic", "pydantic-core", "PyStemmer", "rapidfuzz", "RestrictedPython", "stop-words")


class Cache:
    """A file of reports by key; use it in a ``with`` block.

    Several processes may use one at once. Trouble with it never ends a run: nothing is found then, or kept.

    Args:
        folder: where the file is; both are made if they are not there.
        size: the bytes of the file from which on old reports go.

    Attributes:
        trouble: why it is not used, or not any more; "" as long as it is.
    """

    def __init__(self, folder: Path, size: int = SIZE_LIMIT) -> None:
        self._path = folder / _NAME
        self._size = size
        self._day = int(time.time()) // _SECONDS_OF_A_DAY
        self._file: sqlite3.Connection | None = None
        self.trouble = ""
        with self._passing_over():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = _opened(self._path)

    def __enter__(self) -> "Cache":
        """Give the cache."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let old reports go and close the file."""
        if self._file is not None:
            with self._passing_over():
                self._let_go(self._file)
        self.close()

    def close(self) -> None:
        """Close the file as it is."""
        if self._file is not None:
            with contextlib.suppress(sqlite3.Error):
                self._file.close()
            self._file = None

    def found(self, keys: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """Give what is kept under keys, without those that have nothing."""
        if self._file is None:
            return {}
        wanted = list(keys)
        contents: dict[bytes, bytes] = {}
        old: list[tuple[int, bytes]] = []
        with self._passing_over():
            for start in range(0, len(wanted), _ASKED):
                part = wanted[start : start + _ASKED]
                asked = f"SELECT key, content, day FROM report WHERE key IN ({', '.join('?' * len(part))})"
                for key, content, day in self._file.execute(asked, part):
                    if isinstance(content, bytes) and _digest(content[DIGEST_SIZE:]) == content[:DIGEST_SIZE]:
                        contents[key] = zlib.decompress(content[DIGEST_SIZE:])
                        if day != self._day:
                            old.append((self._day, key))
            if old:
                with self._file:
                    self._file.executemany("UPDATE report SET day = ? WHERE key = ?", old)
        return contents

    def keep(self, contents: Mapping[bytes, bytes]) -> None:
        """Keep contents under their keys."""
        if self._file is None or not contents:
            return
        rows = []
        for key, content in contents.items():
            # Less than half the size, in a hundredth of the time that checking the row took.
            packed = zlib.compress(content, 1)
            rows.append((key, _digest(packed) + packed, self._day))
        with self._passing_over(), self._file:
            self._file.executemany("INSERT OR REPLACE INTO report VALUES (?, ?, ?)", rows)

    def _let_go(self, file: sqlite3.Connection) -> None:
        (pages,) = file.execute("PRAGMA page_count").fetchone()
        (page_size,) = file.execute("PRAGMA page_size").fetchone()
        if pages * page_size <= self._size:
            return
        with file:
            (count,) = file.execute("SELECT count(*) FROM report").fetchone()
            gone = count - int(count * _LEFT * self._size / (pages * page_size))
            file.execute("DELETE FROM report WHERE key IN (SELECT key FROM report ORDER BY day LIMIT ?)", (gone,))
        file.execute("VACUUM")

    @contextlib.contextmanager
    def _passing_over(self) -> Iterator[None]:
        """Go on without the cache where it cannot be used."""
        try:
            yield
        except (sqlite3.Error, zlib.error, OSError, ValueError) as error:
            # What is exactly this is a damaged file, and not one that cannot be used just now.
            hint = "; delete it" if type(error) is sqlite3.DatabaseError else ""
            self.trouble = f"the cache {self._path} is passed over: {error}{hint}"
            self.close()


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file, and make it if it is not there.

    Raises:
        ValueError: it belongs to something or somebody else.
        sqlite3.Error, OSError: it cannot be opened, or is none.
    """
    if path.exists() and hasattr(os, "geteuid") and path.stat().st_uid != os.geteuid():
        raise ValueError("it belongs to another user")
    file = sqlite3.connect(path, timeout=_PATIENCE_SECONDS)
    try:
        # In one go: of processes that begin together one makes the file, and the others find it made. Where nothing can
        # be written this ends here, since a later run would find nothing new.
        file.execute("BEGIN IMMEDIATE")
        with file:
            (application,) = file.execute("PRAGMA application_id").fetchone()
            (form,) = file.execute("PRAGMA user_version").fetchone()
            (tables,) = file.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if tables and (application, form) != (_APPLICATION, _FORMAT):
                raise ValueError("it is none of this version of guidex; delete it")
            if not tables:
                file.execute(f"PRAGMA application_id = {_APPLICATION}")
                file.execute(f"PRAGMA user_version = {_FORMAT}")
                # They stand in the order in which they came, which is that in which another run asks for them.
                file.execute("CREATE TABLE report (key BLOB PRIMARY KEY, content BLOB, day INTEGER)")
        # SQLite does not wait to change this; where another process reads just now, the next to open the file does it.
        with contextlib.suppress(sqlite3.OperationalError):
            file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        file.close()
        raise
    return file


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=DIGEST_SIZE).digest()


def digest_of(*parts: object) -> bytes:
    """Give 16 bytes that stand for what a report depends on besides its row: facts that ``repr`` tells apart."""
    return _digest(repr((*parts, *program())).encode("utf-8", "backslashreplace"))


def key_of(settings: bytes, *parts: bytes) -> bytes:
    """Give the key of what stands in a file.

    Args:
        settings: the digest of all that its report depends on besides.
        parts: what stands there; all but the last say how long they are, or are as long each time.
    """
    # Processors have instructions for it: twice as fast as the other, which counts for whole datasets.
    digest = sha256(settings)
    for one in parts:
        digest.update(one)
    return digest.digest()[:DIGEST_SIZE]


@cache
def program() -> tuple[str, ...]:
    """Give what is run, and by what: the digest of this program, the versions of Python and of what it uses."""
    return (sys.version, sys.platform, *(f"{name} {_version(name)}" for name in _PACKAGES), _code())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _code() -> str:
    digest = blake2b(digest_size=DIGEST_SIZE)
    for folder in (Path(__file__).parent, resources.folder("sandbox")):
        for path in sorted(folder.rglob("*.py")):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def user_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Give the folder where the system has the user keep caches.

    Sources:
        XDG Base Directory Specification; Apple, *File System Programming Guide*; Microsoft, *Known folders*.
    """
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "guidex"
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "guidex" / "Cache"
    named = Path(environment.get("XDG_CACHE_HOME", ""))
    # The specification has a path that is not absolute passed over.
    return (named if named.is_absolute() else Path.home() / ".cache") / "guidex"
