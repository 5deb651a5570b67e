"""Who reads rows: this machine, with as many processes as are asked for, or a cluster."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from guidex_schema.cli.options import Reader
from guidex_schema.cli.sources import pieces_of, tell_shortfall
from guidex_schema.cli.streams import STANDARD

if TYPE_CHECKING:
    from guidex_schema.datasets import Columns
    from guidex_schema.datasets.block import Waiting
    from guidex_schema.datasets.shard import Piece
    from guidex_schema.isolation import Isolation
    from guidex_schema.work import Work

_Result = TypeVar("_Result")


class Readers(NamedTuple):
    """Who reads, as the command line says.

    Attributes:
        engine: this machine or a cluster.
        address: of the cluster.
        jobs: how many processes read at once, at most; None for as many as there are cores.
    """

    engine: Reader
    address: str | None
    jobs: int | None

    def results(
        self,
        work: "Work[_Result]",
        paths: list[Path] | None,
        guidelines: Path | None,
        text: Path | None,
        columns: "Columns",
        tell: "Callable[[Isolation], None]" = tell_shortfall,
    ) -> Iterator[_Result]:
        """Give what comes of all rows, in their order; how far the first jail is closed is told.

        Raises:
            UsageError: what is asked for makes no sense.
            JailError: no jail can be started, or none that is closed as far as was demanded.
            ClusterError: there is no cluster, or it gave up.
        """
        from guidex_schema.error import UsageError

        named = paths or []
        if self.engine is Reader.LOCAL:
            return self.local(work, pieces_of(named, guidelines, text, columns), tell)
        from guidex_schema.cluster import reading

        if guidelines is not None or STANDARD in named:
            what = "standard input" if guidelines is None else "a label file"
            raise UsageError(f"{what} is read on one machine; leave out --engine ray")
        pieces = pieces_of(named, None, None, columns, is_far=True)
        return reading.results(work, pieces, self.address, tell, jobs=self.jobs)

    def local(
        self,
        work: "Work[_Result]",
        pieces: "Iterable[Piece | Waiting]",
        tell: "Callable[[Isolation], object]" = tell_shortfall,
    ) -> Iterator[_Result]:
        """Give what comes of all rows of pieces, in their order, which this machine reads.

        Raises:
            UsageError: a cluster is named.
            JailError: no jail can be started, or none that is closed as far as was demanded.
        """
        from guidex_schema import workers
        from guidex_schema.error import UsageError

        if self.address is not None:
            raise UsageError("--address is for --engine ray")
        return workers.results(work, pieces, self.jobs or workers.cores(), tell)
