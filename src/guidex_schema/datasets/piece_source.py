"""Pieces of datasets as they come, from files that can be read at once and from streams that cannot."""

from collections import deque
from collections.abc import Iterable

from guidex_schema.datasets.block import Waiting
from guidex_schema.datasets.shard import SHARD_BYTES, Piece, Shard, can_be_read, file_of

# Pieces after which more of them are many, however small they are.
_MANY = 16
_MUCH_ROWS = 32


class Source:
    """Pieces as they come.

    Attributes:
        waiting: the descriptor of a stream of which nothing could be read; None where the next piece is there.
    """

    def __init__(self, pieces: Iterable[Piece | Waiting]) -> None:
        self._pieces = iter(pieces)
        self._held: deque[Piece] = deque()
        self._is_at_end = False
        self._taken = 0
        self._given_up: set[str] = set()
        self.waiting: int | None = None

    def has(self, count: int) -> bool:
        """Say whether so many pieces can be taken without waiting for a stream."""
        while len(self._held) < count and not self._is_at_end:
            if self.waiting is not None and not can_be_read(self.waiting):
                return False
            self._read()
            if self.waiting is not None:
                return False
        return len(self._held) >= count

    def has_much(self) -> bool:
        """Say whether there is so much at hand that others should help to read it."""
        return self.has(2) and (self._taken >= _MANY or any(map(_is_large, self._held)))

    def first(self) -> Piece:
        """Give the next piece, which stays there."""
        return self._held[0]

    def take(self) -> Piece | None:
        """Take the next piece, for which a stream is waited for; None where there is none."""
        while not self._held and not self._is_at_end:
            self._read()
        self._taken += 1
        return self._held.popleft() if self._held else None

    def give_up(self, piece: Piece) -> None:
        """Have no more told of the file of a piece: it has changed."""
        self._given_up.add(file_of(piece))

    def is_given_up(self, piece: Piece) -> bool:
        """Say whether a piece is behind the one with which its file was given up."""
        return file_of(piece) in self._given_up

    @property
    def is_at_end(self) -> bool:
        """Say whether all pieces were taken."""
        return self._is_at_end and not self._held

    def _read(self) -> None:
        found = next(self._pieces, None)
        self.waiting = found.descriptor if isinstance(found, Waiting) else None
        if found is None:
            self._is_at_end = True
        elif not isinstance(found, Waiting):
            self._held.append(found)


def _is_large(piece: Piece) -> bool:
    match piece:
        case Shard(encoding="lines", start=start, end=end):
            return end - start >= SHARD_BYTES
        case Shard():
            return True
        case rows:
            return len(rows) >= _MUCH_ROWS
