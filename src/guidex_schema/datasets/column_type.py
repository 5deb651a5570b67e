"""Which types of Arrow the columns of other formats can have."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def arrow_has(data_type: "pa.DataType") -> bool:
    """Say whether a file of Arrow IPC can have a column of a type in several batches.

    These share one dictionary (Arrow columnar format, "IPC File Format"), which is made for whole columns only.
    """
    import pyarrow as pa

    _, *inner = _types(data_type)
    return pa.types.is_dictionary(data_type) or not any(map(pa.types.is_dictionary, inner))


def parquet_has(data_type: "pa.DataType") -> bool:
    """Say whether pyarrow writes a column of a type to Parquet, as this version of it does."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.ParquetWriter(pa.BufferOutputStream(), pa.schema([("", data_type)])).close()
    except pa.ArrowNotImplementedError:
        return False
    # Their values are refused later.
    return not any(pa.types.is_dictionary(one) and pa.types.is_nested(one.value_type) for one in _types(data_type))


def hub_has(data_type: "pa.DataType") -> bool:
    """Say whether `datasets` has a type for a column of Parquet (datasets.features, ``generate_from_arrow_type``)."""
    import pyarrow as pa

    missing = (
        pa.types.is_map,
        pa.types.is_list_view,
        pa.types.is_large_list_view,
        pa.types.is_decimal32,
        pa.types.is_decimal64,
    )
    return parquet_has(data_type) and not any(
        isinstance(one, pa.BaseExtensionType) or any(is_one(one) for is_one in missing) for one in _types(data_type)
    )


def _types(data_type: "pa.DataType") -> "Iterator[pa.DataType]":
    """Give a type and all that are in it."""
    import pyarrow as pa

    waiting = [data_type]
    while waiting:
        one = waiting.pop()
        yield one
        if pa.types.is_dictionary(one):
            waiting.append(one.value_type)
        elif isinstance(one, pa.BaseExtensionType):
            waiting.append(one.storage_type)
        else:
            waiting += [one.field(number).type for number in range(one.num_fields)]
