"""All that is said of a dataset, before it is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from guidex_schema.datasets.folder_writing import WrittenSplit
from guidex_schema.diagnostic import visible
from guidex_schema.statistics import DatasetStatistics

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Description:
    """A dataset folder, and what is known of its rows.

    Attributes:
        name: what it is called.
        summary: what it is, in the author's words; "" if none are given.
        licence: its identifier, name or URL; "" if none is given.
        languages: ISO 639 codes.
        version: of the dataset.
        splits: what the folder holds.
        schemas: the columns of each configuration.
        statistics: what was counted of the rows; None where they were not checked.
        unread: rows and files of the source that could not be read.
        tool: what wrote it, with its version.
    """

    name: str
    summary: str
    licence: str
    languages: tuple[str, ...]
    version: str
    splits: tuple[WrittenSplit, ...]
    schemas: "Mapping[str, pa.Schema]"
    statistics: DatasetStatistics | None
    unread: int
    tool: str

    @property
    def rows(self) -> int:
        """Give the number of all rows."""
        return sum(split.rows for split in self.splits)

    @property
    def configs(self) -> "dict[str, list[WrittenSplit]]":
        """Give the splits of each configuration."""
        found: dict[str, list[WrittenSplit]] = {}
        for split in self.splits:
            found.setdefault(split.config, []).append(split)
        return found


def one_line(text: str) -> str:
    """Give anybody's text on one line, with nothing in it that deceives."""
    return visible(" ".join(text.split()))
