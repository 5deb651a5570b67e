"""An annotation names a type that nothing defines; or a default, a register or a decorator names what nothing defines.

The file cannot be loaded, or, where the name is quoted, the type cannot be resolved. Names of typing, dataclasses,
enum and datetime are missing imports instead; GoLLIE's roots need no import.

Source: PEP 484 (forward references); GuideX's filter postpones annotations and so never sees this.
"""

import ast
from collections.abc import Iterator, Set
from itertools import chain
from typing import NamedTuple

from guidex_schema import imports
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.schema import ROOTS
from guidex_schema.suggestion import nearest, rename
from guidex_schema.syntax import names_in

CODE = "GX104"
NAME = "undefined-type"
SEVERITY = Severity.ERROR

VALID = (
    Example(),
    Example(guidelines="from a import *\n\nclass A:\n    x: Anything\n"),
    Example(guidelines="from enum import *\nfrom .a import *\n\nclass A:\n    x: Anything\n\nALL = [A, Other]\n"),
    Example(guidelines="from typing import *\n\nclass A:\n    x: Pattern\n"),
    Example(guidelines="class A:\n    x: str\n\nX: List[type] = [A]\nY = [*X, *(B for B in X), Entity] + X\n"),
    Example(guidelines='from a import B\n\nclass A:\n    x: "B"\n    y: Entity\n    z: Literal["Nobody"]\n'),
    Example(guidelines="class A:\n    x: B\n\nclass B:\n    y int\n"),
    Example(guidelines="class A:\n    x: Actor\n\nActor = Union[A, 'List[A]']\nclass B:\n    x: 'Actor'\n"),
    Example(guidelines="S = Namespace('s')\n\ndef T(): ...\n\nclass A:\n    x: S = S.a\n    y: T\n"),
    Example(guidelines="try:\n    from a import B\nexcept E:\n    B = str\n\nclass A:\n    x: B\n"),
    Example(guidelines="with a as B:\n    if b:\n        C = 1\n\nclass A:\n    x: B = C\n"),
)

INVALID = (
    Example(
        guidelines="class Person:\n    x: str\n\nclass Pair:\n    one: Persn\n",
        at="Persn",
        part="guidelines",
        path="Pair.one",
        fixed="class Person:\n    x: str\n\nclass Pair:\n    one: Person\n",
        message="nothing defines the type `Persn`; did you mean `Person`?",
        title="Write `Person`",
    ),
    Example(
        guidelines='class A:\n    x: List["Zebra"]\n',
        at='"Zebra"',
        part="guidelines",
        path="A.x",
        message="nothing defines the type `Zebra`",
    ),
    Example(
        guidelines='class Person:\n    x: str\n\nclass Pair:\n    one: "Persn"\n',
        at='"Persn"',
        part="guidelines",
        path="Pair.one",
        message="nothing defines the type `Persn`; did you mean `Person`?",
    ),
    Example(
        guidelines="class A:\n    x: int = field(default=(1, UNKNOWN))\n    y: str = A\n",
        at="UNKNOWN",
        part="guidelines",
        path="A.x",
        message="nothing defines the name `UNKNOWN` in the default",
    ),
    Example(
        guidelines="class Person:\n    x: str\n\nActor = Union[Persn, str]\n",
        at="Persn",
        part="guidelines",
        path="Actor",
        fixed="class Person:\n    x: str\n\nActor = Union[Person, str]\n",
        message="nothing defines the type `Persn`; did you mean `Person`?",
        title="Write `Person`",
    ),
    Example(
        guidelines="from typing import *\n\nclass A:\n    x: Optional[Zebra]\n",
        at="Zebra",
        part="guidelines",
        path="A.x",
        message="nothing defines the type `Zebra`",
    ),
    Example(
        guidelines="class Place:\n    x: str\n\nALL: List[type] = [Place, Plcae]\n",
        at="Plcae",
        part="guidelines",
        path="ALL",
        fixed="class Place:\n    x: str\n\nALL: List[type] = [Place, Place]\n",
        message="nothing defines the name `Plcae`; did you mean `Place`?",
        title="Write `Place`",
    ),
    Example(
        guidelines="class A:\n    x: str\n\nCOARSE = [A]\nALL = [*COARSE] + [Zebra]\n",
        at="Zebra",
        part="guidelines",
        path="ALL",
        message="nothing defines the name `Zebra`",
    ),
    Example(
        guidelines="@dc.dataclass(frozen=True)\nclass Doc:\n    x: str\n",
        at="dc",
        part="guidelines",
        path="Doc",
        message="nothing defines the decorator `dc`",
    ),
    Example(
        guidelines="class A:\n    x: B\n\n    def B(self): ...\n",
        at="B",
        part="guidelines",
        path="A.x",
        message="nothing defines the type `B`",
    ),
    Example(
        guidelines="class A:\n    x: int = ZERO\n",
        at="ZERO",
        part="guidelines",
        path="A.x",
        message="nothing defines the name `ZERO` in the default",
    ),
)

