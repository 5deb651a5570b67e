"""How a report is written."""

from dataclasses import dataclass, field

from guidex_schema.diagnostic import Severity
from guidex_schema.source_root import SourceRoot


@dataclass(frozen=True)
class Style:
    """Say how wide and how colourful a report for people is, and what programs call files and take for a failure.

    Attributes:
        colour: write ANSI colours.
        width: columns of the terminal.
        quiet: leave out the summary.
        statistics: count the findings by code in place of showing each.
        root: the folder that programs know files by.
        failing: the severities that make a run fail.
    """

    colour: bool = False
    width: int = 100
    quiet: bool = False
    statistics: bool = False
    root: SourceRoot = field(default_factory=SourceRoot)
    failing: frozenset[Severity] = frozenset((Severity.ERROR,))
