"""One server that speaks OpenAI's protocol, and the kinds of trouble that there are with it."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from math import inf
from time import time
from typing import TYPE_CHECKING, Literal

from guidex_schema.generation.engines.wording import said

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

# Seconds; a server that asks to be left alone for longer is.
_LONGEST_PAUSE = 60.0

Verdict = Literal["again", "rest", "refused", "fatal", "unreachable"]

_FATAL = frozenset({401, 402, 403})
_RESTING = frozenset({429, 503, 529})
_AGAIN = frozenset({408, 409, 425})


class Trouble(Exception):
    """Say why a server did not do what it was asked.

    Attributes:
        reason: in words.
        verdict: ``again``: this request may be sent again; ``rest``: the server wants to be left alone for a while;
            ``unreachable``: so it does, as nothing is there; ``refused``: this request will never be answered;
            ``fatal``: none will.
        wait: the seconds that the server asks to be left alone, 0 if it does not say.
    """

    def __init__(self, reason: str, verdict: Verdict, wait: float = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.verdict = verdict
        self.wait = wait


@dataclass
class Endpoint:
    """One server.

    Attributes:
        url: its base URL, without a slash at the end.
        client: OpenAI's client for it.
        key: what must not stand in any message.
        resting_until: when it may be asked again, by the clock of the event loop.
        failures: how often in a row it had to rest.
    """

    url: str
    client: "AsyncOpenAI"
    key: str
    resting_until: float = 0
    failures: int = 0
    _failed_at: float = field(default=-inf, repr=False)

    @property
    def root(self) -> str:
        """Give the URL under which a server keeps what is not OpenAI's."""
        return self.url.removesuffix("/v1")

    async def get(self, address: str, timeout: float) -> bytes:
        """Get what stands at a path, or at a whole URL.

        Raises:
            Trouble: there is no answer.
        """
        return await self._asked(address, None, timeout)

    async def post(self, address: str, body: Mapping[str, object], timeout: float) -> bytes:
        """Send a body to a path, or to a whole URL, and give the answer's.

        Raises:
            Trouble: there is no answer.
        """
        return await self._asked(address, body, timeout)

    def rest(self, trouble: Trouble, sent: float, pause: float) -> None:
        """Leave it alone for a while: twice as long each time in a row, or as long as it asks for.

        Args:
            trouble: what it said.
            sent: when the request was sent that met the trouble; one sent before the last trouble tells nothing new.
            pause: the first rest, in seconds.
        """
        now = asyncio.get_running_loop().time()
        if sent >= self._failed_at:
            self.failures += 1
            self._failed_at = now
        self.resting_until = max(self.resting_until, now + max(grown(pause, self.failures - 1), trouble.wait))

    async def _asked(self, address: str, body: Mapping[str, object] | None, timeout: float) -> bytes:
        import openai

        try:
            # The client's own time limit begins anew with each piece of an answer.
            async with asyncio.timeout(timeout):
                if body is None:
                    content = await self.client.get(address, cast_to=openai.HttpxBinaryResponseContent)
                else:
                    content = await self.client.post(address, cast_to=openai.HttpxBinaryResponseContent, body=body)
                return content.content
        except (TimeoutError, openai.APITimeoutError) as error:
            raise Trouble(f"{self.url} did not answer within {timeout:g} s", "rest") from error
        except openai.APIStatusError as error:
            raise self._refusal(error) from error
        except openai.APIConnectionError as error:
            cause = self._said(str(error.__cause__ or error))
            raise Trouble(f"{self.url} cannot be reached or broke off ({cause})", "unreachable") from error

    def _refusal(self, error: "APIStatusError") -> Trouble:
        status = error.status_code
        wait = _wait(error.response.headers)
        reason = f"{self.url} answers {status}"
        if words := self._said(_words(error)):
            reason += f": {words}"
        if status in _FATAL:
            return Trouble(reason, "fatal")
        if status in _RESTING or (status >= 500 and wait):
            return Trouble(reason, "rest", wait)
        return Trouble(reason, "again" if status in _AGAIN or status >= 500 else "refused")

    def _said(self, text: str) -> str:
        return said(text.replace(self.key, "[key]"))


def grown(pause: float, times: int) -> float:
    """Give a pause that was doubled so many times, and is a minute at most."""
    return min(pause * 2.0 ** min(times, 16), _LONGEST_PAUSE)


def _words(error: "APIStatusError") -> str:
    # Servers put their message into `message`, `detail`, `error`, or `message` within `error`, which the client opens.
    body = error.body
    if isinstance(body, dict):
        for name in ("message", "detail", "error"):
            if words := body.get(name):
                return words if isinstance(words, str) else json.dumps(words)
    return error.response.text


def _wait(headers: Mapping[str, str]) -> float:
    asked = headers.get("retry-after", "")
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(asked).timestamp() - time()
        except (ValueError, OverflowError):
            return 0
    return seconds if 0 < seconds < inf else 0
