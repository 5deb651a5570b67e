"""How large a sentence of a grammar may become."""

from typing import Self

from pydantic import Field

from guidex_schema.frozen import Frozen

# Characters that most names need.
_WORD = 25


class Bounds(Frozen):
    """Say how much a grammar lets a model write.

    The defaults are no promise that every sentence fits a token budget: with one, hardly an instance would be left,
    since a byte may be a token and every list may be full. A list that is cut off is found by the gate behind; for the
    repair of such a one there is `fitting`.

    Attributes:
        instances: instances of the list.
        items: items of a list, set, tuple or dict that is a value.
        depth: instances within instances; 1 lets none stand inside another.
        span_characters: characters of a value that stands in the document.
        abstractive_characters: characters of a value that need not stand there.
    """

    instances: int = Field(default=32, ge=1, strict=True)
    items: int = Field(default=8, ge=1, strict=True)
    depth: int = Field(default=3, ge=1, strict=True)
    span_characters: int = Field(default=200, ge=1, strict=True)
    abstractive_characters: int = Field(default=300, ge=1, strict=True)

    def halved(self) -> Self:
        """Give bounds that let values be half as long and lists half as full, down to one item of a word."""
        shorter = {
            "items": max(self.items // 2, 1),
            "depth": max(self.depth - 1, 1),
            "span_characters": max(self.span_characters // 2, min(self.span_characters, _WORD)),
            "abstractive_characters": max(self.abstractive_characters // 2, min(self.abstractive_characters, _WORD)),
        }
        return self.model_copy(update=shorter)


BOUNDS = Bounds()
