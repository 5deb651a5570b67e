"""The leaf values of rows as JSON, an object for each or a column of the row, and what keeps a row from having them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from typing import Literal

from guidex_schema.datasets import Row
from guidex_schema.datasets.column import with_column
from guidex_schema.datasets.json_text import Notes
from guidex_schema.datasets.writing import json_line
from guidex_schema.diagnostic import Diagnostic, Fault, Report
from guidex_schema.grounding import GroundingStatus
from guidex_schema.instance import BooleanValue, IntegerValue, MemberValue, NumberValue, TextValue, Value
from guidex_schema.quantity import quantity
from guidex_schema.rule import Rule, Subject, by_name
from guidex_schema.statistics import share
from guidex_schema.subject import GroundedValue
from guidex_schema.text import Span
from guidex_schema.validation import Validator

COLUMN = "spans"

Reach = Literal["whole", "part", "nothing"]

# Rules about reading and running whose findings take no value away: what they name is passed over or mended.
_HARMLESS = frozenset(("byte-order-mark", "markdown-fence", "text-around-list", "curly-quotes"))
_OF_FORM = frozenset(("labels-not-a-list", "item-not-an-instance"))

_WORDS: dict[GroundingStatus, str] = {"not-applicable": "not applicable"}
_STATUSES: tuple[GroundingStatus, ...] = ("exact", "normalised", "variant", "absent", "not-applicable")

_LINE_BREAK = re.compile(rb"\n[ \t\r\n]*")
_BARE = "the row has no document, so nothing in it is grounded"
# The columns of a place, as `_place` writes them.
_PLACE = frozenset(("path", "entity_type", "attribute", "value", "status", "start", "end", "score"))


def loss_rules() -> tuple[Rule, ...]:
    """Give the rules that find what could not be read of a row, whatever a project selects."""
    return tuple(
        rule
        for name, rule in by_name().items()
        if (rule.code.startswith(("GX0", "GX4")) and name not in _HARMLESS) or name in _OF_FORM
    )


@dataclass(frozen=True)
class GroundedRow:
    """A row with its leaf values, each with its place in the document.

    Attributes:
        subject: all that is known of the row.
        losses: what could not be read of it, and so has no value here.
        reach: how much of the row the values are; ``nothing`` says that it is skipped.
    """

    row: Row
    subject: Subject
    losses: tuple[Diagnostic, ...]
    reach: Reach

    @property
    def values(self) -> tuple[GroundedValue, ...]:
        """Give the leaf values in source order; nothing where the row is skipped."""
        return () if self.reach == "nothing" else self.subject.grounded

    @property
    def reading(self) -> "Reading":
        """Give what is told of the row."""
        return Reading(self.row.file, self.losses, self.reach, Counter(one.grounding.status for one in self.values))

    def objects(self) -> Iterator[dict[str, object]]:
        """Give an object for each value: what it is, where it stands, and the evidence."""
        reference = self.row.reference.model_dump() if self.row.reference is not None else None
        for value in self.values:
            yield {"file": self.row.file, "record": reference, **_object(value, self.subject)}


@dataclass(frozen=True)
class Reading:
    """What is told of a row with its values: plain data, whatever the row holds.

    Attributes:
        file: the file that it stands in.
        losses: what could not be read of it.
        reach: how much of it was read; ``nothing`` says that it is skipped.
        statuses: its values by what the document says of them.
    """

    file: str
    losses: tuple[Diagnostic, ...]
    reach: Reach
    statuses: Mapping[GroundingStatus, int]


def grounded_rows(validator: Validator, rows: Iterable[Row], *, nearest: bool = True) -> Iterator[GroundedRow]:
    """Tell for each row what its values are, or why there are none.

    Args:
        validator: one with the ``loss_rules``.
        rows: of a dataset, or of a part of one.
        nearest: the passages that come nearest to absent values will be asked for.
    """
    # Grounded there, a row that breaks it is a finding, and the other rows are read.
    steps = {"the grounding": partial(_ground, nearest=nearest)}
    for one in validator.judge(rows, steps):
        grounded = grounded_row(one.row, one.subject, one.report)
        if grounded is not None:
            yield grounded


def grounded_row(row: Row, subject: Subject, report: Report) -> GroundedRow | None:
    """Tell what the values of a row are, or why there are none.

    Args:
        row: as it was read.
        subject: what is known of it; it was grounded as a step, so that the report says where that broke.
        report: what rules have found in it, the ``loss_rules`` among them; what others found is no loss.

    Returns:
        None for what is no row: a remark about the file, such as its byte order mark, or about the dataset.
    """
    if row.record is None and not row.is_unread:
        return None
    losses = list(filter(is_loss, report.diagnostics))
    if row.record is not None and row.record.document is None:
        losses.append(_loss(row, "missing-document", _BARE))
    return GroundedRow(row, subject, tuple(losses), _reach(row, subject, losses))


def is_loss(found: Diagnostic) -> bool:
    """Say whether a finding says that something could not be read, whatever severity it has.

    A document with half a surrogate pair is searched all the same.
    """
    return found.name in _loss_names() and (found.part != "document" or found.location is None)


@cache
def _loss_names() -> frozenset[str]:
    return frozenset(rule.name for rule in loss_rules())


def _ground(subject: Subject, *, nearest: bool) -> None:
    for value in subject.grounded:
        if nearest and value.grounding.status == "absent":
            subject.nearest(value.mention.value)


def is_bare(loss: Diagnostic) -> bool:
    """Say whether all that a loss says is that a row has no document."""
    return loss.message == _BARE


def of_rows(loss: Diagnostic, count: int) -> Diagnostic:
    """Say once that rows have no document.

    Args:
        loss: of the first of them.
        count: how many there are.
    """
    if count == 1:
        return loss
    rows = f"{count:,} rows from this one on have no document, so nothing in them is grounded"
    return loss.model_copy(update={"message": rows})


def _loss(row: Row, rule: str, message: str) -> Diagnostic:
    applied = by_name()[rule]
    fault = Fault(rule=rule, message=message, part="file")
    found = applied.diagnostic(fault, document=None, record=row.reference, severity=applied.severity)
    return found.model_copy(update={"file": row.file})


def _reach(row: Row, subject: Subject, losses: list[Diagnostic]) -> Reach:
    if not losses:
        return "whole"
    if any(one.name == "rule-failed" for one in losses):
        return "nothing"
    is_readable = row.record is not None and row.record.document is not None
    is_run = subject.execution is not None and not any(one.part == "labels" for one in losses)
    return "part" if is_readable and (is_run or subject.mentions) else "nothing"


def _object(value: GroundedValue, subject: Subject) -> dict[str, object]:
    text = subject.record.document or ""
    best = value.grounding.best
    near = subject.nearest(value.mention.value) if value.grounding.status == "absent" else None
    return {
        **_place(value),
        "evidence": _evidence(best, text),
        "spans": [asdict(span) for span in value.grounding.spans],
        "complete": value.grounding.is_complete,
        "nearest": near
        and {
            **asdict(near.span),
            "coverage": round(near.coverage, 4),
            "inside_word": near.inside_word,
            "evidence": _evidence(near.span, text),
        },
        "abstractive": value.is_abstractive,
    }


def _place(value: GroundedValue) -> dict[str, object]:
    best = value.grounding.best
    return {
        "path": value.mention.path,
        "entity_type": value.entity_type,
        "attribute": value.attribute,
        "value": _scalar(value.mention.value),
        "status": value.grounding.status,
        "start": best and best.start,
        "end": best and best.end,
        "score": value.grounding.score,
    }


def _evidence(span: Span | None, text: str) -> str | None:
    return text[span.start : span.end] if span is not None else None


def _scalar(value: Value) -> str | float | None:
    match value:
        case TextValue() | IntegerValue() | NumberValue() | BooleanValue():
            return value.value
        case MemberValue(enum=enum, member=member):
            return f"{enum}.{member}"
        case _:
            return None


def refusing_foreign(grounded: GroundedRow) -> GroundedRow:
    """Skip a row that has a column of spans already, unless guidex wrote it: nobody's work is written over.

    A row that is skipped anyway keeps the spans of an earlier run, which its loss then says.
    """
    row = grounded.row
    if row.content is None or row.record is None:
        return grounded
    older = [row.content[COLUMN]] if COLUMN in row.content else []
    if grounded.reach == "nothing":
        return _telling_older(grounded) if any(map(_is_ours, filter(None, older))) else grounded
    if all(map(_is_ours, older)):
        return grounded
    message = f"the column `{COLUMN}` holds something that guidex did not write, so the row is left as it is"
    loss = _loss(row, "column-type", message)
    return replace(grounded, losses=(*grounded.losses, loss), reach="nothing")


def _telling_older(grounded: GroundedRow) -> GroundedRow:
    *others, last = grounded.losses
    message = f"{last.message}; its `{COLUMN}` are from an earlier run"
    return replace(grounded, losses=(*others, last.model_copy(update={"message": message})))


def with_spans(grounded: GroundedRow) -> bytes | None:
    """Give a row as a line of JSONL, with the places of its values as its last column, in place of an older one.

    Returns:
        The line, unchanged where the row is skipped; None for what is no row of a dataset.

    Raises:
        UsageError: a row of a table is nested too deeply.
    """
    if grounded.row.raw is None and grounded.row.content is None:
        return None
    raw = json_line(grounded.row, Notes())
    if grounded.row.is_unread:
        # What is no JSON may stand on several lines of its file.
        raw = _LINE_BREAK.sub(b" ", raw[:-1]) + b"\n"
    if grounded.reach != "nothing":
        places = [_place(value) for value in grounded.values]
        raw = with_column(raw.decode("utf-8"), COLUMN, places).encode("utf-8", "backslashreplace")
    return raw


def _is_ours(value: object) -> bool:
    """Say whether guidex wrote a column of spans; an empty list may be anybody's, but nothing in it is lost."""
    return isinstance(value, list) and all(isinstance(one, dict) and one.keys() >= _PLACE for one in value)


