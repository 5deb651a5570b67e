"""Full: each finding as a compiler prints it, with the offending line and a mark below it."""

import io
import unicodedata
from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from guidex_schema.diagnostic import Diagnostic, Report, Severity, visible
from guidex_schema.reports.place import place
from guidex_schema.reports.statistics import statistics
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary
from guidex_schema.text import Document, Location

_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold blue"}


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write each finding with its source line, and the summary at the end."""
    for report in summary.counting(reports):
        documents = {part: Document(source) for part, source in report.sources.items()}
        for one in report.diagnostics if not style.statistics else ():
            yield _drawn(_finding(one, documents.get(one.part), style), style)
    if style.statistics:
        yield from statistics(summary)
    if not style.quiet:
        colour = "bold red" if summary.severities[Severity.ERROR] or summary.unread else "bold green"
        yield _drawn(Text(summary.sentence(), colour), style)


def _drawn(text: Text, style: Style) -> str:
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=style.width,
        color_system="standard" if style.colour else None,
        force_terminal=style.colour,
        highlight=False,
        soft_wrap=True,
        legacy_windows=False,
    )
    console.print(text)
    return buffer.getvalue()


def _finding(diagnostic: Diagnostic, source: Document | None, style: Style) -> Text:
    colour = _COLOURS[diagnostic.severity]
    text = Text()
    text.append(f"{diagnostic.severity.value} {diagnostic.code}", colour)
    text.append(f" {diagnostic.name}", "bold")
    text.append(f": {diagnostic.message}\n")
    number_width = len(str(diagnostic.location.start.line)) if diagnostic.location is not None else 1
    text.append(" " * number_width + "--> ", "cyan")
    text.append(place(diagnostic))
    if diagnostic.path:
        text.append(f"  at {visible(diagnostic.path)}", "cyan")
    text.append("\n")
    if source is not None and diagnostic.location is not None:
        text.append_text(_excerpt(source, diagnostic.location, number_width, colour, style.width))
    if diagnostic.fix is not None:
        text.append(" " * number_width + " = ", "cyan")
        text.append(f"fix ({'safe' if diagnostic.fix.safe else 'unsafe'}): {visible(diagnostic.fix.title)}\n")
    return text


def _excerpt(source: Document, location: Location, number_width: int, colour: str, width: int) -> Text:
    """Draw the first line of a place with a mark below it; a long line is cut around the place."""
    number = location.start.line
    line = source.line(number)
    start = min(location.start.column, len(line))
    end = location.end.column if location.end.line == number else len(line)
    end = min(max(end, start), len(line))
    room = max(width - number_width - 4, 20)
    first = max(0, min(start - room // 3, len(line) - room)) if _cells(line) > room else 0
    before, marked, after = line[first:start], line[start:end], line[end:]
    lead = "…" if first else ""
    shown = lead + _shown(before)
    mark = _shown(marked)
    tail = _shown(after)
    gutter = " " * number_width + " |"
    mark_width = max(1, min(_cells(mark), room - _cells(shown)))
    text = Text()
    text.append(f"{gutter}\n", "cyan")
    text.append(f"{number:>{number_width}} | ", "cyan")
    text.append(_cut(shown + mark + tail, room) + "\n")
    text.append(f"{gutter} ", "cyan")
    text.append(" " * _cells(shown) + "^" * mark_width + "\n", colour)
    return text


def _shown(text: str) -> str:
    """Write text so that a terminal shows it as it stands: tabs as spaces, controls as escapes, no reordering."""
    return visible(text.replace("\t", "    "))


def _cells(text: str) -> int:
    return cell_len(unicodedata.normalize("NFC", text))


def _cut(text: str, room: int) -> str:
    if _cells(text) <= room:
        return text
    kept = ""
    used = 0
    for character in text:
        used += _cells(character)
        if used > room - 1:
            break
        kept += character
    return kept + "…"
