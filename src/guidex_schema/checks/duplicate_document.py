"""The same document stands in several rows of a split.

A document that is annotated twice is counted twice in training. Documents are the same when nothing but case, white
space, quotes, dashes, HTML entities and Unicode forms tells them apart; where they differ in those, the finding says
so.

Source: GuideX, arXiv:2506.00649, section 3 (deduplication); IEPile, arXiv:2402.14710, section B.1.
"""

from collections.abc import Iterator
from hashlib import sha256

from guidex_schema.ledger import Ledger
from guidex_schema.rule import Compare, Example, Fault, Place, Severity, Sketch, Subject

CODE = "GX501"
NAME = "duplicate-document"
SEVERITY = Severity.WARNING

VALID = (
    Example(
        file=b'{"guidelines": "", "labels": "[]", "document": "Ada wrote."}\n'
        b'{"guidelines": "", "labels": "[]", "document": "Bob wrote."}\n'
        b'{"guidelines": "", "labels": "[]"}\n{"guidelines": "", "labels": "[]"}\n'
    ),
)

INVALID = (
    Example(
        file=b'{"guidelines": "", "labels": "[]", "document": "Ada wrote."}\n'
        b'{"guidelines": "", "labels": "[]", "document": "Ada wrote. "}\n',
        part="document",
        message="the same document stands in row 0",
    ),
    Example(
        file=b'{"id": "a", "guidelines": "", "labels": "[]", "document": "Ada\\u2019s notes"}\n'
        b'{"guidelines": "", "labels": "[]", "document": "ADA\'S  NOTES"}\n',
        part="document",
        message="the same document, but for case, spaces or the like, stands in row 0 (a)",
    ),
    Example(
        file=b'{"guidelines": "", "labels": "[]", "document": "\\ud800 wrote."}\n'
        b'{"guidelines": "", "labels": "[]", "document": "\\ud800 wrote."}\n',
        part="document",
        message="the same document stands in row 0",
    ),
)


def sketch(subject: Subject) -> Sketch | None:
    """Give two digests of the document: one that documents share which are alike, and one of its own."""
    key = subject.document_key
    # Label files that are checked with one text share it on purpose.
    if not key or subject.origin == "file":
        return None
    document = subject.record.document or ""
    stripped = document.strip()
    written = subject.document_bytes if stripped == document else stripped.encode("utf-8", "surrogatepass")
    return key, sha256(written).hexdigest()


def meeting(sketch: Sketch, _place: Place) -> str:
    """Rows meet that have the same document."""
    return sketch[0]


def watch() -> Compare:
    """Remember the digests of every document of the dataset, and the first row that has it."""
    seen = Ledger()

    def compare(sketch: Sketch, place: Place) -> Iterator[Fault]:
        key, exact = sketch
        earlier = seen.add(f"{key} {place.split}", exact + place.dumped())
        if earlier is not None:
            like = "" if earlier.value.startswith(exact) else ", but for case, spaces or the like,"
            other = Place.loaded(earlier.value[len(exact) :]).seen_from(place)
            yield Fault(rule=NAME, message=f"the same document{like} stands in {other}", part="document", key=key)

    return compare
