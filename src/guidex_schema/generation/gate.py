"""Gates: answers are mended as far as they can be without asking again, and judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from guidex_schema.canonical import by_keyword, canonical_text
from guidex_schema.diagnostic import Diagnostic, Fault, Report, Severity
from guidex_schema.filtering import is_fault, row_rules
from guidex_schema.filtering.safe_fixes import is_safe, with_safe_fixes
from guidex_schema.frozen import Frozen
from guidex_schema.inspection import Inspection
from guidex_schema.instance import Record, Value
from guidex_schema.label_rendering import render_labels
from guidex_schema.mending import are_gone, mend, with_fixes
from guidex_schema.rule import Rule, by_name, default_rules
from guidex_schema.settings import Settings
from guidex_schema.stage_output import StageOutput
from guidex_schema.validation import Validation, Validator
from guidex_schema.worker import Worker

# What the prompt demands of guidelines, and other authors may do without.
_DEMANDED = frozenset(
    (
        "missing-definition",
        "missing-attribute-description",
        "uninstantiable-recursion",
        "shadowed-name",
        "attribute-shadows-class",
        "default-mismatch",
    )
)
# Rules about labels and documents, by their codes: guidelines are judged without labels.
_OF_LABELS = ("GX2", "GX3", "GX5")
_REPETITION = "GX207 Take out what stands there twice"
# An answer has fewer values; what is not listed is not mended.
_FINDINGS_OF_A_RULE = 20_000


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
        is_final: asking again cannot mend it: what is wrong does not lie in the answer.
    """

    value: str
    diagnostics: tuple[Diagnostic, ...]
    passed: bool
    fixed: tuple[str, ...]
    is_final: bool = False


