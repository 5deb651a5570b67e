"""Figures of several rounds: what they come to, how they are printed, and how those of two commits compare."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Spread(NamedTuple):
    """The median of the rounds, and the least and the most."""

    median: float
    low: float
    high: float


def spread(figures: Iterable[float]) -> Spread:
    """Sum rounds up."""
    rounds = list(figures)
    return Spread(statistics.median(rounds), min(rounds), max(rounds))


def ranged(figure: Spread, digits: int = 2) -> str:
    """Write a median and its range, if it has one."""
    low, middle, high = (f"{one:,.{digits}f}" for one in (figure.low, figure.median, figure.high))
    return middle if low == high else f"{middle} ({low} to {high})"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print columns."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print()


def store(path: Path, figures: Mapping[str, Spread], about: Mapping[str, object]) -> None:
    """Write figures by their names, with what they were measured on."""
    content = {"about": dict(about), "figures": {name: one._asdict() for name, one in figures.items()}}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def stored(path: Path) -> dict[str, Spread]:
    """Read what was stored."""
    figures = json.loads(path.read_text(encoding="utf-8"))["figures"]
    return {name: Spread(**one) for name, one in figures.items()}


def compare(old: Path, new: Path) -> None:
    """Print how the figures of two files differ; `*` marks those whose rounds do not overlap."""
    before, after = stored(old), stored(new)
    table(
        ("", "old", "new", "new / old", ""),
        ((name, *_change(before.get(name), after.get(name))) for name in (before | after)),
    )


def _change(old: Spread | None, new: Spread | None) -> tuple[str, str, str, str]:
    if old is None or new is None:
        return (ranged(old) if old else "-", ranged(new) if new else "-", "-", "")
    ratio = f"{new.median / old.median:.2f}" if old.median else "-"
    return ranged(old), ranged(new), ratio, "*" if new.high < old.low or old.high < new.low else ""
