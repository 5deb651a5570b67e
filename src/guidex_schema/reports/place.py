"""Where a finding stands, in one line for people."""

from guidex_schema.diagnostic import Diagnostic, visible


def place(diagnostic: Diagnostic) -> str:
    """Write file, line of the file, record, part and position: what an editor or a person needs to get there."""
    record = diagnostic.record
    pieces = [visible(diagnostic.file or "<record>")]
    if record is not None and record.line is not None:
        pieces.append(str(record.line))
    words = []
    if record is not None and record.id is not None:
        words.append(visible(record.id))
    elif record is not None and diagnostic.part != "file":
        words.append(f"row {record.index}")
    if diagnostic.part != "file":
        words.append(diagnostic.part)
    position = ""
    if diagnostic.location is not None:
        # Columns are counted from 1 for people, as editors show them.
        position = f":{diagnostic.location.start.line}:{diagnostic.location.start.column + 1}"
    return ":".join(pieces) + (" " if words else "") + " ".join(words) + position
