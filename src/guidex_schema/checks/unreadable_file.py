"""A file cannot be opened or decoded.

The file is reported and the other files are checked. Without this a misspelt path in a workflow would
read as a clean dataset.

Source: project decision, "never clean by accident".
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX001"
NAME = "unreadable-file"
SEVERITY = Severity.ERROR

VALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'),)

INVALID = (Example(file=b"\xff\xfe[\x00]\x00\n", part="file"),)

check = Reported(NAME)
