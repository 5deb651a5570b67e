"""The host side of the jail: label source in, instances as facts or a refusal out. Nothing is judged here."""

import bisect
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from guidex_schema import labels
from guidex_schema.diagnostic import Fault
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
    Record,
    SetValue,
    TextValue,
    TupleValue,
    Value,
)
from guidex_schema.labels import Reading
from guidex_schema.schema import Schema
from guidex_schema.screening import ROW_LIMITS
from guidex_schema.text import Document, Span
from guidex_schema.worker import Worker

# A row may have this many unreadable items named one by one before the rest is given up.
_ROUNDS = 16

# A construct names what the author wrote, which may be one name of 60,000 letters.
_CONSTRUCT_LENGTH = 200

_GIVEN_UP = "the labels were given up: "
# What the jail itself keeps to (sandbox/limits.py); whatever goes beyond does not come from an honest one.
_INTEGER_BITS = 256
_VALUES = 20_001
_LEVELS = 25

_INVALID_CHARACTER = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class UnusedAssignment:
    """A name that is bound to an instance before the list and never used in it."""

    name: str
    span: Span


@dataclass(frozen=True)
class Execution:
    """What labels hold.

    Attributes:
        value: the value of the labels, a list where they are as they should be; None where nothing could be read.
        faults: what could not be read or was refused, and the oddities of form.
        unused: assignments that the list never uses.
        skipped: numbers of list items that could not be read; placeholders stand in their place.
        empty: the labels hold nothing at all.
    """

    value: Value | None = None
    faults: tuple[Fault, ...] = ()
    unused: tuple[UnusedAssignment, ...] = ()
    skipped: frozenset[int] = frozenset()
    empty: bool = False

    @property
    def items(self) -> Mapping[int, Value]:
        """Give the readable items of the list by their number; nothing where the labels are no list."""
        if not isinstance(self.value, ListValue):
            return {}
        return {number: item for number, item in enumerate(self.value.items) if number not in self.skipped}

    @property
    def instances(self) -> Mapping[int, Instance]:
        """Give the top-level instances by their number in the list."""
        return {number: item for number, item in self.items.items() if isinstance(item, Instance)}


def execute(record: Record, schema: Schema, worker: Worker) -> Execution:
    """Read the labels of a record in the jail.

    Args:
        record: its guidelines do not matter here.
        schema: says which names labels may call and which are enums.
        worker: the jail.

    Returns:
        What the labels hold; bad labels are faults and never an exception.

    Raises:
        JailError: no jail can be started on this machine.
    """
    text = record.labels
    window = Span(start=min(record.labels_start, len(text)), end=len(text))
    faults = list(_host_faults(text, window))
    if any(fault.rule != "byte-order-mark" for fault in faults):
        return Execution(faults=tuple(faults))
    if text.startswith("\ufeff", window.start):
        window = Span(start=window.start + 1, end=window.end)
    rounds = _Rounds(text, Reading(text, window), faults)
    names = {
        "classes": list(schema.class_names),
        "enums": [enumeration.name for enumeration in schema.enumerations],
    }
    spent = 0.0
    for _ in range(_ROUNDS):
        if spent > worker.wall_seconds:
            # Each attempt may take as long; all together they may not take many times that.
            detail = f"reading around what cannot be read took more than {worker.wall_seconds:g} s"
            return rounds.ended([Fault(rule="time-limit", message=_GIVEN_UP + detail, part="labels")])
        reply = worker.request({"source": rounds.reading.source, **names})
        spent += reply.seconds
        if reply.content is None:
            assert reply.trouble is not None, "a request without content has its trouble"
            return rounds.ended([Fault(rule=reply.trouble, message=_GIVEN_UP + reply.detail, part="labels")])
        try:
            execution = rounds.take(reply.content)
        except (LookupError, TypeError, ValueError, RecursionError) as error:
            return rounds.ended([_oddity(f"its answer has no known shape ({error})")])
        if execution is not None:
            return execution
    return rounds.ended([])


