"""The class statements of guidelines, beside the entity types that they declare."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from guidex_schema.annotation import role
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.schema import Attribute, EntityType


class Declared(NamedTuple):
    """An entity type and its class statement."""

    entity_type: EntityType
    node: ast.ClassDef


def declared(guideline: Guideline) -> Iterator[Declared]:
    """Give every entity type with its own class statement, also where two have one name."""
    names = {entity_type.name for entity_type in guideline.schema.entity_types}
    nodes = (node for node in guideline.classes if node.name in names)
    return (Declared(*pair) for pair in zip(guideline.schema.entity_types, nodes, strict=False))


class Redefinition(NamedTuple):
    """A class that has the name of one above it; ``is_same`` says that both say the same."""

    node: ast.ClassDef
    earlier: ast.ClassDef
    is_same: bool


def redefinitions(guideline: Guideline) -> Iterator[Redefinition]:
    """Compare every class with the first of its name that is more than a forward declaration."""
    found = inventory(guideline)
    if len(found.class_names) == len(found.bodies):
        return
    first: dict[str, ast.ClassDef] = {}
    dumps: dict[str, str] = {}
    for node in guideline.classes:
        earlier = first.setdefault(node.name, node)
        if is_forward_declaration(earlier, node):
            first[node.name] = node
        elif earlier is not node:
            # Only what is repeated is written out: it takes longer than all else.
            dumps.setdefault(node.name, ast.dump(earlier))
            yield Redefinition(node, earlier, ast.dump(node) == dumps[node.name])


def is_forward_declaration(earlier: ast.ClassDef, later: ast.ClassDef) -> bool:
    """Say whether a class only announces a later one of its name: it has the same bases and no body."""
    return (
        _is_empty(earlier)
        and not _is_empty(later)
        and [ast.dump(base) for base in earlier.bases] == [ast.dump(base) for base in later.bases]
    )


def _is_empty(node: ast.ClassDef) -> bool:
    return all(
        isinstance(one, ast.Pass) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in node.body
    )


def misplaced(entity_type: EntityType) -> Attribute | None:
    """Give the first required attribute that stands behind one with a default, where the constructor takes both."""
    defaulted = False
    for attribute in entity_type.attributes:
        if not attribute.required:
            defaulted = defaulted or (attribute.init and not attribute.keyword_only)
        elif defaulted and attribute.init and not attribute.keyword_only:
            return attribute
    return None


def default_of(statement: ast.AnnAssign) -> ast.expr | None:
    """Give the default that an attribute is given, in ``field(default=...)`` too."""
    if isinstance(statement.value, ast.Call):
        return next((keyword.value for keyword in statement.value.keywords if keyword.arg == "default"), None)
    return statement.value


def mutable_default(statement: ast.AnnAssign) -> ast.List | ast.Dict | ast.Set | None:
    """Give the default that a dataclass refuses, or None; what is no field of instances may have any."""
    default = default_of(statement) if role(statement.annotation) == "field" else None
    return default if isinstance(default, ast.List | ast.Dict | ast.Set) else None


def names_bound_in(node: ast.ClassDef) -> frozenset[str]:
    """Give the names that hide those of the module in the body of a class; an annotation alone binds none."""
    return frozenset(
        target.id for statement in node.body for target in _targets(statement) if isinstance(target, ast.Name)
    )


def _targets(statement: ast.stmt) -> list[ast.expr]:
    match statement:
        case ast.AnnAssign(target=target, value=ast.expr()):
            return [target]
        case ast.Assign(targets=targets):
            return targets
        case _:
            return []
