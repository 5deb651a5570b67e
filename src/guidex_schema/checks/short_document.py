"""A document has fewer than five characters, and nothing in it is annotated.

Such rows are what is left of a faulty split or extraction. White space at the ends is not counted.

Source: IEPile, arXiv:2402.14710, section B.1, rule 2.
"""

from collections.abc import Iterator

from guidex_schema.quantity import quantity
from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX505"
NAME = "short-document"
SEVERITY = Severity.WARNING

VALID = (
    Example(document="Ada", labels='[Person(mention="Ada")]'),
    Example(document="Adele"),
    Example(document="Ada", labels='[Person(mention="Ada'),
    Example(),
)

INVALID = (
    Example(document=" Ada\n", part="document", message="the document has 3 characters, and nothing is annotated"),
    Example(document="A", part="document", message="the document has 1 character, and nothing is annotated"),
    Example(document="", part="document", message="the document is empty, and nothing is annotated"),
)

_LEAST = 5


def check(subject: Subject) -> Iterator[Fault]:
    """Measure the document of a row without instances."""
    document, execution = subject.record.document, subject.execution
    if document is None or len(document.strip()) >= _LEAST:
        return
    if execution is None or execution.faults or subject.mentions:
        return
    length = len(document.strip())
    size = f"has {quantity(length, 'character')}" if length else "is empty"
    yield Fault(rule=NAME, message=f"the document {size}, and nothing is annotated", part="document")
