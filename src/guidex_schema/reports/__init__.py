"""Reports: one file per output format, each of which turns a stream of reports into a stream of text."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from guidex_schema.diagnostic import Report
from guidex_schema.reports import concise, full, json, json_lines
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary

__all__ = ["FORMATS", "Style", "Summary"]

Format = Callable[[Iterable[Report], Summary, Style], Iterator[str]]

FORMATS: Mapping[str, Format] = {
    "full": full.render,
    "concise": concise.render,
    "json": json.render,
    "json-lines": json_lines.render,
}
