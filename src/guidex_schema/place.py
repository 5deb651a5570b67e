"""Places: where the rows of a dataset stand, for rules that compare rows."""

import json
from functools import lru_cache
from typing import NamedTuple

from guidex_schema.diagnostic import RecordReference
from guidex_schema.memo import remembered


class Place(NamedTuple):
    """Where a row of a dataset stands.

    Attributes:
        split: the part of the dataset that it belongs to, such as ``train``.
        record: the row; None outside of any.
    """

    file: str = ""
    split: str = ""
    record: RecordReference | None = None

    @classmethod
    def loaded(cls, dumped: str) -> "Place":
        """Give the place that was dumped."""
        file, split, record = json.loads(dumped)
        if record is None:
            return cls(file, split)
        index, identifier, line = record
        return cls(file, split, RecordReference(index=index, id=identifier, line=line))

    def dumped(self) -> str:
        """Give the place as a string of ASCII: names of files and rows may be no Unicode."""
        return _dumped_place(self)

    def seen_from(self, other: "Place") -> str:
        """Give the words for this place in a message about another: ``row 3 (a)``, ``row 3 of train.jsonl``."""
        if self.record is None:
            return self.file
        words = f"row {self.record.index}"
        if self.record.id is not None:
            words += f" ({self.record.id})"
        return words if self.file == other.file else f"{words} of {self.file}"


# Every rule across rows asks for the place of the row that it is shown.
@remembered(1)
def _dumped_place(place: Place) -> str:
    file, split, one = place
    record = "null" if one is None else f"[{one.index}, {json.dumps(one.id)}, {json.dumps(one.line)}]"
    return f"[{_dumped(file)}, {_dumped(split)}, {record}]"


# Rows come from few files.
_dumped = lru_cache(maxsize=256)(json.dumps)

NOWHERE = Place()
