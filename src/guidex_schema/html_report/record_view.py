"""Views of records: a row as the page shows it, as plain JSON: its texts, its values as a tree, its findings."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from guidex_schema.datasets import Row
from guidex_schema.diagnostic import Diagnostic, Part, Report, Severity
from guidex_schema.html_report.segment import Mark, Units, segments
from guidex_schema.html_report.tree import Node, innermost, numbers_of, tree
from guidex_schema.instance import Instance, Record
from guidex_schema.schema import EntityType, Enumeration, Schema, TextSubclass
from guidex_schema.subject import GroundedValue, Subject

# Labels of 64 KiB may have millions of places in a document. Every value shows its best one, and these many others.
MOST_PLACES = 2_000
# As many entity types of one row have colours of their own.
COLOURS = 10
# A row that is no record is shown as it stands, as far as a person reads it.
_RAW_LENGTH = 4_000
_PREVIEW_LENGTH = 120

Json = dict[str, object]


class RowFacets(TypedDict):
    """What the list of records shows of a row, and filters by, whatever is found in it.

    Attributes:
        types: of the instances, each once; likewise ``statuses`` of the values.
    """

    id: str | None
    index: int | None
    line: int | None
    file: str | None
    split: str | None
    types: list[str]
    statuses: list[str]
    preview: str


class Facets(RowFacets):
    """What the list of records shows, and filters by.

    Attributes:
        severities: how many findings there are of each severity, the worst first.
        codes: of the findings, each once.
    """

    verdict: Literal["kept", "rejected", "unread"]
    severities: list[int]
    codes: list[str]


@dataclass(frozen=True)
class RecordView:
    """A row as the page shows it.

    Attributes:
        facets: what the list of records has of it.
        content: all else, in which offsets count UTF-16 code units. ``parts`` has the texts, each with the ``marks``
            in it: start, end, what is marked (a ``value``, a passage ``near`` an absent one, a ``finding``) and its
            number in ``values`` or ``findings``; ``segments`` cut the text at their borders and name the marks that
            cover them.
    """

    facets: Facets
    content: Json


@dataclass(frozen=True)
class RowView:
    """What the page shows of a row by itself, as plain data: what is found in it can be put to it elsewhere.

    Attributes:
        facets: what the list of records has of it.
        texts: its parts.
        places: the marks of its values in the document, the best place of each value first.
        types: the colour and the line of each class that the labels use.
        values: of the labels, outer before inner.
        numbers: of the values, by the paths that lead to them.
        raw: the row as it stands, where it is no record.
    """

    facets: RowFacets
    texts: Mapping[Part, str]
    places: tuple[tuple[Mark, str, int], ...]
    types: Json
    values: tuple[Json, ...]
    numbers: Mapping[str, int]
    raw: str | None

    def with_findings(self, report: Report) -> RecordView:
        """Give the view of the record in which that was found."""
        units = {part: Units(text) for part, text in self.texts.items()}
        marks: dict[Part, list[tuple[Mark, str, int]]] = {part: [] for part in self.texts}
        for number, one in enumerate(report.diagnostics):
            if one.span is not None and one.part in self.texts:
                marks[one.part].append((units[one.part].mark(one.span), "finding", number))
        if "document" in self.texts:
            marks["document"] += self.places
        content: Json = {
            "parts": {part: _part(text, marks[part]) for part, text in self.texts.items()},
            "types": self.types,
            "values": self.values,
            "findings": [self._finding(one) for one in report.diagnostics],
            "raw": self.raw,
        }
        counts = Counter(one.severity for one in report.diagnostics)
        facets: Facets = {
            **self.facets,
            "verdict": "kept" if report.kept else "rejected" if report.checked else "unread",
            "severities": [counts[one] for one in Severity],
            "codes": sorted({one.code for one in report.diagnostics}),
        }
        return RecordView(facets, content)

    def _finding(self, found: Diagnostic) -> Json:
        start = found.location.start if found.location is not None else None
        return {
            "code": found.code,
            "name": found.name,
            "severity": found.severity.value,
            "message": found.message,
            "part": found.part,
            "path": found.path,
            "file": found.file if found.file != self.facets["file"] else None,
            "line": start and start.line,
            "column": start and start.column + 1,
            "value": None if found.path is None else innermost(self.numbers, found.path),
            "fix": found.fix and {"title": found.fix.title, "safe": found.fix.safe},
        }


def row_view(row: Row, subject: Subject, grounded: Sequence[GroundedValue]) -> RowView:
    """Give what the page shows of a row by itself.

    Args:
        row: as it was read.
        subject: what is known of it.
        grounded: its leaf values with their groundings, as far as they are known.
    """
    nodes = tree(subject, grounded)
    texts = _texts(row.record)
    return RowView(
        facets=_facets(row, nodes),
        texts=texts,
        places=tuple(_places(nodes, subject, Units(texts["document"]))) if "document" in texts else (),
        types=_types(nodes, subject.guideline.schema),
        values=tuple(_value(node, subject) for node in nodes),
        numbers=numbers_of(nodes),
        raw=_raw(row),
    )


def _facets(row: Row, nodes: Sequence[Node]) -> RowFacets:
    reference, record = row.reference, row.record
    return {
        "id": None if reference is None else reference.id,
        "index": None if reference is None else reference.index,
        "line": None if reference is None else reference.line,
        "file": row.file,
        "split": row.split,
        "types": sorted({one.value.class_name for one in nodes if isinstance(one.value, Instance)}),
        "statuses": sorted({one.grounded.grounding.status for one in nodes if one.grounded is not None}),
        "preview": _preview((record and (record.document or record.labels)) or _raw(row) or ""),
    }


def _preview(text: str) -> str:
    return " ".join(text[: 2 * _PREVIEW_LENGTH].split())[:_PREVIEW_LENGTH]


def _texts(record: Record | None) -> Mapping[Part, str]:
    if record is None:
        return {}
    texts: dict[Part, str] = {"guidelines": record.guidelines, "labels": record.labels}
    return texts if record.document is None else {"document": record.document, **texts}


def _part(text: str, marks: Sequence[tuple[Mark, str, int]]) -> Json:
    return {
        "text": text,
        "marks": [(*mark, kind, number) for mark, kind, number in marks],
        "segments": segments([mark for mark, _, _ in marks]),
    }


def _places(nodes: Sequence[Node], subject: Subject, units: Units) -> Iterator[tuple[Mark, str, int]]:
    """Give the places of values in the document: the best of each first."""
    found = [(number, node.grounded) for number, node in enumerate(nodes) if node.grounded is not None]
    for number, one in found:
        near = subject.nearest(one.mention.value) if one.grounding.status == "absent" else None
        if near is not None:
            yield units.mark(near.span), "near", number
        if one.grounding.best is not None:
            yield units.mark(one.grounding.best), "value", number
    left = MOST_PLACES
    for number, one in found:
        others = [span for span in one.grounding.spans if span != one.grounding.best][:left]
        left -= len(others)
        yield from ((units.mark(span), "value", number) for span in others)


def _value(node: Node, subject: Subject) -> Json:
    content: Json = {"parent": node.parent, "path": node.path, "name": node.name, "kind": node.value.kind}
    if node.text is not None:
        content["text"] = node.text
    if node.entity_type is not None:
        content["type"] = node.entity_type
    found = node.grounded
    if found is not None:
        near = subject.nearest(found.mention.value) if found.grounding.status == "absent" else None
        content |= {
            "status": found.grounding.status,
            "score": found.grounding.score,
            "places": len(found.grounding.spans),
            "complete": found.grounding.is_complete,
            "abstractive": found.is_abstractive,
            "coverage": None if near is None else near.coverage,
        }
    return content


def _types(nodes: Sequence[Node], schema: Schema) -> Json:
    """Give each class that the labels use a colour, the same in every row of one schema where that can be."""
    declared = {name: number for number, name in enumerate(schema.class_names)}
    used = dict.fromkeys(one.value.class_name for one in nodes if isinstance(one.value, Instance))
    free = list(range(COLOURS))
    found: Json = {}
    for name in sorted(used, key=lambda name: declared.get(name, len(declared))):
        wanted = declared.get(name, len(declared)) % COLOURS
        # Ten types of one row never share a colour.
        free = free or list(range(COLOURS))
        colour = wanted if wanted in free else free[0]
        free.remove(colour)
        found[name] = {"colour": colour, "line": _line(name, schema)}
    return found


def _line(name: str, schema: Schema) -> int | None:
    declarations: tuple[EntityType | Enumeration | TextSubclass, ...] = (
        *schema.entity_types,
        *schema.enumerations,
        *schema.text_subclasses,
    )
    lines = [one.location.start.line for one in declarations if one.name == name and one.location is not None]
    return lines[-1] if lines else None


def _raw(row: Row) -> str | None:
    """Give a row that is no record as it stands; bytes that are no text are written as escapes."""
    if row.record is not None or row.raw is None:
        return None
    shown = row.raw[: _RAW_LENGTH + 1].decode("utf-8", "backslashreplace")
    return shown if len(row.raw) <= _RAW_LENGTH else shown[:_RAW_LENGTH] + "…"


def remark(found: Diagnostic) -> Json:
    """Give a finding about the dataset as a whole, with the record that shows it best."""
    reference = found.record
    return {
        "code": found.code,
        "name": found.name,
        "severity": found.severity.value,
        "message": found.message,
        "file": found.file,
        "record": None if reference is None else reference.model_dump(),
    }
