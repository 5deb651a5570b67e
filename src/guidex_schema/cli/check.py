"""``guidex check``: datasets, or labels against guidelines."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guidex_schema.cli.options import IsolationDemand, WorkerMode
from guidex_schema.cli.streams import STANDARD, misuse, read_bytes, sink_for, standard_input, style_for

if TYPE_CHECKING:
    from guidex_schema.datasets import Columns
    from guidex_schema.diagnostic import Report
    from guidex_schema.settings import Settings
    from guidex_schema.validation import Validator


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
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Datasets (.jsonl, .json, folders of them), or label files with --guidelines; - is standard input.",
            show_default=False,
        ),
    ] = None,
    guidelines: Annotated[
        Path | None, typer.Option(help="Guidelines for the label files given as PATHS.", show_default=False)
    ] = None,
    text: Annotated[
        Path | None, typer.Option(help="The document that the label files annotate.", show_default=False)
    ] = None,
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
    isolation: Annotated[
        IsolationDemand, typer.Option(help="Run labels only with every layer of the jail, or with those there are.")
    ] = IsolationDemand.BEST_EFFORT,
    worker: Annotated[
        WorkerMode, typer.Option(help="Run all labels in one jailed process, or every row's in one of its own.")
    ] = WorkerMode.PERSISTENT,
    config: Annotated[
        Path | None, typer.Option(help="Settings file in place of the nearest one.", show_default=False)
    ] = None,
) -> None:
    """Check datasets, or labels against guidelines.

    Exit code 0: clean. 1: findings. 2: nothing could be checked, or wrong usage.
    """
    with misuse():
        from guidex_schema import reports
        from guidex_schema.diagnostic import Severity
        from guidex_schema.error import UsageError
        from guidex_schema.guideline import FILE_LIMITS, ROW_LIMITS
        from guidex_schema.validation import Validator
        from guidex_schema.worker import Worker

        if not paths:
            raise UsageError("name a dataset, a folder of datasets, or - for standard input")
        inputs = _inputs(paths, guidelines, text)
        settings = _settings(config, select, ignore)
        limits = ROW_LIMITS if guidelines is None else FILE_LIMITS
        with (
            sink_for(output_file, inputs, reports.ENCODINGS[output_format.value]) as sink,
            Validator(
                Worker(mode=worker.value, demand=isolation.value),
                rules=settings.rules,
                severities=settings.severities,
                columns=settings.columns,
                limits=limits,
            ) as validator,
        ):
            summary = reports.Summary(isolation=validator.isolation)
            if summary.isolation.shortfall:
                typer.echo(f"guidex: {summary.isolation.shortfall}; `guidex doctor` tells more", err=True)
            found = _reports(paths, guidelines, text, settings.columns, validator)
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


def _inputs(paths: list[Path], guidelines: Path | None, text: Path | None) -> list[Path]:
    """Give all files and folders that are read; combinations that make no sense are misuse."""
    from guidex_schema.datasets import SUFFIXES
    from guidex_schema.error import UsageError

    if guidelines is None and text is not None:
        raise UsageError("--text needs --guidelines")
    inputs = [*paths, *(one for one in (guidelines, text) if one is not None)]
    if inputs.count(STANDARD) > 1:
        raise UsageError("standard input can be read once only")
    if guidelines is not None:
        for path in paths:
            if path.suffix.lower() in SUFFIXES:
                raise UsageError(f"--guidelines goes with label files; the rows of {path} bring their own guidelines")
    return inputs


def _reports(
    paths: list[Path], guidelines: Path | None, text: Path | None, columns: "Columns", validator: "Validator"
) -> Iterator["Report"]:
    """Check every path once: as a dataset, or as labels where guidelines are given."""
    from guidex_schema import datasets
    from guidex_schema.datasets import source_files

    for index, path in enumerate(dict.fromkeys(paths)):
        if guidelines is not None:
            yield from validator.check_rows([source_files.read(guidelines, path, text, read_bytes, index)])
        elif path == STANDARD:
            yield from validator.check_rows(datasets.read_jsonl(standard_input(), "<stdin>", columns))
        else:
            for rows in datasets.read_datasets(path, columns):
                yield from validator.check_rows(rows)
