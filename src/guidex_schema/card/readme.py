"""A dataset card: README.md with front matter, as the Hugging Face Hub reads it.

Source:
    Hugging Face Hub, *Dataset Cards* and *Data files configuration*.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from guidex_schema.card.description import Description, one_line
from guidex_schema.card.markdown import plain, table
from guidex_schema.datasets.folder_card import card, configurations
from guidex_schema.datasets.json_column import is_decoded
from guidex_schema.quantity import quantity
from guidex_schema.statistics import AttributeFill, DatasetStatistics, share

if TYPE_CHECKING:
    import pyarrow as pa

# Lines of a table; how many more there are is said.
_TOP = 20
_ATTRIBUTES = 8
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_SIZES: tuple[tuple[int, str], ...] = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)
_TYPE_HEADS = ("type", "declared in rows:", "annotations:", "values grounded:", "attributes, how often filled")
_LARGEST = "n>10M"
# Types that have the same name in Arrow and in front matter.
_SCALARS = frozenset("int8 int16 int32 int64 uint8 uint16 uint32 uint64 string large_string bool".split())


def readme(described: Description) -> str:
    """Write the card of a dataset folder."""
    return card(_front_matter(described), f"\n{''.join(_body(described))}")


def _front_matter(described: Description) -> dict[str, object]:
    return {
        **_licence(one_line(described.licence)),
        **({"language": [one_line(one) for one in described.languages]} if described.languages else {}),
        "pretty_name": one_line(described.name),
        "task_categories": ["token-classification"],
        "size_categories": [next((name for limit, name in _SIZES if described.rows < limit), _LARGEST)],
        "tags": ["information-extraction", "annotation-guidelines", "guidex"],
        "configs": configurations(described.splits),
        "dataset_info": [_info(described, config) for config in described.configs],
    }


def _licence(licence: str) -> dict[str, object]:
    if not licence:
        return {"license": "unknown"}
    if _IDENTIFIER.fullmatch(licence):
        return {"license": licence.lower()}
    link = {"license_link": licence} if re.match(r"https?://", licence) else {}
    return {"license": "other", "license_name": licence, **link}


def _info(described: Description, config: str) -> dict[str, object]:
    """Give the number of rows, which a reader verifies, and the columns where their types have simple names."""
    schema = described.schemas[config]
    features = [_feature(one) for one in schema]
    return {
        "config_name": config,
        **({"features": features} if all(features) else {}),
        "splits": [
            {"name": split.name, "num_bytes": sum(one.held for one in split.files), "num_examples": split.rows}
            for split in described.configs[config]
        ],
    }


def _feature(field: "pa.Field") -> dict[str, object] | None:
    dtype = {"double": "float64", "float": "float32"}.get(str(field.type), str(field.type))
    if one_line(field.name) != field.name or dtype not in _SCALARS | {"float32", "float64"}:
        return None
    return {"name": field.name, "dtype": dtype}


def _body(described: Description) -> Iterator[str]:
    yield f"# {plain(described.name)}\n\n"
    if described.summary:
        yield f"{plain(described.summary, 10_000)}\n\n"
    yield (
        "Documents with annotation guidelines, written as Python dataclasses, and the instances of them that each "
        "document holds.\n\n"
    )
    yield from _data(described)
    statistics = described.statistics
    if statistics is not None:
        yield from _types(statistics)
        yield from _grounding(statistics)
    yield from _checks(described)
    yield "## Licence\n\n"
    if described.licence:
        yield f"{plain(described.licence, 1_000)}\n"
    else:
        yield (
            "No licence was given. Without one, others have no right to use or share these data: state one here and in "
            "`license` above before they are published.\n"
        )


def _data(described: Description) -> Iterator[str]:
    yield "## Data\n\n"
    splits = (
        (f"`{split.config}`", f"`{split.name}`", f"{split.rows:,}", f"{len(split.files):,}")
        for split in described.splits
    )
    yield from table(("configuration", "split", "rows:", "files:"), splits)
    for config in described.configs:
        schema = described.schemas[config]
        if len(described.configs) > 1:
            yield f"Columns of `{config}`:\n\n"
        yield from table(
            ("column", "type"), ((plain(one.name), plain(_column_type(one))) for one in list(schema)[:_TOP])
        )
        yield from _more(len(schema) - _TOP, "column")
    if described.unread:
        unread = quantity(described.unread, "row or file", "rows or files")
        yield f"Of the source, {unread} could not be read and stand in no split.\n\n"


def _column_type(field: "pa.Field") -> str:
    return "JSON text" if is_decoded(field) else _type(field.type)


def _type(data_type: "pa.DataType") -> str:
    import pyarrow as pa

    if pa.types.is_list(data_type) or pa.types.is_large_list(data_type):
        return f"list of {_type(data_type.value_type)}"
    return "object" if pa.types.is_struct(data_type) else str(data_type)


def _types(statistics: DatasetStatistics) -> Iterator[str]:
    types = statistics.types
    annotations = quantity(sum(one.annotations for one in types), "annotation")
    used = quantity(sum(one.annotations > 0 for one in types), "entity type")
    yield "## Entity types\n\n"
    yield f"{annotations} of {used}; the guidelines declare {len(statistics.declared):,}.\n\n"
    fill: dict[str, list[AttributeFill]] = {}
    for one in statistics.fill:
        fill.setdefault(one.entity_type, []).append(one)
    rows = (
        (
            plain(one.entity_type),
            f"{one.rows:,}",
            f"{one.annotations:,}",
            _share(one.grounding.share_grounded),
            _attributes(fill.get(one.entity_type, [])),
        )
        for one in types[:_TOP]
    )
    yield from table(_TYPE_HEADS, rows)
    yield from _more(len(types) - _TOP, "type")


def _attributes(fill: list[AttributeFill]) -> str:
    listed = [f"{plain(one.attribute)} {_share(one.share_filled)}".rstrip() for one in fill[:_ATTRIBUTES]]
    more = len(fill) - _ATTRIBUTES
    return ", ".join([*listed, *([f"{more:,} more"] if more > 0 else [])])


def _grounding(statistics: DatasetStatistics) -> Iterator[str]:
    statuses = statistics.statuses
    if statuses.share_grounded is None:
        return
    yield "## Grounding\n\n"
    yield (
        f"Of {quantity(statuses.sought, 'value')} that were looked for in the documents, "
        f"{_share(statuses.share_grounded)} stand there: {statuses.exact:,} exactly, {statuses.normalised:,} "
        f"normalised, {statuses.variant:,} as a variant; {statuses.absent:,} are absent.\n\n"
    )


def _checks(described: Description) -> Iterator[str]:
    yield "## Checks\n\n"
    statistics = described.statistics
    if statistics is None:
        yield f"Written by {plain(described.tool)}, without a check of the rows.\n\n"
        return
    rows = statistics.rows
    unread = f", {rows['unread']:,} not read" if rows["unread"] else ""
    kept = quantity(rows["kept"], "row")
    yield f"Checked by {plain(described.tool)}: {kept} without an error, {rows['rejected']:,} with one{unread}. "
    codes = statistics.codes
    yield "What was found, by code:\n\n" if codes else "Nothing was found.\n\n"
    found = ((one.code, one.name, one.severity.value, f"{one.findings:,}", f"{one.rows:,}") for one in codes[:_TOP])
    yield from table(("code", "name", "severity", "findings:", "rows:"), found)
    yield from _more(len(codes) - _TOP, "code")


def _more(number: int, noun: str) -> Iterator[str]:
    if number > 0:
        yield f"And {quantity(number, f'more {noun}')}.\n\n"


def _share(part: float | None) -> str:
    return "" if part is None else share(part)
