"""Several servers that are asked in turn, and again when they fail."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Self, TypeVar

from guidex_schema.diagnostic import quoted, visible
from guidex_schema.error import UsageError
from guidex_schema.generation.engines.endpoint import Endpoint, Trouble, grown
from guidex_schema.generation_settings import EngineSettings
from guidex_schema.quantity import quantity

_T = TypeVar("_T")

# Local servers ask for no key, and the client cannot do without.
_NO_KEY = "none"


class Pool:
    """Ask servers in turn.

    Attributes:
        endpoints: the servers, at least one.
    """

    def __init__(self, endpoints: Sequence[Endpoint], retries: int, timeout: float, pause: float) -> None:
        """Say how patient to be.

        Args:
            endpoints: the servers, at least one.
            retries: how often a request is sent again.
            timeout: seconds that an answer may take, and that a server may ask to be left alone.
            pause: seconds before a request is sent again for the first time; twice as many before each further time.
        """
        self.endpoints = tuple(endpoints)
        self._retries = retries
        self._timeout = timeout
        self._pause = pause
        self._turns = count()

    def only(self, endpoint: Endpoint, timeout: float) -> Self:
        """Give a pool of one server, with no more time for an answer than this."""
        return type(self)((endpoint,), self._retries, min(timeout, self._timeout), self._pause)

    async def close(self) -> None:
        """Close the connections."""
        for endpoint in self.endpoints:
            await endpoint.client.close()

    async def ask(self, question: Callable[[Endpoint, float], Awaitable[_T]]) -> _T:
        """Put a question to one server after another until it is answered.

        Args:
            question: what is asked of an endpoint within a number of seconds; a ValueError says that the answer is
                none.

        Raises:
            Trouble: there is no answer; the verdict says whether there may be one later.
        """
        loop = asyncio.get_running_loop()
        attempt = 0
        while True:
            endpoint = await self._rested()
            sent = loop.time()
            try:
                answer = await question(endpoint, self._timeout)
            except Trouble as trouble:
                last = trouble
            except ValueError as error:
                last = Trouble(f"{endpoint.url} gives no answer that can be read: {error}", "again")
            else:
                endpoint.failures = 0
                return answer
            if last.verdict in ("refused", "fatal"):
                raise last
            if last.verdict in ("rest", "unreachable"):
                endpoint.rest(last, sent, self._pause)
            if attempt == self._retries:
                raise Trouble(f"{last.reason} (asked {quantity(attempt + 1, 'time')})", last.verdict)
            if last.verdict == "again":
                await asyncio.sleep(grown(self._pause, attempt))
            attempt += 1

    async def _rested(self) -> Endpoint:
        first = next(self._turns) % len(self.endpoints)
        order = self.endpoints[first:] + self.endpoints[:first]
        while True:
            now = asyncio.get_running_loop().time()
            endpoint = min(order, key=lambda one: max(one.resting_until, now))
            wait = endpoint.resting_until - now
            if wait <= 0:
                return endpoint
            if wait > self._timeout:
                raise Trouble(f"{endpoint.url} asks to wait {wait:,.0f} s", "rest")
            await asyncio.sleep(wait)


def pool(settings: EngineSettings, pause: float) -> Pool:
    """Make the pool that the settings name; nothing is sent yet.

    Args:
        settings: which servers, and how patient to be with them.
        pause: seconds before a request is sent again for the first time.

    Raises:
        UsageError: no server is named, an address is none, or the extra is not installed.
    """
    try:
        from openai import AsyncOpenAI
    except ImportError as error:
        raise UsageError("servers are asked by the package openai: pip install 'guidex-schema[generate]'") from error
    if not settings.base_urls:
        raise UsageError('the engine openai needs a server, as in `base-urls = ["http://127.0.0.1:8000/v1"]`')
    key = os.environ.get(settings.key_variable) or _NO_KEY
    endpoints = []
    for url in settings.base_urls:
        if not url.startswith(("http://", "https://")):
            raise UsageError(f"{quoted(url)} in `base-urls` is no address: write http:// or https:// before it")
        try:
            client = AsyncOpenAI(base_url=url, api_key=key, timeout=settings.timeout, max_retries=0)
        except Exception as error:
            # Whatever the client's libraries say of a wrong port or a host with odd characters.
            raise UsageError(f"{quoted(url)} in `base-urls` is no address: {error}") from error
        endpoints.append(Endpoint(visible(url.rstrip("/")), client, key))
    return Pool(endpoints, settings.retries, settings.timeout, pause)
