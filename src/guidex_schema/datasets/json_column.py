"""Columns of tables that hold what no Arrow type holds: JSON text, and values that are missing and not null.

The fields of a schema say so in their metadata, so that a reader gives the rows that were written.
"""

import json
from typing import TYPE_CHECKING

from guidex_schema.json_leaf import unique

if TYPE_CHECKING:
    import pyarrow as pa

_ENCODING = b"guidex:encoding"
_NULL = b"guidex:null"


def marked(field: "pa.Field", *, is_json: bool, is_sparse: bool) -> "pa.Field":
    """Give a field that says how its values are meant.

    Args:
        field: of a schema.
        is_json: its strings are JSON text.
        is_sparse: a null stands where the row has no such column.
    """
    metadata = {
        **{key: value for key, value in (field.metadata or {}).items() if key not in (_ENCODING, _NULL)},
        **({_ENCODING: b"json"} if is_json else {}),
        **({_NULL: b"missing"} if is_sparse else {}),
    }
    return field.with_metadata(metadata or None)


def is_decoded(field: "pa.Field") -> bool:
    """Say whether the strings of a field are JSON text."""
    return bool((field.metadata or {}).get(_ENCODING) == b"json")


def is_sparse(field: "pa.Field") -> bool:
    """Say whether a null of a field stands where the row has no such column."""
    return bool((field.metadata or {}).get(_NULL) == b"missing")


def decoded(text: object) -> object:
    """Give the value of JSON text; null is null.

    Raises:
        ValueError: it is no JSON, although the field says so.
    """
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError("the field says that it holds JSON, and it does not")
    try:
        return json.loads(text, object_pairs_hook=unique)
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
