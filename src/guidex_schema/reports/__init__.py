"""Reports: one file per output format, each of which turns a stream of reports into a stream of text."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from guidex_schema.diagnostic import Report
from guidex_schema.reports import concise, full, json, json_lines
from guidex_schema.reports.attributes import render_attributes
from guidex_schema.reports.examination import render_examination
from guidex_schema.reports.page import page
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary

__all__ = ["ENCODINGS", "FORMATS", "Style", "Summary", "page", "render_attributes", "render_examination"]

Format = Callable[[Iterable[Report], Summary, Style], Iterator[str]]

FORMATS: Mapping[str, Format] = {
    "full": full.render,
    "concise": concise.render,
    "json": json.render,
    "json-lines": json_lines.render,
}

# What other programs read is UTF-8 wherever it is written (RFC 8259, section 8.1); None leaves it to the terminal.
ENCODINGS: Mapping[str, str | None] = {"full": None, "concise": None, "json": "utf-8", "json-lines": "utf-8"}
