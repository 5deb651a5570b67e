"""How large a sentence of a grammar may become."""

from collections.abc import Iterator
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
        depth: how deep instances of classes that hold each other, or themselves, may nest; all others nest as deep as
            their classes say. Objects of a structure nest as deep as this.
        span_characters: characters of a value that stands in the document.
        abstractive_characters: characters of a value that need not stand there.
    """

    instances: int = Field(default=32, ge=1, strict=True)
    items: int = Field(default=32, ge=1, strict=True)
    depth: int = Field(default=3, ge=1, strict=True)
    span_characters: int = Field(default=200, ge=1, strict=True)
    abstractive_characters: int = Field(default=300, ge=1, strict=True)

    def tighter(self) -> Iterator[Self]:
        """Give these bounds and tighter ones: half as long texts, down to a word, then less depth, then fewer items.

        Two levels and two items are left, or as many as there are: with one, whatever holds others would be hollow.
        """
        bounds = self
        yield bounds
        for names, least in ((("span_characters", "abstractive_characters"), _WORD), (("depth",), 2), (("items",), 2)):
            while halves := {name: max(most // 2, least) for name in names if (most := getattr(bounds, name)) > least}:
                bounds = bounds.model_copy(update=halves)
                yield bounds


BOUNDS = Bounds()
