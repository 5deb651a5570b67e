"""``guidex report``: a page in which a person sees what is wrong with a dataset."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from guidex_schema.cli import options
from guidex_schema.cli.findings import applied_rules, ignoring, loaded_settings
from guidex_schema.cli.interruption import telling_interrupt
from guidex_schema.cli.options import IsolationDemand, Reader, WorkerMode
from guidex_schema.cli.readers import Readers
from guidex_schema.cli.sources import exit_code_by, inputs, judging
from guidex_schema.cli.streams import STANDARD, is_read, misuse, standard_output


def report(
    paths: options.Paths = None,
    guidelines: options.Guidelines = None,
    text: options.Text = None,
    output_file: Annotated[
        Path, typer.Option("--output-file", "-o", help="The page to write; - is standard output.")
    ] = Path("report.html"),
    title: Annotated[str | None, typer.Option(help="Title of the page.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most records that are shown; of more, the worst.")] = 2_000,
    select: options.Select = None,
    extend_select: options.ExtendSelect = None,
    ignore: options.Ignore = None,
    no_lint: options.NoLint = False,
    max_rejected: options.MaxRejected = None,
    quiet: options.Quiet = False,
    isolation: options.Isolation = IsolationDemand.BEST_EFFORT,
    worker: options.Worker = WorkerMode.PERSISTENT,
    jobs: options.Jobs = None,
    no_accelerate: options.NoAccelerate = False,
    config: options.Config = None,
) -> None:
    """Write a page that shows what is wrong with a dataset: one HTML file that needs nothing else.

    Exit code 0: the page is complete. 1: more rows were rejected, or not read, than --max-rejected allows, or a file
    could not be read to its end. 2: nothing could be read, or wrong usage.
    """
    with misuse():
        from guidex_schema import html_report
        from guidex_schema.works.report import ReportWork, gather

        read = inputs(paths, guidelines, text)
        page = html_report.template()
        loaded = loaded_settings(config, select, extend_select, ignore)
        rules = applied_rules(loaded.settings, guidelines, no_lint=no_lint)
        work = ReportWork(judging(rules, loaded.settings, guidelines, isolation, worker, accelerate=not no_accelerate))
        collection = html_report.Collection(limit)
        with _written(output_file, read) as write:
            found = Readers(Reader.LOCAL, None, jobs).results(work, paths, guidelines, text, loaded.settings.columns)
            with telling_interrupt(collection.summary.sentence, is_lost=True):
                gather(found, collection, work.judging.comparison(), ignoring(loaded))
            write(html_report.pieces(page, collection, title or ", ".join(map(_name, paths or []))))
        if not quiet:
            typer.echo(f"guidex: {collection.sentence()}", err=True)
        raise typer.Exit(exit_code_by(collection.statistics, max_rejected))


@contextmanager
def _written(output_file: Path, inputs: list[Path]) -> Iterator[Callable[[Iterable[str]], None]]:
    """Give what writes the page, which stands under its name as a whole or not at all."""
    from guidex_schema.datasets import SUFFIXES
    from guidex_schema.error import UsageError
    from guidex_schema.new_file import NewFile

    if output_file == STANDARD:
        yield standard_output("utf-8").writelines
        return
    if any(is_read(output_file, path, SUFFIXES) for path in inputs):
        raise UsageError(f"{output_file} is one of the files to read; write to another")
    file = NewFile(output_file)

    def write(pieces: Iterable[str]) -> None:
        try:
            file.sink.writelines(piece.encode("utf-8") for piece in pieces)
            file.finish()
            file.publish()
        except OSError as error:
            raise UsageError(f"{output_file} cannot be written: {error.strerror or error}") from error

    try:
        yield write
    finally:
        file.discard()


def _name(path: Path) -> str:
    return "standard input" if path == STANDARD else path.name or str(path)
