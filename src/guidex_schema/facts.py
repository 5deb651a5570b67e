"""Values from the facts of the jail: of known shape, no larger than the jail lets them be, at places that exist.

With ``--no-accelerate`` all labels come this way, so that it makes nothing which nobody asks for.
"""

import math
import operator
import re
import struct
from collections.abc import Iterator, Mapping

from guidex_schema.instance import (
    Argument,
    BooleanValue,
    Entry,
    Instance,
    IntegerValue,
    ListValue,
    MappingValue,
    MemberValue,
    NoneValue,
    NumberValue,
    Place,
    SetValue,
    TextValue,
    TupleValue,
    Value,
    maker,
)
from guidex_schema.text import Span

# What the jail itself keeps to (sandbox/limits.py); whatever goes beyond does not come from an honest one.
_INTEGER_BITS = 256
_VALUES = 20_001
_LEVELS = 25

_SURROGATE = re.compile("[\ud800-\udfff]")

_argument = maker(Argument, "name", "value")
_boolean = maker(BooleanValue, "value")
_instance = maker(Instance, "class_name", "positional", "keyword")
_integer = maker(IntegerValue, "value")
_list = maker(ListValue, "items")
_mapping = maker(MappingValue, "entries")
_member = maker(MemberValue, "enum", "member")
_none = maker(NoneValue)
_number = maker(NumberValue, "value")
_set = maker(SetValue, "items")
_text = maker(TextValue, "value")
_tuple = maker(TupleValue, "items")


def value(content: Mapping[str, object], window: Span) -> Value:
    """Build the value of the labels; instances travel once each and refer to those before them.

    Args:
        content: an answer of status ``ok``.
        window: where what the jail has read stands in the label column. A place behind it is moved to its end, since
            the bracket that was put behind a cut list is not there.

    Raises:
        LookupError, TypeError, ValueError, RecursionError: the facts have no known shape.
    """
    decoder = _Decoder(_places(content["places"], window))
    try:
        for fact in row(content["instances"]):
            decoder.instance(fact)
        found = decoder.whole(content["result"])
    except StopIteration:
        raise ValueError("fewer places than values") from None
    if next(decoder.places, None) is not None:
        raise ValueError("more places than values")
    return found


def row(fact: object) -> list[object]:
    """Take a list.

    Raises:
        TypeError: it is none.
    """
    if type(fact) is not list:
        raise TypeError(f"{type(fact).__name__} where a list was expected")
    return fact


def table(fact: object) -> Mapping[str, object]:
    """Take an object.

    Raises:
        TypeError: it is none.
    """
    if type(fact) is not dict:
        raise TypeError(f"{type(fact).__name__} where an object was expected")
    return fact


def text(fact: object) -> str:
    """Take a text that can be written as UTF-8.

    Raises:
        TypeError: it is none.
    """
    if type(fact) is not str or not (fact.isascii() or _SURROGATE.search(fact) is None):
        raise TypeError(f"{type(fact).__name__} where a text was expected")
    return fact


def numbers(fact: object, count: int) -> list[int]:
    """Take a list of so many natural numbers.

    Raises:
        TypeError: it is no list.
        ValueError: it is a list of something else.
    """
    found = [one for one in row(fact) if type(one) is int and one >= 0]
    if len(found) != len(row(fact)) or len(found) != count:
        raise ValueError("a place that is none")
    return found


def _places(packed: object, window: Span) -> Iterator[Place]:
    """Give the places as they stand in the label column, each forward and within the window."""
    data = bytes.fromhex(text(packed))
    if len(data) % 8:
        raise ValueError("half a place")
    offsets = struct.unpack(f"<{len(data) // 4}I", data)
    if offsets and window.start + max(offsets) > window.end:
        offsets = tuple([min(one, window.end - window.start) for one in offsets])
    if window.start:
        offsets = tuple([window.start + one for one in offsets])
    starts, ends = offsets[::2], offsets[1::2]
    if any(map(operator.gt, starts, ends)):
        raise ValueError("a place that ends before it starts")
    return zip(starts, ends, strict=True)


class _Decoder:
    """Build the values of one row, and see to it that they are no larger than the jail lets them be.

    Whoever walks a value walks a shared instance once for every use, and recurses once for every level.
    """

    def __init__(self, places: Iterator[Place]) -> None:
        self.places = places
        self.instances: list[tuple[Instance, int, int]] = []
        self.count = 0
        self.deepest = 0

    def whole(self, fact: object) -> Value:
        """Build a value that stands in no other."""
        self.count, self.deepest = 1, 0
        found = self.value(fact, 0)
        self._require_small()
        return found

    def instance(self, fact: object) -> None:
        """Build the next instance from ``[class, names, values]``."""
        class_name, named, given = row(fact)
        names, facts, place = row(named), row(given), self.places.__next__
        self.count, self.deepest = 1 + len(facts), 1
        free = len(facts) - len(names)
        if free < 0:
            raise ValueError("more names than values")
        positional = tuple([self.value(one, 1) for one in facts[:free]]) if free else ()
        keyword = []
        for name, one in zip(names, facts[free:], strict=True):
            # Nearly all are texts.
            if type(one) is str and (one.isascii() or _SURROGATE.search(one) is None):
                found: Value = _text(place(), one)
            else:
                found = self.value(one, 1)
            keyword.append(_argument(place(), name if type(name) is str and name.isascii() else text(name), found))
        self._require_small()
        instance = _instance(place(), text(class_name), positional, tuple(keyword))
        self.instances.append((instance, self.count, self.deepest))

    def value(self, fact: object, level: int) -> Value:
        """Build one value; whoever calls this counts it."""
        if type(fact) is str:
            return _text(next(self.places), text(fact))
        match fact:
            case None:
                return _none(next(self.places))
            case bool():
                return _boolean(next(self.places), fact)
            case int() if fact.bit_length() <= _INTEGER_BITS:
                return _integer(next(self.places), fact)
            case float() if math.isfinite(fact):
                return _number(next(self.places), fact)
            case ["reference", int(identity)] if identity >= 0 and type(identity) is int:
                instance, count, depth = self.instances[identity]
                # One of them was counted.
                self.count += count - 1
                self.deepest = max(self.deepest, level + depth)
                return instance
            case ["member", enum, member]:
                return _member(next(self.places), text(enum), text(member))
            case ["list", *held]:
                items = self._values(held, level)
                return _list(next(self.places), items)
            case ["tuple", *held]:
                items = self._values(held, level)
                return _tuple(next(self.places), items)
            case ["set", *held]:
                items = self._values(held, level)
                return _set(next(self.places), items)
            case ["mapping", *held]:
                items = self._values(held, level)
                entries = [Entry(key=key, value=one) for key, one in zip(items[::2], items[1::2], strict=True)]
                return _mapping(next(self.places), tuple(entries))
            case _:
                raise ValueError("a value of no known kind")

    def _values(self, facts: list[object], level: int) -> tuple[Value, ...]:
        self.count += len(facts)
        if facts:
            self.deepest = max(self.deepest, level + 1)
            self._require_small()
        return tuple([self.value(one, level + 1) for one in facts])

    def _require_small(self) -> None:
        if self.count > _VALUES or self.deepest > _LEVELS:
            raise ValueError("larger values than the jail makes")
