"""Count rows: what they hold is counted where they are read, and what is found in them where they come together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from guidex_schema.datasets import Row
from guidex_schema.diagnostic import Diagnostic, Report
from guidex_schema.inspection import Meeting
from guidex_schema.statistics import RowCounts
from guidex_schema.subject import Subject
from guidex_schema.validation import Validator
from guidex_schema.values import Reading, grounded_row
from guidex_schema.work import Concluding, JudgingWork
from guidex_schema.works.check import Checked, failed_check


class CountedRow(NamedTuple):
    """What is to be told and counted of one row in its turn.

    Attributes:
        checked: what was found in it.
        reading: what is told of its values; None for what is no row.
    """

    checked: Checked
    reading: Reading | None


# What counting comes to, with what is found in all rows together where that is known.
Counted = CountedRow | RowCounts | Report


@dataclass(frozen=True)
class CountWork(JudgingWork, Concluding[Counted]):
    """Count what rows hold; the counts of several rows come behind the last of them.

    Attributes:
        judging: with the ``loss_rules``.
    """

    def meeting(self, result: Counted) -> Meeting | None:
        """Give what has to be known of a row where it meets others."""
        return result.checked.meeting if isinstance(result, CountedRow) else None

    def settled(self, result: Counted, found: tuple[Diagnostic, ...]) -> Counted:
        """Give a row with what comparing it with others has found."""
        if not isinstance(result, CountedRow):
            return result
        return result._replace(checked=result.checked.settled(found))

    def concluded(self, report: Report) -> Counted:
        """Give what is found in all rows together as a report of its own."""
        return report

    def failed(self, row: Row, reason: str) -> Iterator[Counted]:
        """Give a row of which nothing is counted but that it failed."""
        checked = failed_check(row, reason)
        yield _counted(row, Subject.unread(()), checked)

    def _results(self, validator: Validator, rows: Iterable[Row]) -> Iterator[Counted]:
        counts = RowCounts()
        for one in validator.judge(rows, {"the statistics": counts.add}):
            yield _counted(one.row, one.subject, Checked.of(one))
        yield counts


def _counted(row: Row, subject: Subject, checked: Checked) -> CountedRow:
    grounded = grounded_row(row, subject, checked.report)
    return CountedRow(checked, None if grounded is None else grounded.reading)
