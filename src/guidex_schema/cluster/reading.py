"""Datasets that are read on a cluster: each node reads parts of them, with a jail for each core."""

import os
import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Generic, NamedTuple, cast

from guidex_schema import collection
from guidex_schema.cluster import job
from guidex_schema.cluster.meeting import Hall, Heaped, Heaping, HeapWork, Packed
from guidex_schema.cluster.session import session
from guidex_schema.datasets.block import Waiting
from guidex_schema.datasets.changes import Changed
from guidex_schema.datasets.file import is_stored
from guidex_schema.datasets.piece_source import Source
from guidex_schema.datasets.shard import Piece, Shard
from guidex_schema.error import ClusterError, GuidexError, IsolationError, UsageError
from guidex_schema.isolation import Isolation
from guidex_schema.work import Begun, Comparing, Result, Work, results_of

# Results that are sent together.
_TOGETHER = 128
# Bytes of what cannot be cut, as of compressed files: all of it is sent from here, and held until it was.
_CARRIED = 256 * 1024 * 1024
# Pieces that an actor may be given at once, which it is given again if its process has ended.
_GIVEN = 2


class _Part(NamedTuple):
    """What came of rows of a piece, and how far the jail was closed in which they were read."""

    isolation: Isolation
    results: list[object]


@dataclass(frozen=True)
class _Reading(Generic[Result]):
    """Work that is done on pieces, wherever that is.

    Attributes:
        folder: where relative paths begin.
    """

    work: Work[Result]
    folder: str

    @contextmanager
    def begin(self) -> Iterator[Callable[[Piece], Iterator[_Part]]]:
        """Give what reads pieces; the jail is started with the first."""
        with ExitStack() as stack:
            read = _Reader(self.work, self.folder, stack).read
            comparing = _comparing(self.work)
            yield read if comparing is None else partial(_heaping, comparing, read)


def _comparing(work: Work[Result]) -> Comparing[Result] | None:
    """Give work whose rows are compared; None where they are not."""
    return work if isinstance(work, Comparing) and work.meeting_rules else None


def _heaping(comparing: Comparing[Result], read: Callable[[Piece], Iterator[_Part]], piece: Piece) -> Iterator[_Part]:
    """Give what comes of a piece, and apart from it what has to be known of its rows where they meet others."""
    heaping = Heaping(comparing)
    for part in read(piece):
        yield part._replace(results=list(heaping.parted(cast(list[Result], part.results))))
        isolation = part.isolation
    if heaping.has_rows:
        yield _Part(isolation, [heaping.heaped()])


class _Reader(Generic[Result]):
    """Read pieces in this process, or in one beside it where a row may end it.

    An actor that was started anew has lost its node, or a row has ended its process: then what it was given is read in
    a process that can be lost, and the row that ends that one, too, is told.
    """

    def __init__(self, work: Work[Result], folder: str, stack: ExitStack) -> None:
        self._work = work
        self._folder = Path(folder)
        self._stack = stack
        self._begun: Begun | None = None
        self._careful = _GIVEN if job.is_started_anew() else 0

    def read(self, piece: Piece) -> Iterator[_Part]:
        """Give what comes of a piece.

        Raises:
            ClusterError: its file is not there on this node, or has changed.
            GuidexError: whatever the work says.
        """
        self._require(piece)
        if self._careful:
            self._careful -= 1
            yield self._carefully(piece)
            return
        if self._begun is None:
            self._begun = self._stack.enter_context(self._work.begin())
            self._stack.enter_context(collection.seldom())
        given: Counter[type] = Counter()
        try:
            found = results_of(piece, self._begun, self._work.columns)
            while some := list(islice(found, _TOGETHER)):
                yield _Part(self._begun.isolation, some)
                given.update(map(type, some))
        except GuidexError:
            raise
        except Changed as change:
            raise ClusterError(f"{change.file}: {change.reason}") from change
        except Exception:  # noqa: BLE001, whatever it is, reading row by row will tell of which
            part = self._carefully(piece)
            yield part._replace(results=list(_not_given(part.results, given)))

    def _carefully(self, piece: Piece) -> _Part:
        from guidex_schema.crew import Crew

        isolations: list[Isolation] = []
        found = list(Crew(self._work, 1, isolations.append).results(Source([piece])))
        return _Part(isolations[0], cast(list[object], found))

    def _require(self, piece: Piece) -> None:
        """See to it that what is read is there.

        Raises:
            ClusterError: it is not.
        """
        if not isinstance(piece, Shard) or piece.data is not None or is_stored(piece.file):
            return
        try:
            os.chdir(self._folder)
        except OSError:
            is_there = False
        else:
            is_there = Path(piece.file).exists()
        if not is_there:
            raise ClusterError(
                f"{self._folder / piece.file} is not there; datasets have to be where every node can read them: in an "
                "object store, or under the same path in a file system that all share"
            )


