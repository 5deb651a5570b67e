"""Processes that a library has started for itself, and that may be killed under it."""

from collections.abc import Callable, Iterable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from threading import Thread


class Children:
    """Watch processes that are to live as long as the library is used."""

    def __init__(self, processes: Iterable[BaseProcess]) -> None:
        # A process that nobody holds closes its sentinel.
        self._processes = tuple(processes)
        self._names = {one.sentinel: one.name for one in self._processes}

    @property
    def ended(self) -> tuple[str, ...]:
        """Name those that have ended."""
        return tuple(self._names[one] for one in wait(self._names, timeout=0) if isinstance(one, int))

    def once_one_ends(self, told: Callable[[], None]) -> None:
        """Call back, in a thread of its own, as soon as one has ended; never if there are none."""

        def watch() -> None:
            wait(self._names)
            told()

        if self._names:
            Thread(target=watch, name="children", daemon=True).start()
