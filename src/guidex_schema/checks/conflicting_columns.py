"""Two columns of a row give the same thing and disagree.

A GuideX row carries its document both as `unlabelled_sentence` and inside `text`, and its labels both as `labels` and
behind `result =`. The column is believed.

Source: project decision (SPEC 1), after the row form that GuideX published.
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX507"
NAME = "conflicting-columns"
SEVERITY = Severity.WARNING

VALID = (Example(file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'),)

INVALID = (
    Example(
        file=b'{"text": "\\ntext = \\"Ada\\"\\nresult = []", "labels": "[]", "unlabelled_sentence": "Bob"}\n',
        part="document",
    ),
    Example(
        file=b'{"text": "\\ntext = \\"Ada\\"\\nresult = []", "labels": "[A()]", "unlabelled_sentence": "Ada"}\n',
        part="labels",
    ),
)

check = Reported(NAME)
