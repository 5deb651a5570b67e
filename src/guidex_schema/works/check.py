"""Check rows: each by itself where it is read, and with the others where their sketches come together, in order."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, assert_never

from guidex_schema.datasets import Row
from guidex_schema.diagnostic import Diagnostic, Part, Report
from guidex_schema.inspection import Comparison, Meeting
from guidex_schema.instance import Record
from guidex_schema.rule import Place, Sketch
from guidex_schema.validation import Judged, Validator, with_compared
from guidex_schema.work import Begun, Concluding, JudgingWork, failed_report


class Checked(NamedTuple):
    """What checking a row by itself came to.

    Attributes:
        report: what was found in it alone, with the sources that its findings stand in.
        sketches: what rules across rows have to know of it, by their names.
        place: where it stands.
        files: the file that each of its parts stands in, where it is not that of the place.
    """

    report: Report
    sketches: Mapping[str, Sketch]
    place: Place
    files: Mapping[Part, str]

    @classmethod
    def of(cls, judged: Judged) -> "Checked":
        """Give what is to be known of a row that was judged: plain data, and no more than is told of it."""
        sources = shown_sources(judged.report.diagnostics, judged.subject.record)
        report = judged.report.model_copy(update={"sources": sources})
        return cls(report, judged.sketches, judged.subject.place, judged.row.files)

    def compared(self, comparison: Comparison) -> Report:
        """Give the report of the row with what comparing it with those before it has found."""
        if not self.sketches:
            return self.report
        return with_compared(self.report, comparison.compare(self.sketches, self.place, self.files))

    @property
    def meeting(self) -> Meeting | None:
        """Give what has to be known of the row where it meets others."""
        return Meeting(self.sketches, self.place, self.files) if self.sketches else None

    def settled(self, found: Sequence[Diagnostic]) -> "Checked":
        """Give the row with what comparing it with others has found."""
        return self._replace(report=with_compared(self.report, found), sketches={})


def shown_sources(found: Iterable[Diagnostic], record: Record) -> dict[Part, str]:
    """Give the parts of a record that findings have their places in."""
    shown = {one.part for one in found if one.location is not None}
    parts: dict[Part, str] = {"guidelines": record.guidelines, "labels": record.labels}
    if record.document is not None:
        parts["document"] = record.document
    return {part: source for part, source in parts.items() if part in shown}


class Remark(NamedTuple):
    """Something to be told once about the run, and not about a row."""

    text: str


class PieceRead(NamedTuple):
    """Say that what came before is all that came of a piece of a dataset.

    Attributes:
        key: stands for the piece, its place, and all that its rows were judged by; None where it is not told from
            memory as a whole.
        rows: how many reports there are of it.
    """

    key: bytes | None
    rows: int


class AllRead(NamedTuple):
    """Say that the last row has been told, and that what follows is about all of them."""


# What checking comes to, with what is found in all rows together where that is known.
Found = Checked | Report | Remark | PieceRead
# What a run comes to, as far as another may have it told from memory.
Note = Report | PieceRead | AllRead


@dataclass(frozen=True)
class CheckWork(JudgingWork, Concluding[Found]):
    """Check rows; those that were checked before as they are can be remembered.

    Attributes:
        cache: the folder of the cache; None to remember nothing.
    """

    cache: Path | None = None

    @contextmanager
    def begin(self) -> Iterator[Begun]:
        """Start the jail, and open the cache."""
        with self.judging.validator() as validator:
            judge = partial(self._results, validator)
            if self.cache is None:
                yield Begun(validator.isolation, judge)
                return
            # Loaded where it is asked for.
            from guidex_schema.cache import Cache
            from guidex_schema.works.remembering import Remembering

            with Cache(self.cache) as cache:
                remembering = Remembering(judge, self.judging, validator.isolation, cache)
                yield Begun(validator.isolation, judge, remembering.results)

    def _results(self, validator: Validator, rows: Iterable[Row]) -> Iterator[Checked]:
        return map(Checked.of, validator.judge(rows))

    def failed(self, row: Row, reason: str) -> Iterator[Found]:
        """Give a row of which nothing is known but that it failed."""
        yield failed_check(row, reason)

    def meeting(self, result: Found) -> Meeting | None:
        """Give what has to be known of a row where it meets others."""
        return result.meeting if isinstance(result, Checked) else None

    def settled(self, result: Found, found: tuple[Diagnostic, ...]) -> Found:
        """Give a row with what comparing it with others has found."""
        return result.settled(found) if isinstance(result, Checked) else result

    def concluded(self, report: Report) -> Found:
        """Give what is found in all rows together as a report of its own."""
        return report


def failed_check(row: Row, reason: str) -> Checked:
    """Give a row that could not be checked, and that no other is compared with."""
    return Checked(failed_report(row, reason), {}, Place(row.file, row.split, row.reference), row.files)


def reports(
    found: Iterable[Found],
    comparison: Comparison,
    tell: Callable[[str], object] = lambda _: None,
    note: Callable[[Note], object] = lambda _: None,
) -> Iterator[Report]:
    """Give the reports of rows, and behind the last of them what is found in all together.

    Args:
        found: all rows of a dataset, in order, compared or not.
        comparison: the rules across rows.
        tell: told each remark once.
        note: told each report before it is given, and between them where pieces end.
    """
    told: set[str] = set()
    for one in found:
        match one:
            case Checked():
                report = one.compared(comparison)
                note(report)
                yield report
            case Report():
                note(one)
                yield one
            case PieceRead():
                note(one)
            case Remark(text):
                if text not in told:
                    told.add(text)
                    tell(text)
            case _:
                assert_never(one)
    note(AllRead())
    for _, report in comparison.conclusions():
        note(report)
        yield report
