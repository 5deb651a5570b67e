"""Guidelines, or one class in them, are not Python.

The source is then read block by block, so that the classes around the fault are still checked; instances of the
class that could not be read are not.

What Python's parser takes and its compiler refuses is taken out by itself.

Source: Python language reference, future statements and calls; GuideX's filter drops the whole row.
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
    Example(
        guidelines="class A:\n    x: int\n\nfrom __future__ import annotations\n",
        at="from __future__ import annotations",
        part="guidelines",
        message="a future import behind other statements is not Python: `from __future__ import annotations`",
    ),
    Example(
        guidelines="class A:\n    x: int = field(default=1, default=2)\n",
        at="default=2",
        part="guidelines",
        message="a keyword that is repeated is not Python: `default=2`",
    ),
    Example(guidelines="from dataclasses import dataclass\n\nclass A:\n    x: int\n```\n", at="```", part="guidelines"),
)

check = Reported(NAME)
