"""What commands read rows from, and the jail that their labels are run in."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from guidex_schema.cli.options import IsolationDemand, WorkerMode
from guidex_schema.cli.streams import STANDARD, read_bytes, standard_input

if TYPE_CHECKING:
    from guidex_schema.datasets import Columns, Row
    from guidex_schema.datasets.block import Waiting
    from guidex_schema.datasets.shard import Piece
    from guidex_schema.isolation import Isolation
    from guidex_schema.rule import Rule
    from guidex_schema.settings import Settings
    from guidex_schema.statistics import DatasetStatistics
    from guidex_schema.validation import Validator
    from guidex_schema.values import Reading
    from guidex_schema.work import Judging


_Told = TypeVar("_Told")


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

    for index, path in enumerate(_distinct(paths, tell_remark)):
        if guidelines is not None:
            yield iter((source_files.read(guidelines, path, text, read_bytes, index),))
        elif path == STANDARD:
            yield datasets.read_jsonl(standard_input(), "<stdin>", columns)
        else:
            yield from datasets.read_datasets(path, columns, tell_remark)


def _distinct(paths: Iterable[Path], tell: Callable[[str], None]) -> Iterator[Path]:
    """Give paths once each, and tell of one that names in other words what was named before.

    A link to a file is a name of its own: what stands under two names may well be meant to be compared.
    """
    from guidex_schema.datasets.store import local

    named: dict[Path, Path] = {}
    for path in dict.fromkeys(paths):
        place = local(path)
        # What is not there is told where it is read.
        with suppress(OSError):
            if path != STANDARD and place.lstat():
                place = place.resolve(strict=True) if place.is_dir() else place.parent.resolve(strict=True) / place.name
        first = named.setdefault(place, path)
        if first is path:
            yield path
        else:
            tell(f"{path} is {first}, and is read once")


def cache_folder(read: list[Path]) -> Path | None:
    """Give the folder of the user's cache; None, which is told, where there is none or it stands among what is checked.

    What is checked may be anybody's: it must not bring what was found in it along.

    Args:
        read: the files and folders that are read.
    """
    from guidex_schema.cache import user_folder

    try:
        folder, home = user_folder().resolve(), Path.home().resolve()
    except RuntimeError as error:
        tell_remark(f"the cache is passed over: {error} Set HOME")
        return None
    named = [path if path.is_dir() else path.parent for path in read if path != STANDARD]
    trees = {path.resolve() for path in (Path.cwd(), *named)}
    # Who runs the command at home has the cache there.
    if any(folder.is_relative_to(tree) and not home.is_relative_to(tree) for tree in trees):
        tell_remark(
            f"the cache {folder} stands among what is checked or below the working folder, and may have come with it; "
            "it is passed over. Have XDG_CACHE_HOME name another folder"
        )
        return None
    return folder


def tell_remark(remark: str) -> None:
    """Say on standard error what is passed over."""
    from guidex_schema.diagnostic import visible

    typer.echo(f"guidex: {visible(remark)}", err=True)


def tell_shortfall(isolation: "Isolation") -> None:
    """Say once on standard error what the jail lacks here."""
    if isolation.shortfall:
        typer.echo(f"guidex: {isolation.shortfall}; `guidex doctor` tells more", err=True)


@contextmanager
def validating(judged: "Judging") -> "Iterator[Validator]":
    """Give a validator for rows that this process reads; what its jail lacks is told."""
    with judged.validator() as validator:
        tell_shortfall(validator.isolation)
        yield validator


def judging(
    rules: "Iterable[Rule]",
    settings: "Settings",
    guidelines: Path | None,
    isolation: IsolationDemand,
    worker: WorkerMode,
    *,
    accelerate: bool,
) -> "Judging":
    """Give all that settings and options say of how rows are judged."""
    from guidex_schema.work import Judging

    return Judging(
        rules=tuple(rule.name for rule in rules),
        severities=settings.severities,
        columns=settings.columns,
        abstractive=settings.abstractive,
        thresholds=settings.thresholds,
        origin="row" if guidelines is None else "file",
        demand=isolation.value,
        mode=worker.value,
        accelerate=accelerate,
    )


def pieces_of(
    paths: list[Path],
    guidelines: Path | None,
    text: Path | None,
    columns: "Columns",
    *,
    is_far: bool = False,
    tell: Callable[[str], None] = tell_remark,
) -> "Iterator[Piece | Waiting]":
    """Give the rows of every path or URI once, as ``datasets_of`` does, in pieces that others can read.

    Args:
        paths: what is named.
        guidelines: for label files.
        text: the document of label files.
        columns: what the columns are called.
        is_far: other machines read them, so that pieces are larger.
        tell: told what is passed over.
    """
    from guidex_schema.datasets import Row, files_of, source_files
    from guidex_schema.datasets.shard import (
        FAR_BYTES,
        FAR_ROWS,
        GROUP_ROWS,
        SHARD_BYTES,
        pieces_of_file,
        pieces_of_stream,
    )
    from guidex_schema.datasets.store import files_in_store, uri_of

    size, rows = (FAR_BYTES, FAR_ROWS) if is_far else (SHARD_BYTES, GROUP_ROWS)
    for index, path in enumerate(_distinct(paths, tell)):
        if guidelines is not None:
            yield (source_files.read(guidelines, path, text, read_bytes, index),)
        elif path == STANDARD:
            yield from pieces_of_stream(standard_input(), "<stdin>")
        elif (uri := uri_of(path)) is not None:
            for stored in files_in_store(uri):
                if isinstance(stored, Row):
                    yield (stored,)
                else:
                    yield from pieces_of_file(stored.uri, columns, split=stored.split, size=size, rows=rows)
        else:
            for one in files_of(path, tell):
                if isinstance(one, Row):
                    yield (one,)
                else:
                    yield from pieces_of_file(
                        str(one.file), columns, split=one.split, is_split_named=one.is_named, size=size, rows=rows
                    )


def telling_losses(rows: "Iterable[_Told]", reading: "Callable[[_Told], Reading]") -> "Iterator[_Told]":
    """Say on standard error what could not be read of rows while they are given on.

    That rows have no document is said once a file, behind its last row: a dataset without documents has nothing else.

    Args:
        rows: of one dataset, in order.
        reading: gives what is to be told of one.
    """
    from guidex_schema.reports import concise
    from guidex_schema.values import is_bare, of_rows

    for _, of_file in groupby(rows, key=lambda row: reading(row).file):
        first, count = None, 0
        for row in of_file:
            for loss in reading(row).losses:
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
