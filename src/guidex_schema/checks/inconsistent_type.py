"""An entity type is defined differently in several rows of a dataset, which have instances of it.

Instances of one name that have other attributes from row to row are hard to count, to compare and to learn from.
Where every row is meant to bring guidelines of its own, as in GuideX, this is only worth knowing. Told is once for
each name in how many ways it is defined; definitions are the same when attributes, types and defaults are, whatever
their docstrings say.

Source: IEPile, arXiv:2402.14710, section B.1; project decision (SPEC 24).
"""

from collections.abc import Iterator
from itertools import groupby

from guidex_schema.diagnostic import quoted
from guidex_schema.ledger import Ledger
from guidex_schema.rendering import shape
from guidex_schema.rule import Conclusion, Example, Fault, Place, Severity, Subject, Survey

CODE = "GX509"
NAME = "inconsistent-type"
SEVERITY = Severity.INFO

_ONE = "class Person:\\n    mention: str\\n"
_OTHER = "class Person:\\n    name: str\\n    age: int\\n"


def _row(guidelines: str, labels: str) -> bytes:
    return f'{{"guidelines": "{guidelines}", "labels": "{labels}", "document": "Ada met Bob. Bob is 8."}}\n'.encode()


VALID = (
    Example(file=_row(_ONE, "[Person('Ada')]") + _row('\\"\\"\\"Persons.\\"\\"\\"\\n' + _ONE, "[Person('Bob')]")),
    Example(file=_row(_ONE, "[Person('Ada')]") + _row(_OTHER, "[]")),
)

INVALID = (
    Example(
        file=_row(_ONE, "[Person('Ada')]") + _row(_OTHER, "[Person('Bob', 8)]") + _row(_ONE, "[Person('Bob')]"),
        part="guidelines",
        message="`Person` is defined in 2 ways in 3 rows; here as `Person(name: str, age: int)`, "
        "in row 0 as `Person(mention: str)`",
    ),
)


def survey() -> Survey:
    """Remember each way in which each name is defined, and the first row that does it."""
    seen = Ledger()

    def see(subject: Subject) -> None:
        used = {site.instance.class_name for site in subject.sites}
        # Of a name that one row defines twice the last definition holds, as in Python.
        for entity_type in {one.name: one for one in subject.guideline.schema.entity_types}.values():
            if entity_type.name in used:
                seen.add(f"{entity_type.name}\0{shape(entity_type)}", subject.place.dumped())

    def conclude() -> Iterator[Conclusion]:
        for name, entries in groupby(seen.entries(), key=lambda entry: entry.key.partition("\0")[0]):
            ways = sorted(entries, key=lambda entry: -entry.times)
            if len(ways) > 1:
                most, other = ((Place.loaded(one.value), one.key.partition("\0")[2]) for one in ways[:2])
                rows = f"{len(ways):,} ways in {sum(one.times for one in ways):,} rows"
                here = f"here as {quoted(other[1])}, in {most[0].seen_from(other[0])} as {quoted(most[1])}"
                message = f"{quoted(name)} is defined in {rows}; {here}"
                yield Conclusion(other[0], Fault(rule=NAME, message=message, part="guidelines", key=name))

    return Survey(see, conclude)
