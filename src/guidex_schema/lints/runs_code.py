"""Guidelines hold code that would run when they are loaded.

A call, a method, a decorator other than `dataclass`, a class keyword such as `metaclass`, an f-string, a call inside a
quoted annotation. Guidelines are read and never executed, so nothing of it runs here; but no tool should load them.

Source: project decision (SPEC 14); GuideX's filter executes every row in its own process.
"""

from collections.abc import Iterable

from guidex_schema.guideline import Guideline
from guidex_schema.rule import Example, Fault, Severity

CODE = "GX118"
NAME = "runs-code"
SEVERITY = Severity.ERROR

VALID = (
    Example(guidelines="import os\n\nclass A:\n    x: List[int] = field(default_factory=list)\n"),
    Example(guidelines="X = {k: v for k, v in Y.items() if k}\n"),
    Example(guidelines="ALL = COARSE + FINE\nMORE = ALL + [A, B] + (C,)\nFEW = [*_SHARED, Person]\n"),
    Example(guidelines="Item = Pizza | 'Beer' | None\nItems = List[Item] | Item\n"),
)

INVALID = (
    Example(guidelines="import os\nos.remove('x')\n", at="os.remove('x')", part="guidelines"),
    Example(guidelines="class A:\n    x: str\n\n    def f(self): ...\n", at="def f(self): ...", part="guidelines"),
    Example(guidelines="@evil\nclass A:\n    x: str\n", at="evil", part="guidelines"),
    Example(guidelines="class A(metaclass=B):\n    x: str\n", at="metaclass=B", part="guidelines"),
    Example(guidelines="A = B + f()\n", at="B + f()", part="guidelines"),
    Example(guidelines="A = B * 9\n", at="B * 9", part="guidelines"),
    Example(guidelines="class A:\n    x: 'f()'\n", at="'f()'", part="guidelines"),
    Example(guidelines="class A:\n    x: int = f()\n", at="f()", part="guidelines"),
)


def lint(guideline: Guideline) -> Iterable[Fault]:
    """Give what reading the row has found."""
    return guideline.reported(NAME) if guideline.faults else ()
