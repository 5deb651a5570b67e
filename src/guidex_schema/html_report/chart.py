"""Charts: figures as bars, in a table that holds the figures too, so that everybody can read them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from guidex_schema.diagnostic import visible
from guidex_schema.statistics import DatasetStatistics, Statuses, share

# More bars are no overview; the rest is counted.
_MOST_BARS = 12

_WORDS = {"not_applicable": "not-applicable"}


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        value: what records are filtered by where it is chosen.
        kind: what gives it its colour: a severity or a grounding status; "" for what needs none of its own.
        length: in percent of the room for the longest bar.
        cells: the words of the further columns.
    """

    value: str
    label: str
    figure: int
    kind: str
    length: float
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """Bars that share a scale.

    Attributes:
        facet: what of records is counted: ``code``, ``type`` or ``status``.
        columns: the titles of the columns: of labels, of figures, and of further cells.
        others: how many bars more there are.
        legend: the kinds of bars, where their labels do not say them.
    """

    title: str
    facet: str
    columns: tuple[str, ...]
    bars: tuple[Bar, ...]
    others: int = 0
    legend: tuple[str, ...] = field(default=())


def charts(statistics: DatasetStatistics) -> Iterator[Chart]:
    """Draw what is counted of a dataset: its findings by code, its values by grounding, its entity types."""
    codes = statistics.codes
    most = max((one.findings for one in codes), default=1)
    yield Chart(
        title="Findings by code",
        facet="code",
        columns=("code", "findings", "rows"),
        bars=tuple(
            Bar(
                value=one.code,
                label=f"{one.code} {one.name}",
                figure=one.findings,
                kind=one.severity.value,
                length=_percent(one.findings, most),
                cells=(f"{one.rows:,}",),
            )
            for one in codes[:_MOST_BARS]
        ),
        others=max(len(codes) - _MOST_BARS, 0),
        legend=tuple(dict.fromkeys(one.severity.value for one in codes[:_MOST_BARS])),
    )
    counts = _statuses(statistics.statuses)
    total = sum(number for _, number in counts)
    yield Chart(
        title="Values by what the document says",
        facet="status",
        columns=("grounding", "values", "share"),
        bars=tuple(
            Bar(status, status, number, status, _percent(number, total), (share(number / total),))
            for status, number in counts
        ),
    )
    types = [one for one in statistics.types if one.annotations]
    most = max((one.annotations for one in types), default=1)
    yield Chart(
        title="Entity types by frequency",
        facet="type",
        columns=("entity type", "instances", "values grounded"),
        bars=tuple(
            Bar(
                value=one.entity_type,
                label=visible(one.entity_type),
                figure=one.annotations,
                kind="",
                length=_percent(one.annotations, most),
                cells=("–" if one.grounding.share_grounded is None else share(one.grounding.share_grounded),),
            )
            for one in types[:_MOST_BARS]
        ),
        others=max(len(types) - _MOST_BARS, 0),
    )


def _statuses(statuses: Statuses) -> list[tuple[str, int]]:
    return [(_WORDS.get(name, name), number) for name, number in statuses.model_dump().items() if number]


def _percent(number: int, most: int) -> float:
    return round(100 * number / most, 2)
