"""The guidelines have a wrapper class, but the labels list its parts loose.

A wrapper is a type that references at least two others and that none references. GuideX's third prompt demands one;
five of nine published rows do not use it, so that what belongs together is lost.

Source: GuideX, arXiv:2506.00649, appendix (prompt III); project decision (SPEC 15).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.schema import references

CODE = "GX210"
NAME = "wrapper-unused"
SEVERITY = Severity.WARNING

_TYPES = '''from dataclasses import dataclass
from typing import List

@dataclass
class Author:
    """Who wrote it."""
    name: str

@dataclass
class Place:
    """Where it was written."""
    name: str

@dataclass
class Book:
    """A book."""
    author: Author
    places: List[Place]
'''

VALID = (
    Example(guidelines=_TYPES, labels='[Book(author=Author("Ada"), places=[Place("Rome")])]'),
    Example(guidelines=_TYPES, labels="[]"),
    Example(guidelines=_TYPES, labels='[Author("Ada"), Book(author=Author("Bob"), places=[])]'),
)

INVALID = (
    Example(
        guidelines=_TYPES,
        labels='[Author("Ada"), Place("Rome")]',
        at="Author",
        path="result[0]",
        message="the parts of the wrapper `Book` are listed loose; put them into one",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Look for parts at the top level whose wrapper has no instance anywhere."""
    for entity_type in subject.guideline.schema.entity_types:
        if entity_type.kind != "wrapper" or entity_type.name in subject.used:
            continue
        parts = frozenset().union(*(references(attribute.type) for attribute in entity_type.attributes))
        instances = subject.execution.instances if subject.execution else {}
        loose = next((pair for pair in instances.items() if pair[1].class_name in parts), None)
        if loose is not None:
            number, instance = loose
            yield Fault(
                rule=NAME,
                message=f"the parts of the wrapper {quoted(entity_type.name)} are listed loose; put them into one",
                part="labels",
                span=instance.name_span,
                path=f"result[{number}]",
            )
