"""Options that several commands have."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class IsolationDemand(StrEnum):
    """How far the jail has to be closed."""

    STRICT = "strict"
    BEST_EFFORT = "best-effort"


class Reader(StrEnum):
    """Who reads rows."""

    LOCAL = "local"
    RAY = "ray"


class WorkerMode(StrEnum):
    """How labels are run."""

    PERSISTENT = "persistent"
    FORK_PER_ROW = "fork-per-row"


class OutputFormat(StrEnum):
    """The formats of a report."""

    FULL = "full"
    CONCISE = "concise"
    GROUPED = "grouped"
    JSON = "json"
    JSON_LINES = "json-lines"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"


class FailOn(StrEnum):
    """The least severity that makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


def _share(text: str) -> float:
    """Read `5%` or `0.05`."""
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise typer.BadParameter(f"{text} is no share; write 5% or 0.05")
    return share


Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Datasets (.jsonl, .json, .parquet, .arrow; folders; URIs), or label files with --guidelines; - is stdin.",
        show_default=False,
    ),
]
Guidelines = Annotated[
    Path | None, typer.Option(help="Guidelines for the label files given as PATHS.", show_default=False)
]
Text = Annotated[Path | None, typer.Option(help="The document that the label files annotate.", show_default=False)]
Isolation = Annotated[
    IsolationDemand, typer.Option(help="Judge labels only with every layer of the jail, or with those there are.")
]
Worker = Annotated[WorkerMode, typer.Option(help="Run labels in one jailed process, or every row's in one of its own.")]
Engine = Annotated[Reader, typer.Option("--engine", help="Read rows on this machine, or on a Ray cluster.")]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="The Ray cluster; RAY_ADDRESS unless given, and else one of this machine alone.",
        show_default=False,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1, help="Read rows in this many processes; as many as there are cores unless given.", show_default=False
    ),
]
NoAccelerate = Annotated[
    bool,
    typer.Option("--no-accelerate", help="Leave all to libcst and RestrictedPython, without shortcuts."),
]
Cache = Annotated[
    bool | None,
    typer.Option(
        "--cache/--no-cache",
        help="Remember what was found in rows of JSONL, in the user's cache folder, and check only others again.",
        show_default=False,
    ),
]
Config = Annotated[Path | None, typer.Option(help="Settings file in place of the nearest one.", show_default=False)]
MaxRejected = Annotated[
    float | None,
    typer.Option(
        parser=_share,
        metavar="SHARE",
        help="Exit 1 if more of the rows are skipped or rejected, as in 5%.",
        show_default=False,
    ),
]
Format = Annotated[OutputFormat, typer.Option("--output-format", help="How findings are written.")]
OutputFile = Annotated[Path | None, typer.Option(help="Write findings to this file.", show_default=False)]
Select = Annotated[
    list[str] | None,
    typer.Option(
        help="Codes, prefixes (GX2) or names to apply in place of the default; repeat or separate by commas.",
        show_default=False,
    ),
]
ExtendSelect = Annotated[
    list[str] | None, typer.Option(help="Codes, prefixes or names to apply besides.", show_default=False)
]
Ignore = Annotated[list[str] | None, typer.Option(help="Codes, prefixes or names to leave out.", show_default=False)]
NoLint = Annotated[bool, typer.Option("--no-lint", help="Leave out the lints of the guidelines (GX1).")]
Failing = Annotated[FailOn, typer.Option("--fail-on", help="The least severity that makes the exit code 1.")]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit 0 whatever is found.")]
Statistics = Annotated[bool, typer.Option("--statistics", help="Count findings by code.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Leave out the summary.")]
Baseline = Annotated[
    Path | None, typer.Option(help="Leave out the findings of this file, which are known.", show_default=False)
]
WriteBaseline = Annotated[
    Path | None, typer.Option(help="Write all findings to this file as known, and tell none.", show_default=False)
]
