"""Linting: guideline files against the rules about guidelines, and the fixes that mend them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from guidex_schema.diagnostic import Diagnostic, Fault, Report, Severity
from guidex_schema.guideline import FILE_LIMITS, parse_guideline
from guidex_schema.inspection import Inspection
from guidex_schema.instance import Record
from guidex_schema.mending import are_gone, known_as, mend, with_fixes
from guidex_schema.rule import Rule, by_name, default_rules
from guidex_schema.subject import Subject
from guidex_schema.suppression import added
from guidex_schema.thresholds import THRESHOLDS, Thresholds

# A file is as large as thousands of rows, and what is not listed is neither fixed nor suppressed.
_FINDINGS_OF_A_RULE = 100_000

# Rules that say that guidelines, or a part of them, are not read at all.
_UNREADABLE = frozenset(("guideline-syntax", "source-limit"))


@dataclass(frozen=True)
class Repair:
    """What fixing came to.

    Attributes:
        source: the text with all fixes made.
        fixed: the findings that are gone, as they were found, in the order in which they were mended.
        report: what is still found in ``source``.
    """

    source: str
    fixed: tuple[Diagnostic, ...]
    report: Report


@dataclass(frozen=True)
class _Draft:
    """A text, and what is found in it."""

    source: str
    report: Report


class Linter:
    """Lint many guideline files.

    Args:
        rules: the rules to apply; those that are on for files by default unless they are given.
        severities: severities by rule name that replace the rules' own.
        thresholds: the numbers that some rules depend on.
    """

    def __init__(
        self,
        rules: Iterable[Rule] | None = None,
        *,
        severities: Mapping[str, Severity] | None = None,
        thresholds: Thresholds = THRESHOLDS,
    ) -> None:
        self._inspection = Inspection(
            default_rules("file") if rules is None else rules, severities, most=_FINDINGS_OF_A_RULE
        )
        self._thresholds = thresholds

    def lint(self, source: str, *, file: str | None = None, ignored: Collection[str] = ()) -> Report:
        """Find what is wrong with guidelines.

        Args:
            source: Python source; any string is accepted.
            file: the name that stands in the findings.
            ignored: codes that are left out.
        """
        guideline = parse_guideline(source, limits=FILE_LIMITS)
        subject = Subject(
            Record(guidelines=source, labels=""),
            guideline,
            execution=None,
            thresholds=self._thresholds,
            origin="file",
        )
        report = _named(self._inspection.report(subject), file, ignored)
        # What is not Python is never clean, whatever was selected.
        is_told = any(one.name in _UNREADABLE for one in report.diagnostics)
        unread = not is_told and any(fault.rule in _UNREADABLE for fault in guideline.faults)
        return report.model_copy(update={"unread": unread})

    def unread(self, fault: Fault, *, file: str, ignored: Collection[str] = ()) -> Report:
        """Report a file that there is no text of."""
        subject = Subject.unread((fault,), "file")
        report = _named(self._inspection.report(subject), file, ignored)
        return report.model_copy(update={"unread": True})

    def fix(
        self, source: str, *, unsafe: bool = False, file: str | None = None, ignored: Collection[str] = ()
    ) -> Repair:
        """Mend guidelines, round by round, until there is nothing left to mend.

        A fix that does not remove its finding, or after which less can be read, is taken back.

        Args:
            source: Python source.
            unsafe: make the fixes, too, that only the author can judge.
            file: the name that stands in the findings.
            ignored: codes that are left out.
        """
        draft = _Draft(source, self.lint(source, file=file, ignored=ignored))

        def made(before: _Draft, findings: Sequence[Diagnostic]) -> _Draft:
            mended = with_fixes(before.source, findings)
            return _Draft(mended, self.lint(mended, file=file, ignored=ignored))

        mended, fixed = mend(
            draft,
            made,
            is_fixable=lambda one: one.fix is not None and (one.fix.safe or unsafe),
            is_better=_is_better,
        )
        return Repair(mended.source, fixed, mended.report)

    def suppress(self, source: str, *, file: str | None = None, ignored: Collection[str] = ()) -> Repair:
        """Write a suppression to every finding that can have one.

        Args:
            source: Python source.
            file: the name that stands in the findings.
            ignored: codes that are left out.
        """
        report = self.lint(source, file=file, ignored=ignored)
        wanted = [
            (one.location.start.line, one.code)
            for one in report.diagnostics
            if one.location is not None and by_name()[one.name].is_suppressible
        ]
        written = added(parse_guideline(source, limits=FILE_LIMITS), wanted)
        after = self.lint(written, file=file, ignored=ignored)
        if _unreadable(after) > _unreadable(report):
            return Repair(source, (), report)
        left = Counter(map(known_as, after.diagnostics))
        gone = tuple(one for one in report.diagnostics if not left[known_as(one)])
        return Repair(written, gone, after)


def _named(report: Report, file: str | None, ignored: Collection[str]) -> Report:
    kept = (one for one in report.diagnostics if one.code not in ignored)
    return report.model_copy(update={"diagnostics": tuple(one.model_copy(update={"file": file}) for one in kept)})


def _unreadable(report: Report) -> int:
    """Count what cannot be read."""
    return sum(one.code.startswith("GX0") for one in report.diagnostics)


def _is_better(before: Report, after: Report, mended: Sequence[Diagnostic]) -> bool:
    """Say whether the findings that were mended are gone, and all that could be read still can."""
    return _unreadable(after) <= _unreadable(before) and are_gone(mended, before, after)
