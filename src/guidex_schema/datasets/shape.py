"""What the JSON values of a column have in common, and the Arrow type that holds them all without loss."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

# What is nested deeper, or has more keys, is no table.
_DEPTH_LIMIT: Final = 16
_KEYS_LIMIT: Final = 256
_INT64: Final = 2**63
# Integers up to here are floating-point numbers, too.
_EXACT: Final = 2**53

_WORDS = {
    "none": "null",
    "bool": "booleans",
    "int": "integers",
    "wide": "integers",
    "float": "decimal numbers",
    "str": "strings",
    "list": "lists",
    "dict": "objects",
}


_SURROGATES: Final = "lone surrogates, which UTF-8 does not have"


def is_unicode(text: str) -> bool:
    """Say whether UTF-8 can hold a text."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


class Shape:
    """The values that were added, by what they are and what they hold; memory does not grow with their number."""

    def __init__(self, depth: int = 0) -> None:
        self._depth = depth
        self._kinds: set[str] = set()
        self._keys: tuple[str, ...] | None = None
        self._inner: dict[str, Shape] = {}
        # Why no type holds the values, whatever comes.
        self._fault = ""

    def add(self, value: object) -> None:
        """Take a value into account."""
        kind = type(value)
        if isinstance(value, str):
            self._kinds.add("str")
            if not is_unicode(value):
                self._fault = _SURROGATES
        elif value is None:
            self._kinds.add("none")
        elif isinstance(value, bool):
            self._kinds.add("bool")
        elif isinstance(value, int):
            if not -_INT64 <= value < _INT64:
                self._fault = "integers of more than 64 bits"
            self._kinds.add("int" if abs(value) <= _EXACT else "wide")
        elif kind is float:
            self._kinds.add("float")
        elif isinstance(value, list):
            self._add_list(value)
        elif isinstance(value, dict):
            self._add_object(value)
        else:
            self._fault = f"values of the type {kind.__name__}"

    def _add_list(self, value: list[object]) -> None:
        self._kinds.add("list")
        if self._is_nested():
            items = self._inner_shape("")
            for one in value:
                items.add(one)

    def _add_object(self, value: dict[str, object]) -> None:
        self._kinds.add("dict")
        if self._keys is None:
            self._keys = tuple(value)
            if not 0 < len(value) <= _KEYS_LIMIT:
                self._fault = "objects with a great many keys" if value else "objects without keys"
            elif not all(map(is_unicode, value)):
                self._fault = _SURROGATES
        if value.keys() != set(self._keys):
            self._fault = "objects with different keys"
        elif self._is_nested() and not self._fault:
            for key, one in value.items():
                self._inner_shape(key).add(one)

    def _is_nested(self) -> bool:
        if self._depth == _DEPTH_LIMIT:
            self._fault = "values nested deeply"
        return not self._fault

    def _inner_shape(self, key: str) -> "Shape":
        return self._inner.setdefault(key, Shape(self._depth + 1))

    @property
    def fault(self) -> str:
        """Say in a few words why no type holds the values; "" if one does."""
        if self._fault:
            return self._fault
        kinds = self._kinds - {"none"}
        if len(kinds) > 1 and not (kinds <= {"int", "wide"} or kinds == {"int", "float"}):
            return " and ".join(sorted({_WORDS[one] for one in kinds}))
        return next((inner.fault for inner in self._inner.values() if inner.fault), "")

    def arrow_type(self) -> "pa.DataType":
        """Give the type; there is no fault."""
        import pyarrow as pa

        kinds = self._kinds - {"none"}
        if not kinds:
            return pa.null()
        if "list" in kinds:
            return pa.list_(self._inner[""].arrow_type() if "" in self._inner else pa.null())
        if "dict" in kinds:
            return pa.struct([pa.field(key, self._inner[key].arrow_type()) for key in self._keys or ()])
        if "float" in kinds:
            return pa.float64()
        return {"str": pa.string(), "bool": pa.bool_()}.get(min(kinds), pa.int64())
