"""``guidex lint``: guideline files, and the fixes that mend them."""

import difflib
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from guidex_schema.cli import options
from guidex_schema.cli.findings import exit_code, loaded_settings, tell
from guidex_schema.cli.options import FailOn, OutputFormat
from guidex_schema.cli.streams import STANDARD, misuse, read_bytes, sink_for, standard_output

if TYPE_CHECKING:
    from guidex_schema.diagnostic import Report
    from guidex_schema.guideline_files import Unread
    from guidex_schema.linting import Linter, Repair
    from guidex_schema.reports import Summary
    from guidex_schema.settings import LoadedSettings
    from guidex_schema.source_file import SourceFile


# Lines as `patch` knows them.
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Guideline files, or folders of them; - is standard input.", show_default=False),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Make the safe fixes.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="With --fix or --diff: those, too, that only the author can judge.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")] = False,
    show_fixes: Annotated[bool, typer.Option("--show-fixes", help="List every fix that is made.")] = False,
    add_ignore: Annotated[
        bool, typer.Option("--add-ignore", help="Write `# guidex: ignore[...]` to every finding.")
    ] = False,
    output_format: options.Format = OutputFormat.FULL,
    output_file: options.OutputFile = None,
    select: options.Select = None,
    extend_select: options.ExtendSelect = None,
    ignore: options.Ignore = None,
    fail_on: options.Failing = FailOn.ERROR,
    exit_zero: options.ExitZero = False,
    statistics: options.Statistics = False,
    quiet: options.Quiet = False,
    stdin_filename: Annotated[
        Path | None, typer.Option(help="What standard input is called in findings and settings.", show_default=False)
    ] = None,
    force_exclude: Annotated[
        bool, typer.Option("--force-exclude", help="Pass over excluded files, too, that are named outright.")
    ] = False,
    config: options.Config = None,
) -> None:
    """Lint guideline files, and mend them.

    Exit code 0: no finding as severe as --fail-on says. 1: there is one, or with --diff something to fix. 2: nothing
    could be read or a file could not be written, or wrong usage.
    """
    with misuse(), ExitStack() as stack:
        from guidex_schema import reports
        from guidex_schema.error import UsageError
        from guidex_schema.guideline_files import SUFFIXES
        from guidex_schema.linting import Linter

        if not paths:
            raise UsageError("name a guideline file, a folder of them, or - for standard input")
        if unsafe_fixes and not (fix or diff):
            raise UsageError("--unsafe-fixes goes with --fix or --diff")
        if add_ignore and (fix or unsafe_fixes):
            raise UsageError("--add-ignore writes suppressions in place of fixes; run --fix first")
        loaded = loaded_settings(config, select, extend_select, ignore)
        linter = Linter(
            loaded.settings.rules("file"), severities=loaded.settings.severities, thresholds=loaded.settings.thresholds
        )
        mending = _Mending(
            linter, loaded, fixes=fix or diff, unsafe=unsafe_fixes, ignores=add_ignore, diff=diff, shows=show_fixes
        )
        mended = "suppressed" if add_ignore else "fixed"
        summary = reports.Summary(of="file", mended=f"would be {mended}" if diff else mended)
        found = _reports(paths, mending, summary, stdin_filename, force_exclude=force_exclude)
        if diff or (STANDARD in paths and mending.changes):
            # Standard output is for the text.
            sink: TextIO = sys.stderr
        else:
            sink = stack.enter_context(sink_for(output_file, paths, reports.ENCODINGS[output_format.value], SUFFIXES))
        if diff:
            _tell_unread(summary.counting(found))
            if not quiet:
                typer.echo(summary.sentence(), err=True)
        else:
            tell(found, summary, sink, output_format, fail_on=fail_on, quiet=quiet, statistics=statistics)
        if mending.unwritten:
            raise typer.Exit(2)
        if exit_zero:
            raise typer.Exit
        if diff and summary.checked:
            raise typer.Exit(1 if mending.changed or summary.unread else 0)
        raise typer.Exit(exit_code(summary, fail_on))


