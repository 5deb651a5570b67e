"""A value of an abstractive attribute does not stand in the document.

The settings name attributes that describe rather than mention (`abstractive = ["*.description"]`), so nothing is
wrong. Yet such a value has no evidence, and a count of them tells what a dataset cannot be scored on.

Source: GuideX, arXiv:2506.00649 (its guidelines mix spans with summaries).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.wording import described

CODE = "GX304"
NAME = "abstractive-value"
SEVERITY = Severity.INFO

_DOCUMENT = "Ada Lovelace wrote “Notes” in 1843."

VALID = (
    Example(labels='[Person("Ada", role="wrote")]', document=_DOCUMENT, abstractive=("*.role",)),
    Example(labels='[Person("Ada", role="WROTE")]', document=_DOCUMENT, abstractive=("Pers?n.r*",)),
    Example(labels='[Person("Ada", role="a mathematician")]', document=_DOCUMENT, abstractive=("person.role",)),
    Example(labels='[Person("Ada", role="a mathematician")]', abstractive=("*.role",)),
)

INVALID = (
    Example(
        labels='[Person("Ada", role="a mathematician")]',
        document=_DOCUMENT,
        abstractive=("*.role",),
        at='"a mathematician"',
        path="result[0].role",
        message="the str `a mathematician` of the abstractive `Person.role` does not stand in the document",
    ),
    Example(
        guidelines="from dataclasses import dataclass\n\n@dataclass\nclass Agent:\n    mention: str\n    about: str\n\n"
        "@dataclass\nclass Writer(Agent):\n    year: int\n",
        labels='[Writer("Ada", "a countess", 1843)]',
        document=_DOCUMENT,
        abstractive=("Agent.about",),
        at='"a countess"',
        path="result[0].about",
        message="the str `a countess` of the abstractive `Writer.about` does not stand in the document",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Name every absent value that the settings let be absent."""
    for leaf in subject.inexact:
        if subject.is_abstractive(leaf) and subject.status(leaf) == "absent":
            attribute = quoted(f"{leaf.entity_type}.{leaf.attribute}")
            what = f"{described(leaf.value)} of the abstractive {attribute}"
            yield Fault(
                rule=NAME,
                message=f"{what} does not stand in the document",
                part="labels",
                span=leaf.value.span,
                path=leaf.path,
            )
