"""What a dataset holds: documents, entity types, annotations, values and findings, counted while its rows go by.

Only counters are kept, so memory grows with the number of different names and not with the rows; documents are told
apart by their digests, which a ledger keeps on disk once they are many.

Source: GuideX, arXiv:2506.00649, section 4, "Dataset Statistics" and Table 1.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from guidex_schema.diagnostic import Report, Severity
from guidex_schema.grounding import GroundingStatus
from guidex_schema.ledger import Ledger
from guidex_schema.statistics.attributes import AttributeStatistics
from guidex_schema.statistics.counts import AttributeFill, CodeCount, Statuses, TypeCount
from guidex_schema.statistics.distribution import Distribution
from guidex_schema.statistics.row_counts import Measure, RowCounts
from guidex_schema.subject import Subject

Fate = Literal["kept", "rejected", "unread"]

FATES: tuple[Fate, ...] = ("kept", "rejected", "unread")


class DatasetStatistics:
    """Count the rows of one or more datasets; what is counted can be read at any time.

    Give ``add`` to ``Validator.read_rows`` as a step, so that a row that breaks it is a finding and is not counted, and
    every report to ``add_report``::

        statistics = DatasetStatistics()
        for row, subject, report in validator.read_rows(rows, {"the statistics": statistics.add}):
            statistics.add_report(report)

    The order of rows makes no difference.

    Attributes:
        documents: rows that were read and have a document.
        unique_documents: different documents among them; white space at their ends is no difference.
        unread_files: files that could not be read, or not to their end; ``rows`` has each as ``unread``.
    """

    def __init__(self) -> None:
        self.documents = 0
        self.unique_documents = 0
        self.unread_files = 0
        self._counts = RowCounts()
        self._seen = Ledger()
        self._rows: Counter[Fate] = Counter()
        self._findings: Counter[tuple[str, str, Severity]] = Counter()
        self._rows_with: Counter[tuple[str, str, Severity]] = Counter()

    def add(self, subject: Subject) -> None:
        """Count what a row holds; nothing of one that could not be read."""
        self._counts.add(subject)
        self._remember(self._counts)

    def merge(self, counts: RowCounts) -> None:
        """Count what other rows hold that were counted elsewhere; their reports are not among it."""
        self._counts.merge(counts)
        self._remember(counts)

    def _remember(self, counts: RowCounts) -> None:
        """Count documents that were not seen before."""
        self.documents += len(counts.documents)
        self.unique_documents += sum(self._seen.add(digest, "") is None for digest in counts.documents)
        counts.documents.clear()

    def add_report(self, report: Report) -> None:
        """Count what was found in a row, or outside of any, and what that makes of the row."""
        if report.checked or report.unread:
            self._rows["unread" if not report.checked else "kept" if report.kept else "rejected"] += 1
        self.unread_files += report.unread and report.record is None
        codes = [(one.code, one.name, one.severity) for one in report.diagnostics]
        self._findings.update(codes)
        self._rows_with.update(set(codes))

    @property
    def attributes(self) -> AttributeStatistics:
        """Give how often the values of each attribute stand in the text, and what follows for the settings."""
        return self._counts.attributes

    @property
    def rows(self) -> Mapping[str, int]:
        """Give the rows that were ``kept`` without an error or ``rejected`` with one, or ``unread`` as files may be."""
        return {fate: self._rows[fate] for fate in FATES}

    @property
    def per_document(self) -> Mapping[Measure, Distribution | None]:
        """Give how words, entity types and annotations are spread over rows; None for what no row has.

        Words: over rows with a document. Declared types: over all rows that were read. Used types and annotations:
        over rows whose labels could be read as a list, of which annotations counts nested instances and ``top_level``
        only the items of the list.
        """
        return {measure: Distribution.of(histogram) for measure, histogram in self._counts.histograms.items()}

    @property
    def words(self) -> int:
        """Give the number of words of all documents, as ``guidex_schema.vocabulary.words`` counts them.

        A word is a run of characters with a letter or digit among them; white space, hyphens and other punctuation
        part words, an apostrophe inside one does not. In scripts without spaces every four (Thai, Lao, Khmer, Burmese)
        or two characters (Chinese, Japanese) count as one.
        """
        return sum(number * rows for number, rows in self._counts.histograms["words"].items())

    @property
    def entity_types(self) -> Counter[str]:
        """Give the number of annotations of each entity type that has one, the most frequent first, then by name."""
        return _sorted(self._counts.annotations)

    @property
    def declared(self) -> Counter[str]:
        """Give the number of rows whose guidelines declare each entity type, in the order of ``entity_types``."""
        return _sorted(self._counts.declared)

    @property
    def types(self) -> tuple[TypeCount, ...]:
        """Give all that is counted of each entity type, declared or used, the most frequent first, then by name."""
        statuses: dict[str, Counter[GroundingStatus]] = {}
        for (name, _, status), number in self._counts.statuses.items():
            statuses.setdefault(name, Counter())[status] += number
        found = (
            TypeCount(
                entity_type=name,
                rows=self._counts.declared[name],
                used_in=self._counts.used_in[name],
                annotations=self._counts.annotations[name],
                undeclared=self._counts.undeclared[name],
                grounding=Statuses.of(statuses.get(name, {})),
            )
            for name in self._counts.declared.keys() | self._counts.annotations.keys() | statuses.keys()
        )
        return tuple(sorted(found, key=lambda one: (-one.annotations, -one.rows, one.entity_type)))

    @property
    def fill(self) -> tuple[AttributeFill, ...]:
        """Give how often each attribute of each entity type is filled, and what documents say of its values.

        The largest number of instances comes first, then the lowest share, then by name. An attribute that no
        declaration has but values stand for has no instances; values that stand for none are left out.
        """
        statuses: dict[tuple[str, str], Counter[GroundingStatus]] = {}
        for (name, attribute, status), number in self._counts.statuses.items():
            if attribute is not None:
                statuses.setdefault((name, attribute), Counter())[status] += number
        found = (
            AttributeFill(
                entity_type=key[0],
                attribute=key[1],
                instances=self._counts.instances[key],
                filled=self._counts.filled[key],
                grounding=Statuses.of(statuses.get(key, {})),
            )
            for key in self._counts.instances.keys() | statuses.keys()
        )
        return tuple(sorted(found, key=lambda one: (-one.instances, one.filled, one.entity_type, one.attribute)))

    @property
    def value_types(self) -> Counter[str]:
        """Give the number of values of each kind inside annotations, at any depth, as ``Value.kind`` has them.

        Containers count beside what they hold, keys of mappings do not. A call of an enum or of a str subclass is the
        value in its brackets; other calls are instances, which are annotations themselves.
        """
        return _sorted(self._counts.value_types)

    @property
    def statuses(self) -> Statuses:
        """Give all leaf values by what their documents say of them."""
        counts: Counter[GroundingStatus] = Counter()
        for (_, _, status), number in self._counts.statuses.items():
            counts[status] += number
        return Statuses.of(counts)

    @property
    def codes(self) -> tuple[CodeCount, ...]:
        """Give the findings by code and severity, the most frequent first, then by code."""
        found = (
            CodeCount(code=key[0], name=key[1], severity=key[2], findings=number, rows=self._rows_with[key])
            for key, number in self._findings.items()
        )
        return tuple(sorted(found, key=lambda one: (-one.findings, one.code, one.severity)))

    def facts(self) -> dict[str, object]:
        """Give all of it as one JSON object; shares are from 0 to 1, rounded to four digits, null where of nothing.

        Its keys are ``attributes`` (by name, whatever the entity type: ``AttributeCount.counts``), ``rows`` (by what
        came of them), ``documents`` (``documents``, ``unique`` and ``words``), ``per_document`` (a ``Distribution`` or
        null for each measure), ``types`` (how many names are ``declared``, ``used``, and used but ``undeclared``),
        ``entity_types`` (a ``TypeCount`` each), ``fill`` (an ``AttributeFill`` each), ``value_types`` (numbers by
        kind), ``grounding`` (``Statuses``) and ``codes`` (a ``CodeCount`` each).
        """
        per_document = self.per_document
        return {
            "attributes": [one.counts() for one in self.attributes.attributes],
            "rows": dict(self.rows),
            "documents": {"documents": self.documents, "unique": self.unique_documents, "words": self.words},
            "per_document": {measure: (one and one.model_dump()) for measure, one in per_document.items()},
            "types": {
                "declared": len(self._counts.declared),
                "used": len(self._counts.annotations),
                "undeclared": len(self._counts.annotations.keys() - self._counts.declared.keys()),
            },
            "entity_types": [one.facts() for one in self.types],
            "fill": [one.facts() for one in self.fill],
            "value_types": dict(self.value_types),
            "grounding": self.statuses.facts(),
            "codes": [one.model_dump(mode="json") for one in self.codes],
        }


def _sorted(counts: Counter[str]) -> Counter[str]:
    return Counter(dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))))
