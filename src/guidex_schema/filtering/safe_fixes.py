"""Safe fixes of the guidelines and labels of a record, made as long as they leave nothing worse."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from guidex_schema.diagnostic import Diagnostic, Report
from guidex_schema.instance import Record
from guidex_schema.mending import are_gone, mend, with_fixes


class RecordDraft(Protocol):
    """A record that fixes change, and what is found in it."""

    @property
    def record(self) -> Record:
        """Give the record."""

    @property
    def report(self) -> Report:
        """Give what is found in it."""


_Draft = TypeVar("_Draft", bound=RecordDraft)
Changed = Callable[[_Draft, str | None, str | None], _Draft | None]


def is_safe(found: Diagnostic) -> bool:
    """Say whether a finding has a fix of guidelines or labels that changes the meaning of nothing else."""
    return found.fix is not None and found.fix.safe and found.part in ("guidelines", "labels")


def with_safe_fixes(
    draft: _Draft, changed: Changed[_Draft], is_fixable: Callable[[Diagnostic], bool] = is_safe
) -> tuple[_Draft, tuple[Diagnostic, ...]]:
    """Make fixes until none can be made: mended again, a record stays as it is.

    Args:
        draft: what is mended.
        changed: gives the draft with other guidelines or labels, those of the record where None; labels are what stands
            from ``labels_start`` on. None where they cannot be changed.
        is_fixable: the findings whose fixes may be made.

    Returns:
        The last draft, and the findings that are gone, in the order in which they were mended.
    """

    def made(before: _Draft, findings: Sequence[Diagnostic]) -> _Draft | None:
        record = before.record
        guidelines = with_fixes(record.guidelines, findings, "guidelines")
        labels = with_fixes(record.labels, findings, "labels")[record.labels_start :]
        return changed(
            before,
            guidelines if guidelines != record.guidelines else None,
            labels if labels != record.labels[record.labels_start :] else None,
        )

    fixed: tuple[Diagnostic, ...] = ()
    while True:
        draft, more = mend(draft, made, is_fixable=is_fixable, is_better=_is_better)
        fixed += more
        if not more:
            return draft, fixed


def _is_better(before: Report, after: Report, mended: Sequence[Diagnostic]) -> bool:
    """Say whether the findings that were mended are gone, and there are no more of any other code."""
    was = Counter(one.code for one in before.diagnostics)
    now = Counter(one.code for one in after.diagnostics)
    return now <= was and are_gone(mended, before, after)
