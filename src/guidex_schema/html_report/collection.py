"""What a page is made of: the records it shows, the figures of all, and what is found about the dataset."""

from collections.abc import Callable

from guidex_schema.diagnostic import Report
from guidex_schema.html_report.record_view import Json, RowView, remark
from guidex_schema.html_report.shortlist import Shortlist
from guidex_schema.reports import Summary
from guidex_schema.statistics import DatasetStatistics

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

    def add(self, view: Callable[[], RowView], report: Report) -> None:
        """Take in a row, and what was found in it; it is viewed where it is shown."""
        if report.checked or report.unread:
            counted = self._counted(report)
            if self.shortlist.takes(counted):
                self.shortlist.add(counted, view().with_findings(counted))
        else:
            self.add_remark(report)

    def add_remark(self, report: Report) -> None:
        """Take in what was found in a file, or in all rows together."""
        found = [remark(one) for one in self._counted(report).diagnostics]
        room = _MOST_REMARKS - len(self.remarks)
        self.remarks += found[:room]
        self.more_remarks += len(found[room:])

    def _counted(self, report: Report) -> Report:
        self.statistics.add_report(report)
        return self.summary.count(report)

    def sentence(self) -> str:
        """Say what the run came to in one line."""
        shown = self.shortlist.seen - self.shortlist.left_out
        return self.summary.sentence() + (f"; the page shows the {shown:,} worst" if self.shortlist.left_out else "")
