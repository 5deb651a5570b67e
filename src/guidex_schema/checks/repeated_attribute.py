"""An attribute is given twice: once by position and once by name.

The constructor would raise TypeError.

Source: Python language reference, section 6.3.4 (calls).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX212"
NAME = "repeated-attribute"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person("Ada", role="writer")]'),)

INVALID = (
    Example(
        labels='[Person("Ada", mention="Bob")]',
        at='mention="Bob"',
        path="result[0].mention",
        message="`mention` of `Person` is given by position already",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Name the keyword arguments whose attribute a positional argument fills already."""
    for site, binding in subject.broken_bindings:
        for argument in binding.repeated:
            yield Fault(
                rule=NAME,
                message=f"{quoted(argument.name)} of {quoted(site.instance.class_name)} is given by position already",
                part="labels",
                span=argument.span,
                path=f"{site.path}.{argument.name}",
            )
