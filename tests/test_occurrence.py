"""Occurrences: of several places of a value the one nearest to its instance's other mentions is meant."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import assert_linear
from guidex_schema.instance import Record
from guidex_schema.occurrence import Places, nearest_places
from guidex_schema.rule import GUIDELINES
from guidex_schema.text import Span
from guidex_schema.validation import validate

Values = list[tuple[tuple[int, ...], Places]]

spans = st.builds(lambda start, length: Span(start=start, end=start + length), st.integers(0, 60), st.integers(1, 6))
places = st.lists(spans, max_size=5, unique=True).map(
    lambda found: tuple(sorted(found, key=lambda span: (span.start, span.end)))
)
# Instance 0 holds 1 and 4, and 1 holds 2 and 3; 5 and 6 stand at the top level.
chains = st.sampled_from([(0,), (0, 1), (0, 1, 2), (0, 1, 3), (0, 4), (5,), (6,)])
rows = st.lists(st.tuples(chains, places), max_size=9)


def far(place: Span, anchors: list[Span]) -> int:
    return sum(abs(place.start + place.end - one.start - one.end) for one in anchors)


def order(place: Span) -> tuple[int, int]:
    return place.start + place.end, place.start


def by_brute_force(values: Values) -> list[Span | None]:
    chosen: list[Span | None] = [None] * len(values)
    left: dict[tuple[int, ...], list[Span]] = {(): []}
    for holders in sorted({chain[:end] for chain, _ in values for end in range(1, len(chain) + 1)}):
        held = [number for number, (chain, found) in enumerate(values) if chain == holders and found]
        anchors = [values[number][1][0] for number in held if len(values[number][1]) == 1] or left[holders[:-1]]
        unique = [(chain, found[0]) for chain, found in values if len(found) == 1]
        anchors = anchors or [one for chain, one in unique if chain[: len(holders)] == holders]
        anchors = anchors or [one for chain, one in unique if len(chain) > 1 and chain[:-1] == holders[:-1]]
        if held and not anchors:
            first = min((values[number][1] for number in held), key=lambda one: (len(one), sorted(map(order, one))))
            others = [values[number][1] for number in held]
            costs = {one: sum(min(far(one, [other]) for other in found) for found in others) for one in first}
            anchors = [min(first, key=lambda one: (costs[one], order(one)))]
        for number in held:
            chosen[number] = min(values[number][1], key=lambda one: (far(one, anchors), order(one)))
        left[holders] = [one for number in held if (one := chosen[number])] or left[holders[:-1]]
    return chosen


@given(rows)
def test_it_is_what_trying_every_place_finds(values: Values) -> None:
    assert nearest_places(values) == by_brute_force(values)


@given(rows)
def test_the_place_is_one_of_the_value_and_the_only_one_is_kept(values: Values) -> None:
    for (_, found), place in zip(values, nearest_places(values), strict=True):
        assert place in found if found else place is None


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_values_plays_no_part(values: Values, chance: random.Random) -> None:
    shuffled = chance.sample(range(len(values)), len(values))
    chosen = nearest_places(values)
    assert nearest_places([values[number] for number in shuffled]) == [chosen[number] for number in shuffled]


@given(rows)
def test_a_place_depends_on_the_same_top_level_instance_alone(values: Values) -> None:
    chosen = nearest_places(values)
    for top in {holders[0] for holders, _ in values}:
        held = [number for number, (holders, _) in enumerate(values) if holders[0] == top]
        assert nearest_places([values[number] for number in held]) == [chosen[number] for number in held]


@given(rows, st.integers(0, 1000))
def test_a_longer_beginning_of_the_document_moves_every_place_alike(values: Values, by: int) -> None:
    def moved(place: Span) -> Span:
        return Span(start=place.start + by, end=place.end + by)

    later = [(holders, tuple(map(moved, found))) for holders, found in values]
    assert nearest_places(later) == [place and moved(place) for place in nearest_places(values)]


def test_many_values_in_many_places_take_linear_time() -> None:
    def place(count: int) -> None:
        chance = random.Random(4)
        shared = [
            tuple(Span(start=at, end=at + 2) for at in sorted(chance.sample(range(1_000_000), count)))
            for _ in range(40)
        ]
        values: Values = [((0, 1 + number // 2), shared[chance.randrange(40)]) for number in range(count)]
        alone: Values = [((number // 3,), shared[chance.randrange(40)]) for number in range(count)]
        beside: Values = [*values, *(((0, count + at), (Span(start=at, end=at + 1),)) for at in range(count))]
        assert None not in nearest_places(beside)
        assert None not in nearest_places([((0,), (Span(start=0, end=1),)), *values])
        assert None not in nearest_places(alone)

    assert_linear(place, 400)


DOCUMENT = "Bob met Ada. Ada wrote to Bob, who cooked. Then Ada wrote, and Eve, a cook, cooked for Bob."


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("[Person('Ada')]", [8]),
        ("[Person('Ada', role='wrote to')]", [13, 17]),
        ("[Person(role='wrote to', mention='Ada')]", [17, 13]),
        ("[Person('Bob', 'cook')]", [87, 70]),
        ("[Person('cooked', children=[Person('Eve', children=[Person('Ada')])])]", [76, 63, 48]),
        ("[Person('met', children=[Person(children=[Person('Bob')])]), Person('Bob')]", [4, 0, 0]),
        ("[Person('Zoe', children=[Person('Ada', role='to')])]", [None, 13, 23]),
        ("[Person(['Ada', 'Bob'])]", [8, 0]),
    ],
)
def test_the_nearest_occurrence_is_shown_and_all_are_given(labels: str, expected: list[int | None]) -> None:
    found = validate(Record(guidelines=GUIDELINES, labels=labels, document=DOCUMENT)).groundings
    assert [one.grounding.best and one.grounding.best.start for one in found] == expected
    for one in found:
        starts = [span.start for span in one.grounding.spans]
        assert all(before < after for before, after in pairwise(starts))
        assert len(starts) == {"Ada": 3, "Bob": 3}.get(str(getattr(one.mention.value, "value", None)), len(starts))


EVENTS = """from dataclasses import dataclass
from typing import List

@dataclass
class P:
    name: str

@dataclass
class E:
    who: List[P]

@dataclass
class R:
    name: str
    met: P
"""
LONDON = "Ada was born. " + "Many years went by without a word. " * 9 + "In London, Ada met Byron."


@pytest.mark.parametrize(
    ("labels", "is_near"),
    [
        ("[E([P('Ada'), P('Byron'), P('London')])]", True),
        ("[E([P('Byron'), P('Ada')])]", True),
        ("[R('Ada', P('Byron'))]", True),
        ("[R('Ada', R('Zoe', P('Byron')))]", True),
        ("[P('Ada'), P('Byron')]", False),
        ("[E([P('Ada')]), E([P('Byron')])]", False),
    ],
)
def test_what_is_inside_or_beside_an_instance_shows_the_place(labels: str, is_near: bool) -> None:
    found = validate(Record(guidelines=EVENTS, labels=labels, document=LONDON)).groundings
    (ada,) = (one.grounding.best for one in found if getattr(one.mention.value, "value", None) == "Ada")
    assert ada is not None
    assert ada.start == (LONDON.rindex("Ada") if is_near else 0)
