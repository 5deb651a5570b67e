"""An attribute has the name of a class and hides it from the annotations that follow.

Behind `Person: Person = None` the name means the default in the rest of the class body, so that `author: Person` is
read as `author: None`. An attribute without a default hides nothing.

Source: Python language reference, section 4.2.2 (resolution of names, class scopes); pydantic, "field name clashing
with a type annotation".
"""

import ast
from collections.abc import Iterator

from guidex_schema import imports
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.syntax import names_in

CODE = "GX124"
NAME = "attribute-shadows-class"
SEVERITY = Severity.WARNING

VALID = (
    Example(guidelines="class Person:\n    x: str\n\nclass Work:\n    Person: Person\n    author: Person\n"),
    Example(guidelines="class Person:\n    x: str\n\nclass Work:\n    author: Person\n    Person: Person = None\n"),
    Example(guidelines="class Work:\n    title: str = ''\n    kind: Literal['title'] = None\n"),
)

INVALID = (
    Example(
        guidelines="class Person:\n    x: str\n\nclass Work:\n    Person: Person = None\n    author: List[Person]\n",
        at="Person",
        part="guidelines",
        path="Work.Person",
        message="the attribute `Work.Person` hides the class that the annotation of `Work.author` names",
    ),
    Example(
        guidelines="from datetime import date\n\nclass Stay:\n    date: date = None\n    end: date = None\n",
        at="date",
        part="guidelines",
        path="Stay.date",
        message="the attribute `Stay.date` hides the class that the annotation of `Stay.end` names",
    ),
)


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Follow what each class body binds."""
    found = inventory(guideline)
    if found.names.isdisjoint(found.defaulted):
        return
    known = imports.bound_names(guideline) | imports.BUILTINS
    for node in guideline.classes:
        hiding: dict[str, ast.Name] = {}
        for declaration in imports.declarations(node):
            for name, _ in names_in(declaration.statement.annotation):
                target = hiding.pop(name, None)
                if target is not None:
                    yield Fault(
                        rule=NAME,
                        message=f"the attribute {quoted(f'{node.name}.{name}')} hides the class that the annotation of "
                        f"{quoted(declaration.path)} names",
                        part="guidelines",
                        span=guideline.span(target),
                        path=f"{node.name}.{name}",
                    )
            if declaration.statement.value is not None and declaration.target.id in known:
                hiding.setdefault(declaration.target.id, declaration.target)