@dataclass
class _Rounds:
    """The attempts to read one row's labels: what cannot be read is named, taken out, and the rest tried again.

    Attributes:
        text: the label column.
        reading: what the jail is to read next.
        faults: what was found in earlier attempts.
        skipped: numbers of the list items that were taken out.
    """

    text: str
    reading: Reading
    faults: list[Fault]
    skipped: set[int] = field(default_factory=set)
    recovered: bool = False

    def take(self, content: Mapping[str, object]) -> Execution | None:
        """Take one answer of the jail; None where another attempt can be made.

        Raises:
            LookupError, TypeError, ValueError, RecursionError: the answer has no known shape.
        """
        places = _Places(self.reading)
        match content.get("status"):
            case "syntax" if not self.recovered and self._recover():
                return None
            case "syntax":
                return self._skip([_syntax_fault(content, places)])
            case "refused":
                return self._skip(_refusal_faults(content, places))
            case "empty":
                return replace(self.ended([]), empty=True)
            case "ok":
                value, unused = _decoded(content, places)
                ended = self.ended(_refusal_faults(content, places))
                return replace(ended, value=value, unused=unused, skipped=frozenset(self.skipped))
            case _:
                return self.ended([_oddity("it gave no verdict")])

    def ended(self, found: Iterable[Fault]) -> Execution:
        """Give what is known when no further attempt is made; later attempts repeat what earlier ones found."""
        return Execution(faults=tuple(dict.fromkeys((*self.faults, *self.reading.faults, *found))))

    def _recover(self) -> bool:
        """Look for the list in what is no Python as it stands, and say whether that is another thing to read."""
        self.recovered = True
        before, self.reading = self.reading, labels.recover(self.text, self.reading.window)
        return self.reading.source != before.source

    def _skip(self, found: list[Fault]) -> Execution | None:
        """Name what cannot be read and take the list items it stands in out of the way, or give up."""
        self.faults += found
        items = self.reading.items or labels.items(self.reading.text, self.reading.window)
        starts = [item.start for item in items]
        numbers = set()
        for fault in found:
            if fault.span is not None:
                number = bisect.bisect_right(starts, fault.span.start) - 1
                if number >= 0 and fault.span.start < items[number].end and fault.span.end <= items[number].end:
                    numbers.add(number)
        numbers -= self.skipped
        if not numbers:
            return self.ended([])
        self.skipped |= numbers
        self.reading = labels.without_items(replace(self.reading, items=items), [items[one] for one in numbers])
        return None


def _host_faults(text: str, window: Span) -> Iterable[Fault]:
    """Check what a parser should never see."""
    size = len(text[window.start : window.end].encode("utf-8", "surrogatepass"))
    if size > ROW_LIMITS.size:
        yield Fault(
            rule="source-limit",
            message=f"the labels have {size:,} bytes; at most {ROW_LIMITS.size:,} are read",
            part="labels",
        )
        return
    if text.startswith("\ufeff", window.start):
        yield Fault(
            rule="byte-order-mark",
            message="the labels start with a byte order mark, which Python does not read in text",
            part="labels",
            span=Span(start=window.start, end=window.start + 1),
        )
    for match in _INVALID_CHARACTER.finditer(text, window.start):
        name = unicodedata.name(match.group(), f"U+{ord(match.group()):04X}")
        yield Fault(
            rule="invalid-character",
            message=f"the character {name} may not stand in labels; write it as an escape in a string",
            part="labels",
            span=Span(start=match.start(), end=match.end()),
        )


class _Places:
    """Map places of the jail, in lines and UTF-8 bytes of what it was sent, to spans of the label column."""

    def __init__(self, reading: Reading) -> None:
        self.document = Document(reading.source)
        self.window = reading.window

    def span(self, place: object) -> Span:
        line, column, end_line, end_column = _integers(place, 4)
        start = self.document.byte_offset(line, column)
        end = self.document.byte_offset(end_line, end_column)
        return self.clipped(start, max(start, end))

    def clipped(self, start: int, end: int) -> Span:
        """Give a span of the source in the column; the bracket that was put behind a cut list is not there."""
        limit = self.window.end
        return Span(start=min(self.window.start + start, limit), end=min(self.window.start + end, limit))


def _syntax_fault(content: Mapping[str, object], places: _Places) -> Fault:
    line, column = _integers([content.get("line"), content.get("column")], 2)
    # ``SyntaxError.offset`` counts code points from 1.
    starts = places.document.line_starts
    offset = min(starts[min(line, len(starts)) - 1] + max(column - 1, 0), len(places.document.text))
    return Fault(
        rule="label-syntax",
        message=f"the labels are not Python here: {_text(content.get('message'))}",
        part="labels",
        span=places.clipped(offset, offset + 1),
    )


def _refusal_faults(content: Mapping[str, object], places: _Places) -> list[Fault]:
    return [_refusal_fault(_object(one), places) for one in _list(content.get("refusals"))]


def _refusal_fault(refusal: Mapping[str, object], places: _Places) -> Fault:
    place = refusal["place"]
    limit = refusal["limit"] is True
    construct = _text(refusal["construct"])
    if len(construct) > _CONSTRUCT_LENGTH:
        construct = construct[: _CONSTRUCT_LENGTH - 1] + "…"
    return Fault(
        rule="source-limit" if limit else "refused-construct",
        message=f"{construct} {'is more than labels may have' if limit else 'may not stand in labels'}",
        part="labels",
        span=None if place is None else places.span(place),
    )


