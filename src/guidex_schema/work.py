"""Work: what is done with each row of a dataset by itself, wherever that is: here, in other processes, on a cluster."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, NamedTuple, Protocol, TypeVar

from guidex_schema.datasets import COLUMNS, Columns, Row
from guidex_schema.datasets.shard import Piece, Shard, read_shard
from guidex_schema.diagnostic import Diagnostic, Fault, Report, Severity
from guidex_schema.guideline import FILE_LIMITS, ROW_LIMITS
from guidex_schema.inspection import Comparison, Meeting
from guidex_schema.isolation import Demand, Isolation
from guidex_schema.rule import Rule, by_name
from guidex_schema.subject import Origin
from guidex_schema.thresholds import THRESHOLDS, Thresholds
from guidex_schema.validation import Validator
from guidex_schema.worker import Mode, Worker

Result = TypeVar("Result")
_Given = TypeVar("_Given", covariant=True)


class Begun(NamedTuple):
    """Work that can be done now.

    Attributes:
        isolation: how far the jail is closed in which labels are read.
        results: gives what comes of rows that follow each other, in their order.
        of_piece: gives the same of a piece, where that can be had without all of its rows.
    """

    isolation: Isolation
    results: Callable[[Iterable[Row]], Iterator[object]]
    of_piece: Callable[[Piece], Iterator[object]] | None = None


class Work(Protocol[_Given]):
    """What is done with rows.

    It is plain data, so that it can be sent to where it is done. What comes of a row depends on nothing but the row,
    so that any other process may have those before it.
    """

    @property
    def columns(self) -> Columns:
        """Give what the columns of rows are called."""

    def begin(self) -> AbstractContextManager[Begun]:
        """Open what the work needs, as a jail; it is closed behind the last row.

        Raises:
            JailError: no jail can be started on this machine, or none that is closed as far as was demanded.
        """

    def load(self) -> None:
        """Load what most work comes to need: processes that are forked afterwards share it."""

    def failed(self, row: Row, reason: str) -> Iterator[_Given]:
        """Give what comes of a row with which the work could not be done.

        Args:
            row: as it was read.
            reason: why, as a sentence without its end.
        """


def rows_in(piece: Piece, columns: Columns) -> Iterator[Row]:
    """Give the rows of a piece of a dataset.

    Raises:
        Changed: its file holds something else by now, or is gone.
    """
    return read_shard(piece, columns) if isinstance(piece, Shard) else iter(piece)


def results_of(piece: Piece, begun: Begun, columns: Columns) -> Iterator[object]:
    """Give what comes of the rows of a piece, in their order.

    Raises:
        Changed: its file holds something else by now, or is gone.
    """
    return begun.results(rows_in(piece, columns)) if begun.of_piece is None else begun.of_piece(piece)


@dataclass(frozen=True)
class Judging:
    """All that a validator is made with, as plain data.

    Attributes:
        rules: the names of the rules to apply.
        severities: severities by rule name that replace the rules' own.
        columns: what the columns of rows are called.
        abstractive: patterns of attributes whose values need not stand in the document.
        thresholds: the numbers that some rules depend on.
        origin: where guidelines come from, which also says how large they may be.
        demand: how far the jail has to be closed.
        mode: how many rows a jailed process reads.
        accelerate: read what is plain by shorter ways that give the same.
    """

    rules: tuple[str, ...]
    severities: Mapping[str, Severity] = field(default_factory=dict)
    columns: Columns = COLUMNS
    abstractive: tuple[str, ...] = ()
    thresholds: Thresholds = THRESHOLDS
    origin: Origin = "row"
    demand: Demand = "best-effort"
    mode: Mode = "persistent"
    accelerate: bool = True

    def validator(self) -> Validator:
        """Make the validator; its jail is started when it is first needed."""
        known = by_name()
        return Validator(
            Worker(mode=self.mode, demand=self.demand),
            rules=[known[name] for name in self.rules],
            severities=self.severities,
            columns=self.columns,
            limits=ROW_LIMITS if self.origin == "row" else FILE_LIMITS,
            abstractive=self.abstractive,
            thresholds=self.thresholds,
            origin=self.origin,
            accelerate=self.accelerate,
        )

    @property
    def across(self) -> tuple[Rule, ...]:
        """Give the rules across rows."""
        known = by_name()
        return tuple(known[name] for name in self.rules if known[name].is_across)

    def comparison(self) -> Comparison:
        """Give the rules across rows, which have seen no row as yet."""
        return Comparison(self.across, self.severities)


class Comparing(ABC, Generic[Result]):
    """Work whose rows are compared with each other: all in order, or those that meet apart from all others."""

    @property
    @abstractmethod
    def meeting_rules(self) -> tuple[Rule, ...]:
        """Give the rules across rows by which those that meet can be compared apart from others."""

    @abstractmethod
    def comparison(self) -> Comparison:
        """Begin to compare rows by these rules."""

    @abstractmethod
    def meeting(self, result: Result) -> Meeting | None:
        """Give what has to be known of what came of a row where it meets others; None for what meets nobody."""

    def found(self, meeting: Meeting, comparison: Comparison) -> tuple[Diagnostic, ...]:
        """Compare a row with those before it that it meets, and give what is to be found in it."""
        return comparison.compare(meeting.sketches, meeting.place, meeting.files)

    @abstractmethod
    def settled(self, result: Result, found: tuple[Diagnostic, ...]) -> Result:
        """Give what comes of a row in which that was found; by these rules it is compared with no other any more."""


class Concluding(Comparing[Result]):
    """Such work that is told all that is found across rows, also what is found in all of them together."""

    judging: Judging

    @property
    def meeting_rules(self) -> tuple[Rule, ...]:
        """Give all rules across rows."""
        return self.judging.across

    def comparison(self) -> Comparison:
        """Begin to compare rows."""
        return self.judging.comparison()

    @abstractmethod
    def concluded(self, report: Report) -> Result:
        """Give what comes of what is found in all rows together, behind the last of them."""


def failed_report(row: Row, reason: str) -> Report:
    """Report that a row could not be checked: it is read again by nobody, and never taken for good."""
    rule = by_name()["rule-failed"]
    fault = Fault(rule=rule.name, message=reason, part="labels" if row.record is not None else "file")
    found = rule.diagnostic(fault, document=None, record=row.reference, severity=rule.severity)
    return Report(
        diagnostics=(found.model_copy(update={"file": row.files.get(fault.part, row.file)}),),
        checked=row.record is not None,
        unread=row.is_unread,
        identity=row.identity,
        file=row.file,
        record=row.reference,
    )


@dataclass(frozen=True)
class JudgingWork(ABC):
    """Work with a validator of its own, of which each kind says what comes of rows.

    Attributes:
        judging: how the validator is made.
    """

    judging: Judging

    @property
    def columns(self) -> Columns:
        """Give what the columns of rows are called."""
        return self.judging.columns

    def load(self) -> None:
        """Load what is loaded where a value does not stand in its document, as in some rows of nearly all datasets."""
        from guidex_schema.grounding import ground

        ground("Ada Lovelase", "Ada Lovelace")

    @contextmanager
    def begin(self) -> Iterator[Begun]:
        """Start the jail."""
        with self.judging.validator() as validator:
            yield Begun(validator.isolation, partial(self._results, validator))

    @abstractmethod
    def _results(self, validator: Validator, rows: Iterable[Row]) -> Iterator[object]:
        """Give what comes of rows that follow each other, in their order."""
