"""Guidelines, or one class in them, are not Python.

The source is then read block by block, so that the classes around the fault are still checked; instances of the
class that could not be read are not.

Source: Python language reference; GuideX's filter drops the whole row.
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX011"
NAME = "guideline-syntax"
SEVERITY = Severity.ERROR

VALID = (Example(),)

INVALID = (
    Example(
        guidelines="class A:\n    x: int\n\nclass B:\n    x int\n\nclass C:\n    x: int\n", at="i", part="guidelines"
    ),
    Example(guidelines="from dataclasses import dataclass\n\nclass A:\n    x: int\n```\n", at="```", part="guidelines"),
)

check = Reported(NAME)
