"""Validate records: read the guidelines, run the labels in the jail, and show every rule what came of it."""

import atexit
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from guidex_schema import datasets
from guidex_schema.abstractive import patterns
from guidex_schema.datasets import COLUMNS, Columns, Row
from guidex_schema.diagnostic import Diagnostic, Fault, RecordReference, Report, Severity
from guidex_schema.execution import Execution, execute
from guidex_schema.guideline import ROW_LIMITS, Guideline, parse_guideline
from guidex_schema.inspection import FINDINGS_OF_A_RULE, Inspection, Step
from guidex_schema.instance import Instance, Record
from guidex_schema.isolation import Isolation
from guidex_schema.rule import Rule, default_rules
from guidex_schema.schema import Schema
from guidex_schema.screening import Limits
from guidex_schema.subject import NOWHERE, GroundedValue, Origin, Place, Subject
from guidex_schema.text import Span
from guidex_schema.thresholds import THRESHOLDS, Thresholds
from guidex_schema.worker import Worker

# Rows of one dataset mostly share a handful of guidelines; each is parsed once.
_CACHED_GUIDELINES = 256

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Validation:
    """All that is known of one record.

    Attributes:
        record: the record.
        schema: what its guidelines declare.
        instances: the top-level instances that could be read, in order.
        groundings: every leaf value of the labels in source order, with where the document has it; none without
            a document.
        report: the diagnostics.
    """

    record: Record
    schema: Schema
    instances: tuple[Instance, ...]
    groundings: tuple[GroundedValue, ...]
    report: Report

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Give the diagnostics by place."""
        return self.report.diagnostics

    @property
    def kept(self) -> bool:
        """Say whether the record is good data: there is no error."""
        return self.report.kept


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
    ) -> None:
        self._worker = worker or Worker()
        self._inspection = Inspection(default_rules(origin) if rules is None else rules, severities, most=most)
        self._applications = self._inspection.applications(remembering=True)
        self._columns = columns
        self._limits = limits
        self._abstractive = patterns(abstractive)
        self._thresholds = thresholds
        self._origin = origin
        self._guidelines: dict[str, Guideline] = {}

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
        return self._validation(record, self._subject(record))

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
        self, rows: Iterable[Row], steps: Mapping[str, Step] | None = None
    ) -> Iterator[tuple[Row, Subject, Report]]:
        """Check the rows of one dataset, in order, and give each with all that is known of it.

        Behind the last row comes what is found in all of them together, each finding as a row without a record.

        Args:
            rows: of one dataset, which may be several files: rows are compared with all rows before them.
            steps: what else is done with each row, by what it is called; that one broke is a finding of the row.
        """
        applications = self._inspection.applications(steps, watching=True, remembering=True)
        for row in rows:
            subject = self._row_subject(row)
            report = self._inspection.report(subject, applications, row.reference)
            diagnostics = tuple(
                one.model_copy(update={"file": row.files.get(one.part, row.file)}) for one in report.diagnostics
            )
            told = {
                "diagnostics": diagnostics,
                "unread": row.is_unread,
                "identity": row.identity,
                "file": row.file,
                "record": row.reference,
            }
            yield row, subject, report.model_copy(update=told)
        for place, report in self._inspection.conclusions(applications):
            row = Row(place.file, None, place.record, split=place.split)
            diagnostics = tuple(one.model_copy(update={"file": place.file}) for one in report.diagnostics)
            told = {"diagnostics": diagnostics, "file": place.file, "record": place.record}
            yield row, Subject.unread(()), report.model_copy(update=told)

    def _row_subject(self, row: Row) -> Subject:
        if row.record is None:
            return Subject.unread(row.faults)
        return self._subject(row.record, row.faults, Place(row.file, row.split, row.reference))

    def _subject(self, record: Record, faults: tuple[Fault, ...] = (), place: Place = NOWHERE) -> Subject:
        guideline = self._guideline(record.guidelines)
        execution = execute(record, guideline.schema, self._worker)
        faults = (*faults, *_surrogates(record))
        return Subject(
            record,
            guideline,
            execution,
            faults,
            abstractive=self._abstractive,
            thresholds=self._thresholds,
            origin=self._origin,
            place=place,
        )

    def _guideline(self, source: str) -> Guideline:
        guideline = self._guidelines.get(source)
        if guideline is None:
            guideline = parse_guideline(source, limits=self._limits)
            if len(self._guidelines) >= _CACHED_GUIDELINES:
                self._guidelines.pop(next(iter(self._guidelines)))
            self._guidelines[source] = guideline
        return guideline

    def _validation(self, record: Record, subject: Subject) -> Validation:
        reference = RecordReference(index=record.index, id=record.id, line=record.line)
        execution = subject.execution or Execution()
        return Validation(
            record=record,
            schema=subject.guideline.schema,
            instances=tuple(execution.instances.values()),
            groundings=subject.grounded,
            report=self._inspection.report(subject, self._applications, reference),
        )


def _surrogates(record: Record) -> Iterator[Fault]:
    """Report a document that no text file can hold; half a surrogate pair is left of a faulty decoding."""
    found = _SURROGATE.search(record.document or "")
    if found is not None:
        yield Fault(
            rule="invalid-character",
            message="the document holds a lone surrogate, which no text file can; decode it again",
            part="document",
            span=Span(start=found.start(), end=found.end()),
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
