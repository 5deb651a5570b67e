"""A required attribute stands behind one that has a default.

`dataclass` raises TypeError, and the published filter drops the whole row. The fix moves the required attributes up,
with their comments and docstrings. It is unsafe where positional arguments or derived types depend on the order.

Source: PEP 557 (dataclasses), "Field order"; project decision (SPEC 18).
"""

import ast
from collections.abc import Iterable, Iterator

from guidex_schema import classes, imports, layout
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.schema import EntityType
from guidex_schema.syntax import last_name
from guidex_schema.text import Span

CODE = "GX105"
NAME = "default-before-required"
SEVERITY = Severity.ERROR

_HEAD = "from dataclasses import dataclass, field\n\n@dataclass\nclass A:\n"

VALID = (
    Example(),
    Example(guidelines="class A:\n    x: int = 1\n    y: int\n"),
    Example(guidelines=_HEAD.replace("@dataclass\n", "@dataclass(kw_only=True)\n") + "    x: int = 1\n    y: int\n"),
    Example(guidelines=_HEAD + "    x: int = 1\n    y: int = field(init=False)\n"),
    Example(guidelines=_HEAD + "    LABEL: ClassVar[str] = 'a'\n    KEY: 'ClassVar[str]'\n    y: int\n"),
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
        fixed=_HEAD + '    y: int\n    """doc y"""\n\n    x: int = 1\n    """doc x"""',
        safe=True,
        message="the required attribute `y` of `A` stands behind one with a default",
        title="Move the required attributes up",
    ),
    Example(
        guidelines=_HEAD + "    x: int = 1; y: int\n",
        at="y: int",
        part="guidelines",
        path="A.y",
        message="the required attribute `y` of `A` stands behind one with a default",
    ),
    Example(
        guidelines=_HEAD + "    x: int\n\n@dataclass\nclass B(A):\n    x: int = 1\n    y: int\n",
        at="y: int",
        part="guidelines",
        path="B.y",
        message="the required attribute `y` of `B` stands behind one with a default",
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
    Example(
        guidelines=_HEAD
        + "    z: str = ''\n\n@dataclass\nclass A(A):\n    z: str = ''\n    y: int\n\nclass A:\n    x: int\n",
        at="y: int",
        part="guidelines",
        path="A.y",
        message="the required attribute `y` of `A` stands behind one with a default",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Follow the constructor's order of every dataclass to the first required attribute out of place."""
    guideline = subject.guideline
    found = inventory(guideline)
    # Without a base of the file nothing is inherited.
    if not (found.is_mixed or (found.defaulted and not found.bases.isdisjoint(found.class_names))):
        return
    if not any(one.decorated and classes.misplaced(one) is not None for one in guideline.schema.entity_types):
        return
    earlier: dict[str, EntityType] = {}
    for entity_type, node in classes.declared(guideline):
        # A class may bear the name of its base.
        bases = [earlier[name] for name in map(last_name, node.bases) if name in earlier]
        earlier[entity_type.name] = entity_type
        misplaced = classes.misplaced(entity_type) if entity_type.decorated else None
        if misplaced is None:
            continue
        statement = next(
            (
                one.statement
                for one in imports.declarations(node)
                if one.is_attribute and one.target.id == misplaced.name
            ),
            node,
        )
        used = _positional_types(subject)
        edits = () if misplaced.inherited else _edits(guideline, entity_type, node, bases)
        title = "Move the required attributes up"
        yield Fault(
            rule=NAME,
            message=f"the required attribute {quoted(misplaced.name)} of {quoted(entity_type.name)} stands behind "
            "one with a default",
            part="guidelines",
            span=guideline.span(statement),
            path=f"{entity_type.name}.{misplaced.name}",
            fix=Fix(title=title, safe=used is not None and entity_type.name not in used, edits=edits)
            if edits
            else None,
        )


def _edits(
    guideline: Guideline, entity_type: EntityType, node: ast.ClassDef, bases: Iterable[EntityType]
) -> tuple[Edit, ...]:
    """Move the required attributes of the class itself to its front; nothing else moves, blank lines neither."""
    own = {attribute.name: attribute for attribute in entity_type.positional_attributes if not attribute.inherited}
    names = [one.target.id for one in imports.declarations(node)]
    # What a base declares keeps the base's place, also where it is declared again.
    above = {attribute.name for base in bases for attribute in base.attributes}
    if len(set(names)) < len(names) or any(
        attribute.name in above and not attribute.required for attribute in entity_type.positional_attributes
    ):
        return ()
    pieces = [_lines(guideline, group, above) for group, above in _groups(node)]
    places = [piece for piece in pieces if piece is not None]
    if len(places) < len(pieces):
        return ()
    required = [name in own and own[name].required for name in names]
    order = sorted(range(len(places)), key=lambda number: not required[number])
    return tuple(
        Edit(start=place.start, end=place.end, replacement=layout.text_of(guideline, places[number]))
        for place, number in zip(places, order, strict=True)
        if place != places[number]
    )


def _groups(node: ast.ClassDef) -> Iterator[tuple[list[ast.stmt], int]]:
    """Give each attribute with what stands behind it up to the next, and the last line of what stands before."""
    above = node.lineno
    group: list[ast.stmt] = []
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign):
            if group:
                yield group, above
                above = group[-1].end_lineno or above
            group = [statement]
        elif group:
            group.append(statement)
        else:
            above = statement.end_lineno or above
    if group:
        yield group, above


def _lines(guideline: Guideline, group: list[ast.stmt], above: int) -> Span | None:
    return layout.own_lines(guideline, group[0], group[-1], above)


def _positional_types(subject: Subject) -> frozenset[str] | None:
    """Give the types whose order matters: bases, and those that labels call with positional arguments.

    Returns:
        None where there are no labels that could tell.
    """
    if subject.origin == "file" or subject.execution is None:
        return None
    bases = {base for entity_type in subject.guideline.schema.entity_types for base in entity_type.bases}
    return frozenset(bases | {site.instance.class_name for site in subject.sites if site.instance.positional})
