"""An event loop in a thread of its own, for a caller that is not asynchronous."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

_T = TypeVar("_T")


class Background:
    """Run coroutines beside the caller, until it is closed."""

    def __init__(self) -> None:
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = Thread(target=lambda: asyncio.run(_live(started)), name="engine", daemon=True)
        self._thread.start()
        self._loop, self._ending = started.result()

    def start(self, coroutine: Coroutine[Any, Any, _T]) -> Future[_T]:
        """Start a coroutine and give what it will come to."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Wait for a coroutine and give what it comes to, or raise what it raises.

        An interrupt ends the wait and the coroutine.
        """
        future = self.start(coroutine)
        try:
            return future.result()
        finally:
            future.cancel()

    @property
    def is_open(self) -> bool:
        """Say whether coroutines can be started."""
        return self._thread.is_alive()

    def close(self) -> None:
        """End what still runs, and the thread; nothing happens the second time."""
        if self.is_open:
            self._loop.call_soon_threadsafe(self._ending.set)
            self._thread.join()


async def _live(started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    ending = asyncio.Event()
    started.set_result((asyncio.get_running_loop(), ending))
    await ending.wait()
