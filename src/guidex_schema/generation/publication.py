"""The folder that a run writes: records in two forms, what became of the other documents, and a card."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from guidex_schema.datasets import Columns
from guidex_schema.datasets.json_text import Notes, json_object
from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError
from guidex_schema.generation import journal
from guidex_schema.generation.folder_card import card, settings
from guidex_schema.generation.outcome import Kept, Outcome, Pending, Tally
from guidex_schema.generation.provenance import Origin, guidex_row, native_row, other_line
from guidex_schema.new_file import NewFile, hidden
from guidex_schema.quantity import quantity

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
        other = None if (folder / journal.NAME).exists() else next(folder.iterdir(), None)
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


class Publication:
    """What a run writes; use it in a ``with`` block, which leaves nothing behind unless published.

    Each file holds what an earlier run wrote, or all of what this one did. Since a document that is done stays as it
    is, files of two runs of one journal never contradict each other.

    Args:
        folder: one that was prepared, and whose journal nobody else writes.
        origin: of the rows.
        columns: what the columns are called.
        abstractive: patterns of attributes whose values need not stand in the document.

    Raises:
        UsageError: it cannot be written.
    """

    def __init__(self, folder: Path, origin: Origin, columns: Columns, abstractive: tuple[str, ...]) -> None:
        self._folder = folder
        self._origin = origin
        self._columns = columns
        self._abstractive = abstractive
        self._notes = Notes()
        self._unlike = 0
        self._models: set[str] = set()
        self._files: dict[str, NewFile] = {}
        try:
            for name in _FILES:
                path = folder / name
                path.parent.mkdir(exist_ok=True)
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
        if isinstance(outcome, Pending):
            return
        if not isinstance(outcome, Kept):
            self._write(REJECTED, other_line(outcome))
            return
        self._models.add(outcome.model)
        self._write_object(NATIVE, native_row(outcome, self._origin, self._columns))
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
            UsageError: it cannot be written.
        """
        self._write(_SETTINGS, settings(self._columns, self._abstractive).encode("utf-8"))
        self._write(_CARD, card(tally, self._origin, tuple(sorted(self._models))).encode("utf-8"))
        try:
            for file in self._files.values():
                file.finish()
            for file in self._files.values():
                file.publish()
        except OSError as error:
            raise self._failed(error) from error

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
