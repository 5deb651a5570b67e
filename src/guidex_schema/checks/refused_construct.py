"""Labels hold code, not only values.

Labels are a list of calls of the row's classes with constants, lists, tuples, sets, dicts and members of its enums.
Everything else is refused by name and never run: attribute access, comprehensions, f-strings, builtins, imports,
further statements.

Source: RestrictedPython, "Security considerations"; project decision (SPEC 6).
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX401"
NAME = "refused-construct"
SEVERITY = Severity.ERROR

VALID = (Example(labels='a = Person(mention="Ada" " L.")\nresult: list = [Person(mention="Bob", children=[a])]'),)

INVALID = (
    Example(labels='[Person(mention=open("x"))]', at='open("x")'),
    Example(labels='[Person(mention="Ada")]\nimport os', at="import os"),
    Example(labels='[Person(mention=f"Ada")]', at='f"Ada"'),
    Example(labels='[Person(mention="Ada".upper())]', at='"Ada".upper()'),
    Example(labels="[Person(mention=null)]", at="null"),
)

check = Reported(NAME)
