"""What a number comes to over all rows: its mean, its quartiles and its ends, exact and in little memory."""

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import Self

from guidex_schema.frozen import Frozen


class Distribution(Frozen):
    """Say how a number is spread over rows.

    The quartiles are those of ``statistics.quantiles(numbers, n=4, method="inclusive")``: the least number stands at
    0 %, the greatest at 100 %, and between two neighbours it is interpolated. Of one number, each is that number.

    Attributes:
        rows: how many rows have the number.
        total: the sum.
    """

    rows: int
    total: int
    mean: float
    minimum: int
    first_quartile: float
    median: float
    third_quartile: float
    maximum: int

    @classmethod
    def of(cls, histogram: Mapping[int, int]) -> Self | None:
        """Describe numbers by how often each comes.

        Args:
            histogram: rows by number.

        Returns:
            None where there are no rows.
        """
        numbers = sorted(number for number, rows in histogram.items() if rows)
        if not numbers:
            return None
        ends = list(accumulate(histogram[number] for number in numbers))
        last = ends[-1] - 1

        def at(index: int) -> int:
            return numbers[bisect_right(ends, min(index, last))]

        def quartile(part: int) -> float:
            index, beyond = divmod(part * last, 4)
            return (at(index) * (4 - beyond) + at(index + 1) * beyond) / 4

        total = sum(number * histogram[number] for number in numbers)
        return cls(
            rows=ends[-1],
            total=total,
            mean=total / ends[-1],
            minimum=numbers[0],
            first_quartile=quartile(1),
            median=quartile(2),
            third_quartile=quartile(3),
            maximum=numbers[-1],
        )
