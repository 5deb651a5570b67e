"""An attribute or class has a name that begins with an underscore.

Such names belong to Python and to tools that rebuild classes (`__post_init__`, `__class__`, `_missing_`). An entity
type needs none of them.

Source: Python language reference, section 2.3.3 (reserved classes of identifiers); project decision (SPEC 14).
"""

from collections.abc import Iterator

from guidex_schema import imports
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity

CODE = "GX119"
NAME = "reserved-name"
SEVERITY = Severity.ERROR

VALID = (
    Example(),
    Example(guidelines="class A:\n    _: KW_ONLY\n    x_: int\n"),
    Example(guidelines="class A:\n    _labels: ClassVar[List[str]] = ['a']\n    _names: 'typing.ClassVar' = 1\n"),
)

INVALID = (
    Example(
        guidelines="class A:\n    __post_init__: str\n",
        at="__post_init__",
        part="guidelines",
        path="A.__post_init__",
        message="the attribute name `__post_init__` begins with an underscore",
    ),
    Example(
        guidelines="class _A:\n    x: str\n",
        at="_A",
        part="guidelines",
        path="_A",
        message="the class name `_A` begins with an underscore",
    ),
)


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Look at the names of all classes and attributes."""
    found = inventory(guideline)
    if "\n_" not in found.declared and not any(name.startswith("_") for name in found.class_names):
        return
    for node in guideline.classes:
        if node.name.startswith("_"):
            yield Fault(
                rule=NAME,
                message=f"the class name {quoted(node.name)} begins with an underscore",
                part="guidelines",
                span=guideline.name_span(node),
                path=node.name,
            )
    for declaration in imports.all_declarations(guideline):
        name = declaration.target.id
        if name.startswith("_") and declaration.is_attribute:
            yield Fault(
                rule=NAME,
                message=f"the attribute name {quoted(name)} begins with an underscore",
                part="guidelines",
                span=guideline.span(declaration.target),
                path=declaration.path,
            )
