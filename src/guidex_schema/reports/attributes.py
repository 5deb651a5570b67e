"""The page of `guidex stats`: a table of attributes, and settings to paste."""

import json
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

from guidex_schema.diagnostic import visible
from guidex_schema.statistics import AttributeCount, share

_HEADS = ("attribute", "values", "exact", "normalised", "variant", "absent", "share absent")
_NAME_WIDTH = 48

_ADVICE = """\
Most values of some attributes do not stand in the text. Where that is what an attribute is for, as a summary or a
description is, say so in the settings (in guidex.toml without the first line):
"""
_CAUTION = "Absent may also mean invented: look at the values before you decide."


def render_attributes(counts: Sequence[AttributeCount], setting: Sequence[str], gaps: Iterable[str], least: int) -> str:
    """Write the counts for people: plain text, an attribute a line.

    Args:
        counts: in the order in which they are shown.
        setting: what the setting `abstractive` would be; empty where nothing is proposed.
        gaps: what was not read, in a few words each.
        least: how many values an attribute needs for a line of its own.
    """
    shown = [one for one in counts if one.values >= least]
    few = [one for one in counts if one.values < least]
    lines = _table(shown) if shown else []
    lines += [_folded(few, least, more=bool(shown))] if few else []
    lines = lines or ["No text or number fills an attribute."]
    lines += [f"Not all was read: {', '.join(missing)}."] if (missing := list(gaps)) else []
    if setting:
        patterns = ", ".join(json.dumps(pattern, ensure_ascii=False) for pattern in setting)
        lines += ["", _ADVICE, "[tool.guidex]", f"abstractive = [{patterns}]", "", _CAUTION]
    return "\n".join(lines) + "\n"


def _table(counts: Sequence[AttributeCount]) -> list[str]:
    rows = [_HEADS, *map(_cells, counts)]
    widths = [max(cell_len(row[index]) for row in rows) for index in range(len(_HEADS))]
    return ["  ".join(_aligned(row, widths)) for row in rows]


def _folded(few: Sequence[AttributeCount], least: int, *, more: bool) -> str:
    """Say in one line what attributes come to of which each says too little."""
    values, absent = sum(one.values for one in few), sum(one.absent for one in few)
    attributes = f"{len(few):,}{' more' if more else ''} attribute{'s' if len(few) > 1 else ''}"
    return f"{attributes} with fewer than {least:,} values: {absent:,} of {values:,} value{'s' * (values > 1)} absent"


def _cells(count: AttributeCount) -> tuple[str, ...]:
    numbers = (count.values, count.exact, count.normalised, count.variant, count.absent)
    return (_name(count), *(f"{number:,}" for number in numbers), share(count.share_absent))


def _name(count: AttributeCount) -> str:
    name = visible(count.attribute)
    if cell_len(name) > _NAME_WIDTH:
        name = set_cell_size(name, _NAME_WIDTH - 1).rstrip() + "…"
    if not count.abstractive:
        return name
    return f"{name} ({'abstractive' if count.abstractive == count.values else 'partly abstractive'})"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    name, *numbers = row
    return [set_cell_size(name, widths[0]), *(one.rjust(width) for one, width in zip(numbers, widths[1:], strict=True))]