@dataclass
class _Mending:
    """How files are changed, and what came of it.

    Attributes:
        changed: files that were changed, or would be.
        unwritten: files that could not be written.
    """

    linter: "Linter"
    loaded: "LoadedSettings"
    fixes: bool
    unsafe: bool
    ignores: bool
    diff: bool
    shows: bool
    changed: int = 0
    unwritten: int = 0

    @property
    def changes(self) -> bool:
        return self.fixes or self.ignores

    def report(self, file: "SourceFile", name: str, summary: "Summary") -> "Report":
        """Lint a file, and mend it where that is asked for."""
        ignored = self.loaded.settings.ignored(Path(name), self.loaded.root)
        if self.ignores:
            repair = self.linter.suppress(file.text, file=name, ignored=ignored)
        elif self.fixes:
            repair = self.linter.fix(file.text, unsafe=self.unsafe, file=name, ignored=ignored)
        else:
            return self.linter.lint(file.text, file=name, ignored=ignored)
        if not self._write(file, name, repair):
            return self.linter.lint(file.text, file=name, ignored=ignored)
        summary.fixed += len(repair.fixed)
        return repair.report

    def _write(self, file: "SourceFile", name: str, repair: "Repair") -> bool:
        """Write a mended file, or show what would change; say whether that was done."""
        from guidex_schema.reports.place import place
        from guidex_schema.source_file import ChangedFile

        is_changed = repair.source != file.text
        self.changed += is_changed
        if self.diff:
            standard_output().writelines(_difference(file.text, repair.source, name))
        elif file.path == STANDARD:
            sys.stdout.buffer.write(file.rewritten(repair.source))
        elif is_changed:
            try:
                file.replace(repair.source)
            except (ChangedFile, OSError) as error:
                self.unwritten += 1
                reason = str(error) if isinstance(error, ChangedFile) else f"{name} cannot be written: {error.strerror}"
                typer.echo(f"guidex: {reason}", err=True)
                return False
        if self.shows:
            for one in repair.fixed:
                done = "suppressed" if self.ignores or one.fix is None else f"fixed: {one.fix.title}"
                typer.echo(f"{place(one)}: {one.code} {one.name} {done}", err=True)
        return True


def _tell_unread(found: "Iterable[Report]") -> None:
    """Say on standard error which files could not be read, where nothing else is told of files."""
    from guidex_schema.reports import concise

    for report in found:
        for one in report.diagnostics if report.unread else ():
            typer.echo(concise.line(one), err=True)


def _reports(
    paths: list[Path], mending: _Mending, summary: "Summary", called: Path | None, *, force_exclude: bool
) -> "Iterator[Report]":
    from guidex_schema.guideline_files import Unread, guideline_files
    from guidex_schema.settings import matches

    loaded = mending.loaded

    def is_excluded(path: Path) -> bool:
        return any(matches(path, pattern, loaded.root) for pattern in loaded.settings.exclude)

    for path in dict.fromkeys(paths):
        if force_exclude and is_excluded(called if path == STANDARD and called else path):
            continue
        files = iter((_standard(mending),)) if path == STANDARD else guideline_files(path, is_excluded)
        for file in files:
            name = str(called or "<stdin>") if file.path == STANDARD else str(file.path)
            if isinstance(file, Unread):
                ignored = loaded.settings.ignored(Path(name), loaded.root)
                report = mending.linter.unread(file.fault, file=name, ignored=ignored)
            else:
                report = mending.report(file, name, summary)
            yield report.model_copy(update={"file": name})


def _standard(mending: _Mending) -> "SourceFile | Unread":
    from guidex_schema import source_file
    from guidex_schema.guideline_files import Unread
    from guidex_schema.screening import FILE_LIMITS
    from guidex_schema.source_file import SourceFile

    data = read_bytes(STANDARD)
    found = source_file.decode(STANDARD, data, FILE_LIMITS.size)
    if isinstance(found, SourceFile):
        return found
    if mending.changes and not mending.diff:
        # Who filters a text through this command gets it back, whatever it is.
        sys.stdout.buffer.write(data)
    return Unread(STANDARD, found)


def _difference(before: str, after: str, name: str) -> Iterator[str]:
    """Give a unified diff of two texts, as `patch` reads it."""
    old, new = _LINE.findall(before), _LINE.findall(after)
    for line in difflib.unified_diff(old, new, fromfile=f"a/{name}", tofile=f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
