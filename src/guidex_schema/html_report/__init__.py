"""The HTML report: one file in which a person sees what is wrong with a dataset."""

from guidex_schema.html_report.collection import Collection
from guidex_schema.html_report.page import pieces, template

__all__ = ["Collection", "pieces", "template"]
