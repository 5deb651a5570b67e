"""Inspection: rules applied to what was read, one row or file after another, each with a report of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from guidex_schema.diagnostic import Diagnostic, Fault, Part, RecordReference, Report, Severity
from guidex_schema.guideline import Guideline
from guidex_schema.place import NOWHERE
from guidex_schema.rule import Compare, Conclusion, Findings, Place, Reported, Rule, Sketch, by_name
from guidex_schema.stage_output import StageOutput
from guidex_schema.subject import Subject
from guidex_schema.text import Document

# A row of 64 KiB can have millions of findings; this many tell as much.
FINDINGS_OF_A_RULE = 1_000

# Rows of one dataset mostly share a handful of guidelines; what lints find in them is kept. A finding takes some two
# kilobytes.
_LINTED_GUIDELINES = 256
_LINTED_FINDINGS = 8_000

Step = Callable[[Subject], object]

_Shown = TypeVar("_Shown")


class Inspection:
    """Apply rules, each to one row or file at a time; those across rows make their sketches of it.

    Args:
        rules: the rules to apply.
        severities: severities by rule name that replace the rules' own.
        most: the findings of one rule that are listed for one row or file.
        remembering: guidelines that come again are not linted again.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        severities: Mapping[str, Severity] | None = None,
        *,
        most: int = FINDINGS_OF_A_RULE,
        remembering: bool = False,
    ) -> None:
        self._most = most
        self._rules = tuple(rules)
        self._codes = frozenset(rule.code for rule in self._rules)
        self._severities = _all_severities(self._rules, severities)
        self._remembering = remembering
        self._linted: dict[tuple[str, Part], tuple[tuple[Rule, Fault], ...]] = {}
        self._linted_findings = 0
        self._lints = tuple((rule, rule.lint) for rule in self._rules if rule.lint is not None)
        self._reported = {rule.check.rule: rule for rule in self._rules if isinstance(rule.check, Reported)}
        self._checks = tuple(
            (rule, rule.check)
            for rule in self._rules
            if rule.check is not None and not isinstance(rule.check, Reported)
        )
        self._across = tuple(rule for rule in self._rules if rule.is_across)
        self._reviews = tuple(rule for rule in self._rules if rule.review is not None)

    def report(self, subject: Subject, reference: RecordReference | None = None) -> Report:
        """Show a row or file to every rule.

        Returns:
            What they found, by place, without what the author of a guideline file suppressed.
        """
        diagnostics, _ = self.inspected(subject, reference)
        return Report(diagnostics=diagnostics, sources=subject.sources, checked=subject.is_read)

    def inspected(
        self,
        subject: Subject,
        reference: RecordReference | None = None,
        steps: Mapping[str, Step] | None = None,
        file_of: Callable[[Part], str | None] = lambda _: None,
    ) -> tuple[tuple[Diagnostic, ...], Mapping[str, Sketch]]:
        """Show a row or file to every rule.

        Args:
            subject: the row or file.
            reference: the row.
            steps: what else is done with it, by what it is called; that one broke is a finding.
            file_of: gives the file that a part of it stands in.

        Returns:
            What they found, as ``report`` gives it, and by the names of the rules across rows what they have to know
            of it, for a ``Comparison``; that one broke is a finding.
        """
        found, sketches = self._found(subject, steps or {})
        if not found:
            return (), sketches
        documents = {part: Document(source) for part, source in subject.sources.items()}
        diagnostics = (
            rule.diagnostic(
                fault,
                document=documents.get(fault.part),
                record=reference,
                severity=self._severity(rule),
                file=file_of(fault.part),
            )
            for rule, fault in found
            if not (rule.is_suppressible and subject.is_suppressed(rule.code, rule.name, fault))
        )
        return by_place(diagnostics), sketches

    def _found(self, subject: Subject, steps: Mapping[str, Step]) -> tuple[list[tuple[Rule, Fault]], dict[str, Sketch]]:
        part: Part = "labels" if subject.is_read else "file"
        found: list[tuple[Rule, Fault]] = []
        for name in dict.fromkeys(fault.rule for fault in subject.found_in_reading):
            if name in self._reported:
                found += _applied(self._reported[name], Reported(name), subject, part, self._most)
        found += self._linting(subject.guideline, part)
        found += _all_applied(self._checks, subject, part, self._most)
        sketches: dict[str, Sketch] = {}
        across = ((rule, partial(_sketch, rule, sketches)) for rule in self._across)
        found += _all_applied(across, subject, part, self._most)
        for title, step in steps.items():
            found += _applied(by_name()["rule-failed"], partial(_silent, step), subject, part, self._most, title)
        findings = Findings(tuple(found), self._codes)
        for rule in self._reviews:
            if rule.review is not None:
                found += _applied(rule, partial(rule.review, subject), findings, part, self._most)
        return found, sketches

    def judgement(self, output: StageOutput) -> Report:
        """Show the answer of a stage of generation to every rule about answers."""
        document = Document(output.text)
        diagnostics = (
            found.diagnostic(fault, document=document, record=None, severity=self._severity(found))
            for rule in self._rules
            if rule.gate is not None
            for found, fault in _applied(rule, rule.gate, output, "file", self._most)
        )
        return Report(diagnostics=by_place(diagnostics), sources={"output": output.text})

    def _severity(self, rule: Rule) -> Severity:
        return self._severities.get(rule.name, rule.severity)

    def _linting(self, guideline: Guideline, part: Part) -> tuple[tuple[Rule, Fault], ...]:
        """Give what lints find in guidelines, which are not shown to them again where they come again."""
        key = guideline.source, part
        known = self._linted.get(key)
        if known is None:
            known = tuple(_all_applied(self._lints, guideline, part, self._most))
            if self._remembering:
                self._linted[key] = known
                self._linted_findings += len(known)
                while len(self._linted) > _LINTED_GUIDELINES or self._linted_findings > _LINTED_FINDINGS:
                    self._linted_findings -= len(self._linted.pop(next(iter(self._linted))))
        return known


