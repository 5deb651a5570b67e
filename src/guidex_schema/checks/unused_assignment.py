"""An instance is assigned to a name that the list never uses.

Names may build up nested instances before the list; one that is not used was most likely forgotten, and its
annotation is lost.

Source: project decision (SPEC 6).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX213"
NAME = "unused-assignment"
SEVERITY = Severity.WARNING

VALID = (Example(labels='ada = Person("Ada")\nresult = [ada]'),)

INVALID = (
    Example(
        labels='ada = Person("Ada")\nbob = Person("Bob")\nresult = [bob]',
        at='ada = Person("Ada")',
        message="`ada` is assigned but does not stand in the list",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Name what the jail saw assigned and not used."""
    for unused in subject.execution.unused if subject.execution else ():
        message = f"{quoted(unused.name)} is assigned but does not stand in the list"
        yield Fault(rule=NAME, message=message, part="labels", span=unused.span)
