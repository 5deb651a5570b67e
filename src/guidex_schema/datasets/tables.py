"""Parquet and Arrow IPC (Feather version 2), read batch by batch: memory does not grow with the file."""

import copyreg
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from guidex_schema.datasets.formats import require
from guidex_schema.datasets.json_column import decoded, is_decoded, is_sparse
from guidex_schema.datasets.json_text import Notes, json_object
from guidex_schema.datasets.row import Columns, Row, row, unreadable, without_rows
from guidex_schema.diagnostic import RecordReference, quoted

if TYPE_CHECKING:
    import pyarrow as pa

# Rows that are Python objects at once. A document may be large.
_ROWS = 128
_FILE_MARK = b"ARROW1"
_FEATHER_1_MARK = b"FEA1"
# Every writer ends a stream with a length of zero, behind a mark since version 0.15; a stream that is cut off between
# two batches lacks nothing else (Arrow columnar format, "IPC Streaming Format").
_CONTINUATION = b"\xff\xff\xff\xff"
_NO_LENGTH = b"\0\0\0\0"


def read_parquet(
    file: BinaryIO, name: str, columns: Columns, groups: range | None = None, index: int = 0
) -> Iterator[Row]:
    """Give the rows of a Parquet file; what cannot be read is a row with a fault, behind which the next group is read.

    Args:
        file: open.
        name: the file's name.
        columns: what the columns are called.
        groups: the numbers of the row groups to read; all unless given.
        index: 0-based number of the first row.

    Raises:
        UsageError: pyarrow is not installed.
    """
    require("pyarrow", "Parquet")
    import pyarrow.parquet as pq

    @cache
    def opened() -> "tuple[pq.ParquetFile, pa.Schema]":
        # Column chunks are read through a buffer, not whole: a file may be one row group.
        found = pq.ParquetFile(file, buffer_size=1024 * 1024, pre_buffer=False, page_checksum_verification=True)
        return found, found.schema_arrow

    def batches(number: int) -> "tuple[pa.Schema, Iterator[pa.RecordBatch]]":
        found, schema = opened()
        # Dictionaries inside of lists or objects are no batch across row groups.
        return schema, found.iter_batches(batch_size=_ROWS, row_groups=[number], use_threads=False)

    table = _Table(name, columns, "Parquet", index)
    yield from table.rows(lambda: (opened()[1], iter(())))
    if not table.is_whole:
        return
    found, schema = opened()
    for number in range(found.num_row_groups) if groups is None else groups:
        end = table.index + found.metadata.row_group(number).num_rows
        yield from table.rows(partial(batches, number))
        table.index = end
    if groups is None and table.index == 0:
        yield replace(without_rows(name), schema=schema)


