"""``guidex schema``: what a guideline file declares."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guidex_schema.cli import options
from guidex_schema.cli.streams import STANDARD, misuse, read_bytes, standard_output

if TYPE_CHECKING:
    from guidex_schema.schema import Schema


class SchemaFormat(StrEnum):
    """The forms in which a schema is written."""

    JSON = "json"
    JSON_SCHEMA = "json-schema"
    PYTHON = "python"
    LARK = "lark"
    EBNF = "ebnf"


def schema(
    file: Annotated[Path, typer.Argument(help="A guideline file; - is standard input.")],
    to: Annotated[SchemaFormat, typer.Option(help="The form to write.")] = SchemaFormat.JSON,
    document: Annotated[
        Path | None,
        typer.Option(help="The text that a grammar's values have to stand in; - is stdin.", show_default=False),
    ] = None,
    config: options.Config = None,
) -> None:
    """Show what a guideline file declares.

    As lark (for llguidance) or ebnf (for xgrammar) it is a grammar of lists of instances in which a check finds no
    error; with --document their values stand in it. What no list can hold, such as a class that requires a number
    where the document has none, is named on standard error. So are faults; what could be read is written all the same.
    Exit code 1: there were faults.
    """
    with misuse():
        import json

        from guidex_schema.error import UsageError
        from guidex_schema.guideline import FILE_LIMITS, parse_guideline
        from guidex_schema.json_schema import json_schema
        from guidex_schema.rendering import render_guideline
        from guidex_schema.rule import by_name

        is_grammar = to in (SchemaFormat.LARK, SchemaFormat.EBNF)
        if document is not None and not is_grammar:
            raise UsageError("--document belongs to a grammar: --to lark or --to ebnf")
        if document == file == STANDARD:
            raise UsageError("guidelines and document cannot both be standard input")
        guideline = parse_guideline(_text(file, FILE_LIMITS.size))
        omitted: tuple[str, ...] = ()
        match to:
            case SchemaFormat.JSON:
                written = guideline.schema.model_dump_json(indent=2) + "\n"
            case SchemaFormat.JSON_SCHEMA:
                written = json.dumps(json_schema(guideline.schema), indent=2, ensure_ascii=False) + "\n"
            case SchemaFormat.PYTHON:
                written = render_guideline(guideline.schema)
            case SchemaFormat.LARK | SchemaFormat.EBNF:
                written, omitted = _grammar(guideline.schema, to, document, config)
        standard_output("utf-8").write(written)
        for reason in omitted:
            typer.echo(f"{file}: left out of the grammar: {reason}", err=True)
        for fault in guideline.faults:
            rule = by_name()[fault.rule]
            start = guideline.document.position(fault.span.start) if fault.span else None
            place = f":{start.line}:{start.column + 1}" if start else ""
            typer.echo(f"{file}{place}: {rule.severity} {rule.code} {rule.name}: {fault.message}", err=True)
        raise typer.Exit(1 if guideline.faults else 0)


def _text(file: Path, limit: int) -> str:
    """Read a text file.

    Raises:
        UsageError: it cannot be read, or is no text.
    """
    from guidex_schema import source_file
    from guidex_schema.diagnostic import Fault
    from guidex_schema.error import UsageError

    try:
        found = source_file.decode(file, read_bytes(file), limit)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error
    if isinstance(found, Fault):
        raise UsageError(f"{file}: {found.message}")
    return found.text


def _grammar(
    declared: "Schema", to: SchemaFormat, document: Path | None, config: Path | None
) -> tuple[str, tuple[str, ...]]:
    """Write a grammar within the bounds of the settings, and say what it leaves out.

    Raises:
        UsageError: the document cannot be read or is too long, or the settings are wrong.
    """
    from guidex_schema import settings
    from guidex_schema.generation.grammar import Bounds, ebnf, lark, omitted
    from guidex_schema.guideline import FILE_LIMITS

    loaded = settings.load(config, Path.cwd()).settings
    bounds = Bounds(**{name: getattr(loaded.generation, name) for name in Bounds.model_fields})
    text = None if document is None else _text(document, FILE_LIMITS.size)
    write = lark if to is SchemaFormat.LARK else ebnf
    given = (declared, text, bounds, loaded.abstractive)
    return write(*given), omitted(*given)
