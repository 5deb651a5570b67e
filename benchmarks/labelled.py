"""Values that people judged: what their document says of them, and how well a tool's answers agree."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from guidex_schema import Span
from guidex_schema.grounding import Grounding
from guidex_schema.instance import IntegerValue, NumberValue, TextValue

Leaf = TextValue | IntegerValue | NumberValue
Figures = dict[str, float | int | None]

NOWHERE = Span(start=0, end=0)
STATUS_OF = {"verbatim": "exact", "normalised": "normalised", "variant": "variant"}
FOUND = frozenset(STATUS_OF.values())


class Label(NamedTuple):
    """One value, its document and the verdict on it; ``alt`` is another verdict that can be defended."""

    place: str
    document: str
    value: str | int | float
    verdict: str
    alt: str | None
    span: Span | None

    @property
    def expected(self) -> str:
        """Give the status that the verdict asks for."""
        return status_of(self.verdict)

    @property
    def accepted(self) -> frozenset[str]:
        """Give every status that the verdict or the other one allows."""
        return frozenset(status_of(verdict) for verdict in (self.verdict, self.alt) if verdict)


def status_of(verdict: str) -> str:
    """Give the status that a verdict asks for; paraphrases and inventions stand nowhere."""
    return STATUS_OF.get(verdict, "absent")


def leaf(value: str | int | float) -> Leaf:
    """Make a value as labels hold it."""
    match value:
        case str():
            return TextValue(value=value, span=NOWHERE)
        case int():
            return IntegerValue(value=value, span=NOWHERE)
        case float():
            return NumberValue(value=value, span=NOWHERE)


def read_rows(folder: Path) -> list[Label]:
    """Read ``values.jsonl`` beside ``rows.jsonl``: published rows."""
    documents = [row["unlabelled_sentence"] for row in lines(folder / "rows.jsonl")]
    return [
        label(judged, f"row {judged['row']} {judged['path']}", documents[judged["row"]])
        for judged in lines(folder / "values.jsonl")
    ]


def read_own(fixtures: Path) -> list[Label]:
    """Read the project's own values, which name documents by their stems; none if the file is not there."""
    file = fixtures / "grounding" / "values.jsonl"
    folders = (fixtures / "grounding" / "documents", fixtures / "documents")
    texts = {path.stem: path for folder in reversed(folders) for path in sorted(folder.glob("*.txt"))}
    return [
        label(judged, judged["document"], texts[judged["document"]].read_bytes().decode())
        for judged in (lines(file) if file.exists() else ())
    ]


def label(judged: dict[str, Any], place: str, document: str) -> Label:
    """Make a label of one line, whose evidence has to stand where the line says."""
    span = None if judged["start"] is None else Span(start=judged["start"], end=judged["end"])
    if span and judged["evidence"] != document[span.start : span.end]:
        raise SystemExit(
            f"the evidence of {judged['value']!r} ({place}) is not at {span.start}: {judged['evidence']!r}"
        )
    return Label(place, document, judged["value"], judged["verdict"], judged.get("alt"), span)


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """Read JSONL."""
    for line in file.read_text("utf-8").split("\n"):
        if line.strip():
            yield json.loads(line)


def share(part: int, whole: int) -> float | None:
    """Give a share, or None of nothing."""
    return part / whole if whole else None


def detection(answers: Iterable[tuple[Label, bool]]) -> Figures:
    """Judge found or not found. Lenient: where both verdicts can be defended, either answer is right."""
    answers = list(answers)
    figures: Figures = {"values": len(answers), "found": sum(found for _, found in answers)}
    for name in ("strict", "lenient"):
        hits = misses = wrong = 0
        for judged, found in answers:
            accepted = judged.accepted if name == "lenient" else {judged.expected}
            right = not FOUND.isdisjoint(accepted) if found else "absent" in accepted
            hits += found and right
            wrong += found and not right
            misses += not found and not right
        figures |= {
            f"agreement_{name}": share(len(answers) - misses - wrong, len(answers)),
            f"precision_{name}": share(hits, hits + wrong),
            f"recall_{name}": share(hits, hits + misses),
        }
    return figures


def places(answers: Iterable[tuple[Label, tuple[Span, ...]]]) -> Figures:
    """Of the values found rightly, say how often a span is the labelled one, or overlaps it."""
    found = [
        (judged.span, spans)
        for judged, spans in answers
        if spans and judged.span and not FOUND.isdisjoint(judged.accepted)
    ]
    equal = sum(wanted in spans for wanted, spans in found)
    overlapping = sum(
        any(span.start < wanted.end and wanted.start < span.end for span in spans) for wanted, spans in found
    )
    return {"span_equal": share(equal, len(found)), "span_overlaps": share(overlapping, len(found))}


def statuses(answers: list[tuple[Label, Grounding]]) -> Figures:
    """Judge the status itself."""
    return {
        "status_strict": share(sum(found.status == judged.expected for judged, found in answers), len(answers)),
        "status_lenient": share(sum(found.status in judged.accepted for judged, found in answers), len(answers)),
    }


def disagreements(answers: list[tuple[Label, Grounding]]) -> list[dict[str, str | int | float | bool | None]]:
    """List every value whose status is not the one that the verdict asks for."""
    return [
        {
            "place": judged.place,
            "value": judged.value,
            "verdict": judged.verdict,
            "alt": judged.alt,
            "status": found.status,
            "evidence": judged.document[found.best.start : found.best.end] if found.best else None,
            "score": found.score,
            "accepted": found.status in judged.accepted,
        }
        for judged, found in answers
        if found.status != judged.expected
    ]