# What nothing has to define, or is a matter of imports.
_KNOWN = imports.BUILTINS.union(imports.MODULES.keys(), ROOTS.keys(), imports.MODULES.values())
# Each is compared with all names of the file, so a file of nothing else is not told more.
_SUGGESTIONS = 100


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Resolve every name of every type, and those that registers, decorators and defaults look up."""
    unbound = inventory(guideline).names - guideline.bound_names
    if unbound <= _KNOWN or imports.imports_everything(guideline):
        return
    bound = imports.bound_names(guideline)
    known = bound | _KNOWN
    # What only a star binds is far from what was meant, and no decorator is a class of the file.
    meant = bound - imports.starred_names(guideline)
    decorators = meant - {node.name for node in guideline.classes}
    suggested: dict[tuple[str, str], str | None] = {}
    for what, path, name, place in chain(_types(guideline), _looked_up(guideline)):
        if name in known:
            continue
        if len(suggested) < _SUGGESTIONS and (what, name) not in suggested:
            suggested[what, name] = nearest(name, decorators if what == "decorator" else meant)
        near = suggested.get((what, name))
        span = guideline.span(place)
        yield Fault(
            rule=NAME,
            message=f"nothing defines the {what} {quoted(name)}" + (f"; did you mean {quoted(near)}?" if near else ""),
            part="guidelines",
            span=span,
            path=path,
            fix=rename(span, near) if isinstance(place, ast.Name) else None,
        )
    for declaration in imports.all_declarations(guideline):
        for unknown in _unknown_in_default(declaration.statement.value, known):
            yield Fault(
                rule=NAME,
                message=f"nothing defines the name {quoted(unknown.id)} in the default",
                part="guidelines",
                span=guideline.span(unknown),
                path=declaration.path,
            )


class _Use(NamedTuple):
    """A name that should be defined: what it is, the path that uses it, and the node it stands in."""

    what: str
    path: str
    name: str
    place: ast.expr


def _types(guideline: Guideline) -> Iterator[_Use]:
    """Give the names in every annotation, and in every type that has a name of its own."""
    annotated = ((one.path, one.statement.annotation) for one in imports.all_declarations(guideline))
    for path, expression in chain(annotated, guideline.type_aliases.items()):
        for name, place in names_in(expression):
            yield _Use("type", path, name, place)


def _looked_up(guideline: Guideline) -> Iterator[_Use]:
    """Give the names that decorators start with, and those that registers are put together of."""
    for statement in guideline.tree.body:
        match statement:
            case ast.ClassDef(name=path, decorator_list=decorators):
                what, places = "decorator", [_first_name(decorator) for decorator in decorators]
            case (
                ast.Assign(targets=[ast.Name(id=path)], value=ast.expr() as value)
                | ast.AnnAssign(target=ast.Name(id=path), value=ast.expr() as value)
                | ast.AugAssign(target=ast.Name(id=path), value=ast.expr() as value)
            ) if path not in guideline.type_aliases:
                what, places = "name", list(_listed(value))
            case _:
                continue
        for place in places:
            if isinstance(place, ast.Name):
                yield _Use(what, path, place.id, place)


def _first_name(decorator: ast.expr) -> ast.expr:
    """Give what a decorator looks up first: ``dc`` of ``dc.dataclass(frozen=True)``."""
    while isinstance(decorator, ast.Call | ast.Attribute):
        decorator = decorator.func if isinstance(decorator, ast.Call) else decorator.value
    return decorator


def _listed(value: ast.expr) -> Iterator[ast.expr]:
    """Give the parts of a list, a table, or a sum of them, in source order."""
    pending = [value]
    while pending:
        match pending.pop():
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts):
                pending += reversed(parts)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                pending += [right, left]
            case ast.Starred(value=part):
                pending.append(part)
            case part:
                yield part


def _unknown_in_default(default: ast.expr | None, known: Set[str]) -> Iterator[ast.Name]:
    """Give the names in a default that nothing binds; what is called there is a matter of imports."""
    values = [keyword.value for keyword in default.keywords] if isinstance(default, ast.Call) else [default]
    for value in values:
        for node in ast.walk(value) if value is not None else ():
            if isinstance(node, ast.Name) and node.id not in known:
                yield node
