"""Show rows on a page: each is viewed and counted where it is read, and gathered where all come together."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from guidex_schema.datasets import Row
from guidex_schema.diagnostic import Report
from guidex_schema.html_report import Collection
from guidex_schema.html_report.record_view import RowView, row_view
from guidex_schema.inspection import Comparison
from guidex_schema.statistics import RowCounts
from guidex_schema.subject import Subject
from guidex_schema.validation import Validator
from guidex_schema.work import JudgingWork
from guidex_schema.works.check import Checked, failed_check


class Unmade:
    """A view that is made where it is asked for, or sent from: of many rows few may be shown."""

    def __init__(self, make: Callable[[], RowView]) -> None:
        self._make = make

    def __reduce__(self) -> tuple[object, ...]:
        """Send the view itself."""
        return Made, (self(),)

    def __call__(self) -> RowView:
        """Make it."""
        return self._make()


class Made(NamedTuple):
    """A view that was made elsewhere."""

    view: RowView

    def __call__(self) -> RowView:
        """Give it."""
        return self.view


class ViewedRow(NamedTuple):
    """What is to be shown of one row.

    Attributes:
        checked: what was found in it.
        view: gives the row as the page shows it, but for the findings: comparing it with others may find more.
    """

    checked: Checked
    view: Callable[[], RowView]


# What showing rows comes to.
Viewed = ViewedRow | RowCounts


@dataclass(frozen=True)
class ReportWork(JudgingWork):
    """View rows; the counts of several come behind the last of them."""

    def failed(self, row: Row, reason: str) -> Iterator[Viewed]:
        """Give a row of which nothing is known but that it failed."""
        yield ViewedRow(failed_check(row, reason), Unmade(partial(row_view, row, Subject.unread(()), ())))

    def _results(self, validator: Validator, rows: Iterable[Row]) -> Iterator[Viewed]:
        counts = RowCounts()
        grounded: Subject | None = None

        def ground(subject: Subject) -> None:
            nonlocal grounded
            for value in subject.grounded:
                if value.grounding.status == "absent":
                    subject.nearest(value.mention.value)
            grounded = subject

        # Done there, what breaks is a finding of the row, and all other rows are shown.
        for one in validator.judge(rows, {"the grounding": ground, "the statistics": counts.add}):
            values = one.subject.grounded if one.subject is grounded else ()
            yield ViewedRow(Checked.of(one), Unmade(partial(row_view, one.row, one.subject, values)))
        yield counts


def gather(
    found: Iterable[Viewed],
    collection: Collection,
    comparison: Comparison,
    left: Callable[[Report], Report] = lambda report: report,
) -> None:
    """Take the rows of a dataset into a collection.

    Args:
        found: all of them, in order.
        collection: what the page is made of.
        comparison: the rules across rows.
        left: gives what is told of a report.
    """
    for one in found:
        if isinstance(one, RowCounts):
            collection.statistics.merge(one)
        else:
            collection.add(one.view, left(one.checked.compared(comparison)))
    for _, report in comparison.conclusions():
        collection.add_remark(left(report))
