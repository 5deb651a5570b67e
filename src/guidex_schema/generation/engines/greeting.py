"""Make sure, before anything is asked, that servers are there and have the model."""

import asyncio
from typing import NamedTuple

from guidex_schema.diagnostic import quoted, visible
from guidex_schema.error import EngineError, UsageError
from guidex_schema.generation.engines.endpoint import Endpoint, Trouble
from guidex_schema.generation.engines.pool import Pool
from guidex_schema.generation.engines.reply import Card, cards

# A server that is up lists its models at once, and writes a token soon.
_SECONDS = 30.0

_MODELS_SHOWN = 8


class Greeting(NamedTuple):
    """What the servers say of themselves.

    Attributes:
        model: the model that is asked.
        context: the fewest tokens that a prompt and its answer may have together, None where no server says.
    """

    model: str
    context: int | None


async def greet(pool: Pool, model: str) -> Greeting:
    """Ask all servers for their models. Those that are not there now may come back later, if one is.

    Args:
        pool: the servers.
        model: the model that each has to have; the only one that there is if empty.

    Raises:
        EngineError: no server is there, one refuses the key or lacks the model.
        UsageError: no model is named, and there are several or none is listed.
    """
    met = await asyncio.gather(*(_met(pool, one) for one in pool.endpoints))
    present = [
        (one, listed) for one, listed in zip(pool.endpoints, met, strict=True) if not isinstance(listed, Trouble)
    ]
    if not present:
        reason = next(one.reason for one in met if isinstance(one, Trouble))
        raise EngineError(f"{reason}: start it, as with `vllm serve MODEL`, or name another in `base-urls`")
    model = model or _only(*present[0])
    for endpoint, listed in present:
        if all(card.model != model for card in listed):
            await _try(pool, endpoint, model, listed)
    contexts = [card.context for _, listed in present for card in listed if card.model == model and card.context]
    return Greeting(model, min(contexts, default=None))


async def _met(pool: Pool, endpoint: Endpoint) -> tuple[Card, ...] | Trouble:
    """Give the models that a server lists, if it does, or why it is not there."""

    async def listed(one: Endpoint, timeout: float) -> tuple[Card, ...]:
        return cards(await one.get("/models", timeout))

    try:
        # Only a server that is there is worth waiting for, as it may be loading its model.
        return await pool.only(endpoint, _SECONDS).ask(listed)
    except Trouble as trouble:
        if trouble.verdict == "fatal":
            raise EngineError(trouble.reason) from trouble
        return () if trouble.verdict in ("refused", "absent") else trouble


async def _try(pool: Pool, endpoint: Endpoint, model: str, listed: tuple[Card, ...]) -> None:
    """Ask for one token, as some servers know more names than they list."""
    asked = {"model": model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
    try:
        await pool.only(endpoint, _SECONDS).ask(lambda one, timeout: one.post("/chat/completions", asked, timeout))
    except Trouble as trouble:
        if trouble.verdict == "fatal":
            raise EngineError(trouble.reason) from trouble
        if trouble.verdict in ("refused", "absent"):
            known = f"; it has {_names(listed)}" if listed else ""
            raise EngineError(f"{trouble.reason}: {quoted(model)} cannot be asked there{known}") from trouble


def _only(endpoint: Endpoint, listed: tuple[Card, ...]) -> str:
    if len(listed) == 1:
        return listed[0].model
    known = f" {endpoint.shown} has {_names(listed)}" if listed else f" {endpoint.shown} does not list its own"
    raise UsageError(f"say which model is asked, with `model` in the settings of the engine:{known}")


def _names(listed: tuple[Card, ...]) -> str:
    shown = ", ".join(visible(card.model) for card in listed[:_MODELS_SHOWN])
    return shown if len(listed) <= _MODELS_SHOWN else f"{shown} and {len(listed) - _MODELS_SHOWN:,} more"
