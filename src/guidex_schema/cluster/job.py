"""A job on a cluster: pieces of work that actors do, each with one jail, and results in the order of the pieces."""

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from guidex_schema.cluster.session import session
from guidex_schema.error import ClusterError, GuidexError

if TYPE_CHECKING:
    from ray.data import Dataset

_Piece = TypeVar("_Piece")
_Piece_contra = TypeVar("_Piece_contra", contravariant=True)
_Result = TypeVar("_Result")
_Result_co = TypeVar("_Result_co", covariant=True)

# The columns of the datasets that Ray moves: a piece, pickled, and the answer that the task is given with it, if any.
PIECE, ANSWER = "piece", "answer"
# Results of a piece that travel together.
_TOGETHER = 16


class Task(Protocol[_Piece_contra, _Result_co]):
    """What is done with pieces, in whatever process: it can be pickled, and is begun where it is done."""

    def begin(self) -> AbstractContextManager[Callable[[_Piece_contra], Iterable[_Result_co]]]:
        """Begin: start a jail, read the rules; give what does one piece after another.

        Raises:
            GuidexError: it cannot be done there.
        """


class Actor:
    """Do pieces of a task on a node, one after another.

    Ray starts it again elsewhere if its node is lost, and gives it the same pieces once more.
    """

    def __init__(self, task: bytes, version: str) -> None:
        self._task = task
        self._version = version
        self._begun = ExitStack()
        self._do: Callable[[object], Iterable[object]] | None = None

    def __call__(self, batch: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, list[bytes]]]:
        """Give what comes of pieces, as pickled lists of results; where it cannot be done, why."""
        answers = batch.get(ANSWER)
        for number, packed in enumerate(batch[PIECE]):
            piece = pickle.loads(packed)
            try:
                do = self._do or self._begin()
                results = iter(do(piece if answers is None else (piece, answers[number] or None)))
                while some := list(islice(results, _TOGETHER)):
                    yield {"results": [pickle.dumps(some)]}
            except GuidexError as error:
                yield {"results": [pickle.dumps(type(error)(f"on the node {_node()}: {error}"))]}

    def _begin(self) -> Callable[[object], Iterable[object]]:
        if (here := version()) != self._version:
            raise _other_version(here, self._version)
        task: Task[object, object] = pickle.loads(self._task)
        self._do = self._begun.enter_context(task.begin())
        return self._do


def results(
    task: Task[_Piece, _Result], pieces: Iterable[_Piece], address: str | None, *, given: int, jobs: int | None
) -> Iterator[_Result]:
    """Do pieces on a cluster, and give what comes of them in their order.

    Memory stays bounded: nodes pause while results are not taken. A piece whose node is lost is done again on another.

    Args:
        task: what is done.
        pieces: each is done by one actor; they are sent to the nodes before the first is done.
        address: of the cluster, as for ``session``.
        given: pieces that an actor is given at once, at most.
        jobs: actors at once, at most; None for as many as the cluster has cores, or comes to have.

    Raises:
        UsageError: the extra is not installed, or the address is wrong.
        ClusterError: there is no cluster, or its nodes lack the package.
        GuidexError: whatever the task says on a node, with the node.
    """
    with session(address):
        import ray
        from ray.data import ActorPoolStrategy, DataContext, from_items

        DataContext.get_current().execution_options.preserve_order = True
        items = [{PIECE: pickle.dumps(one)} for one in pieces]
        if not items:
            return
        cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
        most = min(jobs or len(items), len(items))
        done = from_items(items, override_num_blocks=len(items)).map_batches(
            Actor,
            fn_constructor_args=(pickle.dumps(task), version()),
            batch_size=1,
            num_cpus=1,
            compute=ActorPoolStrategy(
                min_size=1, initial_size=min(cores, most), max_size=most, max_tasks_in_flight_per_actor=given
            ),
        )
        yield from unpacked(done)


def done_anywhere(
    function: Callable[[_Piece], _Result], pieces: Iterable[_Piece], *, jobs: int | None
) -> Iterator[_Result]:
    """Do something with pieces on any nodes, and give what comes of them in their order; within a ``session``.

    A piece stays with the command until it is done, so that a node which is lost is none that any other needs.

    Args:
        function: what is done; it can be pickled.
        pieces: no more are taken than are under way.
        jobs: pieces that are under way, at most; None for as many as the cluster has cores.

    Raises:
        ClusterError: nodes lack the package.
    """
    import ray

    remote = ray.remote(_answer)
    most = jobs or max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting: deque[Any] = deque()
    for piece in pieces:
        if len(waiting) >= most:
            yield _taken(ray.get(waiting.popleft()))
        waiting.append(remote.remote(pickle.dumps((function, piece)), version()))
    while waiting:
        yield _taken(ray.get(waiting.popleft()))


def _answer(packed: bytes, expected: str) -> bytes:
    if (here := version()) != expected:
        return pickle.dumps(ClusterError(f"on the node {_node()}: {_other_version(here, expected)}"))
    function, piece = pickle.loads(packed)
    return pickle.dumps(function(piece))


def _taken(packed: bytes) -> Any:
    answer = pickle.loads(packed)
    if isinstance(answer, GuidexError):
        raise answer
    return answer


def _other_version(here: str, expected: str) -> ClusterError:
    return ClusterError(f"guidex-schema is {here}, not {expected}; all nodes need the same")


def unpacked(done: "Dataset") -> Iterator[_Result]:
    """Give results as they come from actors.

    Raises:
        GuidexError: what one of them says.
    """
    for batch in done.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        for packed in batch["results"]:
            some = pickle.loads(packed.as_buffer())
            if isinstance(some, GuidexError):
                raise some
            yield from some


def is_started_anew() -> bool:
    """Say whether this is an actor whose process or node was lost before."""
    import ray

    return bool(ray.get_runtime_context().was_current_actor_reconstructed)


def version() -> str:
    """Give the version of this package that a process has."""
    from importlib.metadata import version as installed

    return installed("guidex-schema")


def _node() -> str:
    from ray.util import get_node_ip_address

    return str(get_node_ip_address())
