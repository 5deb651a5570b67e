"""Markdown in which anybody's text stays text."""

import re
from collections.abc import Iterable, Iterator, Sequence

from guidex_schema.diagnostic import visible

# A backslash takes their meaning from all of these (CommonMark 0.31, section 2.4); at the start of a block those of
# lists, headings and rules have one as well, inside of words an underscore has none, and GitHub links what looks like a
# link (GitHub Flavored Markdown, section 6.9).
_MARKUP = re.compile(r"[\\`*\[\]<>&|~$:@]|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.|^[-+#=!]", re.IGNORECASE)
_NUMBER = re.compile(r"^(\d+)(?=[.)])", re.ASCII)
_LENGTH = 80


def plain(text: str, limit: int = _LENGTH) -> str:
    """Give text that Markdown and HTML show as it is: on one line, shortened, every sign of markup escaped."""
    shown = " ".join(text.split())
    shown = shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"
    return _NUMBER.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", visible(shown)))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write a table, with its line ends; nothing where there are no rows.

    Args:
        heads: of the columns, those of numbers with a colon at their end; as Markdown.
        rows: their cells, as Markdown.
    """
    lines = [f"| {' | '.join(cells)} |\n" for cells in rows]
    if lines:
        yield f"| {' | '.join(head.rstrip(':') for head in heads)} |\n"
        yield f"|{'|'.join('---:' if head.endswith(':') else '---' for head in heads)}|\n"
        yield from lines
        yield "\n"
