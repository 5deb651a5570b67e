"""What is derived from immutable objects, remembered with them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

_Object = TypeVar("_Object")
_Derived = TypeVar("_Derived")


def remembered(
    most: int, size: Callable[[Any], int] = lambda _: 1
) -> Callable[[Callable[[_Object], _Derived]], Callable[[_Object], _Derived]]:
    """Remember what a function gives for an object, for as long as it is asked about few others.

    Objects are told apart by identity: to hash a schema takes longer than most of what is derived from it.

    Args:
        most: how many objects are remembered.
        size: for how many of these an object counts, at least 1.
    """

    def decorate(function: Callable[[_Object], _Derived]) -> Callable[[_Object], _Derived]:
        known: dict[int, tuple[_Object, _Derived]] = {}
        held = 0

        @wraps(function)
        def remembering(one: _Object) -> _Derived:
            nonlocal held
            found = known.get(id(one))
            # An object that is remembered lives, so that no other has its number.
            if found is not None and found[0] is one:
                return found[1]
            derived = function(one)
            held += size(one)
            if held > most:
                known.clear()
                held = size(one)
            known[id(one)] = one, derived
            return derived

        return remembering

    return decorate
