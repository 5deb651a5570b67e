"""Writers: one for each format that datasets are written in, all or nothing, with flat memory."""

from pathlib import Path
from typing import Protocol, assert_never

from guidex_schema.datasets import compression
from guidex_schema.datasets.folder_writing import FolderWriter
from guidex_schema.datasets.formats import SUFFIXES, Format, format_of
from guidex_schema.datasets.json_text import Notes, json_object
from guidex_schema.datasets.row import Row
from guidex_schema.datasets.table_writing import TableWriter
from guidex_schema.error import UsageError
from guidex_schema.new_file import NewFile

# Formats that a name may ask for and that are not written: a folder of that name would surprise.
_OTHERS = frozenset(".csv .tsv .txt .xlsx .yaml .yml .xml .html .md .db .sqlite .zip .tar .gz .zst .bz2 .xz".split())


class Writer(Protocol):
    """Rows that become a dataset once all are there.

    ``write`` every row, ``finish``, then ``publish``; or ``discard`` at any time before.
    """

    @property
    def notes(self) -> tuple[str, ...]:
        """Give what was not written as it stood, a sentence without its end each; complete after ``finish``."""

    def write(self, row: Row) -> None:
        """Write a row behind the others.

        Args:
            row: one that has ``content``; its ``raw`` is written in its place where the format allows. A changed row
                has no ``raw``.

        Raises:
            UsageError: the format cannot hold it; others may follow.
            OSError: it cannot be written.
        """

    def expect(self, row: Row) -> None:
        """Know of a row that is not written: where none is, a table has the columns, and a folder the splits, of these.

        Args:
            row: any, also one that could not be read.
        """

    def finish(self) -> None:
        """Bring all rows to the disk, under a temporary name in the folder where the dataset will stand.

        Raises:
            OSError: they cannot be written.
        """

    def publish(self) -> None:
        """Put the dataset under its name, in place of one that was there.

        Raises:
            OSError: it cannot be put there.
        """

    def discard(self) -> None:
        """Leave nothing behind."""


def writer_for(path: Path) -> Writer:
    """Give a writer for the format that a name says.

    Args:
        path: where the dataset is to stand; without the suffix of a format, a folder as the Hugging Face Hub has it,
            with Parquet files for each split.

    Raises:
        UsageError: the format is not written, it cannot be written there, or needs a package that is not installed.
    """
    known = format_of(path)
    if known is None:
        if path.suffix.lower() in _OTHERS:
            raise UsageError(f"{path} is no format that is written: {', '.join(SUFFIXES)}, or a folder")
        return FolderWriter(path)
    match known.encoding:
        case "lines" | "array":
            return JsonWriter(path, known)
        case "parquet" | "arrow":
            return TableWriter(path)
        case _:
            assert_never(known.encoding)


class JsonWriter:
    """Write JSONL or a JSON array, compressed where the format says so.

    Rows that have ``raw`` keep their bytes.

    Args:
        path: where the file is to stand.
        known: its format.

    Raises:
        UsageError: it cannot be written there, or needs a package that is not installed.
    """

    def __init__(self, path: Path, known: Format) -> None:
        self._file = NewFile(path)
        self._notes = Notes()
        self._is_array = known.encoding == "array"
        try:
            self._sink = compression.writing(self._file.sink, known.compression)
        except BaseException:
            self._file.discard()
            raise
        self._count = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Give the columns that hold what JSON does not have."""
        return tuple(self._notes)

    def write(self, row: Row) -> None:
        """Write a row on a line of its own."""
        line = json_line(row, self._notes)
        if self._is_array:
            line = (b",\n" if self._count else b"[\n") + line.rstrip(b"\r\n")
        self._sink.write(line)
        self._count += 1

    def expect(self, row: Row) -> None:
        """Do nothing: JSON has no columns where it has no rows."""

    def finish(self) -> None:
        """Close the array and bring the file to the disk."""
        if self._is_array:
            self._sink.write(b"\n]\n" if self._count else b"[]\n")
        if self._sink is not self._file.sink:
            self._sink.close()
        self._file.finish()

    def publish(self) -> None:
        """Put the file under its name."""
        self._file.publish()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._file.discard()


def json_line(row: Row, notes: Notes) -> bytes:
    """Give a row as a line of JSONL with its end: as it stands in its file, or else written anew.

    Args:
        row: one that has ``raw`` or ``content``.
        notes: told of columns that hold what JSON does not have.

    Raises:
        UsageError: it is nested too deeply.
    """
    if row.raw is not None:
        # The last line of a file may lack its end.
        return row.raw if row.raw.endswith(b"\n") else row.raw + b"\n"
    return json_object(row.content or {}, notes).encode("utf-8") + b"\n"
