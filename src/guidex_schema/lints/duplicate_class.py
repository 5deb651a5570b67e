"""A class is defined twice in the same words.

Python keeps the later one, and annotators read the same guideline twice. One of the two was mostly meant to say
something else. The fix takes out the later copy, where it is written as the first is, comments included.

Source: ruff F811 (redefined-while-unused); GuideX, arXiv:2506.00649, whose filter keeps such rows.
"""

import ast
from collections.abc import Iterator, Mapping
from itertools import pairwise

from guidex_schema import classes, layout
from guidex_schema.classes import Redefinition
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.rule import Example, Fault, Severity

CODE = "GX111"
NAME = "duplicate-class"
SEVERITY = Severity.WARNING

VALID = (Example(guidelines="class A:\n    x: str\n\nclass A:\n    x: int\n\nclass B:\n    x: str\n"),)

INVALID = (
    Example(
        guidelines="class A:\n    x: str\n\n\nclass B:\n    x: str\n\n\nclass A:\n    x: str\n\n\nALL = [A, B]\n",
        at="A",
        part="guidelines",
        path="A",
        fixed="class A:\n    x: str\n\n\nclass B:\n    x: str\n\n\nALL = [A, B]\n",
        safe=True,
        message="the class `A` is defined on line 1 already, in the same words",
        title="Remove the second definition of `A`",
    ),
    Example(
        guidelines="class A:\n    x: str\n\nclass A:\n    x: str  # What x is.\n",
        at="A",
        part="guidelines",
        path="A",
        message="the class `A` is defined on line 1 already, in the same words",
    ),
    Example(
        guidelines="class A:\n    x: str\n\nclass A:\n    x: int\n\nclass A:\n    x: str\n",
        at="A",
        part="guidelines",
        path="A",
        message="the class `A` is defined on line 1 already, in the same words",
    ),
    Example(
        guidelines="class A:\n    x: str\n\n'Section'\nclass A:\n    x: str\n",
        at="A",
        part="guidelines",
        path="A",
        message="the class `A` is defined on line 1 already, in the same words",
    ),
)


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Compare the definitions of each name."""
    # Without a later copy, a different definition between the two would hold.
    varied: set[str] = set()
    for one in classes.redefinitions(guideline):
        if not one.is_same:
            varied.add(one.node.name)
        else:
            yield Fault(
                rule=NAME,
                message=f"the class {quoted(one.node.name)} is defined on line {one.earlier.lineno} already, "
                "in the same words",
                part="guidelines",
                span=guideline.name_span(one.node),
                path=one.node.name,
                fix=None if one.node.name in varied else _fix(guideline, one),
            )


def _fix(guideline: Guideline, one: Redefinition) -> Fix | None:
    """Take out the later copy, unless a heading or a decorator that was refused would be left above the next class."""
    above = guideline.once(_above)[one.node]
    if isinstance(above, ast.Expr) or layout.has_refused_decorator(guideline, guideline.span(above).end, one.node):
        return None
    lines = layout.own_lines(guideline, one.node, one.node)
    first = layout.own_lines(guideline, one.earlier, one.earlier)
    if lines is None or first is None or layout.text_of(guideline, lines) != layout.text_of(guideline, first):
        return None
    behind = guideline.document.line(guideline.document.position(lines.end).line + 1)
    if behind.startswith((" ", "\t")) and behind.strip():
        # A comment in the class, which no statement ends.
        return None
    removed = layout.removal(guideline, lines)
    edit = Edit(start=removed.start, end=removed.end, replacement="")
    return Fix(title=f"Remove the second definition of `{one.node.name}`", safe=True, edits=(edit,))


def _above(guideline: Guideline) -> Mapping[ast.stmt, ast.stmt]:
    """Give for each statement but the first the one above it."""
    return {after: before for before, after in pairwise(guideline.tree.body)}
