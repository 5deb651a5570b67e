"""Filter rows: each decides by itself where it is read, and is compared with those that are kept where they are."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from guidex_schema.datasets import Row
from guidex_schema.diagnostic import Diagnostic
from guidex_schema.filtering import Candidate, Filter, Granularity, Outcome, across, outcomes, rejecting
from guidex_schema.inspection import Comparison, Meeting
from guidex_schema.rule import Rule, by_name
from guidex_schema.validation import Validator
from guidex_schema.work import Comparing, JudgingWork, failed_report


@dataclass(frozen=True)
class FilterWork(JudgingWork, Comparing[Candidate]):
    """Filter rows.

    Attributes:
        judging: with the ``row_rules``.
        rules: the names of those whose errors reject.
        granularity: what goes with a fault.
        fixes: make safe fixes first.
        is_told: whether a finding counts at all; it is sent along.
    """

    rules: tuple[str, ...]
    granularity: Granularity
    fixes: bool
    is_told: Callable[[Diagnostic], bool]

    def failed(self, row: Row, reason: str) -> Iterator[Candidate]:
        """Give a row that is rejected."""
        found = failed_report(row, reason).diagnostics
        yield Candidate(Outcome(row, None, found, found))

    @property
    def meeting_rules(self) -> tuple[Rule, ...]:
        """Give the rules that can reject a row; what surveys conclude depends on all that others have kept."""
        return tuple(rule for rule in self._across if rule.survey is None)

    def comparison(self) -> Comparison:
        """Begin to compare rows with those that are kept."""
        return Comparison(self.meeting_rules, self.judging.severities)

    def meeting(self, result: Candidate) -> Meeting | None:
        """Give what has to be known of a row where it meets others."""
        return result.meeting

    def found(self, meeting: Meeting, comparison: Comparison) -> tuple[Diagnostic, ...]:
        """Give the faults for which a row is rejected when it meets those before it that are kept."""
        return rejecting(meeting, comparison, self.is_told)

    def settled(self, result: Candidate, found: tuple[Diagnostic, ...]) -> Candidate:
        """Give a row that is rejected for faults, or kept if there are none; surveys are still to see it then."""
        if found:
            return result.rejected(found)
        compared = {rule.name for rule in self.meeting_rules}
        left = {name: sketch for name, sketch in result.sketches.items() if name not in compared}
        return replace(result, sketches=left, broken=())

    @property
    def _across(self) -> tuple[Rule, ...]:
        known = by_name()
        return across((known[name] for name in self.rules), self.judging.severities)

    def outcomes(self, candidates: Iterable[Candidate]) -> Iterator[Outcome]:
        """Say what becomes of all rows of a dataset, in order."""
        return outcomes(candidates, Comparison(self._across, self.judging.severities), self.is_told)

    def _results(self, validator: Validator, rows: Iterable[Row]) -> Iterator[Candidate]:
        known = by_name()
        chosen = Filter(
            validator,
            [known[name] for name in self.rules],
            severities=self.judging.severities,
            columns=self.columns,
            granularity=self.granularity,
            fixes=self.fixes,
            is_told=self.is_told,
        )
        return chosen.candidates(rows)
