"""A statement of the guidelines declares nothing that the schema holds, and is left unread.

Displays, comprehensions and loops over them collect types for a training script. They are inert and stay in the file;
only what they say is not part of the schema.

Source: GoLLIE's guideline files (coarse and fine types); project decision (SPEC 14).
"""

import ast
import re
from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity

CODE = "GX120"
NAME = "unread-statement"
SEVERITY = Severity.INFO

VALID = (
    Example(guidelines="class A:\n    x: str\n\nENTITIES: List[Type] = [A]\n"),
    Example(guidelines="class A(Enum):\n    X = 1\n"),
    Example(guidelines="class A:\n    __slots__ = ()\n\nCOARSE = [A]\nFINE = COARSE + [B]\nALL = [*FINE, C]\n"),
    Example(guidelines="class A:\n    x: str\n\nKind = Literal['a', 'b']\nActor: TypeAlias = 'A | Kind'\nOther = A\n"),
    Example(guidelines="__all__ = ['A']\n__all__ += ['B']\n__version__ = '1.0'\n"),
)

INVALID = (
    Example(
        guidelines="COARSE = {k: v for k, v in FINE.items()}\n",
        at="COARSE = {k: v for k, v in FINE.items()}",
        part="guidelines",
        message="this statement is left unread: `COARSE = {k: v for k, v in FINE.items()}`",
    ),
    Example(
        guidelines="for a in []:\n    B[a] = 1\n",
        at="for a in []:\n    B[a] = 1",
        part="guidelines",
        message="this statement is left unread: `for a in []: B[a] = 1`",
    ),
    Example(
        guidelines="class A:\n    x = 1\n",
        at="x = 1",
        part="guidelines",
        message="this statement is left unread: `x = 1`",
    ),
    Example(
        guidelines="X = 1\n\nclass A:\n    y: int\n",
        at="X = 1",
        part="guidelines",
        message="this statement is left unread: `X = 1`",
    ),
    Example(
        guidelines="Json = Union[str, List['Json']]\n",
        at="Json = Union[str, List['Json']]",
        part="guidelines",
        message="this statement is left unread: `Json = Union[str, List['Json']]`",
    ),
)

# Python and its tools read these: ``__all__``, ``__version__``, ``__slots__``.
_DUNDER = re.compile(r"__\w+__")


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Name the statements that neither declare a type nor register one; those for Python's own use declare none."""
    if not inventory(guideline).has_further:
        return
    read = {register.name for register in guideline.schema.registers} | guideline.type_aliases.keys()
    enumerations = {enumeration.name for enumeration in guideline.schema.enumerations}
    unread = [
        statement
        for statement in guideline.tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For)
        and not (_target(statement) in read and not isinstance(statement, ast.AugAssign))
    ]
    for node in guideline.classes:
        if node.name not in enumerations:
            unread += [statement for statement in node.body if isinstance(statement, ast.Assign)]
    for statement in unread:
        if _DUNDER.fullmatch(_target(statement)):
            continue
        span = guideline.span(statement)
        yield Fault(
            rule=NAME,
            message=f"this statement is left unread: {quoted(guideline.source[span.start : span.end])}",
            part="guidelines",
            span=span,
        )


def _target(statement: ast.stmt) -> str:
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)])
            | ast.AnnAssign(target=ast.Name(id=name))
            | ast.AugAssign(target=ast.Name(id=name))
        ):
            return name
        case _:
            return ""
