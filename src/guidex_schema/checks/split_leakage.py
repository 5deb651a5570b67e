"""A document stands in more than one split of a dataset.

What a model was trained on tells nothing when it is tested on it: scores are too high. Found is the first row of each
further split that has the document; more rows of one split are `duplicate-document`. Documents are the same as they
are there. A row belongs to the split that its Hugging Face folder says, else to the one that its column `split`
names, else to that of its file, by its name without the number of a shard.

Source: IEPile, arXiv:2402.14710, section B.1 (overlap of training, validation and test sets).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.ledger import Ledger
from guidex_schema.rule import Compare, Example, Fault, Place, Severity, Sketch, Subject

CODE = "GX503"
NAME = "split-leakage"
SEVERITY = Severity.WARNING

VALID = (
    Example(
        file=b'{"guidelines": "", "labels": "[]", "document": "Ada wrote.", "split": "train"}\n'
        b'{"guidelines": "", "labels": "[]", "document": "Bob wrote.", "split": "test"}\n'
        b'{"guidelines": "", "labels": "[]", "document": "Ada wrote.", "split": "train"}\n'
    ),
)

INVALID = (
    Example(
        file=b'{"guidelines": "", "labels": "[]", "document": "Ada wrote.", "split": "train"}\n'
        b'{"id": "b", "guidelines": "", "labels": "[]", "document": "Ada  wrote.", "split": "test"}\n'
        b'{"guidelines": "", "labels": "[]", "document": "Ada wrote.", "split": "test"}\n',
        part="document",
        message="the document of this row of `test` stands in `train`, too: row 0",
    ),
)


def sketch(subject: Subject) -> Sketch | None:
    """Give a digest of the document."""
    return (subject.document_key,) if subject.document_key else None


def meeting(sketch: Sketch, _place: Place) -> str:
    """Rows meet that have the same document."""
    return sketch[0]


def watch() -> Compare:
    """Remember a digest of every document, the first row that has it, and the other splits that have it."""
    first, splits = Ledger(), Ledger()

    def compare(sketch: Sketch, place: Place) -> Iterator[Fault]:
        (key,) = sketch
        earlier = first.add(key, place.dumped())
        if earlier is None:
            return
        other = Place.loaded(earlier.value)
        if other.split != place.split and splits.add(f"{key} {place.split}", "") is None:
            where = f"{quoted(other.split)}, too: {other.seen_from(place)}"
            message = f"the document of this row of {quoted(place.split)} stands in {where}"
            yield Fault(rule=NAME, message=message, part="document", key=key)

    return compare
