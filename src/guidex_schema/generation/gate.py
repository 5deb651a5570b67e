"""Gates: answers are mended as far as they can be without asking again, and judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from guidex_schema.diagnostic import Diagnostic, Fault, Report, Severity
from guidex_schema.filtering import is_fault, row_rules
from guidex_schema.filtering.safe_fixes import is_safe, with_safe_fixes
from guidex_schema.frozen import Frozen
from guidex_schema.inspection import Inspection
from guidex_schema.instance import Record
from guidex_schema.label_rendering import render_labels
from guidex_schema.mending import are_gone, mend, with_fixes
from guidex_schema.rule import by_name
from guidex_schema.settings import Settings
from guidex_schema.stage_output import StageOutput
from guidex_schema.validation import Validation, Validator
from guidex_schema.worker import Worker

# What the prompt demands of guidelines, and other authors may do without.
_DEMANDED = {"missing-definition": Severity.ERROR, "missing-attribute-description": Severity.ERROR}
# An answer has fewer values; what is not listed is not mended.
_FINDINGS_OF_A_RULE = 20_000
# Rules whose findings say that there is no answer, or no whole one, whatever a project selects.
_ALWAYS = frozenset(("empty-output", "malformed-structure", "token-limit", "oversized-output", "nothing-declared"))


class Material(Frozen):
    """What there is for a stage to work with.

    Attributes:
        summary: what the stage ``summary`` has handed on.
        structure: what ``structure`` has.
        guidelines: what ``guideline`` has, or those of the user.
        is_fixed: the guidelines are the user's own.
    """

    document: str
    summary: str | None = None
    structure: str | None = None
    guidelines: str | None = None
    is_fixed: bool = False


class Gated(Frozen):
    """What became of an answer.

    Attributes:
        value: the text that is handed on: without what stood around the answer, and mended. Places refer to it.
        diagnostics: what is found in it.
        passed: nothing in it keeps it from being handed on.
        fixed: what was mended without asking again, in words.
    """

    value: str
    diagnostics: tuple[Diagnostic, ...]
    passed: bool
    fixed: tuple[str, ...]


class Checked(NamedTuple):
    """An answer after it was mended.

    Attributes:
        diagnostics: what is found in it beside what the rules about answers find.
        fixed: findings that are gone.
        faults: what the rules about answers are told.
    """

    value: str
    diagnostics: tuple[Diagnostic, ...] = ()
    fixed: tuple[Diagnostic, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class _Answer:
    output: StageOutput
    report: Report


class Gates:
    """Judge answers.

    Args:
        settings: the rules to apply and their severities, the attributes whose values need not stand in the document.
        worker: the jail that labels run in.

    Raises:
        UsageError: a selector names no rule, or a pattern no attribute.
    """

    def __init__(self, settings: Settings, worker: Worker) -> None:
        selected = settings.rules("row")
        rules = {one.name: one for one in (*selected, *map(by_name().__getitem__, sorted(_ALWAYS)))}
        severities = settings.severities
        gates = (one for one in rules.values() if one.gate is not None)
        self._answers = Inspection(gates, severities, most=_FINDINGS_OF_A_RULE)
        validator = partial(
            Validator, worker, rules=row_rules(selected), thresholds=settings.thresholds, most=_FINDINGS_OF_A_RULE
        )
        self._guidelines = validator(severities=_DEMANDED | severities)
        self._records = validator(severities=severities, abstractive=settings.abstractive)

    def gated(self, output: StageOutput, material: Material) -> Gated:
        """Mend an answer and judge it.

        Args:
            output: the answer without what stands around it; any text is accepted.
            material: what it was made from.

        Raises:
            JailError: no jail can be started on this machine.
        """
        checked = self._checked(output, material) if output.is_read else Checked(output.text)
        judged = replace(output, text=checked.value, faults=(*output.faults, *checked.faults))
        found = (*self._answers.judgement(judged).diagnostics, *checked.diagnostics)
        return Gated(
            value=checked.value,
            diagnostics=found,
            passed=not any(is_fault(one) or one.name in _ALWAYS for one in found),
            fixed=tuple(f"{one.code} {one.fix.title}" for one in checked.fixed if one.fix is not None),
        )

    def _checked(self, output: StageOutput, material: Material) -> Checked:
        match output.stage:
            case "summary":
                return Checked(output.text)
            case "structure":
                return self._structure(output)
            case "guideline":
                return self._guideline(output)
            case "instances":
                return self._instances(output, material)

    def _structure(self, output: StageOutput) -> Checked:
        def made(before: _Answer, findings: Sequence[Diagnostic]) -> _Answer:
            return self._answer(replace(output, text=with_fixes(before.output.text, findings)))

        after, fixed = mend(
            self._answer(output),
            made,
            is_fixable=lambda one: one.fix is not None and one.fix.safe,
            is_better=lambda before, after, mended: are_gone(mended, before, after),
        )
        return Checked(after.output.text, fixed=fixed)

    def _answer(self, output: StageOutput) -> _Answer:
        return _Answer(output, self._answers.judgement(output))

    def _guideline(self, output: StageOutput) -> Checked:
        """Check guidelines as those of a row without labels: no positional argument depends on an order then."""

        def changed(before: Validation, guidelines: str | None, _labels: str | None) -> Validation | None:
            return None if guidelines is None else self._guidelines.validate(_with(before, guidelines=guidelines))

        draft = self._guidelines.validate(Record(guidelines=output.text, labels="[]"))
        draft, fixed = with_safe_fixes(draft, changed, _is_guideline_fix)
        words = "the guidelines declare no dataclass; write one for each kind of thing in the structure"
        is_bare = not draft.schema.entity_types and not any(map(is_fault, draft.diagnostics))
        faults = (Fault(rule="nothing-declared", message=words, part="output"),) if is_bare else ()
        return Checked(draft.record.guidelines, draft.diagnostics, fixed, faults)

    def _instances(self, output: StageOutput, material: Material) -> Checked:
        def changed(before: Validation, _guidelines: str | None, labels: str | None) -> Validation | None:
            return None if labels is None else self._records.validate(_with(before, labels=labels))

        record = Record(guidelines=material.guidelines or "", labels=output.text, document=material.document)
        draft, fixed = with_safe_fixes(self._records.validate(record), changed, _is_label_fix)
        is_good = not any(map(is_fault, draft.diagnostics))
        if is_good and not draft.record.labels.startswith("["):
            # What is handed on is a bare list, whatever was assigned to names before it.
            bare = changed(draft, None, render_labels(draft.instances))
            draft = bare if bare is not None else draft
        words = "there is no instance, but the guidelines were made from this document; annotate what it says"
        is_bare = is_good and not draft.instances and not material.is_fixed
        faults = (Fault(rule="nothing-annotated", message=words, part="output"),) if is_bare else ()
        # Of the guidelines only what keeps the record from being good is told again.
        told = tuple(one for one in draft.diagnostics if one.part != "guidelines" or is_fault(one))
        return Checked(draft.record.labels, told, fixed, faults)


def _with(draft: Validation, *, guidelines: str | None = None, labels: str | None = None) -> Record:
    changes = {"guidelines": guidelines, "labels": labels}
    return draft.record.model_copy(update={name: text for name, text in changes.items() if text is not None})


def _is_guideline_fix(found: Diagnostic) -> bool:
    return is_safe(found) and found.part == "guidelines"


def _is_label_fix(found: Diagnostic) -> bool:
    return is_safe(found) and found.part == "labels"
