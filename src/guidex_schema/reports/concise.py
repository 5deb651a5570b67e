"""Concise: one line a finding."""

from collections.abc import Iterable, Iterator

from guidex_schema.baseline import Entry
from guidex_schema.diagnostic import Diagnostic, Report
from guidex_schema.display import display
from guidex_schema.reports.place import file_name, place
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
    return f"{place(diagnostic)}: {phrase(diagnostic)}"


def gone_line(entry: Entry) -> str:
    """Write a known finding that is gone on a line, without its end."""
    words = [file_name(entry.file)] + ([display(entry.record)] if entry.record is not None else [])
    path = f"{display(entry.path)}: " if entry.path else ""
    return f"{' '.join(words)}: gone {display(entry.code)}: {path}{display(entry.message)}"


def phrase(diagnostic: Diagnostic) -> str:
    """Write a finding without its place in the file."""
    path = f" {display(diagnostic.path)}:" if diagnostic.path else ""
    fixable = " [fix]" if diagnostic.fix is not None else ""
    named = f"{diagnostic.severity} {diagnostic.code} {diagnostic.name}"
    return f"{named}:{path} {display(diagnostic.message)}{fixable}"
