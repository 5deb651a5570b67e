"""Parquet and Arrow IPC, written in two passes: JSON has no schema, so rows wait on disk until all were seen."""

import pickle
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final

from guidex_schema.datasets.column_type import arrow_has, parquet_has
from guidex_schema.datasets.formats import require
from guidex_schema.datasets.json_text import Notes, json_value
from guidex_schema.datasets.row import Row
from guidex_schema.datasets.table_schema import TableSchema
from guidex_schema.diagnostic import quoted
from guidex_schema.new_file import NewFile

if TYPE_CHECKING:
    import pyarrow as pa

# Rows that become a batch together: at most so many, and so many bytes on disk.
_BATCH_ROWS: Final = 5_000
_BATCH_BYTES: Final = 16 * 1024 * 1024
# Deeper values are written as JSON text at once.
_DEPTH_LIMIT: Final = 64


class Unfit(Exception):
    """A column holds a value that its type does not; it has to be JSON text."""


class _Text(str):
    """JSON text that stands for a value."""

    __slots__ = ()


class Spool:
    """Rows that wait on disk, in a file without a name that ends with the program.

    Args:
        folder: where the file is.
        schema: the columns of the table that the rows will be in, with those of other spools.
        notes: told of columns that are not written as they stood.
    """

    def __init__(self, folder: Path, schema: TableSchema, notes: Notes) -> None:
        self._file = _unnamed(folder)
        self._pickler = pickle.Pickler(self._file, pickle.HIGHEST_PROTOCOL)
        self._schema = schema
        self._notes = notes
        self.rows = 0

    def write(self, row: Row) -> None:
        """Put a row behind the others.

        Raises:
            UsageError: no table can hold it.
        """
        content = {
            name: _Text(json_value(value, name, self._notes)) if _is_deep(value) else value
            for name, value in (row.content or {}).items()
        }
        self._schema.add(row.content or {}, row.schema)
        # Only this program can read or write the file.
        self._pickler.clear_memo()
        self._pickler.dump(content)
        self.rows += 1

    def batches(self, schema: "pa.Schema") -> "Iterator[tuple[pa.RecordBatch, int]]":
        """Give all rows as batches, each with the bytes that it takes here.

        Raises:
            Unfit: columns have to be JSON text, which the schema of the table then says of all of them.
        """
        import pyarrow as pa

        is_fit = True
        for rows, size in self._waiting():
            arrays = self._arrays(rows, schema)
            # Behind a column that does not fit, others are sought: all are written anew once, not once for each.
            is_fit = is_fit and len(arrays) == len(schema)
            if is_fit:
                yield pa.RecordBatch.from_arrays(arrays, schema=schema), size
        if not is_fit:
            raise Unfit

    def _waiting(self) -> Iterator[tuple[list[Mapping[str, object]], int]]:
        """Give all rows in groups, each with the bytes that it takes here."""
        self._file.seek(0)
        waiting: list[Mapping[str, object]] = []
        start = 0
        for _ in range(self.rows):
            waiting.append(pickle.load(self._file))
            size = self._file.tell() - start
            if len(waiting) == _BATCH_ROWS or size >= _BATCH_BYTES:
                yield waiting, size
                waiting, start = [], self._file.tell()
        if waiting:
            yield waiting, self._file.tell() - start

    def _arrays(self, rows: list[Mapping[str, object]], schema: "pa.Schema") -> "list[pa.Array]":
        """Give the columns of rows but for those that do not fit, all of which are JSON text from then on."""
        arrays = []
        for field in schema:
            with suppress(Unfit):
                arrays.append(self._array(rows, field))
        return arrays

    def _array(self, rows: list[Mapping[str, object]], field: "pa.Field") -> "pa.Array":
        import pyarrow as pa

        name, column = field.name, self._schema.columns[field.name]
        if column.json:
            return pa.array([_json(row[name], name, self._notes) if name in row else None for row in rows], pa.string())
        values = [row.get(name) for row in rows]
        try:
            if column.dictionary is not None and pa.types.is_dictionary(field.type):
                return _of_dictionary(values, field.type, column.dictionary)
            try:
                return pa.array(values, field.type)
            except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError):
                # Times that Python does not have, as those in nanoseconds, are text while they are in Python.
                if pa.types.is_temporal(field.type):
                    values = [None if one is None else str(one) for one in values]
                return pa.array(values).cast(field.type)
        except UnicodeEncodeError:
            column.json = "it holds lone surrogates, which UTF-8 does not have"
        except (pa.ArrowException, ValueError, TypeError, OverflowError, KeyError) as error:
            column.json = f"a value is no {field.type}: {quoted(str(error))}"
        raise Unfit

    def close(self) -> None:
        """Let the rows go."""
        self._file.close()


