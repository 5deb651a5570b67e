"""A name of dataclasses, typing, enum or datetime is used but not imported.

The file cannot be loaded. GuideX's filter runs all rows in one namespace, so such a row is kept or dropped by what an
earlier row has imported. The fix adds the import: to one of the same module at the head of the file, else on a line of
its own.

Source: GuideX, arXiv:2506.00649, the published filter; project decision (SPEC 19).
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from guidex_schema import imports
from guidex_schema.diagnostic import Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.syntax import names_in

CODE = "GX107"
NAME = "missing-import"
SEVERITY = Severity.ERROR

VALID = (
    Example(),
    Example(guidelines="from a import *\n\n@dataclass\nclass A:\n    x: List[str]\n"),
    Example(guidelines="from typing import *\nfrom . import *\n\n@dataclass\nclass A:\n    x: List[str]\n"),
    Example(
        guidelines="from typing_extensions import *\nfrom dataclasses import *\n\n"
        "@dataclass\nclass A:\n    x: List[str]\n"
    ),
    Example(guidelines="try:\n    from a import *\nexcept E:\n    pass\n\n@dataclass\nclass A:\n    x: List[str]\n"),
    Example(guidelines="from a import dataclass, List\n\n@dataclass\nclass A:\n    x: List[str]\n"),
    Example(guidelines="import typing\n\nclass A:\n    x: typing.List[str]\n"),
    Example(
        guidelines="from dataclasses import dataclass as dc, field as f\n"
        "from typing import List as L, Literal as Lit\n\n"
        "@dc\nclass A:\n    x: L[str] = f(default_factory=list)\n    y: \"Lit['a']\" = 'a'\n"
    ),
)

INVALID = (
    Example(
        guidelines="@dataclass\nclass A:\n    x: str\n",
        at="dataclass",
        part="guidelines",
        fixed="from dataclasses import dataclass\n\n@dataclass\nclass A:\n    x: str\n",
        safe=True,
        message="`dataclass` is not imported from dataclasses",
        title="Import `dataclass` from dataclasses",
    ),
    Example(
        guidelines="from typing import (\n    Any,\n)\n\nclass A:\n    x: List[str]\n    y: List[int]\n",
        at="List",
        part="guidelines",
        fixed="from typing import (\n    Any, List,\n)\n\nclass A:\n    x: List[str]\n    y: List[int]\n",
        safe=True,
        message="`List` is not imported from typing",
        title="Import `List` from typing",
    ),
    Example(
        guidelines='"""Doc."""\nfrom __future__ import annotations\n\nclass A(Enum):\n    X = 1\n',
        at="Enum",
        part="guidelines",
        fixed='"""Doc."""\nfrom __future__ import annotations\n\nfrom enum import Enum\n\nclass A(Enum):\n    X = 1\n',
        safe=True,
        message="`Enum` is not imported from enum",
        title="Import `Enum` from enum",
    ),
    Example(
        guidelines="class A:\n    x: str = field(default='')\n",
        at="field",
        part="guidelines",
        fixed="from dataclasses import field\n\nclass A:\n    x: str = field(default='')\n",
        safe=True,
        message="`field` is not imported from dataclasses",
        title="Import `field` from dataclasses",
    ),
    Example(
        guidelines="@dataclass(frozen=True)\nclass A:\n    x: str\n",
        at="dataclass",
        part="guidelines",
        fixed="from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass A:\n    x: str\n",
        safe=True,
        message="`dataclass` is not imported from dataclasses",
        title="Import `dataclass` from dataclasses",
    ),
    Example(
        guidelines="class A:\n    x: str\n\nALL: List[type] = [A]\n",
        at="List",
        part="guidelines",
        fixed="from typing import List\n\nclass A:\n    x: str\n\nALL: List[type] = [A]\n",
        safe=True,
        message="`List` is not imported from typing",
        title="Import `List` from typing",
    ),
    Example(
        guidelines="from typing import List as L\n\n# what it is\nclass A:\n    x: List[str]\n    y: L[int]\n",
        at="List",
        part="guidelines",
        fixed="from typing import List as L, List\n\n# what it is\nclass A:\n    x: List[str]\n    y: L[int]\n",
        safe=True,
        message="`List` is not imported from typing",
        title="Import `List` from typing",
    ),
    Example(
        guidelines="class A:\n    x: str\n\nActor = Optional[A]\n",
        at="Optional",
        part="guidelines",
        fixed="from typing import Optional\n\nclass A:\n    x: str\n\nActor = Optional[A]\n",
        safe=True,
        message="`Optional` is not imported from typing",
        title="Import `Optional` from typing",
    ),
    Example(
        guidelines="from typing import *\n\n@dataclass\nclass A:\n    x: List[str]\n",
        at="dataclass",
        part="guidelines",
        fixed="from dataclasses import dataclass\nfrom typing import *\n\n@dataclass\nclass A:\n    x: List[str]\n",
        safe=True,
        message="`dataclass` is not imported from dataclasses",
        title="Import `dataclass` from dataclasses",
    ),
    Example(
        guidelines="class A:\n    x: datetime.date\n",
        at="datetime",
        part="guidelines",
        fixed="import datetime\n\nclass A:\n    x: datetime.date\n",
        safe=True,
        message="the module `datetime` is not imported",
        title="Import the module `datetime`",
    ),
)

_KNOWN = imports.MODULES.keys() | set(imports.MODULES.values())


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Name each missing import once, where the name is first used."""
    unbound = inventory(guideline).names - guideline.bound_names
    if unbound.isdisjoint(_KNOWN) or imports.imports_everything(guideline):
        return
    named = set(imports.bound_names(guideline))
    for name, place, is_module in _uses(guideline):
        # What the source calls otherwise is imported under that name.
        if name in named or not _is_written(guideline, name, place):
            continue
        named.add(name)
        module = name if is_module else imports.MODULES[name]
        edit = imports.import_edit(guideline, module, None if is_module else name)
        title = f"Import the module `{module}`" if is_module else f"Import `{name}` from {module}"
        yield Fault(
            rule=NAME,
            message=f"the module {quoted(module)} is not imported"
            if is_module
            else f"{quoted(name)} is not imported from {module}",
            part="guidelines",
            span=guideline.span(place),
            fix=None if edit is None else Fix(title=title, safe=True, edits=(edit,)),
        )


