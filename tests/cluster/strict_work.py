"""Work that is not begun unless every layer of the jail is in place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from crew_work import Play
from guidex_schema.work import Begun


@dataclass(frozen=True)
class Strict(Play):
    """Refuse to begin where the jail is less closed."""

    @contextmanager
    def begin(self) -> Iterator[Begun]:
        with super().begin() as begun:
            begun.isolation.require("strict")
            yield begun
