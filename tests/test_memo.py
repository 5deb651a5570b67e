"""What is remembered with an object is let go of before it is much."""

import weakref

from guidex_schema.memo import remembered


class Held:
    """An object of some size."""

    def __init__(self, size: int) -> None:
        self.size = size


def test_large_objects_count_for_several() -> None:
    asked: list[int] = []

    @remembered(10, lambda one: one.size)
    def told(one: Held) -> int:
        asked.append(one.size)
        return one.size

    few = [Held(4), Held(5)]
    assert [told(one) for one in few * 2] == [4, 5, 4, 5]
    assert asked == [4, 5]
    gone = [weakref.ref(one) for one in few]
    few.clear()
    assert all(one() is not None for one in gone)
    large = Held(30)
    assert [told(large), told(large), told(Held(1))] == [30, 30, 1]
    assert asked == [4, 5, 30, 1]
    assert not any(one() for one in gone)
