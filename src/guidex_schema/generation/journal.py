"""The journal of a run: every answer, kept before anything is made of it, so that a run that was killed goes on.

Sources:
    SQLite, *Write-Ahead Logging*, "Use of WAL Without Shared-Memory"; *Result and Error Codes*.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError
from guidex_schema.generation.engine import Answer, Completion, Conversation, Failure

# What names a request: the digest of its document, its stage and its attempt.
Key = tuple[str, str, int]

NAME = "journal.sqlite"

# Tells a journal from other databases: `GXJ1`.
_APPLICATION = 0x47584A31
_VERSION = 1
# What is committed outlives a loss of power.
_SYNCHRONOUS = "FULL"
_TABLES = """
CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE completions (
  document TEXT NOT NULL, stage TEXT NOT NULL, attempt INTEGER NOT NULL, seed INTEGER NOT NULL, prompt TEXT NOT NULL,
  text TEXT NOT NULL, is_cut INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
  model TEXT NOT NULL, PRIMARY KEY (document, stage, attempt)
);
CREATE TABLE refusals (
  document TEXT NOT NULL, stage TEXT NOT NULL, attempt INTEGER NOT NULL, seed INTEGER NOT NULL, prompt TEXT NOT NULL,
  reason TEXT NOT NULL, PRIMARY KEY (document, stage, attempt)
);
CREATE TABLE silences (
  document TEXT NOT NULL, stage TEXT NOT NULL, attempt INTEGER NOT NULL, runs INTEGER NOT NULL,
  PRIMARY KEY (document, stage, attempt)
) WITHOUT ROWID;
CREATE TABLE cuts (document TEXT PRIMARY KEY, spans TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (document TEXT PRIMARY KEY) WITHOUT ROWID;
"""
# What this run has met; it may be more than fits the memory.
_MET = "CREATE TEMP TABLE met (document TEXT PRIMARY KEY, is_kept INTEGER NOT NULL) WITHOUT ROWID"
# A document that comes twice is kept once.
_MEET = "INSERT INTO met VALUES (?, ?) ON CONFLICT DO UPDATE SET is_kept = max(is_kept, excluded.is_kept)"
# A request that gets no answer in so many runs is not waited for.
_RUNS = 3
_KEY = "WHERE document = ? AND stage = ? AND attempt = ?"
_SAVE = {
    "completions": "INSERT INTO completions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "refusals": "INSERT INTO refusals VALUES (?, ?, ?, ?, ?, ?)",
}
_SILENT = "INSERT INTO silences VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET runs = runs + 1"


class Journal:
    """The journal in a folder, which one run writes at a time; use it in a ``with`` block.

    Args:
        folder: where it stands, or is made.

    Raises:
        UsageError: another run is writing to it; it is damaged, no journal, or cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / NAME
        self._is_begun = self._path.exists()
        self._identity: Mapping[str, str] = {}
        with self._failing():
            self._database = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            with self._failing():
                self._open()
                self._is_begun = bool(self._known())
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        """Give the journal."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it, so that another run can write to it; one of which no run was begun leaves nothing."""
        if not self._is_begun:
            # While nobody else can have it.
            for name in (f"{NAME}-wal", NAME):
                with suppress(OSError):
                    (self._folder / name).unlink()
        self._database.close()

    def _open(self) -> None:
        # Before anything is read, so that nobody else gets in between, and no memory is shared that some systems lack.
        self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
        kind = self._database.execute("PRAGMA application_id").fetchone()[0]
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        is_new = not self._database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if not is_new and kind != _APPLICATION:
            raise UsageError(f"{self._path} is no journal of guidex; name another folder")
        if version > _VERSION:
            raise UsageError(f"{self._path} was written by a later guidex; use that, or name another folder")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute(f"PRAGMA synchronous = {_SYNCHRONOUS}")
        # A read takes no exclusive lock, a write does, and keeps it.
        self._database.execute("BEGIN IMMEDIATE")
        if is_new:
            for statement in _TABLES.split(";"):
                self._database.execute(statement)
            self._database.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._database.execute(f"PRAGMA user_version = {_VERSION}")
        self._database.execute("COMMIT")
        self._database.execute(_MET)

    def _known(self) -> dict[str, str]:
        return dict(self._database.execute("SELECT name, value FROM run"))

    def identify(self, identity: Mapping[str, str]) -> None:
        """Say what run this is; a run that goes on has to be the same. It is begun once there is something to keep.

        Args:
            identity: all that answers depend on, by what it is called.

        Raises:
            UsageError: the journal is that of another run, or cannot be written.
        """
        with self._failing():
            known = self._known()
        if not known:
            self._identity = dict(identity)
            return
        differing = [name for name in {**known, **identity} if known.get(name) != identity.get(name)]
        if differing:
            words = "; ".join(_difference(name, known.get(name), identity.get(name)) for name in differing)
            raise UsageError(
                f"{self._folder} holds another run: {words}. Go on with what it was begun with, or name another folder"
            )

    def begin(self) -> None:
        """Begin the run, unless it was: from now on the journal is that of no other.

        Raises:
            UsageError: the journal cannot be written.
        """
        with self._failing(), self._transaction():
            self._begin()

    def _begin(self) -> None:
        if not self._is_begun:
            self._database.executemany("INSERT OR IGNORE INTO run VALUES (?, ?)", self._identity.items())
            self._is_begun = True

    def answer(self, key: Key, messages: Conversation) -> Completion | Failure | None:
        """Give what was answered to a request, if it was.

        Args:
            key: of the request.
            messages: what would be asked now.

        Raises:
            UsageError: something else was asked, as another version may have done; or the journal cannot be read.
        """
        with self._failing():
            completion = self._database.execute(
                f"SELECT prompt, text, is_cut, prompt_tokens, output_tokens, model FROM completions {_KEY}", key
            ).fetchone()
            refusal = self._database.execute(f"SELECT prompt, reason FROM refusals {_KEY}", key).fetchone()
        found = completion or refusal
        if found is None:
            return None
        if found[0] != written(messages):
            document, stage, _ = key
            raise UsageError(
                f"the answer that {self._path} holds for the stage {stage} of the document {document[:12]} was given "
                "to another prompt than would be sent now; go on with the settings and the version of guidex that the "
                "run was begun with, or name another folder"
            )
        if completion is None:
            return Failure(reason=refusal[1], kind="refused")
        _, text, is_cut, prompt_tokens, output_tokens, model = completion
        return Completion(
            text=text,
            is_cut=bool(is_cut),
            prompt_tokens=prompt_tokens,
            output_tokens=output_tokens,
            model=model,
        )

    def record(self, answers: Iterable[Answer]) -> None:
        """Keep answers, all or none, on the disk; that an engine was not available is none.

        A request that an engine which is there does not answer in three runs counts as refused.

        Raises:
            UsageError: they cannot be written.
        """
        with self._failing(), self._transaction():
            self._begin()
            for request, answer in answers:
                asked = (
                    request.document,
                    request.stage,
                    request.attempt,
                    request.seed,
                    written(request.messages),
                )
                match answer:
                    case Completion():
                        given = (
                            _storable(answer.text),
                            answer.is_cut,
                            answer.prompt_tokens,
                            answer.output_tokens,
                            _storable(answer.model),
                        )
                        self._database.execute(_SAVE["completions"], (*asked, *given))
                    case Failure(kind="refused"):
                        self._database.execute(_SAVE["refusals"], (*asked, _storable(answer.reason)))
                    case Failure(is_gone=False):
                        key = (request.document, request.stage, request.attempt)
                        self._database.execute(_SILENT, key)
                        runs = self._database.execute(f"SELECT runs FROM silences {_KEY}", key).fetchone()[0]
                        if runs >= _RUNS:
                            reason = f"no answer in {runs} runs: {answer.reason}"
                            self._database.execute(_SAVE["refusals"], (*asked, _storable(reason)))
                    case Failure():
                        continue

    def holds(self, document: str) -> bool:
        """Say whether anything was answered about a document.

        Args:
            document: its digest.

        Raises:
            UsageError: the journal cannot be read.
        """
        with self._failing():
            return any(
                self._database.execute(f"SELECT 1 FROM {table} WHERE document = ? LIMIT 1", (document,)).fetchone()
                for table in _SAVE
            )

    def forget_refusals(self) -> None:
        """Have asked again what was refused: the reason may be gone.

        Raises:
            UsageError: the journal cannot be written.
        """
        with self._failing(), self._transaction():
            self._database.execute("DELETE FROM refusals")

    def spans(self, document: str) -> tuple[tuple[int, int], ...] | None:
        """Give the windows that a long document was cut into, none where it was refused; None for any other.

        Args:
            document: its digest.

        Raises:
            UsageError: the journal cannot be read.
        """
        with self._failing():
            found = self._database.execute("SELECT spans FROM cuts WHERE document = ?", (document,)).fetchone()
        return None if found is None else tuple((start, end) for start, end in json.loads(found[0]))

    def cut(self, document: str, spans: Iterable[tuple[int, int]]) -> None:
        """Keep the windows of a long document.

        Args:
            document: its digest.
            spans: where each begins and ends; none where it is refused.

        Raises:
            UsageError: they cannot be written.
        """
        with self._failing(), self._transaction():
            self._begin()
            self._database.execute("INSERT INTO cuts VALUES (?, ?)", (document, json.dumps(list(spans))))

    def meet(self, document: str, *, is_kept: bool) -> None:
        """Remember that this run has come to a document.

        Args:
            document: its digest.
            is_kept: it became a record.

        Raises:
            UsageError: there is no room for that.
        """
        with self._failing():
            self._database.execute(_MEET, (document, is_kept))

    def records(self) -> int:
        """Give how many records were published.

        Raises:
            UsageError: the journal cannot be read.
        """
        return self._number("SELECT count(*) FROM records")

    def missed(self) -> int:
        """Give how many of the records that were published are of documents that this run has not come to.

        Raises:
            UsageError: the journal cannot be read.
        """
        return self._number("SELECT count(*) FROM records WHERE document NOT IN (SELECT document FROM met)")

    def _number(self, query: str) -> int:
        with self._failing():
            return int(self._database.execute(query).fetchone()[0])

    def publish(self) -> None:
        """Remember what was kept as what is published.

        Raises:
            UsageError: the journal cannot be written.
        """
        with self._failing(), self._transaction():
            self._database.execute("DELETE FROM records")
            self._database.execute("INSERT INTO records SELECT document FROM met WHERE is_kept")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            # A full disk may have ended the transaction already.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Say in words what SQLite says in its own."""
        try:
            yield
        except sqlite3.OperationalError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                message = f"another run is writing to {self._folder}; wait for it, or name another folder"
            else:
                kept = ". What was answered before is kept; run the same command again to go on"
                message = f"{self._path} cannot be written: {error}{kept if self._is_begun else ''}"
            raise UsageError(message) from error
        except sqlite3.DatabaseError as error:
            message = f"{self._path} is damaged, or no journal of guidex: {error}; remove it, or name another folder"
            raise UsageError(message) from error


def _difference(name: str, known: str | None, given: str | None) -> str:
    return f"its {name} is {_value(known)}, not {_value(given)}"


def _value(text: str | None) -> str:
    return "not known" if text is None else quoted(text)


def written(messages: Conversation) -> str:
    """Write a conversation as the journal has it."""
    return json.dumps([{"role": one.role, "content": one.content} for one in messages])


def _storable(text: str) -> str:
    """Write lone surrogates, which SQLite refuses in texts, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