@dataclass
class Tally:
    """Count rows and their values as they pass; it grows and is read at the end.

    Attributes:
        whole: rows of which everything was read.
        part: rows of which something was not.
        skipped: rows, and files that are none, of which nothing was.
        statuses: values by what the document says of them.
    """

    whole: int = 0
    part: int = 0
    skipped: int = 0
    statuses: Counter[GroundingStatus] = field(default_factory=Counter)

    def add(self, row: Reading) -> None:
        """Count a row."""
        self.whole += row.reach == "whole"
        self.part += row.reach == "part"
        self.skipped += row.reach == "nothing"
        self.statuses.update(row.statuses)

    @property
    def rows(self) -> Mapping[str, int]:
        """Give the rows by how much of them was read."""
        return {"whole": self.whole, "part": self.part, "skipped": self.skipped}

    @property
    def read(self) -> int:
        """Give how many rows were read, if only in part."""
        return self.whole + self.part

    def sentence(self) -> str:
        """Say it in one line."""
        total = self.statuses.total()
        shares = [
            f"{share(self.statuses[one] / total)} {_WORDS.get(one, one)}" for one in _STATUSES if self.statuses[one]
        ]
        words = f"{quantity(total, 'value')} of {quantity(self.read, 'row')}" + (
            f": {', '.join(shares)}" if shares else ""
        )
        return "; ".join((words, *self.gaps()))

    def gaps(self) -> Iterator[str]:
        """Say in a few words each what is missing, if something is."""
        if self.part:
            yield f"{quantity(self.part, 'row')} read in part"
        if self.skipped:
            yield f"{quantity(self.skipped, 'row or file', 'rows or files')} skipped"
