"""The ``guidex`` command. Bodies import what they need when they run, so that help is quick."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer

if TYPE_CHECKING:
    from guidex_schema.datasets import Row
    from guidex_schema.diagnostic import Report
    from guidex_schema.reports import Style, Summary
    from guidex_schema.settings import Settings
    from guidex_schema.validation import Validator

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
        from guidex_schema.validation import Validator

        if not paths:
            raise UsageError("name a dataset, a folder of datasets, or - for standard input")
        settings = _settings(config, select, ignore)
        summary = reports.Summary()
        with Validator(rules=settings.rules, severities=settings.severities, columns=settings.columns) as validator:
            found = _reports(paths, guidelines, text, settings, validator)
            _write(output_format, output_file, found, summary, quiet=quiet, statistics=statistics)
        if exit_zero:
            raise typer.Exit
        if summary.checked == 0 and summary.unread:
            raise typer.Exit(2)
        failing = list(Severity)[: list(FailOn).index(fail_on) + 1]
        raise typer.Exit(1 if any(summary.severities[one] for one in failing) else 0)


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
        _echo(sys.stdout, written)
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
        from guidex_schema.catalogue import rule_page, rules_page
        from guidex_schema.error import UsageError
        from guidex_schema.rule import discover
        from guidex_schema.settings import selection

        if everything:
            _echo(sys.stdout, rules_page(discover()))
        elif code is None:
            for one in discover():
                typer.echo(f"{one.code}  {one.severity:<8} {one.name}")
        else:
            codes = selection((code,))
            if len(codes) > 1:
                raise UsageError(f"{code} names {len(codes)} rules; give one code")
            page = next(rule_page(one) for one in discover() if one.code in codes)
            _echo(sys.stdout, page)


def main() -> None:
    """Run the command."""
    app()


@contextmanager
def _misuse() -> Iterator[None]:
    """Turn misuse and broken machinery into one line and exit code 2."""
    from guidex_schema.error import GuidexError

    try:
        yield
    except GuidexError as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader has seen enough; the interpreter must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


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


def _reports(
    paths: list[Path],
    guidelines: Path | None,
    text: Path | None,
    settings: "Settings",
    validator: "Validator",
) -> Iterator["Report"]:
    """Check every path: as a dataset, or as labels where guidelines are given."""
    from guidex_schema import datasets
    from guidex_schema.datasets import source_files
    from guidex_schema.error import UsageError

    if guidelines is None:
        if text is not None:
            raise UsageError("--text needs --guidelines")
        for path in paths:
            if str(path) == "-":
                yield from validator.check_rows(datasets.read_jsonl(sys.stdin.buffer, "<stdin>", settings.columns))
                continue
            for file in datasets.dataset_files(path):
                yield from validator.check_file(file)
        return
    if [str(path) for path in (*paths, guidelines, text)].count("-") > 1:
        raise UsageError("standard input can be read once only")

    def rows() -> Iterator["Row"]:
        for path in paths:
            yield source_files.read(guidelines, path, text, _bytes)

    for row in rows():
        yield from validator.check_rows([row])


def _bytes(path: Path) -> bytes:
    return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()


def _write(
    output_format: OutputFormat,
    output_file: Path | None,
    found: Iterator["Report"],
    summary: "Summary",
    *,
    quiet: bool,
    statistics: bool,
) -> None:
    from guidex_schema import reports
    from guidex_schema.error import UsageError

    render = reports.FORMATS[output_format.value]
    if output_file is None:
        for piece in render(found, summary, _style(sys.stdout, quiet=quiet, statistics=statistics)):
            _echo(sys.stdout, piece)
        return
    try:
        with output_file.open("w", encoding="utf-8", errors="backslashreplace") as sink:
            for piece in render(found, summary, _style(sink, quiet=quiet, statistics=statistics)):
                sink.write(piece)
    except OSError as error:
        raise UsageError(f"{output_file} cannot be written: {error.strerror or error}") from error


def _style(sink: TextIO, *, quiet: bool, statistics: bool) -> "Style":
    """Choose colour and width as the terminal and NO_COLOR, FORCE_COLOR say."""
    import shutil

    from guidex_schema.reports import Style

    terminal = sink.isatty()
    colour = not os.environ.get("NO_COLOR") and (terminal or bool(os.environ.get("FORCE_COLOR")))
    width = shutil.get_terminal_size((100, 24)).columns if terminal else 100
    return Style(colour=colour, width=width, quiet=quiet, statistics=statistics)


def _echo(sink: TextIO, text: str) -> None:
    """Write text to a stream whose encoding may not have all of its characters."""
    encoding = sink.encoding or "utf-8"
    sink.write(text.encode(encoding, "backslashreplace").decode(encoding))
