"""A class derives from something that nothing defines.

The file cannot be loaded. A base is a class of the file, an imported name, a builtin, or one of GoLLIE's roots
(Entity, Relation, Event, Template).

A base must stand above the class: unlike an annotation it cannot be quoted.

Source: Python language reference, section 8.8 (class definitions); GoLLIE, arXiv:2310.03668.
"""

import ast
from collections.abc import Iterator

from guidex_schema import imports
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.schema import ROOTS
from guidex_schema.suggestion import nearest, rename

CODE = "GX122"
NAME = "unknown-base"
SEVERITY = Severity.WARNING

VALID = (
    Example(guidelines="from a import B\n\nclass A(B):\n    x: str\n\nclass C(Entity):\n    y: str\n"),
    Example(guidelines="from a import *\n\nclass A(B):\n    x: str\n"),
    Example(guidelines="class Name(str):\n    pass\n"),
)

INVALID = (
    Example(
        guidelines="from typing import *\n\nclass A(Zebra):\n    x: str\n",
        at="Zebra",
        part="guidelines",
        path="A",
        message="nothing defines the base `Zebra`",
    ),
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
    Example(
        guidelines="class Zebras(Zebra):\n    x: str\n",
        at="Zebra",
        part="guidelines",
        path="Zebras",
        message="nothing defines the base `Zebra`",
    ),
    Example(
        guidelines="class A(B):\n    x: str\n\nclass B:\n    y: str\n",
        at="B",
        part="guidelines",
        path="A",
        message="the base `B` is used before it is defined",
    ),
    Example(
        guidelines="class A(A):\n    x: str\n",
        at="A",
        part="guidelines",
        path="A",
        message="the base `A` is used before it is defined",
    ),
)

# Each is compared with all names of the file, so a file of nothing else is not told more.
_SUGGESTIONS = 100


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Resolve every base that is a plain name."""
    found = inventory(guideline)
    if found.bases <= ROOTS.keys() - found.class_names or imports.imports_everything(guideline):
        return
    bound = imports.bound_names(guideline)
    classes = {node.name for node in guideline.classes}
    known = set(bound - classes) | imports.BUILTINS | imports.MODULES.keys() | (ROOTS.keys() - classes)
    # What only a star binds is far from what was meant.
    meant = bound - imports.starred_names(guideline)
    suggestions = 0
    for node in guideline.classes:
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id not in known:
                later = base.id in classes
                suggestions += not later
                near = None if later or suggestions > _SUGGESTIONS else nearest(base.id, meant)
                if near == node.name:
                    near = nearest(base.id, meant - {near})
                yield Fault(
                    rule=NAME,
                    message=(
                        f"the base {quoted(base.id)} is used before it is defined"
                        if later
                        else f"nothing defines the base {quoted(base.id)}"
                    )
                    + (f"; did you mean {quoted(near)}?" if near else ""),
                    part="guidelines",
                    span=guideline.span(base),
                    path=node.name,
                    fix=rename(guideline.span(base), near),
                )
        known.add(node.name)
