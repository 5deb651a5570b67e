"""``guidex filter``: keep the rows that pass, and tell of the others why they do not."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guidex_schema.cli import options
from guidex_schema.cli.findings import applied_rules, loaded_settings, telling
from guidex_schema.cli.interruption import telling_interrupt
from guidex_schema.cli.options import IsolationDemand, Reader, WorkerMode
from guidex_schema.cli.readers import Readers
from guidex_schema.cli.sources import exit_code, inputs, judging, tell_shortfall
from guidex_schema.cli.streams import STANDARD, misuse, output_for, require_apart

if TYPE_CHECKING:
    from guidex_schema.filtering import Outcome
    from guidex_schema.filtering.publication import Publication


class Drop(StrEnum):
    """What goes with a fault."""

    RECORD = "record"
    INSTANCE = "instance"
    VALUE = "value"


def filter_rows(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Write the rows that are kept here; - is standard output.")
    ],
    rejected: Annotated[
        Path, typer.Option(help="Write the others here as JSONL, each with what was found; - is standard output.")
    ],
    paths: options.Paths = None,
    drop: Annotated[
        Drop, typer.Option(help="What goes with an error: the record, or the least instance or value that has it.")
    ] = Drop.RECORD,
    fix: Annotated[bool, typer.Option("--fix", help="Make safe fixes first, in guidelines and labels.")] = False,
    select: options.Select = None,
    extend_select: options.ExtendSelect = None,
    ignore: options.Ignore = None,
    no_lint: options.NoLint = False,
    max_rejected: options.MaxRejected = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Leave out the summary.")] = False,
    isolation: options.Isolation = IsolationDemand.BEST_EFFORT,
    worker: options.Worker = WorkerMode.PERSISTENT,
    jobs: options.Jobs = None,
    engine: options.Engine = Reader.LOCAL,
    address: options.Address = None,
    no_accelerate: options.NoAccelerate = False,
    config: options.Config = None,
) -> None:
    """Keep the rows without an error, and write the others, or what was dropped of them, to another file.

    What could not be read is never kept, whatever is selected. Exit code 0: all is done, whatever was rejected. 1: more
    was rejected than --max-rejected allows, or a file could not be read. 2: nothing could be read, or wrong usage.
    """
    with misuse():
        from guidex_schema.filtering import row_rules
        from guidex_schema.filtering.tally import Tally
        from guidex_schema.isolation import Isolation
        from guidex_schema.works.filter import FilterWork

        read = inputs(paths, None, None)
        _require_two(output, rejected)
        require_apart((output, rejected), read)
        loaded = loaded_settings(config, select, extend_select, ignore)
        settings = loaded.settings
        rules = applied_rules(settings, None, no_lint=no_lint)
        tally = Tally()
        judged = judging(row_rules(rules), settings, None, isolation, worker, accelerate=not no_accelerate)
        work = FilterWork(judged, tuple(rule.name for rule in rules), drop.value, fix, telling(loaded))
        found: list[Isolation] = []

        def tell(isolation: Isolation) -> None:
            found.append(isolation)
            tell_shortfall(isolation)

        with _publication(output, rejected) as publication:
            candidates = Readers(engine, address, jobs).results(work, read, None, None, settings.columns, tell)
            with telling_interrupt(lambda: next(tally.lines()), is_lost=STANDARD not in (output, rejected)):
                for outcome in _telling_others(work.outcomes(candidates)):
                    tally.add(outcome)
                    publication.write(outcome, found[0])
            if tally.read:
                publication.publish()
                notes = publication.notes
            else:
                notes = tuple(_older(output, rejected))
        if not quiet:
            for number, line in enumerate(tally.lines()):
                typer.echo(line if number else f"guidex: {line}", err=True)
        for note in notes:
            typer.echo(f"guidex: {note}", err=True)
        lost = tally.files + tally.lost
        raise typer.Exit(exit_code(tally.read, tally.unread, tally.rejected, lost, max_rejected))


def _telling_others(outcomes: "Iterable[Outcome]") -> "Iterator[Outcome]":
    """Give the outcomes of rows and files on; what is about a file, or about all rows, is told on standard error."""
    from guidex_schema.reports import concise

    for outcome in outcomes:
        if outcome.row.reference is None or not outcome.is_row:
            for found in outcome.diagnostics:
                typer.echo(concise.line(found), err=True)
        if outcome.is_row:
            yield outcome


def _older(*outputs: Path) -> Iterator[str]:
    """Say what an earlier run has left where nothing is written."""
    from guidex_schema.diagnostic import visible

    for one in outputs:
        if one.is_file() or one.is_dir():
            yield f"nothing was written; {visible(str(one))} is left as it was"


def _require_two(output: Path, rejected: Path) -> None:
    """See to it that kept and rejected rows are written apart.

    Raises:
        UsageError: they are the same, or one stands in the other, or rejected rows would be no JSONL.
    """
    from guidex_schema.datasets.formats import format_of
    from guidex_schema.error import UsageError

    known = format_of(rejected)
    if rejected != STANDARD and not rejected.is_char_device() and (known is None or known.encoding != "lines"):
        raise UsageError(f"rejected rows are written as JSONL; {rejected} should end in .jsonl")
    if output == rejected or (STANDARD not in (output, rejected) and output.resolve() == rejected.resolve()):
        raise UsageError("kept and rejected rows need a file each")
    if STANDARD not in (output, rejected) and rejected.resolve().is_relative_to(output.resolve()):
        raise UsageError(f"{rejected} stands in {output}, which is written anew; write it elsewhere")


def _publication(output: Path, rejected: Path) -> "Publication":
    from guidex_schema.filtering.publication import Publication

    kept = output_for(output)
    try:
        return Publication(kept, output_for(rejected))
    except BaseException:
        kept.writer.discard()
        raise
