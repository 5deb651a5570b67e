"""The page of `guidex stats`: what a dataset holds, in a few tables."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from guidex_schema.quantity import quantity
from guidex_schema.reports.attributes import render_attributes
from guidex_schema.reports.overlap import overlap_lines
from guidex_schema.reports.table import name, table
from guidex_schema.statistics import AttributeFill, DatasetStatistics, Distribution, LabelOverlap, TypeCount, share

_WIDTH = 96
_LABEL_WIDTH = 14
_MEASURES = {
    "words": "words",
    "types_declared": "entity types declared",
    "types_used": "entity types used",
    "annotations": "annotations",
    "top_level": "annotations at the top level",
}


def render_dataset(
    statistics: DatasetStatistics,
    overlap: LabelOverlap | None,
    setting: Sequence[str],
    gaps: Iterable[str],
    *,
    least: int,
    top: int,
) -> Iterator[str]:
    """Write statistics for people: plain text, tables at most 100 columns wide wherever names are not wider.

    Args:
        statistics: what was counted.
        overlap: how far the labels of other datasets are there, if that was asked for.
        setting: what the setting `abstractive` would be; empty where nothing is proposed.
        gaps: what was not read, in a few words each.
        least: how many instances or values an attribute needs for a line of its own.
        top: how many lines a table has at most, of the most frequent and of the least frequent each.
    """
    sections = [
        _overview(statistics),
        _per_document(statistics),
        _types(statistics.types, top),
        _fill(statistics.fill, least, top),
        _codes(statistics, top),
        overlap_lines(overlap) if overlap is not None else [],
    ]
    for section in filter(None, sections):
        yield "\n".join(section) + "\n\n"
    yield render_attributes(statistics.attributes.attributes, setting, gaps, least=least, top=top)


def _overview(statistics: DatasetStatistics) -> list[str]:
    rows, statuses = statistics.rows, statistics.statuses
    declared, used = statistics.declared, statistics.entity_types
    undeclared = len(used.keys() - declared.keys())
    top_level = statistics.per_document["top_level"]
    found = [
        ("exact", statuses.exact),
        ("normalised", statuses.normalised),
        ("variant", statuses.variant),
        ("absent", statuses.absent),
        ("not-applicable", statuses.not_applicable),
    ]
    facts = {
        "rows": ", ".join(f"{number:,} {fate}" for fate, number in rows.items() if number or fate != "unread"),
        "documents": f"{statistics.documents:,}, {statistics.unique_documents:,} different; {statistics.words:,} words",
        "entity types": f"{len(declared):,} declared, {len(used):,} used"
        + (f", {undeclared:,} of them declared nowhere" if undeclared else ""),
        "annotations": f"{used.total():,}, {top_level.total if top_level else 0:,} at the top level",
        "value types": _shares(statistics.value_types.items()),
        "grounding": _shares(found),
    }
    return [line for label, fact in facts.items() if fact for line in _fact(label, fact)]


def _shares(counts: Iterable[tuple[str, int]]) -> str:
    """Say how many there are of all, and the share of each; "" where there is nothing."""
    present = [(label, number) for label, number in counts if number]
    total = sum(number for _, number in present)
    shares = ", ".join(f"{share(number / total)} {label}" for label, number in present)
    return f"{quantity(total, 'value')}: {shares}" if total else ""


def _fact(label: str, fact: str) -> list[str]:
    first, *others = wrap(fact, _WIDTH - _LABEL_WIDTH, break_on_hyphens=False)
    return [label.ljust(_LABEL_WIDTH) + first, *(" " * _LABEL_WIDTH + other for other in others)]


def _per_document(statistics: DatasetStatistics) -> list[str]:
    spread = statistics.per_document
    rows = [(_MEASURES[measure], *_numbers(one)) for measure, one in spread.items() if one is not None]
    return table(("per document", "mean", "least", "25 %", "median", "75 %", "most"), rows) if rows else []


def _numbers(one: Distribution) -> Iterator[str]:
    for number in (one.mean, one.minimum, one.first_quartile, one.median, one.third_quartile, one.maximum):
        whole, point, part = f"{number:,.2f}".partition(".")
        yield (whole + point + part.rstrip("0")).rstrip(".")


def _types(types: Sequence[TypeCount], top: int) -> list[str]:
    used = [one for one in types if one.annotations]
    unused = len(types) - len(used)
    between = len(used) - 2 * top
    rows = [_type_cells(one) for one in used]
    if between > 0:
        rows[top:-top] = [(f"… {between:,} more, down to the least frequent …",)]
    lines = table(("entity type", "annotations", "used in rows", "declared in", "grounded"), rows) if rows else []
    if unused:
        lines.append(f"{unused:,} {'entity types are' if unused > 1 else 'entity type is'} declared and never used.")
    return lines


def _type_cells(one: TypeCount) -> tuple[str, ...]:
    return (
        name(one.entity_type),
        f"{one.annotations:,}",
        f"{one.used_in:,}",
        f"{one.rows:,}",
        _share(one.grounding.share_grounded),
    )


def _share(part: float | None) -> str:
    return "-" if part is None else share(part)


def _fill(fill: Sequence[AttributeFill], least: int, top: int) -> list[str]:
    """Show the attributes that are filled least often; those that always are have no lines."""
    declared = [one for one in fill if one.instances]
    always = sum(one.filled == one.instances for one in declared)
    gaps = [one for one in declared if one.instances >= least and one.filled < one.instances]
    gaps.sort(key=lambda one: (one.filled / one.instances, -one.instances, one.entity_type, one.attribute))
    rows = [
        (
            name(f"{one.entity_type}.{one.attribute}"),
            f"{one.instances:,}",
            f"{one.filled:,}",
            _share(one.share_filled),
            _share(one.grounding.share_grounded),
        )
        for one in gaps[:top]
    ]
    lines = table(("seldom filled", "instances", "filled", "share filled", "grounded"), rows) if rows else []
    if declared:
        lines.append(f"{always:,} of {len(declared):,} attributes of the entity types used are always filled.")
    return lines


def _codes(statistics: DatasetStatistics, top: int) -> list[str]:
    codes = statistics.codes
    rows = [(f"{one.code} {one.name}", one.severity.value, f"{one.findings:,}", f"{one.rows:,}") for one in codes[:top]]
    lines = table(("finding", "severity", "findings", "rows"), rows) if rows else ["Nothing found."]
    if codes[top:]:
        findings = sum(one.findings for one in codes[top:])
        more = len(codes) - top
        lines.append(f"{quantity(more, 'more code')} with {quantity(findings, 'finding')}")
    return lines
