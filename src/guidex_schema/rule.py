"""Rules: one file each, with its code, its reasons and the examples that prove it; and what a rule is shown."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial
from types import ModuleType

from guidex_schema.abstractive import matches_any
from guidex_schema.conformance import (
    Binding,
    Site,
    Violation,
    attribute_violations,
    bind,
    sites,
)
from guidex_schema.diagnostic import Diagnostic, Fault, Part, RecordReference, Severity, visible
from guidex_schema.error import RuleError
from guidex_schema.execution import Execution
from guidex_schema.grounding import GroundedDocument, Grounding, Passage
from guidex_schema.guideline import Guideline
from guidex_schema.instance import Mention, Record, TextValue, Value, signature
from guidex_schema.leaf import leaves
from guidex_schema.occurrence import nearest_places
from guidex_schema.text import Document, Span
from guidex_schema.worker import Trouble

__all__ = ["Example", "Fault", "Rule", "Severity", "Subject", "by_name", "discover"]

_PACKAGES = ("guidex_schema.checks", "guidex_schema.lints")
_CODE = re.compile(r"GX\d{3}")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NOT_APPLICABLE = Grounding(status="not-applicable")

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
        trouble: what the jail answers in place of running the labels, for rules about the jail.
        abstractive: the settings' patterns of attributes whose values need not stand in the document.
        breaks: the rule ``undefined-class`` breaks on this row, for the rule about broken ones.
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
    trouble: Trouble | None = None
    abstractive: tuple[str, ...] = ()
    breaks: bool = False
    at: str | None = None
    part: Part = "labels"
    path: str | None = None
    fixed: str | None = None
    safe: bool = False
    title: str = ""
    message: str = ""


@dataclass(frozen=True)
class GroundedValue:
    """A leaf value of the labels, and where the document has it.

    Attributes:
        mention: the value; of a call such as ``Name("x")`` what stands in its brackets.
        entity_type: the class of the instance that holds it, as it is written, declared or not.
        attribute: the attribute that it stands for, declared or not; None for a positional argument without one.
        grounding: every place of the value; ``best`` is the one nearest to the other mentions of its instance.
        is_checked: it fills an attribute of an entity type that was read completely, and the attribute's type
            does not name it itself as a ``Literal`` does: it has to stand in the document.
        is_abstractive: the settings say that its attribute describes and need not stand in the document.
    """

    mention: Mention
    entity_type: str
    attribute: str | None
    grounding: Grounding
    is_checked: bool
    is_abstractive: bool


@dataclass(frozen=True)
class Subject:
    """All that is known of one row; a rule reads it and changes nothing.

    A row that could not be read has an empty record and says why in ``faults``.

    Attributes:
        record: the row.
        guideline: its guidelines as they were read.
        execution: what its labels hold; None where there are only guidelines (a guideline file).
        faults: what reading the row itself found.
        is_read: there is a record at all.
        abstractive: patterns of the attributes whose values need not stand in the document.
    """

    record: Record
    guideline: Guideline
    execution: Execution | None
    faults: tuple[Fault, ...] = ()
    is_read: bool = True
    abstractive: tuple[str, ...] = ()

    def reported(self, rule: str) -> Iterator[Fault]:
        """Give what reading, parsing and running have found for a rule."""
        executed = self.execution.faults if self.execution is not None else ()
        return (fault for fault in (*self.faults, *self.guideline.faults, *executed) if fault.rule == rule)

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """Give the readable top-level items of the labels with their paths."""
        items = self.execution.items if self.execution is not None else {}
        return tuple(Mention(path=f"result[{number}]", value=item) for number, item in items.items())

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Give every instance of the labels, outer before inner."""
        schema = self.guideline.schema
        return tuple(site for mention in self.mentions for site in sites(mention, schema))

    @cached_property
    def bindings(self) -> tuple[tuple[Site, Binding], ...]:
        """Give the instances whose entity type is known and was read completely, with their bindings."""
        return tuple(
            (site, bind(site, site.entity_type))
            for site in self.sites
            if site.entity_type is not None and self._is_read(site.entity_type.name)
        )

    @cached_property
    def violations(self) -> tuple[Violation, ...]:
        """Give every value that does not fit the attribute it fills."""
        schema = self.guideline.schema
        return tuple(
            violation
            for _, binding in self.bindings
            for bound in binding.bound
            for violation in attribute_violations(bound, schema)
        )

    def _is_read(self, name: str) -> bool:
        return not any(self.guideline.schema.descends(name, unread) for unread in self.guideline.unreadable)

    @cached_property
    def grounded(self) -> tuple[GroundedValue, ...]:
        """Give every leaf value of the labels in source order with its grounding; nothing without a document."""
        if self._document is None:
            return ()
        found = tuple(leaves(self.mentions, self.guideline.schema))
        plain = [_NOT_APPLICABLE if leaf.is_named else self._grounding(leaf.mention.value) for leaf in found]
        places = nearest_places([(leaf.holders, one.spans) for leaf, one in zip(found, plain, strict=True)])
        checked = {site.instance.class_name for site, _ in self.bindings}
        is_abstractive = cache(partial(matches_any, self.abstractive, self.guideline.schema))
        return tuple(
            GroundedValue(
                leaf.mention,
                leaf.entity_type,
                leaf.attribute,
                _with_place(grounding, place),
                is_checked=leaf.declared is not None and not leaf.is_named and leaf.entity_type in checked,
                is_abstractive=leaf.attribute is not None and is_abstractive(leaf.entity_type, leaf.attribute),
            )
            for leaf, grounding, place in zip(found, plain, places, strict=True)
        )

    def nearest(self, value: GroundedValue) -> Passage | None:
        """Give the passage of the document that comes nearest to an absent value, or None."""
        if self._document is None:
            return None
        key = signature(value.mention.value)
        if key not in self._nearest:
            self._nearest[key] = self._document.nearest(value.mention.value)
        return self._nearest[key]

    def is_exact(self, text: str) -> bool:
        """Say whether the document has a string in the same characters, at the borders of tokens."""
        value = TextValue(value=text, span=Span(start=0, end=0))
        return self._grounding(value).status == "exact"

    @cached_property
    def _document(self) -> GroundedDocument | None:
        return GroundedDocument(self.record.document) if self.record.document is not None else None

    # Labels repeat values, and a document of any size is searched for each: once is enough.

    @cached_property
    def _groundings(self) -> dict[tuple[object, ...], Grounding]:
        return {}

    @cached_property
    def _nearest(self) -> dict[tuple[object, ...], Passage | None]:
        return {}

    def _grounding(self, value: Value) -> Grounding:
        if self._document is None:
            return _NOT_APPLICABLE
        key = signature(value)
        if key not in self._groundings:
            self._groundings[key] = self._document.ground(value)
        return self._groundings[key]


