"""Validate records: read the guidelines and the labels, and show every rule what came of it."""

import atexit
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from guidex_schema import datasets
from guidex_schema.abstractive import patterns
from guidex_schema.datasets import COLUMNS, Columns, Row
from guidex_schema.diagnostic import Diagnostic, Fault, RecordReference, Report, Severity
from guidex_schema.execution import Execution, execute, execute_all
from guidex_schema.frozen import trusted
from guidex_schema.guideline import ROW_LIMITS, Guideline, parse_guideline
from guidex_schema.inspection import FINDINGS_OF_A_RULE, Comparison, Inspection, Step, by_place
from guidex_schema.instance import Instance, Record
from guidex_schema.isolation import Isolation
from guidex_schema.place import NOWHERE, Place
from guidex_schema.rule import Rule, Sketch, default_rules
from guidex_schema.schema import Schema
from guidex_schema.screening import Limits
from guidex_schema.subject import GroundedValue, Origin, Subject
from guidex_schema.text import Span
from guidex_schema.thresholds import THRESHOLDS, Thresholds
from guidex_schema.worker import Worker

# Rows of one dataset mostly share a handful of guidelines; each is parsed once. What is made of them takes some thirty
# times the memory of their text, and a quarter of that where nobody asks for their tree.
_CACHED_GUIDELINES = 256
_CACHED_CHARACTERS = 128 * 1024

# Labels travel to the jail together; so many rows are read ahead for that, as long as their texts are short.
ROWS_AHEAD = 16
_CHARACTERS_AHEAD = 256 * 1024


