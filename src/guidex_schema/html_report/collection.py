"""What a page is made of: the records it shows, the figures of all, and what is found about the dataset."""

from collections.abc import Callable, Iterable

from guidex_schema.datasets import Row
from guidex_schema.diagnostic import Report
from guidex_schema.html_report.record_view import Json, record_view, remark
from guidex_schema.html_report.shortlist import Shortlist
from guidex_schema.reports import Summary
from guidex_schema.statistics import DatasetStatistics
from guidex_schema.subject import Subject
from guidex_schema.validation import Validator

# More findings about a dataset say nothing new; the rest is counted.
_MOST_REMARKS = 500


class Collection:
    """Gather the rows of a dataset; what is kept of them does not grow with their number.

    Args:
        limit: the most records that are shown; of more, the worst.

    Attributes:
        shortlist: the records to show.
        statistics: the figures of all.
        summary: what the run came to.
        remarks: findings about the dataset as a whole.
        more_remarks: how many more of them there are.
    """

    def __init__(self, limit: int) -> None:
        self.shortlist = Shortlist(limit)
        self.statistics = DatasetStatistics()
        self.summary = Summary()
        self.remarks: list[Json] = []
        self.more_remarks = 0
        self._grounded: Subject | None = None

    def gather(
        self, validator: Validator, rows: Iterable[Row], left: Callable[[Report], Report] = lambda report: report
    ) -> None:
        """Check rows and take them in.

        Args:
            validator: what they are checked by.
            rows: of one dataset, which may be several files.
            left: gives what is told of a report.

        Raises:
            JailError: no jail can be started on this machine.
        """
        # Done there, what breaks is a finding of the row, and all other rows are shown.
        steps = {"the grounding": self._ground, "the statistics": self.statistics.add}
        for row, subject, found in validator.read_rows(rows, steps):
            report = left(found)
            self.statistics.add_report(report)
            self._add(row, subject, self.summary.count(report))

    def _ground(self, subject: Subject) -> None:
        for value in subject.grounded:
            if value.grounding.status == "absent":
                subject.nearest(value.mention.value)
        self._grounded = subject

    def _add(self, row: Row, subject: Subject, report: Report) -> None:
        if not report.checked and not report.unread:
            found = [remark(one) for one in report.diagnostics]
            room = _MOST_REMARKS - len(self.remarks)
            self.remarks += found[:room]
            self.more_remarks += len(found[room:])
        elif self.shortlist.takes(report):
            grounded = subject.grounded if subject is self._grounded else ()
            self.shortlist.add(report, record_view(row, subject, report, grounded))

    def sentence(self) -> str:
        """Say what the run came to in one line."""
        shown = self.shortlist.seen - self.shortlist.left_out
        return self.summary.sentence() + (f"; the page shows the {shown:,} worst" if self.shortlist.left_out else "")
