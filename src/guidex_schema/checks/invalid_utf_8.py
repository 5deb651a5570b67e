"""A line is not UTF-8.

The line is reported and the other rows are checked. Decoding it some other way would change the document and
with it every offset.

Source: RFC 8259, section 8.1 (JSON text is UTF-8).
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX005"
NAME = "invalid-utf-8"
SEVERITY = Severity.ERROR

VALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'),)

INVALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "caf\xe9"}\n', part="file"),)

check = Reported(NAME)
