"""A type needs an instance of itself, directly or through others, so that no instance can ever be complete.

Somewhere on the way an attribute has to be optional, a list, or have a default. An instance of a subclass will do, too.

Source: PEP 557 (dataclasses), a field without a default is an argument; Rust E0072 (recursive type without
indirection).
"""

from collections.abc import Iterator
from typing import NamedTuple

from guidex_schema import classes, imports
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.schema import AttributeType, ReferenceType, TupleType, UnionType

CODE = "GX117"
NAME = "uninstantiable-recursion"
SEVERITY = Severity.WARNING

VALID = (
    Example(),
    Example(guidelines='class A:\n    b: Optional["A"]\n    c: List["A"]\n    d: "A" = None\n    e: Union["A", str]\n'),
    Example(guidelines='class A:\n    b: "A"\n\nclass B(A):\n    b: Optional[A] = None\n'),
    Example(guidelines='class Node:\n    kind: "Node" = field(init=False)\n'),
)

INVALID = (
    Example(
        guidelines='class A:\n    x: "A"\n',
        at='x: "A"',
        part="guidelines",
        path="A.x",
        message="no instance of `A` can be complete: `A.x` needs `A`",
    ),
    Example(
        guidelines='class C:\n    a: "A"\n\nclass A:\n    b: Tuple[int, "B"]\n\n'
        'class B:\n    x: str\n    a: Union[A, "B"]\n',
        at='b: Tuple[int, "B"]',
        part="guidelines",
        path="A.b",
        message="no instance of `A` can be complete: `A.b` needs `B`, `B.a` needs `A`",
    ),
    Example(
        guidelines='class A:\n    b: "B"\n\nclass B(A):\n    x: str\n',
        at="B",
        part="guidelines",
        path="B.b",
        message="no instance of `B` can be complete: `B.b` needs `B`",
    ),
)

# All other types have a value that holds no instance: an empty list, None.
_DEMANDING = frozenset((ReferenceType, TupleType, UnionType))
# Of a longer way round, its beginning is told.
_STEPS_TOLD = 4


class _Need(NamedTuple):
    """An attribute without which there is no instance, and the types of which it needs one."""

    attribute: str
    types: tuple[str, ...]


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Find what can never be complete, and tell each way round once."""
    if not any(
        type(attribute.type) in _DEMANDING
        for entity_type in guideline.schema.entity_types
        for attribute in entity_type.attributes
    ):
        return
    stuck = _stuck(guideline)
    declared = {one.entity_type.name: one for one in classes.declared(guideline)} if stuck else {}
    for cycle in _cycles({name: need.types[0] for name, need in stuck.items()}):
        name = min(cycle, key=lambda one: declared[one].node.lineno)
        position = cycle.index(name)
        steps = [
            f"{quoted(f'{one}.{stuck[one].attribute}')} needs {quoted(stuck[one].types[0])}"
            for one in [*cycle[position:], *cycle[:position]]
        ]
        told = [*steps[:_STEPS_TOLD], "…"] if len(steps) > _STEPS_TOLD else steps
        node = declared[name].node
        own = [one for one in imports.declarations(node) if one.target.id == stuck[name].attribute]
        yield Fault(
            rule=NAME,
            message=f"no instance of {quoted(name)} can be complete: {', '.join(told)}",
            part="guidelines",
            span=guideline.span(own[-1].statement) if own else guideline.name_span(node),
            path=f"{name}.{stuck[name].attribute}",
        )


def _stuck(guideline: Guideline) -> dict[str, _Need]:
    """Give the types that can have no instance, each with one of its needs that nothing meets."""
    declared = {one.name: one for one in guideline.schema.entity_types}
    needs: dict[str, dict[int, _Need]] = {}
    waiting: dict[str, list[tuple[str, int]]] = {}
    for name, entity_type in declared.items():
        found = [
            _Need(attribute.name, types)
            for attribute in entity_type.attributes
            if attribute.required and attribute.init
            for types in _needed(attribute.type)
            if declared.keys() >= set(types)
        ]
        needs[name] = dict(enumerate(found))
        for number, need in enumerate(found):
            for one in need.types:
                waiting.setdefault(one, []).append((name, number))
    pending = [name for name in declared if not needs[name] or name in guideline.unreadable]
    met: set[str] = set()
    while pending:
        name = pending.pop()
        if name in met or name not in declared:
            continue
        met.add(name)
        # An instance of a subclass is one of its bases, too.
        pending += [base.rpartition(".")[2] for base in declared[name].bases]
        for other, number in waiting.get(name, ()):
            needs[other].pop(number, None)
            if not needs[other]:
                pending.append(other)
    return {name: next(iter(needs[name].values())) for name in declared if name not in met and needs[name]}


def _needed(attribute_type: AttributeType) -> list[tuple[str, ...]]:
    """Give what a value of a type needs: of each of these, an instance of one of the types."""
    match attribute_type:
        case ReferenceType(entity_type=name):
            return [(name,)]
        case TupleType(of=parts, variadic=False):
            return [need for part in parts for need in _needed(part)]
        case UnionType(of=parts):
            branches = [_needed(part) for part in parts]
            if all(len(branch) == 1 for branch in branches):
                return [tuple(name for branch in branches for name in branch[0])]
    return []


def _cycles(following: dict[str, str]) -> Iterator[list[str]]:
    """Give the ways round of a graph in which each has one successor."""
    seen: set[str] = set()
    for start in following:
        walk: dict[str, None] = {}
        name = start
        while name not in seen:
            seen.add(name)
            walk[name] = None
            name = following[name]
        if name in walk:
            steps = list(walk)
            yield steps[steps.index(name) :]
