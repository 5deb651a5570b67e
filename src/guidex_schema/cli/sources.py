"""What commands read rows from, and the jail that their labels are run in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from guidex_schema.cli.options import IsolationDemand, WorkerMode
from guidex_schema.cli.streams import STANDARD, read_bytes, standard_input

if TYPE_CHECKING:
    from guidex_schema.datasets import Columns, Row
    from guidex_schema.isolation import Isolation
    from guidex_schema.rule import Rule
    from guidex_schema.settings import Settings
    from guidex_schema.statistics import DatasetStatistics
    from guidex_schema.validation import Validator
    from guidex_schema.values import GroundedRow


def inputs(paths: list[Path] | None, guidelines: Path | None, text: Path | None) -> list[Path]:
    """Give all files and folders that are read.

    Raises:
        UsageError: there are none, or what is combined makes no sense.
    """
    from guidex_schema.datasets import format_of
    from guidex_schema.error import UsageError

    if not paths:
        raise UsageError("name a dataset, a folder of datasets, or - for standard input")
    if guidelines is None and text is not None:
        raise UsageError("--text needs --guidelines")
    named = [*paths, *(one for one in (guidelines, text) if one is not None)]
    if named.count(STANDARD) > 1:
        raise UsageError("standard input can be read once only")
    if guidelines is not None:
        for path in paths:
            if format_of(path) is not None:
                raise UsageError(f"--guidelines goes with label files; the rows of {path} bring their own guidelines")
    return named


def datasets_of(
    paths: list[Path], guidelines: Path | None, text: Path | None, columns: "Columns"
) -> Iterator[Iterator["Row"]]:
    """Give the rows of every path once: of the datasets it names, or one of labels where guidelines are given.

    All that is named together is one dataset: its rows and splits are compared with each other.
    """
    from guidex_schema import datasets
    from guidex_schema.datasets import source_files

    for index, path in enumerate(dict.fromkeys(paths)):
        if guidelines is not None:
            yield iter((source_files.read(guidelines, path, text, read_bytes, index),))
        elif path == STANDARD:
            yield datasets.read_jsonl(standard_input(), "<stdin>", columns)
        else:
            yield from datasets.read_datasets(path, columns, tell_remark)


def tell_remark(remark: str) -> None:
    """Say on standard error what is passed over."""
    from guidex_schema.diagnostic import visible

    typer.echo(f"guidex: {visible(remark)}", err=True)


def tell_shortfall(isolation: "Isolation") -> None:
    """Say once on standard error what the jail lacks here."""
    if isolation.shortfall:
        typer.echo(f"guidex: {isolation.shortfall}; `guidex doctor` tells more", err=True)


@contextmanager
def validating(
    rules: "Iterable[Rule]",
    settings: "Settings",
    guidelines: Path | None,
    isolation: IsolationDemand,
    worker: WorkerMode,
) -> "Iterator[Validator]":
    """Give a validator with all that settings say but which rules are applied; what its jail lacks is told."""
    from guidex_schema.guideline import FILE_LIMITS, ROW_LIMITS
    from guidex_schema.validation import Validator
    from guidex_schema.worker import Worker

    with Validator(
        Worker(mode=worker.value, demand=isolation.value),
        rules=rules,
        severities=settings.severities,
        columns=settings.columns,
        limits=ROW_LIMITS if guidelines is None else FILE_LIMITS,
        abstractive=settings.abstractive,
        thresholds=settings.thresholds,
        origin="row" if guidelines is None else "file",
    ) as validator:
        tell_shortfall(validator.isolation)
        yield validator


@contextmanager
def grounded(
    paths: list[Path],
    guidelines: Path | None,
    text: Path | None,
    settings: "Settings",
    isolation: IsolationDemand,
    worker: WorkerMode,
    *,
    nearest: bool,
) -> Iterator[Iterator["GroundedRow"]]:
    """Ground the values of all rows, one after another; ``nearest`` says that what comes nearest is asked for."""
    from guidex_schema.values import grounded_rows, loss_rules

    with validating(loss_rules(), settings, guidelines, isolation, worker) as validator:
        yield (
            row
            for rows in datasets_of(paths, guidelines, text, settings.columns)
            for row in grounded_rows(validator, rows, nearest=nearest)
        )


def telling_losses(rows: "Iterable[GroundedRow]") -> "Iterator[GroundedRow]":
    """Say on standard error what could not be read of rows while they are given on.

    That rows have no document is said once a file, behind its last row: a dataset without documents has nothing else.
    """
    from guidex_schema.reports import concise
    from guidex_schema.values import is_bare, of_rows

    for _, of_file in groupby(rows, key=lambda row: row.row.file):
        first, count = None, 0
        for row in of_file:
            for loss in row.losses:
                if is_bare(loss):
                    first, count = first or loss, count + 1
                else:
                    typer.echo(concise.line(loss), err=True)
            yield row
        if first is not None:
            typer.echo(concise.line(of_rows(first, count)), err=True)


def exit_code(rows: int, unread: int, missing: int, files: int, most: float | None) -> int:
    """Give 2 where nothing could be read, 1 where more is missing than may be, else 0: what is missing was told.

    Args:
        rows: how many there are.
        unread: those of them that could not be read.
        missing: those that are not in what is written, or not good.
        files: files that could not be read, or not to their end. They may have had any number of rows, so one is more
            than may be missing.
        most: the share of rows that may be missing, 0 to 1; None allows any number.
    """
    if unread + files and unread == rows:
        return 2
    return 1 if files or (most is not None and missing > most * rows) else 0


def exit_code_by(statistics: "DatasetStatistics", most: float | None) -> int:
    """Give the exit code by how many rows are good, as ``exit_code`` does."""
    fates, files = statistics.rows, statistics.unread_files
    unread = fates["unread"] - files
    return exit_code(sum(fates.values()) - files, unread, fates["rejected"] + unread, files, most)
