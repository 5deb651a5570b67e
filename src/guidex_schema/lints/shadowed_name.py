"""A class has the name of a builtin or of a typing construct.

Annotations behind it mean something else than they seem to, and so do the labels. Nothing of it runs here, but the file
surprises whoever loads it. Some constructs have the name of what guidelines may well be about (`Sequence`, `Protocol`,
`Text`): they count only where the file imports them or writes a type with them (`Sequence[str]`).

Source: ruff A001 (builtin-variable-shadowing); project decision (SPEC 6).
"""

import ast
from collections.abc import Iterator

from guidex_schema import imports
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.syntax import quoted_annotation, type_strings

CODE = "GX121"
NAME = "shadowed-name"
SEVERITY = Severity.WARNING

VALID = (
    Example(guidelines="class Import:\n    x: str\n\nclass System:\n    x: str\n"),
    Example(
        guidelines="from typing import List\nfrom lab import Protocol\n\nclass Sequence:\n    x: str\n\n"
        "class Protocol:\n    steps: List[Sequence]\n    first: Sequence\n"
    ),
)

INVALID = (
    Example(
        guidelines="class list:\n    x: str\n",
        at="list",
        part="guidelines",
        path="list",
        message="the class `list` hides the name that builtins gives",
    ),
    Example(
        guidelines="class Optional:\n    x: str\n",
        at="Optional",
        part="guidelines",
        path="Optional",
        message="the class `Optional` hides the name that typing gives",
    ),
    Example(
        guidelines="from collections.abc import Sequence as Row, Mapping\n\nclass Mapping:\n    x: str\n",
        at="Mapping",
        part="guidelines",
        path="Mapping",
        message="the class `Mapping` hides the name that typing gives",
    ),
    Example(
        guidelines="from typing import *\n\nclass Text:\n    x: str\n",
        at="Text",
        part="guidelines",
        path="Text",
        message="the class `Text` hides the name that typing gives",
    ),
    Example(
        guidelines="class Sequence:\n    bases: 'Optional[Sequence[str]]'\n",
        at="Sequence",
        part="guidelines",
        path="Sequence",
        message="the class `Sequence` hides the name that typing gives",
    ),
)

_KNOWN = imports.BUILTINS | imports.MODULES.keys()
# What no guidelines are about.
_CONSTRUCTS = frozenset("Any Dict Enum List Literal Optional Tuple Union dataclass field".split())
# Where the names of `typing` may be imported from as well.
_SAME_AS_TYPING = frozenset(("typing_extensions", "collections.abc"))


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Compare class names with the names of builtins and of the modules that guidelines import from."""
    names = inventory(guideline).class_names
    if names.isdisjoint(_KNOWN):
        return
    meant = _CONSTRUCTS | imports.BUILTINS
    if names & imports.MODULES.keys() - meant:
        meant |= {*_imported(guideline), *_subscripted(guideline)}
    for node in guideline.classes:
        origin = "builtins" if node.name in imports.BUILTINS else imports.MODULES.get(node.name)
        if origin is not None and node.name in meant:
            yield Fault(
                rule=NAME,
                message=f"the class {quoted(node.name)} hides the name that {origin} gives",
                part="guidelines",
                span=guideline.name_span(node),
                path=node.name,
            )


def _imported(guideline: Guideline) -> Iterator[str]:
    """Give the names that are imported from the modules that have them."""
    for statement in guideline.tree.body:
        if isinstance(statement, ast.ImportFrom):
            origin = "typing" if statement.module in _SAME_AS_TYPING else statement.module
            own = [name for name, module in imports.MODULES.items() if module == origin]
            bound = {alias.asname or alias.name for alias in statement.names}
            yield from own if "*" in bound else bound.intersection(own)


def _subscripted(guideline: Guideline) -> Iterator[str]:
    """Give the names in annotations, quoted ones too, that arguments in brackets follow."""
    for declaration in imports.all_declarations(guideline):
        annotation = declaration.statement.annotation
        quoted_types = (quoted_annotation(str(string.value)) for string in type_strings(annotation))
        for whole in (annotation, *quoted_types):
            for node in ast.walk(whole) if whole is not None else ():
                match node:
                    case ast.Subscript(value=ast.Name(id=name)):
                        yield name
                    case _:
                        pass
