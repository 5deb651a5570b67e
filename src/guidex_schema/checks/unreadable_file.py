"""A file cannot be opened or decoded.

The file is reported and the other files are checked. Without this a misspelt path in a workflow would
read as a clean dataset.

Source: project decision, "never clean by accident".
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX001"
NAME = "unreadable-file"
SEVERITY = Severity.ERROR

VALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'),)

INVALID = (Example(file=b"\xff\xfe[\x00]\x00\n", part="file"),)


def check(subject: Subject) -> Iterator[Fault]:
    """Give what reading the row has found."""
    return subject.reported(NAME)
