"""Where a finding stands, in one line for people."""

from guidex_schema.diagnostic import Diagnostic, RecordReference
from guidex_schema.display import display


def place(diagnostic: Diagnostic) -> str:
    """Write file, line of the file, record, part and position: what an editor or a person needs to get there.

    Lines and columns are counted from 1 for people, as editors show them. A finding in a row names the line of the
    row, and the position in its part: ``rows.jsonl:7 r-12 labels:2:5``. Where the part is a file by itself, its
    position is the file's: ``labels.py:2:5``.
    """
    record = diagnostic.record
    if record is None:
        return (file_name(diagnostic.file) if diagnostic.file is not None else diagnostic.part) + _position(diagnostic)
    words = [file_name(diagnostic.file or "<record>") + (f":{record.line}" if record.line is not None else "")]
    if record.id is not None or record.line is None or diagnostic.part != "file":
        words.append(record_name(record))
    words += [part_place(diagnostic)] if diagnostic.part != "file" else []
    return " ".join(words)


def file_name(file: str) -> str:
    """Write the name of a file so that a line may begin with it, where a CI service looks for commands (``::``)."""
    return f"./{display(file)}" if file.lstrip().startswith("::") else display(file)


def record_name(record: RecordReference) -> str:
    """Write what a row is called: its identifier, or else its number."""
    return f"row {record.index}" if record.id is None else display(record.id)


def part_place(diagnostic: Diagnostic) -> str:
    """Write the part, and the position in it: ``labels:2:5``."""
    return diagnostic.part + _position(diagnostic)


def told(diagnostic: Diagnostic) -> str:
    """Write the message and, of a finding in a row, where in the row, for programs that show a line of the file only.

    As in ``the guidelines define no class `Persn` (r-12 labels:2:5 result[0])``.
    """
    words = [] if diagnostic.record is None else [record_name(diagnostic.record)]
    words += [part_place(diagnostic)] if diagnostic.record is not None and diagnostic.part != "file" else []
    words += [display(diagnostic.path)] if diagnostic.path else []
    return display(diagnostic.message) + (f" ({' '.join(words)})" if words else "")


def _position(diagnostic: Diagnostic) -> str:
    if diagnostic.location is None:
        return ""
    start = diagnostic.location.start
    return f":{start.line}:{start.column + 1}"
