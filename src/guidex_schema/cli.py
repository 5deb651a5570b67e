"""The ``guidex`` command. Bodies import what they need when they run, so that help is quick."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, NoReturn, TextIO

import typer

if TYPE_CHECKING:
    from guidex_schema.datasets import Columns
    from guidex_schema.diagnostic import Report
    from guidex_schema.reports import Style
    from guidex_schema.settings import Settings
    from guidex_schema.validation import Validator

# The path that names standard input or output.
_STANDARD = Path("-")

# What shells give for a program that SIGPIPE or SIGINT ended.
_ENDED_BY_PIPE = 141
_ENDED_BY_INTERRUPT = 130

app = typer.Typer(
    name="guidex",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Validate annotation schemas and annotations that language models write as Python dataclasses.",
)


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


class SchemaFormat(StrEnum):
    """The forms in which a schema is written."""

    JSON = "json"
    JSON_SCHEMA = "json-schema"
    PYTHON = "python"


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    """Validate annotation schemas and annotations that language models write as Python dataclasses."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"guidex-schema {installed('guidex-schema')}")
        raise typer.Exit


@app.command()
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
    config: Annotated[
        Path | None, typer.Option(help="Settings file in place of the nearest one.", show_default=False)
    ] = None,
) -> None:
    """Check datasets, or labels against guidelines.

    Exit code 0: clean. 1: findings. 2: nothing could be checked, or wrong usage.
    """
    with _misuse():
        from guidex_schema import reports
        from guidex_schema.diagnostic import Severity
        from guidex_schema.error import UsageError
        from guidex_schema.guideline import FILE_LIMITS, ROW_LIMITS
        from guidex_schema.validation import Validator

        if not paths:
            raise UsageError("name a dataset, a folder of datasets, or - for standard input")
        inputs = _inputs(paths, guidelines, text)
        settings = _settings(config, select, ignore)
        summary = reports.Summary()
        limits = ROW_LIMITS if guidelines is None else FILE_LIMITS
        with (
            _sink(output_file, inputs, reports.ENCODINGS[output_format.value]) as sink,
            Validator(
                rules=settings.rules, severities=settings.severities, columns=settings.columns, limits=limits
            ) as validator,
        ):
            found = _reports(paths, guidelines, text, settings.columns, validator)
            style = _style(sink, quiet=quiet, statistics=statistics)
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


@app.command()
def schema(
    file: Annotated[Path, typer.Argument(help="A guideline file; - is standard input.")],
    to: Annotated[SchemaFormat, typer.Option(help="The form to write.")] = SchemaFormat.JSON,
) -> None:
    """Show what a guideline file declares.

    Faults go to standard error; what could be read is written all the same. Exit code 1: there were faults.
    """
    with _misuse():
        import json

        from guidex_schema.error import UsageError
        from guidex_schema.guideline import parse_guideline
        from guidex_schema.json_schema import json_schema
        from guidex_schema.rendering import render_guideline
        from guidex_schema.rule import by_name

        try:
            source = _bytes(file).decode("utf-8-sig")
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise UsageError(f"{file} is not UTF-8: {error}") from error
        guideline = parse_guideline(source)
        match to:
            case SchemaFormat.JSON:
                written = guideline.schema.model_dump_json(indent=2) + "\n"
            case SchemaFormat.JSON_SCHEMA:
                written = json.dumps(json_schema(guideline.schema), indent=2, ensure_ascii=False) + "\n"
            case SchemaFormat.PYTHON:
                written = render_guideline(guideline.schema)
        _standard_output("utf-8").write(written)
        for fault in guideline.faults:
            rule = by_name()[fault.rule]
            start = guideline.document.position(fault.span.start) if fault.span else None
            place = f":{start.line}:{start.column + 1}" if start else ""
            typer.echo(f"{file}{place}: {rule.severity} {rule.code} {rule.name}: {fault.message}", err=True)
        raise typer.Exit(1 if guideline.faults else 0)


