"""How a report for people is drawn."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """Say how wide and how colourful a report for people is.

    Attributes:
        colour: write ANSI colours.
        width: columns of the terminal.
        quiet: leave out the summary.
        statistics: count the findings by code in place of showing each.
    """

    colour: bool = False
    width: int = 100
    quiet: bool = False
    statistics: bool = False
