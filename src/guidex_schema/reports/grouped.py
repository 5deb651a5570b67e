"""Grouped: findings below their file and their row."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from guidex_schema.diagnostic import Diagnostic, RecordReference, Report
from guidex_schema.reports.concise import phrase
from guidex_schema.reports.place import file_name, part_place, record_name
from guidex_schema.reports.statistics import statistics
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write each file once while its findings come, each row with findings below it, and the summary at the end."""
    last: str | None = None
    for report in summary.counting(reports):
        findings = report.diagnostics if not style.statistics else ()
        for (file, record), group in groupby(findings, key=lambda one: (one.file, one.record)):
            if file != last or last is None:
                yield f"{'' if last is None else chr(10)}{file_name(file or '<record>')}\n"
                last = file or "<record>"
            yield f"  {_heading(record)}\n" if record is not None else ""
            for one in group:
                yield f"{'  ' if record is None else '    '}{_inside(one)}{phrase(one)}\n"
    if style.statistics:
        yield from statistics(summary)
    if not style.quiet:
        yield ("\n" if last is not None else "") + summary.sentence() + "\n"


def _heading(record: RecordReference) -> str:
    """Begin with a word of ours: a line that begins with an identifier might be a command to a CI service."""
    if record.line is not None:
        return f"line {record.line}: {record_name(record)}"
    return f"row {record.index}" + (f": {record_name(record)}" if record.id is not None else "")


def _inside(diagnostic: Diagnostic) -> str:
    """Write where in its row or file a finding stands."""
    if diagnostic.part == "file" or (diagnostic.record is None and diagnostic.location is None):
        return ""
    where = part_place(diagnostic)
    return f"{where if diagnostic.record is not None else where.partition(':')[2]}  "
