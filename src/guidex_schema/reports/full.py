"""Full: each finding as a compiler prints it, with the offending line and a mark below it."""

import io
from collections.abc import Callable, Iterable, Iterator

from rich.cells import cell_len

from guidex_schema.diagnostic import Diagnostic, Report, Severity, visible
from guidex_schema.display import COMMAND_LENGTH, command_starts, display
from guidex_schema.reports.place import place
from guidex_schema.reports.statistics import statistics
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary
from guidex_schema.text import Document, Location

_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold blue"}

# Text and the style that it is drawn in, "" for none.
Piece = tuple[str, str]

# Below this there is no room for a line and its mark.
_LEAST_ROOM = 20


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write each finding with its source line, and the summary at the end."""
    drawn = _drawer(style)
    for report in summary.counting(reports):
        documents = {part: Document(source) for part, source in report.sources.items()}
        for one in report.diagnostics if not style.statistics else ():
            yield drawn(_finding(one, documents.get(one.part), style))
    if style.statistics:
        yield from statistics(summary)
    if not style.quiet:
        worst = next((one for one in Severity if summary.severities[one]), None)
        is_clean = not summary.unread and worst in (None, Severity.INFO)
        colour = "bold green" if is_clean else _COLOURS[Severity.ERROR if summary.unread else worst or Severity.ERROR]
        yield drawn([(summary.sentence(), colour)])


def _drawer(style: Style) -> Callable[[Iterable[Piece]], str]:
    """Give a function that turns pieces into what is written: with colours, or plain."""
    if not style.colour:
        return lambda pieces: "".join((*(text for text, _ in pieces), "\n"))
    # Loaded where there are colours: it takes longer than to check a row.
    from rich.console import Console
    from rich.text import Text

    console = Console(
        file=io.StringIO(),
        width=style.width,
        color_system="standard",
        force_terminal=True,
        no_color=False,
        highlight=False,
        soft_wrap=True,
        legacy_windows=False,
    )

    def drawn(pieces: Iterable[Piece]) -> str:
        with console.capture() as capture:
            console.print(Text.assemble(*pieces))
        return capture.get()

    return drawn


def _finding(diagnostic: Diagnostic, source: Document | None, style: Style) -> Iterator[Piece]:
    colour = _COLOURS[diagnostic.severity]
    yield f"{diagnostic.severity.value} {diagnostic.code}", colour
    yield f" {diagnostic.name}", "bold"
    yield f": {display(diagnostic.message)}\n", ""
    number_width = len(str(diagnostic.location.start.line)) if diagnostic.location is not None else 1
    yield " " * number_width + "--> ", "cyan"
    yield place(diagnostic), ""
    if diagnostic.path:
        yield f"  at {display(diagnostic.path)}", "cyan"
    yield "\n", ""
    if source is not None and diagnostic.location is not None:
        yield from _excerpt(source, diagnostic.location, number_width, colour, style.width)
    if diagnostic.fix is not None:
        yield " " * number_width + " = ", "cyan"
        yield f"fix ({'safe' if diagnostic.fix.safe else 'unsafe'}): {display(diagnostic.fix.title)}\n", ""


def _excerpt(source: Document, location: Location, number_width: int, colour: str, width: int) -> Iterator[Piece]:
    """Draw the first line of a place with a mark below it; a long line is cut around the place."""
    number = location.start.line
    line = source.line(number)
    start = min(location.start.column, len(line))
    end = min(location.end.column if location.end.line == number else len(line), len(line))
    # One cell is kept free at the right: a terminal may wrap a line that fills it.
    room = max(width - number_width - 4, _LEAST_ROOM)
    before, marked, after = _window(line, start, max(start, end), room)
    gutter = " " * number_width + " |"
    yield f"{gutter}\n", "cyan"
    yield f"{number:>{number_width}} | ", "cyan"
    yield f"{before}{marked}{after}\n", ""
    yield f"{gutter} ", "cyan"
    yield " " * cell_len(before) + "^" * max(1, cell_len(marked)), colour
    if location.end.line > number + 1 or (location.end.line == number + 1 and location.end.column):
        yield f" to line {location.end.line}", "cyan"
    yield "\n", ""


def _window(line: str, start: int, end: int, room: int) -> tuple[str, str, str]:
    """Give what is shown of a line before, inside and behind a place, at most ``room`` cells wide together."""
    # No character needs less than nothing, so more than this is never shown; lines can be long.
    reach = room * 4
    before = _shown(line, max(start - reach, 0), start)
    marked = _shown(line, start, min(end, start + reach))
    after = _shown(line, end, end + reach)
    if cell_len("".join((*before, *marked, *after))) <= room and start <= reach and len(line) - start <= reach:
        return "".join(before), "".join(marked), "".join(after)
    right = min(cell_len("".join((*marked, *after))), room - room // 3)
    kept = _fitting(before[::-1], room - right)
    if len(kept) == start:
        shown = "".join(reversed(kept))
    else:
        # Room for the mark is made by width: what is left out last may have none of its own.
        shown = "…" + "".join(reversed(_fitting(before[::-1], room - right - 1)))
    left = room - cell_len(shown)
    if cell_len("".join(marked)) > left:
        return shown, _cut(marked, left), ""
    inside = "".join(marked)
    return shown, inside, _cut(after, left - cell_len(inside))


def _shown(line: str, start: int, end: int) -> list[str]:
    """Write characters of a line so that a terminal shows each as it stands: tabs as spaces, controls as escapes."""
    # What a CI service would take as a command is broken before the line is taken apart.
    commands = set(command_starts(line[start : end + COMMAND_LENGTH]))
    return [
        "    " if one == "\t" else r"\x23" if number in commands else visible(one)
        for number, one in enumerate(line[start:end])
    ]


def _fitting(pieces: list[str], room: int) -> list[str]:
    """Give as many of the first pieces as fit."""
    used = 0
    for number, piece in enumerate(pieces):
        used += cell_len(piece)
        if used > room:
            return pieces[:number]
    return pieces


def _cut(pieces: list[str], room: int) -> str:
    """Join as many of the first pieces as fit, and say where some are left out."""
    fitting = _fitting(pieces, room)
    if len(fitting) == len(pieces):
        return "".join(pieces)
    return "".join(_fitting(pieces, room - 1)) + ("…" if room > 0 else "")
