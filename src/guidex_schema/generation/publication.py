"""The folder that a run writes: records in two forms, what became of the other documents, and a card."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from guidex_schema.datasets.json_text import Notes, json_object
from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError
from guidex_schema.generation import journal
from guidex_schema.generation.documents import Unread
from guidex_schema.generation.folder_card import card, settings
from guidex_schema.generation.journal import Journal
from guidex_schema.generation.outcome import Kept, Outcome, Pending, Tally
from guidex_schema.generation.provenance import Origin, guidex_row, native_row, other_line
from guidex_schema.new_file import NewFile
from guidex_schema.quantity import quantity
from guidex_schema.settings import Settings
from guidex_schema.unfinished import hidden

NATIVE = "data/train.jsonl"
GUIDEX = "gollie/train.jsonl"
REJECTED = "rejected.jsonl"
_SETTINGS = "guidex.toml"
_CARD = "README.md"
_FILES = (NATIVE, GUIDEX, REJECTED, _SETTINGS, _CARD)


@contextmanager
def prepared(folder: Path) -> Iterator[None]:
    """Make the folder that a run writes, or see to it that it is one; it is gone again if nothing comes to stand in it.

    Raises:
        UsageError: it holds other things, or cannot be made.
    """
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        other = _other(folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}") from error
    if other is not None:
        raise UsageError(f"{folder} holds {quoted(other.name)} and no journal of a run; name a new folder")
    try:
        yield
    finally:
        if is_new:
            with suppress(OSError):
                folder.rmdir()


def _other(folder: Path) -> Path | None:
    """Give something in a folder that no run has written; a journal that holds something says that one has."""
    own = folder / journal.NAME
    if own.exists() and own.stat().st_size:
        return None
    return next((one for one in folder.iterdir() if not one.name.startswith(journal.NAME)), None)


class Publication:
    """What a run writes; use it in a ``with`` block, which leaves nothing behind unless published.

    Each file holds what an earlier run wrote, or all of what this one did. Since a document that is done stays as it
    is, files of two runs of one journal never contradict each other. Where nothing is kept there are no records
    to publish: readers of datasets refuse empty files.

    Args:
        folder: one that was prepared.
        kept: its journal.
        origin: of the rows.
        chosen: what answers are held to, and what the columns are called.
        limit: the most documents that are read; None for all.

    Raises:
        UsageError: it cannot be written, or the limit is below what is published.
    """

    def __init__(self, folder: Path, kept: Journal, origin: Origin, chosen: Settings, limit: int | None = None) -> None:
        self._folder = folder
        self._journal = kept
        self._origin = origin
        self._settings = chosen
        self._notes = Notes()
        self._unlike = 0
        self._models: set[str] = set()
        self._files: dict[str, NewFile] = {}
        self._made: list[Path] = []
        if limit is not None and self._stands and (records := kept.records()) > limit:
            raise self._lossy(records - limit, "beyond --limit")
        try:
            for name in _FILES:
                path = folder / name
                if not path.parent.exists():
                    path.parent.mkdir()
                    self._made.append(path.parent)
                # What a run that was killed has left; its journal is ours now, and so are they.
                for older in path.parent.glob(f"{hidden(path)}*.part"):
                    older.unlink()
                self._files[name] = NewFile(path)
        except OSError as error:
            self._discard()
            raise UsageError(f"{folder} cannot be written: {error.strerror or error}") from error
        except UsageError:
            self._discard()
            raise

    def __enter__(self) -> Self:
        """Give the publication."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind that was not published."""
        self._discard()

    def _discard(self) -> None:
        for file in self._files.values():
            file.discard()
        for made in self._made:
            with suppress(OSError):
                made.rmdir()

    @property
    def _stands(self) -> bool:
        """Say whether records stand here: who takes them away wants them no more."""
        return (self._folder / NATIVE).exists()

    @property
    def notes(self) -> tuple[str, ...]:
        """Give in words what is not written as it stood."""
        if not self._unlike:
            return tuple(self._notes)
        rows = quantity(self._unlike, "row")
        return (*self._notes, f"{GUIDEX} lacks {rows}, which that form would change; {NATIVE} has them")

    def write(self, outcome: Outcome) -> None:
        """Write what became of a document.

        Raises:
            UsageError: it cannot be written.
        """
        if not isinstance(outcome.document, Unread):
            self._journal.meet(outcome.document.digest, is_kept=isinstance(outcome, Kept))
        if isinstance(outcome, Pending):
            return
        if not isinstance(outcome, Kept):
            self._write(REJECTED, other_line(outcome))
            return
        self._models.add(outcome.model)
        self._write_object(NATIVE, native_row(outcome, self._origin, self._settings.columns))
        alike = guidex_row(outcome)
        if alike is None:
            self._unlike += 1
        else:
            self._write_object(GUIDEX, alike)

    def publish(self, tally: Tally) -> None:
        """Put all under its name.

        Args:
            tally: of all documents.

        Raises:
            UsageError: it cannot be written, or records that stand here would be gone.
        """
        if self._stands and (missed := self._journal.missed()):
            raise self._lossy(missed, "of documents that are not among these")
        self._journal.begin()
        self._write(_SETTINGS, settings(self._settings).encode("utf-8"))
        self._write(_CARD, card(tally, self._origin, tuple(sorted(self._models))).encode("utf-8"))
        try:
            for file in self._files.values():
                file.finish()
            for name, file in self._files.items():
                if tally.kept or name not in (NATIVE, GUIDEX):
                    file.publish()
                else:
                    # Records that an earlier version took for good, and that are rejected now.
                    (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._failed(error) from error
        self._journal.publish()

    def _lossy(self, records: int, why: str) -> UsageError:
        return UsageError(
            f"{self._folder} would lose {quantity(records, 'record')} {why}, so nothing is overwritten. Name all "
            f"documents again, or another folder; or remove {self._folder / NATIVE} first"
        )

    def _write_object(self, name: str, content: dict[str, object]) -> None:
        self._write(name, json_object(content, self._notes).encode("utf-8") + b"\n")

    def _write(self, name: str, data: bytes) -> None:
        try:
            self._files[name].sink.write(data)
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> UsageError:
        return UsageError(
            f"{self._folder} cannot be written: {error.strerror or error}. What was answered is kept in its journal; "
            "run the same command again to go on"
        )
