"""Filter datasets: keep what passes, and tell of what does not why it went, at the granularity that is asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from guidex_schema.datasets import COLUMNS, Columns, Row
from guidex_schema.datasets.rewriting import rewritten
from guidex_schema.diagnostic import Diagnostic, Report, Severity
from guidex_schema.filtering.dropping import Dropped, Granularity, remainder
from guidex_schema.filtering.safe_fixes import with_safe_fixes
from guidex_schema.inspection import Comparison, Inspection, Meeting
from guidex_schema.instance import Record
from guidex_schema.ledger import revocable
from guidex_schema.place import NOWHERE
from guidex_schema.rule import Place, Rule, Sketch, Subject
from guidex_schema.validation import Validator
from guidex_schema.values import is_loss, loss_rules

__all__ = [
    "Candidate",
    "Dropped",
    "Filter",
    "Granularity",
    "Outcome",
    "across",
    "is_fault",
    "outcomes",
    "rejecting",
    "row_rules",
]


@dataclass(frozen=True)
class Outcome:
    """What became of a row.

    Attributes:
        row: as it was read; without a record where it could not be.
        kept: as it is kept; None where it is rejected.
        diagnostics: of a rejected row all that was found in it; of a kept one the faults for which something was
            dropped; of what is no row, but about a file or the dataset as a whole, what was found.
        rejecting: those of them for which it is rejected, or something was dropped.
        dropped: what was taken out of its labels.
        fixed: what was mended in it.
    """

    row: Row
    kept: Row | None
    diagnostics: tuple[Diagnostic, ...] = ()
    rejecting: tuple[Diagnostic, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    fixed: tuple[Diagnostic, ...] = ()

    @property
    def is_row(self) -> bool:
        """Say whether it is about a row, or a file that should have had rows."""
        return self.row.record is not None or self.row.is_unread

    @property
    def is_changed(self) -> bool:
        """Say whether it is kept, but not as it was."""
        return self.kept is not None and self.kept is not self.row


@dataclass(frozen=True)
class Candidate:
    """What becomes of a row as far as it decides that by itself.

    Attributes:
        outcome: what becomes of it unless it is kept, and comparing it with others rejects it.
        found: all that was found in it as it was, where it may be rejected so.
        broken: what was found where it was made ready for that.
        sketches: what rules across rows have to know of it as it would be kept, by their names.
        place: where it stands.
    """

    outcome: Outcome
    found: tuple[Diagnostic, ...] = ()
    broken: tuple[Diagnostic, ...] = ()
    sketches: Mapping[str, Sketch] = field(default_factory=dict)
    place: Place = NOWHERE

    @property
    def meeting(self) -> Meeting | None:
        """Give what has to be known of it where it meets others; None if they have no say in what becomes of it."""
        kept = self.outcome.kept
        if kept is None or not (self.sketches or self.broken):
            return None
        return Meeting(self.sketches, self.place, kept.files, self.broken)

    def rejected(self, remaining: Sequence[Diagnostic]) -> "Candidate":
        """Give it rejected for what was found where it met others."""
        rejecting = (*filter(is_fault, self.found), *remaining)
        return Candidate(_rejection(self.outcome.row, self.found, rejecting))


@dataclass(frozen=True)
class _Draft:
    """A row as it was read, mended or left, and what is known of it."""

    row: Row
    subject: Subject
    report: Report

    @property
    def record(self) -> Record:
        """Give the record as it is read."""
        return self.subject.record


def row_rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Give the rules that a validator needs to filter by these: those that look at one row, and the ``loss_rules``."""
    found = (*(rule for rule in rules if not rule.is_across), *loss_rules())
    return tuple({rule.name: rule for rule in found}.values())


