"""A file of a dataset has rows without a document, so nothing in them can be grounded.

Said once a file, at the first such row: a dataset without documents is legitimate, but nobody should believe that its
values were found in a text.

Source: project decision (SPEC 2).
"""

from collections.abc import Iterator

from guidex_schema.ledger import Ledger
from guidex_schema.rule import Compare, Example, Fault, Place, Severity, Sketch, Subject

CODE = "GX508"
NAME = "missing-document"
SEVERITY = Severity.INFO

VALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'), Example(file=b"[1]\n"))

INVALID = (
    Example(
        file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'
        b'{"guidelines": "", "labels": "[]"}\n{"guidelines": "", "labels": "[]"}\n',
        part="document",
        message=("this row has no document: its values are not grounded, nor are those of further such rows"),
    ),
)


def sketch(subject: Subject) -> Sketch | None:
    """Say that there is no document."""
    return () if subject.is_read and subject.record.document is None else None


def meeting(_sketch: Sketch, place: Place) -> str:
    """Rows without a document meet those of their file."""
    return place.file


def watch() -> Compare:
    """Remember of which files it was said."""
    said = Ledger()

    def compare(_sketch: Sketch, place: Place) -> Iterator[Fault]:
        if said.add(place.file, "") is None:
            message = "this row has no document: its values are not grounded, nor are those of further such rows"
            yield Fault(rule=NAME, message=message, part="document", key=NAME)

    return compare
