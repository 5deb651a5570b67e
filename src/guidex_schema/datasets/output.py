"""Where rows go: a dataset under a name, or a stream."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from guidex_schema.datasets.json_text import Notes
from guidex_schema.datasets.row import Row
from guidex_schema.datasets.writing import Writer, json_line
from guidex_schema.error import UsageError


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
        sink: it is flushed behind every row.
        closing: close it at the end, whatever becomes of the rows.
    """

    def __init__(self, sink: BinaryIO, *, closing: bool = False) -> None:
        self._sink = sink
        self._closing = closing
        self._notes = Notes()

    @property
    def notes(self) -> tuple[str, ...]:
        """Give the columns that hold what JSON does not have."""
        return tuple(self._notes)

    def write(self, row: Row) -> None:
        """Write a row on a line of its own, a whole line at a time."""
        self._sink.write(json_line(row, self._notes))
        self._sink.flush()

    def expect(self, row: Row) -> None:
        """Do nothing: JSON has no columns where it has no rows."""

    def finish(self) -> None:
        """Do nothing: all is written."""

    def publish(self) -> None:
        """Do nothing: all can be read."""

    def discard(self) -> None:
        """Close the stream where that is asked for; what was read cannot be taken back."""
        if self._closing:
            self._sink.close()
