"""The same instance stands twice at the top of the list.

Models that lose the thread repeat themselves; a scorer then counts the same annotation twice. Instances are the same
when class and values are, wherever they stand and in whatever order their keywords are.

Source: IEPile, arXiv:2402.14710, section 2.2 (deduplication).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.instance import signature
from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX207"
NAME = "duplicate-instance"
SEVERITY = Severity.WARNING

VALID = (Example(labels='[Person("Ada"), Person("Bob"), Person(True), Person(1)]'),)

INVALID = (
    Example(
        labels='[Person(mention="Ada", role="x"), Person(role="x", mention="Ada")]',
        at='Person(role="x", mention="Ada")',
        path="result[1]",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Compare top-level instances by class and values."""
    first: dict[tuple[object, ...], int] = {}
    for number, instance in (subject.execution.instances if subject.execution else {}).items():
        seen = first.setdefault(signature(instance), number)
        if seen != number:
            yield Fault(
                rule=NAME,
                message=f"this {quoted(instance.class_name)} is the same as result[{seen}]",
                part="labels",
                span=instance.span,
                path=f"result[{number}]",
            )
