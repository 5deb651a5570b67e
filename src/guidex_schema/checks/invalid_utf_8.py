"""A line is not UTF-8.

The line is reported and the other rows are checked. Decoding it some other way would change the document and
with it every offset.

Source: RFC 8259, section 8.1 (JSON text is UTF-8).
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX005"
NAME = "invalid-utf-8"
SEVERITY = Severity.ERROR

VALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'),)

INVALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "caf\xe9"}\n', part="file"),)


def check(subject: Subject) -> Iterator[Fault]:
    """Give what reading the row has found."""
    return subject.reported(NAME)
