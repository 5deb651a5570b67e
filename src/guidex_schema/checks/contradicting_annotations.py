"""The same document is annotated differently in two rows, with the same entity types.

One of the two is wrong, or the guidelines leave open what is right; a model that is trained on both learns neither.
Found are further annotations of a document, once each; that rows are merely repeated is `duplicate-document`.
Documents are the same as they are there, entity types when their names and attributes are, and annotations when they
hold the same instances in any order, values compared as documents are. Rows whose labels could not be read as a whole
are left out.

Source: IEPile, arXiv:2402.14710, section B.1 (inconsistent annotations of one text).
"""

from collections.abc import Iterator
from hashlib import sha256

from guidex_schema.ledger import Ledger
from guidex_schema.rendering import shape
from guidex_schema.rule import Compare, Example, Fault, Place, Severity, Sketch, Subject

CODE = "GX502"
NAME = "contradicting-annotations"
SEVERITY = Severity.WARNING

_PERSON = "class Person:\\n    mention: str\\n"
_CITY = "class City:\\n    mention: str\\n"


def _row(guidelines: str, labels: str) -> bytes:
    labels = labels.replace('"', '\\"')
    return f'{{"guidelines": "{guidelines}", "labels": "{labels}", "document": "Ada met Bob."}}\n'.encode()


VALID = (
    Example(
        file=_row(_PERSON, '[Person(mention="Ada"), Person(mention="Bob")]')
        + _row(_PERSON, '[Person(mention="Bob"), Person("Ada")]')
    ),
    Example(file=_row(_PERSON, '[Person(mention="Ada")]') + _row(_CITY, "[]")),
    Example(file=_row(_PERSON, '[Person(mention="Ada")]') + _row(_PERSON, '[Person(mention="Ada"')),
)

INVALID = (
    Example(
        file=_row(_PERSON, '[Person(mention="Ada")]') + _row(_PERSON, "[]"),
        part="labels",
        message="the same document is annotated differently in row 0, with the same entity types",
    ),
)


def sketch(subject: Subject) -> Sketch | None:
    """Give a digest of the document with its entity types, and one of what is annotated."""
    execution = subject.execution
    if not subject.document_key or execution is None or execution.faults:
        return None
    types = "\n".join(sorted(map(shape, subject.guideline.schema.entity_types)))
    return f"{subject.document_key} {_digest(types)}", _digest(_written(subject))


def meeting(sketch: Sketch, _place: Place) -> str:
    """Rows meet that have the same document."""
    return sketch[0].partition(" ")[0]


def watch() -> Compare:
    """Remember every document with its entity types, what was annotated first, and what else."""
    seen, annotations = Ledger(), Ledger()

    def compare(sketch: Sketch, place: Place) -> Iterator[Fault]:
        key, annotation = sketch
        earlier = seen.add(key, annotation + place.dumped())
        # A row that repeats an annotation is found as a duplicate.
        if earlier is None or earlier.value.startswith(annotation):
            return
        if annotations.add(f"{key} {annotation}", "") is None:
            other = Place.loaded(earlier.value[len(annotation) :]).seen_from(place)
            message = f"the same document is annotated differently in {other}, with the same entity types"
            yield Fault(rule=NAME, message=message, part="labels", key=key)

    return compare


def _written(subject: Subject) -> str:
    """Write what is annotated as a set of instances, in the form that values are compared in."""
    # Loaded where a document is annotated: guideline files are linted without.
    from guidex_schema.grounding.normalisation import normal_form

    return normal_form("\n".join(sorted(set(subject.canonical_texts.values()))))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
