"""What a node does with a piece that breaks: no row is lost, and none is told or counted twice."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from guidex_schema.cluster import job, reading
from guidex_schema.datasets import COLUMNS, Columns, Row, read_jsonl
from guidex_schema.isolation import Isolation
from guidex_schema.work import Begun


@dataclass(frozen=True)
class Counting:
    """Tell rows, and behind them how often each was there, as statistics are counted."""

    columns: Columns = COLUMNS

    @contextmanager
    def begin(self) -> Iterator[Begun]:
        yield Begun(Isolation(), self.results)

    def load(self) -> None:
        pass

    def failed(self, row: Row, reason: str) -> Iterator[object]:
        yield f"{labels_of(row)} failed"

    def results(self, rows: Iterable[Row]) -> Iterator[object]:
        counts: Counter[str] = Counter()
        for row in rows:
            if labels_of(row) == "break":
                raise RuntimeError("broken")
            counts[labels_of(row)] += 1
            yield labels_of(row)
        yield counts


def labels_of(row: Row) -> str:
    assert row.record is not None
    return row.record.labels


@pytest.mark.parametrize("broken", [None, 0, 1, 2, 5, 8, 9])
def test_a_piece_that_breaks_is_told_and_counted_once(monkeypatch: pytest.MonkeyPatch, broken: int | None) -> None:
    monkeypatch.setattr(job, "is_started_anew", lambda: False)
    monkeypatch.setattr(reading, "_TOGETHER", 2)
    labels = ["break" if number == broken else str(number) for number in range(10)]
    lines = b"".join(json.dumps({"guidelines": "", "labels": one}).encode() + b"\n" for one in labels)
    piece = tuple(read_jsonl(lines, "rows.jsonl"))
    with ExitStack() as stack:
        reader = reading._Reader(Counting(), "/", stack)
        found = [one for part in reader.read(piece) for one in part.results]
    assert [one for one in found if isinstance(one, str)] == [
        "break failed" if one == "break" else one for one in labels
    ]
    counts = sum((one for one in found if isinstance(one, Counter)), Counter[str]())
    assert counts == Counter(one for one in labels if one != "break")
