"""Workers: what comes of the rows of datasets, in order, whether this process reads them or several do."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import cast

from guidex_schema import collection
from guidex_schema.datasets.block import Waiting
from guidex_schema.datasets.changes import Changed
from guidex_schema.datasets.piece_source import Source
from guidex_schema.datasets.shard import Piece
from guidex_schema.isolation import Isolation
from guidex_schema.work import Result, Work, results_of


def cores() -> int:
    """Give the number of processor cores that this process may use."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def results(
    work: Work[Result],
    pieces: Iterable[Piece | Waiting],
    jobs: int,
    tell: Callable[[Isolation], object] = lambda _: None,
) -> Iterator[Result]:
    """Give what comes of the rows of datasets, in their order, whoever reads them and whenever each is done.

    What is small is read in this process, and so is what comes on a stream as long as nothing more is there.

    Args:
        work: what is done with the rows.
        pieces: of the datasets; no more are taken than are under way.
        jobs: how many processes read rows, at least 1; with 1 it is this one.
        tell: told how far the first jail is closed, before the first result.

    Raises:
        JailError: no jail can be started on this machine, or none that is closed as far as was demanded or as another.
        WorkerError: no process can be started.
    """
    source = Source(pieces)
    if jobs == 1 or not source.has_much():
        with work.begin() as begun, collection.seldom():
            tell(begun.isolation)
            while jobs == 1 or not source.has_much():
                piece = source.take()
                if piece is None:
                    return
                if source.is_given_up(piece):
                    continue
                try:
                    yield from cast(Iterator[Result], results_of(piece, begun, work.columns))
                except Changed as change:
                    source.give_up(piece)
                    yield from cast(Iterator[Result], begun.results((change.row,)))
    # Loaded for datasets that are worth it.
    from guidex_schema.crew import Crew

    yield from Crew(work, jobs, tell).results(source)
