"""A class derives from something that nothing defines.

The file cannot be loaded. A base is a class of the file, an imported name, a builtin, or one of GoLLIE's roots
(Entity, Relation, Event, Template).

Source: Python language reference, section 8.8 (class definitions); GoLLIE, arXiv:2310.03668.
"""

import ast
from collections.abc import Iterator

from guidex_schema import imports
from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.schema import ROOTS
from guidex_schema.suggestion import nearest, rename

CODE = "GX122"
NAME = "unknown-base"
SEVERITY = Severity.ERROR

VALID = (
    Example(guidelines="from a import B\n\nclass A(B):\n    x: str\n\nclass C(Entity):\n    y: str\n"),
    Example(guidelines="from a import *\n\nclass A(B):\n    x: str\n"),
    Example(guidelines="class Name(str):\n    pass\n"),
)

INVALID = (
    Example(
        guidelines="class Person:\n    x: str\n\nclass Writer(Persn):\n    y: str\n",
        at="Persn",
        part="guidelines",
        path="Writer",
        fixed="class Person:\n    x: str\n\nclass Writer(Person):\n    y: str\n",
        message="nothing defines the base `Persn`; did you mean `Person`?",
        title="Write `Person`",
    ),
    Example(
        guidelines="class A(Zebra):\n    x: str\n",
        at="Zebra",
        part="guidelines",
        path="A",
        message="nothing defines the base `Zebra`",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Resolve every base that is a plain name."""
    guideline = subject.guideline
    if imports.imports_everything(guideline):
        return
    bound = imports.bound_names(guideline)
    known = bound | imports.BUILTINS | imports.MODULES.keys() | ROOTS.keys()
    for node in guideline.classes:
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id not in known:
                near = nearest(base.id, bound - {node.name})
                yield Fault(
                    rule=NAME,
                    message=f"nothing defines the base {quoted(base.id)}"
                    + (f"; did you mean {quoted(near)}?" if near else ""),
                    part="guidelines",
                    span=guideline.span(base),
                    path=node.name,
                    fix=rename(guideline.span(base), near),
                )
