"""Validate records: read the guidelines, run the labels in the jail, and show every rule what came of it."""

import atexit
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from guidex_schema import datasets
from guidex_schema.abstractive import patterns
from guidex_schema.datasets import COLUMNS, Columns, Row
from guidex_schema.diagnostic import Diagnostic, Fault, Part, RecordReference, Report, Severity
from guidex_schema.execution import Execution, execute
from guidex_schema.guideline import ROW_LIMITS, Guideline, parse_guideline
from guidex_schema.instance import Instance, Record
from guidex_schema.isolation import Isolation
from guidex_schema.rule import GroundedValue, Rule, Subject, by_name, discover
from guidex_schema.schema import Schema
from guidex_schema.screening import Limits
from guidex_schema.text import Document, Span
from guidex_schema.worker import Worker

# Rows of one dataset mostly share a handful of guidelines; each is parsed once.
_CACHED_GUIDELINES = 256

# A row of 64 KiB can have millions of findings; this many tell as much.
_FINDINGS_OF_A_RULE = 1_000

_SURROGATE = re.compile("[\ud800-\udfff]")

_Checker = Callable[[Subject], Iterable[Fault]]
_Step = Callable[[Subject], object]


class _Check(NamedTuple):
    """What is applied to a row; ``title`` is what it is called where it breaks."""

    title: str
    rule: Rule
    apply: _Checker


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
        rules: the rules to apply; all of them unless they are given.
        severities: severities by rule name that replace the rules' own.
        columns: what the columns of dataset rows are called.
        limits: sizes beyond which guidelines are not read; those of a dataset row unless given.
        abstractive: patterns of attributes, as in ``*.description``, whose values need not stand in the document.

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
    ) -> None:
        self._worker = worker or Worker()
        rules = tuple(rules) if rules is not None else discover()
        self._checks = [_check(rule, rule.check) for rule in rules if rule.check is not None]
        self._watches = [(rule, rule.watch) for rule in rules if rule.watch is not None]
        self._severities = {rule.name: rule.severity for rule in rules} | dict(severities or {})
        self._columns = columns
        self._limits = limits
        self._abstractive = patterns(abstractive)
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
        """Check the rows of one dataset, in order; each gives one report."""
        return (report for _, _, report in self.read_rows(rows))

    def read_rows(
        self, rows: Iterable[Row], steps: Mapping[str, _Step] | None = None
    ) -> Iterator[tuple[Row, Subject, Report]]:
        """Check the rows of one dataset, in order, and give each with all that is known of it.

        Args:
            rows: of one dataset.
            steps: what else is done with each row, by what it is called; that one broke is a finding of the row.
        """
        checks = [*self._checks, *(_check(rule, watch()) for rule, watch in self._watches)]
        checks += [_silent(title, step) for title, step in (steps or {}).items()]
        for row in rows:
            subject = self._subject(row.record, row.faults) if row.record else _unread(row.faults)
            report = self._report(subject, row.reference, checks)
            diagnostics = tuple(
                one.model_copy(update={"file": row.files.get(one.part, row.file)}) for one in report.diagnostics
            )
            yield row, subject, report.model_copy(update={"diagnostics": diagnostics, "unread": row.is_unread})

    def _subject(self, record: Record, faults: tuple[Fault, ...] = ()) -> Subject:
        guideline = self._guideline(record.guidelines)
        execution = execute(record, guideline.schema, self._worker)
        faults = (*faults, *_surrogates(record))
        return Subject(record, guideline, execution, faults, abstractive=self._abstractive)

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
            report=self._report(subject, reference, self._checks),
        )

    def _report(self, subject: Subject, reference: RecordReference | None, checks: Iterable[_Check]) -> Report:
        sources: dict[Part, str] = {}
        if subject.is_read:
            sources = {"guidelines": subject.record.guidelines, "labels": subject.record.labels}
            if subject.record.document is not None:
                sources["document"] = subject.record.document
        documents = {part: Document(source) for part, source in sources.items()}
        diagnostics = [
            applied.diagnostic(
                fault,
                document=documents.get(fault.part),
                record=reference,
                severity=self._severities.get(applied.name, applied.severity),
            )
            for check in checks
            for applied, fault in _applied(check, subject)
        ]
        return Report(diagnostics=tuple(sorted(diagnostics, key=_place)), sources=sources, checked=subject.is_read)


def _check(rule: Rule, apply: _Checker) -> _Check:
    return _Check(f"the rule {rule.code} {rule.name}", rule, apply)


def _silent(title: str, step: _Step) -> _Check:
    """Make a check of a step, which finds nothing unless it breaks."""

    def apply(subject: Subject) -> tuple[Fault, ...]:
        step(subject)
        return ()

    return _Check(title, by_name()["rule-failed"], apply)


def _applied(check: _Check, subject: Subject) -> Iterator[tuple[Rule, Fault]]:
    """Apply a check; that it broke is a finding, too, since what it would have said is not known."""
    rule = check.rule
    try:
        for number, fault in enumerate(check.apply(subject)):
            if number == _FINDINGS_OF_A_RULE:
                message = f"there is more than {number:,} times the like in this row; only so many are listed"
                yield rule, Fault(rule=fault.rule, message=message, part=fault.part)
                return
            yield rule, fault
    except Exception as error:  # noqa: BLE001, whatever it is, it is told and the rest is checked
        failed = by_name()["rule-failed"]
        message = f"{check.title} broke: {error!r}; please report it"
        yield failed, Fault(rule=failed.name, message=message, part="labels" if subject.is_read else "file")


_PART_ORDER: tuple[Part, ...] = ("file", "guidelines", "labels", "document")


def _place(diagnostic: Diagnostic) -> tuple[int, int, str]:
    start = diagnostic.span.start if diagnostic.span is not None else -1
    return _PART_ORDER.index(diagnostic.part), start, diagnostic.code


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


def _unread(faults: tuple[Fault, ...]) -> Subject:
    return Subject(Record(guidelines="", labels=""), _no_guideline(), Execution(), faults, is_read=False)


@cache
def _no_guideline() -> Guideline:
    return parse_guideline("")


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
