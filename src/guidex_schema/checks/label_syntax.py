"""Labels, or one item of the list, are not Python.

The item is reported and the others are checked: one bad instance does not lose the rest.

Source: Python language reference; GoLLIE, arXiv:2310.03668, whose parser drops every instance of such an output.
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX012"
NAME = "label-syntax"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="Ada")]'),)

INVALID = (
    Example(labels='[Person(mention="Ada"), Person(mention=[), Person(mention="Bob")]', at=")"),
    Example(labels="I found nobody.", at="f"),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Give what reading the row has found."""
    return subject.reported(NAME)
