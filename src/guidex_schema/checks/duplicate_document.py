"""The same document stands in several rows of a split.

A document that is annotated twice is counted twice in training. Documents are the same when nothing but case, white
space, quotes, dashes, HTML entities and Unicode forms tells them apart; where they differ in those, the finding says
so.

Source: GuideX, arXiv:2506.00649, section 3 (deduplication); IEPile, arXiv:2402.14710, section B.1.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256

from guidex_schema.ledger import Ledger
from guidex_schema.rule import Example, Fault, Place, Severity, Subject

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


def watch() -> Callable[[Subject], Iterator[Fault]]:
    """Remember a digest of every document of the dataset, and the first row that has it."""
    seen = Ledger()

    def check(subject: Subject) -> Iterator[Fault]:
        key = subject.document_key
        # Label files that are checked with one text share it on purpose.
        if not key or subject.origin == "file":
            return
        document = (subject.record.document or "").strip()
        exact = sha256(document.encode("utf-8", "surrogatepass")).hexdigest()
        earlier = seen.add(f"{key} {subject.place.split}", exact + subject.place.dumped())
        if earlier is not None:
            like = "" if earlier.value.startswith(exact) else ", but for case, spaces or the like,"
            other = Place.loaded(earlier.value[len(exact) :]).seen_from(subject.place)
            yield Fault(rule=NAME, message=f"the same document{like} stands in {other}", part="document", key=key)

    return check