def _with_place(grounding: Grounding, place: Span | None) -> Grounding:
    """Put the place to show into a grounding."""
    return grounding if place == grounding.best else grounding.model_copy(update={"best": place})


@dataclass(frozen=True)
class Rule:
    """One rule, as its file states it.

    Attributes:
        explanation: the file's docstring: what, why, source.
        check: gives what it finds in one row.
        watch: for rules about a whole dataset: gives a function that is shown its rows one after another.
    """

    code: str
    name: str
    severity: Severity
    explanation: str
    valid: tuple[Example, ...]
    invalid: tuple[Example, ...]
    check: Callable[[Subject], Iterable[Fault]] | None
    watch: Callable[[], Callable[[Subject], Iterable[Fault]]] | None

    @property
    def has_fix(self) -> bool:
        """Say whether the rule can mend what it finds; derived from its examples."""
        return any(example.fixed is not None for example in self.invalid)

    def diagnostic(
        self, fault: Fault, *, document: Document | None, record: RecordReference | None, severity: Severity
    ) -> Diagnostic:
        """Turn a finding into a diagnostic.

        Args:
            fault: what was found.
            document: the part it was found in, to tell lines and columns.
            record: the row it was found in.
            severity: the severity that the settings give the rule.
        """
        located = fault.span is not None and document is not None
        return Diagnostic(
            code=self.code,
            name=self.name,
            severity=severity,
            message=visible(fault.message),
            record=record,
            path=fault.path,
            part=fault.part,
            location=document.location(fault.span) if located and document and fault.span else None,
            span=fault.span if located else None,
            fix=fault.fix,
        )


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
    check = getattr(module, "check", None)
    watch = getattr(module, "watch", None)
    if (check is None) == (watch is None):
        raise RuleError(f"the rule file {module.__name__} needs one function: check or watch")
    rule = Rule(
        code=module.CODE,
        name=module.NAME,
        severity=module.SEVERITY,
        explanation=(module.__doc__ or "").strip(),
        valid=tuple(module.VALID),
        invalid=tuple(module.INVALID),
        check=check,
        watch=watch,
    )
    if not _CODE.fullmatch(rule.code) or not _NAME.fullmatch(rule.name):
        raise RuleError(f"{module.__name__}: {rule.code} {rule.name} is no code and kebab-case name")
    return rule
