"""A row with other guidelines or labels, written back through its own columns and its own encoding."""

import re
from dataclasses import replace

from guidex_schema.datasets.column import with_values
from guidex_schema.datasets.row import RESULT_LINE, TEXT_LINE, Columns, Row, row
from guidex_schema.instance import Record

_PREFIX = re.compile(r"\A\s*result\s*=\s*")


def rewritten(one: Row, columns: Columns, *, guidelines: str | None = None, labels: str | None = None) -> Row | None:
    """Give a row with other guidelines or labels.

    All other columns stay as they are: in a row of JSON character by character, and so does what stands around
    guidelines and labels in the text of a GuideX row. Where its labels stand both in a column and in its text, both
    are changed.

    Args:
        one: a row with a record and its columns.
        columns: what the columns are called.
        guidelines: those of the record where None.
        labels: what stands where the record's labels begin, up to their end; those of the record where None.

    Returns:
        The row as it is read again; None where that gives something else.
    """
    record, content = one.record, one.content
    if record is None or content is None:
        return None
    values: dict[str, object] = {}
    column, text = content.get(columns.labels), content.get(columns.text)
    if labels is not None and isinstance(column, str):
        values[columns.labels] = _in_place(column, labels)
    # A table has columns for every row: without a value, guidelines are no part of this one.
    is_native = content.get(columns.guidelines) is not None
    if is_native:
        values[columns.guidelines] = record.guidelines if guidelines is None else guidelines
    elif isinstance(text, str):
        values[columns.text] = _guidex_text(text, len(record.guidelines), guidelines, labels)
    raw = None
    if one.raw is not None:
        raw = with_values(one.raw.decode("utf-8"), values).encode("utf-8", "backslashreplace")
    changed = {**content, **values}
    shown = changed if is_native else {name: value for name, value in changed.items() if name != columns.guidelines}
    found = row(shown, one.file, record.index, record.line, columns)
    if found.record is None or _meaning(found.record) != _meaning(_expected(record, guidelines, labels)):
        return None
    return replace(found, files=one.files, raw=raw, content=changed, split=one.split, schema=one.schema)


def _expected(record: Record, guidelines: str | None, labels: str | None) -> Record:
    """Give a record with other parts; labels that are given begin where they stand by themselves."""
    if guidelines is not None:
        record = record.model_copy(update={"guidelines": guidelines})
    return record if labels is None else record.model_copy(update={"labels": labels, "labels_start": 0})


def _meaning(record: Record) -> tuple[str, str, str | None]:
    return record.guidelines, record.labels[record.labels_start :].strip(), record.document


def _guidex_text(text: str, head: int, guidelines: str | None, labels: str | None) -> str:
    """Put other guidelines before the line of the document, and other labels behind that of the result."""
    line = TEXT_LINE.search(text, head)
    result = RESULT_LINE.search(text, line.end()) if line is not None else None
    if labels is not None and result is not None:
        # The line says already what a prefix of the labels would say again.
        text = text[: result.end()] + _in_place(text[result.end() :], _PREFIX.sub("", labels, count=1))
    return text if guidelines is None else guidelines + text[head:]


def _in_place(older: str, labels: str) -> str:
    """Put labels in the place of others, with the space that stands behind those."""
    return labels.strip() + older[len(older.rstrip()) :]
