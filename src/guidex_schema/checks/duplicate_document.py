"""The same document stands in several rows of a dataset.

A document that is annotated twice is counted twice in training, and leaks when the dataset is split. Documents are
the same when their characters are, ends stripped.

Source: GuideX, arXiv:2506.00649, section 3 (deduplication); IEPile, arXiv:2402.14710, section 2.2.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256

from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX501"
NAME = "duplicate-document"
SEVERITY = Severity.WARNING

VALID = (
    Example(
        file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'
        b'{"guidelines": "", "labels": "[]", "document": "Bob"}\n'
        b'{"guidelines": "", "labels": "[]"}\n{"guidelines": "", "labels": "[]"}\n'
    ),
)

INVALID = (
    Example(
        file=b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n'
        b'{"guidelines": "", "labels": "[]", "document": "Ada "}\n',
        part="document",
        message="the same document stands in row 0",
    ),
    Example(
        file=b'{"id": "a", "guidelines": "", "labels": "[]", "document": "Ada"}\n'
        b'{"guidelines": "", "labels": "[]", "document": "Ada"}\n',
        part="document",
        message="the same document stands in row 0 (a)",
    ),
    Example(
        file=b'{"guidelines": "", "labels": "[]", "document": "\\ud800"}\n'
        b'{"guidelines": "", "labels": "[]", "document": "\\ud800"}\n',
        part="document",
        message="the same document stands in row 0",
    ),
)


def watch() -> Callable[[Subject], Iterator[Fault]]:
    """Remember a digest of every document of the dataset."""
    first: dict[bytes, str] = {}

    def check(subject: Subject) -> Iterator[Fault]:
        document = subject.record.document
        if document is None or not document.strip():
            return
        digest = sha256(document.strip().encode("utf-8", "surrogatepass")).digest()
        if digest in first:
            message = f"the same document stands in {first[digest]}"
            yield Fault(rule=NAME, message=message, part="document")
        else:
            name = f" ({subject.record.id})" if subject.record.id else ""
            first[digest] = f"row {subject.record.index}{name}"

    return check
