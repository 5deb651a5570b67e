"""A file, the guidelines or the labels start with a byte order mark.

It is passed over. Python's parser refuses it in text, so the same row fails in other tools.

Source: RFC 8259, section 8.1; PEP 263.
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX007"
NAME = "byte-order-mark"
SEVERITY = Severity.WARNING

VALID = (Example(labels='[Person(mention="Ada")]'),)

INVALID = (
    Example(labels='\ufeff[Person(mention="Ada")]', at="\ufeff"),
    Example(guidelines="\ufefffrom dataclasses import dataclass\n", at="\ufeff", part="guidelines"),
    Example(file=b'\xef\xbb\xbf{"guidelines": "", "labels": "[]", "document": "Ada"}\n', part="file"),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Give what reading the row has found."""
    return subject.reported(NAME)
