"""``guidex convert``: the rows of datasets in another format, or as a folder with a card."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guidex_schema.cli import options
from guidex_schema.cli.findings import ignoring
from guidex_schema.cli.interruption import telling_interrupt
from guidex_schema.cli.options import IsolationDemand, WorkerMode
from guidex_schema.cli.sources import datasets_of, exit_code, inputs, judging, validating
from guidex_schema.cli.streams import STANDARD, misuse, output_for, require_apart

if TYPE_CHECKING:
    from guidex_schema.card import Description
    from guidex_schema.datasets import Row
    from guidex_schema.datasets.folder_writing import FolderWriter
    from guidex_schema.datasets.writing import Writer
    from guidex_schema.diagnostic import Fault, Report
    from guidex_schema.settings import LoadedSettings
    from guidex_schema.statistics import DatasetStatistics
    from guidex_schema.validation import Validator


def convert(
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="A file in one of the formats, or a folder as the Hugging Face Hub has it."
        ),
    ],
    paths: options.Paths = None,
    name: Annotated[str | None, typer.Option(help="What a card calls the dataset.", show_default=False)] = None,
    description: Annotated[str, typer.Option(help="What a card says of it.", show_default=False)] = "",
    licence: Annotated[
        str,
        typer.Option("--license", help="Its licence: an identifier (cc-by-4.0), a name or a URL.", show_default=False),
    ] = "",
    language: Annotated[
        list[str] | None, typer.Option(help="A language of the documents, as in en; repeat.", show_default=False)
    ] = None,
    data_version: Annotated[str, typer.Option(help="Its version.")] = "1.0.0",
    no_check: Annotated[bool, typer.Option("--no-check", help="Write the card without checking the rows.")] = False,
    max_rejected: options.MaxRejected = None,
    quiet: options.Quiet = False,
    isolation: options.Isolation = IsolationDemand.BEST_EFFORT,
    worker: options.Worker = WorkerMode.PERSISTENT,
    config: options.Config = None,
) -> None:
    """Write datasets in another format: what the name of the output says, else a folder with a card.

    A folder has Parquet files for each split, README.md and croissant.json; the rows are checked for these. What could
    not be read is told on standard error and left out. Exit code 0: all is done, whatever rows were left out. 1: more
    were than --max-rejected allows, or a file could not be read to its end. 2: nothing could be read, or wrong usage.
    """
    with misuse():
        from importlib.metadata import version as installed

        from guidex_schema import settings
        from guidex_schema.card import Description
        from guidex_schema.datasets.folder_writing import FolderWriter
        from guidex_schema.error import UsageError
        from guidex_schema.quantity import quantity
        from guidex_schema.statistics import DatasetStatistics

        read = inputs(paths, None, None)
        require_apart([output], read)
        loaded = settings.load(config, Path.cwd())
        with _writing(output) as writer:
            if not isinstance(writer, FolderWriter) and (name or description or licence or language):
                raise UsageError("only a folder has a card to say this in; name one with --output")
            statistics = None if no_check or not isinstance(writer, FolderWriter) else DatasetStatistics()
            conversion = _Conversion(writer)
            with (
                telling_interrupt(lambda: f"{quantity(conversion.written, 'row')} read", is_lost=output != STANDARD),
                _rows(read, loaded, statistics, isolation, worker) as rows,
            ):
                for row in rows:
                    conversion.add(row)
            if conversion.written:
                writer.finish()
                if isinstance(writer, FolderWriter):
                    described = Description(
                        name=name or output.resolve().name,
                        summary=description,
                        licence=licence.strip(),
                        languages=tuple(language or ()),
                        version=data_version,
                        splits=writer.splits,
                        schemas={split.config: writer.schema(split.config) for split in writer.splits},
                        statistics=statistics,
                        unread=conversion.left_out,
                        tool=f"guidex-schema {installed('guidex-schema')}",
                    )
                    _describe(writer, described)
                writer.publish()
                for note in writer.notes:
                    typer.echo(f"guidex: {note}", err=True)
        if not quiet:
            typer.echo(f"guidex: {conversion.sentence(output)}", err=True)
        unread = conversion.rows
        raise typer.Exit(exit_code(conversion.written + unread, unread, unread, conversion.files, max_rejected))


class _Conversion:
    """Write rows, and count and tell those that cannot be.

    Attributes:
        written: rows that are written.
        rows: those that are left out.
        files: files that could not be read, or not to their end.
    """

    def __init__(self, writer: "Writer") -> None:
        self._writer = writer
        self.written = 0
        self.rows = 0
        self.files = 0

    @property
    def left_out(self) -> int:
        """Give the rows and files that are left out."""
        return self.rows + self.files

    def add(self, row: "Row") -> None:
        """Write a row that was read, whether or not it is a record."""
        from guidex_schema.diagnostic import Fault
        from guidex_schema.error import UsageError

        if row.content is not None:
            try:
                self._writer.write(row)
            except UsageError as error:
                self._tell(row, Fault(rule="unreadable-row", message=f"it is left out: {error}", part="file"))
            else:
                self.written += 1
        elif row.is_unread:
            self._tell(row, *row.faults)

    def _tell(self, row: "Row", *faults: "Fault") -> None:
        from guidex_schema.reports import concise
        from guidex_schema.rule import by_name

        if row.reference is None:
            self.files += 1
        else:
            self.rows += 1
        for fault in faults:
            rule = by_name()[fault.rule]
            found = rule.diagnostic(fault, document=None, record=row.reference, severity=rule.severity)
            typer.echo(concise.line(found.model_copy(update={"file": row.file})), err=True)

    def sentence(self, output: Path) -> str:
        """Say it in one line."""
        from guidex_schema.diagnostic import visible
        from guidex_schema.quantity import quantity

        name = visible(str(output))
        if not self.written:
            older = f", and {name} is left as it was" if output.is_file() or output.is_dir() else ""
            return f"nothing could be read, so nothing was written{older}"
        left_out = f"; {quantity(self.left_out, 'row or file', 'rows or files')} left out" if self.left_out else ""
        return f"{quantity(self.written, 'row')} written to {name}{left_out}"


@contextmanager
def _writing(output: Path) -> "Iterator[Writer]":
    """Give a writer that leaves nothing behind unless it has published, and whose errors name the output."""
    opened = output_for(output)
    try:
        with opened.writing() as writer:
            yield writer
    except BaseException:
        opened.writer.discard()
        raise
    opened.writer.discard()


@contextmanager
def _rows(
    read: list[Path],
    loaded: "LoadedSettings",
    statistics: "DatasetStatistics | None",
    isolation: IsolationDemand,
    worker: WorkerMode,
) -> "Iterator[Iterator[Row]]":
    """Give all rows, and count them on the way where statistics are asked for."""
    rows = chain.from_iterable(datasets_of(read, None, None, loaded.settings.columns))
    if statistics is None:
        yield rows
        return
    judged = judging(loaded.settings.rules("row"), loaded.settings, None, isolation, worker, accelerate=True)
    with validating(judged) as validator:
        yield _counted(validator, rows, statistics, ignoring(loaded))


def _counted(
    validator: "Validator",
    rows: "Iterator[Row]",
    statistics: "DatasetStatistics",
    told: "Callable[[Report], Report]",
) -> "Iterator[Row]":
    for row, _, report in validator.read_rows(rows, {"the statistics": statistics.add}):
        statistics.add_report(told(report))
        yield row


def _describe(writer: "FolderWriter", described: "Description") -> None:
    """Put the card and the Croissant file into the folder."""
    import json

    from guidex_schema.card import croissant, readme
    from guidex_schema.new_file import NewFile

    for file, text in (
        ("README.md", readme(described)),
        ("croissant.json", json.dumps(croissant(described), indent=2, ensure_ascii=False) + "\n"),
    ):
        written = NewFile(writer.folder / file)
        written.sink.write(text.encode("utf-8", "backslashreplace"))
        written.finish()
        written.publish()
