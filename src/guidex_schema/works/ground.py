"""Ground rows: say where the document has each value."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from guidex_schema.datasets import Row
from guidex_schema.subject import Subject
from guidex_schema.validation import Validator
from guidex_schema.values import GroundedRow, Reading, grounded_row, grounded_rows, refusing_foreign, with_spans
from guidex_schema.work import JudgingWork, failed_report


class GroundedLines(NamedTuple):
    """What grounding a row came to.

    Attributes:
        reading: what is told of the row.
        lines: what is written of it, each with its end.
    """

    reading: Reading
    lines: tuple[bytes, ...]


@dataclass(frozen=True)
class GroundWork(JudgingWork):
    """Ground the values of rows.

    Attributes:
        judging: with the ``loss_rules``.
        adds_spans: rows are written back with their values, in place of a line for each value.
    """

    adds_spans: bool = False

    def failed(self, row: Row, reason: str) -> Iterator[GroundedLines]:
        """Give a row that is skipped."""
        found = grounded_row(row, Subject.unread(()), failed_report(row, reason))
        if found is not None:
            yield self._lines(found)

    def _results(self, validator: Validator, rows: Iterable[Row]) -> Iterator[GroundedLines]:
        return map(self._lines, grounded_rows(validator, rows, nearest=not self.adds_spans))

    def _lines(self, found: GroundedRow) -> GroundedLines:
        if self.adds_spans:
            row = refusing_foreign(found)
            line = with_spans(row)
            return GroundedLines(row.reading, () if line is None else (line,))
        # Lone surrogates, which UTF-8 does not have, become the escapes that JSON has for them.
        lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in found.objects())
        return GroundedLines(found.reading, tuple(line.encode("utf-8", "backslashreplace") for line in lines))
