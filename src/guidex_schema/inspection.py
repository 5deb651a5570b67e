"""Inspection: rules applied to what was read, one row or file after another, each with a report of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from guidex_schema.diagnostic import Diagnostic, Fault, Part, RecordReference, Report, Severity
from guidex_schema.guideline import Guideline
from guidex_schema.rule import Check, Conclusion, Findings, Gate, Lint, Place, Rule, by_name
from guidex_schema.stage_output import StageOutput
from guidex_schema.subject import NOWHERE, Subject
from guidex_schema.text import Document

# A row of 64 KiB can have millions of findings; this many tell as much.
FINDINGS_OF_A_RULE = 1_000

# Rows of one dataset mostly share a handful of guidelines; what lints find in them is kept.
_LINTED_GUIDELINES = 256

Step = Callable[[Subject], object]


class Application(NamedTuple):
    """What is applied to a row or file.

    Attributes:
        title: what it is called where it breaks.
        conclude: gives what is found in the rows together, behind the last of them.
    """

    title: str
    rule: Rule
    apply: Check
    conclude: Callable[[], Iterable[Conclusion]] = tuple


class Inspection:
    """Apply rules.

    Args:
        rules: the rules to apply.
        severities: severities by rule name that replace the rules' own.
        most: the findings of one rule that are listed for one row or file.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        severities: Mapping[str, Severity] | None = None,
        *,
        most: int = FINDINGS_OF_A_RULE,
    ) -> None:
        self._most = most
        self._rules = tuple(rules)
        self._severities = {rule.name: rule.severity for rule in self._rules} | dict(severities or {})
        self._linted: dict[str, dict[str, tuple[Fault, ...]]] = {}

    def applications(
        self, steps: Mapping[str, Step] | None = None, *, watching: bool = False, remembering: bool = False
    ) -> list[Application]:
        """Give what is applied to each row of one dataset, or to each file.

        Args:
            steps: what else is done with each row, by what it is called; that one broke is a finding of the row.
            watching: with the rules that watch a whole dataset, from its beginning.
            remembering: guidelines that come again are not linted again.
        """
        found = []
        for rule in self._rules:
            if rule.check is not None:
                found.append(_application(rule, rule.check))
            elif rule.lint is not None:
                found.append(
                    _application(rule, self._remembering(rule, rule.lint) if remembering else _linting(rule.lint))
                )
            elif rule.watch is not None and watching:
                found.append(_application(rule, rule.watch()))
            elif rule.survey is not None and watching:
                survey = rule.survey()
                found.append(_application(rule, _silent(survey.see))._replace(conclude=survey.conclude))
        failed = by_name()["rule-failed"]
        return found + [Application(title, failed, _silent(step)) for title, step in (steps or {}).items()]

    def report(
        self, subject: Subject, applications: Iterable[Application], reference: RecordReference | None = None
    ) -> Report:
        """Show a row or file to every rule.

        Returns:
            What they found, by place, without what the author of a guideline file suppressed.
        """
        found = [one for application in applications for one in self._applied(application, subject, most=self._most)]
        findings = Findings(tuple(found), frozenset(rule.code for rule in self._rules))
        for rule in self._rules:
            if rule.review is not None:
                found += self._applied(_application(rule, _shown(rule, findings)), subject, most=self._most)
        sources: dict[Part, str] = {}
        if subject.is_read:
            sources = {"guidelines": subject.record.guidelines, "labels": subject.record.labels}
            if subject.record.document is not None:
                sources["document"] = subject.record.document
        documents = {part: Document(source) for part, source in sources.items()}
        diagnostics = [
            rule.diagnostic(
                fault,
                document=documents.get(fault.part),
                record=reference,
                severity=self._severity(rule),
            )
            for rule, fault in found
            if not (rule.is_suppressible and subject.is_suppressed(rule.code, rule.name, fault))
        ]
        return Report(diagnostics=tuple(sorted(diagnostics, key=_place)), sources=sources, checked=subject.is_read)

    def judgement(self, output: StageOutput) -> Report:
        """Show the answer of a stage of generation to every rule about answers."""
        nothing = Subject.unread(())
        document = Document(output.text)
        diagnostics = [
            found.diagnostic(fault, document=document, record=None, severity=self._severity(found))
            for rule in self._rules
            if rule.gate is not None
            for found, fault in self._applied(_application(rule, _gating(rule.gate, output)), nothing, most=self._most)
        ]
        return Report(diagnostics=tuple(sorted(diagnostics, key=_place)), sources={"output": output.text})

    def conclusions(self, applications: Iterable[Application]) -> Iterator[tuple[Place, Report]]:
        """Give what is found in the rows of a dataset together, each finding with the row that shows it best."""
        for application in applications:
            places = [NOWHERE]
            concluding = application._replace(apply=_telling_places(application.conclude, places))
            for rule, fault in self._applied(concluding, Subject.unread(()), most=None):
                severity = self._severity(rule)
                found = rule.diagnostic(fault, document=None, record=places[-1].record, severity=severity)
                yield places[-1], Report(diagnostics=(found,), checked=False)

    def _severity(self, rule: Rule) -> Severity:
        return self._severities.get(rule.name, rule.severity)

    def _applied(self, application: Application, subject: Subject, *, most: int | None) -> Iterator[tuple[Rule, Fault]]:
        """Apply a rule; that it broke is a finding, too, since what it would have said is not known."""
        rule = application.rule
        try:
            for number, fault in enumerate(application.apply(subject)):
                if number == most:
                    message = f"there is more than {number:,} times the like here; only so many are listed"
                    yield rule, Fault(rule=fault.rule, message=message, part=fault.part)
                    return
                yield rule, fault
        except Exception as error:  # noqa: BLE001, whatever it is, it is told and the rest is checked
            failed = by_name()["rule-failed"]
            message = f"{application.title} broke: {error!r}; please report it"
            yield failed, Fault(rule=failed.name, message=message, part="labels" if subject.is_read else "file")

    def _remembering(self, rule: Rule, lint: Lint) -> Check:
        """Make a check of a lint, which guidelines that were seen before are not shown again."""

        def check(subject: Subject) -> Iterable[Fault]:
            known = self._of(subject.guideline)
            if rule.name not in known:
                known[rule.name] = tuple(lint(subject.guideline))
            return known[rule.name]

        return check

    def _of(self, guideline: Guideline) -> dict[str, tuple[Fault, ...]]:
        known = self._linted.get(guideline.source)
        if known is None:
            if len(self._linted) >= _LINTED_GUIDELINES:
                self._linted.pop(next(iter(self._linted)))
            known = self._linted[guideline.source] = {}
        return known