class Meeting(NamedTuple):
    """What has to be known of a row where it meets others.

    Attributes:
        sketches: what rules across rows have to know of it, by their names.
        place: where it stands.
        files: the file that each of its parts stands in, where it is not that of the place.
        broken: what was found where it was made ready for that.
    """

    sketches: Mapping[str, Sketch]
    place: Place
    files: Mapping[Part, str]
    broken: tuple[Diagnostic, ...] = ()


class Comparison:
    """Apply rules across rows: they are shown the sketches of the rows of one dataset, in their order.

    Args:
        rules: the rules to apply; those about single rows are left out.
        severities: severities by rule name that replace the rules' own.
        most: the findings of one rule that are listed for one row.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        severities: Mapping[str, Severity] | None = None,
        *,
        most: int = FINDINGS_OF_A_RULE,
    ) -> None:
        self._most = most
        self._comparing: list[tuple[Rule, Compare]] = []
        self._concluding: list[tuple[Rule, Callable[[], Iterable[Conclusion]]]] = []
        for rule in rules:
            if rule.watch is not None:
                self._comparing.append((rule, rule.watch()))
            elif rule.survey is not None:
                survey = rule.survey()
                self._comparing.append((rule, partial(_seen, survey.see)))
                self._concluding.append((rule, survey.conclude))
        self._severities = _all_severities((rule for rule, _ in self._comparing), severities)

    def compare(
        self, sketches: Mapping[str, Sketch], place: Place, files: Mapping[Part, str] = MappingProxyType({})
    ) -> tuple[Diagnostic, ...]:
        """Compare a row with those before it.

        Args:
            sketches: what the rules have to know of the row, as ``Inspection.inspected`` gives it; those of rules that
                are not applied here are left alone.
            place: where the row stands.
            files: the file that each of its parts stands in, where it is not that of the place.

        Returns:
            What was found in this row, by place.
        """
        comparing = [
            (rule, partial(compare, sketches[rule.name])) for rule, compare in self._comparing if rule.name in sketches
        ]
        return by_place(
            self._diagnostic(rule, fault, place, files.get(fault.part, place.file))
            for rule, fault in _all_applied(comparing, place, "labels", self._most)
        )

    def conclusions(self) -> Iterator[tuple[Place, Report]]:
        """Give what is found in all rows together, each finding with the row that shows it best."""
        for rule, conclude in self._concluding:
            places = [NOWHERE]
            for found, fault in _applied(rule, partial(_concluded, conclude), places, "file", None):
                place = places[-1]
                diagnostic = self._diagnostic(found, fault, place, place.file)
                yield place, Report(diagnostics=(diagnostic,), checked=False, file=place.file, record=place.record)

    def _diagnostic(self, rule: Rule, fault: Fault, place: Place, file: str) -> Diagnostic:
        severity = self._severities.get(rule.name, rule.severity)
        return rule.diagnostic(fault, document=None, record=place.record, severity=severity, file=file)


def _all_severities(rules: Iterable[Rule], severities: Mapping[str, Severity] | None) -> dict[str, Severity]:
    return {rule.name: rule.severity for rule in rules} | dict(severities or {})


def _applied(
    rule: Rule, apply: Callable[[_Shown], Iterable[Fault]], shown: _Shown, part: Part, most: int | None, title: str = ""
) -> Iterator[tuple[Rule, Fault]]:
    """Apply a rule; that it broke is a finding, too, since what it would have said is not known."""
    return _all_applied(((rule, apply),), shown, part, most, title)


def _all_applied(
    rules: Iterable[tuple[Rule, Callable[[_Shown], Iterable[Fault]]]],
    shown: _Shown,
    part: Part,
    most: int | None,
    title: str = "",
) -> Iterator[tuple[Rule, Fault]]:
    """Apply rules one after another: nearly all find nothing in a row, which takes less time than to call for each."""
    for rule, apply in rules:
        try:
            for number, fault in enumerate(apply(shown)):
                if number == most:
                    message = f"there is more than {number:,} times the like here; only so many are listed"
                    yield rule, Fault(rule=fault.rule, message=message, part=fault.part)
                    break
                yield rule, fault
        except Exception as error:  # noqa: BLE001, whatever it is, it is told and the rest is checked
            failed = by_name()["rule-failed"]
            message = f"{title or f'the rule {rule.code} {rule.name}'} broke: {error!r}; please report it"
            yield failed, Fault(rule=failed.name, message=message, part=part)


def _sketch(rule: Rule, sketches: dict[str, Sketch], subject: Subject) -> tuple[Fault, ...]:
    """Keep what a rule across rows has to know of a row, if that is anything."""
    sketch = None if rule.sketch is None else rule.sketch(subject)
    if sketch is not None:
        sketches[rule.name] = sketch
    return ()


def _silent(step: Step, subject: Subject) -> tuple[Fault, ...]:
    """Make a check of a step, which finds nothing unless it breaks."""
    step(subject)
    return ()


def _seen(see: Callable[[Sketch, Place], object], sketch: Sketch, place: Place) -> tuple[Fault, ...]:
    """Show a survey a row, in which nothing is found as yet."""
    see(sketch, place)
    return ()


def _concluded(conclude: Callable[[], Iterable[Conclusion]], places: list[Place]) -> Iterator[Fault]:
    """Give what is found in rows together; the place of the finding that was given last is kept."""
    for place, fault in conclude():
        places[-1] = place
        yield fault


_PART_ORDER: tuple[Part, ...] = ("file", "guidelines", "labels", "document", "output")


def by_place(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort diagnostics by part, place and code; the order of those that share all three stays."""
    return tuple(sorted(diagnostics, key=_place))


def _place(diagnostic: Diagnostic) -> tuple[int, int, str]:
    start = diagnostic.span.start if diagnostic.span is not None else -1
    return _PART_ORDER.index(diagnostic.part), start, diagnostic.code
