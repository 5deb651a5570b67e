"""Rules: one file each, with its code, its reasons and the examples that prove it."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import NamedTuple

from guidex_schema.diagnostic import Diagnostic, Fault, Fix, Part, RecordReference, Severity, visible
from guidex_schema.error import RuleError
from guidex_schema.guideline import Guideline
from guidex_schema.place import Place
from guidex_schema.stage_output import StageName, StageOutput
from guidex_schema.subject import Origin, Subject
from guidex_schema.text import Document
from guidex_schema.worker import Trouble

__all__ = [
    "Compare",
    "Conclusion",
    "Example",
    "Fault",
    "Findings",
    "Place",
    "Reported",
    "Rule",
    "Severity",
    "Sketch",
    "Subject",
    "Survey",
    "by_name",
    "discover",
]

_PACKAGES = ("guidex_schema.checks", "guidex_schema.lints", "guidex_schema.gates")
_FUNCTIONS = ("lint", "check", "watch", "survey", "review", "gate")
_ACROSS = ("watch", "survey")
_BESIDE = ("sketch", "meeting")
_LISTED = f"{', '.join(_FUNCTIONS[:-1])} or {_FUNCTIONS[-1]}"
_CODE = re.compile(r"GX\d{3}")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

GUIDELINES = '''from dataclasses import dataclass
from typing import List, Optional

@dataclass
class Person:
    """A person named in the text."""
    mention: str  # the name exactly as it is written
    role: Optional[str] = None  # what the person does
    children: Optional[List["Person"]] = None  # their children
'''


@dataclass(frozen=True)
class Example:
    """Show a rule one record, and what it must find there.

    Attributes:
        guidelines: the record's guidelines; three attributes of a ``Person`` unless others are given.
        labels: the record's labels.
        document: the record's document, if it has one.
        file: the bytes of a whole JSONL file in place of one record, for rules about rows and datasets.
        output: the answer of a model in place of a record, for rules about answers.
        stage: the stage that gave it.
        is_cut: it ended because it had no more tokens.
        told: what a run says of it, for rules about what only a run can know.
        trouble: what the jail answers in place of running the labels, for rules about the jail.
        abstractive: the settings' patterns of attributes whose values need not stand in the document.
        breaks: the rule ``undefined-class`` breaks on this row, for the rule about broken ones.
        origin: where the guidelines come from; a file has no labels.
        beside: names of rules that are applied, too, for rules about what others find.
        at: the source text of the place that the finding names; None where it names none.
        part: the part that ``at`` stands in.
        path: the path of the finding, where it has one.
        fixed: the part after the finding's fix, where it has one.
        safe: that fix is safe.
        title: what that fix does.
        message: what the finding says; "" where the words are those of a parser.
    """

    guidelines: str = GUIDELINES
    labels: str = "[]"
    document: str | None = None
    file: bytes | None = None
    output: str | None = None
    stage: StageName = "structure"
    is_cut: bool = False
    told: str = ""
    trouble: Trouble | None = None
    abstractive: tuple[str, ...] = ()
    breaks: bool = False
    origin: Origin = "row"
    beside: tuple[str, ...] = ()
    at: str | None = None
    part: Part = "labels"
    path: str | None = None
    fixed: str | None = None
    safe: bool = False
    title: str = ""
    message: str = ""


@dataclass(frozen=True)
class Findings:
    """What the other rules found in one row or file.

    Attributes:
        found: rules and what they found, before anything is suppressed.
        applied: the codes of the rules that were applied.
    """

    found: tuple[tuple["Rule", Fault], ...]
    applied: frozenset[str]


class Conclusion(NamedTuple):
    """What is found in a dataset as a whole, and the row that shows it best."""

    place: Place
    fault: Fault


# What a rule across rows keeps of one of them: digests and short texts, made where the row is read and compared
# elsewhere, maybe in another process.
Sketch = tuple[str, ...]
Compare = Callable[[Sketch, Place], Iterable[Fault]]


class Survey(NamedTuple):
    """Two functions: one is shown the sketches of a dataset in order, one says at its end what it found."""

    see: Callable[[Sketch, Place], object]
    conclude: Callable[[], Iterable[Conclusion]]


Lint = Callable[[Guideline], Iterable[Fault]]
Check = Callable[[Subject], Iterable[Fault]]
Sketching = Callable[[Subject], Sketch | None]
# What rows share that a rule across rows compares: with one where it is another it has nothing to do.
Meeting = Callable[[Sketch, Place], str]
Watch = Callable[[], Compare]
Review = Callable[[Subject, Findings], Iterable[Fault]]
Gate = Callable[[StageOutput], Iterable[Fault]]


@dataclass(frozen=True)
class Reported:
    """A check that gives what reading, parsing and running a row have found for a rule: most rows, nothing at all.

    Attributes:
        rule: the name of the rule.
    """

    rule: str

    def __call__(self, subject: Subject) -> Iterator[Fault]:
        """Give what was found for the rule."""
        return subject.reported(self.rule)


@dataclass(frozen=True)
class Rule:
    """One rule, as its file states it. It has one of six functions, which differ in what they are shown.

    Attributes:
        explanation: the file's docstring: what, why, source.
        by_default: applied where guidelines of that origin are read, unless settings say otherwise.
        is_suppressible: a comment in a guideline file can suppress what it finds.
        lint: gives what it finds in guidelines, whatever the labels are.
        check: gives what it finds in one row.
        watch: for rules that compare rows: gives a function that is shown the sketches of a dataset one after another,
            and where each row stands. What it finds stands on the later row.
        survey: for rules about a dataset as a whole, whose findings come behind its last row.
        sketch: beside either of these: gives what the rule has to know of a row; None where that is nothing.
        meeting: beside these: gives what rows share that have to do with each other, so that they can be compared apart
            from all others. A row has the same for all rules with ``watch`` that make a sketch of it. A survey is asked
            about each text of a sketch by itself, of which it concludes in the order of what they share.
        review: gives what is wrong with what other rules found.
        gate: gives what it finds in the answer of a stage of generation; rows of datasets are not shown to it.
    """

    code: str
    name: str
    severity: Severity
    explanation: str
    valid: tuple[Example, ...]
    invalid: tuple[Example, ...]
    by_default: tuple[Origin, ...] = ("row", "file")
    is_suppressible: bool = False
    lint: Lint | None = None
    check: Check | None = None
    watch: Watch | None = None
    survey: Callable[[], Survey] | None = None
    sketch: Sketching | None = None
    meeting: Meeting | None = None
    review: Review | None = None
    gate: Gate | None = None

    @property
    def is_lint(self) -> bool:
        """Say whether the rule is about guidelines."""
        return self.code.startswith("GX1")

    @property
    def is_across(self) -> bool:
        """Say whether the rule compares the rows of a dataset."""
        return self.sketch is not None

    @property
    def has_fix(self) -> bool:
        """Say whether the rule can mend what it finds; derived from its examples."""
        return any(example.fixed is not None for example in self.invalid)

    def diagnostic(
        self,
        fault: Fault,
        *,
        document: Document | None,
        record: RecordReference | None,
        severity: Severity,
        file: str | None = None,
    ) -> Diagnostic:
        """Turn a finding into a diagnostic.

        Args:
            fault: what was found.
            document: the part it was found in, to tell lines and columns.
            record: the row it was found in.
            severity: the severity that the settings give the rule.
            file: the file it was found in.
        """
        located = fault.span is not None and document is not None
        return Diagnostic(
            code=self.code,
            name=self.name,
            severity=severity,
            message=visible(fault.message),
            file=file,
            record=record,
            path=fault.path,
            part=fault.part,
            location=document.location(fault.span) if located and document and fault.span else None,
            span=fault.span if located else None,
            fix=_with_line_ends(fault.fix, document),
            key=fault.key,
        )


def _with_line_ends(fix: Fix | None, document: Document | None) -> Fix | None:
    """Write a fix with the line ends that the text has."""
    if fix is None or document is None or document.line_end_style == "\n":
        return fix
    edits = tuple(
        edit.model_copy(update={"replacement": edit.replacement.replace("\n", document.line_end_style)})
        for edit in fix.edits
    )
    return fix.model_copy(update={"edits": edits})


@cache
def discover() -> tuple[Rule, ...]:
    """Give all rules by ascending code.

    Raises:
        RuleError: a rule file does not import, is incomplete, or repeats a code or name.
    """
    rules = sorted((_rule(module) for package in _PACKAGES for module in _modules(package)), key=lambda one: one.code)
    for kind in ("code", "name"):
        seen: set[str] = set()
        for rule in rules:
            value = getattr(rule, kind)
            if value in seen:
                raise RuleError(f"two rules have the {kind} {value}; a {kind} is never used twice")
            seen.add(value)
    return tuple(rules)


def default_rules(origin: Origin) -> tuple[Rule, ...]:
    """Give the rules that are applied to guidelines of an origin unless settings say otherwise."""
    return tuple(rule for rule in discover() if origin in rule.by_default)


@cache
def by_name() -> dict[str, Rule]:
    """Give all rules by their name."""
    return {rule.name: rule for rule in discover()}


def _modules(package: str) -> Iterator[ModuleType]:
    parent = importlib.import_module(package)
    for found in pkgutil.iter_modules(parent.__path__):
        try:
            yield importlib.import_module(f"{package}.{found.name}")
        except Exception as error:
            raise RuleError(f"the rule file {found.name}.py of {package} does not import: {error}") from error


def _rule(module: ModuleType) -> Rule:
    """Read a rule off its module; what is missing is named."""
    needed = ("__doc__", "CODE", "NAME", "SEVERITY", "VALID", "INVALID")
    missing = [name for name in needed if not getattr(module, name, None)]
    if missing:
        raise RuleError(f"the rule file {module.__name__} lacks {', '.join(missing)}")
    functions = {name: getattr(module, name, None) for name in _FUNCTIONS}
    if len([one for one in functions.values() if one is not None]) != 1:
        raise RuleError(f"the rule file {module.__name__} needs one function: {_LISTED}")
    beside = {name: getattr(module, name, None) for name in _BESIDE}
    is_across = any(functions[name] is not None for name in _ACROSS)
    if any((one is not None) != is_across for one in beside.values()):
        listed = " and ".join(_BESIDE), " or ".join(_ACROSS)
        raise RuleError(f"the rule file {module.__name__} needs {listed[0]} with {listed[1]}, and with nothing else")
    rule = Rule(
        code=module.CODE,
        name=module.NAME,
        severity=module.SEVERITY,
        explanation=(module.__doc__ or "").strip(),
        valid=tuple(module.VALID),
        invalid=tuple(module.INVALID),
        by_default=tuple(getattr(module, "BY_DEFAULT", Rule.by_default)),
        is_suppressible=module.CODE.startswith("GX1") and getattr(module, "IS_SUPPRESSIBLE", True),
        **beside,
        **functions,
    )
    if not _CODE.fullmatch(rule.code) or not _NAME.fullmatch(rule.name):
        raise RuleError(f"{module.__name__}: {rule.code} {rule.name} is no code and kebab-case name")
    return rule