@app.command()
def rule(
    code: Annotated[
        str | None, typer.Argument(help="A code or name; all rules are listed without one.", show_default=False)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Write the pages of all rules (RULES.md).")] = False,
) -> None:
    """Explain a rule: what it finds, why, and examples."""
    with _misuse():
        from guidex_schema import reports
        from guidex_schema.catalogue import rule_line, rule_page, rules_page
        from guidex_schema.rule import discover
        from guidex_schema.settings import selection

        sink = _standard_output()
        if everything:
            sink.write(rules_page(discover()))
            return
        codes = {one.code for one in discover()} if code is None else selection((code,))
        rules = [one for one in discover() if one.code in codes]
        if code is not None and len(rules) == 1:
            sink.write(reports.page(rule_page(rules[0]), _style(sink)))
        else:
            width = _style(sink).width if sink.isatty() else None
            for one in rules:
                sink.write(rule_line(one)[:width] + "\n")


def main() -> None:
    """Run the command."""
    for name in ("stdout", "stderr"):
        # A stream that the caller has closed takes what is written, as /dev/null does.
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115, open as long as the program
    app()


@contextmanager
def _misuse() -> Iterator[None]:
    """Turn misuse, broken machinery and interruptions into at most one line and an exit code."""
    from guidex_schema.error import GuidexError

    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except GuidexError as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader has seen enough. What was not written may hold findings, so this is not exit code 0.
        _drop_output()
        raise typer.Exit(_ENDED_BY_PIPE) from None
    except KeyboardInterrupt:
        _drop_output()
        raise typer.Exit(_ENDED_BY_INTERRUPT) from None
    except OSError as error:
        _drop_output()
        _fail(f"{error.filename or 'standard output'}: {error.strerror or error}")


def _drop_output() -> None:
    """Let what is still buffered go nowhere, so that the interpreter does not complain at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> NoReturn:
    typer.echo(f"guidex: {message}", err=True)
    raise typer.Exit(2)


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
    if inputs.count(_STANDARD) > 1:
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
            yield from validator.check_rows([source_files.read(guidelines, path, text, _bytes, index)])
        elif path == _STANDARD:
            yield from validator.check_rows(datasets.read_jsonl(_standard_input(), "<stdin>", columns))
        else:
            for rows in datasets.read_datasets(path, columns):
                yield from validator.check_rows(rows)


def _bytes(path: Path) -> bytes:
    return _standard_input().read() if path == _STANDARD else path.read_bytes()


def _standard_input() -> BinaryIO:
    from guidex_schema.error import UsageError

    if sys.stdin is None:
        raise UsageError("standard input is closed")
    return sys.stdin.buffer


@contextmanager
def _sink(output_file: Path | None, inputs: list[Path], encoding: str | None) -> Iterator[TextIO]:
    """Give what findings are written to.

    Args:
        output_file: the file; None and ``-`` are standard output.
        inputs: what is read, and must not be written over.
        encoding: of the format; None leaves it to the terminal.
    """
    from guidex_schema.error import UsageError

    if output_file is None or output_file == _STANDARD:
        yield _standard_output(encoding)
        return
    if any(_is_read(output_file, path) for path in inputs):
        raise UsageError(f"{output_file} is one of the files to check; write the findings to another")
    try:
        sink = output_file.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"{output_file} cannot be written: {error.strerror or error}") from error
    with sink:
        yield sink


def _standard_output(encoding: str | None = None) -> TextIO:
    """Give standard output, which takes any text: what its encoding does not have is escaped."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding=encoding or sys.stdout.encoding, errors="backslashreplace")
    return sys.stdout


def _is_read(file: Path, path: Path) -> bool:
    """Say whether checking a path reads a file."""
    from guidex_schema.datasets import SUFFIXES

    if path.is_dir():
        return file.suffix.lower() in SUFFIXES and file.resolve().is_relative_to(path.resolve())
    return file.exists() and path.exists() and file.samefile(path)


def _style(sink: TextIO, *, quiet: bool = False, statistics: bool = False) -> "Style":
    """Choose colour and width as the terminal and NO_COLOR, FORCE_COLOR, TERM say (no-color.org)."""
    import shutil

    from guidex_schema.reports import Style

    terminal = sink.isatty()
    wanted = os.environ.get("FORCE_COLOR", "0") not in ("", "0") or (terminal and os.environ.get("TERM") != "dumb")
    width = shutil.get_terminal_size((100, 24)).columns if terminal else 100
    colour = wanted and not os.environ.get("NO_COLOR")
    return Style(colour=colour, width=width, quiet=quiet, statistics=statistics)
