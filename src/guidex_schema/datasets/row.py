"""From the columns of a row to a record: columns decide a row's form, never content."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field, field_validator

from guidex_schema.diagnostic import Fault, Part, RecordReference, quoted
from guidex_schema.frozen import Frozen, trusted
from guidex_schema.instance import Record

if TYPE_CHECKING:
    import pyarrow as pa

# Where the document and the labels begin in the text of a GuideX row.
TEXT_LINE = re.compile(r"^text = (?=[\"'])(?P<literal>[^\r\n]*)", re.MULTILINE)
RESULT_LINE = re.compile(r"^result = ", re.MULTILINE)
_LITERAL_LIMIT = 16 * 1024 * 1024


class Columns(Frozen):
    """What the columns of a dataset are called.

    Attributes:
        guidelines: guideline source; a row that has it is in the native form.
        labels: the annotations.
        document: the document of a native row; ``text`` serves where it is missing.
        text: the document of a native row, or guidelines, document and labels of a GuideX row.
        sentence: the document of a GuideX row.
        id: identifiers, the first that a row has; a list of one counts as its item.
        split: the split that a row belongs to, such as ``train``; that of its file unless there is such a column.
    """

    guidelines: str = "guidelines"
    labels: str = "labels"
    document: str = "document"
    text: str = "text"
    sentence: str = "unlabelled_sentence"
    id: tuple[str, ...] = Field(default=("id", "ids"))
    split: str = "split"

    @field_validator("id", mode="before")
    @classmethod
    def _one_is_a_list_of_one(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @property
    def names(self) -> frozenset[str]:
        """Give all of them."""
        named = (self.guidelines, self.labels, self.document, self.text, self.sentence, self.split)
        return frozenset((*named, *self.id))


COLUMNS = Columns()


@dataclass(frozen=True)
class Row:
    """One row as it was read: a record, or the reasons why there is none.

    Attributes:
        files: the file that each part stands in, where it is not the same for all.
        raw: the row as it stands in a file of JSON, a line with its end; of what could not be read, what stands there,
            or in a table the columns that could be; None for a row of a table, and for what is no row of a dataset.
        content: its columns as they were decoded; None where they could not be, and for what is no row of a dataset.
        split: the part of the dataset that it belongs to, such as ``train``.
        schema: the Arrow schema of a file that has one, the same object for all its rows, and for what says that it
            holds none; None in other formats.
    """

    file: str
    record: Record | None
    reference: RecordReference | None
    faults: tuple[Fault, ...] = ()
    files: Mapping[Part, str] = field(default_factory=dict)
    raw: bytes | None = field(default=None, repr=False)
    content: Mapping[str, object] | None = field(default=None, repr=False)
    split: str = ""
    schema: "pa.Schema | None" = field(default=None, repr=False, compare=False)

    @property
    def identity(self) -> str:
        """Give what tells the row from others, wherever it stands: its id, or else a digest of what it holds."""
        if self.reference is not None and self.reference.id is not None:
            return self.reference.id
        if self.record is not None:
            # What is judged tells them apart, whatever the format is and other columns hold.
            held = "\0".join((self.record.guidelines, self.record.labels, self.record.document or "")).encode(
                "utf-8", "surrogatepass"
            )
        elif self.raw is not None or self.content is not None:
            held = (self.raw or repr(self.content).encode("utf-8", "surrogatepass")).strip()
        else:
            return ""
        return sha256(held).hexdigest()

    def file_of(self, part: Part) -> str:
        """Give the file that a part stands in."""
        return self.files.get(part, self.file)

    @property
    def is_unread(self) -> bool:
        """Say whether something that should have been a record is none; a byte order mark is only a remark."""
        return self.record is None and any(fault.rule != "byte-order-mark" for fault in self.faults)


def unreadable(rule: str, message: str, file: str, reference: RecordReference | None = None) -> Row:
    """Give a row without a record."""
    return Row(file, None, reference, (Fault(rule=rule, message=message, part="file"),))


def without_rows(file: str) -> Row:
    """Say that a file has no row at all."""
    return unreadable("empty-file", "the file holds no row", file)


def row(content: object, file: str, index: int, line: int | None, columns: Columns) -> Row:
    """Read one decoded JSON value as a row.

    Args:
        content: what stands in the file; anything but an object is a fault.
        file: the file's name.
        index: 0-based number of the row.
        line: 1-based line where it starts.
        columns: what the columns are called.
    """
    if not isinstance(content, dict):
        reference = RecordReference(index=index, line=line)
        return unreadable("unreadable-row", f"the row is no JSON object but {_json_kind(content)}", file, reference)
    identifier = _identifier(content, columns)
    reference = trusted(RecordReference, {"index": index, "id": identifier, "line": line})
    faults: list[Fault] = []
    texts = _Texts(content, faults)
    is_native = columns.guidelines in content
    parts = _native(texts, columns) if is_native else _guidex(texts, columns, faults)
    if parts is None or any(fault.part == "file" for fault in faults):
        return Row(file, None, reference, tuple(faults), content=content)
    record = trusted(
        Record,
        {
            "id": identifier,
            "guidelines": parts.guidelines,
            "labels": parts.labels,
            "labels_start": parts.labels_start,
            "document": parts.document,
            "index": index,
            "line": line,
        },
    )
    split = content.get(columns.split)
    return Row(
        file,
        record,
        reference,
        tuple(faults),
        content=content,
        split="" if isinstance(split, bool) or not isinstance(split, str | int) else str(split),
    )


class _Parts(NamedTuple):
    guidelines: str
    labels: str
    labels_start: int
    document: str | None


@dataclass(frozen=True)
class _Texts:
    """The columns of one row, with a fault for each that is no string."""

    content: Mapping[str, object]
    faults: list[Fault]

    def get(self, column: str) -> str | None:
        """Give an optional column; null counts as missing."""
        value = self.content.get(column)
        if value is None or isinstance(value, str):
            return value
        message = f"the column {quoted(column)} holds {_json_kind(value)}, not a string"
        self.faults.append(Fault(rule="column-type", message=message, part="file"))
        return None

    def require(self, column: str) -> str | None:
        """Give a column that the row needs."""
        value = self.get(column)
        if value is None and self.content.get(column) is None:
            message = f"the row has no column {quoted(column)}; it has {_listed(self.content)}"
            self.faults.append(Fault(rule="missing-column", message=message, part="file"))
        return value


def _native(texts: _Texts, columns: Columns) -> _Parts | None:
    guidelines = texts.require(columns.guidelines)
    labels = texts.require(columns.labels)
    document = texts.get(columns.text if texts.content.get(columns.document) is None else columns.document)
    if guidelines is None or labels is None:
        return None
    return _Parts(guidelines, labels, 0, document)


def _guidex(texts: _Texts, columns: Columns, faults: list[Fault]) -> _Parts | None:
    """Read the form that GuideX publishes: one text with guidelines, document literal and result list."""
    if columns.text not in texts.content:
        message = (
            f"the row has neither {quoted(columns.guidelines)} nor {quoted(columns.text)}; "
            f"it has {_listed(texts.content)}"
        )
        faults.append(Fault(rule="missing-column", message=message, part="file"))
        return None
    text = texts.require(columns.text)
    labels = texts.get(columns.labels)
    sentence = texts.get(columns.sentence)
    if text is None:
        return None
    line = TEXT_LINE.search(text)
    if line is None:
        message = f"the column {quoted(columns.text)} has no line that starts with `text = `, so it is no GuideX row"
        faults.append(Fault(rule="missing-column", message=message, part="file"))
        return None
    literal = _decoded(line["literal"])
    if literal is None and sentence is None:
        message = (
            f"the literal behind `text = ` in {quoted(columns.text)} is no string that can be read, "
            f"and the row has no column {quoted(columns.sentence)}"
        )
        faults.append(Fault(rule="missing-column", message=message, part="file"))
        return None
    result = RESULT_LINE.search(text, line.end())
    if labels is None and result is None:
        message = f"the row has no column {quoted(columns.labels)}, and no line `result = ` in its text"
        faults.append(Fault(rule="missing-column", message=message, part="file"))
        return None
    faults += _conflicts(sentence, literal, labels, text[result.end() :] if result else None)
    document = sentence if sentence is not None else literal
    guidelines = text[: line.start()]
    if labels is not None:
        return _Parts(guidelines, labels, 0, document)
    assert result is not None, "one of the two is there"
    return _Parts(guidelines, text, result.end(), document)


def _conflicts(sentence: str | None, literal: str | None, labels: str | None, result: str | None) -> Iterator[Fault]:
    if sentence is not None and literal is not None and sentence.strip() != literal.strip():
        message = "the document differs from the one inside `text`; the column is believed"
        yield Fault(rule="conflicting-columns", message=message, part="document")
    if labels is not None and result is not None and labels.strip() != result.strip():
        message = "the labels differ from the list behind `result = ` in `text`; the column is believed"
        yield Fault(rule="conflicting-columns", message=message, part="labels")


def _decoded(literal: str) -> str | None:
    """Decode the document literal: JSON as GuideX writes it, or a Python string as GoLLIE does.

    JSON goes first: read by Python, its escapes for characters beyond U+FFFF become lone surrogates.
    """
    literal = literal.strip()
    if len(literal) > _LITERAL_LIMIT:
        return None
    try:
        decoded: object = json.loads(literal)
    except (ValueError, RecursionError):
        try:
            decoded = ast.literal_eval(literal)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None
    return decoded if isinstance(decoded, str) else None


def _identifier(content: Mapping[str, object], columns: Columns) -> str | None:
    for column in columns.id:
        value = content.get(column)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return None


def _json_kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"


def _listed(content: Mapping[str, object]) -> str:
    names = ", ".join(quoted(name) for name in list(content)[:8])
    return names or "no column at all"
