"""A file holds no row.

An empty dataset is more often a failed download or a generation that died than what somebody wanted.

Source: project decision, "never clean by accident".
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX006"
NAME = "empty-file"
SEVERITY = Severity.ERROR

VALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'),)

INVALID = (
    Example(file=b"", part="file"),
    Example(file=b"\n \n", part="file"),
)

check = Reported(NAME)
