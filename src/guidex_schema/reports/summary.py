"""What a run came to: counted while its reports go by."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from guidex_schema.diagnostic import Report, Severity
from guidex_schema.isolation import Isolation

_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


@dataclass
class Summary:
    """Count reports as they pass; it grows and is read at the end.

    Attributes:
        checked: records that were checked.
        kept: records without an error.
        unread: rows and files that could not be read.
        severities: findings by severity.
        codes: findings by code and name.
        isolation: how far the jail was closed in which labels were read.
    """

    checked: int = 0
    kept: int = 0
    unread: int = 0
    severities: Counter[Severity] = field(default_factory=Counter)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    isolation: Isolation = field(default_factory=Isolation)

    def counting(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Give the reports on, counted."""
        for report in reports:
            self.checked += report.checked
            self.kept += report.kept
            self.unread += report.unread
            self.severities.update(one.severity for one in report.diagnostics)
            self.codes.update((one.code, one.name) for one in report.diagnostics)
            yield report

    def sentence(self) -> str:
        """Say it in one line."""
        records = _counted(self.checked, "record")
        found = ", ".join(_counted(self.severities[one], _NOUNS[one]) for one in Severity if self.severities[one])
        unread = f", {_counted(self.unread, 'row or file', 'rows or files')} could not be read" if self.unread else ""
        return f"{records} checked, {self.kept:,} kept{unread}: {found or 'nothing found'}"


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
