"""Waiting for an engine, which an interrupt may end."""

from collections.abc import Iterator
from contextlib import contextmanager


class Waiting:
    """Know whether an engine is being waited for: only then may an interrupt raise, for nothing is half done then.

    Attributes:
        is_on: it is.
    """

    def __init__(self) -> None:
        self.is_on = False

    @contextmanager
    def engine(self) -> Iterator[None]:
        """Wait within a ``with`` block."""
        before, self.is_on = self.is_on, True
        try:
            yield
        finally:
            self.is_on = before
