"""JSON Lines: one object a finding, as it is found."""

from collections.abc import Iterable, Iterator

from guidex_schema.diagnostic import Diagnostic, Report
from guidex_schema.display import json_text
from guidex_schema.isolation import Isolation
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write each finding as a JSON object on a line; there is no summary, and no style."""
    del style
    for report in summary.counting(reports):
        for one in report.diagnostics:
            yield json_text(finding(one, summary.isolation)) + "\n"


def finding(diagnostic: Diagnostic, isolation: Isolation | None) -> dict[str, object]:
    """Give a diagnostic as the JSON object that every machine-readable format holds.

    The fields stand in the order in which ``Diagnostic`` declares them; behind them stands the level of isolation at
    which labels were read, where there are labels.
    """
    content = diagnostic.model_dump(mode="python") | {"severity": diagnostic.severity.value}
    return content if isolation is None else content | {"isolation": isolation.level}
