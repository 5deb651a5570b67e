"""An item of the list is no instance of an entity type.

Strings, numbers, nested lists, members of an enum and calls of a str subclass annotate nothing by themselves.

Source: GoLLIE, arXiv:2310.03668, section 3 (the result is a list of instances); project decision (SPEC 6).
"""

from collections.abc import Iterator

from guidex_schema.instance import Instance
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.wording import described

CODE = "GX209"
NAME = "item-not-an-instance"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person("Ada"), Robot("R2")]'), Example(labels='[Person("Ada"), Person(f"x")]'))

INVALID = (
    Example(
        labels='[Person("Ada"), "Bob"]',
        at='"Bob"',
        path="result[1]",
        message="the str `Bob` is no instance of an entity type",
    ),
    Example(
        labels='[[Person("Ada")]]',
        at='[Person("Ada")]',
        path="result[0]",
        message="a list of 1 is no instance of an entity type",
    ),
    Example(
        guidelines="class Name(str):\n    pass\n",
        labels='[Name("Ada")]',
        at='Name("Ada")',
        path="result[0]",
        message="an instance of `Name` is no instance of an entity type",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Look at every readable item of the list."""
    schema = subject.guideline.schema
    values = {one.name for one in schema.enumerations} | {one.name for one in schema.text_subclasses}
    if subject.sound is not None and subject.used.isdisjoint(values):
        return
    for number, item in subject.items.items():
        if not isinstance(item, Instance) or item.class_name in values:
            yield Fault(
                rule=NAME,
                message=f"{described(item)} is no instance of an entity type",
                part="labels",
                span=item.span,
                path=f"result[{number}]",
            )
