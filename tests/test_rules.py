"""Every rule proves itself: its examples are its tests."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from guidex_schema.datasets import Row, read_jsonl
from guidex_schema.diagnostic import Diagnostic, Report
from guidex_schema.guideline import parse_guideline
from guidex_schema.inspection import Inspection
from guidex_schema.instance import Record
from guidex_schema.rule import GUIDELINES, Example, Fault, Rule, Subject, by_name, discover
from guidex_schema.stage_output import StageOutput
from guidex_schema.validation import Validator
from guidex_schema.worker import Reply, Worker


class TroubledWorker(Worker):
    """A jail that answers every request with the same trouble."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self._reply = reply

    def request(self, content: dict[str, object]) -> Reply:
        """Give the trouble."""
        return self._reply


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as one:
        yield one


def judged(rules: Iterable[Rule], example: Example, output: str) -> Report:
    """Show an answer to rules about answers, with what the run says of it to the one that it tells."""
    rules = tuple(rules)
    faults = tuple(Fault(rule=rule.name, message=example.told, part="output") for rule in rules if example.told)
    answer = StageOutput(example.stage, output, example.document or "", example.is_cut, faults)
    return Inspection(rules).judgement(answer)


def reports(rule: Rule, example: Example, worker: Worker) -> list[Report]:
    """Check an example with one rule only."""
    if rule.gate is not None:
        assert example.output is not None
        return [judged((rule,), example, example.output)]
    if example.trouble is not None:
        worker = TroubledWorker(Reply(None, example.trouble, "as the example says"))
    broken = (replace(by_name()["undefined-class"], check=_break),) if example.breaks else ()
    rules = (rule, *broken, *(by_name()[name] for name in example.beside))
    validator = Validator(
        worker,
        rules=rules,
        abstractive=example.abstractive,
        origin=example.origin,
        accelerate=example.trouble is None,
    )
    if example.file is not None:
        return list(validator.check_rows(read_jsonl(example.file, "rows.jsonl")))
    record = Record(guidelines=example.guidelines, labels=example.labels, document=example.document)
    return list(validator.check_rows([Row("rows.jsonl", record, None)]))


def _break(subject: Subject) -> Iterator[Fault]:
    raise ZeroDivisionError("by zero")


def found(rule: Rule, example: Example, worker: Worker) -> list[tuple[Diagnostic, Report]]:
    """Give what one rule finds in an example."""
    beside = {by_name()[name].code for name in example.beside}
    return [
        (one, report)
        for report in reports(rule, example, worker)
        for one in report.diagnostics
        if one.code not in beside
    ]


def cases(kind: str) -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.code}-{kind}-{number}")
        for rule in discover()
        for number, example in enumerate(getattr(rule, kind))
    ]


@pytest.mark.parametrize(("rule", "example"), cases("valid"))
def test_rule_finds_nothing_in_its_valid_examples(rule: Rule, example: Example, worker: Worker) -> None:
    assert [one.message for one, _ in found(rule, example, worker)] == []


@pytest.mark.parametrize(("rule", "example"), cases("invalid"))
def test_rule_finds_its_invalid_examples_at_their_place(rule: Rule, example: Example, worker: Worker) -> None:
    findings = found(rule, example, worker)
    places = [(one.part, one.path, _text(one, report)) for one, report in findings]
    assert places == [(example.part, example.path, example.at)], [one.message for one, _ in findings]
    diagnostic, report = findings[0]
    assert (diagnostic.code, diagnostic.name, diagnostic.severity) == (rule.code, rule.name, rule.severity)
    if example.message:
        assert diagnostic.message == example.message
    if example.fixed is None:
        assert diagnostic.fix is None
    else:
        assert diagnostic.fix is not None
        assert (diagnostic.fix.safe, diagnostic.fix.title) == (example.safe, example.title)
        assert diagnostic.fix.apply(report.sources[diagnostic.part]) == example.fixed


@pytest.mark.parametrize(
    ("rule", "example"),
    [case for case in cases("invalid") if case.values[1].fixed is not None],  # type: ignore[attr-defined]
)
def test_fix_removes_its_finding_and_adds_none(rule: Rule, example: Example, worker: Worker) -> None:
    if example.output is not None and example.fixed is not None:
        gates = [one for one in discover() if one.gate is not None]
        assert judged(gates, example, example.fixed).diagnostics == ()
        return
    change = {"guidelines": example.guidelines, "labels": example.labels} | {example.part: example.fixed}
    before = Record(guidelines=example.guidelines, labels=example.labels, document=example.document)
    after = Record.model_validate({"document": example.document} | change)
    with Validator(worker, abstractive=example.abstractive, origin=example.origin) as everything:
        remaining = everything.validate(after).diagnostics
        known = {one.code for one in everything.validate(before).diagnostics}
    assert rule.code not in {one.code for one in remaining}
    assert {one.code for one in remaining} <= known | _REVEALED.get(rule.name, set())


# Labels that are read again may hold what could not be seen before; a swallowed attribute comes to light.
_REVEALED: dict[str, set[str]] = {
    "swallowed-docstring": {"GX105", "GX107", "GX109"},
}


@pytest.mark.parametrize("rule", [rule for rule in discover() if rule.check is not None], ids=lambda rule: rule.code)
def test_rule_judges_guidelines_alone(rule: Rule) -> None:
    subject = Subject(Record(guidelines=GUIDELINES, labels=""), parse_guideline(GUIDELINES), execution=None)
    assert rule.check is not None
    assert list(rule.check(subject)) == []


@pytest.mark.parametrize("rule", [rule for rule in discover() if rule.gate is not None], ids=lambda rule: rule.code)
def test_gate_is_shown_no_rows(rule: Rule, worker: Worker) -> None:
    validator = Validator(worker, rules=(replace(rule, gate=_refuse),))
    assert [
        report.diagnostics for report in validator.check_rows([Row("a.jsonl", Record(guidelines="", labels=""), None)])
    ] == [()]


def _refuse(output: StageOutput) -> Iterator[Fault]:
    raise AssertionError(output)


@pytest.mark.parametrize(
    "rule", [rule for rule in discover() if rule.lint is not None and rule.by_default], ids=lambda rule: rule.code
)
def test_lint_finds_nothing_in_good_guidelines(rule: Rule) -> None:
    assert rule.lint is not None
    assert list(rule.lint(parse_guideline(GUIDELINES))) == []


def _text(diagnostic: Diagnostic, report: Report) -> str | None:
    if diagnostic.span is None:
        return None
    return report.sources[diagnostic.part][diagnostic.span.start : diagnostic.span.end]
