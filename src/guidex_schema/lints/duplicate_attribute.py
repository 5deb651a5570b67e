"""An attribute is declared twice in one class.

The later type and default hold, in the place of the first; which description annotators follow, nobody knows. The fix
takes out the later declaration where it repeats the first to the letter.

Source: PEP 557 (dataclasses), fields are an ordered mapping by name; ruff PIE794 (duplicate-class-field-definition).
"""

import ast
from collections.abc import Iterator

from guidex_schema import imports, layout
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.text import Span

CODE = "GX123"
NAME = "duplicate-attribute"
SEVERITY = Severity.WARNING

VALID = (
    Example(guidelines="class A:\n    x: str\n    y: str\n\nclass B(A):\n    x: str\n"),
    Example(guidelines="class A:\n    X: ClassVar[int] = 1\n    X: ClassVar[int] = 2\n"),
)

INVALID = (
    Example(
        guidelines="class A:\n    x: str  # What x is.\n    y: str\n    x: str  # What x is.\n",
        at="x: str",
        part="guidelines",
        path="A.x",
        fixed="class A:\n    x: str  # What x is.\n    y: str\n",
        safe=True,
        message="the attribute `A.x` is declared on line 2 already",
        title="Remove the second declaration of `x`",
    ),
    Example(
        guidelines="@dataclass\nclass A:\n    x: int = 1\n    y: int = 2\n    _: KW_ONLY\n    x: int = 1\n    z: int\n",
        at="x: int = 1",
        part="guidelines",
        path="A.x",
        fixed="@dataclass\nclass A:\n    x: int = 1\n    y: int = 2\n    _: KW_ONLY\n    z: int\n",
        safe=True,
        message="the attribute `A.x` is declared on line 3 already",
        title="Remove the second declaration of `x`",
    ),
    Example(
        guidelines='class A:\n    x: str\n    """What x is."""\n    x: int\n    """What x is."""\n',
        at="x: int",
        part="guidelines",
        path="A.x",
        message="the attribute `A.x` is declared on line 2 already, there as `str` and here as `int`",
    ),
    Example(
        guidelines="class A:\n    x: str\n    x: str = ''\n",
        at="x: str = ''",
        part="guidelines",
        path="A.x",
        message="the attribute `A.x` is declared on line 2 already",
    ),
)


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Compare every attribute with the first of its name in the same class."""
    repeating = [number for number, body in enumerate(inventory(guideline).bodies) if body.repeats]
    for node in map(guideline.classes.__getitem__, repeating) if repeating else ():
        first: dict[str, imports.Declaration] = {}
        # Without a later copy, a different declaration between the two would hold.
        varied: set[str] = set()
        places = {statement: number for number, statement in enumerate(node.body)}
        for declaration in imports.declarations(node):
            if not declaration.is_attribute:
                continue
            earlier = first.setdefault(declaration.target.id, declaration)
            if earlier is declaration:
                continue
            fix = _fix(guideline, declaration, places[declaration.statement], places[earlier.statement])
            if fix is None:
                varied.add(declaration.target.id)
            types = [ast.unparse(one.statement.annotation) for one in (earlier, declaration)]
            yield Fault(
                rule=NAME,
                message=f"the attribute {quoted(declaration.path)} is declared on line {earlier.statement.lineno} "
                "already"
                + (f", there as {quoted(types[0])} and here as {quoted(types[1])}" if types[0] != types[1] else ""),
                part="guidelines",
                span=guideline.span(declaration.statement),
                path=declaration.path,
                fix=None if declaration.target.id in varied else fix,
            )


def _fix(guideline: Guideline, declaration: imports.Declaration, place: int, earlier: int) -> Fix | None:
    lines, first = (_lines(guideline, declaration.owner, one) for one in (place, earlier))
    if lines is None or first is None or layout.text_of(guideline, lines) != layout.text_of(guideline, first):
        return None
    removed = layout.removal(guideline, lines)
    edit = Edit(start=removed.start, end=removed.end, replacement="")
    return Fix(title=f"Remove the second declaration of `{declaration.target.id}`", safe=True, edits=(edit,))


def _lines(guideline: Guideline, node: ast.ClassDef, place: int) -> Span | None:
    """Give the lines of an attribute with its comments and its docstring."""
    above = node.body[place - 1].end_lineno or 0 if place else node.lineno
    last = place
    while last + 1 < len(node.body) and isinstance(node.body[last + 1], ast.Expr):
        last += 1
    return layout.own_lines(guideline, node.body[place], node.body[last], above)
