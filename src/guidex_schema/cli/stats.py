"""``guidex stats``: what a dataset holds."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guidex_schema.cli import options
from guidex_schema.cli.findings import applied_rules, ignoring, loaded_settings
from guidex_schema.cli.interruption import telling_interrupt
from guidex_schema.cli.options import IsolationDemand, Reader, WorkerMode
from guidex_schema.cli.readers import Readers
from guidex_schema.cli.sources import exit_code_by, inputs, judging, telling_losses
from guidex_schema.cli.streams import STANDARD, misuse, sink_for, standard_input

if TYPE_CHECKING:
    from guidex_schema.diagnostic import Report
    from guidex_schema.inspection import Comparison
    from guidex_schema.rule import Rule
    from guidex_schema.settings import LoadedSettings
    from guidex_schema.statistics import DatasetStatistics, LabelSet
    from guidex_schema.values import Reading
    from guidex_schema.works.stats import Counted


class StatisticsFormat(StrEnum):
    """The formats of statistics."""

    TEXT = "text"
    JSON = "json"


def stats(
    paths: options.Paths = None,
    guidelines: options.Guidelines = None,
    text: options.Text = None,
    output_format: Annotated[StatisticsFormat, typer.Option(help="How they are written.")] = StatisticsFormat.TEXT,
    output_file: Annotated[
        Path | None, typer.Option("--output-file", "-o", help="Write to this file.", show_default=False)
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            help="Compare the entity types with label sets: JSON, an object of names and lists of labels.",
            show_default=False,
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Show this many lines of a table; JSON has all.")] = 10,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Propose attributes with this share of absent values.")
    ] = 0.5,
    least: Annotated[int, typer.Option(min=1, help="Show and propose only attributes with this many values.")] = 5,
    select: options.Select = None,
    extend_select: options.ExtendSelect = None,
    ignore: options.Ignore = None,
    no_lint: options.NoLint = False,
    max_rejected: options.MaxRejected = None,
    isolation: options.Isolation = IsolationDemand.BEST_EFFORT,
    worker: options.Worker = WorkerMode.PERSISTENT,
    jobs: options.Jobs = None,
    engine: options.Engine = Reader.LOCAL,
    address: options.Address = None,
    no_accelerate: options.NoAccelerate = False,
    config: options.Config = None,
) -> None:
    """Count what a dataset holds: documents, entity types, annotations, values and findings; propose settings.

    What could not be read is told on standard error. Exit code 0: all is done, whatever was found. 1: more rows have
    an error, or could not be read, than --max-rejected allows, or a file could not be read to its end. 2: nothing could
    be read, or wrong usage.
    """
    with misuse():
        from guidex_schema.datasets import SUFFIXES
        from guidex_schema.display import json_text
        from guidex_schema.error import UsageError
        from guidex_schema.quantity import quantity
        from guidex_schema.reports.dataset import render_dataset
        from guidex_schema.statistics import DatasetStatistics, label_overlap
        from guidex_schema.values import Tally
        from guidex_schema.works.stats import CountWork

        read = [*inputs(paths, guidelines, text), *([] if against is None else [against])]
        if read.count(STANDARD) > 1:
            raise UsageError("standard input can be read once only")
        sets = () if against is None else _label_sets(against)
        loaded = loaded_settings(config, select, extend_select, ignore)
        rules = applied_rules(loaded.settings, guidelines, no_lint=no_lint)
        tally, statistics = Tally(), DatasetStatistics()
        work = CountWork(
            judging(_with_losses(rules), loaded.settings, guidelines, isolation, worker, accelerate=not no_accelerate)
        )
        encoding = "utf-8" if output_format is StatisticsFormat.JSON else None
        with sink_for(output_file, read, encoding, SUFFIXES) as sink:
            found = Readers(engine, address, jobs).results(work, paths, guidelines, text, loaded.settings.columns)
            counted = _counted(found, statistics, _telling(rules, loaded), work.judging.comparison())
            with telling_interrupt(lambda: f"{quantity(tally.read, 'row')} read", is_lost=True):
                for one in telling_losses(counted, lambda reading: reading):
                    tally.add(one)
            proposal = statistics.attributes.proposal(threshold, least)
            overlap = label_overlap(sets, statistics.declared, statistics.entity_types) if sets else None
            match output_format:
                case StatisticsFormat.TEXT:
                    setting = tuple(dict.fromkeys((*loaded.settings.abstractive, *proposal))) if proposal else ()
                    sink.writelines(render_dataset(statistics, overlap, setting, tally.gaps(), least=least, top=top))
                case StatisticsFormat.JSON:
                    facts = statistics.facts()
                    facts["rows"] = {**tally.rows, **statistics.rows}
                    facts["proposal"] = proposal
                    if overlap is not None:
                        facts["overlap"] = overlap.facts()
                    sink.write(json_text(facts, indent=2) + "\n")
        raise typer.Exit(exit_code_by(statistics, max_rejected))


def _label_sets(file: Path) -> "tuple[LabelSet, ...]":
    """Read label sets, and say on standard error which labels they repeat."""
    from guidex_schema.diagnostic import quoted, visible
    from guidex_schema.quantity import quantity
    from guidex_schema.statistics import label_set

    if file == STANDARD:
        content = standard_input().read(label_set.SIZE_LIMIT + 1)
    else:
        with file.open("rb") as opened:
            content = opened.read(label_set.SIZE_LIMIT + 1)
    name = visible("<stdin>" if file == STANDARD else str(file))
    sets = label_set.label_sets(content, name)
    for one in sets:
        if one.repeated:
            repeated = f"{quantity(len(one.repeated), 'label')}, as {quoted(one.repeated[0])}"
            typer.echo(f"guidex: {name}: {quoted(one.name)} repeats {repeated}; each counts once", err=True)
    return sets


def _with_losses(rules: "Iterable[Rule]") -> "list[Rule]":
    """Add the rules that find what could not be read, which is told whatever is selected."""
    from guidex_schema.values import loss_rules

    return list({rule.name: rule for rule in (*rules, *loss_rules())}.values())


def _telling(rules: "Iterable[Rule]", loaded: "LoadedSettings") -> "Callable[[Report], Report]":
    """Give a function that leaves of a report what ``guidex check`` tells with these rules."""
    from guidex_schema.rule import by_name

    codes = {rule.code for rule in (*rules, by_name()["rule-failed"])}
    left = ignoring(loaded)

    def told(report: "Report") -> "Report":
        diagnostics = tuple(one for one in report.diagnostics if one.code in codes)
        return left(report.model_copy(update={"diagnostics": diagnostics}))

    return told


def _counted(
    found: "Iterable[Counted]",
    statistics: "DatasetStatistics",
    told: "Callable[[Report], Report]",
    comparison: "Comparison",
) -> "Iterator[Reading]":
    """Give what is told of each row while it is counted."""
    from guidex_schema.diagnostic import Report
    from guidex_schema.statistics import RowCounts

    for one in found:
        if isinstance(one, RowCounts):
            statistics.merge(one)
            continue
        if isinstance(one, Report):
            statistics.add_report(told(one))
            continue
        statistics.add_report(told(one.checked.compared(comparison)))
        if one.reading is not None:
            yield one.reading
    for _, report in comparison.conclusions():
        statistics.add_report(told(report))
