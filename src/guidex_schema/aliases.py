"""Names that stand for something else: those that are imported under another one, and those given to types.

``from typing import List as L`` and ``import dataclasses as d`` are read as if they had no ``as``, so that nothing that
reads the tree needs to know them. Places stay as they are: what stands there in the source is the author's own name.
``Actor = Union[Person, Place]`` stays in the tree; what it means is for the reader of annotations.
"""

import ast
from collections import Counter
from collections.abc import Mapping

from guidex_schema.syntax import bindings, is_dotted_name, last_name, node_span, operands, parse, type_strings
from guidex_schema.text import Document

MODULES = frozenset(("dataclasses", "typing", "typing_extensions", "enum", "datetime"))


def resolve(tree: ast.Module) -> bool:
    """Write the names of ``MODULES`` into a tree in place of what the source calls them.

    A name that the source binds a second time is left alone, since what it means depends on the place.

    Returns:
        Whether the source calls anything by another name, so that the tree may not be what is written.
    """
    aliases = _aliases(tree)
    if not aliases:
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            node.id = aliases.get(node.id, node.id)
    annotations = [node.annotation for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)]
    for expression in (*annotations, *type_aliases(tree).values()):
        for string in type_strings(expression):
            string.value = _renamed(str(string.value), aliases)
    return True


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Give what the source calls a name of a known module, and that name."""
    found: dict[str, str] = {}
    for statement in tree.body:
        match statement:
            case ast.Import(names=names):
                found |= {one.asname: one.name for one in names if one.asname and one.name in MODULES}
            case ast.ImportFrom(module=module, names=names, level=0) if module in MODULES:
                found |= {one.asname: one.name for one in names if one.asname}
            case _:
                pass
    bound = _bound(tree) if found else Counter()
    return {
        alias: name for alias, name in found.items() if bound[alias] == 1 and (name in MODULES or name not in bound)
    }


def _bound(tree: ast.Module) -> Counter[str]:
    """Count how often each name is bound; one that a known module gives under its own name stays what it is."""
    bound: Counter[str] = Counter()
    for statement in tree.body:
        match statement:
            case ast.ImportFrom(module=module, names=names, level=0) if module in MODULES:
                bound.update(one.asname for one in names if one.asname)
            case _:
                bound.update(bindings(statement))
    return bound


def type_aliases(tree: ast.Module) -> dict[str, ast.expr]:
    """Give the names that a module binds once, to what looks like a type, each with that type."""
    found: dict[str, ast.expr] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_type(value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value) if last_name(
                annotation
            ) == "TypeAlias" and (_is_type(value) or _is_text(value)):
                found[name] = value
            case _:
                pass
    bound = _bound(tree) if found else Counter()
    return {name: value for name, value in found.items() if bound[name] == 1}


def _is_type(value: ast.expr) -> bool:
    """Say whether a value is a name, a name with brackets, or a union of both; quoted names may be part of it."""
    match value:
        case ast.Name() | ast.Attribute():
            return is_dotted_name(value)
        case ast.Subscript(value=name):
            return is_dotted_name(name)
        case ast.BinOp(op=ast.BitOr()):
            return all(_is_type(one) or _is_text(one) or _is_none(one) for one in operands(value))
        case _:
            return False


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _renamed(text: str, aliases: Mapping[str, str]) -> str:
    """Rename in the text of a quoted annotation."""
    stripped = text.strip()
    tree = parse(stripped)
    if not isinstance(tree, ast.Module):
        return text
    document = Document(stripped)
    spans = [
        (span.start, span.end, aliases[node.id])
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in aliases and (span := node_span(document, node)) is not None
    ]
    if not spans:
        return text
    pieces = []
    end = 0
    for start, stop, name in sorted(spans):
        pieces += [stripped[end:start], name]
        end = stop
    return "".join([*pieces, stripped[end:]])