def _unnamed(folder: Path) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=folder)


def _json(value: object, name: str, notes: Notes) -> str:
    return str(value) if isinstance(value, _Text) else json_value(value, name, notes)


def _of_dictionary(values: list[object], data_type: "pa.DictionaryType", known: dict[object, None]) -> "pa.Array":
    """Give an array of a dictionary type; all batches share one dictionary, as files of Arrow demand."""
    import pyarrow as pa

    numbers = {value: number for number, value in enumerate(known)}
    indices = pa.array([None if one is None else numbers[one] for one in values], data_type.index_type)
    dictionary = pa.array(list(known), data_type.value_type)
    return pa.DictionaryArray.from_arrays(indices, dictionary, ordered=data_type.ordered)


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEPTH_LIMIT):
        level = [
            inner
            for one in level
            if isinstance(one, list | dict)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def writing_until_fit(schema: TableSchema, write: "Callable[[pa.Schema], None]") -> None:
    """Write tables, again from the start whenever a column turns out to hold what its type does not.

    Args:
        schema: of the tables; each time one more column is JSON text.
        write: writes all of them with the schema that it is given.

    Raises:
        OSError: they cannot be written.
    """
    while True:
        try:
            write(schema.arrow_schema())
        except Unfit:
            continue
        return


def parquet_writer(sink: BinaryIO, schema: "pa.Schema") -> "Callable[[pa.RecordBatch | None], None]":
    """Give what writes batches to a Parquet file, each a row group; called with None it ends the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = pq.ParquetWriter(sink, schema, compression="zstd", write_page_checksum=True)

    def write(batch: "pa.RecordBatch | None") -> None:
        if batch is None:
            writer.close()
        else:
            writer.write_table(pa.Table.from_batches([batch]))

    return write


def arrow_writer(sink: BinaryIO, schema: "pa.Schema") -> "Callable[[pa.RecordBatch | None], None]":
    """Give what writes batches to an Arrow IPC file; called with None it ends the file."""
    import pyarrow as pa

    writer = pa.ipc.new_file(sink, schema)

    def write(batch: "pa.RecordBatch | None") -> None:
        if batch is None:
            writer.close()
        else:
            writer.write_batch(batch)

    return write


class TableWriter:
    """Write Parquet, or Arrow IPC (Feather version 2) where the name does not end in ``.parquet``.

    A row that comes with an Arrow schema keeps its types. A column that no one type holds is written as JSON text.

    Args:
        path: where the file is to stand.

    Raises:
        UsageError: it cannot be written there, or pyarrow is not installed.
    """

    def __init__(self, path: Path) -> None:
        require("pyarrow", "writing Parquet or Arrow")
        is_parquet = path.name.lower().endswith(".parquet")
        self._begin = parquet_writer if is_parquet else arrow_writer
        self._file = NewFile(path)
        self._notes = Notes()
        self._schema, self._expected = (
            TableSchema("Parquet", parquet_has) if is_parquet else TableSchema("a file of Arrow", arrow_has)
            for _ in range(2)
        )
        self._spool = Spool(self._file.folder, self._schema, self._notes)

    @property
    def notes(self) -> tuple[str, ...]:
        """Give the columns that are not written as they stood."""
        return tuple(self._notes)

    def write(self, row: Row) -> None:
        """Put a row behind the others."""
        self._spool.write(row)

    def expect(self, row: Row) -> None:
        """Know the columns of a row that is not written, in case that none is."""
        if not self._spool.rows:
            self._expected.expect(row)

    def finish(self) -> None:
        """Write all rows."""
        schema = self._schema if self._spool.rows else self._expected
        writing_until_fit(schema, self._write)
        for name, words in schema.remarks().items() if self._spool.rows else ():
            self._notes.add(name, words)
        if not schema.columns:
            self._notes.add_words("there is no row, and no column is known")
        self._spool.close()
        self._file.finish()

    def _write(self, schema: "pa.Schema") -> None:
        self._file.sink.seek(0)
        self._file.sink.truncate()
        write = self._begin(self._file.sink, schema)
        for batch, _ in self._spool.batches(schema):
            write(batch)
        write(None)

    def publish(self) -> None:
        """Put the file under its name."""
        self._file.publish()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._spool.close()
        self._file.discard()