class Checked(NamedTuple):
    """An answer after it was mended.

    Attributes:
        diagnostics: what is found in it beside what the rules about answers find.
        fixed: findings that are gone.
        faults: what the rules about answers are told.
    """

    value: str
    diagnostics: tuple[Diagnostic, ...] = ()
    fixed: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_final: bool = False


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
        errors = tuple(one for one in default_rules("row") if one.severity is Severity.ERROR)
        gates = tuple(one for one in errors if one.gate is not None)
        # What labels are held to does not depend on a project; what the guidelines of its own are held to does.
        of_labels = tuple(one for one in errors if not one.is_lint)
        of_guidelines = (*errors, *(by_name()[name] for name in sorted(_DEMANDED)))
        self._bounds = settings.generation
        self._answers = Inspection(gates, most=_FINDINGS_OF_A_RULE)
        validator = partial(Validator, worker, thresholds=settings.thresholds, most=_FINDINGS_OF_A_RULE)
        self._guidelines = validator(
            rules=(one for one in _united(selected, of_guidelines) if not one.code.startswith(_OF_LABELS)),
            severities=settings.severities | _as_errors(of_guidelines),
        )
        self._records = validator(
            rules=_united(selected, of_labels),
            severities=settings.severities | _as_errors(of_labels),
            abstractive=settings.abstractive,
        )

    def gated(self, output: StageOutput, material: Material) -> Gated:
        """Mend an answer and judge it.

        Args:
            output: the answer without what stands around it; any text is accepted.
            material: what it was made from.

        Raises:
            JailError: no jail can be started on this machine.
        """
        output = replace(output, longest=self._bounds.span_characters, deepest=self._bounds.depth + 1)
        checked = self._checked(output, material) if output.is_read else Checked(output.text)
        judged = replace(output, text=checked.value, faults=(*output.faults, *checked.faults))
        found = (*self._answers.judgement(judged).diagnostics, *checked.diagnostics)
        return Gated(
            value=checked.value,
            diagnostics=found,
            passed=not any(map(is_fault, found)),
            fixed=checked.fixed,
            is_final=checked.is_final,
        )

    def _checked(self, output: StageOutput, material: Material) -> Checked:
        match output.stage:
            case "summary" | "structure":
                return self._text(output)
            case "guideline":
                return self._guideline(output, material)
            case "instances":
                return self._instances(output, material)

    def _text(self, output: StageOutput) -> Checked:
        def made(before: _Answer, findings: Sequence[Diagnostic]) -> _Answer:
            return self._answer(replace(output, text=with_fixes(before.output.text, findings)))

        after, fixed = mend(
            self._answer(output),
            made,
            is_fixable=lambda one: one.fix is not None and one.fix.safe,
            is_better=lambda before, after, mended: are_gone(mended, before, after),
        )
        return Checked(after.output.text, fixed=_titles(fixed))

    def _answer(self, output: StageOutput) -> _Answer:
        return _Answer(output, self._answers.judgement(output))

    def _guideline(self, output: StageOutput, material: Material) -> Checked:
        """Check guidelines as those of a row without labels: no positional argument depends on an order then."""

        def changed(before: Validation, guidelines: str | None, _labels: str | None) -> Validation | None:
            return None if guidelines is None else self._guidelines.validate(_with(before, guidelines=guidelines))

        draft = self._guidelines.validate(Record(guidelines=output.text, labels="[]", document=material.document))
        draft, fixed = with_safe_fixes(draft, changed, _is_guideline_fix)
        words = "the guidelines declare no dataclass; write one for each kind of thing in the structure"
        is_bare = not draft.schema.entity_types and not any(map(is_fault, draft.diagnostics))
        faults = (Fault(rule="nothing-declared", message=words, part="output"),) if is_bare else ()
        return Checked(draft.record.guidelines, draft.diagnostics, _titles(fixed), faults)

    def _instances(self, output: StageOutput, material: Material) -> Checked:
        def changed(before: Validation, _guidelines: str | None, labels: str | None) -> Validation | None:
            return None if labels is None else self._records.validate(_with(before, labels=labels))

        record = Record(guidelines=material.guidelines or "", labels=output.text, document=material.document)
        draft, fixed = with_safe_fixes(self._records.validate(record), changed, _is_label_fix)
        titles = _titles(fixed)
        is_good = not any(map(is_fault, draft.diagnostics))
        if is_good:
            labels, is_repeating = _canonical(draft)
            if labels != draft.record.labels:
                draft = self._records.validate(_with(draft, labels=labels))
            titles += (_REPETITION,) if is_repeating else ()
        faults: tuple[Fault, ...] = ()
        # Instances that hold nothing say nothing; what a wrapper is told by is what stands in it.
        if is_good and not draft.groundings and not material.is_fixed:
            words = "nothing is annotated, but the guidelines were made from this document; annotate what it says"
            faults = (Fault(rule="nothing-annotated", message=words, part="output"),)
        # Of the guidelines only what keeps the record from being good is told again.
        told = tuple(one for one in draft.diagnostics if one.part != "guidelines" or is_fault(one))
        is_final = any(one.part == "guidelines" for one in told)
        return Checked(draft.record.labels, told, titles, faults, is_final)


def _canonical(draft: Validation) -> tuple[str, bool]:
    """Write labels as the dataset has them, and say whether an instance stood there twice.

    What is the same is written the same: attributes by keyword, each instance on a line of its own, without comments.
    """
    kept: dict[str, Value] = {}
    for one in draft.instances:
        kept.setdefault(canonical_text(one, draft.schema), by_keyword(one, draft.schema))
    return render_labels(kept.values()), len(kept) < len(draft.instances)


def _united(selected: Iterable[Rule], always: Iterable[Rule]) -> tuple[Rule, ...]:
    return row_rules({one.name: one for one in (*selected, *always)}.values())


def _as_errors(rules: Iterable[Rule]) -> dict[str, Severity]:
    return dict.fromkeys((one.name for one in rules), Severity.ERROR)


def _titles(fixed: Iterable[Diagnostic]) -> tuple[str, ...]:
    """Say what was mended, in words."""
    return tuple(f"{one.code} {one.fix.title}" for one in fixed if one.fix is not None)


def _with(draft: Validation, *, guidelines: str | None = None, labels: str | None = None) -> Record:
    changes = {"guidelines": guidelines, "labels": labels}
    return draft.record.model_copy(update={name: text for name, text in changes.items() if text is not None})


def _is_guideline_fix(found: Diagnostic) -> bool:
    return is_safe(found) and found.part == "guidelines"


def _is_label_fix(found: Diagnostic) -> bool:
    return is_safe(found) and found.part == "labels"