@dataclass(frozen=True)
class Validation:
    """All that is known of one record.

    Attributes:
        record: the record.
        schema: what its guidelines declare.
        instances: the top-level instances that could be read, in order.
        report: the diagnostics.
        subject: what the rules were shown.
    """

    record: Record
    schema: Schema
    instances: tuple[Instance, ...]
    report: Report
    subject: Subject = field(repr=False, compare=False)

    @property
    def groundings(self) -> tuple[GroundedValue, ...]:
        """Give every leaf value of the labels in source order, with where the document has it; none without one."""
        return self.subject.grounded

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Give the diagnostics by place."""
        return self.report.diagnostics

    @property
    def kept(self) -> bool:
        """Say whether the record is good data: there is no error."""
        return self.report.kept


@dataclass(frozen=True)
class Judged:
    """All that is known of one row by itself, before it is compared with others.

    Attributes:
        row: the row as it was read.
        subject: what is known of it.
        report: what was found in it alone.
        sketches: what rules across rows have to know of it, by their names; plain data, as the report is, that can be
            sent to where a ``Comparison`` is made.
    """

    row: Row
    subject: Subject
    report: Report
    sketches: Mapping[str, Sketch]


class Validator:
    """Validate many records with one jail; use it in a ``with`` block.

    Args:
        worker: the jail; one is started when it is first needed unless it is given.
        rules: the rules to apply; those that are on by default unless they are given.
        severities: severities by rule name that replace the rules' own.
        columns: what the columns of dataset rows are called.
        limits: sizes beyond which guidelines are not read; those of a dataset row unless given.
        abstractive: patterns of attributes, as in ``*.description``, whose values need not stand in the document.
        thresholds: the numbers that some rules depend on.
        origin: where guidelines come from; in those of a file, suppressions hold.
        most: the findings of one rule that are listed for one record.
        accelerate: read what is plain by shorter ways that give the same; False leaves all to the authorities, which
            are libcst for guidelines and the jail's RestrictedPython for labels.

    Raises:
        UsageError: a pattern names no attribute.
    """

    def __init__(
        self,
        worker: Worker | None = None,
        *,
        rules: Iterable[Rule] | None = None,
        severities: Mapping[str, Severity] | None = None,
        columns: Columns = COLUMNS,
        limits: Limits = ROW_LIMITS,
        abstractive: Iterable[str] = (),
        thresholds: Thresholds = THRESHOLDS,
        origin: Origin = "row",
        most: int = FINDINGS_OF_A_RULE,
        accelerate: bool = True,
    ) -> None:
        self._worker = worker or Worker()
        self._rules = default_rules(origin) if rules is None else tuple(rules)
        self._severities = dict(severities or {})
        self._most = most
        self._accelerate = accelerate
        self._inspection = Inspection(self._rules, severities, most=most, remembering=True)
        self._columns = columns
        self._limits = limits
        self._abstractive = patterns(abstractive)
        self._thresholds = thresholds
        self._origin = origin
        self._guidelines: dict[str, Guideline] = {}
        self._characters = 0

    def __enter__(self) -> Self:
        """Give the validator."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the jail."""
        self.close()

    def close(self) -> None:
        """End the jail; a later record starts a new one."""
        self._worker.close()

    @property
    def isolation(self) -> Isolation:
        """Give how far the jail is closed; it is started for that if it is not there.

        Raises:
            JailError: no jail can be started on this machine, or none that is closed as far as was demanded.
        """
        return self._worker.isolation

    def validate(self, record: Record) -> Validation:
        """Check one record by itself.

        Returns:
            Everything that was found at once, never only the first fault. Bad input is a diagnostic.

        Raises:
            JailError: no jail can be started on this machine.
        """
        guideline = self._guideline(record.guidelines)
        execution = execute(record, guideline.schema, self._worker, accelerate=self._accelerate)
        return self._validation(record, self._subject(record, guideline, execution))

    def check_file(self, path: Path) -> Iterator[Report]:
        """Check a dataset file row by row, with the rules about the dataset as a whole.

        Args:
            path: a JSONL or JSON file; what cannot be read is a report that was not checked.

        Raises:
            JailError: no jail can be started on this machine.
        """
        yield from self.check_rows(datasets.read_dataset(path, self._columns))

    def check_rows(self, rows: Iterable[Row]) -> Iterator[Report]:
        """Check the rows of one dataset, in order; each gives one report, and so does each finding about all."""
        return (report for _, _, report in self.read_rows(rows))

    def read_rows(
        self, rows: Iterable[Row], steps: Mapping[str, Step] | None = None, *, ahead: int = ROWS_AHEAD
    ) -> Iterator[tuple[Row, Subject, Report]]:
        """Check the rows of one dataset, in order, and give each with all that is known of it.

        Behind the last row comes what is found in all of them together, each finding as a row without a record.

        Args:
            rows: of one dataset, which may be several files: rows are compared with all rows before them.
            steps: what else is done with each row, by what it is called; that one broke is a finding of the row.
            ahead: how many rows are read before the first is given, at least 1; 1 for rows that somebody waits for.
        """
        comparison = self.comparison()
        for one in self.judge(rows, steps, ahead=ahead):
            found = comparison.compare(one.sketches, one.subject.place, one.row.files)
            yield one.row, one.subject, with_compared(one.report, found)
        for place, report in comparison.conclusions():
            yield Row(place.file, None, place.record, split=place.split), Subject.unread(()), report

    def judge(
        self, rows: Iterable[Row], steps: Mapping[str, Step] | None = None, *, ahead: int = ROWS_AHEAD
    ) -> Iterator[Judged]:
        """Check rows by themselves, in order, and compare none with another.

        Args:
            rows: of one dataset, or of any part of one.
            steps: what else is done with each row, by what it is called; that one broke is a finding of the row.
            ahead: how many rows are read before the first is given, at least 1.

        Raises:
            JailError: no jail can be started on this machine.
        """
        for batch in _batches(rows, ahead):
            for row, subject in zip(batch, self._subjects(batch), strict=True):
                found, sketches = self._inspection.inspected(subject, row.reference, steps, row.file_of)
                report = trusted(
                    Report,
                    {
                        "diagnostics": found,
                        # Most rows have nothing to show.
                        "sources": subject.sources if found else {},
                        "checked": subject.is_read,
                        "unread": row.is_unread,
                        "identity": row.identity,
                        "file": row.file,
                        "record": row.reference,
                    },
                )
                yield Judged(row, subject, report, sketches)

    def comparison(self) -> Comparison:
        """Give the validator's rules across rows, which have seen no row of a dataset as yet."""
        return Comparison(self._rules, self._severities, most=self._most)

    def _subjects(self, rows: Sequence[Row]) -> Iterator[Subject]:
        read = [(row.record, self._guideline(row.record.guidelines)) for row in rows if row.record is not None]
        asked = [(record, guideline.schema) for record, guideline in read]
        executions = iter(execute_all(asked, self._worker, accelerate=self._accelerate))
        guidelines = iter(guideline for _, guideline in read)
        for row in rows:
            if row.record is None:
                yield Subject.unread(row.faults)
            else:
                place = Place(row.file, row.split, row.reference)
                yield self._subject(row.record, next(guidelines), next(executions), row.faults, place)

    def _subject(
        self,
        record: Record,
        guideline: Guideline,
        execution: Execution,
        faults: tuple[Fault, ...] = (),
        place: Place = NOWHERE,
    ) -> Subject:
        return Subject(
            record,
            guideline,
            execution,
            (*faults, *_surrogates(record)),
            abstractive=self._abstractive,
            thresholds=self._thresholds,
            origin=self._origin,
            place=place,
        )

    def _guideline(self, source: str) -> Guideline:
        guideline = self._guidelines.get(source)
        if guideline is None:
            guideline = parse_guideline(source, limits=self._limits, accelerate=self._accelerate)
            self._guidelines[source] = guideline
            self._characters += len(source)
            while len(self._guidelines) > _CACHED_GUIDELINES or self._characters > _CACHED_CHARACTERS:
                oldest = next(iter(self._guidelines))
                self._characters -= len(oldest)
                del self._guidelines[oldest]
        return guideline

    def _validation(self, record: Record, subject: Subject) -> Validation:
        reference = RecordReference(index=record.index, id=record.id, line=record.line)
        execution = subject.execution or Execution()
        return Validation(
            record=record,
            schema=subject.guideline.schema,
            instances=tuple(execution.instances.values()),
            report=self._inspection.report(subject, reference),
            subject=subject,
        )


