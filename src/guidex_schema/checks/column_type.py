"""A column holds a value of the wrong type.

Guidelines, labels and documents are strings. Labels that are already a JSON list are not the Python that the
guidelines speak about.

Source: GuideX, arXiv:2506.00649, the published row form.
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX004"
NAME = "column-type"
SEVERITY = Severity.ERROR

VALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'),)

INVALID = (
    Example(file=b'{"guidelines": "", "labels": [], "document": "Ada"}\n', part="file"),
    Example(file=b'{"guidelines": "", "labels": "[]", "document": 7}\n', part="file"),
)

check = Reported(NAME)
