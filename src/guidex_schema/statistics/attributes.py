"""How often values of each attribute stand in their documents, and which attributes seem to describe, not to quote."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from guidex_schema.frozen import Frozen
from guidex_schema.subject import GroundedValue

_Status = Literal["exact", "normalised", "variant", "absent"]


class AttributeCount(Frozen):
    """The values of all attributes of one name, whatever their entity types, by what their documents say of them.

    Attributes:
        attribute: the name.
        abstractive: how many of the values the settings let off.
    """

    attribute: str
    exact: int = 0
    normalised: int = 0
    variant: int = 0
    absent: int = 0
    abstractive: int = 0

    @property
    def values(self) -> int:
        """Give how many values there are: texts and numbers that fill an attribute."""
        return self.exact + self.normalised + self.variant + self.absent

    @property
    def share_absent(self) -> float:
        """Give the share of values that do not stand in their documents, from 0 to 1."""
        return self.absent / max(self.values, 1)

    def counts(self) -> dict[str, object]:
        """Give the facts as one JSON object."""
        fields = self.model_dump()
        abstractive = fields.pop("abstractive")
        name = fields.pop("attribute")
        share = round(self.share_absent, 4)
        return {"attribute": name, "values": self.values, **fields, "share_absent": share, "abstractive": abstractive}


@dataclass(frozen=True)
class Kind:
    """What values have in common that are counted together."""

    entity_type: str
    attribute: str
    is_abstractive: bool


class AttributeStatistics:
    """The counts of all attributes of a dataset; there is one for each name that an entity type gives an attribute.

    Attributes:
        counts: values by what they have in common and what their documents say of them.

    Args:
        values: counted as they come, so that a dataset of any size can be.
    """

    def __init__(self, values: Iterable[GroundedValue] = ()) -> None:
        self.counts: Counter[tuple[Kind, _Status]] = Counter()
        self.add(values)

    def add(self, values: Iterable[GroundedValue]) -> None:
        """Count more values: of those that fill an attribute, all but what no document has to say."""
        for value in values:
            status = value.grounding.status
            if value.is_checked and value.attribute is not None and status != "not-applicable":
                self.counts[Kind(value.entity_type, value.attribute, value.is_abstractive), status] += 1

    def merge(self, others: "AttributeStatistics") -> None:
        """Put the counts of other values to these."""
        self.counts.update(others.counts)

    @property
    def attributes(self) -> tuple[AttributeCount, ...]:
        """Give the counts by name, the largest share of absent values first, then the largest number of them."""
        found = (_count(name, kinds) for name, kinds in self._by_name().items())
        return tuple(sorted(found, key=lambda one: (-one.share_absent, -one.values, one.attribute)))

    def proposal(self, threshold: float, least: int) -> tuple[str, ...]:
        """Propose the attributes that may be meant to describe: those whose values mostly do not stand in the text.

        Where the values of the other entity types stand in the text, only the attribute of the one type is proposed.

        Args:
            threshold: the share of absent values from which on an attribute is proposed, from 0 to 1.
            least: how many values it needs; of a few, nothing can be said.

        Returns:
            Patterns for the setting ``abstractive``, sorted, without what that setting lets off already.
        """

        def is_proposed(count: AttributeCount) -> bool:
            return count.absent > 0 and count.values >= least and count.share_absent >= threshold

        patterns = []
        for name, kinds in self._by_name(is_abstractive=False).items():
            entity_types = {kind.entity_type for kind, _, _ in kinds}
            lacking = {kind.entity_type for kind, status, _ in kinds if status == "absent"}
            if is_proposed(_count(name, kinds)) and (len(lacking) > 1 or lacking == entity_types):
                patterns.append(f"*.{name}")
                continue
            for entity_type in lacking:
                own = [one for one in kinds if one[0].entity_type == entity_type]
                patterns += [f"{entity_type}.{name}"] if is_proposed(_count(name, own)) else []
        return tuple(sorted(patterns))

    def _by_name(self, *, is_abstractive: bool | None = None) -> Mapping[str, Sequence[tuple[Kind, _Status, int]]]:
        found: defaultdict[str, list[tuple[Kind, _Status, int]]] = defaultdict(list)
        for (kind, status), number in self.counts.items():
            if is_abstractive in (None, kind.is_abstractive):
                found[kind.attribute].append((kind, status, number))
        return found


def _count(name: str, kinds: Sequence[tuple[Kind, _Status, int]]) -> AttributeCount:
    statuses: Counter[str] = Counter()
    for _, status, number in kinds:
        statuses[status] += number
    abstractive = sum(number for kind, _, number in kinds if kind.is_abstractive)
    return AttributeCount(attribute=name, abstractive=abstractive, **statuses)
