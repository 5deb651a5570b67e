"""How far the labels of other datasets are entity types of this one: a table with a line for each."""

from guidex_schema.reports.table import listed, name, table
from guidex_schema.statistics import LabelOverlap, SetOverlap, share

_HEADS = ("label set", "labels", "declared", "normalised", "used", "normalised")
_WIDTH = 96
_NAME_WIDTH = 32


def overlap_lines(overlap: LabelOverlap) -> list[str]:
    """Write the numbers and shares of every set and of all different labels, and a few of those that are missing."""
    rows = [(name(one.name or "", _NAME_WIDTH), *_cells(one)) for one in overlap.sets]
    lines = table(_HEADS, [*rows, ("all different labels", *_cells(overlap.total))])
    if overlap.total.missing:
        lines.append(f"Not declared: {listed(overlap.total.missing, _WIDTH - len('Not declared: '))}")
    return lines


def _cells(one: SetOverlap) -> list[str]:
    parts = (one.declared.verbatim, one.declared.normalised, one.used.verbatim, one.used.normalised)
    return [f"{one.labels:,}", *(_part(one, part) for part in parts)]


def _part(one: SetOverlap, part: int) -> str:
    of_all = one.share(part)
    return "-" if of_all is None else f"{part:,} ({share(of_all)})"
