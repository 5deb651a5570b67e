"""Statistics: what a dataset holds, counted while its rows go by."""

from guidex_schema.statistics.attributes import AttributeCount, AttributeStatistics
from guidex_schema.statistics.counts import AttributeFill, CodeCount, Statuses, TypeCount
from guidex_schema.statistics.dataset import DatasetStatistics
from guidex_schema.statistics.distribution import Distribution
from guidex_schema.statistics.label_overlap import LabelOverlap, SetOverlap, label_overlap
from guidex_schema.statistics.label_set import LabelSet, label_sets
from guidex_schema.statistics.row_counts import RowCounts
from guidex_schema.statistics.share import share

__all__ = [
    "AttributeCount",
    "AttributeFill",
    "AttributeStatistics",
    "CodeCount",
    "DatasetStatistics",
    "Distribution",
    "LabelOverlap",
    "LabelSet",
    "RowCounts",
    "SetOverlap",
    "Statuses",
    "TypeCount",
    "label_overlap",
    "label_sets",
    "share",
]
