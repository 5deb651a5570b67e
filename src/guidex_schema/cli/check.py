"""``guidex check``: datasets, or labels against guidelines."""

from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

import typer

from guidex_schema.cli import known, options
from guidex_schema.cli.findings import applied_rules, exit_code, ignoring, loaded_settings, tell
from guidex_schema.cli.interruption import telling_interrupt
from guidex_schema.cli.options import FailOn, IsolationDemand, OutputFormat, Reader, WorkerMode
from guidex_schema.cli.readers import Readers
from guidex_schema.cli.sources import cache_folder, inputs, judging, pieces_of, tell_remark, tell_shortfall
from guidex_schema.cli.streams import STANDARD, misuse, sink_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from guidex_schema.diagnostic import Report
    from guidex_schema.isolation import Isolation
    from guidex_schema.reports import Summary
    from guidex_schema.work import Judging


def check(
    paths: options.Paths = None,
    guidelines: options.Guidelines = None,
    text: options.Text = None,
    output_format: options.Format = OutputFormat.FULL,
    output_file: options.OutputFile = None,
    select: options.Select = None,
    extend_select: options.ExtendSelect = None,
    ignore: options.Ignore = None,
    no_lint: options.NoLint = False,
    baseline: options.Baseline = None,
    write_baseline: options.WriteBaseline = None,
    fail_on: options.Failing = FailOn.ERROR,
    exit_zero: options.ExitZero = False,
    statistics: options.Statistics = False,
    quiet: options.Quiet = False,
    isolation: options.Isolation = IsolationDemand.BEST_EFFORT,
    worker: options.Worker = WorkerMode.PERSISTENT,
    jobs: options.Jobs = None,
    engine: options.Engine = Reader.LOCAL,
    address: options.Address = None,
    no_accelerate: options.NoAccelerate = False,
    cache: options.Cache = None,
    config: options.Config = None,
) -> None:
    """Check datasets, or labels against guidelines.

    Exit code 0: no finding as severe as --fail-on says. 1: there is one. 2: nothing could be checked, or wrong usage.
    """
    with misuse():
        from guidex_schema import reports
        from guidex_schema.baseline import Baseline, require_writable
        from guidex_schema.datasets import SUFFIXES
        from guidex_schema.error import UsageError
        from guidex_schema.works import check as checking

        read = inputs(paths, guidelines, text)
        loaded = loaded_settings(config, select, extend_select, ignore)
        settings = loaded.settings
        rules = applied_rules(settings, guidelines, no_lint=no_lint)
        comparison = None
        if write_baseline is not None:
            if baseline is not None or output_file is not None:
                raise UsageError(
                    "--write-baseline tells no findings, so it goes with neither --baseline nor --output-file"
                )
            known.require_apart(write_baseline, read, SUFFIXES)
            require_writable(write_baseline)
        if baseline is not None:
            known.require_apart(baseline, read, SUFFIXES)
            comparison = reports.Comparison(Baseline(baseline), known.looking_for(read, rules, loaded))
        judged = judging(rules, settings, guidelines, isolation, worker, accelerate=not no_accelerate)
        if cache and engine is Reader.RAY:
            raise UsageError("--cache remembers on this machine; leave out --engine ray")
        is_remembered = engine is Reader.LOCAL and (settings.cache if cache is None else cache)
        folder = cache_folder(read) if is_remembered else None
        summary = reports.Summary(comparison=comparison)
        is_filed = write_baseline is not None or output_file not in (None, STANDARD)
        with (
            sink_for(output_file, read, reports.ENCODINGS[output_format.value], SUFFIXES) as sink,
            telling_interrupt(summary.sentence, is_lost=is_filed),
        ):
            readers = Readers(engine, address, jobs)
            tell_isolation = partial(_tell_isolation, summary)
            if folder is not None and paths and all(map(_is_in_files, paths)) and guidelines is None:
                told = _told(judged, folder, readers, paths, tell_isolation)
            else:
                work = checking.CheckWork(judged, folder)
                checked = readers.results(work, paths, guidelines, text, settings.columns, tell_isolation)
                told = checking.reports(checked, judged.comparison(), tell_remark)
            found = _begun(map(ignoring(loaded), told))
            if write_baseline is not None:
                known.write_baseline(write_baseline, found, summary, quiet=quiet)
                raise typer.Exit
            tell(found, summary, sink, output_format, fail_on=fail_on, quiet=quiet, statistics=statistics)
        if not quiet:
            known.tell_gone(summary)
        raise typer.Exit(0 if exit_zero else exit_code(summary, fail_on))


def _is_in_files(path: "Path") -> bool:
    return path.is_file() or path.is_dir()


def _told(
    judged: "Judging",
    folder: "Path",
    readers: Readers,
    paths: "list[Path]",
    tell_isolation: "Callable[[Isolation], None]",
) -> "Iterator[Report]":
    """Give the reports of datasets, those that were told before from memory.

    Args:
        judged: how rows are judged.
        folder: of the cache.
        readers: who reads them.
        paths: the datasets, all of them in files on this machine.
        tell_isolation: told how far the jail is closed.
    """
    from guidex_schema.works.check import CheckWork, Note, reports
    from guidex_schema.works.history import Pieces, told
    from guidex_schema.works.key import Keys

    with judged.validator() as validator:
        # How far the jail is closed is part of every key.
        isolation = validator.isolation
    tell_isolation(isolation)
    remarks: set[str] = set()

    def tell(remark: str) -> None:
        if remark not in remarks:
            remarks.add(remark)
            tell_remark(remark)

    def judge(pieces: Pieces, note: "Callable[[Note], object]") -> "Iterator[Report]":
        checked = readers.local(CheckWork(judged, folder), pieces, lambda _: None)
        return reports(checked, judged.comparison(), tell, note)

    pieces = partial(pieces_of, paths, None, None, judged.columns, tell=tell)
    return told(folder, Keys(judged, isolation), judged.columns, pieces, judge)


def _begun(found: "Iterator[Report]") -> "Iterator[Report]":
    """Take the first report before anything is written: where no jail can be had, nothing is."""
    return chain(list(islice(found, 1)), found)


def _tell_isolation(summary: "Summary", isolation: "Isolation") -> None:
    """Say what the jail lacks, and remember how far it is closed for what reports say of it."""
    summary.isolation = isolation
    tell_shortfall(isolation)