def with_compared(report: Report, found: Sequence[Diagnostic]) -> Report:
    """Give the report of a row with what comparing it with others has found in it."""
    return report.model_copy(update={"diagnostics": by_place((*report.diagnostics, *found))}) if found else report


def _batches(rows: Iterable[Row], most: int) -> Iterator[list[Row]]:
    """Give rows several at a time; where reading breaks, what was read before it comes first."""
    batch: list[Row] = []
    size = 0
    try:
        for row in rows:
            batch.append(row)
            size += 0 if row.record is None else len(row.record.labels) + len(row.record.guidelines)
            if len(batch) >= most or size >= _CHARACTERS_AHEAD:
                yield batch
                batch, size = [], 0
    except Exception:
        yield batch
        raise
    yield batch


def _surrogates(record: Record) -> Iterator[Fault]:
    """Report a document that no text file can hold; half a surrogate pair is left of a faulty decoding."""
    try:
        (record.document or "").encode("utf-8")
    except UnicodeEncodeError as error:
        yield Fault(
            rule="invalid-character",
            message="the document holds a lone surrogate, which no text file can; decode it again",
            part="document",
            span=Span(start=error.start, end=error.start + 1),
        )


@cache
def _shared_validator() -> Validator:
    validator = Validator()
    atexit.register(validator.close)
    return validator


def validate(record: Record) -> Validation:
    """Check one record with a jail that lives as long as the program.

    Args:
        record: guidelines, labels and, where there is one, the document.

    Returns:
        The schema, the instances, the groundings and all diagnostics. Bad input never raises.

    Raises:
        JailError: no jail can be started on this machine.
    """
    return _shared_validator().validate(record)
