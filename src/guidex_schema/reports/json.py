"""JSON: one object with all findings and the summary."""

from collections.abc import Iterable, Iterator

from guidex_schema.diagnostic import Report, Severity
from guidex_schema.display import json_text
from guidex_schema.reports.json_lines import finding
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Comparison, Summary


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write ``{"diagnostics": [...], "summary": {...}}``, the findings as they come; there is no style.

    The summary of labels holds ``"isolation": {"level", "layers", "gaps"}``, that of guideline files how many findings
    are ``fixed`` and ``fixable``. With a baseline it holds ``"baseline": {"known", "unread", "gone": [...]}``.
    """
    del style
    yield '{"diagnostics": ['
    separator = "\n"
    for report in summary.counting(reports):
        for one in report.diagnostics:
            yield separator + json_text(finding(one, summary.isolation))
            separator = ",\n"
    counts = {
        "checked": summary.checked,
        "kept": summary.kept,
        "unread": summary.unread,
        **{severity.value: summary.severities[severity] for severity in Severity},
        **_kind(summary),
        "codes": {code: count for (code, _), count in sorted(summary.codes.items())},
    }
    yield f'\n], "summary": {json_text(counts)[:-1]}'
    if summary.comparison is not None:
        yield from _compared(summary.comparison)
    yield "}}\n"


def _kind(summary: Summary) -> dict[str, object]:
    """Give what only records or only files have."""
    if summary.isolation is not None:
        return {"isolation": {"level": summary.isolation.level, **summary.isolation.model_dump(mode="json")}}
    return {"fixed": summary.fixed, "fixable": {"safe": summary.fixable[True], "unsafe": summary.fixable[False]}}


def _compared(comparison: Comparison) -> Iterator[str]:
    """Write what the baseline knows; what is gone may be long."""
    yield f', "baseline": {{"known": {comparison.known}, "unread": {comparison.unread}, "gone": ['
    separator = "\n"
    for entry in comparison.entries_gone():
        yield separator + json_text(entry._asdict())
        separator = ",\n"
    yield "]}"
