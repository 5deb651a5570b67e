"""How many tokens a conversation has, where servers can be asked."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import NamedTuple

from guidex_schema.generation.engine import Conversation, Message
from guidex_schema.generation.engines import body, reply
from guidex_schema.generation.engines.counting import bound, tokenizer_at
from guidex_schema.generation.engines.endpoint import Endpoint, Trouble
from guidex_schema.generation.engines.pool import Pool

# A server that counts does so at once.
_SECONDS = 30.0

_TRIED = (Message(role="user", content="Hello"),)


_Question = Callable[[Endpoint, Conversation, float], Awaitable[int]]


class Counting(NamedTuple):
    """A way to count.

    Attributes:
        way: which one, in words.
        ask: gives the number, or raises Trouble.
    """

    way: str
    ask: Callable[[Conversation], Coroutine[None, None, int]]


async def counting(pool: Pool, model: str, tokenizer: str) -> Counting:
    """Find the surest way to count: a tokenizer that is named, a server's own, or a bound.

    Args:
        pool: the servers.
        model: the model that is asked.
        tokenizer: the file or folder of its tokenizer, or empty.

    Raises:
        UsageError: the tokenizer cannot be read.
    """
    if tokenizer:
        file = tokenizer_at(tokenizer)

        async def read(messages: Conversation) -> int:
            return file.count(messages)

        return Counting("counted by the tokenizer that is named, with room for the chat template", read)

    async def templated(endpoint: Endpoint, messages: Conversation, timeout: float) -> int:
        # vLLM: https://docs.vllm.ai/en/latest/serving/openai_compatible_server/#tokenizer-api
        asked = {"model": model, "messages": body.turns(messages), "add_generation_prompt": True}
        return reply.token_count(await endpoint.post(f"{endpoint.root}/tokenize", asked, timeout))

    async def written_out(endpoint: Endpoint, messages: Conversation, timeout: float) -> int:
        # llama.cpp: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
        asked: dict[str, object] = {"messages": body.turns(messages)}
        prompt = reply.prompt(await endpoint.post(f"{endpoint.root}/apply-template", asked, timeout))
        asked = {"content": prompt, "add_special": True, "parse_special": True}
        return reply.token_count(await endpoint.post(f"{endpoint.root}/tokenize", asked, timeout))

    async def way(endpoint: Endpoint) -> _Question | None:
        for question in (templated, written_out):
            with suppress(Trouble, ValueError):
                await question(endpoint, _TRIED, _SECONDS)
                return question
        return None

    ways = zip(pool.endpoints, await gather(*map(way, pool.endpoints)), strict=True)
    if questions := {endpoint.url: question for endpoint, question in ways if question is not None}:
        return Counting("counted by the server's own tokenizer", _asking(pool, questions))

    async def bounded(messages: Conversation) -> int:
        return bound(messages)

    return Counting("at most as many as bytes; name a `tokenizer` to count them", bounded)


def _asking(pool: Pool, questions: Mapping[str, _Question]) -> Callable[[Conversation], Coroutine[None, None, int]]:
    """Ask the servers that can count, each in its own way."""
    able = pool.among([one for one in pool.endpoints if one.url in questions])

    async def count(messages: Conversation) -> int:
        try:
            return await able.ask(lambda endpoint, timeout: questions[endpoint.url](endpoint, messages, timeout))
        except Trouble as trouble:
            if trouble.verdict == "refused":
                # What cannot be counted will not be answered either, and then says why.
                return bound(messages)
            raise

    return count
