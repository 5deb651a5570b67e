"""What is counted of a dataset: frozen data, one class for each thing that has counts."""

from collections.abc import Mapping

from guidex_schema.diagnostic import Severity
from guidex_schema.frozen import Frozen
from guidex_schema.grounding import GroundingStatus

_FIELDS: Mapping[GroundingStatus, str] = {"not-applicable": "not_applicable"}


class Statuses(Frozen):
    """Count leaf values by what their documents say of them; the sum is what ``guidex ground`` writes."""

    exact: int = 0
    normalised: int = 0
    variant: int = 0
    absent: int = 0
    not_applicable: int = 0

    @classmethod
    def of(cls, counts: Mapping[GroundingStatus, int]) -> "Statuses":
        """Give the counts by status as fields."""
        return cls(**{_FIELDS.get(status, status): number for status, number in counts.items()})

    @property
    def found(self) -> int:
        """Give how many values the documents have: exact, normalised or as a variant."""
        return self.exact + self.normalised + self.variant

    @property
    def sought(self) -> int:
        """Give how many values were looked for: all but those that are not applicable."""
        return self.found + self.absent

    @property
    def share_grounded(self) -> float | None:
        """Give the share of the values looked for that was found, from 0 to 1; None where none was looked for."""
        return self.found / self.sought if self.sought else None

    def facts(self) -> dict[str, object]:
        """Give the counts and the share as one JSON object."""
        return {**self.model_dump(), "share_grounded": _rounded(self.share_grounded)}


class TypeCount(Frozen):
    """What there is of the entity types of one name, in all rows.

    Attributes:
        entity_type: the name.
        rows: rows whose guidelines declare it.
        used_in: rows whose labels have an instance of it.
        annotations: its instances, nested ones too.
        undeclared: those of them in rows whose guidelines do not declare it.
        grounding: the leaf values that its instances hold themselves.
    """

    entity_type: str
    rows: int = 0
    used_in: int = 0
    annotations: int = 0
    undeclared: int = 0
    grounding: Statuses = Statuses()

    def facts(self) -> dict[str, object]:
        """Give the counts as one JSON object."""
        return {**self.model_dump(), "grounding": self.grounding.facts()}


class AttributeFill(Frozen):
    """How often an attribute of an entity type is filled.

    Attributes:
        instances: instances in whose rows the type declares the attribute.
        filled: those in which it holds something: not None, no blank text, no list, set, tuple or mapping of nothing
            else. A default that the labels do not repeat fills nothing.
        grounding: the leaf values in it, declared or not.
    """

    entity_type: str
    attribute: str
    instances: int = 0
    filled: int = 0
    grounding: Statuses = Statuses()

    @property
    def share_filled(self) -> float | None:
        """Give the share of instances in which it is filled, from 0 to 1; None where no instance declares it."""
        return self.filled / self.instances if self.instances else None

    def facts(self) -> dict[str, object]:
        """Give the counts and the share as one JSON object."""
        dumped = self.model_dump()
        del dumped["grounding"]
        return {**dumped, "share_filled": _rounded(self.share_filled), "grounding": self.grounding.facts()}


class CodeCount(Frozen):
    """How often a code was found, with the severity that the settings give it.

    Attributes:
        findings: how many there are.
        rows: rows that have one; a file or the dataset, of which a finding may be, too, counts as a row.
    """

    code: str
    name: str
    severity: Severity
    findings: int
    rows: int


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
