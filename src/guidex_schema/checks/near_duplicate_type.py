"""Entity types of a dataset have nearly the same name, as `Symptom` and `Symptoms`.

What is meant to be one type is counted as two, and a model learns to tell apart what is the same. Names are nearly
the same when case, underscores, plural and British or American spelling are all that tells them apart:
`HistoricalEvent` and `Historical_event`. Told is once for each name but the most frequent one.

Source: GuideX, arXiv:2506.00649, section 4 (28,677 unique labels); project decision (SPEC 24).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.ledger import Entry
from guidex_schema.quantity import quantity
from guidex_schema.rule import Conclusion, Example, Fault, Place, Severity, Sketch, Subject, Survey
from guidex_schema.tally import Tally
from guidex_schema.vocabulary import name_key

CODE = "GX510"
NAME = "near-duplicate-type"
SEVERITY = Severity.INFO


def _row(name: str) -> bytes:
    return f'{{"guidelines": "class {name}:\\n    mention: str\\n", "labels": "[]", "document": "{name}"}}\n'.encode()


VALID = (
    Example(file=_row("Symptom") + _row("Symptomatology")),
    Example(file=_row("News") + _row("New")),
    Example(file=_row("Symptom") + _row("Symptom")),
)

INVALID = (
    Example(
        file=_row("Symptom") + _row("Symptom") + _row("Symptoms"),
        part="guidelines",
        message="`Symptoms` (1 row) has nearly the name of `Symptom` (2 rows)",
    ),
    Example(
        file=_row("HistoricalEvent") + _row("Historical_event") + _row("HistoricalEvent"),
        part="guidelines",
        message="`Historical_event` (1 row) has nearly the name of `HistoricalEvent` (2 rows)",
    ),
)


def sketch(subject: Subject) -> Sketch | None:
    """Give every name that is declared, behind what names share that are nearly the same."""
    return tuple(f"{name_key(name)}\0{name}" for name in subject.guideline.schema.class_names) or None


def meeting(sketch: Sketch, _place: Place) -> str:
    """Entity types meet that have nearly the same name."""
    return sketch[0].partition("\0")[0]


def survey() -> Survey:
    """Remember every name, and the first row that declares it."""
    seen = Tally()

    def see(sketch: Sketch, place: Place) -> None:
        dumped = place.dumped()
        for name in sketch:
            seen.count(name, dumped)

    def conclude() -> Iterator[Conclusion]:
        for entries in seen.akin():
            most, *others = sorted(entries, key=lambda entry: -entry.times)
            for one in others:
                message = f"{_counted(one)} has nearly the name of {_counted(most)}"
                fault = Fault(rule=NAME, message=message, part="guidelines", key=one.key)
                yield Conclusion(Place.loaded(one.value), fault)

    return Survey(see, conclude)


def _counted(entry: Entry) -> str:
    name = entry.key.partition("\0")[2]
    return f"{quoted(name)} ({quantity(entry.times, 'row')})"
