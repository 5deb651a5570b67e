"""The engine that asks servers that speak OpenAI's protocol: ``vllm serve``, llama.cpp, hosted ones."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import lru_cache

from guidex_schema.error import EngineError
from guidex_schema.generation.engine import Answer, Completion, Conversation, Dialect, Failure, Request
from guidex_schema.generation.engines import body, reply
from guidex_schema.generation.engines.background import Background
from guidex_schema.generation.engines.endpoint import Endpoint, Trouble
from guidex_schema.generation.engines.greeting import greet
from guidex_schema.generation.engines.pool import pool
from guidex_schema.generation.engines.proofs import Proofs
from guidex_schema.generation.engines.server_counting import counting
from guidex_schema.generation_settings import EngineSettings

_COUNTS_KEPT = 1_024


class ServerEngine:
    """Ask servers, many requests together; each answer is collected as it ends, in whatever order."""

    name = "openai"
    dialects: tuple[Dialect, ...] = ("lark", "ebnf")

    def __init__(self, settings: EngineSettings, pause: float = 0.5) -> None:
        """Make sure that the servers are there and have the model, and find out how tokens are counted.

        Args:
            settings: which servers, and how patient to be with them.
            pause: seconds before a request is sent again for the first time, and twice as many each further time.

        Raises:
            UsageError: the settings cannot be: no server, no model where there are several, no such tokenizer.
            EngineError: no server is there, or one refuses the key or lacks the model.
        """
        self._sampling = body.sampling(settings)
        self._pool = pool(settings, pause)
        self._places = asyncio.Semaphore(settings.batch)
        self._under_way: dict[Future[Completion | Failure], Request] = {}
        self._background = Background()
        try:
            greeting = self._background.run(greet(self._pool, settings.model))
            self._counting = self._background.run(counting(self._pool, greeting.model, settings.tokenizer))
        except BaseException:
            self.close()
            raise
        self._count = lru_cache(_COUNTS_KEPT)(self._counted)
        self.counting = self._counting.way
        self.model = greeting.model
        self.width = settings.batch
        self.context = min(settings.context, greeting.context or settings.context)
        self._proofs = Proofs(self._pool, self._put, self.context)

    def count(self, messages: Conversation) -> int:
        """Count the tokens of a conversation, as ``counting`` says.

        Raises:
            EngineError: the server that counts cannot be reached.
        """
        try:
            return self._count(messages)
        except Trouble as trouble:
            raise EngineError(f"tokens cannot be counted: {trouble.reason}") from trouble

    def ask(self, request: Request) -> Future[Completion | Failure]:
        """Put a request by itself, as soon as fewer are under way than a batch has; ``collect`` does not give it.

        Returns:
            What it comes to, or an EngineError as ``collect`` raises it.
        """
        return self._background.start(self._answer(request))

    def submit(self, request: Request) -> None:
        """Take a request; it is sent as soon as fewer are under way than a batch has."""
        self._under_way[self.ask(request)] = request

    def collect(self) -> Sequence[Answer]:
        """Wait until at least one request has come to its end, and give those that have.

        Raises:
            EngineError: a server refuses the key, or none enforces grammars any more, so that no request will be
                answered.
        """
        if self._under_way:
            wait(self._under_way, return_when=FIRST_COMPLETED)
        return self.arrived()

    def arrived(self) -> Sequence[Answer]:
        """Give the requests that have come to their end, without waiting.

        Raises:
            EngineError: as for ``collect``.
        """
        ended = [one for one in self._under_way if one.done()]
        # What has been answered is handed over first.
        told = [one for one in ended if one.exception() is None] or ended[:1]
        return [(self._under_way.pop(one), one.result()) for one in told]

    def close(self) -> None:
        """Break off what is under way and close the connections; nothing happens the second time."""
        for future in self._under_way:
            future.cancel()
        self._under_way = {}
        if self._background.is_open:
            self._background.run(self._pool.close())
            self._background.close()

    def _counted(self, messages: Conversation) -> int:
        return self._background.run(self._counting.ask(messages))

    async def _answer(self, request: Request) -> Completion | Failure:
        kind = None if request.constraint is None else request.constraint.kind

        async def answer(endpoint: Endpoint, timeout: float) -> Completion | Failure:
            if kind is not None:
                await self._proofs.require(endpoint, kind, request.seed)
            return await self._put(endpoint, request, timeout)

        try:
            async with self._places:
                if kind is not None:
                    await self._proofs.begin(kind, request.seed)
                return await self._pool.ask(answer, lambda one: kind is None or one.enforced.get(kind, True))
        except Trouble as trouble:
            match trouble.verdict:
                case "fatal":
                    raise EngineError(trouble.reason) from trouble
                case "refused":
                    return Failure(reason=trouble.reason, kind="refused")
                case "rest" | "absent" | "unreachable":
                    return Failure(reason=trouble.reason, kind="unavailable", is_gone=True)
                case "again" | "late":
                    return Failure(reason=trouble.reason, kind="unavailable")

    async def _put(self, endpoint: Endpoint, request: Request, timeout: float) -> Completion | Failure:
        asked = {**self._sampling, **body.question(self.model, request)}
        return reply.completion(await endpoint.post("/chat/completions", asked, timeout), request, self.model)
