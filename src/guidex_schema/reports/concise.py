"""Concise: one line a finding."""

from collections.abc import Iterable, Iterator

from guidex_schema.diagnostic import Diagnostic, Report, visible
from guidex_schema.reports.place import place
from guidex_schema.reports.statistics import statistics
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write each finding on a line, and the summary at the end."""
    for report in summary.counting(reports):
        for one in report.diagnostics if not style.statistics else ():
            yield line(one) + "\n"
    if style.statistics:
        yield from statistics(summary)
    if not style.quiet:
        yield summary.sentence() + "\n"


def line(diagnostic: Diagnostic) -> str:
    """Write a finding on a line, without its end."""
    path = f" {visible(diagnostic.path)}:" if diagnostic.path else ""
    fixable = " [fix]" if diagnostic.fix is not None else ""
    named = f"{diagnostic.severity} {diagnostic.code} {diagnostic.name}"
    return f"{place(diagnostic)}: {named}:{path} {diagnostic.message}{fixable}"
