"""A row is not a JSON object.

The line is reported with what the JSON parser says and the other rows are checked; nothing is skipped silently.

Source: RFC 8259 (JSON), jsonlines.org (one value a line).
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX002"
NAME = "unreadable-row"
SEVERITY = Severity.ERROR

VALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'),)

INVALID = (
    Example(file=b'{"guidelines": "", "labels": "[]"\n', part="file"),
    Example(file=b'["guidelines", "labels"]\n', part="file"),
    Example(file=b'{"guidelines": "", "labels": "[]", "labels": "[1]"}\n', part="file"),
)

check = Reported(NAME)
