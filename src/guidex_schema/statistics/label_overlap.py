"""Label overlap: which labels of other datasets are names of entity types here.

Source: GuideX, arXiv:2506.00649, section 4, "Entity-type overlap with existing corpora": of the 243 labels of 35
datasets 103 (42.4 %) are present verbatim. There, the names of a dataset are the classes that its labels call.
"""

from collections.abc import Collection, Iterable

from guidex_schema.frozen import Frozen
from guidex_schema.statistics.label_set import LabelSet
from guidex_schema.vocabulary import name_key


class Present(Frozen):
    """How many labels are names of entity types.

    Attributes:
        verbatim: in the same characters.
        normalised: in the same characters after ``name_key``; those that are there verbatim are among them.
    """

    verbatim: int
    normalised: int


class SetOverlap(Frozen):
    """How far the labels of one set, or the different ones of all sets, are there.

    Attributes:
        name: of the set; None for all sets together.
        labels: how many different labels there are, as they are written.
        declared: those that are entity types of any row's guidelines.
        used: those of which some row's labels have an instance, declared or not.
        missing: those that are no declared entity type, even normalised, in the order of the file.
        repeated: those that the file has more than once in the set; each counts once.
    """

    name: str | None
    labels: int
    declared: Present
    used: Present
    missing: tuple[str, ...]
    repeated: tuple[str, ...] = ()

    def share(self, part: int) -> float | None:
        """Give the share of the labels that a number of them is, from 0 to 1; None where there are no labels."""
        return part / self.labels if self.labels else None

    def facts(self) -> dict[str, object]:
        """Give the numbers and shares as one JSON object; shares are rounded to four digits, null without labels."""
        dumped = self.model_dump(mode="json")
        for names, present in (("declared", self.declared), ("used", self.used)):
            shares = {f"share_{how}": self._rounded(number) for how, number in present.model_dump().items()}
            dumped[names] = {**dumped[names], **shares}
        return dumped

    def _rounded(self, part: int) -> float | None:
        share = self.share(part)
        return None if share is None else round(share, 4)


class LabelOverlap(Frozen):
    """How far the labels of several sets are there: of each, and of the different labels of all together."""

    sets: tuple[SetOverlap, ...]
    total: SetOverlap

    def facts(self) -> dict[str, object]:
        """Give it as one JSON object."""
        return {"sets": [one.facts() for one in self.sets], "total": self.total.facts()}


def label_overlap(sets: Iterable[LabelSet], declared: Collection[str], used: Collection[str]) -> LabelOverlap:
    """Compare label sets with the entity types of a dataset.

    Args:
        sets: of other datasets.
        declared: names of the entity types that guidelines declare.
        used: names of the entity types that labels have instances of.
    """
    sets = tuple(sets)
    types, instances = _Names(declared), _Names(used)
    everything = LabelSet.of("", (label for one in sets for label in dict.fromkeys(one.labels)))
    found = [_overlap(one, types, instances) for one in (*sets, everything)]
    total = found.pop().model_copy(update={"name": None, "repeated": ()})
    return LabelOverlap(sets=tuple(found), total=total)


class _Names:
    """Names of entity types, as they are written and normalised."""

    def __init__(self, names: Collection[str]) -> None:
        self._verbatim = frozenset(names)
        self._normalised = frozenset(filter(None, map(name_key, names)))

    def verbatim(self, label: str) -> bool:
        return label in self._verbatim

    def normalised(self, label: str) -> bool:
        return label in self._verbatim or name_key(label) in self._normalised

    def present(self, labels: Collection[str]) -> Present:
        return Present(verbatim=sum(map(self.verbatim, labels)), normalised=sum(map(self.normalised, labels)))


def _overlap(one: LabelSet, types: _Names, instances: _Names) -> SetOverlap:
    return SetOverlap(
        name=one.name,
        labels=len(one.labels),
        declared=types.present(one.labels),
        used=instances.present(one.labels),
        missing=tuple(label for label in one.labels if not types.normalised(label)),
        repeated=one.repeated,
    )
