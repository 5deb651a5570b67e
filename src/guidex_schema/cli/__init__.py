"""The ``guidex`` command, one module for each of its own. Bodies import what they need when they run: help is quick."""

import os
import sys
from io import FileIO, TextIOWrapper
from typing import Annotated

import typer

from guidex_schema import collection
from guidex_schema.cli.check import check
from guidex_schema.cli.config import config
from guidex_schema.cli.convert import convert
from guidex_schema.cli.doctor import doctor
from guidex_schema.cli.filter import filter_rows
from guidex_schema.cli.generate import generate
from guidex_schema.cli.ground import ground
from guidex_schema.cli.interruption import ending_in_order
from guidex_schema.cli.lint import lint
from guidex_schema.cli.report import report
from guidex_schema.cli.rule import rule
from guidex_schema.cli.schema import schema
from guidex_schema.cli.server import server
from guidex_schema.cli.stats import stats

app = typer.Typer(
    name="guidex",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Validate annotation schemas and annotations that language models write as Python dataclasses.",
)
for command in (check, lint, generate, ground, stats, convert, report, schema, rule, config, doctor, server):
    app.command()(command)
app.command("filter")(filter_rows)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    """Validate annotation schemas and annotations that language models write as Python dataclasses."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"guidex-schema {installed('guidex-schema')}")
        raise typer.Exit


def main() -> None:
    """Run the command."""
    for name in ("stdout", "stderr"):
        # A stream that the caller has closed takes what is written, as /dev/null does.
        if getattr(sys, name) is None:
            setattr(sys, name, TextIOWrapper(FileIO(os.devnull, "w"), encoding="utf-8"))
    # What a command imports stays, too.
    with ending_in_order(), collection.seldom():
        app()
