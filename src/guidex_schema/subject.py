"""What a rule is shown: all that is known of one row, or of one file of guidelines."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, Self

from guidex_schema.abstractive import matches_any
from guidex_schema.accelerate.sound_labels import SoundLabels
from guidex_schema.binding import Binding, Site, bind, sites
from guidex_schema.canonical import canonical_text
from guidex_schema.conformance import Violation, attribute_violations
from guidex_schema.diagnostic import Fault, Part
from guidex_schema.execution import Execution
from guidex_schema.guideline import Guideline, parse_guideline
from guidex_schema.instance import Mention, Record, Value, signature
from guidex_schema.leaf import Leaf, filling_constants, leaves, literal
from guidex_schema.occurrence import nearest_places
from guidex_schema.place import NOWHERE, Place
from guidex_schema.portion import Portion, portions
from guidex_schema.suppression import Suppressions, suppressions
from guidex_schema.text import Span
from guidex_schema.thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from guidex_schema.grounding import GroundedDocument, Grounding, GroundingStatus, Passage

__all__ = ["GroundedValue", "Origin", "Subject"]

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
        return (fault for fault in self.found_in_reading if fault.rule == rule)

    @property
    def found_in_reading(self) -> tuple[Fault, ...]:
        """Give what reading, parsing and running have found."""
        executed = self.execution.faults if self.execution is not None else ()
        return (*self.faults, *self.guideline.faults, *executed)

    @property
    def sources(self) -> Mapping[Part, str]:
        """Give the texts that findings stand in; none of what could not be read."""
        if not self.is_read:
            return {}
        texts: dict[Part, str] = {"guidelines": self.record.guidelines, "labels": self.record.labels}
        return texts if self.record.document is None else {**texts, "document": self.record.document}

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
    def items(self) -> Mapping[int, Value]:
        """Give the readable top-level items of the labels by their number."""
        return self.execution.items if self.execution is not None else {}

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """Give the readable top-level items of the labels with their paths."""
        return tuple(Mention(path=f"result[{number}]", value=item) for number, item in self.items.items())

    @cached_property
    def sound(self) -> SoundLabels | None:
        """Tell of labels in which nothing is wrong what is asked of nearly all; None of others."""
        if self.execution is None or self.guideline.unreadable or self.guideline.keyworded:
            return None
        return self.execution.sound

    @cached_property
    def canonical_texts(self) -> Mapping[int, str]:
        """Give the readable top-level items as what is the same is written alike, by their number."""
        if self.sound is not None:
            return dict(enumerate(self.sound.canonical_texts))
        schema = self.guideline.schema
        bindings = {id(site.instance): binding for site, binding in self.bindings}
        return {number: canonical_text(item, schema, bindings) for number, item in self.items.items()}

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Give every instance of the labels, outer before inner."""
        return sites(((("result", number), item) for number, item in self.items.items()), self.guideline.schema)

    @cached_property
    def used(self) -> frozenset[str]:
        """Give the names of all classes that the labels have an instance of, declared or not."""
        if self.sound is not None:
            return self.sound.used
        return frozenset([site.instance.class_name for site in self.sites])

    @cached_property
    def bindings(self) -> tuple[tuple[Site, Binding], ...]:
        """Give the instances whose entity type is known and was read completely, with their bindings."""
        read = {name for name in self.used if self._is_read(name)}
        return tuple(
            [
                (site, bind(site.instance, site.entity_type, site.trail))
                for site in self.sites
                if site.entity_type is not None and site.entity_type.name in read
            ]
        )

    @cached_property
    def broken_bindings(self) -> tuple[tuple[Site, Binding], ...]:
        """Give those of the bindings that no constructor would make."""
        if self.sound is not None:
            return ()
        return tuple([one for one in self.bindings if not one[1].is_whole])

    @cached_property
    def violations(self) -> tuple[Violation, ...]:
        """Give every value that does not fit the attribute it fills."""
        if self.sound is not None:
            return ()
        schema = self.guideline.schema
        return tuple(
            [
                violation
                for _, binding in self.bindings
                for parameter, value in binding.filled
                if value.kind not in parameter.kinds and not parameter.fits(value, schema)
                for violation in attribute_violations(binding.of(parameter, value), schema)
            ]
        )

    def _is_read(self, name: str) -> bool:
        unread = self.guideline.unreadable | self.guideline.keyworded
        return not unread or unread.isdisjoint(self.guideline.schema.lineage(name))

    @cached_property
    def _leaves(self) -> tuple[Leaf, ...]:
        """Give every leaf value of the labels in source order; nothing without a document."""
        return leaves(self.mentions, self.guideline.schema) if self._document is not None else ()

    @cached_property
    def checked(self) -> tuple[Leaf, ...]:
        """Give the values that have to stand in the document, in source order; nothing without one."""
        is_read = cache(self._is_read)
        return tuple(
            [
                leaf
                for leaf in self._leaves
                if leaf.slot.parameter is not None and not leaf.is_named and is_read(leaf.slot.entity_type)
            ]
        )

    @cached_property
    def checked_texts(self) -> Collection[str]:
        """Give what stands in the document where they do: strings, and the digits of numbers; each once."""
        if self._document is None:
            return ()
        if self.sound is not None:
            return self.sound.texts
        constants = filling_constants((binding for _, binding in self.bindings), self.guideline.schema)
        return dict.fromkeys([text for text in map(literal, constants) if text is not None])

    @cached_property
    def inexact(self) -> tuple[Leaf, ...]:
        """Give those that do not stand in the document in their own characters, in source order.

        Of nearly all values this is all that anybody asks, and the first place answers it.
        """
        document = self._document
        lacking = document.lacking(self.checked_texts) if document is not None else ()
        return tuple([leaf for leaf in self.checked if literal(leaf.value) in lacking]) if lacking else ()

    def status(self, leaf: Leaf) -> "GroundingStatus":
        """Say whether the document has a leaf value, and how."""
        return "not-applicable" if leaf.is_named else self._grounding(leaf.value).status

    def is_abstractive(self, leaf: Leaf) -> bool:
        """Say whether the settings let a leaf value not stand in the document, since its attribute describes."""
        if not self.abstractive or leaf.attribute is None:
            return False
        return self._is_abstractive(leaf.entity_type, leaf.attribute)

    @cached_property
    def _is_abstractive(self) -> Callable[[str, str], bool]:
        return cache(partial(matches_any, self.abstractive, self.guideline.schema))

    @cached_property
    def grounded(self) -> tuple[GroundedValue, ...]:
        """Give every leaf value of the labels in source order with its grounding; nothing without a document."""
        return self._grounded(self._leaves)

    @cached_property
    def grounded_about_inexact(self) -> tuple[GroundedValue, ...]:
        """Give those of the top-level items that hold a value of ``inexact``, wherever else that stands."""
        wanted = {literal(leaf.value) for leaf in self.inexact}
        items = {leaf.holders[0] for leaf in self._leaves if literal(leaf.value) in wanted}
        return self._grounded([leaf for leaf in self._leaves if leaf.holders[0] in items])

    def _grounded(self, found: Sequence[Leaf]) -> tuple[GroundedValue, ...]:
        """Ground all leaf values of some top-level items: which place is meant depends on no other item."""
        plain = [_not_applicable() if leaf.is_named else self._grounding(leaf.value) for leaf in found]
        places = nearest_places([(leaf.holders, one.spans) for leaf, one in zip(found, plain, strict=True)])
        checked = set(map(id, self.checked))
        return tuple(
            GroundedValue(
                leaf.mention,
                leaf.entity_type,
                leaf.attribute,
                _with_place(grounding, place),
                is_checked=id(leaf) in checked,
                is_abstractive=self.is_abstractive(leaf),
            )
            for leaf, grounding, place in zip(found, plain, places, strict=True)
        )

    def nearest(self, value: Value) -> "Passage | None":
        """Give the passage of the document that comes nearest to an absent value, or None."""
        if self._document is None:
            return None
        key = signature(value)
        if key not in self._nearest:
            self._nearest[key] = self._document.nearest(value)
        return self._nearest[key]

    def is_exact(self, text: str) -> bool:
        """Say whether the document has a string in the same characters, at the borders of tokens."""
        return self._document is not None and self._document.has(text)

    @cached_property
    def document_key(self) -> str:
        """Give a digest that documents share which are the same after normalising, as values are; "" without one."""
        document = (self.record.document or "").strip()
        if self._document is None or not document:
            return ""
        # Of signs alone nothing may be left.
        return sha256((self._document.normalised or document).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def document_bytes(self) -> bytes:
        """Give the document as UTF-8, halves of pairs as they are; b"" without one."""
        return b"" if self._document is None else self._document.written

    @cached_property
    def document_portions(self) -> tuple[Portion, Portion]:
        """Give the document in two portions, of which the first is the longer; both empty without one."""
        return portions(self.document_bytes)

    @cached_property
    def document_words(self) -> list[bytes]:
        """Give the runs of ASCII letters and digits in the document, in lower case; [] without one."""
        first, later = self.document_portions
        return first.words + later.words

    @cached_property
    def _document(self) -> "GroundedDocument | None":
        if self.record.document is None:
            return None
        # Loaded where a document is searched: guideline files are linted without.
        from guidex_schema.grounding.recent import recent_document

        return recent_document(self.record.document)

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
