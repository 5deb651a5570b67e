"""An attribute has a mutable default: a list, a dict or a set.

`dataclass` raises ValueError, and the published filter drops the whole row. The fix for an empty one writes
`field(default_factory=...)`.

Source: PEP 557 (dataclasses), "Mutable Default Values".
"""

import ast
from collections.abc import Iterator, Set

from guidex_schema import classes, imports
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.imports import Spelling
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity

CODE = "GX106"
NAME = "mutable-default"
SEVERITY = Severity.ERROR

_HEAD = "from dataclasses import dataclass\n\n@dataclass\nclass A:\n"
_HEAD_WITH_FIELD = _HEAD.replace("import dataclass", "import dataclass, field")

_Mutable = ast.List | ast.Dict | ast.Set

VALID = (
    Example(guidelines=_HEAD + "    x: tuple = ()\n    y: int = 1\n"),
    Example(guidelines=_HEAD_WITH_FIELD + "    x: list = field(default_factory=list)\n"),
    Example(guidelines="class A:\n    x: list = []\n"),
    Example(guidelines=_HEAD + "    X: ClassVar[list] = []\n    Y: 'ClassVar[list]' = []\n    z: InitVar[list] = []\n"),
)

INVALID = (
    Example(
        guidelines=_HEAD + "    x: list = []\n",
        at="[]",
        part="guidelines",
        path="A.x",
        fixed=_HEAD_WITH_FIELD + "    x: list = field(default_factory=list)\n",
        safe=True,
        message="the default of `A.x` is mutable; dataclasses refuse it",
        title="Write `field(default_factory=list)`",
    ),
    Example(
        guidelines=_HEAD_WITH_FIELD + "    x: dict = field(default={})\n",
        at="{}",
        part="guidelines",
        path="A.x",
        fixed=_HEAD_WITH_FIELD + "    x: dict = field(default_factory=dict)\n",
        safe=True,
        message="the default of `A.x` is mutable; dataclasses refuse it",
        title="Write `field(default_factory=dict)`",
    ),
    Example(
        guidelines=_HEAD + "    x: set = {1}\n",
        at="{1}",
        part="guidelines",
        path="A.x",
        message="the default of `A.x` is mutable; dataclasses refuse it",
    ),
    Example(
        guidelines=_HEAD_WITH_FIELD
        + "    default_x: int = 1\n    y: dict = field(repr=False, default={})\n    z: int = field(default=1)\n",
        at="{}",
        part="guidelines",
        path="A.y",
        fixed=_HEAD_WITH_FIELD + "    default_x: int = 1\n    y: dict = field(repr=False, default_factory=dict)\n"
        "    z: int = field(default=1)\n",
        safe=True,
        message="the default of `A.y` is mutable; dataclasses refuse it",
        title="Write `field(default_factory=dict)`",
    ),
    Example(
        guidelines=_HEAD_WITH_FIELD + "    x: list = []\n",
        at="[]",
        part="guidelines",
        path="A.x",
        fixed=_HEAD_WITH_FIELD + "    x: list = field(default_factory=list)\n",
        safe=True,
        message="the default of `A.x` is mutable; dataclasses refuse it",
        title="Write `field(default_factory=list)`",
    ),
    Example(
        guidelines=_HEAD_WITH_FIELD + "    field: str = ''\n    x: list = []\n",
        at="[]",
        part="guidelines",
        path="A.x",
        message="the default of `A.x` is mutable; dataclasses refuse it",
    ),
    Example(
        guidelines="import dataclasses\n\n@dataclasses.dataclass\nclass A:\n    x: dict = {}\n",
        at="{}",
        part="guidelines",
        path="A.x",
        fixed="import dataclasses\n\n@dataclasses.dataclass\nclass A:\n"
        "    x: dict = dataclasses.field(default_factory=dict)\n",
        safe=True,
        message="the default of `A.x` is mutable; dataclasses refuse it",
        title="Write `field(default_factory=dict)`",
    ),
    Example(
        guidelines="from elsewhere import field\n" + _HEAD + "    x: list = []\n",
        at="[]",
        part="guidelines",
        path="A.x",
        message="the default of `A.x` is mutable; dataclasses refuse it",
    ),
)


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Look at the default of every attribute of every dataclass."""
    if not inventory(guideline).has_displays:
        return
    field = imports.spelling(guideline, "dataclasses", "field")
    shadowed = imports.bound_names(guideline) & {"list", "dict"}
    for node in guideline.classes:
        defaults = [(one, classes.mutable_default(one.statement)) for one in imports.declarations(node)]
        hidden = shadowed | classes.names_bound_in(node) if any(value for _, value in defaults) else shadowed
        for declaration, value in defaults:
            if value is not None and node.decorator_list:
                yield Fault(
                    rule=NAME,
                    message=f"the default of {quoted(declaration.path)} is mutable; dataclasses refuse it",
                    part="guidelines",
                    span=guideline.span(value),
                    path=declaration.path,
                    fix=_fix(guideline, declaration.statement.value, value, field, hidden),
                )


def _fix(
    guideline: Guideline, written: ast.expr | None, value: _Mutable, field: Spelling | None, hidden: Set[str]
) -> Fix | None:
    """Write a factory for an empty list or dict, unless a name that this takes means something else there."""
    match value:
        case ast.List(elts=[]):
            factory = "list"
        case ast.Dict(keys=[]):
            factory = "dict"
        case _:
            return None
    span = guideline.span(value)
    if "#" in guideline.source[span.start : span.end] or factory in hidden:
        return None
    if isinstance(written, ast.Call):
        option = guideline.span(next(keyword for keyword in written.keywords if keyword.value is value))
        edits = [Edit(start=option.start, end=option.end, replacement=f"default_factory={factory}")]
    elif field is None or field.text.partition(".")[0] in hidden:
        return None
    else:
        call = f"{field.text}(default_factory={factory})"
        edits = [*field.edits, Edit(start=span.start, end=span.end, replacement=call)]
    return Fix(title=f"Write `field(default_factory={factory})`", safe=True, edits=tuple(edits))
