"""langextract's aligner, called as the library calls it. Nothing of it touches the network."""

import importlib
import importlib.metadata
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from guidex_schema import Span
from labelled import Leaf


class Langextract:
    """Align values with a document by langextract, with its default settings.

    Raises:
        ModuleNotFoundError: langextract is not installed; the extra ``benchmark`` brings it.
    """

    def __init__(self) -> None:
        # Imported by name, so that the project is checked and measured without it as well.
        self._resolver: ModuleType = importlib.import_module("langextract.resolver")
        self._data: ModuleType = importlib.import_module("langextract.core.data")
        self.version = importlib.metadata.version("langextract")

    def extractions(self, values: Sequence[Leaf]) -> list[Any]:
        """Make what the aligner takes; it writes its answers into them, so they serve once."""
        return [self._data.Extraction("value", str(value.value)) for value in values]

    def align(self, extractions: list[Any], document: str) -> None:
        """Align all values of one document, as ``Resolver.align`` does: one group, one aligner."""
        self._resolver.WordAligner().align_extractions([extractions], document, 0, 0)

    def answers(self, document: str, values: Sequence[Leaf]) -> list[tuple[str, tuple[Span, ...]]]:
        """Give the status of every value ("none" if it was not found) and its span."""
        extractions = self.extractions(values)
        self.align(extractions, document)
        return [
            (one.alignment_status.value, (Span(start=one.char_interval.start_pos, end=one.char_interval.end_pos),))
            if one.alignment_status
            else ("none", ())
            for one in extractions
        ]


def load() -> Langextract | None:
    """Give langextract if it is installed."""
    try:
        return Langextract()
    except ModuleNotFoundError:
        return None
