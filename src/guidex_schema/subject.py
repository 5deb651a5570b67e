"""What a rule is shown: all that is known of one row, or of one file of guidelines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from guidex_schema.abstractive import matches_any
from guidex_schema.conformance import (
    Binding,
    Site,
    Violation,
    attribute_violations,
    bind,
    sites,
)
from guidex_schema.diagnostic import Fault, RecordReference
from guidex_schema.execution import Execution
from guidex_schema.guideline import Guideline, parse_guideline
from guidex_schema.instance import Mention, Record, TextValue, Value, signature
from guidex_schema.leaf import leaves
from guidex_schema.occurrence import nearest_places
from guidex_schema.suppression import Suppressions, suppressions
from guidex_schema.text import Span
from guidex_schema.thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from guidex_schema.grounding import GroundedDocument, Grounding, Passage

__all__ = ["NOWHERE", "GroundedValue", "Origin", "Place", "Subject"]

# Where guidelines come from: a row of a dataset, as models write them, or a file that somebody keeps.
Origin = Literal["row", "file"]


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
    grounding: "Grounding"
    is_checked: bool
    is_abstractive: bool


class Place(NamedTuple):
    """Where a row of a dataset stands.

    Attributes:
        split: the part of the dataset that it belongs to, such as ``train``.
        record: the row; None outside of any.
    """

    file: str = ""
    split: str = ""
    record: RecordReference | None = None

    @classmethod
    def loaded(cls, dumped: str) -> "Place":
        """Give the place that was dumped."""
        file, split, record = json.loads(dumped)
        return cls(file, split, None if record is None else RecordReference.model_validate(record))

    def dumped(self) -> str:
        """Give the place as a string of ASCII: names of files and rows may be no Unicode."""
        record = None if self.record is None else self.record.model_dump()
        return json.dumps((self.file, self.split, record))

    def seen_from(self, other: "Place") -> str:
        """Give the words for this place in a message about another: ``row 3 (a)``, ``row 3 of train.jsonl``."""
        if self.record is None:
            return self.file
        words = f"row {self.record.index}"
        if self.record.id is not None:
            words += f" ({self.record.id})"
        return words if self.file == other.file else f"{words} of {self.file}"


NOWHERE = Place()


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
        thresholds: the numbers that the settings give to rules which need one.
        origin: where the guidelines come from; suppressions hold in files only, where a person has written them.
        place: where the row stands, for rules that compare rows.
    """

    record: Record
    guideline: Guideline
    execution: Execution | None
    faults: tuple[Fault, ...] = ()
    is_read: bool = True
    abstractive: tuple[str, ...] = ()
    thresholds: Thresholds = THRESHOLDS
    origin: Origin = "row"
    place: Place = NOWHERE

    @classmethod
    def unread(cls, faults: tuple[Fault, ...], origin: Origin = "row") -> Self:
        """Give what is known of a row or file that could not be read: why."""
        return cls(Record(guidelines="", labels=""), _no_guideline(), None, faults, is_read=False, origin=origin)

    def reported(self, rule: str) -> Iterator[Fault]:
        """Give what reading, parsing and running have found for a rule."""
        executed = self.execution.faults if self.execution is not None else ()
        return (fault for fault in (*self.faults, *self.guideline.faults, *executed) if fault.rule == rule)

    @cached_property
    def suppressions(self) -> Suppressions:
        """Give what the author of a guideline file suppresses; what a model writes in a row suppresses nothing."""
        return Suppressions(suppressions(self.guideline) if self.origin == "file" else ())

    def is_suppressed(self, code: str, name: str, fault: Fault) -> bool:
        """Say whether the author suppresses what a rule found; of the rules that can be suppressed it is asked."""
        if fault.part != "guidelines" or not self.suppressions.found:
            return False
        line = None if fault.span is None else self.guideline.document.position(fault.span.start).line
        return self.suppressions.hold(code, name, line)

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
        unread = self.guideline.unreadable | self.guideline.keyworded
        return not any(self.guideline.schema.descends(name, one) for one in unread)

    @cached_property
    def grounded(self) -> tuple[GroundedValue, ...]:
        """Give every leaf value of the labels in source order with its grounding; nothing without a document."""
        if self._document is None:
            return ()
        found = tuple(leaves(self.mentions, self.guideline.schema))
        plain = [_not_applicable() if leaf.is_named else self._grounding(leaf.mention.value) for leaf in found]
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

    def nearest(self, value: GroundedValue) -> "Passage | None":
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
    def document_key(self) -> str:
        """Give a digest that documents share which are the same after normalising, as values are; "" without one."""
        document = (self.record.document or "").strip()
        if self._document is None or not document:
            return ""
        # Of signs alone nothing may be left.
        return sha256((self._document.normalised or document).encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def _document(self) -> "GroundedDocument | None":
        if self.record.document is None:
            return None
        # Loaded where a document is searched: guideline files are linted without.
        from guidex_schema.grounding import GroundedDocument

        return GroundedDocument(self.record.document)

    # Labels repeat values, and a document of any size is searched for each: once is enough.

    @cached_property
    def _groundings(self) -> "dict[tuple[object, ...], Grounding]":
        return {}

    @cached_property
    def _nearest(self) -> "dict[tuple[object, ...], Passage | None]":
        return {}

    def _grounding(self, value: Value) -> "Grounding":
        if self._document is None:
            return _not_applicable()
        key = signature(value)
        if key not in self._groundings:
            self._groundings[key] = self._document.ground(value)
        return self._groundings[key]


@cache
def _no_guideline() -> Guideline:
    return parse_guideline("")


def _with_place(grounding: "Grounding", place: Span | None) -> "Grounding":
    """Put the place to show into a grounding."""
    return grounding if place == grounding.best else grounding.model_copy(update={"best": place})


def _not_applicable() -> "Grounding":
    from guidex_schema.grounding import Grounding

    return Grounding(status="not-applicable")
