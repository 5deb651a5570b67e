"""The records that a page shows: all of them, or of more the worst, each kept compressed."""

import json
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from guidex_schema.diagnostic import Report, Severity
from guidex_schema.html_report.record_view import Facets, RecordView


class Shown(NamedTuple):
    """A record on the page.

    Attributes:
        number: of the row among all rows that were read, from 0.
        content: its JSON in the zlib format (RFC 1950), which browsers call ``deflate``.
    """

    number: int
    facets: Facets
    content: bytes


class Shortlist:
    """Keep so many records: those with errors, or that could not be read, before those with warnings and the rest.

    Args:
        limit: the most that are kept; what is left out is only counted, so that memory stays bounded.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._ranks: tuple[list[Shown], ...] = ([], [], [])
        self._seen = 0

    @property
    def seen(self) -> int:
        """Give how many records there were."""
        return self._seen

    @property
    def left_out(self) -> int:
        """Give how many of them are not kept."""
        return self._seen - sum(map(len, self._ranks))

    def takes(self, report: Report) -> bool:
        """Say whether a record with such findings would be kept, and count it if not."""
        better = self._ranks[: _rank(report) + 1]
        if sum(map(len, better)) < self._limit:
            return True
        self._seen += 1
        return False

    def add(self, report: Report, view: RecordView) -> None:
        """Keep a record that is taken, in place of the last of the best where there is no room."""
        written = json.dumps(view.content, separators=(",", ":")).encode("ascii")
        self._ranks[_rank(report)].append(Shown(self._seen, view.facets, zlib.compress(written)))
        self._seen += 1
        if sum(map(len, self._ranks)) > self._limit:
            next(rank for rank in reversed(self._ranks) if rank).pop()

    def __iter__(self) -> Iterator[Shown]:
        """Give what is kept, the worst first, and in the order of the rows among the like."""
        for rank in self._ranks:
            yield from rank


def _rank(report: Report) -> int:
    if not report.kept:
        return 0
    return 1 if any(one.severity is Severity.WARNING for one in report.diagnostics) else 2