class _Use(NamedTuple):
    """A name that loading the guidelines looks up, and the node it stands in."""

    name: str
    place: ast.expr
    is_module: bool


def _uses(guideline: Guideline) -> Iterator[_Use]:
    """Give the uses of names that are known to come from a module, and of such modules."""
    for node in guideline.classes:
        for expression in (*node.decorator_list, *node.bases):
            yield from _used_by(expression.func if isinstance(expression, ast.Call) else expression)
        for declaration in imports.declarations(node):
            yield from _used_by(declaration.statement.annotation)
            if isinstance(declaration.statement.value, ast.Call):
                yield from _used_by(declaration.statement.value.func)
    for statement in guideline.tree.body:
        if isinstance(statement, ast.AnnAssign):
            yield from _used_by(statement.annotation)
    for value in guideline.type_aliases.values():
        yield from _used_by(value)


def _used_by(expression: ast.expr) -> Iterator[_Use]:
    modules = {id(node.value) for node in ast.walk(expression) if isinstance(node, ast.Attribute)}
    for name, place in names_in(expression):
        is_module = id(place) in modules
        if name in (imports.MODULES.values() if is_module else imports.MODULES):
            yield _Use(name, place, is_module)


def _is_written(guideline: Guideline, name: str, place: ast.expr) -> bool:
    span = guideline.span(place)
    return re.search(rf"\b{name}\b", guideline.source[span.start : span.end]) is not None
