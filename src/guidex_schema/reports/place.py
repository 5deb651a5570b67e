"""Where a finding stands, in one line for people."""

from guidex_schema.diagnostic import Diagnostic, visible


def place(diagnostic: Diagnostic) -> str:
    """Write file, line of the file, record, part and position: what an editor or a person needs to get there.

    Lines and columns are counted from 1 for people, as editors show them. A finding in a row names the line of the
    row, and the position in its part: ``rows.jsonl:7 r-12 labels:2:5``. Where the part is a file by itself, its
    position is the file's: ``labels.py:2:5``.
    """
    position = ""
    if diagnostic.location is not None:
        position = f":{diagnostic.location.start.line}:{diagnostic.location.start.column + 1}"
    record = diagnostic.record
    if record is None:
        return (visible(diagnostic.file) if diagnostic.file is not None else diagnostic.part) + position
    words = [visible(diagnostic.file or "<record>") + (f":{record.line}" if record.line is not None else "")]
    if record.id is not None:
        words.append(visible(record.id))
    elif record.line is None or diagnostic.part != "file":
        words.append(f"row {record.index}")
    if diagnostic.part != "file":
        words.append(diagnostic.part + position)
    return " ".join(words)
