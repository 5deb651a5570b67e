"""GitHub: workflow commands, which become annotations in a pull request."""

from collections import Counter
from collections.abc import Iterable, Iterator

from guidex_schema.diagnostic import Diagnostic, Report, Severity
from guidex_schema.display import display
from guidex_schema.reports.concise import line
from guidex_schema.reports.place import told
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary

# GitHub shows so many annotations of each level that one step of a workflow makes (actions/toolkit,
# docs/problem-matchers.md, "Limitations"), and says nothing of the others.
_MOST = 10

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write the first findings of each severity as annotations and the others as plain lines, and how many those are.

    Source:
        GitHub Docs, *Workflow commands for GitHub Actions*, "Setting a notice message".
    """
    annotated: Counter[Severity] = Counter()
    for report in summary.counting(reports):
        for one in report.diagnostics:
            annotated[one.severity] += 1
            yield (_command(one, style) if annotated[one.severity] <= _MOST else line(one)) + "\n"
    for severity in Severity:
        if (plain := annotated[severity] - _MOST) > 0:
            yield f"{plain:,} more of severity {severity} stand here only: GitHub shows {_MOST} annotations of each\n"
    if not style.quiet:
        yield summary.sentence() + "\n"


def _command(diagnostic: Diagnostic, style: Style) -> str:
    properties: dict[str, object] = {}
    if diagnostic.file is not None:
        properties["file"] = style.root.name(diagnostic.file)
    if diagnostic.record is not None:
        properties["line"] = diagnostic.record.line
    elif diagnostic.location is not None:
        start, end = diagnostic.location.start, diagnostic.location.end
        properties |= {"line": start.line, "col": start.column + 1, "endLine": end.line}
        # GitHub takes columns of one line only.
        properties["endColumn"] = max(end.column, start.column + 1) if start.line == end.line else None
    properties["title"] = f"{diagnostic.code} {diagnostic.name}"
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    return f"::{_COMMANDS[diagnostic.severity]} {written}::{_data(told(diagnostic))}"


def _data(text: str) -> str:
    """Escape a message (actions/toolkit, packages/core/src/command.ts, ``escapeData``)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a property (``escapeProperty`` there); what is not visible is written as an escape first."""
    return _data(display(text)).replace(":", "%3A").replace(",", "%2C")
