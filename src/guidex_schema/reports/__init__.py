"""Reports: one file per output format, each of which turns a stream of reports into a stream of text."""

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from guidex_schema.diagnostic import Report
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Comparison, Summary

__all__ = ["ENCODINGS", "Comparison", "Format", "Style", "Summary", "report_format"]

Format = Callable[[Iterable[Report], Summary, Style], Iterator[str]]

# What other programs read is UTF-8 wherever it is written (RFC 8259, section 8.1); None leaves it to the terminal.
ENCODINGS: Mapping[str, str | None] = {
    "full": None,
    "concise": None,
    "grouped": None,
    "json": "utf-8",
    "json-lines": "utf-8",
    "sarif": "utf-8",
    "github": "utf-8",
    "gitlab": "utf-8",
    "junit": "utf-8",
}


def report_format(name: str) -> Format:
    """Give a format by its name; only the one that is asked for is loaded.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in ENCODINGS:
        raise KeyError(name)
    render: Format = importlib.import_module(f"{__name__}.{name.replace('-', '_')}").render
    return render
