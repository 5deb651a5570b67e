"""A page for people: Markdown, drawn where a terminal shows it."""

import io

from rich.console import Console
from rich.markdown import Markdown

from guidex_schema.reports.style import Style

# Longer lines are hard to read.
_WIDTH = 100


def page(markdown: str, style: Style) -> str:
    """Draw Markdown with colours; without them it is given as it is, and reads well enough."""
    if not style.colour:
        return markdown
    console = Console(
        file=io.StringIO(),
        width=min(style.width, _WIDTH),
        color_system="standard",
        force_terminal=True,
        no_color=False,
        legacy_windows=False,
    )
    with console.capture() as capture:
        console.print(Markdown(markdown, code_theme="ansi_dark", hyperlinks=False))
    return capture.get()
