"""Questions that a cluster puts to servers through ``ray.data.llm``, and what is made of the answers there.

Its HTTP processor sends what a batch holds one request after another, and gives up the whole job for one that fails
(Ray 2.60, ``ray/llm/_internal/batch/stages/http_request_stage.py``). So it is given a session of ours, as its
``session_factory``: all requests of a batch are under way together, and whatever comes of one is an answer.
"""

import asyncio
import json
import pickle
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from guidex_schema.cluster.job import ANSWER, PIECE, Actor, Task, unpacked, version

if TYPE_CHECKING:
    from ray.data.llm import Processor

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")

# Shares of a core that are reserved: putting questions is waiting, and so that one core is enough for all there is.
_WAITING = 0.1


class Connection(Protocol):
    """Something that answers, in a process of a node."""

    def ask(self, question: str) -> Future[str]:
        """Put a question; what goes wrong is an answer, too."""


@dataclass(frozen=True)
class Question(Generic[_Piece]):
    """A question, with what its answer is for.

    Attributes:
        piece: what the task is given, beside the answer; it can be pickled.
        text: as the connection takes it; None where there is nothing to ask, and the answer is None.
    """

    piece: _Piece
    text: str | None


class _Reply:
    """What the HTTP processor reads of a response of `aiohttp`."""

    status = 200
    reason = "OK"

    def __init__(self, content: Mapping[str, str]) -> None:
        self._content = content

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave the connection open for the next."""

    async def json(self) -> dict[str, str]:
        return dict(self._content)


class _Session:
    """What the HTTP processor uses of a session of `aiohttp`, before a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave the connection open for the next batch."""

    def post(self, url: str, *, headers: Mapping[str, str], data: str) -> "asyncio.Task[_Reply]":
        """Begin to put a question at once; the processor waits for the answers later, one after another."""
        del url, headers
        return asyncio.ensure_future(self._answered(data))

    async def _answered(self, data: str) -> _Reply:
        answer = await asyncio.wrap_future(self._connection.ask(json.loads(data)))
        return _Reply({ANSWER: answer})


@dataclass(frozen=True)
class _Sessions:
    """Make sessions; all of one process share a connection."""

    connect: Callable[[], Connection]

    def __call__(self) -> _Session:
        """Give a session."""
        if self.connect not in _CONNECTIONS:
            _CONNECTIONS[self.connect] = self.connect()
        return _Session(_CONNECTIONS[self.connect])


_CONNECTIONS: dict[Callable[[], Connection], Connection] = {}


def answered(
    questions: Iterable[Question[_Piece]],
    connect: Callable[[], Connection],
    task: Task[tuple[_Piece, str | None], _Result],
    *,
    under_way: int,
    actors: int,
) -> Generator[_Result]:
    """Put questions, and do a task with each answer as it comes; within a ``session``.

    Args:
        questions: at most as many as memory holds; none, or all, have a question.
        connect: makes what answers, once a process; it can be pickled and hashed.
        task: is given a piece and its answer.
        under_way: questions that one process has under way together.
        actors: processes that put questions, at most.

    Raises:
        ClusterError: the cluster gave up, or its nodes lack the package.
        GuidexError: whatever the task says on a node.
    """
    import ray
    from ray.data import ActorPoolStrategy, DataContext, from_items

    DataContext.get_current().execution_options.preserve_order = False
    items = [{PIECE: pickle.dumps(one.piece), ANSWER: one.text or ""} for one in questions]
    if not items:
        return
    data = from_items(items, override_num_blocks=-(-len(items) // under_way))
    if items[0][ANSWER] != "":
        data = _processor(connect, under_way, actors)(data)
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
    done = data.map_batches(
        Actor,
        fn_constructor_args=(pickle.dumps(task), version()),
        batch_size=under_way,
        num_cpus=1 - 3 * _WAITING,
        compute=ActorPoolStrategy(min_size=1, max_size=cores),
    )
    yield from unpacked(done)


def _processor(connect: Callable[[], Connection], under_way: int, actors: int) -> "Processor":
    from ray.data.llm import HttpRequestProcessorConfig, build_processor

    reserved = {"num_cpus": _WAITING}
    config = HttpRequestProcessorConfig(
        # The connection knows the servers.
        url="chat/completions",
        batch_size=under_way,
        concurrency=actors,
        session_factory=_Sessions(connect),
        http_request_stage=reserved,
    )
    return build_processor(
        config,
        preprocess=_with_payload,
        postprocess=_with_answer,
        preprocess_map_kwargs=reserved,
        postprocess_map_kwargs=reserved,
    )


def _with_payload(row: Mapping[str, object]) -> dict[str, object]:
    return {"payload": row[ANSWER]}


def _with_answer(row: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    return {PIECE: row[PIECE], ANSWER: row["http_response"][ANSWER]}
