"""A type stands neither in a register of the file nor in another type: nothing ever asks for it.

Where a file registers its types (`ENTITY_DEFINITIONS = [...]`), one that no register lists, no attribute refers to and
no class derives from was mostly forgotten. Without registers every entity type may stand at the top level, and only
enumerations and subclasses of `str` have to be the type of something.

Source: GoLLIE, arXiv:2310.03668, whose training reads the registers; ruff F401 (what is defined and not used).
"""

import ast
from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.syntax import names_in

CODE = "GX128"
NAME = "unused-type"
SEVERITY = Severity.WARNING

VALID = (
    Example(),
    Example(guidelines="class A:\n    x: str\n\nclass B:\n    x: str\n"),
    Example(
        guidelines="class Root:\n    pass\n\nclass A(Root):\n    b: 'List[B]'\n\nclass B:\n    x: str\n\nALL = [A]\n"
    ),
    Example(guidelines="class Role(Enum):\n    X = 1\n\nclass A:\n    x: Optional['Role']\n"),
    Example(guidelines="class A:\n    x: str\n\nclass B:\n    x: str\n\nALL = [A]\nFINE = {'b': B}\n"),
    Example(guidelines="class A:\n    x: str\n\nclass B:\n    x: str\n\nALL = [A]\nMORE = ALL + [B]\n"),
    Example(guidelines="class A:\n    x: str\n\nclass B:\n    x: str\n\nALL = [A]\nActor = Union[A, 'List[B]']\n"),
)

INVALID = (
    Example(
        guidelines="class A:\n    x: str\n\nclass B:\n    b: List['B']\n\nALL = [A]\n",
        at="B",
        part="guidelines",
        path="B",
        message="the type `B` stands in no register, and no other type refers to it",
    ),
    Example(
        guidelines="class Role(Enum):\n    X = 1\n\nclass A:\n    x: str\n",
        at="Role",
        part="guidelines",
        path="Role",
        message="no attribute has the type `Role`",
    ),
)


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Compare the classes with the names that others use."""
    entity_types = {one.name for one in guideline.schema.entity_types}
    if not guideline.schema.registers and entity_types.issuperset(inventory(guideline).class_names):
        return
    if guideline.readable != guideline.source.replace("\ufeff", "\f", 1):
        # What could not be read may well use them.
        return
    used = frozenset(_used(guideline))
    for node in guideline.classes:
        if node.name in used or (node.name in entity_types and not guideline.schema.registers):
            continue
        yield Fault(
            rule=NAME,
            message=f"the type {quoted(node.name)} stands in no register, and no other type refers to it"
            if node.name in entity_types
            else f"no attribute has the type {quoted(node.name)}",
            part="guidelines",
            span=guideline.name_span(node),
            path=node.name,
        )


def _used(guideline: Guideline) -> Iterator[str]:
    """Give the names that anything but the class itself uses."""
    for value in guideline.type_aliases.values():
        yield from (name for name, _ in names_in(value))
    for statement in guideline.tree.body:
        if not isinstance(statement, ast.ClassDef):
            yield from _names(statement)
            continue
        within = (*statement.bases, *statement.body)
        yield from (name for node in within for name in _names(node) if name != statement.name)


def _names(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        match one:
            case ast.Name(id=name, ctx=ast.Load()):
                yield name
            case ast.Constant(value=str(text)) if text.isidentifier():
                # Names are written as strings in ``__all__`` and in tables.
                yield text
            case ast.AnnAssign(annotation=annotation):
                yield from (name for name, _ in names_in(annotation))
            case _:
                pass
