"""The worst findings, where a program takes only so many."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from guidex_schema.diagnostic import Severity

_T = TypeVar("_T")


class Worst(Generic[_T]):
    """Keep what comes with the worst severities; what comes first goes before what comes later.

    Args:
        most: how much is kept, and held in memory.

    Attributes:
        cut: how much of each severity was left out.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Severity, list[_T]] = {severity: [] for severity in Severity}
        self.cut: Counter[Severity] = Counter()

    def makes_room(self, severity: Severity) -> bool:
        """Say whether one more of a severity is kept; room for it is made, or it is counted as left out."""
        if sum(map(len, self._kept.values())) < self._most:
            return True
        milder: Sequence[Severity] = list(Severity)[list(Severity).index(severity) + 1 :]
        for other in reversed(milder):
            if self._kept[other]:
                self._kept[other].pop()
                self.cut[other] += 1
                return True
        self.cut[severity] += 1
        return False

    def add(self, severity: Severity, one: _T) -> None:
        """Keep one for which there is room."""
        self._kept[severity].append(one)

    def __iter__(self) -> Iterator[_T]:
        """Give what is kept, the worst first."""
        return (one for kept in self._kept.values() for one in kept)
