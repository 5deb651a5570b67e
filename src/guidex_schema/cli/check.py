"""``guidex check``: datasets, or labels against guidelines."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guidex_schema.cli import options
from guidex_schema.cli.options import IsolationDemand, WorkerMode
from guidex_schema.cli.sources import datasets_of, inputs, tell_shortfall
from guidex_schema.cli.streams import misuse, sink_for, style_for

if TYPE_CHECKING:
    from guidex_schema.settings import Settings


class OutputFormat(StrEnum):
    """The formats of a report."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    JSON_LINES = "json-lines"


class FailOn(StrEnum):
    """The least severity that makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


def check(
    paths: options.Paths = None,
    guidelines: options.Guidelines = None,
    text: options.Text = None,
    output_format: Annotated[OutputFormat, typer.Option(help="How findings are written.")] = OutputFormat.FULL,
    output_file: Annotated[Path | None, typer.Option(help="Write findings to this file.", show_default=False)] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(help="Codes, prefixes (GX2) or names to apply; repeat or separate by commas.", show_default=False),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="Codes, prefixes or names to leave out.", show_default=False)
    ] = None,
    fail_on: Annotated[FailOn, typer.Option(help="The least severity that makes the exit code 1.")] = FailOn.ERROR,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 whatever is found.")] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count findings by code.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Leave out the summary.")] = False,
    isolation: options.Isolation = IsolationDemand.BEST_EFFORT,
    worker: options.Worker = WorkerMode.PERSISTENT,
    config: options.Config = None,
) -> None:
    """Check datasets, or labels against guidelines.

    Exit code 0: clean. 1: findings. 2: nothing could be checked, or wrong usage.
    """
    with misuse():
        from guidex_schema import reports
        from guidex_schema.diagnostic import Severity
        from guidex_schema.guideline import FILE_LIMITS, ROW_LIMITS
        from guidex_schema.validation import Validator
        from guidex_schema.worker import Worker

        read = inputs(paths, guidelines, text)
        settings = _settings(config, select, ignore)
        limits = ROW_LIMITS if guidelines is None else FILE_LIMITS
        with (
            sink_for(output_file, read, reports.ENCODINGS[output_format.value]) as sink,
            Validator(
                Worker(mode=worker.value, demand=isolation.value),
                rules=settings.rules,
                severities=settings.severities,
                columns=settings.columns,
                limits=limits,
                abstractive=settings.abstractive,
            ) as validator,
        ):
            summary = reports.Summary(isolation=validator.isolation)
            tell_shortfall(summary.isolation)
            datasets = datasets_of(paths or [], guidelines, text, settings.columns)
            found = (report for rows in datasets for report in validator.check_rows(rows))
            style = style_for(sink, quiet=quiet, statistics=statistics)
            for piece in reports.FORMATS[output_format.value](found, summary, style):
                sink.write(piece)
        if sink is not sys.stdout and not quiet:
            typer.echo(summary.sentence(), err=True)
        if summary.unread and not summary.severities[Severity.ERROR]:
            # A file that was not read is never clean, whatever was selected.
            unread = "rows or files could not be read, and the rules that say why are left out"
            typer.echo(f"guidex: {summary.unread} {unread}", err=True)
        if exit_zero:
            raise typer.Exit
        if summary.checked == 0 and summary.unread:
            raise typer.Exit(2)
        failing = list(Severity)[: list(FailOn).index(fail_on) + 1]
        raise typer.Exit(1 if summary.unread or any(summary.severities[one] for one in failing) else 0)


def _settings(config: Path | None, select: list[str] | None, ignore: list[str] | None) -> "Settings":
    from guidex_schema import settings

    loaded = settings.load(config, Path.cwd())
    changes = {name: _split(value) for name, value in (("select", select), ("ignore", ignore)) if value}
    return loaded.model_copy(update=changes)


def _split(values: list[str]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
