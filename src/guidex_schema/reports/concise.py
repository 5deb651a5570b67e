"""Concise: one line a finding."""

from collections.abc import Iterable, Iterator

from guidex_schema.diagnostic import Report, visible
from guidex_schema.reports.place import place
from guidex_schema.reports.statistics import statistics
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write each finding on a line, and the summary at the end."""
    for report in summary.counting(reports):
        for one in report.diagnostics if not style.statistics else ():
            path = f" {visible(one.path)}:" if one.path else ""
            fixable = " [fix]" if one.fix is not None else ""
            yield f"{place(one)}: {one.severity} {one.code} {one.name}:{path} {one.message}{fixable}\n"
    if style.statistics:
        yield from statistics(summary)
    if not style.quiet:
        yield summary.sentence() + "\n"
