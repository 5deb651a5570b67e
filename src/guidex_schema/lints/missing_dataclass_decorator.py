"""A class declares attributes but is no dataclass: nothing builds a constructor that takes them.

`Person(name="Ada")` raises TypeError, so that no instance can be written. A class that adds nothing to the attributes
of a dataclass above it keeps that constructor and needs no decorator; enumerations, subclasses of `str` and of other
builtins, and classes whose base makes its own constructor (`NamedTuple`, `BaseModel`) never do.

The fix writes `@dataclass`. It is unsafe where instances may pass positional arguments.

Source: PEP 557 (dataclasses); GoLLIE, arXiv:2310.03668, every guideline is a dataclass; project decision (SPEC 18).
"""

import ast
from collections.abc import Iterator
from itertools import pairwise

from guidex_schema import classes, imports, layout
from guidex_schema.classes import Declared
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.imports import Spelling
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.schema import DataclassOption, EntityType
from guidex_schema.syntax import last_name

CODE = "GX108"
NAME = "missing-dataclass-decorator"
SEVERITY = Severity.WARNING

_IMPORT = "from dataclasses import dataclass\n\n"

VALID = (
    Example(),
    Example(guidelines="class Role(Enum):\n    WRITER = 1\n\nclass Name(str):\n    pass\n\nclass Root:\n    pass\n"),
    Example(guidelines=_IMPORT + "@dataclass\nclass A:\n    x: str\n\nclass B(A):\n    x: str  # narrower\n"),
    Example(guidelines="class A(NamedTuple):\n    x: str\n\nclass B(A):\n    x: str\n"),
    Example(guidelines="import attr\n\n@attr.define\nclass A:\n    x: str\n"),
    Example(guidelines="class A:\n    LIMIT: ClassVar[int] = 3\n"),
    Example(guidelines="class A(metaclass=Maker):\n    x: str\n"),
)

INVALID = (
    Example(
        guidelines="class Person:\n    name: str\n",
        labels='[Person(name="Ada")]',
        at="Person",
        part="guidelines",
        path="Person",
        fixed=_IMPORT + "@dataclass\nclass Person:\n    name: str\n",
        safe=True,
        message="the class `Person` declares attributes but is no dataclass",
        title="Write `@dataclass`",
    ),
    Example(
        guidelines=_IMPORT + "# Who writes.\nclass Person(Span):\n    name: str\n",
        origin="file",
        at="Person",
        part="guidelines",
        path="Person",
        fixed=_IMPORT + "# Who writes.\n@dataclass\nclass Person(Span):\n    name: str\n",
        message="the class `Person` declares attributes but is no dataclass",
        title="Write `@dataclass`",
    ),
    Example(
        guidelines="import dataclasses as d\n\n@d.dataclass\nclass A:\n    x: str\n\nclass B(A):\n    y: str\n",
        labels='[A("x"), B("x", "y")]',
        at="B",
        part="guidelines",
        path="B",
        fixed="import dataclasses as d\n\n@d.dataclass\nclass A:\n    x: str\n\n"
        "@d.dataclass\nclass B(A):\n    y: str\n",
        message="the class `B` declares attributes but is no dataclass",
        title="Write `@dataclass`",
    ),
    Example(
        guidelines="class A:\n    x: int = 1\n    y: int\n",
        at="A",
        part="guidelines",
        path="A",
        message="the class `A` declares attributes but is no dataclass",
    ),
)

# Bases that make a constructor of their own.
_MAKERS = frozenset(("NamedTuple", "TypedDict", "Protocol", "BaseModel", "RootModel", "SQLModel", "Struct"))


def check(subject: Subject) -> Iterator[Fault]:
    """Look at every class with attributes and without a decorator."""
    guideline = subject.guideline
    if all(body.is_decorated for body in inventory(guideline).bodies):
        return
    positional = {site.instance.class_name for site in subject.sites if site.instance.positional}
    spelling = imports.spelling(guideline, "dataclasses", "dataclass")
    for entity_type, node in _undecorated(guideline):
        edits = _edits(guideline, entity_type, node, spelling)
        safe = subject.origin == "row" and subject.execution is not None and entity_type.name not in positional
        yield Fault(
            rule=NAME,
            message=f"the class {quoted(entity_type.name)} declares attributes but is no dataclass",
            part="guidelines",
            span=guideline.name_span(node),
            path=entity_type.name,
            fix=Fix(title="Write `@dataclass`", safe=safe, edits=edits) if edits else None,
        )


def _undecorated(guideline: Guideline) -> Iterator[Declared]:
    """Give the classes that nothing builds a constructor for."""
    constructed = set(imports.BUILTINS - {"object"}) | _MAKERS
    ends = {after.lineno: guideline.span(before).end for before, after in pairwise(guideline.tree.body)}
    for entity_type, node in classes.declared(guideline):
        bases = {last_name(base) for base in node.bases}
        if bases & constructed or (not entity_type.decorated and _adds_nothing(guideline, entity_type, bases)):
            constructed.add(entity_type.name)
            continue
        constructed.discard(entity_type.name)
        is_refused = layout.has_refused_decorator(guideline, ends.get(node.lineno, 0), node)
        is_refused = is_refused or entity_type.name in guideline.keyworded
        if entity_type.own_attributes and not entity_type.decorated and not is_refused:
            yield Declared(entity_type, node)


def _adds_nothing(guideline: Guideline, entity_type: EntityType, bases: set[str]) -> bool:
    """Say whether the constructor of a dataclass above takes just what the class declares."""
    above = [base for base in map(guideline.schema.entity_type, bases) if base is not None and base.decorated]
    inherited = {one.name: (one.required, one.default) for base in above for one in base.attributes}
    return bool(above) and all(
        inherited.get(one.name, ()) == (one.required, one.default) for one in entity_type.own_attributes
    )


def _edits(
    guideline: Guideline, entity_type: EntityType, node: ast.ClassDef, spelling: Spelling | None
) -> tuple[Edit, ...]:
    """Write the decorator, unless a dataclass would refuse the class."""
    bases = [guideline.schema.entity_type(last_name(base)) for base in node.bases]
    frozen = any(DataclassOption(name="frozen", value=True) in base.options for base in bases if base is not None)
    mutable = any(classes.mutable_default(one.statement) for one in imports.declarations(node))
    if frozen or mutable or classes.misplaced(entity_type) is not None or spelling is None:
        return ()
    start = guideline.span(node).start
    return (*spelling.edits, Edit(start=start, end=start, replacement=f"@{spelling.text}\n"))
