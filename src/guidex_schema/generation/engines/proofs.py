"""Which servers really enforce a grammar: none is sent anything under one before it was seen to."""

import asyncio
from collections.abc import Awaitable, Callable

from guidex_schema.generation.engine import Completion, Failure, Kind, Request
from guidex_schema.generation.engines.endpoint import Endpoint, Trouble
from guidex_schema.generation.engines.pool import Pool
from guidex_schema.generation.probe import demand, is_met

# A few tokens take no longer.
_SECONDS = 60.0

Ask = Callable[[Endpoint, Request, float], Awaitable[Completion | Failure]]


class Proofs:
    """Try servers with a grammar that none obeys by chance."""

    def __init__(self, pool: Pool, ask: Ask, context: int) -> None:
        """Try nothing yet.

        Args:
            pool: the servers.
            ask: puts a request to one of them, within a number of seconds.
            context: tokens that a prompt and its answer may have together.
        """
        self._pool = pool
        self._ask = ask
        self._context = context
        self._begun: set[Kind] = set()
        self._lock = asyncio.Lock()

    async def begin(self, kind: Kind, seed: int) -> None:
        """Try all servers before anything of a kind is sent to one; later nothing happens.

        Raises:
            Trouble: one that is there does not enforce it, or fails, or none is there.
        """
        async with self._lock:
            if kind in self._begun:
                return
            found = await asyncio.gather(*(self._found(one, kind, seed) for one in self._pool.endpoints))
            troubles = [one for one in found if isinstance(one, Trouble)]
            away = [one for one in troubles if one.verdict in ("late", "rest", "unreachable")]
            # What is away is tried when it is back.
            if present := [one for one in troubles if one not in away]:
                raise present[0]
            if len(away) == len(found):
                # To try the next kind would be to wait as long again.
                raise Trouble(f"whether grammars are enforced cannot be found out: {away[0].reason}", "fatal")
            self._begun.add(kind)

    async def require(self, endpoint: Endpoint, kind: Kind, seed: int) -> None:
        """Try a server that was away or was lost since it was tried.

        Raises:
            Trouble: it does not enforce the kind, and is not to be asked again, or it cannot be tried now.
        """
        if kind in endpoint.enforced:
            return
        async with self._lock:
            if kind in endpoint.enforced:
                return
            if endpoint.resting_until > asyncio.get_running_loop().time():
                # It did not answer whoever tried it just now.
                raise Trouble(f"{endpoint.shown} is away", "rest")
            found = await self._found(endpoint, kind, seed)
        if isinstance(found, Trouble):
            # The others may still be asked.
            raise Trouble(found.reason, "again") if found.verdict == "refused" else found

    async def _found(self, endpoint: Endpoint, kind: Kind, seed: int) -> Trouble | None:
        asked = demand(kind, seed, self._context)
        try:
            answer = await self._pool.only(endpoint, _SECONDS).ask(lambda one, timeout: self._ask(one, asked, timeout))
        except Trouble as trouble:
            if trouble.verdict == "refused":
                endpoint.enforced[kind] = False
            return trouble
        endpoint.enforced[kind] = is_met(answer, kind, seed)
        if endpoint.enforced[kind]:
            return None
        return Trouble(f"{endpoint.shown} ignores grammars ({kind})", "refused")
