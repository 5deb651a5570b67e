"""A file, the guidelines or the labels start with a byte order mark.

It is passed over. Python's parser refuses it in text, so the same row fails in other tools.

Source: RFC 8259, section 8.1; PEP 263.
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX007"
NAME = "byte-order-mark"
SEVERITY = Severity.WARNING

VALID = (Example(labels='[Person(mention="Ada")]'),)

INVALID = (
    Example(labels='\ufeff[Person(mention="Ada")]', at="\ufeff"),
    Example(guidelines="\ufefffrom dataclasses import dataclass\n", at="\ufeff", part="guidelines"),
    Example(file=b'\xef\xbb\xbf{"guidelines": "", "labels": "[]", "document": "Ada"}\n', part="file"),
)

check = Reported(NAME)
