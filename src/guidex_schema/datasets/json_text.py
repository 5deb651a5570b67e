"""Columns as JSON text: what JSON does not have is written in a way that loses nothing, and noted."""

import json
import math
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError

# Names of columns may be anybody's: beyond these, notes tell nothing new.
_NOTES_LIMIT = 100
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


class Notes:
    """What is said of columns that were not written as they stood, once a column and reason."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    def add(self, column: str, words: str) -> None:
        """Note that something holds for a column."""
        self.add_words(f"the column {quoted(column)}: {words}")

    def add_words(self, words: str) -> None:
        """Note a sentence."""
        if len(self._found) < _NOTES_LIMIT:
            self._found[words] = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)


def json_object(content: Mapping[str, object], notes: Notes) -> str:
    """Write columns as one JSON object on one line.

    Numbers that JSON does not have become strings (``"NaN"``, ``"Infinity"``), bytes base64, dates, times and durations
    ISO 8601, decimals strings of all their digits, each of which is noted. Lone surrogates become escapes.

    Args:
        content: JSON values, and what Arrow makes of its own types.
        notes: told of columns that hold what JSON does not have.

    Raises:
        UsageError: a value is nested too deeply.

    Source:
        Protocol Buffers, *ProtoJSON Format*: the strings for numbers, bytes and times.
    """
    try:
        try:
            text = _ENCODER.encode(content)
        except (TypeError, ValueError):
            written = {name: _written(value, name, notes) for name, value in content.items()}
            text = _ENCODER.encode(written)
    except RecursionError:
        raise UsageError("a row is nested too deeply to be written") from None
    return escaped(text)


def json_value(value: object, column: str, notes: Notes) -> str:
    """Write one value of a column as ``json_object`` does.

    Raises:
        UsageError: it is nested too deeply.
    """
    if isinstance(value, str):
        return escaped(_ENCODER.encode(value))
    return json_object({column: value}, notes)[len(escaped(_ENCODER.encode(column))) + 3 : -1]


def escaped(text: str) -> str:
    """Give JSON text that UTF-8 can hold: lone surrogates become the escapes that JSON has for them."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _written(value: object, column: str, notes: Notes) -> object:
    match value:
        case dict():
            return {str(key): _written(one, column, notes) for key, one in value.items()}
        case list() | tuple():
            return [_written(one, column, notes) for one in value]
        case float() if not math.isfinite(value):
            notes.add(column, "numbers that JSON does not have are written as strings (NaN, Infinity)")
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case None | str() | int() | float():
            return value
        case bytes():
            notes.add(column, "bytes are written as base64")
            return b64encode(value).decode("ascii")
        case datetime() | date() | time():
            notes.add(column, "dates and times are written as text (ISO 8601)")
            return value.isoformat()
        case timedelta():
            notes.add(column, "durations are written as text (ISO 8601)")
            return _duration(value)
        case Decimal():
            notes.add(column, "decimals are written as text, all digits kept")
            return str(value)
        case _:
            notes.add(column, f"values of the type {type(value).__name__} are written as text")
            return str(value)


def _duration(value: timedelta) -> str:
    nanoseconds = getattr(value, "nanoseconds", 0)
    microseconds = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    whole, part = divmod(abs(microseconds * 1000 + nanoseconds), 1_000_000_000)
    sign = "-" if microseconds * 1000 + nanoseconds < 0 else ""
    return f"{sign}PT{whole}{f'.{part:09}'.rstrip('0') if part else ''}S"
