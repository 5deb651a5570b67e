"""An entity type is defined differently in several rows of a dataset, which have instances of it.

Instances of one name that have other attributes from row to row are hard to count, to compare and to learn from.
Where every row is meant to bring guidelines of its own, as in GuideX, this is only worth knowing. Told is once for
each name in how many ways it is defined; definitions are the same when attributes, types and defaults are, whatever
their docstrings say.

Source: IEPile, arXiv:2402.14710, section B.1; project decision (SPEC 24).
"""

from collections.abc import Iterator
from hashlib import sha256

from guidex_schema.diagnostic import quoted
from guidex_schema.rendering import shape
from guidex_schema.rule import Conclusion, Example, Fault, Place, Severity, Sketch, Subject, Survey
from guidex_schema.tally import Tally

CODE = "GX509"
NAME = "inconsistent-type"
SEVERITY = Severity.INFO

# A hundred classes may inherit the same thousand attributes; what differs behind this is told by a digest.
_SHAPE_LENGTH = 400

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


def sketch(subject: Subject) -> Sketch | None:
    """Give each entity type that is used, by its name and the way in which it is defined."""
    # Of a name that one row defines twice the last definition holds, as in Python.
    types = {one.name: one for one in subject.guideline.schema.entity_types if one.name in subject.used}
    return tuple(f"{name}\0{_bounded(shape(one))}" for name, one in types.items()) or None


def _bounded(text: str) -> str:
    """Cut a text and put a digest of all of it behind; others stay apart, and in the same order."""
    if len(text) <= _SHAPE_LENGTH:
        return text
    return f"{text[:_SHAPE_LENGTH]}\0{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def meeting(sketch: Sketch, _place: Place) -> str:
    """Entity types meet that have the same name."""
    return sketch[0].partition("\0")[0]


def survey() -> Survey:
    """Remember each way in which each name is defined, and the first row that does it."""
    seen = Tally()

    def see(sketch: Sketch, place: Place) -> None:
        dumped = place.dumped()
        for definition in sketch:
            seen.count(definition, dumped)

    def conclude() -> Iterator[Conclusion]:
        for entries in seen.akin():
            ways = sorted(entries, key=lambda entry: -entry.times)
            name = ways[0].key.partition("\0")[0]
            most, other = ((Place.loaded(one.value), one.key.split("\0")[1]) for one in ways[:2])
            rows = f"{len(ways):,} ways in {sum(one.times for one in ways):,} rows"
            here = f"here as {quoted(other[1])}, in {most[0].seen_from(other[0])} as {quoted(most[1])}"
            message = f"{quoted(name)} is defined in {rows}; {here}"
            yield Conclusion(other[0], Fault(rule=NAME, message=message, part="guidelines", key=name))

    return Survey(see, conclude)