def _oddity(what: str) -> Fault:
    return Fault(rule="jail-died", message=_GIVEN_UP + what, part="labels")


def _decoded(content: Mapping[str, object], places: _Places) -> tuple[Value, tuple[UnusedAssignment, ...]]:
    """Build values from facts; instances travel once each and refer to those before them."""
    decoder = _Decoder(places)
    for fact in _list(content["instances"]):
        decoder.instance(_object(fact))
    unused = [_object(one) for one in _list(content["unused"])]
    return (
        decoder.whole(content["result"]),
        tuple(UnusedAssignment(_text(one["name"]), places.span(one["place"])) for one in unused),
    )


class _Decoder:
    """Build the values of one row, and see to it that they are no larger than the jail lets them be.

    Whoever walks a value walks a shared instance once for every use, and recurses once for every level.
    """

    def __init__(self, places: _Places) -> None:
        self.places = places
        self.instances: list[tuple[Instance, int, int]] = []
        self.count = 0
        self.deepest = 0

    def whole(self, fact: object) -> Value:
        """Build a value that stands in no other."""
        self.count = self.deepest = 0
        return self.value(fact, 0)

    def instance(self, fact: Mapping[str, object]) -> None:
        """Build the next instance."""
        self.count = self.deepest = 1
        keyword = []
        for one in _list(fact["keyword"]):
            name, value, place = _list(one)
            keyword.append(Argument(name=_text(name), value=self.value(value, 1), span=self.places.span(place)))
        instance = Instance(
            class_name=_text(fact["class"]),
            positional=tuple(self.value(value, 1) for value in _list(fact["positional"])),
            keyword=tuple(keyword),
            span=self.places.span(fact["place"]),
        )
        self.instances.append((instance, self.count, self.deepest))

    def value(self, fact: object, level: int) -> Value:
        """Build one value from ``[kind, payload, place]``."""
        kind, payload, place = _list(fact)
        if kind == "reference":
            (identity,) = _integers([payload], 1, least=0)
            instance, count, depth = self.instances[identity]
            self._grow(count, level + depth)
            return instance
        self._grow(1, level)
        span = self.places.span(place)
        match kind, payload:
            case "text", str():
                return TextValue(value=_text(payload), span=span)
            case "integer", int() if type(payload) is int and payload.bit_length() <= _INTEGER_BITS:
                return IntegerValue(value=payload, span=span)
            case "number", float() if math.isfinite(payload):
                return NumberValue(value=payload, span=span)
            case "boolean", bool():
                return BooleanValue(value=payload, span=span)
            case "none", None:
                return NoneValue(span=span)
            case "member", [enum, member]:
                return MemberValue(enum=_text(enum), member=_text(member), span=span)
            case "list", list():
                return ListValue(items=self._values(payload, level), span=span)
            case "tuple", list():
                return TupleValue(items=self._values(payload, level), span=span)
            case "set", list():
                return SetValue(items=self._values(payload, level), span=span)
            case "mapping", list():
                pairs = [self._values(_list(pair), level) for pair in payload]
                return MappingValue(entries=tuple(Entry(key=key, value=value) for key, value in pairs), span=span)
            case _:
                raise ValueError("a value of no known kind")

    def _values(self, facts: list[object], level: int) -> tuple[Value, ...]:
        return tuple(self.value(one, level + 1) for one in facts)

    def _grow(self, count: int, level: int) -> None:
        self.count += count
        self.deepest = max(self.deepest, level)
        if self.count > _VALUES or self.deepest > _LEVELS:
            raise ValueError("larger values than the jail makes")


def _list(fact: object) -> list[object]:
    if not isinstance(fact, list):
        raise TypeError(f"{type(fact).__name__} where a list was expected")
    return fact


def _object(fact: object) -> Mapping[str, object]:
    if not isinstance(fact, dict):
        raise TypeError(f"{type(fact).__name__} where an object was expected")
    return fact


def _text(fact: object) -> str:
    if not isinstance(fact, str) or any("\ud800" <= character <= "\udfff" for character in fact):
        raise TypeError(f"{type(fact).__name__} where a text was expected")
    return fact


def _integers(fact: object, count: int, least: int | None = None) -> list[int]:
    """Give the numbers of a place: lines from 1, columns from 0."""
    numbers = [one for one in _list(fact) if isinstance(one, int) and not isinstance(one, bool)]
    leasts = [1 - index % 2 if least is None else least for index in range(count)]
    if len(numbers) != len(_list(fact)) or any(one < low for one, low in zip(numbers, leasts, strict=True)):
        raise ValueError("a place that is none")
    return numbers
