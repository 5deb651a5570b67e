"""Constants and names as grammars write them: one spelling for each, which labels read back."""

import keyword
import unicodedata

from guidex_schema.diagnostic import visible
from guidex_schema.schema import Constant

# Labels hold no larger integer (SPEC 6).
_INTEGER_BITS = 256


def escaped(text: str) -> str:
    """Write what stands between the double quotes of a Python literal; what may not stand in labels is an escape."""
    return visible(text.replace("\\", "\\\\").replace('"', '\\"'))


def has_surrogate(text: str) -> bool:
    """Say whether a text holds half a pair of surrogates, which no label can."""
    return any("\ud800" <= char <= "\udfff" for char in text)


def written(value: Constant) -> str | None:
    """Write a constant as labels do, a string in double quotes; None where labels cannot hold it."""
    match value:
        case str(text):
            return None if has_surrogate(text) else f'"{escaped(text)}"'
        case int() if value.bit_length() > _INTEGER_BITS:
            return None
        case _:
            return repr(value)


def is_name(text: str) -> bool:
    """Say whether labels may use a name: Python reads it as it is spelled, and it is not hidden by its underscore."""
    is_stable = text.isidentifier() and unicodedata.normalize("NFKC", text) == text
    return is_stable and not keyword.iskeyword(text) and not text.startswith("_")
