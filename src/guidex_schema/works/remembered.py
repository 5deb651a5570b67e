"""What checking a row came to, as a cache keeps it: without the place of the row, which is another the next time."""

import json

from guidex_schema.datasets import Columns
from guidex_schema.datasets.jsonl import Line
from guidex_schema.datasets.shard import Shard, row_in
from guidex_schema.diagnostic import Diagnostic, RecordReference, Report
from guidex_schema.place import Place
from guidex_schema.works.check import Checked, shown_sources

# What is found depends on the moment: the next time the same row may well be read.
OF_THE_MOMENT = frozenset(("time-limit", "memory-limit", "output-limit", "jail-died", "rule-failed"))


def dumped(checked: Checked) -> bytes | None:
    """Give what checking a row came to as bytes; None where it may come to something else the next time."""
    report = checked.report
    if not report.checked or report.record is None or any(one.name in OF_THE_MOMENT for one in report.diagnostics):
        return None
    findings = [
        one.model_dump(mode="json", exclude={"file", "record"}) | {"key": one.key} for one in report.diagnostics
    ]
    held = [report.record.id, report.identity, checked.place.split, checked.sketches, findings]
    return json.dumps(held, separators=(",", ":")).encode("ascii")


def loaded(content: bytes, shard: Shard, line: Line, columns: Columns) -> Checked:
    """Give what checking a row came to.

    Args:
        content: as it was dumped.
        shard: the row is in it now.
        line: the row.
        columns: what its columns are called.
    """
    identifier, identity, split, sketches, findings = json.loads(content)
    record = RecordReference(index=line.row, id=identifier, line=line.number)
    diagnostics = tuple(Diagnostic.model_validate({**one, "file": shard.file, "record": record}) for one in findings)
    row = row_in(shard, line, columns).record if any(one.location is not None for one in diagnostics) else None
    report = Report(
        diagnostics=diagnostics,
        sources={} if row is None else shown_sources(diagnostics, row),
        identity=identity,
        file=shard.file,
        record=record,
    )
    sketched = {name: tuple(sketch) for name, sketch in sketches.items()}
    return Checked(report, sketched, Place(shard.file, split, record), {})
