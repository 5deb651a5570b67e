"""A docstring is never closed, so that it swallows the next attribute.

The quotes that should open the next docstring close this one. The schema stays as it is literally written, and the
labels' use of the swallowed attribute is an unexpected attribute. In the docstring of a class a line like a declaration
may as well describe an attribute, so there it is a fault only where the source cannot be read otherwise. The fix closes
the docstring before the swallowed line; it is unsafe, since it changes what the type declares.

Source: a row that GuideX published (arXiv:2506.00649), whose guidelines do not parse for this reason.
"""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from guidex_schema import blocks, layout, tokens
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.text import Span

CODE = "GX110"
NAME = "swallowed-docstring"
SEVERITY = Severity.ERROR
# It stands for a syntax error, and those cannot be suppressed either.
IS_SUPPRESSIBLE = False

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
    Example(guidelines='class A:\n    """What A is.\n\n    x: str\n    """\n\n    x: str\n'),
)

INVALID = (
    Example(
        guidelines=_BROKEN,
        at="    y: int = 0",
        part="guidelines",
        path="A.x",
        fixed=_MENDED,
        message="the docstring of `A.x` is not closed and swallows `y`",
        title="Close the docstring before the attribute",
    ),
    Example(
        guidelines='class A:\n    x: str\n    """What x is.\n    y: "List[A]"  # What y is.\n    """\n',
        at='    y: "List[A]"  # What y is.',
        part="guidelines",
        path="A.x",
        fixed='class A:\n    x: str\n    """What x is.\n    """\n    y: "List[A]"  # What y is.\n',
        message="the docstring of `A.x` is not closed and swallows `y`",
        title="Close the docstring before the attribute",
    ),
    Example(
        guidelines='class B:\n    w: str\n    v: str\n    """Fine."""\n    x: str\n'
        '    r"""Not.\n    y: List[B]\n    """\n',
        at="    y: List[B]",
        part="guidelines",
        path="B.x",
        fixed='class B:\n    w: str\n    v: str\n    """Fine."""\n    x: str\n    r"""Not.\n    """\n    y: List[B]\n',
        message="the docstring of `B.x` is not closed and swallows `y`",
        title="Close the docstring before the attribute",
    ),
    Example(
        guidelines='class A:\n    """Is counted in the text.\n    x: int\n    """What x is."""\n'
        '    y: int\n    """What y is."""\n',
        at="    x: int",
        part="guidelines",
        path="A",
        fixed='class A:\n    """Is counted in the text.\n    """\n    x: int\n    """What x is."""\n'
        '    y: int\n    """What y is."""\n',
        message="the docstring of `A` is not closed and swallows `x`",
        title="Close the docstring before the attribute",
    ),
    Example(
        guidelines='class A:\n    x: str\n    R"""Not.\n    y: int\n    z: int\n    end"""\n',
        at="    y: int",
        part="guidelines",
        path="A.x",
        message="the docstring of `A.x` is not closed and swallows `y`, `z`",
    ),
)


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Look for declarations inside docstrings."""
    long_texts = [text for text in inventory(guideline).long_texts if ":" in text]
    if not long_texts:
        return
    classes = blocks.class_names(guideline.source)
    # With a backslash, a literal may have lines that its text has not.
    if "\\" not in guideline.source and not any(blocks.swallowed_attributes(one, None, classes) for one in long_texts):
        return
    for path, owner, docstring in _docstrings(guideline):
        span = guideline.span(docstring)
        line = guideline.document.line(owner.lineno)
        indent = line[: len(line) - len(line.lstrip())]
        is_first = layout.indentation(guideline, owner) == indent
        swallowed = blocks.swallowed_attributes(guideline.source[span.start : span.end], indent, classes)
        if not swallowed or (owner is docstring and not _opens_the_next(guideline, span.end)):
            continue
        at = Span(start=span.start + swallowed[0].span.start, end=span.start + swallowed[0].span.end)
        names = ", ".join(quoted(one.name) for one in swallowed)
        yield Fault(
            rule=NAME,
            message=f"the docstring of {quoted(path)} is not closed and swallows {names}",
            part="guidelines",
            span=at,
            path=path,
            fix=_fix(guideline, span, at, indent) if is_first else None,
        )


def _docstrings(guideline: Guideline) -> Iterator[tuple[str, ast.stmt, ast.Expr]]:
    """Give each docstring with the path of what it describes, and the statement whose indentation it has."""
    for node in guideline.classes:
        match node.body[0]:
            case ast.Expr(value=ast.Constant(value=str())) as docstring:
                yield node.name, docstring, docstring
        for statement, following in pairwise(node.body):
            match statement, following:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str())):
                    yield f"{node.name}.{name}", statement, following


def _fix(guideline: Guideline, docstring: Span, swallowed: Span, indent: str) -> Fix | None:
    """Close the docstring before the swallowed line; where its own quotes then open nothing, remove them."""
    source = guideline.source
    literals = [token for token in tokens.scan(source[docstring.start : docstring.end]) if token.kind == "string"]
    quotes = source[docstring.end - 3 : docstring.end]
    if len(literals) != 1 or quotes not in ('"""', "'''"):
        return None
    edits = [Edit(start=swallowed.start, end=swallowed.start, replacement=f"{indent}{quotes}\n")]
    if not _opens_the_next(guideline, docstring.end):
        document = guideline.document
        line = document.position(docstring.end).line
        start = document.line_starts[line - 1]
        rest = source[docstring.end : document.line_end(line)]
        if source[start : docstring.end - 3].strip(" \t") or rest.strip():
            return None
        above = document.line_starts[line - 2] + len(document.line(line - 1))
        edits.append(Edit(start=above, end=docstring.end, replacement=""))
    return Fix(title="Close the docstring before the attribute", safe=False, edits=tuple(edits))


def _opens_the_next(guideline: Guideline, end: int) -> bool:
    """Say whether the closing quotes were meant to open a docstring: prose that could not be read follows."""
    behind = re.compile(r"\S").search(guideline.source, end)
    return behind is not None and guideline.readable[behind.start()].isspace()
