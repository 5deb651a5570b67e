"""``guidex ground``: where the document says each value."""

from pathlib import Path
from typing import Annotated

import typer

from guidex_schema.cli import options
from guidex_schema.cli.interruption import telling_interrupt
from guidex_schema.cli.options import IsolationDemand, Reader, WorkerMode
from guidex_schema.cli.readers import Readers
from guidex_schema.cli.sources import exit_code, inputs, judging, telling_losses
from guidex_schema.cli.streams import misuse, sink_for


def ground(
    paths: options.Paths = None,
    guidelines: options.Guidelines = None,
    text: options.Text = None,
    output_file: Annotated[
        Path | None, typer.Option("--output-file", "-o", help="Write to this file.", show_default=False)
    ] = None,
    add_spans: Annotated[
        bool, typer.Option("--add-spans", help="Write the rows back as JSONL, each with its values as a last column.")
    ] = False,
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
    """Say where the document has each value: one JSON object a line.

    What could not be read is told on standard error. Exit code 0: all is done, whatever was skipped. 1: more was
    skipped than --max-rejected allows. 2: nothing could be read, or wrong usage.
    """
    with misuse():
        from guidex_schema import settings
        from guidex_schema.datasets import SUFFIXES
        from guidex_schema.error import UsageError
        from guidex_schema.values import Tally, loss_rules
        from guidex_schema.works.ground import GroundWork

        read = inputs(paths, guidelines, text)
        if add_spans and guidelines is not None:
            raise UsageError("--add-spans writes rows back; label files have none")
        loaded = settings.load(config, Path.cwd()).settings
        tally = Tally()
        work = GroundWork(
            judging(loss_rules(), loaded, guidelines, isolation, worker, accelerate=not no_accelerate), add_spans
        )
        with (
            sink_for(output_file, read, "utf-8", SUFFIXES, as_it_comes=True) as sink,
            telling_interrupt(tally.sentence),
        ):
            # Bytes, a whole line at a time: whoever ends the command leaves no half of one.
            written = sink.buffer
            readers = Readers(engine, address, jobs)
            found = readers.results(work, paths, guidelines, text, loaded.columns)
            for reading, lines in telling_losses(found, lambda row: row.reading):
                tally.add(reading)
                for line in lines:
                    written.write(line)
                    written.flush()
        if not quiet:
            typer.echo(f"guidex: {tally.sentence()}", err=True)
        raise typer.Exit(exit_code(tally.read + tally.skipped, tally.skipped, tally.skipped, 0, max_rejected))
