"""A row lacks a column that its form needs.

With a `guidelines` column the row is in the native form and needs `labels`. Without it the row is in the
GuideX form and needs a `text` with a `text = ` line. Other column names are a setting (`[tool.guidex.columns]`).

Source: GuideX, arXiv:2506.00649, the published row form.
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX003"
NAME = "missing-column"
SEVERITY = Severity.ERROR

VALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'),)

INVALID = (
    Example(file=b'{"guidelines": "", "document": "Ada"}\n', part="file"),
    Example(file=b'{"text": "from dataclasses import dataclass", "labels": "[]"}\n', part="file"),
    Example(file=b'{"id": 1}\n', part="file"),
)

check = Reported(NAME)
