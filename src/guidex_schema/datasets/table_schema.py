"""The columns of a table that is being written: their types are known once all rows have been seen."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from guidex_schema.datasets.json_column import is_decoded, marked
from guidex_schema.datasets.row import Row
from guidex_schema.datasets.shape import Shape, is_unicode
from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS_LIMIT: Final = 1_000
# What other libraries say of the columns of a table, which is wrong once these are not the same.
_ABOUT_COLUMNS = frozenset((b"huggingface", b"pandas"))


@dataclass
class Column:
    """What is known of one column.

    Attributes:
        declared: fields that the schemas of Arrow sources have for it.
        shape: its values in rows that have no schema.
        present: rows that have it.
        has_null: a row has it as null.
        json: why it is written as JSON text; "" if it is not.
        dictionary: its different values, where its type is a dictionary, in order.
    """

    declared: "list[pa.Field]" = field(default_factory=list)
    shape: Shape | None = None
    present: int = 0
    has_null: bool = False
    json: str = ""
    dictionary: dict[object, None] | None = None


class TableSchema:
    """The columns of all rows that were added, in the order in which they came.

    Args:
        reader: what the table is for, in words.
        is_allowed: says of a type whether a column may have it; what has another becomes JSON text.
    """

    def __init__(self, reader: str, is_allowed: "Callable[[pa.DataType], bool]") -> None:
        self._reader = reader
        self._is_allowed = is_allowed
        self.columns: dict[str, Column] = {}
        self._rows = 0
        self._sources: list[pa.Schema] = []
        # Rows of one source follow each other.
        self._last: pa.Schema | None = None
        self._last_names: frozenset[str] = frozenset()

    def add(self, content: Mapping[str, object], source: "pa.Schema | None") -> None:
        """Take a row into account.

        Args:
            content: its columns.
            source: the Arrow schema that it comes with, or None.

        Raises:
            UsageError: no table has such columns; the row was not added.
        """
        self._admit(content)
        if source is not self._last:
            self._last, self._last_names = source, frozenset(() if source is None else source.names)
            if source is not None and not any(source.equals(one, check_metadata=True) for one in self._sources):
                self._add_source(source)
        self._rows += 1
        for name, value in content.items():
            column = self.columns.setdefault(name, Column())
            column.present += 1
            column.has_null |= value is None
            if column.dictionary is not None and value is not None:
                column.dictionary[value] = None
            if name not in self._last_names:
                column.shape = column.shape or Shape()
                column.shape.add(value)

    def expect(self, row: Row) -> None:
        """Take the columns of a row into account that may be none, or that no table has."""
        with suppress(UsageError):
            self.add(row.content or {}, row.schema)

    def _admit(self, content: Mapping[str, object]) -> None:
        new = [name for name in content if name not in self.columns]
        if len(self.columns) + len(new) > _COLUMNS_LIMIT:
            raise UsageError(
                f"the rows have more than {_COLUMNS_LIMIT:,} different columns, which is no table; write JSONL"
            )
        for name in new:
            if not is_unicode(name):
                raise UsageError(f"a table cannot have the column {quoted(name)}; write JSONL")

    def _add_source(self, source: "pa.Schema") -> None:
        import pyarrow as pa

        self._sources.append(source)
        for declared in source:
            one = declared.with_type(_plain(declared.type))
            column = self.columns.setdefault(one.name, Column())
            if all(not one.equals(other, check_metadata=True) for other in column.declared):
                column.declared.append(one)
            if is_decoded(one):
                column.json = "it was before"
            if pa.types.is_dictionary(one.type) and column.dictionary is None:
                column.dictionary = {}

    def arrow_schema(self) -> "pa.Schema":
        """Give the schema that holds all rows; a column that no type holds becomes JSON text."""
        import pyarrow as pa

        fields = [self._field(name, column) for name, column in self.columns.items()]
        metadata = dict(self._sources[0].metadata or {}) if self._sources else {}
        if not all(source.equals(pa.schema(fields)) for source in self._sources):
            metadata = {key: value for key, value in metadata.items() if key not in _ABOUT_COLUMNS}
        return pa.schema(fields, metadata=metadata or None)

    def _field(self, name: str, column: Column) -> "pa.Field":
        import pyarrow as pa

        if column.shape is not None and column.shape.fault:
            column.json = column.json or f"it holds {column.shape.fault}"
        types = [one.type for one in column.declared]
        if column.shape is not None and not column.json:
            types.append(column.shape.arrow_type())
        found = pa.string() if column.json else _unified(types)
        if found is None:
            column.json, found = f"it holds {' and '.join(dict.fromkeys(map(str, types)))}", pa.string()
        elif not self._is_allowed(found):
            column.json, found = f"{self._reader} has no type for {found}", pa.string()
        has_missing = column.present < self._rows
        whole = column.declared[0] if column.declared else pa.field(name, found)
        nullable = has_missing or column.has_null or any(one.nullable for one in column.declared or [whole])
        is_json = bool(column.json)
        is_sparse = has_missing and (is_json or not column.has_null)
        return marked(whole.with_type(found).with_nullable(nullable), is_json=is_json, is_sparse=is_sparse)

    def remarks(self) -> dict[str, str]:
        """Say of columns in words what of them is not written as it stood."""
        found = {}
        for name, column in self.columns.items():
            if column.json and column.json != "it was before":
                found[name] = f"written as JSON text, since {column.json}"
            elif not column.json and column.has_null and column.present < self._rows:
                found[name] = "missing in some rows and null in others, which is the same in a table"
        return found


def _plain(data_type: "pa.DataType") -> "pa.DataType":
    """Give a type whose values Python can compare: for a dictionary of lists or objects, that of its values."""
    import pyarrow as pa

    is_nested = pa.types.is_dictionary(data_type) and pa.types.is_nested(data_type.value_type)
    return _plain(data_type.value_type) if is_nested else data_type


def _unified(types: "list[pa.DataType]") -> "pa.DataType | None":
    """Give the type that all values can have without loss, if there is one."""
    import pyarrow as pa

    first, *others = types
    for other in others:
        if first.equals(other):
            continue
        texts = {pa.types.is_string(one) or pa.types.is_large_string(one) for one in (first, other)}
        is_null = pa.types.is_null(first) or pa.types.is_null(other)
        if not is_null and (len(texts) > 1 or any("struct" in str(one) for one in (first, other))):
            # Structs would be given each other's fields, and strings become bytes.
            return None
        try:
            schemas = [pa.schema([("", one)]) for one in (first, other)]
            first = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
        except pa.ArrowException:
            return None
    return first
