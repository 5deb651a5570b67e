"""The attributes of a dataset: a table of those whose values do not stand in the text, and settings to paste."""

import json
from collections.abc import Iterable, Sequence

from guidex_schema.quantity import quantity
from guidex_schema.reports.table import name, table
from guidex_schema.statistics import AttributeCount, share

_HEADS = ("attribute", "values", "exact", "normalised", "variant", "absent", "share absent")

_ADVICE = """\
Most values of some attributes do not stand in the text. Where that is what an attribute is for, as a summary or a
description is, say so in the settings (in guidex.toml without the first line):
"""
_CAUTION = "Absent may also mean invented: look at the values before you decide."


def render_attributes(
    counts: Sequence[AttributeCount], setting: Sequence[str], gaps: Iterable[str], *, least: int, top: int
) -> str:
    """Write the counts for people: plain text, an attribute a line.

    Args:
        counts: in the order in which they are shown.
        setting: what the setting `abstractive` would be; empty where nothing is proposed.
        gaps: what was not read, in a few words each.
        least: how many values an attribute needs for a line of its own.
        top: how many attributes have one at most.
    """
    many = [one for one in counts if one.values >= least]
    few = [one for one in counts if one.values < least]
    shown, hidden = many[:top], many[top:]
    lines = table(_HEADS, [_cells(one) for one in shown]) if shown else []
    lines += [_folded(hidden, f"{least:,} values or more", more=True)] if hidden else []
    lines += [_folded(few, f"fewer than {least:,} values", more=bool(shown))] if few else []
    lines = lines or ["No text or number fills an attribute."]
    lines += [f"Not all was read: {', '.join(missing)}."] if (missing := list(gaps)) else []
    if setting:
        patterns = ", ".join(json.dumps(pattern, ensure_ascii=False) for pattern in setting)
        lines += ["", _ADVICE, "[tool.guidex]", f"abstractive = [{patterns}]", "", _CAUTION]
    return "\n".join(lines) + "\n"


def _folded(counts: Sequence[AttributeCount], which: str, *, more: bool) -> str:
    """Say in one line what attributes come to that have none of their own."""
    values, absent = sum(one.values for one in counts), sum(one.absent for one in counts)
    attributes = f"{len(counts):,}{' more' if more else ''} attribute{'s' if len(counts) > 1 else ''}"
    return f"{attributes} with {which}: {absent:,} of {quantity(values, 'value')} absent"


def _cells(count: AttributeCount) -> tuple[str, ...]:
    numbers = (count.values, count.exact, count.normalised, count.variant, count.absent)
    return (_name(count), *(f"{number:,}" for number in numbers), share(count.share_absent))


def _name(count: AttributeCount) -> str:
    shown = name(count.attribute)
    if not count.abstractive:
        return shown
    return f"{shown} ({'abstractive' if count.abstractive == count.values else 'partly abstractive'})"
