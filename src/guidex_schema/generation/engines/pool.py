"""Several servers that are asked in turn, and again when they fail."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Self, TypeVar
from urllib.parse import unquote, urlsplit

from guidex_schema.diagnostic import quoted, visible
from guidex_schema.error import UsageError
from guidex_schema.generation.engines.endpoint import Endpoint, Trouble, Verdict, grown
from guidex_schema.generation_settings import EngineSettings
from guidex_schema.quantity import quantity

_T = TypeVar("_T")

# Troubles after which the same request is not worth sending again: always, and where somebody waits for the start.
_FINAL: frozenset[Verdict] = frozenset({"refused", "fatal"})
_FINAL_AT_ONCE: frozenset[Verdict] = _FINAL | {"absent", "late", "unreachable"}


class Pool:
    """Ask servers in turn.

    Attributes:
        endpoints: the servers, at least one.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        retries: int,
        timeout: float,
        pause: float,
        final: frozenset[Verdict] = _FINAL,
    ) -> None:
        """Say how patient to be.

        Args:
            endpoints: the servers, at least one.
            retries: how often a request is sent again.
            timeout: seconds that an answer may take, and that a server may ask to be left alone.
            pause: seconds before a request is sent again for the first time; twice as many before each further time.
            final: the troubles after which it is not sent again.
        """
        self.endpoints = tuple(endpoints)
        self._retries = retries
        self._timeout = timeout
        self._pause = pause
        self._final = final
        self._turns = count()

    def among(self, endpoints: Sequence[Endpoint]) -> Self:
        """Give a pool of some of the servers."""
        return type(self)(endpoints, self._retries, self._timeout, self._pause)

    def only(self, endpoint: Endpoint, timeout: float) -> Self:
        """Give a pool of one server that is asked while somebody waits.

        An answer has no more time than this, and where nothing is there it is not waited for.
        """
        return type(self)((endpoint,), self._retries, min(timeout, self._timeout), self._pause, _FINAL_AT_ONCE)

    async def close(self) -> None:
        """Close the connections."""
        for endpoint in self.endpoints:
            await endpoint.client.aclose()

    async def ask(
        self, question: Callable[[Endpoint, float], Awaitable[_T]], can: Callable[[Endpoint], bool] = lambda _: True
    ) -> _T:
        """Put a question to one server after another until it is answered.

        Args:
            question: what is asked of an endpoint within a number of seconds; a ValueError says that the answer is
                none.
            can: whether a server may be asked.

        Raises:
            Trouble: there is no answer; the verdict says whether there may be one later.
        """
        loop = asyncio.get_running_loop()
        attempt = 0
        while True:
            endpoint = await self._rested(can)
            sent = loop.time()
            try:
                answer = await question(endpoint, self._timeout)
            except Trouble as trouble:
                last = trouble
            except ValueError as error:
                last = Trouble(
                    f"{endpoint.shown} gives no answer that can be read: {endpoint.said(str(error))}", "again"
                )
            else:
                endpoint.failures = 0
                return answer
            if last.verdict in ("rest", "late", "unreachable"):
                endpoint.rest(last, sent, self._pause)
            if last.verdict in self._final:
                raise last
            if attempt == self._retries:
                raise Trouble(f"{last.reason} (asked {quantity(attempt + 1, 'time')})", last.verdict)
            if last.verdict in ("again", "absent"):
                await asyncio.sleep(grown(self._pause, attempt))
            attempt += 1

    async def _rested(self, can: Callable[[Endpoint], bool]) -> Endpoint:
        first = next(self._turns)
        while True:
            able = [one for one in self.endpoints if can(one)]
            if not able:
                raise Trouble("no server is left that enforces what is asked", "fatal")
            turn = first % len(able)
            order = able[turn:] + able[:turn]
            now = asyncio.get_running_loop().time()
            endpoint = min(order, key=lambda one: max(one.resting_until, now))
            wait = endpoint.resting_until - now
            if wait <= 0:
                return endpoint
            if wait > self._timeout:
                raise Trouble(f"{endpoint.shown} asks to wait {wait:,.0f} s", "rest")
            await asyncio.sleep(wait)


def pool(settings: EngineSettings, pause: float) -> Pool:
    """Make the pool that the settings name; nothing is sent yet.

    Args:
        settings: which servers, and how patient to be with them.
        pause: seconds before a request is sent again for the first time.

    Raises:
        UsageError: no server is named, an address or the key is none, or the extra is not installed.
    """
    if not settings.base_urls:
        raise UsageError('the engine openai needs a server, as in `base-urls = ["http://127.0.0.1:8000/v1"]`')
    key = _key(settings.key_variable)
    endpoints = [_endpoint(url, key) for url in settings.base_urls]
    return Pool(endpoints, settings.retries, settings.timeout, pause)


def _key(variable: str) -> str:
    """Give the key; none is empty, as servers of one's own ask for none."""
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise UsageError(f"the key in {visible(variable)} has characters that no key has: copy it again")
    return key


def _endpoint(url: str, key: str) -> Endpoint:
    try:
        from openai import DefaultAsyncHttpxClient
    except ImportError as error:
        raise UsageError("servers are asked by the package openai: pip install 'guidex-schema[generate]'") from error
    shown = _shown(url)
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{quoted(shown)} in `base-urls` is no address: write http:// or https:// before it")
    # Answers that are packed could unpack to any size.
    headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {})
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment)
        # The time that an answer may take is measured as a whole, and a redirection could lead the key elsewhere.
        client = DefaultAsyncHttpxClient(base_url=url, headers=headers, timeout=None, follow_redirects=False)
    except Exception as error:
        # Whatever the client's libraries say of a port or a host with odd characters, which may be the password.
        raise UsageError(f"{quoted(shown)} in `base-urls` is no address, as http://127.0.0.1:8000/v1 is") from error
    if not is_address:
        raise UsageError(f"{quoted(shown)} in `base-urls` is no address, as http://127.0.0.1:8000/v1 is")
    secrets = [one for one in (key, parts.password) if one]
    return Endpoint(url.rstrip("/"), shown, client, tuple({*secrets, *map(unquote, secrets)}))


def _shown(url: str) -> str:
    """Give an address without a name and a password, which may stand before the last @, nor a key behind a ?."""
    bare = re.split(r"[?#]", url)[0]
    if bare != url and "@" in url:
        # Whichever of the two is part of the other.
        return "***"
    return visible(re.sub(r"\A(https?://)?.*@", r"\1***@", bare, flags=re.DOTALL)).rstrip("/")
