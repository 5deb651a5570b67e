"""What stands in guidelines, taken down once: what most rules look for is mostly nowhere in them.

A rule may ask the inventory first, and read the tree itself only where that leaves a doubt. So the inventory judges
nothing, and may hold more than there is, but never less. Of guidelines that were read by pattern it is put together of
what the patterns found, of others in one walk through their tree; what it holds is the same.
"""

import ast
from ast import AnnAssign, Constant, Expr, Name, Subscript
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from guidex_schema.accelerate.annotation import Named, named
from guidex_schema.accelerate.guideline import PlainClass
from guidex_schema.guideline import Guideline
from guidex_schema.syntax import last_name, names_in, quoted_annotation


class Body(NamedTuple):
    """What stands in one class.

    Attributes:
        name: that of the class.
        bases: the last parts of the names that it derives from.
        is_decorated: it has a decorator.
        docstring: its docstring as the literal has it; "" where it has none.
        repeats: it annotates a name twice.
        looked_up: the names that its annotations look up where they stand, which are not quoted.
    """

    name: str
    bases: tuple[str, ...]
    is_decorated: bool
    docstring: str
    repeats: bool
    looked_up: Set[str]


class Inventory(NamedTuple):
    """What stands in guidelines.

    Attributes:
        bodies: the classes in source order, as ``Guideline.classes`` has them.
        class_names: their names.
        bases: the last parts of the names that they derive from.
        declared: the names that they annotate, in source order, each with a line feed before it.
        names: all that types, bases, decorators, defaults and further statements name, in quotes or not.
        defaulted: the attributes that are given a default.
        has_values: one of the defaults is not None.
        has_displays: one of them is a list, table or set that is written out.
        long_texts: the texts in classes that are written on several lines.
        has_further: there is a statement that is no class, import, attribute or text, in a class or outside of any.
        has_union: an annotation has a ``|``.
        is_mixed: in a class an attribute that may have no default stands behind one that may have one.
    """

    bodies: Sequence[Body]
    class_names: Set[str]
    bases: Set[str]
    declared: str
    names: Set[str]
    defaulted: Set[str]
    has_values: bool
    has_displays: bool
    long_texts: Sequence[str]
    has_further: bool
    has_union: bool
    is_mixed: bool


def inventory(guideline: Guideline) -> Inventory:
    """Give what stands in guidelines."""
    return guideline.once(_inventory)


def _inventory(guideline: Guideline) -> Inventory:
    return _of_tree(guideline) if guideline.plain is None else _of_finds(guideline.plain)


def _of_finds(classes: Iterable[PlainClass]) -> Inventory:
    """Take down what stands in guidelines that hold nothing but imports and these classes."""
    bodies: list[Body] = []
    bases: set[str] = set()
    lines = [""]
    names: set[str] = set()
    defaulted: set[str] = set()
    values: set[str] = set()
    long_texts: list[str] = []
    is_mixed = False
    for one in classes:
        looked_up: set[str] = set()
        has_default = False
        docstring = one.docstring or ""
        texts = [docstring]
        for name, annotation, default, text in one.attributes:
            lines.append(name)
            found = _named(annotation)
            looked_up |= found.looked_up
            names |= found.quoted
            if default is None:
                is_mixed = is_mixed or has_default
            else:
                is_factory = default.startswith("field(")
                is_mixed = is_mixed or (has_default and is_factory)
                has_default = True
                defaulted.add(name)
                if default != "None":
                    values.add(default)
            if text is not None:
                texts.append(text)
        long_texts += [text for text in texts if "\n" in text]
        names |= looked_up
        if one.is_decorated:
            names.add("dataclass")
        bases.update(one.bases)
        bodies.append(Body(one.name, one.bases, one.is_decorated, docstring, False, looked_up))
    names |= bases
    for value in values:
        if value.startswith("field("):
            names.update(("field", value.removeprefix("field(default_factory=").removesuffix(")")))
    return Inventory(
        bodies,
        {body.name for body in bodies},
        bases,
        "\n".join(lines),
        names,
        defaulted,
        bool(values),
        False,
        long_texts,
        False,
        False,
        is_mixed,
    )


@lru_cache(maxsize=512)
def _named(annotation: str) -> Named:
    """Give the names in a plainly written annotation."""
    known = named(annotation)
    if known is not None:
        return known
    expression = quoted_annotation(annotation)
    assert expression is not None, "what was read can be parsed"
    found: set[str] = set()
    quoted: set[str] = set()
    _look_up([expression], found, quoted)
    return Named(found, quoted)


def _of_tree(guideline: Guideline) -> Inventory:
    bodies: list[Body] = []
    bases: set[str] = set()
    lines = [""]
    names: set[str] = set()
    defaulted: set[str] = set()
    long_texts: list[str] = []
    further: list[ast.stmt] = []
    elsewhere: list[ast.expr] = []
    has_values = has_displays = has_union = is_mixed = False
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
                        defaulted.add(target.id)
                        if not (type(value) is Constant and value.value is None):
                            has_values = True
                            has_displays = has_displays or _holds_display(value)
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
            elsewhere += statement.bases
            own_bases = tuple([last_name(base) for base in statement.bases])
            bases.update(own_bases)
            repeats = len(set(declared)) < len(declared)
            # What is declared again keeps its place.
            is_mixed = is_mixed or repeats
            is_decorated = bool(statement.decorator_list)
            bodies.append(Body(statement.name, own_bases, is_decorated, docstring, repeats, looked_up))
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
    return Inventory(
        bodies,
        {body.name for body in bodies},
        bases,
        "\n".join(lines),
        names,
        defaulted,
        has_values,
        has_displays,
        long_texts,
        bool(further),
        has_union,
        is_mixed,
    )


def _holds_display(default: ast.expr) -> bool:
    """Say whether a default is a list, table or set that is written out, be it in a call."""
    given = [keyword.value for keyword in default.keywords] if isinstance(default, ast.Call) else [default]
    return any(isinstance(one, ast.List | ast.Dict | ast.Set) for one in given)


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
