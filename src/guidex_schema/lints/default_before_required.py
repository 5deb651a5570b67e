"""A required attribute stands behind one that has a default.

`dataclass` raises TypeError, and the published filter drops the whole row. The fix moves the required attributes up,
with their comments and docstrings. It is unsafe where positional arguments or derived types depend on the order.

Source: PEP 557 (dataclasses), "Field order"; project decision (SPEC 18).
"""

import ast
from collections.abc import Iterator
from itertools import pairwise

from guidex_schema import imports
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.schema import Attribute, EntityType

CODE = "GX105"
NAME = "default-before-required"
SEVERITY = Severity.ERROR

_HEAD = "from dataclasses import dataclass, field\n\n@dataclass\nclass A:\n"

VALID = (
    Example(),
    Example(guidelines="class A:\n    x: int = 1\n    y: int\n"),
    Example(guidelines=_HEAD.replace("@dataclass\n", "@dataclass(kw_only=True)\n") + "    x: int = 1\n    y: int\n"),
    Example(guidelines=_HEAD + "    x: int = 1\n    y: int = field(init=False)\n"),
)

INVALID = (
    Example(
        guidelines=_HEAD + "    x: int = 1\n    # why\n    y: int  # year\n    z: int = 2\n",
        at="y: int",
        part="guidelines",
        path="A.y",
        fixed=_HEAD + "    # why\n    y: int  # year\n    x: int = 1\n    z: int = 2\n",
        safe=True,
        message="the required attribute `y` of `A` stands behind one with a default",
        title="Move the required attributes up",
    ),
    Example(
        guidelines=_HEAD + '    x: int = 1\n    """doc x"""\n\n    y: int\n    """doc y"""',
        at="y: int",
        part="guidelines",
        path="A.y",
        fixed=_HEAD + '    y: int\n    """doc y"""\n    x: int = 1\n    """doc x"""\n',
        safe=True,
        message="the required attribute `y` of `A` stands behind one with a default",
        title="Move the required attributes up",
    ),
    Example(
        guidelines=_HEAD + "    x: int = 1\n\n@dataclass\nclass B(A):\n    y: int\n",
        at="y: int",
        part="guidelines",
        path="B.y",
        message="the required attribute `y` of `B` stands behind one with a default",
    ),
    Example(
        guidelines=_HEAD + "    x: int = 1\n    z: int\n    a: int\n\n@dataclass\nclass B:\n    y: int\n",
        labels="[A(z=1, a=2), B(3)]",
        at="z: int",
        part="guidelines",
        path="A.z",
        fixed=_HEAD + "    z: int\n    a: int\n    x: int = 1\n\n@dataclass\nclass B:\n    y: int\n",
        safe=True,
        message="the required attribute `z` of `A` stands behind one with a default",
        title="Move the required attributes up",
    ),
    Example(
        guidelines=_HEAD + "    x: int = 1\n    y: int\n",
        labels="[A(1, 2)]",
        at="y: int",
        part="guidelines",
        path="A.y",
        fixed=_HEAD + "    y: int\n    x: int = 1\n",
        message="the required attribute `y` of `A` stands behind one with a default",
        title="Move the required attributes up",
    ),
    Example(
        guidelines=_HEAD + "    x: int = 1\n    y: int\n\n@dataclass\nclass B(A):\n    x: int\n",
        at="y: int",
        part="guidelines",
        path="A.y",
        fixed=_HEAD + "    y: int\n    x: int = 1\n\n@dataclass\nclass B(A):\n    x: int\n",
        message="the required attribute `y` of `A` stands behind one with a default",
        title="Move the required attributes up",
    ),
    Example(
        guidelines=_HEAD + "    x: int\n    w: int\n\n@dataclass\nclass B(A):\n    x: int = 1\n",
        at="class B(A):\n    x: int = 1",
        part="guidelines",
        path="B.w",
        message="the required attribute `w` of `B` stands behind one with a default",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Follow the constructor's order of every dataclass to the first required attribute out of place."""
    guideline = subject.guideline
    nodes = {node.name: node for node in guideline.classes}
    for entity_type in guideline.schema.entity_types:
        misplaced = _misplaced(entity_type) if entity_type.decorated else None
        if misplaced is None:
            continue
        statement = next(
            (one.statement for one in imports.declarations(nodes[entity_type.name]) if one.target.id == misplaced.name),
            nodes[entity_type.name],
        )
        yield Fault(
            rule=NAME,
            message=f"the required attribute {quoted(misplaced.name)} of {quoted(entity_type.name)} stands behind "
            "one with a default",
            part="guidelines",
            span=guideline.span(statement),
            path=f"{entity_type.name}.{misplaced.name}",
            fix=_fix(subject, entity_type, nodes[entity_type.name]),
        )


def _misplaced(entity_type: EntityType) -> Attribute | None:
    defaulted = False
    for attribute in entity_type.positional_attributes:
        if attribute.required and defaulted:
            return attribute
        defaulted = defaulted or not attribute.required
    return None


def _fix(subject: Subject, entity_type: EntityType, node: ast.ClassDef) -> Fix | None:
    """Move the required attributes of the class itself to its front."""
    misplaced = _misplaced(entity_type)
    inherited = (one for one in entity_type.positional_attributes if one.inherited)
    if (misplaced is not None and misplaced.inherited) or any(not attribute.required for attribute in inherited):
        return None
    guideline = subject.guideline
    declared = list(imports.declarations(node))
    starts = [_first_line(guideline, one.statement) for one in declared]
    others = [statement for statement in node.body if statement not in [one.statement for one in declared]]
    ends = [node.lineno, *(statement.end_lineno or 0 for statement in others if statement.lineno < starts[0])]
    if len(set(starts)) < len(starts) or max(ends) >= starts[0]:
        return None
    last = node.body[-1]
    starts.append((last.end_lineno or last.lineno) + 1)
    lines = guideline.document.line_starts
    offsets = [lines[line - 1] if line <= len(lines) else len(guideline.source) for line in starts]
    pieces = []
    for one, (start, end) in zip(declared, pairwise(offsets), strict=True):
        attribute = entity_type.attribute(one.target.id)
        required = attribute is not None and attribute.required and attribute in entity_type.positional_attributes
        pieces.append((not required, guideline.source[start:end].rstrip() + "\n"))
    moved = "".join(text for _, text in sorted(pieces, key=lambda piece: piece[0]))
    edit = Edit(start=offsets[0], end=offsets[-1], replacement=moved)
    return Fix(title="Move the required attributes up", safe=_order_is_free(subject, entity_type), edits=(edit,))


def _first_line(guideline: Guideline, statement: ast.AnnAssign) -> int:
    """Give the line where an attribute starts, the comments directly above it included."""
    line = statement.lineno
    while line > 1 and guideline.document.line(line - 1).lstrip().startswith("#"):
        line -= 1
    return line


def _order_is_free(subject: Subject, entity_type: EntityType) -> bool:
    """Say whether nothing depends on the order: no derived type, and labels without positional arguments."""
    schema = subject.guideline.schema
    if any(entity_type.name in one.bases for one in schema.entity_types):
        return False
    return subject.execution is not None and not any(
        site.instance.positional for site in subject.sites if site.instance.class_name == entity_type.name
    )
