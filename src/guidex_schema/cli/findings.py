"""What commands that find something have in common: which rules are applied, and what is told of the findings."""

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from guidex_schema.cli.options import FailOn, OutputFormat
from guidex_schema.cli.streams import style_for

if TYPE_CHECKING:
    from guidex_schema.diagnostic import Report, Severity
    from guidex_schema.reports import Summary
    from guidex_schema.rule import Rule
    from guidex_schema.settings import LoadedSettings, Settings, Telling
    from guidex_schema.source_root import SourceRoot


def loaded_settings(
    config: Path | None, select: list[str] | None, extend_select: list[str] | None, ignore: list[str] | None
) -> "LoadedSettings":
    """Load the settings, with what the command line says in their place.

    Raises:
        UsageError: a file is wrong, or a selector names no rule.
    """
    from guidex_schema import settings
    from guidex_schema.error import UsageError

    given = {"select": select, "extend_select": extend_select, "ignore": ignore}
    changes = {name: _split(value) for name, value in given.items() if value}
    for name, selectors in changes.items():
        if not selectors:
            raise UsageError(f"--{name.replace('_', '-')} names no rule")
    return settings.load(config, Path.cwd()).changed(changes)


def _split(values: list[str]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def applied_rules(settings: "Settings", guidelines: Path | None, *, no_lint: bool) -> "list[Rule]":
    """Give the rules to apply to rows, or to label files where guidelines are given.

    Raises:
        UsageError: no rule is left.
    """
    rules = settings.rules("row" if guidelines is None else "file")
    return [rule for rule in rules if not (no_lint and rule.is_lint)]


def telling(loaded: "LoadedSettings") -> "Telling":
    """Give a function that says whether a finding is told, and not ignored in single files by the settings."""
    from guidex_schema.settings import Telling

    return Telling(loaded.settings, loaded.root)


def ignoring(loaded: "LoadedSettings") -> "Callable[[Report], Report]":
    """Give a function that leaves out of a report what the settings ignore in single files."""
    is_told = telling(loaded)

    def left(report: "Report") -> "Report":
        kept = tuple(filter(is_told, report.diagnostics))
        return report if len(kept) == len(report.diagnostics) else report.model_copy(update={"diagnostics": kept})

    return left


def tell(
    found: "Iterable[Report]",
    summary: "Summary",
    sink: TextIO,
    output_format: OutputFormat,
    *,
    fail_on: FailOn,
    quiet: bool,
    statistics: bool,
) -> None:
    """Write findings as they come; what a format for machines leaves out is said on standard error."""
    from guidex_schema import reports
    from guidex_schema.diagnostic import Severity

    style = style_for(sink, quiet=quiet, statistics=statistics)
    style = replace(style, root=_source_root(), failing=frozenset(_failing(fail_on)))
    sink.writelines(reports.report_format(output_format.value)(found, summary, style))
    if sink not in (sys.stdout, sys.stderr) and not quiet:
        typer.echo(summary.sentence(), err=True)
    if summary.newly_unread and not summary.severities[Severity.ERROR]:
        # A file that was not read is never clean, whatever was selected.
        unread = "rows or files could not be read, and the rules that say why are left out"
        typer.echo(f"guidex: {summary.newly_unread} {unread}", err=True)


def _source_root() -> "SourceRoot":
    """Give the folder that the service knows files by in which this runs; else the working directory."""
    from guidex_schema.source_root import SourceRoot

    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        if (folder := os.environ.get(name)) and Path.cwd().is_relative_to(Path(folder).resolve()):
            return SourceRoot(folder)
    return SourceRoot()


def exit_code(summary: "Summary", fail_on: FailOn) -> int:
    """Give 2 where nothing could be read, 1 where something is found that fails and is not known, else 0."""
    if summary.checked == 0 and summary.unread:
        return 2
    return 1 if summary.newly_unread or any(summary.severities[one] for one in _failing(fail_on)) else 0


def _failing(fail_on: FailOn) -> "list[Severity]":
    """Give the severities that make the exit code 1."""
    from guidex_schema.diagnostic import Severity

    return list(Severity)[: list(FailOn).index(fail_on) + 1]
