"""Rows that meet: those that rules compare are brought together on some node, apart from all others.

Nodes put what has to be known of rows onto heaps, by a digest of what those share that meet, and the command hands each
heap to a task. Ray Data could group rows itself (``groupby``), but what its nodes hold meanwhile is lost with them: of
Ray 2.60, sorting hung where a node was killed, and hashing on two nodes with a core each. Here every node can do again
what another did.
"""

import pickle
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, NamedTuple
from zlib import crc32

from guidex_schema.cluster.spool import Spool
from guidex_schema.diagnostic import Diagnostic, RecordReference, Report
from guidex_schema.inspection import Meeting
from guidex_schema.rule import Place, Rule, Sketch
from guidex_schema.work import Comparing, Concluding, Result

# Of ten million rows a heap has some tens of megabytes.
HEAPS = 64
# Rows after which heaps are sent, though the piece has more.
_ROWS = 4_096

_PLACE = struct.Struct(">Q")
_HEAP = struct.Struct(">B")
_RULE = struct.Struct(">H")


class Packed(NamedTuple):
    """What came of rows, pickled, that the command has only to keep until it is known what they met."""

    results: bytes
    rows: int


class Heaped(NamedTuple):
    """What has to be known of the rows that came before, by heap.

    Attributes:
        heaps: for each the rows on it, with their numbers from the first of them on, as ``_packed`` gives them.
        rows: how many they are of.
    """

    heaps: Mapping[int, bytes]
    rows: int


class Heaping(Generic[Result]):
    """Take from results what has to be known of them where they meet, on the node that has them."""

    def __init__(self, work: Comparing[Result]) -> None:
        self._work = work
        self._rules = work.meeting_rules
        self._heaps: dict[int, list[tuple[int, Meeting]]] = {}
        self._count = 0

    def parted(self, results: Sequence[Result]) -> Iterator[Packed | Heaped]:
        """Give results without it, and the heaps where they are high."""
        yield Packed(pickle.dumps([self._without(one) for one in results]), len(results))
        if self._count >= _ROWS:
            yield self.heaped()

    @property
    def has_rows(self) -> bool:
        """Say whether there were rows since heaps were given."""
        return self._count > 0

    def heaped(self) -> Heaped:
        """Give the heaps, and begin others."""
        heaps = {number: _packed(rows) for number, rows in self._heaps.items()}
        given = Heaped(heaps, self._count)
        self._heaps, self._count = {}, 0
        return given

    def _without(self, result: Result) -> Result:
        meeting = self._work.meeting(result)
        if meeting is not None:
            for number, part in _spread(meeting, self._rules):
                self._heaps.setdefault(number, []).append((self._count, part))
        self._count += 1
        return self._work.settled(result, ())


def _spread(meeting: Meeting, rules: Iterable[Rule]) -> Iterator[tuple[int, Meeting]]:
    """Cut what is to be known of a row into what belongs on heaps; what it met with is found on one of them."""
    heaps: dict[int, dict[str, Sketch]] = {}
    first: int | None = None
    for rule in rules:
        sketch = meeting.sketches.get(rule.name)
        if sketch is None or rule.meeting is None:
            continue
        if rule.survey is None:
            number = _heap(rule.meeting(sketch, meeting.place))
            first = number if first is None else first
            heaps.setdefault(number, {})[rule.name] = sketch
            continue
        for text in sketch:
            of_heap = heaps.setdefault(_heap(rule.meeting((text,), meeting.place)), {})
            of_heap[rule.name] = (*of_heap.get(rule.name, ()), text)
    if meeting.broken:
        first = first or 0
        heaps.setdefault(first, {})
    for number, sketches in heaps.items():
        broken = meeting.broken if number == first else ()
        yield number, Meeting(sketches, meeting.place, meeting.files, broken)


def _packed(rows: Iterable[tuple[int, Meeting]]) -> bytes:
    """Write rows of a heap, with plain values in place of references: there are many of them."""
    plain = []
    for number, (sketches, (file, split, record), files, broken) in rows:
        reference = None if record is None else (record.index, record.id, record.line)
        plain.append((number, sketches, file, split, reference, files, broken))
    return pickle.dumps(plain)


