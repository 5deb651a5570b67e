"""Work for tests of workers: rows whose labels say what becomes of whoever reads them."""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from guidex_schema.datasets import COLUMNS, Columns, Row
from guidex_schema.error import UsageError
from guidex_schema.isolation import LAYERS, Isolation
from guidex_schema.work import Begun


class Deadly(tuple[Row, ...]):
    """Rows that cannot even be read: whoever tries is ended."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Row]:
        os.kill(os.getpid(), signal.SIGKILL)
        return super().__iter__()


class Unreadable:
    """A result that can be sent, and not be read."""

    def __reduce__(self) -> tuple[object, ...]:
        return int, ("no number",)


@dataclass(frozen=True)
class Play:
    """Give for each row its place and what its labels say, unless they say what is to happen, or what is wrong with it.

    Attributes:
        folder: each process that begins leaves a file there with its number, and another when it ends in order.
        layers: how far the jail seems to be closed.
        counts: give the number of rows behind the last of them.
    """

    folder: Path
    layers: tuple[str, ...] = LAYERS
    counts: bool = False

    @property
    def columns(self) -> Columns:
        return COLUMNS

    @contextmanager
    def begin(self) -> Iterator[Begun]:
        if (self.folder / "unstartable").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        (self.folder / f"{os.getpid()}.begun").touch()
        try:
            yield Begun(Isolation(layers=self.layers), self._results)
        finally:
            (self.folder / f"{os.getpid()}.ended").touch()

    def load(self) -> None:
        with (self.folder / "loaded").open("a") as file:
            file.write(f"{os.getpid()}\n")

    def failed(self, row: Row, reason: str) -> Iterator[str]:
        yield f"{row.reference.index if row.reference else row.file} failed: {reason}"

    def _results(self, rows: Iterable[Row]) -> Iterator[object]:
        count = 0
        for row in rows:
            if row.record is None:
                yield row.faults[0].message
            else:
                yield self._result(row.record.labels, row.record.index)
                count += 1
        if self.counts:
            yield count

    def _result(self, labels: str, index: int) -> object:
        word, _, rest = labels.partition(" ")
        match word:
            case "sleep":
                time.sleep(float(rest.split()[0]))
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "kill-once" if not (self.folder / f"{index}.killed").exists():
                (self.folder / f"{index}.killed").touch()
                os.kill(os.getpid(), signal.SIGKILL)
            case "exit":
                os._exit(3)
            case "memory":
                raise MemoryError
            case "refuse":
                raise UsageError("this row cannot be")
            case "unpicklable":
                return lambda: None
            case "unreadable":
                return Unreadable()
            case "large":
                return f"{index} {'x' * int(rest)}"
        return f"{index} {labels}"
