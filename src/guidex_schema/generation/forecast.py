"""What a run will ask at most, before it is made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce

from guidex_schema.generation.documents import SourceDocument, Unread
from guidex_schema.generation.duplicates import Duplicates
from guidex_schema.generation.plan import Plan
from guidex_schema.generation.room import Demand
from guidex_schema.stage_output import StageName


@dataclass
class Forecast:
    """What documents ask for, without repairs.

    Attributes:
        documents: those that are asked about, each window by itself.
        unread: what is none.
        files: those of them that are files, and may have held any number of documents.
        duplicates: those that came before.
        refused: those that leave no room for an answer.
        demands: what each stage asks, for all documents.
    """

    documents: int = 0
    unread: int = 0
    files: int = 0
    duplicates: int = 0
    refused: int = 0
    demands: dict[StageName, Demand] = field(default_factory=dict)

    def add(self, demand: Demand) -> None:
        """Add what a stage asks for one document."""
        known = self.demands.get(demand.stage, Demand(demand.stage, 0, 0, 0))
        self.demands[demand.stage] = known.with_another(demand)

    @property
    def total(self) -> Demand:
        """Give what all stages ask together."""
        return reduce(Demand.with_another, self.demands.values(), Demand("summary", 0, 0, 0))


def forecast(
    plan: Plan, documents: Iterable[SourceDocument | Unread], tell: Callable[[Unread], None] = lambda _: None
) -> Forecast:
    """Measure what a run asks.

    Args:
        plan: of the run.
        documents: those that it would read.
        tell: told what is no document.

    Raises:
        EngineError: the engine cannot be reached, to count tokens.
    """
    found = Forecast()
    duplicates = Duplicates()
    for one in documents:
        if isinstance(one, Unread):
            found.unread += 1
            found.files += one.reference is None
            tell(one)
        elif duplicates.earlier(one) is not None:
            found.duplicates += 1
        else:
            spans = plan.room.spans(one.text, is_cut=plan.settings.long_documents == "window")
            found.refused += not spans
            for start, end in spans:
                part = one if (start, end) == (0, len(one.text)) else one.part(start, end)
                if part is not one and duplicates.earlier(part) is not None:
                    found.duplicates += 1
                    continue
                found.documents += 1
                for demand in plan.room.demands(part.text):
                    found.add(demand)
    return found
