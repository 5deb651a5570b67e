"""The same document is annotated differently in two rows, with the same entity types.

One of the two is wrong, or the guidelines leave open what is right; a model that is trained on both learns neither.
Found are further annotations of a document, once each; that rows are merely repeated is `duplicate-document`.
Documents are the same as they are there, entity types when their names and attributes are, and annotations when they
hold the same instances in any order, values compared as documents are. Rows whose labels could not be read as a whole
are left out.

Source: IEPile, arXiv:2402.14710, section B.1 (inconsistent annotations of one text).
"""

from collections.abc import Callable, Iterator
from hashlib import sha256

from guidex_schema.conformance import canonical
from guidex_schema.instance import signature
from guidex_schema.ledger import Ledger
from guidex_schema.rendering import shape
from guidex_schema.rule import Example, Fault, Place, Severity, Subject

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


def watch() -> Callable[[Subject], Iterator[Fault]]:
    """Remember a digest of every document with its entity types, and of what was annotated."""
    seen, annotations = Ledger(), Ledger()

    def check(subject: Subject) -> Iterator[Fault]:
        execution = subject.execution
        if not subject.document_key or execution is None or execution.faults:
            return
        types = "\n".join(sorted(shape(one) for one in subject.guideline.schema.entity_types))
        key = f"{subject.document_key} {_digest(types)}"
        annotation = _digest(_written(subject))
        earlier = seen.add(key, annotation + subject.place.dumped())
        # A row that repeats an annotation is found as a duplicate.
        is_new = annotations.add(f"{key} {annotation}", "") is None
        if earlier is not None and is_new:
            other = Place.loaded(earlier.value[len(annotation) :]).seen_from(subject.place)
            message = f"the same document is annotated differently in {other}, with the same entity types"
            yield Fault(rule=NAME, message=message, part="labels", key=key)

    return check


def _written(subject: Subject) -> str:
    """Write what is annotated as a set of instances, in a form that values are compared in."""
    # Loaded where a document is annotated: guideline files are linted without.
    from guidex_schema.grounding import GroundedDocument

    schema = subject.guideline.schema
    instances = {_text(signature(canonical(one.value, schema))) for one in subject.mentions}
    return GroundedDocument("\n".join(sorted(instances))).normalised


def _text(part: object) -> str:
    """Write a part of a signature; equal sets may give their items in different orders."""
    match part:
        case frozenset():
            return f"{{{', '.join(sorted(map(_text, part)))}}}"
        case tuple():
            return f"({', '.join(map(_text, part))})"
        case _:
            return repr(part)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