def _application(rule: Rule, apply: Check) -> Application:
    return Application(f"the rule {rule.code} {rule.name}", rule, apply)


def _linting(lint: Lint) -> Check:
    return lambda subject: lint(subject.guideline)


def _gating(gate: Gate, output: StageOutput) -> Check:
    return lambda _subject: gate(output)


def _shown(rule: Rule, findings: Findings) -> Check:
    def check(subject: Subject) -> Iterable[Fault]:
        return rule.review(subject, findings) if rule.review is not None else ()

    return check


def _silent(step: Step) -> Check:
    """Make a check of a step, which finds nothing unless it breaks."""

    def check(subject: Subject) -> tuple[Fault, ...]:
        step(subject)
        return ()

    return check


def _telling_places(conclude: Callable[[], Iterable[Conclusion]], places: list[Place]) -> Check:
    """Make a check of what is found in rows together; the place of the finding that it gave last is kept."""

    def check(_subject: Subject) -> Iterator[Fault]:
        for place, fault in conclude():
            places[-1] = place
            yield fault

    return check


_PART_ORDER: tuple[Part, ...] = ("file", "guidelines", "labels", "document", "output")


def _place(diagnostic: Diagnostic) -> tuple[int, int, str]:
    start = diagnostic.span.start if diagnostic.span is not None else -1
    return _PART_ORDER.index(diagnostic.part), start, diagnostic.code
