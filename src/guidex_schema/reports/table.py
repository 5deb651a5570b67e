"""Tables for people: columns that stand one below the other in any script."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from guidex_schema.display import display

# Names that are longer are cut, so that the numbers behind them stay in a terminal of 100 columns.
_NAME_WIDTH = 48


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a table, a line for each row: the first column to the left, numbers to the right.

    Args:
        heads: what stands above the columns.
        rows: as many cells each; a row of one cell runs through.
    """
    whole = [heads, *(row for row in rows if len(row) > 1)]
    widths = [max(cell_len(row[index]) for row in whole) for index in range(len(heads))]
    return ["  ".join(_aligned(row, widths)) if len(row) > 1 else row[0] for row in [heads, *rows]]


def name(text: str, width: int = _NAME_WIDTH) -> str:
    """Write a name so that it deceives nobody, a CI service neither, and is at most so many cells wide."""
    # A line may begin with it, where commands are looked for (``::``).
    shown = display(text.replace(":", r"\x3a", 1) if text.lstrip().startswith("::") else text)
    return set_cell_size(shown, width - 1).rstrip() + "…" if cell_len(shown) > width else shown


def listed(names: Sequence[str], width: int) -> str:
    """Write as many of the names as fit into so many cells, at least one, and say how many more there are."""
    shown: list[str] = []
    for number, one in enumerate(names):
        more = f" and {len(names) - number - 1:,} more" if number + 1 < len(names) else ""
        if shown and cell_len(", ".join((*shown, name(one))) + more) > width:
            return f"{', '.join(shown)} and {len(names) - number:,} more"
        shown.append(name(one))
    return ", ".join(shown)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *numbers = row
    return [
        set_cell_size(first, widths[0]),
        *(one.rjust(width) for one, width in zip(numbers, widths[1:], strict=True)),
    ]
