"""A document stands in more than one split of a dataset.

What a model was trained on tells nothing when it is tested on it: scores are too high. Found is the first row of each
further split that has the document; more rows of one split are `duplicate-document`. Documents are the same as they
are there. A row belongs to the split that its Hugging Face folder says, else to the one that its column `split`
names, else to that of its file, by its name without the number of a shard.

Source: IEPile, arXiv:2402.14710, section B.1 (overlap of training, validation and test sets).
"""

from collections.abc import Callable, Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.ledger import Ledger
from guidex_schema.rule import Example, Fault, Place, Severity, Subject

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


def watch() -> Callable[[Subject], Iterator[Fault]]:
    """Remember a digest of every document, the first row that has it, and the splits that have it."""
    first, splits = Ledger(), Ledger()

    def check(subject: Subject) -> Iterator[Fault]:
        key, place = subject.document_key, subject.place
        if not key:
            return
        earlier = first.add(key, place.dumped())
        is_new = splits.add(f"{key} {place.split}", "") is None
        if earlier is not None and is_new:
            other = Place.loaded(earlier.value)
            where = f"{quoted(other.split)}, too: {other.seen_from(place)}"
            message = f"the document of this row of {quoted(place.split)} stands in {where}"
            yield Fault(rule=NAME, message=message, part="document", key=key)

    return check
