"""What a run came to: counted while its reports go by."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from guidex_schema.baseline import Baseline, Entry
from guidex_schema.diagnostic import Report, Severity
from guidex_schema.isolation import Isolation
from guidex_schema.quantity import quantity

_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


@dataclass
class Comparison:
    """A baseline, and what is left out because it is known.

    Attributes:
        is_looked_for: says of a known finding whether this run would have found it.
        known: findings that were left out.
        unread: rows and files that could not be read, which is known.
        gone: known findings that were looked for and not found; counted at the end.
    """

    baseline: Baseline
    is_looked_for: Callable[[Entry], bool]
    known: int = 0
    unread: int = 0
    gone: int = 0

    def sift(self, report: Report) -> Report:
        """Give what is new of a report."""
        sifted = self.baseline.sift(report)
        self.known += sifted.known
        self.unread += sifted.is_unread_known
        # What is known for being unread is no more news than a known finding.
        return sifted.report.model_copy(update={"unread": False}) if sifted.is_unread_known else sifted.report

    def entries_gone(self) -> Iterator[Entry]:
        """Give the known findings that were not found again; all reports have to have gone by."""
        return self.baseline.gone(self.is_looked_for)


@dataclass
class Summary:
    """Count reports as they pass; it grows and is read at the end.

    Attributes:
        of: what a report is about: a record of a dataset, or a guideline file.
        checked: records that were checked.
        kept: records without an error, known or not.
        unread: rows and files that could not be read, known or not.
        severities: findings by severity.
        codes: findings by code and name.
        fixable: findings left that have a fix, by whether it is safe.
        fixed: findings that were mended.
        mended: what is said of those: fixed, suppressed, or that they would be.
        isolation: how far the jail was closed in which labels were read; None where there are none.
        comparison: what is known already and left out; None where there is no baseline.
    """

    of: Literal["record", "file"] = "record"
    checked: int = 0
    kept: int = 0
    unread: int = 0
    severities: Counter[Severity] = field(default_factory=Counter)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    fixable: Counter[bool] = field(default_factory=Counter)
    fixed: int = 0
    mended: str = "fixed"
    isolation: Isolation | None = None
    comparison: Comparison | None = None

    @property
    def newly_unread(self) -> int:
        """Give the rows and files that could not be read and are not known for it."""
        return self.unread - (self.comparison.unread if self.comparison is not None else 0)

    def count(self, whole: Report) -> Report:
        """Count a report, and give what of it is not known."""
        self.checked += whole.checked
        self.kept += whole.kept
        self.unread += whole.unread
        report = whole if self.comparison is None else self.comparison.sift(whole)
        self.severities.update(one.severity for one in report.diagnostics)
        self.codes.update((one.code, one.name) for one in report.diagnostics)
        self.fixable.update(one.fix.safe for one in report.diagnostics if one.fix is not None)
        return report

    def counting(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Give the reports on, counted, and without what is known."""
        for report in reports:
            yield self.count(report)
        if self.comparison is not None:
            self.comparison.gone = sum(1 for _ in self.comparison.entries_gone())

    def sentence(self) -> str:
        """Say it in one line."""
        found = ", ".join(quantity(self.severities[one], _NOUNS[one]) for one in Severity if self.severities[one])
        match self.of:
            case "record":
                done = f"{quantity(self.checked, 'record')} checked, {self.kept:,} kept"
                unread = quantity(self.unread, "row or file", "rows or files")
            case "file":
                done = f"{quantity(self.checked, 'file')} linted"
                unread = quantity(self.unread, "file")
        done += f", {unread} could not be read" if self.unread else ""
        if self.comparison is not None:
            return f"{done}: {found or 'nothing'} new{self._compared(self.comparison)}"
        return f"{done}: {found or 'nothing found'}{self._mending() if self.of == 'file' else ''}"

    def _compared(self, comparison: Comparison) -> str:
        """Say what is known, and what of that is gone."""
        rows = f" and {quantity(comparison.unread, 'unread row or file', 'unread rows or files')}"
        said = f"; {quantity(comparison.known, 'finding')}{rows if comparison.unread else ''} known"
        return said + (f", {comparison.gone:,} known before and gone" if comparison.gone else "")

    def _mending(self) -> str:
        """Say what was mended and what can be."""
        safe, unsafe = self.fixable[True], self.fixable[False]
        said = [f"{self.fixed:,} {self.mended}"] if self.fixed else []
        said += [f"{safe:,} can be fixed with --fix"] if safe else []
        said += [f"{unsafe:,}{' more' if safe else ''} with --fix --unsafe-fixes"] if unsafe else []
        return f"; {', '.join(said)}" if said else ""
