"""What stands in guidelines, taken down in one walk: what most rules look for is mostly nowhere in them.

A rule may ask the inventory first, and read the tree itself only where that leaves a doubt. So the inventory judges
nothing, and may hold more than there is, but never less.
"""

import ast
from ast import AnnAssign, Constant, Expr, Name, Subscript
from typing import NamedTuple

from guidex_schema.guideline import Guideline
from guidex_schema.syntax import names_in


class Body(NamedTuple):
    """What stands in one class.

    Attributes:
        node: the class statement.
        docstring: its docstring as the literal has it; "" where it has none.
        repeats: it annotates a name twice.
        looked_up: the names that its annotations look up where they stand, which are not quoted.
    """

    node: ast.ClassDef
    docstring: str
    repeats: bool
    looked_up: set[str]


class Inventory(NamedTuple):
    """What stands in guidelines.

    Attributes:
        bodies: the classes in source order.
        class_names: their names.
        declared: the names that they annotate, in source order, each with a line feed before it.
        names: all that types, bases, decorators, defaults and further statements name, in quotes or not.
        defaults: the statements that give an attribute a default.
        values: those whose default is not None.
        long_texts: the texts in classes that are written on several lines.
        further: the statements that are no class, import, attribute or text, in classes and outside of them.
        has_union: an annotation has a ``|``.
        has_bases: a class derives from another.
        is_mixed: in a class an attribute that may have no default stands behind one that may have one.
    """

    bodies: list[Body]
    class_names: set[str]
    declared: str
    names: set[str]
    defaults: list[AnnAssign]
    values: list[AnnAssign]
    long_texts: list[str]
    further: list[ast.stmt]
    has_union: bool
    has_bases: bool
    is_mixed: bool


def inventory(guideline: Guideline) -> Inventory:
    """Give what stands in guidelines."""
    return guideline.once(_inventory)


def _inventory(guideline: Guideline) -> Inventory:
    bodies: list[Body] = []
    class_names: set[str] = set()
    lines = [""]
    names: set[str] = set()
    defaults: list[AnnAssign] = []
    values: list[AnnAssign] = []
    long_texts: list[str] = []
    further: list[ast.stmt] = []
    elsewhere: list[ast.expr] = []
    has_union = has_bases = is_mixed = False
    for statement in guideline.tree.body:
        if isinstance(statement, ast.ClassDef):
            declared: list[str] = []
            looked_up: set[str] = set()
            composed: list[ast.expr] = []
            docstring = ""
            has_default = False
            for inner in statement.body:
                if type(inner) is AnnAssign and type(target := inner.target) is Name:
                    declared.append(target.id)
                    annotation = inner.annotation
                    if type(annotation) is Name:
                        looked_up.add(annotation.id)
                    else:
                        composed.append(annotation)
                    value = inner.value
                    if value is None:
                        is_mixed = is_mixed or has_default
                    else:
                        # A call may give a default or none.
                        is_mixed = is_mixed or (has_default and type(value) is ast.Call)
                        has_default = True
                        defaults.append(inner)
                        if not (type(value) is Constant and value.value is None):
                            values.append(inner)
                            elsewhere.append(value)
                elif type(inner) is Expr and type(inner.value) is Constant and type(text := inner.value.value) is str:
                    if inner.end_lineno != inner.lineno:
                        long_texts.append(text)
                    if inner is statement.body[0]:
                        docstring = text
                elif type(inner) is not ast.Pass:
                    further.append(inner)
            if composed:
                has_union = _look_up(composed, looked_up, names) or has_union
            names |= looked_up
            elsewhere += statement.decorator_list
            if statement.bases:
                has_bases = True
                elsewhere += statement.bases
            repeats = len(set(declared)) < len(declared)
            # What is declared again keeps its place.
            is_mixed = is_mixed or repeats
            bodies.append(Body(statement, docstring, repeats, looked_up))
            class_names.add(statement.name)
            lines += declared
        elif not (
            isinstance(statement, ast.ImportFrom | ast.Import | ast.Pass)
            or (isinstance(statement, Expr) and isinstance(statement.value, Constant))
        ):
            further.append(statement)
    for one in further:
        names.update(node.id for node in ast.walk(one) if isinstance(node, Name))
        if isinstance(one, AnnAssign):
            elsewhere.append(one.annotation)
    if guideline.type_aliases:
        elsewhere += guideline.type_aliases.values()
    for expression in elsewhere:
        if isinstance(expression, Name):
            names.add(expression.id)
        elif not isinstance(expression, Constant):
            # The types that are quoted, and with them what is called or looked up in Literal[...].
            names.update(name for name, _ in names_in(expression))
            names.update(node.id for node in ast.walk(expression) if isinstance(node, Name))
    attributes = "\n".join(lines)
    return Inventory(
        bodies, class_names, attributes, names, defaults, values, long_texts, further, has_union, has_bases, is_mixed
    )


def _look_up(annotations: list[ast.expr], found: set[str], quoted: set[str]) -> bool:
    """Take down the names that annotations look up where they stand, and those in quotes; say whether there is a ``|``.

    The list of annotations is empty afterwards.
    """
    is_union = False
    while annotations:
        one = annotations.pop()
        if type(one) is Subscript and type(head := one.value) is Name and (name := head.id) != "Annotated":
            found.add(name)
            if type(inner := one.slice) is Name:
                found.add(inner.id)
            elif name != "Literal":
                annotations.append(inner)
        elif type(one) is Name:
            found.add(one.id)
        elif type(one) is Constant and (text := one.value) is not None and _is_plain(text):
            if isinstance(text, str):
                quoted.add(text)
        elif type(one) is ast.Tuple:
            annotations += one.elts
        else:
            is_union = is_union or any(isinstance(node, ast.BinOp) for node in ast.walk(one))
            for name, place in names_in(one):
                (found if isinstance(place, Name) else quoted).add(name)
    return is_union


def _is_plain(value: object) -> bool:
    """Say whether a constant is no type, or one name in quotes: Python gives some a form of their own (NFKC)."""
    return not isinstance(value, str) or (value.isascii() and value.isidentifier())
