"""What rows hold, counted: plain numbers that can be sent anywhere, and put to those of other rows in any order."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Literal

from guidex_schema.binding import Site
from guidex_schema.conformance import is_text_call
from guidex_schema.grounding import GroundingStatus
from guidex_schema.instance import (
    Instance,
    ListValue,
    MappingValue,
    Mention,
    NoneValue,
    SetValue,
    TextValue,
    TupleValue,
    Value,
    children,
)
from guidex_schema.schema import Schema
from guidex_schema.statistics.attributes import AttributeStatistics
from guidex_schema.subject import Subject
from guidex_schema.vocabulary import words

Measure = Literal["words", "types_declared", "types_used", "annotations", "top_level"]

MEASURES: tuple[Measure, ...] = ("words", "types_declared", "types_used", "annotations", "top_level")


class RowCounts:
    """Count what rows hold.

    Attributes:
        documents: digests of their documents, in their order; white space at the ends is no difference.
        attributes: how often the values of each attribute stand in the text.
        histograms: rows by how much of each measure they have.
        declared: rows by the names of the entity types that they declare.
        used_in: rows by the names of the entity types that they use.
        annotations: instances by their entity type.
        undeclared: those of them whose entity type is not declared.
        instances: instances by entity type and each attribute that they could fill.
        filled: those of them that fill it.
        statuses: leaf values by entity type, attribute and what the document says of them.
        value_types: values by their kind.
    """

    def __init__(self) -> None:
        self.documents: list[str] = []
        self.attributes = AttributeStatistics()
        self.histograms: dict[Measure, Counter[int]] = {measure: Counter() for measure in MEASURES}
        self.declared: Counter[str] = Counter()
        self.used_in: Counter[str] = Counter()
        self.annotations: Counter[str] = Counter()
        self.undeclared: Counter[str] = Counter()
        self.instances: Counter[tuple[str, str]] = Counter()
        self.filled: Counter[tuple[str, str]] = Counter()
        self.statuses: Counter[tuple[str, str | None, GroundingStatus]] = Counter()
        self.value_types: Counter[str] = Counter()

    def add(self, subject: Subject) -> None:
        """Count what a row holds; nothing of one that could not be read."""
        if not subject.is_read:
            return
        # What may break comes first: a row is counted as a whole or not at all.
        grounded, annotations, schema = subject.grounded, tuple(_annotations(subject)), subject.guideline.schema
        filled = [
            (site, {parameter.name for parameter, value in binding.filled if _holds(value, schema)})
            for site, binding in subject.bindings
        ]
        kinds = Counter(kind for site in annotations for kind in _kinds(Mention(path="", value=site.instance), schema))
        self._add_document(subject.record.document)
        self._add_types(schema)
        if subject.execution is not None and isinstance(subject.execution.value, ListValue):
            self._add_annotations(annotations, len(subject.mentions))
        for site, attributes in filled:
            name = site.instance.class_name
            declared = site.entity_type.attributes if site.entity_type is not None else ()
            self.instances.update((name, one.name) for one in declared if one.init)
            self.filled.update((name, attribute) for attribute in attributes)
        self.value_types.update(kinds)
        self.statuses.update((one.entity_type, one.attribute, one.grounding.status) for one in grounded)
        self.attributes.add(grounded)

    def merge(self, others: "RowCounts") -> None:
        """Put the counts of other rows to these; the documents are theirs to remember."""
        self.attributes.merge(others.attributes)
        for measure, histogram in others.histograms.items():
            self.histograms[measure].update(histogram)
        self.declared.update(others.declared)
        self.used_in.update(others.used_in)
        self.annotations.update(others.annotations)
        self.undeclared.update(others.undeclared)
        self.instances.update(others.instances)
        self.filled.update(others.filled)
        self.statuses.update(others.statuses)
        self.value_types.update(others.value_types)

    def _add_document(self, document: str | None) -> None:
        if document is None:
            return
        self.documents.append(sha256(document.strip().encode("utf-8", "surrogatepass")).hexdigest())
        # Emoji stand between words without being any.
        found = [1 for word in words(document) if word.isalnum() or any(map(str.isalnum, word))]
        self.histograms["words"][len(found)] += 1

    def _add_types(self, schema: Schema) -> None:
        names = {one.name for one in schema.entity_types}
        self.declared.update(names)
        self.histograms["types_declared"][len(names)] += 1

    def _add_annotations(self, annotations: tuple[Site, ...], top_level: int) -> None:
        names = [site.instance.class_name for site in annotations]
        self.annotations.update(names)
        self.used_in.update(set(names))
        self.undeclared.update(site.instance.class_name for site in annotations if site.entity_type is None)
        self.histograms["types_used"][len(set(names))] += 1
        self.histograms["annotations"][len(names)] += 1
        self.histograms["top_level"][top_level] += 1


def _annotations(subject: Subject) -> Iterator[Site]:
    """Give every instance of the labels but calls of enums and str subclasses, which are values."""
    schema = subject.guideline.schema
    return (site for site in subject.sites if not _is_value(site.instance, schema))


def _is_value(instance: Instance, schema: Schema) -> bool:
    name = instance.class_name
    return schema.entity_type(name) is None and (
        schema.enumeration(name) is not None or schema.text_subclass(name) is not None
    )


def _holds(value: Value, schema: Schema) -> bool:
    """Say whether a value holds something: not None, blank text or a container of nothing else."""
    match value:
        case NoneValue():
            return False
        case TextValue(value=text):
            return bool(text.strip())
        case ListValue(items=items) | TupleValue(items=items) | SetValue(items=items):
            return any(_holds(item, schema) for item in items)
        case MappingValue(entries=entries):
            return any(_holds(entry.value, schema) for entry in entries)
        case Instance(positional=(inner, *_)) if is_text_call(value, schema):
            return _holds(inner, schema)
        case _:
            return True


def _kinds(mention: Mention, schema: Schema) -> Iterator[str]:
    """Give the kinds of the values inside a value, down to the next instances."""
    for child in children(mention):
        value = child.value
        if isinstance(value, Instance):
            if _is_value(value, schema):
                yield from _kinds(child, schema)
            else:
                yield value.kind
        else:
            yield value.kind
            yield from _kinds(child, schema)
