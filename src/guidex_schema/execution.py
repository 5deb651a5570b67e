"""Label source in, instances as facts or a refusal out; what is not plain goes to the jail. Nothing is judged here."""

import bisect
import contextlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from guidex_schema import facts, labels
from guidex_schema.accelerate.labels import plain_labels
from guidex_schema.accelerate.sound_labels import SoundLabels, sound_labels
from guidex_schema.diagnostic import Fault
from guidex_schema.instance import Instance, ListValue, Record, Value
from guidex_schema.labels import Reading
from guidex_schema.schema import Schema
from guidex_schema.screening import ROW_LIMITS
from guidex_schema.text import Span
from guidex_schema.worker import Worker

# A row may have this many unreadable items named one by one before the rest is given up.
_ROUNDS = 16

# A construct names what the author wrote, which may be one name of 60,000 letters.
_CONSTRUCT_LENGTH = 200

# What travels to the jail together: its reply has to fit into one frame, and its time is that of one row.
_BATCH_ROWS = 64
_BATCH_CHARACTERS = 128 * 1024

# What is raised over an answer of no known shape.
_ODD = (LookupError, TypeError, ValueError, RecursionError)

_GIVEN_UP = "the labels were given up: "

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
        held: what was read: the value of the labels, or what is told of labels in which nothing is wrong, whose values
            are made when they are asked for; None where nothing could be read.
        faults: what could not be read or was refused, and the oddities of form.
        unused: assignments that the list never uses.
        skipped: numbers of list items that could not be read; placeholders stand in their place.
        empty: the labels hold nothing at all.
    """

    held: Value | SoundLabels | None = None
    faults: tuple[Fault, ...] = ()
    unused: tuple[UnusedAssignment, ...] = ()
    skipped: frozenset[int] = frozenset()
    empty: bool = False

    @property
    def sound(self) -> SoundLabels | None:
        """Tell of labels that are plain and in which nothing is wrong; None of others, and where in doubt."""
        return self.held if isinstance(self.held, SoundLabels) else None

    @cached_property
    def value(self) -> Value | None:
        """Give the value of the labels, a list where they are as they should be; None where nothing could be read."""
        return self.held.value() if isinstance(self.held, SoundLabels) else self.held

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


def execute(record: Record, schema: Schema, worker: Worker, *, accelerate: bool = True) -> Execution:
    """Read the labels of a record, in the jail if they have to run for that.

    Args:
        record: its guidelines do not matter here.
        schema: says which names labels may call and which are enums.
        worker: the jail.
        accelerate: whether plain labels may be read from their characters, by what gives the jail's answer sooner.

    Returns:
        What the labels hold; bad labels are faults and never an exception.

    Raises:
        JailError: a jail is needed or demanded, and none can be started on this machine.
    """
    worker.meet_demand()
    begun = _begun(record, schema, accelerate=accelerate)
    return begun if isinstance(begun, Execution) else begun.run(worker)


def execute_all(rows: Sequence[tuple[Record, Schema]], worker: Worker, *, accelerate: bool = True) -> list[Execution]:
    """Read the labels of many records, which travel to the jail together where that can do them no harm.

    What goes wrong while they are read together is forgotten, and each is read by itself: what is found is always
    what ``execute`` finds.

    Args:
        rows: records, each with the schema of its guidelines.
        worker: the jail.
        accelerate: as for ``execute``.

    Raises:
        JailError: a jail is needed or demanded, and none can be started on this machine.
    """
    worker.meet_demand()
    begun = [_begun(record, schema, accelerate=accelerate) for record, schema in rows]
    for batch in _batches([one for one in begun if isinstance(one, _Rounds)]):
        together = worker.request_all([one.request() for one in batch])
        for one, content in zip(batch, together or (), strict=together is not None):
            one.first = content
    return [one if isinstance(one, Execution) else one.run(worker) for one in begun]


def _begun(record: Record, schema: Schema, *, accelerate: bool) -> "Execution | _Rounds":
    """Check what a parser should never see; nothing is read where there is more of it than a byte order mark."""
    text = record.labels
    start = min(record.labels_start, len(text))
    faults = list(_host_faults(text, start))
    if any(fault.rule != "byte-order-mark" for fault in faults):
        return Execution(faults=tuple(faults))
    start += len(faults)
    sound = sound_labels(text, start, len(text), schema) if accelerate else None
    if sound is not None:
        return Execution(sound, tuple(faults))
    rounds = _Rounds(text, schema, Reading(text, Span(start=start, end=len(text))), faults, accelerate=accelerate)
    return rounds.plain() or rounds


def _batches(rows: Sequence["_Rounds"]) -> Iterator[list["_Rounds"]]:
    """Part rows into those that travel together, two at least."""
    batch: list[_Rounds] = []
    size = 0
    for one in rows:
        size += len(one.text)
        if batch and (size > _BATCH_CHARACTERS or len(batch) == _BATCH_ROWS):
            if len(batch) > 1:
                yield batch
            batch, size = [], len(one.text)
        batch.append(one)
    if len(batch) > 1:
        yield batch


@dataclass
class _Rounds:
    """The attempts to read one row's labels: what cannot be read is named, taken out, and the rest tried again.

    Attributes:
        text: the label column.
        schema: says which names labels may call and which are enums.
        reading: what is to be read next.
        faults: what was found in earlier attempts.
        accelerate: whether what is plain is read without the jail.
        skipped: numbers of the list items that were taken out.
        recovered: the list was looked for already.
        first: the first answer, where it came with those of other rows; it counts only if nothing is wrong with it.
    """

    text: str
    schema: Schema
    reading: Reading
    faults: list[Fault]
    accelerate: bool
    skipped: set[int] = field(default_factory=set)
    recovered: bool = False
    first: Mapping[str, object] | None = None

    def plain(self) -> Execution | None:
        """Read what is to be read next, if it is plain."""
        if not self.accelerate:
            return None
        reading, window = self.reading, self.reading.window
        text = reading.text[: window.end] + reading.ending if reading.ending else reading.text
        end = window.end + len(reading.ending)
        value = plain_labels(text, window.start, end, self.schema)
        if value is None:
            return None
        if reading.ending:
            # The bracket that was put behind a cut list is not there.
            value = replace(value, span=_clipped(window, value.span.start - window.start, end - window.start))
        return replace(self.ended([]), held=value, skipped=frozenset(self.skipped))

    def request(self) -> dict[str, object]:
        """Give what is asked of the jail next."""
        classes, enums = self.schema.class_names, self.schema.enumerations
        return {"source": self.reading.source, "classes": [*classes], "enums": [one.name for one in enums]}

    def run(self, worker: Worker) -> Execution:
        """Ask until there is nothing more to ask."""
        left = _ROUNDS
        spent = 0.0
        if self.first is not None:
            with contextlib.suppress(*_ODD):
                execution = self.take(self.first) or self.plain()
                if execution is not None:
                    return execution
                left -= 1
        while left > 0:
            left -= 1
            if spent > worker.wall_seconds:
                # Each attempt may take as long; all together they may not take many times that.
                detail = f"reading around what cannot be read took more than {worker.wall_seconds:g} s"
                return self.ended([Fault(rule="time-limit", message=_GIVEN_UP + detail, part="labels")])
            reply = worker.request(self.request())
            spent += reply.seconds
            if reply.content is None:
                assert reply.trouble is not None, "a request without content has its trouble"
                return self.ended([Fault(rule=reply.trouble, message=_GIVEN_UP + reply.detail, part="labels")])
            try:
                # What is read without the jail counts as an attempt, too.
                execution = self.take(reply.content) or (self.plain() if left else None)
            except _ODD as error:
                return self.ended([_oddity(f"its answer has no known shape ({error})")])
            if execution is not None:
                return execution
        return self.ended([])

    def take(self, content: Mapping[str, object]) -> Execution | None:
        """Take one answer of the jail; None where another attempt can be made.

        Raises:
            LookupError, TypeError, ValueError, RecursionError: the answer has no known shape.
        """
        window = self.reading.window
        match content.get("status"):
            case "syntax" if not self.recovered and self._recover():
                return None
            case "syntax":
                return self._skip([_syntax_fault(content, window)])
            case "refused":
                return self._skip(_refusal_faults(content, window))
            case "empty":
                return replace(self.ended([]), empty=True)
            case "ok":
                value = facts.value(content, window)
                unused = _unused(content, window)
                ended = self.ended(_refusal_faults(content, window))
                return replace(ended, held=value, unused=unused, skipped=frozenset(self.skipped))
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


def _host_faults(text: str, start: int) -> Iterable[Fault]:
    """Check what a parser should never see in the labels, which start there."""
    # Most are far from the limit, however many bytes a character takes.
    if len(text) - start > ROW_LIMITS.size // 4:
        size = len(text[start:].encode("utf-8", "surrogatepass"))
        if size > ROW_LIMITS.size:
            yield Fault(
                rule="source-limit",
                message=f"the labels have {size:,} bytes; at most {ROW_LIMITS.size:,} are read",
                part="labels",
            )
            return
    if text.startswith("\ufeff", start):
        yield Fault(
            rule="byte-order-mark",
            message="the labels start with a byte order mark, which Python does not read in text",
            part="labels",
            span=Span(start=start, end=start + 1),
        )
    for match in _INVALID_CHARACTER.finditer(text, start):
        name = unicodedata.name(match.group(), f"U+{ord(match.group()):04X}")
        yield Fault(
            rule="invalid-character",
            message=f"the character {name} may not stand in labels; write it as an escape in a string",
            part="labels",
            span=Span(start=match.start(), end=match.end()),
        )


def _syntax_fault(content: Mapping[str, object], window: Span) -> Fault:
    (offset,) = facts.numbers([content.get("offset")], 1)
    return Fault(
        rule="label-syntax",
        message=f"the labels are not Python here: {facts.text(content.get('message'))}",
        part="labels",
        span=_clipped(window, offset, offset + 1),
    )


def _refusal_faults(content: Mapping[str, object], window: Span) -> list[Fault]:
    return [_refusal_fault(facts.table(one), window) for one in facts.row(content.get("refusals"))]


def _refusal_fault(refusal: Mapping[str, object], window: Span) -> Fault:
    place = refusal["place"]
    limit = refusal["limit"] is True
    construct = facts.text(refusal["construct"])
    if len(construct) > _CONSTRUCT_LENGTH:
        construct = construct[: _CONSTRUCT_LENGTH - 1] + "…"
    return Fault(
        rule="source-limit" if limit else "refused-construct",
        message=f"{construct} {'is more than labels may have' if limit else 'may not stand in labels'}",
        part="labels",
        span=None if place is None else _place(place, window),
    )


def _unused(content: Mapping[str, object], window: Span) -> tuple[UnusedAssignment, ...]:
    found = [facts.table(one) for one in facts.row(content["unused"])]
    return tuple(UnusedAssignment(facts.text(one["name"]), _place(one["place"], window)) for one in found)


def _place(place: object, window: Span) -> Span:
    start, end = facts.numbers(place, 2)
    return _clipped(window, start, end)


def _clipped(window: Span, start: int, end: int) -> Span:
    """Give a span of the source in the column; the bracket that was put behind a cut list is not there."""
    return Span(start=min(window.start + start, window.end), end=min(window.start + end, window.end))


def _oddity(what: str) -> Fault:
    return Fault(rule="jail-died", message=_GIVEN_UP + what, part="labels")
