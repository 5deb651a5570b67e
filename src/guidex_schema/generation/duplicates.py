"""Documents that come twice: each is generated from once."""

from hashlib import sha256

from guidex_schema.generation.documents import SourceDocument
from guidex_schema.generation.outcome import Duplicate
from guidex_schema.ledger import Ledger


class Duplicates:
    """Remember the documents of a run, of any number."""

    def __init__(self) -> None:
        self._seen = Ledger()

    def earlier(self, document: SourceDocument) -> Duplicate | None:
        """Remember a document, and say whether it came before, but for white space at its ends."""
        key = sha256(document.text.strip().encode("utf-8")).hexdigest()
        found = self._seen.add(key, document.id)
        return None if found is None else Duplicate(document, found.value)
