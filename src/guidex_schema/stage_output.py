"""What a rule about generation is shown: one answer of a model, and what it was made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from guidex_schema.diagnostic import Fault
from guidex_schema.json_leaf import Leaf, json_leaves, json_value

if TYPE_CHECKING:
    from guidex_schema.grounding import GroundedDocument
    from guidex_schema.guideline import Guideline

StageName = Literal["summary", "structure", "guideline", "instances"]

# As many characters as guidelines and labels of a row may have.
LONGEST_OUTPUT = 65_536


@dataclass(frozen=True)
class StageOutput:
    """The answer of one stage.

    Attributes:
        stage: which one.
        text: the answer, after what could be mended without asking again.
        document: what it is about.
        is_cut: it ended because it had no more tokens.
        faults: what the run itself found, such as an engine that refuses the request.
        longest: characters that a string of a structure may have.
        deepest: how deep its objects may stand in one another; the outermost counts.
    """

    stage: StageName
    text: str
    document: str
    is_cut: bool = False
    faults: tuple[Fault, ...] = ()
    longest: int = 200
    deepest: int = 4

    def reported(self, rule: str) -> Iterator[Fault]:
        """Give what the run has found for a rule."""
        return (fault for fault in self.faults if fault.rule == rule)

    @property
    def is_read(self) -> bool:
        """Say whether there is an answer, and one that is not beyond all limits."""
        return bool(self.text.strip()) and len(self.text) <= LONGEST_OUTPUT

    @cached_property
    def value(self) -> object:
        """Give what the answer is as JSON.

        Raises:
            ValueError: it is none (json.JSONDecodeError, which names the place), or cannot be read.
        """
        return json_value(self.text)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Give the values that name something: strings that are not empty, and numbers; none where it is no JSON."""
        try:
            _ = self.value
        except ValueError:
            return ()
        return tuple(leaf for leaf in json_leaves(self.text, self.stage) if _names_something(leaf.value))

    @cached_property
    def guideline(self) -> "Guideline":
        """Give what the answer is as guidelines; any text can be read as such."""
        from guidex_schema.guideline import ROW_LIMITS, parse_guideline

        return parse_guideline(self.text, limits=ROW_LIMITS)

    @cached_property
    def grounded(self) -> "GroundedDocument":
        """Give the document in which its strings are looked up."""
        from guidex_schema.grounding import GroundedDocument

        return GroundedDocument(self.document)


def _names_something(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, int | float) and not isinstance(value, bool)
