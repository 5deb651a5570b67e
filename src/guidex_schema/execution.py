"""The host side of the jail: label source in, instances as facts or a refusal out. Nothing is judged here."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
        truncated: instances are missing at the end.
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
    reading = Reading(text, window)
    recovered = False
    skipped: set[int] = set()
    for _ in range(_ROUNDS):
        reply = worker.request(
            {
                "source": reading.source,
                "classes": list(schema.class_names),
                "enums": [enumeration.name for enumeration in schema.enumerations],
            }
        )
        if reply.content is None:
            assert reply.trouble is not None, "a request without content has its trouble"
            fault = Fault(rule=reply.trouble, message=f"the labels were given up: {reply.detail}", part="labels")
            return Execution(faults=(*faults, *reading.faults, fault))
        places = _Places(reading)
        match reply.content.get("status"):
            case "syntax" if not recovered:
                recovered = True
                reading = labels.recover(text, window)
                if (reading.window, reading.text, reading.ending) != (window, text, ""):
                    continue
                stopped, reading = _skip(reading, [_syntax_fault(reply.content, places)], faults, skipped)
            case "syntax":
                stopped, reading = _skip(reading, [_syntax_fault(reply.content, places)], faults, skipped)
            case "refused":
                found = [_refusal_fault(one, places) for one in _objects(reply.content.get("refusals"))]
                stopped, reading = _skip(reading, found, faults, skipped)
            case "empty":
                return Execution(faults=(*faults, *reading.faults), empty=True)
            case "ok":
                return _decoded(reply.content, places, [*faults, *reading.faults], frozenset(skipped))
            case _:
                return Execution(faults=(*faults, *reading.faults, _oddity("it gave no verdict")))
        if stopped:
            break
    return Execution(faults=(*faults, *reading.faults))


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


def _skip(reading: Reading, found: list[Fault], faults: list[Fault], skipped: set[int]) -> tuple[bool, Reading]:
    """Name what cannot be read and take the list items it stands in out of the way.

    Returns:
        Whether there is nothing left to try, and the reading to try next.
    """
    faults += found
    items = reading.items or labels.items(reading.text, reading.window)
    reading = Reading(reading.text, reading.window, reading.ending, items, reading.faults)
    progress = False
    for fault in found:
        number = next(
            (
                number
                for number, item in enumerate(items)
                if fault.span is not None
                and item.start <= fault.span.start < item.end
                and fault.span.end <= item.end
                and number not in skipped
            ),
            None,
        )
        if number is not None:
            skipped.add(number)
            reading = labels.without_item(reading, items[number])
            progress = True
    return not progress, reading


class _Places:
    """Map places of the jail, in lines and UTF-8 bytes of what it was sent, to spans of the label column."""

    def __init__(self, reading: Reading) -> None:
        self.document = Document(reading.source)
        self.start = reading.window.start

    def span(self, place: object) -> Span:
        line, column, end_line, end_column = _integers(place)
        start = self.document.byte_offset(line, column)
        end = self.document.byte_offset(end_line, end_column)
        return Span(start=self.start + start, end=self.start + max(start, end))


def _syntax_fault(content: Mapping[str, object], places: _Places) -> Fault:
    line, column = _integers((content.get("line"), content.get("column")))
    # ``SyntaxError.offset`` counts code points from 1.
    starts = places.document.line_starts
    offset = min(starts[min(line, len(starts)) - 1] + max(column - 1, 0), len(places.document.text))
    start = places.start + offset
    return Fault(
        rule="label-syntax",
        message=f"the labels are not Python here: {content.get('message')}",
        part="labels",
        span=Span(start=start, end=start + (1 if offset < len(places.document.text) else 0)),
    )


def _refusal_fault(refusal: Mapping[str, object], places: _Places) -> Fault:
    place = refusal.get("place")
    limit = refusal.get("limit") is True
    construct = str(refusal.get("construct"))
    return Fault(
        rule="source-limit" if limit else "refused-construct",
        message=f"{construct} {'is more than labels may have' if limit else 'may not stand in labels'}",
        part="labels",
        span=None if place is None else places.span(place),
    )


def _oddity(what: str) -> Fault:
    return Fault(rule="jail-died", message=f"the labels were given up: {what}", part="labels")


def _decoded(
    content: Mapping[str, object], places: _Places, faults: list[Fault], skipped: frozenset[int]
) -> Execution:
    """Build values from facts; facts of an unknown shape are an oddity, never an exception."""
    try:
        instances: list[Instance] = []
        for fact in _objects(content.get("instances")):
            instances.append(_instance(fact, instances, places))
        unused = tuple(
            UnusedAssignment(str(one["name"]), places.span(one["place"])) for one in _objects(content.get("unused"))
        )
        value = _value(content["result"], instances, places)
        refusals = [_refusal_fault(one, places) for one in _objects(content.get("refusals"))]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        return Execution(faults=(*faults, _oddity(f"its facts have no known shape ({error})")))
    return Execution(value, (*faults, *refusals), unused, skipped)


def _instance(fact: Mapping[str, object], instances: Sequence[Instance], places: _Places) -> Instance:
    keyword = []
    for one in _list(fact["keyword"]):
        name, value, place = _list(one)
        keyword.append(Argument(name=str(name), value=_value(value, instances, places), span=places.span(place)))
    return Instance(
        class_name=str(fact["class"]),
        positional=tuple(_value(value, instances, places) for value in _list(fact["positional"])),
        keyword=tuple(keyword),
        span=places.span(fact["place"]),
    )


def _value(fact: object, instances: Sequence[Instance], places: _Places) -> Value:
    """Build one value from ``[kind, payload, place]``."""
    kind, payload, place = _list(fact)
    span = places.span(place)
    match kind, payload:
        case "reference", int():
            if not 0 <= payload < len(instances):
                raise ValueError(f"a reference to instance {payload}")
            return instances[payload]
        case "text", str():
            return TextValue(value=payload, span=span)
        case "integer", int():
            return IntegerValue(value=payload, span=span)
        case "number", float():
            return NumberValue(value=payload, span=span)
        case "boolean", bool():
            return BooleanValue(value=payload, span=span)
        case "none", None:
            return NoneValue(span=span)
        case "member", [str(enum), str(member)]:
            return MemberValue(enum=enum, member=member, span=span)
        case "list", list():
            return ListValue(items=tuple(_value(one, instances, places) for one in payload), span=span)
        case "tuple", list():
            return TupleValue(items=tuple(_value(one, instances, places) for one in payload), span=span)
        case "set", list():
            return SetValue(items=tuple(_value(one, instances, places) for one in payload), span=span)
        case "mapping", list():
            entries = []
            for pair in payload:
                key, value = _list(pair)
                entries.append(
                    Entry(key=_value(key, instances, places), value=_value(value, instances, places))
                )
            return MappingValue(entries=tuple(entries), span=span)
        case _:
            raise ValueError(f"a value of kind {kind!r}")


def _list(fact: object) -> list[object]:
    if not isinstance(fact, list):
        raise TypeError(f"{type(fact).__name__} where a list was expected")
    return fact


def _objects(fact: object) -> list[Mapping[str, object]]:
    return [one for one in _list(fact) if isinstance(one, dict)]


def _integers(fact: object) -> list[int]:
    values = list(fact) if isinstance(fact, list | tuple) else []
    if len(values) not in (2, 4) or not all(isinstance(value, int) and value >= 0 for value in values):
        raise TypeError(f"{fact!r} where a place was expected")
    return [int(value) for value in values]