class Filter:
    """Filter the rows of one dataset, one after another.

    What could not be read of a row rejects it, whatever is selected: nothing is kept by accident.

    Args:
        validator: one with the ``row_rules``.
        rules: those whose errors reject.
        severities: severities by rule name that replace the rules' own, as the validator has them.
        columns: what the columns are called.
        granularity: what goes with a fault: the record, or as little as an instance or a value.
        fixes: make safe fixes first.
        is_told: whether a finding counts at all, as settings for single files may have it.
    """

    def __init__(
        self,
        validator: Validator,
        rules: Iterable[Rule],
        *,
        severities: Mapping[str, Severity] = MappingProxyType({}),
        columns: Columns = COLUMNS,
        granularity: Granularity = "record",
        fixes: bool = False,
        is_told: Callable[[Diagnostic], bool] = lambda _: True,
    ) -> None:
        selected = tuple(rules)
        self._validator = validator
        self._codes = frozenset(rule.code for rule in selected)
        # What is found across rows is looked for among those that are kept, and only where it can reject.
        self._across = across(selected, severities)
        self._sketching = Inspection(self._across, severities)
        self._severities = severities
        self._columns = columns
        self._granularity = granularity
        self._fixes = fixes
        self._is_told = is_told

    def outcomes(self, rows: Iterable[Row]) -> Iterator[Outcome]:
        """Say what becomes of the rows of one dataset, in their order, and what is remarked about its files.

        Behind the last of them comes what is found in all that are kept together, which rejects none of them.

        Raises:
            JailError: no jail can be started on this machine.
        """
        return outcomes(self.candidates(rows), Comparison(self._across, self._severities), self._is_told)

    def candidates(self, rows: Iterable[Row]) -> Iterator[Candidate]:
        """Say what becomes of rows as far as each by itself decides it.

        Raises:
            JailError: no jail can be started on this machine.
        """
        return map(self._candidate, self._drafts(rows))

    def _drafts(self, rows: Iterable[Row]) -> Iterator[_Draft]:
        for judged in self._validator.judge(rows):
            found = tuple(
                one
                for one in judged.report.diagnostics
                if is_loss(one) or (one.code in self._codes and self._is_told(one))
            )
            yield _Draft(judged.row, judged.subject, judged.report.model_copy(update={"diagnostics": found}))

    def _candidate(self, original: _Draft) -> Candidate:
        if original.row.record is None:
            return Candidate(_rejected(original, _faults(original.report) or original.report.diagnostics))
        draft, fixed = self._mended(original)
        faults = _faults(draft.report)
        dropped: tuple[Dropped, ...] = ()
        if faults:
            left = self._left(draft, faults)
            if left is None:
                return Candidate(_rejected(original, _faults(original.report)))
            draft, dropped = left
            draft, more = self._mended(draft)
            fixed += more
            remaining = _faults(draft.report)
            if remaining:
                return Candidate(_rejected(original, (*_faults(original.report), *_after_dropping(remaining))))
        outcome = Outcome(original.row, draft.row, faults, faults, dropped, fixed)
        if not self._across:
            return Candidate(outcome)
        row = draft.row
        broken, sketches = self._sketching.inspected(draft.subject, row.reference, file_of=row.file_of)
        return Candidate(outcome, original.report.diagnostics, broken, sketches, draft.subject.place)

    def _left(self, draft: _Draft, faults: Sequence[Diagnostic]) -> tuple[_Draft, tuple[Dropped, ...]] | None:
        """Give a row without what carries its faults; None where it goes as a whole."""
        if self._granularity == "record":
            return None
        left = remainder(draft.subject, faults, self._granularity)
        if left is None:
            return None
        changed = self._changed(draft, None, left.labels)
        return None if changed is None else (changed, left.dropped)

    def _mended(self, draft: _Draft) -> tuple[_Draft, tuple[Diagnostic, ...]]:
        return with_safe_fixes(draft, self._changed) if self._fixes else (draft, ())

    def _changed(self, draft: _Draft, guidelines: str | None, labels: str | None) -> _Draft | None:
        changed = rewritten(draft.row, self._columns, guidelines=guidelines, labels=labels)
        return None if changed is None else next(self._drafts((changed,)))


def outcomes(
    candidates: Iterable[Candidate], comparison: Comparison, is_told: Callable[[Diagnostic], bool]
) -> Iterator[Outcome]:
    """Say what becomes of rows when each is compared with those before it that are kept.

    Args:
        candidates: what becomes of each by itself, all of a dataset, in order.
        comparison: of the rules across rows that can reject.
        is_told: whether a finding counts at all.
    """
    for one in candidates:
        outcome = _among_others(one, comparison, is_told)
        if outcome.is_row or outcome.diagnostics:
            yield outcome
    for place, report in comparison.conclusions():
        found = tuple(filter(is_told, report.diagnostics))
        if found:
            yield Outcome(Row(place.file, None, place.record, split=place.split), None, found)


def _among_others(candidate: Candidate, comparison: Comparison, is_told: Callable[[Diagnostic], bool]) -> Outcome:
    meeting = candidate.meeting
    if meeting is None:
        return candidate.outcome
    remaining = rejecting(meeting, comparison, is_told)
    return candidate.rejected(remaining).outcome if remaining else candidate.outcome


def rejecting(
    meeting: Meeting, comparison: Comparison, is_told: Callable[[Diagnostic], bool]
) -> tuple[Diagnostic, ...]:
    """Give the faults for which a row is rejected when it meets those before it that are kept.

    Args:
        meeting: what is known of the row; it is among those that are kept unless there are any.
        comparison: of the rules across rows that can reject.
        is_told: whether a finding counts at all.
    """
    with revocable() as take_back:
        compared = comparison.compare(meeting.sketches, meeting.place, meeting.files)
        remaining = tuple(one for one in (*meeting.broken, *compared) if is_fault(one) and is_told(one))
        if remaining:
            # Rows are compared with those that are kept.
            take_back()
    return remaining


def _rejected(original: _Draft, rejecting: Sequence[Diagnostic]) -> Outcome:
    return _rejection(original.row, original.report.diagnostics, rejecting)


def _rejection(row: Row, found: Sequence[Diagnostic], rejecting: Sequence[Diagnostic]) -> Outcome:
    return Outcome(row, None, (*found, *(one for one in rejecting if one not in found)), tuple(rejecting))


def _faults(report: Report) -> tuple[Diagnostic, ...]:
    """Give what rejects a row."""
    return tuple(filter(is_fault, report.diagnostics))


def is_fault(found: Diagnostic) -> bool:
    """Say whether a finding keeps a row from being kept: an error, or something that could not be read."""
    return found.severity is Severity.ERROR or is_loss(found)


def _after_dropping(faults: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Tell faults of what would have been left, whose places are none of the row as it was."""
    nowhere = {"location": None, "span": None, "path": None, "fix": None}
    for one in faults:
        yield one.model_copy(update={**nowhere, "message": f"in what dropping would leave: {one.message}"})


def across(rules: Iterable[Rule], severities: Mapping[str, Severity]) -> tuple[Rule, ...]:
    """Give the rules across rows that can reject one: their findings are errors.

    Args:
        rules: those that are selected.
        severities: severities by rule name that replace the rules' own.
    """
    return tuple(
        rule for rule in rules if rule.is_across and severities.get(rule.name, rule.severity) is Severity.ERROR
    )
