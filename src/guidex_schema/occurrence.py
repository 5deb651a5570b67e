"""Occurrences: which place of a value is meant where the document has several."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from guidex_schema.text import Span

# A value that stands in more places than this says little by its place; the first ones are tried.
_STARTING_PLACES = 500

Places = tuple[Span, ...]


class _Middles:
    """Places by twice their middle: the numbers stay whole."""

    def __init__(self, places: Iterable[Span]) -> None:
        # Of places with one middle the earlier, longer one comes first.
        self._places = sorted(places, key=lambda place: (place.start + place.end, place.start))
        self.middles = [place.start + place.end for place in self._places]

    def __len__(self) -> int:
        return len(self._places)

    @property
    def first(self) -> Span:
        """Give the place with the first middle."""
        return self._places[0]

    def nearest(self, anchors: "_Middles") -> Span:
        """Give the place with the least total distance to the anchors, of several the first."""
        # The total falls up to the middle anchors, is level between them and rises behind them.
        count = len(anchors)
        low, high = anchors.middles[(count - 1) // 2], anchors.middles[count // 2]
        behind = bisect_left(self.middles, low)
        if behind == len(self.middles) or (behind and self.middles[behind] > high):
            before = bisect_left(self.middles, self.middles[behind - 1])
            if behind == len(self.middles):
                return self._places[before]
            if anchors.distance(self.middles[before]) <= anchors.distance(self.middles[behind]):
                return self._places[before]
        return self._places[behind]

    def distance(self, middle: int) -> int:
        """Give the total distance from here to every place."""
        before = bisect_left(self.middles, middle)
        sums = self._sums
        left = middle * before - sums[before]
        right = sums[-1] - sums[before] - middle * (len(self.middles) - before)
        return left + right

    @cached_property
    def _sums(self) -> list[int]:
        return list(accumulate(self.middles, initial=0))

    def starting_place(self, others: Mapping["_Middles", int]) -> Span:
        """Give the place from which it is least far to the nearest place of each of the others, of several the first.

        Args:
            others: each with how many values have its places.
        """
        if not others:
            return self.first
        tried = range(min(len(self._places), _STARTING_PLACES))
        best = min(tried, key=lambda at: sum(times * one.gap(self.middles[at]) for one, times in others.items()))
        return self._places[best]

    def gap(self, middle: int) -> int:
        """Give the distance to the nearest place."""
        at = bisect_left(self.middles, middle)
        return min(abs(middle - one) for one in self.middles[max(at - 1, 0) : at + 1])

    @cached_property
    def order(self) -> tuple[int, list[tuple[int, int]]]:
        """Give a key that puts few places before many and does not depend on where the value is written."""
        return len(self._places), [(place.start, place.end) for place in self._places]


def nearest_places(values: Sequence[tuple[tuple[int, ...], Places]]) -> list[Span | None]:
    """Choose one place for each value, or None where it has none.

    The values of an instance that stand in one place only are its anchors; where it has none, the places chosen for
    the instance around it are. Where that has none either, the only places of values of the instances inside are,
    else those of the instances beside it in the same instance. A value that stands in several places takes the one
    with the least total distance to the anchors, from middle to middle. Where there is nothing to go by, the value
    with the fewest places comes first, at the place from which it is least far to the others, and they follow it. The
    earlier of two equal places wins. The order in which an instance holds its values plays no part.

    Args:
        values: for each the numbers of the instances around it, outer before inner and lower before higher, and its
            places in text order; those that several values share as one tuple are sorted once.
    """
    outer: dict[int, int | None] = {}
    own: dict[int, list[int]] = {}
    middles: dict[int, _Middles] = {}
    for index, (holders, places) in enumerate(values):
        outer.update(zip(holders, (None, *holders), strict=False))
        if places:
            own.setdefault(holders[-1], []).append(index)
            if id(places) not in middles:
                middles[id(places)] = _Middles(places)
    inside, beside = _around(values, own)
    chosen: list[Span | None] = [None] * len(values)
    # What an instance leaves to those inside it: its places, or what it was left itself.
    left: dict[int | None, _Middles | None] = {None: None}
    for number in sorted(outer):
        left[number] = left[outer[number]]
        if held := own.get(number):
            found = [middles[id(values[index][1])] for index in held]
            anchors = (
                _anchors(found) or left[number] or inside.get(number) or beside.get(outer[number]) or _start(found)
            )
            nearest = [one.nearest(anchors) for one in found]
            for index, place in zip(held, nearest, strict=True):
                chosen[index] = place
            left[number] = _Middles(nearest)
    return chosen


def _around(
    values: Sequence[tuple[tuple[int, ...], Places]], own: Container[int]
) -> tuple[dict[int, _Middles], dict[int | None, _Middles]]:
    """Give the only places of values by the instance that may need them.

    Args:
        values: as in `nearest_places`.
        own: the instances that hold a value with a place. Each leaves something to those inside it, so only the
            outermost of a chain looks inside and beside itself, and every place is asked for once each way.

    Returns:
        Those inside an instance, by its number, and those directly in an instance of another, by the number of that.
    """
    inside: defaultdict[int, list[Span]] = defaultdict(list)
    beside: defaultdict[int | None, list[Span]] = defaultdict(list)
    for holders, places in values:
        if len(places) == 1:
            outermost = next(number for number in holders if number in own)
            inside[outermost] += places if outermost != holders[-1] else ()
            # What stands at the top level has nothing around it that would tie it together.
            if len(holders) > 1:
                beside[holders[-2]] += places
    return (
        {number: _Middles(places) for number, places in inside.items() if places},
        {number: _Middles(places) for number, places in beside.items()},
    )


def _anchors(values: Iterable[_Middles]) -> _Middles | None:
    unique = [value.first for value in values if len(value) == 1]
    return _Middles(unique) if unique else None


def _start(values: Iterable[_Middles]) -> _Middles:
    times = Counter(values)
    first = min(times, key=lambda value: value.order)
    others = {one: count for one, count in times.items() if one is not first}
    return _Middles((first.starting_place(others),))