def row_groups(file: BinaryIO) -> list[int] | None:
    """Give how many rows each row group of a Parquet file has; None where it cannot be told, as reading it will.

    Args:
        file: open.

    Raises:
        UsageError: pyarrow is not installed.
    """
    require("pyarrow", "Parquet")
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.ParquetFile(file).metadata
        names = metadata.schema.to_arrow_schema().names
        if len(set(names)) < len(names):
            return None
        return [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    except (pa.ArrowException, MemoryError, OSError, ValueError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        return None


def read_arrow(file: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    """Give the rows of an Arrow IPC file or stream, whichever it is, as ``read_parquet`` does.

    Args:
        file: open.
        name: the file's name.
        columns: what the columns are called.

    Raises:
        UsageError: pyarrow is not installed.
    """
    require("pyarrow", "Arrow")
    import pyarrow as pa

    mark = file.read(len(_FILE_MARK))
    if mark.startswith(_FEATHER_1_MARK):
        yield unreadable("unreadable-file", "the file is Feather version 1; write it as version 2 or Parquet", name)
        return
    is_file = mark == _FILE_MARK
    is_ended = is_file or _is_ended(file, mark)
    file.seek(0)

    def batches() -> "tuple[pa.Schema, Iterator[pa.RecordBatch]]":
        if not is_file:
            stream = pa.ipc.open_stream(file)
            return stream.schema, iter(stream)
        opened = pa.ipc.open_file(file)
        return opened.schema, (opened.get_batch(number) for number in range(opened.num_record_batches))

    found = _Table(name, columns, "Arrow")
    yield from found.rows(batches)
    if found.is_whole and found.index == 0:
        yield replace(without_rows(name), schema=found.schema)
    if found.is_whole and not is_ended:
        yield unreadable("unreadable-file", "the stream has no end mark; rows may be missing", name)


def _is_ended(file: BinaryIO, start: bytes) -> bool:
    mark = _CONTINUATION + _NO_LENGTH if start.startswith(_CONTINUATION) else _NO_LENGTH
    file.seek(0, os.SEEK_END)
    file.seek(max(file.tell() - len(mark), 0))
    return file.read() == mark


class _Table:
    """The rows of one file of columns.

    Attributes:
        is_whole: all that was asked for last was read.
        index: 0-based number of the next row.
        schema: of the table; None until it is known.
    """

    def __init__(self, name: str, columns: Columns, kind: str, index: int = 0) -> None:
        self._name = name
        self._columns = columns
        self._kind = kind
        self.index = index
        self.is_whole = False
        self.schema: pa.Schema | None = None

    def rows(self, batches: "Callable[[], tuple[pa.Schema, Iterator[pa.RecordBatch]]]") -> Iterator[Row]:
        """Give a row for each row of the batches, and one that says why there are no more."""
        import pyarrow as pa

        # A class without a module, of tuples: rows travel between processes.
        copyreg.pickle(pa.MonthDayNano, _as_tuple)
        self.is_whole = False
        try:
            schema, found = batches()
            self.schema = schema
            repeated = next((one for one in schema.names if schema.names.count(one) > 1), None)
            if repeated is not None:
                yield unreadable("unreadable-file", f"the column {quoted(repeated)} stands twice", self._name)
                return
            reading = _Reading(schema, self._columns.names)
            for batch in found:
                batch.validate()
                for start in range(0, batch.num_rows, _ROWS):
                    yield from self._of(batch.slice(start, _ROWS), reading)
        except (pa.ArrowException, MemoryError, OSError, ValueError, OverflowError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            where = f"behind row {self.index - 1} " if self.index else ""
            message = f"the file is no whole {self._kind} file, {where}it cannot be read: {_said(error)}"
            yield unreadable("unreadable-file", message, self._name)
            return
        self.is_whole = True

    def _of(self, batch: "pa.RecordBatch", reading: "_Reading") -> Iterator[Row]:
        for content in reading.contents(batch):
            yield self._row(content, reading) if isinstance(content, dict) else self._broken(content)
            self.index += 1

    def _broken(self, content: "_Broken") -> Row:
        message = f"the row cannot be read: {content.reason}"
        found = unreadable("unreadable-row", message, self._name, RecordReference(index=self.index))
        left = json_object(content.left, Notes()).encode("utf-8") + b"\n" if content.left else None
        return replace(found, raw=left, schema=content.schema)

    def _row(self, content: dict[str, object], reading: "_Reading") -> Row:
        # A table has a value for every column of every row: one without guidelines may be of the other form.
        guidelines = self._columns.guidelines
        is_without = guidelines in content and content[guidelines] is None
        shown = {name: value for name, value in content.items() if name != guidelines} if is_without else content
        return replace(row(shown, self._name, self.index, None, self._columns), content=content, schema=reading.schema)


class _Broken(NamedTuple):
    """A row that is none, since a column cannot be had.

    Attributes:
        reason: why, in words.
        left: what can be had of its columns.
    """

    reason: str
    left: dict[str, object]
    schema: "pa.Schema"


class _Reading:
    """How the batches of one schema become Python values."""

    def __init__(self, schema: "pa.Schema", essential: Collection[str]) -> None:
        self.schema = schema
        # Columns that records are made of: text in their place would be other text.
        self._essential = essential
        self._decoded = {field.name for field in schema if is_decoded(field)}
        self._sparse = {field.name for field in schema if is_sparse(field)}
        self._changed = {field.name: coarse for field in schema if (coarse := _coarse(field.type)) != field.type}

    def contents(self, batch: "pa.RecordBatch") -> "Iterator[dict[str, object] | _Broken]":
        """Give each row's columns, or why they cannot be had."""
        try:
            batch.validate(full=True)
            found = self._converted(batch)
        except _faults():
            for number in range(batch.num_rows):
                yield self._alone(batch.slice(number, 1))
            return
        yield from found

    def _alone(self, batch: "pa.RecordBatch") -> "dict[str, object] | _Broken":
        """Give one row column by column: no column costs another."""
        content: dict[str, object] = {}
        reason = ""
        for name in batch.schema.names:
            column = batch.select([name])
            try:
                column.validate(full=True)
                (found,) = self._converted(column)
            except _faults() as error:
                if name in self._essential:
                    reason = reason or f"the column {quoted(name)}: {_said(error)}"
                try:
                    found = {name: _as_text(column.column(0))}
                except _faults() as lasting:
                    reason = reason or f"the column {quoted(name)}: {_said(lasting)}"
                    continue
            content |= found
        return _Broken(reason, content, self.schema) if reason else content

    def _converted(self, batch: "pa.RecordBatch") -> list[dict[str, object]]:
        import pyarrow as pa

        names: list[str] = batch.schema.names
        for name in self._changed.keys() & set(names):
            column = batch.column(name)
            try:
                cast = column.cast(self._changed[name])
            except pa.ArrowInvalid:
                cast = column.cast(pa.string())
            batch = batch.set_column(names.index(name), name, cast)
        found: list[dict[str, object]] = batch.to_pylist()
        for content in found:
            for name in self._sparse & content.keys():
                if content[name] is None:
                    del content[name]
            for name in self._decoded & content.keys():
                content[name] = decoded(content[name])
        return found


def _as_tuple(value: "pa.MonthDayNano") -> tuple[type, tuple[list[object]]]:
    return tuple, (list(value),)


def _faults() -> tuple[type[Exception], ...]:
    """Give what tells that values cannot be had."""
    import pyarrow as pa

    return pa.ArrowException, MemoryError, ValueError, OverflowError


def _as_text(value: "pa.Array") -> object:
    """Give the one value of a column that Python has no value for: the text for it, or the bytes of broken text."""
    import pyarrow as pa

    kind = value.type
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    if is_list and value.is_valid()[0].as_py():
        items = value.flatten()
        return [_as_text(items.slice(number, 1)) for number in range(len(items))]
    if pa.types.is_struct(kind) and value.is_valid()[0].as_py():
        inner = value.flatten()
        if len({one.name for one in kind}) < len(inner):
            raise ValueError("a field stands twice")
        return {one.name: _as_text(part) for one, part in zip(kind, inner, strict=True)}
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        try:
            value.validate(full=True)
        except pa.ArrowInvalid:
            return value.cast(pa.large_binary()).to_pylist()[0]
    try:
        return value.to_pylist()[0]
    except _faults():
        return value.cast(pa.string()).to_pylist()[0]


def _coarse(data_type: "pa.DataType") -> "pa.DataType":
    """Give the type in microseconds, which is all that Python's times have; what has more becomes text."""
    import pyarrow as pa

    if pa.types.is_timestamp(data_type) and data_type.unit == "ns":
        return pa.timestamp("us", data_type.tz)
    if pa.types.is_time64(data_type) and data_type.unit == "ns":
        return pa.time64("us")
    if pa.types.is_duration(data_type) and data_type.unit == "ns":
        return pa.duration("us")
    return data_type


def _said(error: Exception) -> str:
    """Give the first line of what pyarrow says."""
    words = ""
    with suppress(IndexError):
        words = str(error).splitlines()[0]
    return quoted(words or type(error).__name__)
