"""``guidex ground``: where the document says each value."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guidex_schema.cli import options
from guidex_schema.cli.options import IsolationDemand, WorkerMode
from guidex_schema.cli.sources import exit_code, grounded, inputs, telling_losses
from guidex_schema.cli.streams import misuse, sink_for

if TYPE_CHECKING:
    from guidex_schema.values import GroundedRow


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
        from guidex_schema.values import Tally, refusing_foreign

        read = inputs(paths, guidelines, text)
        if add_spans and guidelines is not None:
            raise UsageError("--add-spans writes rows back; label files have none")
        loaded = settings.load(config, Path.cwd()).settings
        tally = Tally()
        with (
            sink_for(output_file, read, "utf-8", SUFFIXES) as sink,
            grounded(paths or [], guidelines, text, loaded, isolation, worker, nearest=not add_spans) as rows,
        ):
            # Bytes, a whole line at a time: whoever ends the command leaves no half of one.
            written = sink.buffer
            counted = tally.counting(map(refusing_foreign, rows) if add_spans else rows)
            for row in telling_losses(counted):
                for line in _lines(row, add_spans=add_spans):
                    written.write(line)
                    written.flush()
        if not quiet:
            typer.echo(f"guidex: {tally.sentence()}", err=True)
        raise typer.Exit(exit_code(tally.read + tally.skipped, tally.skipped, tally.skipped, 0, max_rejected))


def _lines(row: "GroundedRow", *, add_spans: bool) -> Iterator[bytes]:
    import json

    from guidex_schema.values import with_spans

    if add_spans:
        line = with_spans(row)
        if line is not None:
            yield line
    else:
        for one in row.objects():
            # Lone surrogates, which UTF-8 does not have, become the escapes that JSON has for them.
            yield (json.dumps(one, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
