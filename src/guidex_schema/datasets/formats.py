"""The formats of datasets, each known by how the name of its file ends."""

from importlib.util import find_spec
from pathlib import PurePath
from typing import Literal, NamedTuple

from guidex_schema.error import UsageError

Encoding = Literal["lines", "array", "parquet", "arrow"]
Compression = Literal["gzip", "zstd", ""]

_ENCODINGS: dict[str, Encoding] = {
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".json": "array",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}
_COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}
_TEXTS = tuple(suffix for suffix, encoding in _ENCODINGS.items() if encoding in ("lines", "array"))

# How the names of datasets end, in lower case.
SUFFIXES = (*_ENCODINGS, *(f"{text}{suffix}" for text in _TEXTS for suffix in _COMPRESSIONS))


class Format(NamedTuple):
    """How the rows of a file are written.

    Attributes:
        encoding: JSON, an object a line or an array of them, Parquet, or Arrow IPC (Feather version 2).
        compression: of the whole file; that of Parquet and Arrow is their own.
    """

    encoding: Encoding
    compression: Compression


def format_of(path: PurePath) -> Format | None:
    """Give the format that a name says, whatever its case; None if it is none of a dataset."""
    name = path.name.lower()
    suffix = next((one for one in SUFFIXES if name.endswith(one)), None)
    if suffix is None:
        return None
    text, _, packed = suffix[1:].partition(".")
    return Format(_ENCODINGS[f".{text}"], _COMPRESSIONS[f".{packed}"] if packed else "")


def stem(path: PurePath) -> str:
    """Give a name without what says the format: ``train`` for ``train.jsonl.gz``."""
    suffix = next((one for one in sorted(SUFFIXES, key=len, reverse=True) if path.name.lower().endswith(one)), None)
    return path.stem if suffix is None else path.name[: -len(suffix)]


def require(package: str, what: str) -> None:
    """Say what to install where a package is missing.

    Args:
        package: what is imported next.
        what: what needs it, as in ``Parquet``.

    Raises:
        UsageError: it is not installed.
    """
    if find_spec(package) is None:
        raise UsageError(f"{what} needs {package}; install it with `pip install 'guidex-schema[data]'`")
