"""A file of a dataset has rows without a document, so nothing in them can be grounded.

Said once a file, at the first such row: a dataset without documents is legitimate, but nobody should believe that its
values were found in a text.

Source: project decision (SPEC 2).
"""

from collections.abc import Callable, Iterator

from guidex_schema.ledger import Ledger
from guidex_schema.rule import Example, Fault, Severity, Subject

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


def watch() -> Callable[[Subject], Iterator[Fault]]:
    """Remember of which files it was said."""
    said = Ledger()

    def check(subject: Subject) -> Iterator[Fault]:
        file = subject.place.file
        if subject.is_read and subject.record.document is None and said.add(file, "") is None:
            message = "this row has no document: its values are not grounded, nor are those of further such rows"
            yield Fault(rule=NAME, message=message, part="document", key=NAME)

    return check
