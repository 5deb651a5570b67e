"""An annotation uses a class before it is defined, without quotes.

Loading the file raises NameError before Python 3.14. The fix quotes the name, or the whole annotation where the name
stands in a `|` union.

A quoted name in a `|` union raises TypeError instead, wherever its class stands. The same goes for a type that has
a name of its own (`Actor = Union[Person, Place]`).

Source: PEP 484 (forward references), PEP 563, PEP 649.
"""

import ast
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from guidex_schema import imports
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import Body, inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.syntax import bindings, names_in

CODE = "GX109"
NAME = "unquoted-forward-reference"
SEVERITY = Severity.ERROR

VALID = (
    Example(guidelines='class A:\n    x: "B"\n    y: List["A"]\n\nclass B:\n    z: A\n'),
    Example(guidelines="class A:\n    x: str\n\nclass B:\n    y: str\n\nclass C:\n    z: A\n"),
    Example(guidelines="from __future__ import annotations\n\nclass A:\n    x: B\n\nclass B:\n    y: str\n"),
    Example(guidelines="class A:\n    x: 'B'\n\nB = Union[A, 'C', None]\n\nclass C:\n    y: B\n"),
    Example(guidelines="from typing import *\n\nclass A:\n    x: List\n\nclass List:\n    x: str\n"),
    Example(guidelines='C: TypeAlias = "A | None"\n\nclass A:\n    x: C\n'),
)

INVALID = (
    Example(
        guidelines="class A:\n    x: (A |\n        None)\n",
        at="A",
        part="guidelines",
        path="A.x",
        message="`A` is used before it is defined",
    ),
    Example(
        guidelines="class A:\n    x: List[B]\n\nclass B:\n    y: str\n",
        at="B",
        part="guidelines",
        path="A.x",
        fixed='class A:\n    x: List["B"]\n\nclass B:\n    y: str\n',
        safe=True,
        message="`B` is used before it is defined",
        title="Quote the forward reference",
    ),
    Example(
        guidelines="class A:\n    x: A | None\n",
        at="A",
        part="guidelines",
        path="A.x",
        fixed='class A:\n    x: "A | None"\n',
        safe=True,
        message="`A` is used before it is defined",
        title="Quote the forward reference",
    ),
    Example(
        guidelines='class A:\n    x: List["A"] | A\n',
        at="A",
        part="guidelines",
        path="A.x",
        fixed="class A:\n    x: 'List[\"A\"] | A'\n",
        safe=True,
        message="`A` is used before it is defined",
        title="Quote the forward reference",
    ),
    Example(
        guidelines='class B:\n    x: str\n\nclass A:\n    x: None | "B"\n',
        at='"B"',
        part="guidelines",
        path="A.x",
        message="a quoted name cannot stand in a `|` union; quote the whole annotation",
    ),
    Example(
        guidelines="class A:\n    x: B\n\nB = Union[A, str]\n",
        at="B",
        part="guidelines",
        path="A.x",
        fixed='class A:\n    x: "B"\n\nB = Union[A, str]\n',
        safe=True,
        message="`B` is used before it is defined",
        title="Quote the forward reference",
    ),
    Example(
        guidelines="from __future__ import annotations\n\nB = Union[A, str]\n\nclass A:\n    x: B\n",
        at="A",
        part="guidelines",
        path="B",
        fixed='from __future__ import annotations\n\nB = Union["A", str]\n\nclass A:\n    x: B\n',
        safe=True,
        message="`A` is used before it is defined",
        title="Quote the forward reference",
    ),
    Example(
        guidelines="B = str | A\n\nclass A:\n    x: B\n",
        at="A",
        part="guidelines",
        path="B",
        message="`A` is used before it is defined",
    ),
    Example(
        guidelines="class A:\n    x: str\n\nB = A | 'A'\n",
        at="'A'",
        part="guidelines",
        path="B",
        message="a quoted name cannot stand in a `|` union; write `Union[...]`",
    ),
)


class _Type(NamedTuple):
    """An annotation, or a type that has a name of its own, which is evaluated in any case."""

    path: str
    expression: ast.expr
    is_annotation: bool


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Compare every unquoted name with the classes, and the names of types, defined so far."""
    if not (guideline.type_aliases or inventory(guideline).has_union or _looks_ahead(inventory(guideline).bodies)):
        return
    postponed = imports.postpones_annotations(guideline)
    own = {node.name for node in guideline.classes} | guideline.type_aliases.keys()
    defined = set(imports.bound_names(guideline) - own) | imports.starred_names(guideline)
    for statement in guideline.tree.body:
        for one in _types(guideline, statement):
            if not (postponed and one.is_annotation):
                yield from _faults(guideline, one, own, defined)
        defined.update(bindings(statement))


def _looks_ahead(bodies: Sequence[Body]) -> bool:
    """Say whether an annotation may name a class that comes later, or the one that it stands in."""
    ahead = {body.name for body in bodies}
    for body in bodies:
        if not ahead.isdisjoint(body.looked_up):
            return True
        ahead.discard(body.name)
    return False


def _types(guideline: Guideline, statement: ast.stmt) -> Iterator[_Type]:
    match statement:
        case ast.ClassDef():
            for declaration in imports.declarations(statement):
                yield _Type(declaration.path, declaration.statement.annotation, True)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            if name in guideline.type_aliases:
                yield _Type(name, guideline.type_aliases[name], False)
        case _:
            pass


def _faults(guideline: Guideline, one: _Type, own: Set[str], defined: Set[str]) -> Iterator[Fault]:
    half = _quoted_half(one.expression)
    if half is not None:
        yield Fault(
            rule=NAME,
            message="a quoted name cannot stand in a `|` union; quote the whole annotation"
            if one.is_annotation
            else "a quoted name cannot stand in a `|` union; write `Union[...]`",
            part="guidelines",
            span=guideline.span(half),
            path=one.path,
        )
    for name, place in names_in(one.expression):
        if name in own and name not in defined and isinstance(place, ast.Name):
            yield Fault(
                rule=NAME,
                message=f"{quoted(name)} is used before it is defined",
                part="guidelines",
                span=guideline.span(place),
                path=one.path,
                fix=_fix(guideline, one, place),
            )


def _quoted_half(annotation: ast.expr) -> ast.expr | None:
    """Give a string that is united with `|`, which raises TypeError."""
    for node in ast.walk(annotation):
        for side in (node.left, node.right) if isinstance(node, ast.BinOp) else ():
            if isinstance(side, ast.Constant) and isinstance(side.value, str):
                return side
    return None


def _fix(guideline: Guideline, one: _Type, name: ast.Name) -> Fix | None:
    """Quote the name, or the whole annotation where a string cannot stand in place of the name."""
    is_part = any(
        isinstance(node, ast.BinOp) or (isinstance(node, ast.Attribute | ast.Subscript) and node.value is name)
        for node in ast.walk(one.expression)
    )
    if not one.is_annotation and (is_part or name is one.expression):
        # A text is no type.
        return None
    span = guideline.span(one.expression if is_part else name)
    text = guideline.source[span.start : span.end]
    quote = "'" if '"' in text else '"'
    if quote in text or not text.isprintable() or "\\" in text:
        return None
    edits = (
        Edit(start=span.start, end=span.start, replacement=quote),
        Edit(start=span.end, end=span.end, replacement=quote),
    )
    return Fix(title="Quote the forward reference", safe=True, edits=edits)
