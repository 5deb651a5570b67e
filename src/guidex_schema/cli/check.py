"""``guidex check``: datasets, or labels against guidelines."""

from itertools import chain

import typer

from guidex_schema.cli import known, options
from guidex_schema.cli.findings import applied_rules, exit_code, ignoring, loaded_settings, tell
from guidex_schema.cli.options import FailOn, IsolationDemand, OutputFormat, WorkerMode
from guidex_schema.cli.sources import datasets_of, inputs, validating
from guidex_schema.cli.streams import misuse, sink_for


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
        with (
            sink_for(output_file, read, reports.ENCODINGS[output_format.value], SUFFIXES) as sink,
            validating(rules, settings, guidelines, isolation, worker) as validator,
        ):
            summary = reports.Summary(isolation=validator.isolation, comparison=comparison)
            rows = chain.from_iterable(datasets_of(paths or [], guidelines, text, settings.columns))
            found = map(ignoring(loaded), validator.check_rows(rows))
            if write_baseline is not None:
                known.write_baseline(write_baseline, found, summary, quiet=quiet)
                raise typer.Exit
            tell(found, summary, sink, output_format, fail_on=fail_on, quiet=quiet, statistics=statistics)
        if not quiet:
            known.tell_gone(summary)
        raise typer.Exit(0 if exit_zero else exit_code(summary, fail_on))
