"""An attribute docstring is never closed, so that it swallows the next attribute.

The quotes that should open the next docstring close this one. The schema stays as it is literally written, and the
labels' use of the swallowed attribute is an unexpected attribute. The fix closes the docstring before the swallowed
line; it is unsafe, since it changes what the type declares.

Source: a row that GuideX published (arXiv:2506.00649), whose guidelines do not parse for this reason.
"""

import ast
from collections.abc import Iterator

from guidex_schema import blocks
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.text import Span

CODE = "GX110"
NAME = "swallowed-docstring"
SEVERITY = Severity.ERROR

_BROKEN = '''class A:
    x: str
    """
    What x is.
    y: int = 0
    """
    What y is.
    """
    z: str
'''
_MENDED = '''class A:
    x: str
    """
    What x is.
    """
    y: int = 0
    """
    What y is.
    """
    z: str
'''

VALID = (
    Example(guidelines=_MENDED),
    Example(guidelines='class A:\n    x: str\n    """\n    What x is.\n    Note: a str\n    """\n'),
)

INVALID = (
    Example(
        guidelines=_BROKEN,
        at="    y: int = 0",
        part="guidelines",
        path="A.x",
        fixed=_MENDED,
        message="the docstring of `A.x` is not closed and swallows `y`",
    ),
    Example(
        guidelines='class A:\n    x: str\n    """What x is.\n    y: "A"\n    """\n',
        at='    y: "A"',
        part="guidelines",
        path="A.x",
        fixed='class A:\n    x: str\n    """What x is.\n    """\n    y: "A"\n',
        message="the docstring of `A.x` is not closed and swallows `y`",
    ),
    Example(
        guidelines='class B:\n    w: str\n    v: str\n    """Fine."""\n    x: str\n'
        '    r"""Not.\n    y: List[B]\n    """\n',
        at="    y: List[B]",
        part="guidelines",
        path="B.x",
        fixed='class B:\n    w: str\n    v: str\n    """Fine."""\n    x: str\n    r"""Not.\n    """\n    y: List[B]\n',
        message="the docstring of `B.x` is not closed and swallows `y`",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Look for declarations inside attribute docstrings."""
    guideline = subject.guideline
    classes = blocks.class_names(guideline.source)
    for node in guideline.classes:
        for statement, following in zip(node.body, node.body[1:], strict=False):
            match statement, following:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str())):
                    span = guideline.span(following)
                case _:
                    continue
            line = guideline.document.line(statement.lineno)
            indent = line[: len(line) - len(line.lstrip())]
            docstring = guideline.source[span.start : span.end]
            swallowed = blocks.swallowed_attributes(docstring, indent, classes)
            if not swallowed:
                continue
            first = swallowed[0]
            at = Span(start=span.start + first.span.start, end=span.start + first.span.end)
            quotes = docstring.lstrip("rRuUbB")[:3]
            edits = [Edit(start=at.start, end=at.start, replacement=f"{indent}{quotes}\n")]
            if not _opens_the_next(guideline, span.end):
                edits.append(_without_closing_quotes(guideline.source, span.end))
            names = ", ".join(quoted(one.name) for one in swallowed)
            yield Fault(
                rule=NAME,
                message=f"the docstring of {quoted(f'{node.name}.{name}')} is not closed and swallows {names}",
                part="guidelines",
                span=at,
                path=f"{node.name}.{name}",
                fix=Fix(title="Close the docstring before the attribute", safe=False, edits=tuple(edits)),
            )


def _opens_the_next(guideline: Guideline, end: int) -> bool:
    """Say whether the closing quotes were meant to open a docstring: prose that could not be read follows."""
    behind = guideline.source[end:]
    start = end + len(behind) - len(behind.lstrip())
    return start < len(guideline.source) and guideline.readable[start].isspace()


def _without_closing_quotes(source: str, end: int) -> Edit:
    """Remove the quotes, and the line that holds nothing else."""
    before = source[: end - 3].rstrip(" \t")
    start = len(before) - 1 if before.endswith("\n") else end - 3
    return Edit(start=start, end=end, replacement="")