def _not_given(results: Iterable[object], given: Counter[type]) -> Iterator[object]:
    """Leave out as many results of each kind as were given: what counts rows together comes behind them."""
    for one in results:
        if given[type(one)] > 0:
            given[type(one)] -= 1
        else:
            yield one


def results(
    work: Work[Result],
    pieces: Iterable[Piece | Waiting],
    address: str | None,
    tell: Callable[[Isolation], object] = lambda _: None,
    *,
    jobs: int | None = None,
) -> Iterator[Result]:
    """Give what comes of the rows of datasets, in their order: what ``workers.results`` gives.

    Args:
        work: what is done with the rows.
        pieces: of the datasets, best of ``FAR_BYTES``.
        address: of the cluster, as for ``session``.
        tell: told how far the first jail is closed, before the first result.
        jobs: processes that read rows at once, at most; as many as the cluster has cores, or comes to have, if None.

    Raises:
        UsageError: what is to be read comes on a stream, or is too much to be sent; the address is wrong.
        ClusterError: there is no cluster, or its nodes lack the package or the files.
        JailError: no jail can be started on a node, or none that is closed as far as was demanded or as another.
    """
    found = _found(work, _sendable(pieces), address, tell, jobs)
    comparing = _comparing(work)
    if comparing is None:
        yield from cast(Iterator[Result], found)
        return
    hall = Hall(comparing)
    # One session for both jobs: a cluster of this machine alone ends with it.
    with session(address):
        for one in cast(Iterator[Packed | Heaped], found):
            hall.add(one)
        for number, compared in enumerate(job.done_anywhere(HeapWork(comparing), hall.heaps(), jobs=jobs)):
            hall.note(number, compared)
    yield from hall.results()


def _found(
    work: Work[Result],
    pieces: Iterable[Piece],
    address: str | None,
    tell: Callable[[Isolation], object],
    jobs: int | None,
) -> Iterator[object]:
    """Give what nodes give, in the order of the rows; they are isolated alike."""
    first: Isolation | None = None
    for part in job.results(_Reading(work, str(Path.cwd())), pieces, address, given=_GIVEN, jobs=jobs):
        if first is None:
            first = part.isolation
            tell(first)
        elif not set(part.isolation.layers) >= set(first.layers):
            raise IsolationError(f"on a node {part.isolation.shortfall}, and on another they are further; run it again")
        yield from part.results


def _sendable(pieces: Iterable[Piece | Waiting]) -> Iterator[Piece]:
    carried = 0
    for piece in pieces:
        if isinstance(piece, Waiting):
            raise UsageError("what comes on a stream is read on one machine; leave out --engine ray")
        if not isinstance(piece, Shard) or piece.data is not None:
            carried += len(pickle.dumps(piece))
            if carried > _CARRIED:
                raise UsageError(
                    "compressed files, JSON arrays and Arrow files cannot be cut, and these hold more than "
                    f"{_CARRIED // 2**20} MB; convert them with `guidex convert` to JSONL or Parquet, or leave out "
                    "--engine ray"
                )
        yield piece
