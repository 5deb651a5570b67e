"""One server that speaks OpenAI's protocol, and the kinds of trouble that there are with it."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from math import inf
from time import time
from typing import TYPE_CHECKING, Literal

from guidex_schema.generation.engine import Kind
from guidex_schema.generation.engines.wording import said

if TYPE_CHECKING:
    from openai import DefaultAsyncHttpxClient

# Seconds; a server that asks to be left alone for longer is.
_LONGEST_PAUSE = 60.0

# Bytes of an answer, which has some thousand tokens, and of what is read of a refusal.
_LONGEST_ANSWER = 16 * 2**20
_LONGEST_REFUSAL = 2**16

Verdict = Literal["again", "late", "rest", "absent", "unreachable", "refused", "fatal"]

# A request that it refuses will be refused again; all else that it may say is about the server, and may pass.
_REFUSED = frozenset({400, 413, 422})
_FATAL = frozenset({401, 402, 403})
_RESTING = frozenset({429, 503, 529})
_AGAIN = frozenset({408, 409, 425})


class Trouble(Exception):
    """Say why a server did not do what it was asked.

    Attributes:
        reason: in words.
        verdict: ``again``: this request may be sent again; ``late``: it was not answered in time; ``rest``: the server
            wants to be left alone for a while; ``absent``: it has not what is asked, which may be the model or the
            address; ``unreachable``: nothing is there; ``refused``: this request will never be answered; ``fatal``:
            none will.
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
        shown: the same as messages name it, without a password.
        client: an HTTP client that knows the base URL and the key.
        secrets: what must not stand in any message.
        enforced: the kinds of constraint that it was seen to enforce or to ignore.
        resting_until: when it may be asked again, by the clock of the event loop.
        failures: how often in a row it had to rest.
    """

    url: str
    shown: str
    client: "DefaultAsyncHttpxClient"
    secrets: tuple[str, ...] = ()
    enforced: dict[Kind, bool] = field(default_factory=dict)
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
        if trouble.verdict == "unreachable":
            # What comes back may be another server.
            self.enforced.clear()
        now = asyncio.get_running_loop().time()
        if sent >= self._failed_at:
            self.failures += 1
            self._failed_at = now
        self.resting_until = max(self.resting_until, now + max(grown(pause, self.failures - 1), trouble.wait))

    def said(self, text: str) -> str:
        """Give what it says for a message: short, visible, and without the key."""
        for secret in self.secrets:
            text = text.replace(secret, "[key]")
        return said(text)

    async def _asked(self, address: str, body: Mapping[str, object] | None, timeout: float) -> bytes:
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            # The client's own time limits begin anew with each piece of an answer.
            async with (
                asyncio.timeout(timeout),
                self.client.stream(
                    "GET" if body is None else "POST", address, content=content, headers=headers
                ) as response,
            ):
                received = bytearray()
                most = _LONGEST_ANSWER if response.is_success else _LONGEST_REFUSAL
                # What is packed could unpack to any size.
                is_packed = response.headers.get("content-encoding", "identity").strip().lower() != "identity"
                if not is_packed:
                    async for piece in response.aiter_raw():
                        received += piece
                        if len(received) > most:
                            break
        except TimeoutError as error:
            raise Trouble(f"{self.shown} did not answer within {timeout:g} s", "late") from error
        except Exception as error:
            # The client and what it is made of raise exceptions of many kinds for what servers do.
            cause = self.said(str(error)) or type(error).__name__
            raise Trouble(f"{self.shown} cannot be reached or broke off ({cause})", "unreachable") from error
        if not response.is_success:
            raise self._refusal(response.status_code, response.headers, bytes(received[:most]))
        if is_packed:
            raise Trouble(f"{self.shown} packs its answers, which it was asked not to do", "again")
        if len(received) > most:
            raise Trouble(f"{self.shown} answers with more than {most:,} bytes", "again")
        return bytes(received)

    def _refusal(self, status: int, headers: Mapping[str, str], content: bytes) -> Trouble:
        wait = _wait(headers)
        reason = f"{self.shown} answers {status}"
        if words := self.said(_words(content)):
            reason += f": {words}"
        if status in _FATAL:
            return Trouble(reason, "fatal")
        if status in _REFUSED:
            return Trouble(reason, "refused")
        if status in _RESTING or (status >= 500 and wait):
            return Trouble(reason, "rest", wait)
        return Trouble(reason, "again" if status in _AGAIN or status >= 500 else "absent")


def grown(pause: float, times: int) -> float:
    """Give a pause that was doubled so many times, and is a minute at most."""
    return min(pause * 2.0 ** min(times, 16), _LONGEST_PAUSE)


def _words(content: bytes) -> str:
    # Servers put their message into `message`, `detail` or `error`, or into `message` within `error`.
    try:
        body = json.loads(content)
        body = body.get("error") if isinstance(body.get("error"), dict) else body
        found = next(words for name in ("message", "detail", "error") if (words := body.get(name)))
        return found if isinstance(found, str) else json.dumps(found)
    except (ValueError, RecursionError, AttributeError, StopIteration):
        return content.decode("utf-8", "replace")


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