def _unpacked(packed: bytes) -> Iterator[tuple[int, Meeting]]:
    """Give the rows that were written."""
    for number, sketches, file, split, reference, files, broken in pickle.loads(packed):
        record = None
        if reference is not None:
            index, identifier, line = reference
            record = RecordReference(index=index, id=identifier, line=line)
        yield number, Meeting(sketches, Place(file, split, record), files, broken)


def _heap(shared: str) -> int:
    return crc32(shared.encode("utf-8", "surrogatepass")) % HEAPS


class Compared(NamedTuple):
    """What was found on a heap.

    Attributes:
        found: in rows, by their numbers.
        concluded: in all of its rows together.
    """

    found: list[tuple[int, tuple[Diagnostic, ...]]]
    concluded: list[Report]


@dataclass(frozen=True)
class HeapWork(Generic[Result]):
    """Compare the rows of a heap in their order."""

    work: Comparing[Result]

    def __call__(self, heap: Sequence[tuple[int, bytes]]) -> Compared:
        """Give what is found.

        Args:
            heap: rows as they were written, in order, each part with the number that its rows are counted from.
        """
        comparison = self.work.comparison()
        found = []
        for start, packed in heap:
            for number, meeting in _unpacked(packed):
                diagnostics = self.work.found(meeting, comparison)
                if diagnostics:
                    found.append((start + number, diagnostics))
        return Compared(found, [report for _, report in comparison.conclusions()])


class Hall(Generic[Result]):
    """All that the command has in hand of rows that meet, until it can be told what came of them."""

    def __init__(self, work: Comparing[Result]) -> None:
        self._work = work
        self._order = {rule.code: number for number, rule in enumerate(work.meeting_rules)}
        self._results, self._heaps, self._found, self._concluded = Spool(), Spool(), Spool(), Spool()
        self._count = 0

    def add(self, one: Packed | Heaped) -> None:
        """Take what a node gives, in the order of the rows."""
        match one:
            case Packed(results, rows):
                self._results.put(_PLACE.pack(self._count), results)
                self._count += rows
            case Heaped(heaps, rows):
                for number, packed in heaps.items():
                    self._heaps.put(_HEAP.pack(number) + _PLACE.pack(self._count - rows), packed)

    def heaps(self) -> Iterator[list[tuple[int, bytes]]]:
        """Give the heaps that have rows."""
        for number in range(HEAPS):
            prefix = _HEAP.pack(number)
            rows = [(_PLACE.unpack(key[1:])[0], packed) for key, packed in self._heaps.contents(prefix)]
            if rows:
                yield rows

    def note(self, heap: int, compared: Compared) -> None:
        """Take what was found on a heap."""
        for number, diagnostics in compared.found:
            self._found.put(_PLACE.pack(number) + _HEAP.pack(heap), pickle.dumps(diagnostics))
        for number, report in enumerate(compared.concluded):
            (diagnostic,) = report.diagnostics
            shared = (diagnostic.key or "").partition("\0")[0].encode("utf-8", "surrogatepass")
            rule = _RULE.pack(self._order.get(diagnostic.code, len(self._order)))
            key = rule + shared + b"\0" + _HEAP.pack(heap) + _PLACE.pack(number)
            self._concluded.put(key, pickle.dumps(report))

    def results(self) -> Iterator[Result]:
        """Give what came of rows, in their order, with what was found where they met, and what was concluded."""
        notes = self._notes()
        place, found = next(notes)
        for key, packed in self._results.contents():
            for number, result in enumerate(pickle.loads(packed), _PLACE.unpack(key)[0]):
                if number == place:
                    yield self._work.settled(result, found)
                    place, found = next(notes)
                else:
                    yield result
        if isinstance(self._work, Concluding):
            for _, packed in self._concluded.contents():
                yield self._work.concluded(pickle.loads(packed))

    def _notes(self) -> Iterator[tuple[int, tuple[Diagnostic, ...]]]:
        """Give what was found in rows, in their order, and behind the last of them what no row has."""
        for place, notes in groupby(self._found.contents(), key=lambda one: one[0][: _PLACE.size]):
            yield _PLACE.unpack(place)[0], tuple(one for _, packed in notes for one in pickle.loads(packed))
        yield -1, ()
