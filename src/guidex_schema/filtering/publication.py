"""The two files that filtering writes, which stand under their names together or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from guidex_schema.datasets import Row
from guidex_schema.datasets.json_text import Notes
from guidex_schema.datasets.writing import Writer, json_line
from guidex_schema.error import UsageError
from guidex_schema.filtering import Outcome
from guidex_schema.filtering.rejection import rejected_line
from guidex_schema.isolation import Isolation
from guidex_schema.new_file import sync_folder


class Output(NamedTuple):
    """A dataset that is written.

    Attributes:
        path: where it is to stand; None for a stream, which takes rows as they come.
    """

    writer: Writer
    path: Path | None

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give the writer, and name the file where it cannot write; a stream's own errors stay what they are.

        Raises:
            UsageError: it cannot be written.
        """
        try:
            yield self.writer
        except OSError as error:
            if self.path is None:
                raise
            raise UsageError(f"{self.path} cannot be written: {error.strerror or error}") from error


class StreamWriter:
    """Write rows to a stream as JSONL, as they come.

    Args:
        sink: it is flushed, and stays open.
    """

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._notes = Notes()

    @property
    def notes(self) -> tuple[str, ...]:
        """Give the columns that hold what JSON does not have."""
        return tuple(self._notes)

    def write(self, row: Row) -> None:
        """Write a row on a line of its own, a whole line at a time."""
        self._sink.write(json_line(row, self._notes))
        self._sink.flush()

    def finish(self) -> None:
        """Do nothing: all is written."""

    def publish(self) -> None:
        """Do nothing: all can be read."""

    def discard(self) -> None:
        """Do nothing: what was read cannot be taken back."""


class Publication:
    """Kept and rejected rows of one run; use it in a ``with`` block, which leaves nothing behind unless published.

    However a run ends, even killed, both names hold what an earlier run wrote, or both what this one wrote, or that of
    the kept rows holds nothing: kept rows never stand beside rejected ones of another run.

    Args:
        kept: where kept rows go.
        rejected: where rejected rows go.
    """

    def __init__(self, kept: Output, rejected: Output) -> None:
        self._kept = kept
        self._rejected = rejected
        self._notes = Notes()

    def __enter__(self) -> Self:
        """Give the publication."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind that was not published."""
        self._kept.writer.discard()
        self._rejected.writer.discard()

    @property
    def notes(self) -> tuple[str, ...]:
        """Give what was not written as it stood; complete after ``publish``."""
        return tuple(dict.fromkeys((*self._kept.writer.notes, *self._notes)))

    def write(self, outcome: Outcome, isolation: Isolation) -> None:
        """Write a row that is kept, and what is to be told of one that is not, or not whole.

        Args:
            outcome: what became of it.
            isolation: how far the jail was closed in which its labels were read.

        Raises:
            UsageError: it cannot be written.
        """
        line = rejected_line(outcome, isolation, self._notes)
        if outcome.kept is not None:
            with self._kept.writing() as writer:
                writer.write(outcome.kept)
        if line is not None:
            with self._rejected.writing() as writer:
                writer.write(Row("", None, None, raw=line))

    def publish(self) -> None:
        """Put both under their names: older kept rows go first, and new ones come last.

        Raises:
            UsageError: one of them cannot be written.
        """
        for output in (self._kept, self._rejected):
            with output.writing() as writer:
                writer.finish()
        with _set_aside(self._kept):
            with self._rejected.writing() as writer:
                writer.publish()
            with self._kept.writing() as writer:
                writer.publish()


@contextmanager
def _set_aside(output: Output) -> Iterator[None]:
    """Take an older dataset from its name, and remove it when another stands there; put it back where none does."""
    target = None if output.path is None else output.path.resolve()
    if target is None or not os.path.lexists(target):
        yield
        return
    with output.writing():
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name[:100]}.", suffix=".old", dir=target.parent))
        older = target.rename(aside / target.name)
        sync_folder(target.parent)
    try:
        yield
    except BaseException:
        if not os.path.lexists(target):
            with suppress(OSError):
                older.rename(target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
