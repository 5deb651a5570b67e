"""The same instance stands twice at the top of the list.

Models that lose the thread repeat themselves; a scorer then counts the same annotation twice. Instances are the same
when the dataclasses would be: by position or by keyword, with a default written out or left out, in any order.

Source: IEPile, arXiv:2402.14710, section 2.2 (deduplication).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.instance import Instance
from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX207"
NAME = "duplicate-instance"
SEVERITY = Severity.WARNING

VALID = (
    Example(
        labels='[Person("Ada"), Person("Bob"), Person(True), Person(1), Person("Ada", "x"), Person("Ada", role="y")]'
    ),
    Example(labels='[Person("Ada", x=1), Person("Ada")]'),
)

INVALID = (
    Example(
        labels='[Person(mention="Ada", role="x"), Person(role="x", mention="Ada")]',
        at='Person(role="x", mention="Ada")',
        path="result[1]",
        message="this `Person` is the same as result[0]",
    ),
    Example(
        labels='[Person("Ada", children=[Person("B")]), '
        'Person(mention="Ada", role=None, children=[Person(mention="B")])]',
        at='Person(mention="Ada", role=None, children=[Person(mention="B")])',
        path="result[1]",
        message="this `Person` is the same as result[0]",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Compare top-level instances by class and values."""
    texts = subject.canonical_texts
    if len(frozenset(texts.values())) == len(texts):
        return
    first: dict[str, int] = {}
    instances = ((number, item) for number, item in subject.items.items() if isinstance(item, Instance))
    for number, instance in instances:
        seen = first.setdefault(texts[number], number)
        if seen != number:
            yield Fault(
                rule=NAME,
                message=f"this {quoted(instance.class_name)} is the same as result[{seen}]",
                part="labels",
                span=instance.span,
                path=f"result[{number}]",
            )
