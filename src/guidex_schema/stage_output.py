"""What a rule about generation is shown: one answer of a model, and what it was made from."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from guidex_schema.diagnostic import Fault

if TYPE_CHECKING:
    from guidex_schema.grounding import GroundedDocument

StageName = Literal["summary", "structure", "guideline", "instances"]


@dataclass(frozen=True)
class StageOutput:
    """The answer of one stage.

    Attributes:
        stage: which one.
        text: the answer, after what could be mended without asking again.
        document: what it is about.
        is_cut: it ended because it had no more tokens.
        faults: what the run itself found, such as an engine that refuses the request.
    """

    stage: StageName
    text: str
    document: str
    is_cut: bool = False
    faults: tuple[Fault, ...] = ()

    def reported(self, rule: str) -> Iterator[Fault]:
        """Give what the run has found for a rule."""
        return (fault for fault in self.faults if fault.rule == rule)

    @cached_property
    def value(self) -> object:
        """Give what the answer is as JSON.

        Raises:
            ValueError: it is none (json.JSONDecodeError), or nested too deep to be read.
        """
        try:
            return json.loads(self.text)
        except RecursionError as error:
            raise ValueError("it is nested too deep") from error

    @cached_property
    def grounded(self) -> "GroundedDocument":
        """Give the document in which its strings are looked up."""
        from guidex_schema.grounding import GroundedDocument

        return GroundedDocument(self.document)
