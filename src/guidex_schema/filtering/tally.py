"""What filtering came to: counted while rows go by."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from guidex_schema.datasets import Row
from guidex_schema.filtering import Outcome
from guidex_schema.quantity import quantity


@dataclass
class Tally:
    """Count rows as they pass; it grows and is read at the end.

    Attributes:
        kept: rows that are kept, changed or not.
        cut: kept rows of which something was dropped.
        emptied: those of them whose list is empty now.
        mended: kept rows in which something was fixed.
        rejected: rows that are not kept.
        unread: rejected rows that could not be read.
        lost: those of them of which there is nothing to write, as of a line beyond all limits.
        files: files that could not be read, or not to their end.
        fixes: findings that were mended in kept rows.
        instances: instances that were dropped of kept rows, with all that stands in them.
        values: values that were dropped of kept rows by themselves.
        findings: findings for which something was rejected or dropped, by code and name.
        rows: the rows that these are in, by the same.
    """

    kept: int = 0
    cut: int = 0
    emptied: int = 0
    mended: int = 0
    rejected: int = 0
    unread: int = 0
    lost: int = 0
    files: int = 0
    fixes: int = 0
    instances: int = 0
    values: int = 0
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count what became of a row, or of a file that should have had rows."""
        if outcome.row.reference is None:
            self.files += 1
            return
        self.kept += outcome.kept is not None
        self.rejected += outcome.kept is None
        self.unread += outcome.row.is_unread
        self.lost += outcome.row.raw is None and outcome.row.content is None
        self.cut += bool(outcome.dropped)
        self.emptied += bool(outcome.dropped) and outcome.kept is not None and _is_empty(outcome.kept)
        self.mended += bool(outcome.fixed)
        self.fixes += len(outcome.fixed)
        self.instances += sum(one.is_instance for one in outcome.dropped)
        self.values += sum(not one.is_instance for one in outcome.dropped)
        names = [(one.code, one.name) for one in outcome.rejecting]
        self.findings.update(names)
        self.rows.update(set(names))

    @property
    def read(self) -> int:
        """Give how many rows there were."""
        return self.kept + self.rejected

    def lines(self) -> Iterator[str]:
        """Say it: a line for the rows, and one for each code that something went for, most frequent first."""
        changed = [f"{self.mended:,} mended by {quantity(self.fixes, 'fix', 'fixes')}"] if self.mended else []
        emptied = f", {self.emptied:,} of them now empty" if self.emptied else ""
        changed += [f"{self.cut:,} without something{emptied}"] if self.cut else []
        words = f"{quantity(self.read, 'row')} read, {self.kept:,} kept"
        words += f" ({', '.join(changed)})" if changed else ""
        words += f", {self.rejected:,} rejected"
        lost = f", {self.lost:,} of them not written" if self.lost else ""
        words += f" ({self.unread:,} could not be read{lost})" if self.unread else ""
        dropped = [quantity(self.instances, "instance")] if self.instances else []
        dropped += [quantity(self.values, "value")] if self.values else []
        words += f"; {' and '.join(dropped)} dropped" if dropped else ""
        yield words + (f"; {quantity(self.files, 'file')} could not be read to the end" if self.files else "")
        for (code, name), count in sorted(self.findings.items(), key=lambda item: (-item[1], item[0])):
            yield f"{count:8,} {code} {name}, in {quantity(self.rows[code, name], 'row')}"


def _is_empty(row: Row) -> bool:
    """Say whether labels that were written anew are an empty list."""
    return row.record is not None and row.record.labels[row.record.labels_start :].strip() == "[]"
