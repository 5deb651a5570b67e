"""Views of records: a row as the page shows it, as plain JSON: its texts, its values as a tree, its findings."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from guidex_schema.datasets import Row
from guidex_schema.diagnostic import Diagnostic, Part, Report, Severity
from guidex_schema.html_report.segment import Mark, Units, segments
from guidex_schema.html_report.tree import Node, Tree, tree
from guidex_schema.instance import Instance
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


class Facets(TypedDict):
    """What the list of records shows, and filters by.

    Attributes:
        severities: how many findings there are of each severity, the worst first.
        codes: of the findings, each once; likewise ``types`` of the instances and ``statuses`` of the values.
    """

    id: str | None
    index: int | None
    line: int | None
    file: str | None
    split: str | None
    verdict: Literal["kept", "rejected", "unread"]
    severities: list[int]
    codes: list[str]
    types: list[str]
    statuses: list[str]
    preview: str


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


def record_view(row: Row, subject: Subject, report: Report, grounded: Sequence[GroundedValue]) -> RecordView:
    """Give all that the page shows of a row.

    Args:
        row: as it was read.
        subject: what is known of it.
        report: what was found.
        grounded: its leaf values with their groundings, as far as they are known.
    """
    values = tree(subject, grounded)
    texts = _texts(subject)
    units = {part: Units(text) for part, text in texts.items()}
    marks: dict[Part, list[tuple[Mark, str, int]]] = {part: [] for part in texts}
    for number, one in enumerate(report.diagnostics):
        if one.span is not None and one.part in texts:
            marks[one.part].append((units[one.part].mark(one.span), "finding", number))
    if "document" in texts:
        marks["document"] += _places(values, subject, units["document"])
    content: Json = {
        "parts": {part: _part(text, marks[part]) for part, text in texts.items()},
        "types": _types(values, subject.guideline.schema),
        "values": [_value(node, subject) for node in values.nodes],
        "findings": [_finding(one, row, values) for one in report.diagnostics],
        "raw": _raw(row),
    }
    return RecordView(_facets(row, subject, report, values), content)


def _facets(row: Row, subject: Subject, report: Report, values: Tree) -> Facets:
    reference = row.reference
    counts = Counter(one.severity for one in report.diagnostics)
    record = subject.record
    return {
        "id": None if reference is None else reference.id,
        "index": None if reference is None else reference.index,
        "line": None if reference is None else reference.line,
        "file": row.file,
        "split": row.split,
        "verdict": "kept" if report.kept else "rejected" if report.checked else "unread",
        "severities": [counts[one] for one in Severity],
        "codes": sorted({one.code for one in report.diagnostics}),
        "types": sorted({one.value.class_name for one in values.nodes if isinstance(one.value, Instance)}),
        "statuses": sorted({one.grounded.grounding.status for one in values.nodes if one.grounded is not None}),
        "preview": _preview(record.document or record.labels or _raw(row) or ""),
    }


def _preview(text: str) -> str:
    return " ".join(text[: 2 * _PREVIEW_LENGTH].split())[:_PREVIEW_LENGTH]


def _texts(subject: Subject) -> Mapping[Part, str]:
    record = subject.record
    if not subject.is_read:
        return {}
    texts: dict[Part, str] = {"guidelines": record.guidelines, "labels": record.labels}
    return texts if record.document is None else {"document": record.document, **texts}


def _part(text: str, marks: Sequence[tuple[Mark, str, int]]) -> Json:
    return {
        "text": text,
        "marks": [(*mark, kind, number) for mark, kind, number in marks],
        "segments": segments([mark for mark, _, _ in marks]),
    }


def _places(values: Tree, subject: Subject, units: Units) -> Iterator[tuple[Mark, str, int]]:
    """Give the places of values in the document: the best of each first."""
    found = [(number, node.grounded) for number, node in enumerate(values.nodes) if node.grounded is not None]
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


def _types(values: Tree, schema: Schema) -> Json:
    """Give each class that the labels use a colour, the same in every row of one schema where that can be."""
    declared = {name: number for number, name in enumerate(schema.class_names)}
    used = dict.fromkeys(one.value.class_name for one in values.nodes if isinstance(one.value, Instance))
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


def _finding(found: Diagnostic, row: Row, values: Tree) -> Json:
    start = found.location.start if found.location is not None else None
    return {
        "code": found.code,
        "name": found.name,
        "severity": found.severity.value,
        "message": found.message,
        "part": found.part,
        "path": found.path,
        "file": found.file if found.file != row.file else None,
        "line": start and start.line,
        "column": start and start.column + 1,
        "value": None if found.path is None else values.at(found.path),
        "fix": found.fix and {"title": found.fix.title, "safe": found.fix.safe},
    }


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
