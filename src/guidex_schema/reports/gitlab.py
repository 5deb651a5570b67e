"""GitLab: a code quality report."""

from collections.abc import Iterable, Iterator

from guidex_schema.diagnostic import Diagnostic, Report, Severity
from guidex_schema.display import display, json_text
from guidex_schema.fingerprint import Fingerprints, fingerprint
from guidex_schema.reports.place import told
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary

# Of info, minor, major, critical and blocker.
_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write one array with an object a finding; the format has no room for a summary.

    Equal fingerprints count as one finding, so they are numbered; 16 bytes a finding are kept for that.

    Source:
        GitLab Docs, *Code Quality*, "Code Quality report format".
    """
    fingerprints = Fingerprints()
    yield "["
    separator = "\n"
    for report in summary.counting(reports):
        for one in report.diagnostics:
            file = style.root.name(one.file) if one.file is not None else ""
            known_by = fingerprints.numbered(fingerprint(one, report.identity, file))
            yield separator + json_text(_violation(one, file, known_by))
            separator = ",\n"
    yield "\n]\n"


def _violation(diagnostic: Diagnostic, file: str, known_by: str) -> dict[str, object]:
    if diagnostic.record is not None:
        line = diagnostic.record.line
    else:
        line = diagnostic.location.start.line if diagnostic.location is not None else None
    return {
        "description": f"{diagnostic.code} {told(diagnostic)}",
        "check_name": diagnostic.name,
        "fingerprint": known_by,
        "severity": _SEVERITIES[diagnostic.severity],
        # A line is required; a whole file, and a row of a format without lines, is told of at the first.
        "location": {"path": display(file) or "-", "lines": {"begin": line or 1}},
    }
