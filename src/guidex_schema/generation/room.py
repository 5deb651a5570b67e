"""Room: whether what is asked leaves an engine tokens to answer with."""

from collections.abc import Sequence
from typing import NamedTuple

from guidex_schema.generation.engine import Conversation, Engine
from guidex_schema.generation.engines.counting import bound
from guidex_schema.generation.gate import Material
from guidex_schema.generation.stage import Stage, prompt
from guidex_schema.generation.waiting import Waiting
from guidex_schema.generation.windows import windows
from guidex_schema.stage_output import StageName

# The fields in which prompts carry what earlier stages said.
_CARRIED = frozenset(("summary", "structure", "guidelines"))


class Demand(NamedTuple):
    """What a stage asks for one document or several, at most.

    Attributes:
        prompt: tokens of its prompt.
        carried: those of them that earlier stages may say: none where the number is exact.
        answer: tokens of its answer.
    """

    stage: StageName
    prompt: int
    carried: int
    answer: int

    @property
    def total(self) -> int:
        """Give the tokens that prompt and answer may have together."""
        return self.prompt + self.answer

    def with_another(self, other: "Demand") -> "Demand":
        """Give what it is together with another."""
        return Demand(self.stage, self.prompt + other.prompt, self.carried + other.carried, self.answer + other.answer)


class Room:
    """Measure documents and prompts with the tokenizer of an engine.

    Args:
        stages: those that a document goes through, in order.
        guidelines: the user's own; None has them written.
        max_tokens: tokens that one answer may have.
        characters: code points that a document may have, as far as grammars are made of it; None for any number.
        waiting: told while the engine is waited for.

    Raises:
        EngineError: the engine cannot be reached.
    """

    def __init__(
        self,
        engine: Engine,
        stages: Sequence[Stage],
        guidelines: str | None,
        max_tokens: int,
        characters: int | None,
        waiting: Waiting,
    ) -> None:
        self._engine = engine
        self._waiting = waiting
        self._stages = stages
        self._guidelines = guidelines
        self._max_tokens = max_tokens
        self._characters = characters
        asked = sorted(zip(self.demands(""), stages, strict=True), key=lambda one: one[0].total, reverse=True)
        # What a document has no part in leaves room for all documents or for none.
        self._is_roomy = all(one.total <= engine.context for one, stage in asked if not _shows(stage))
        # The longest come first: what they hold, the others mostly hold, too.
        self._shown = tuple((stage, one.carried + one.answer) for one, stage in asked if _shows(stage))

    def demands(self, text: str) -> tuple[Demand, ...]:
        """Say what each stage asks for a document.

        Raises:
            EngineError: the engine cannot be reached.
        """
        return tuple(self._demand(stage, text) for stage in self._stages)

    def spans(self, text: str, *, is_cut: bool) -> tuple[tuple[int, int], ...]:
        """Give the parts of a document that are asked about by themselves.

        Args:
            text: not empty.
            is_cut: a long document is cut into windows.

        Returns:
            Where each begins and ends: the whole where it is short; none where it is long and not cut, or leaves no
            room however it is cut. What is white space alone is left out.

        Raises:
            EngineError: the engine cannot be reached.
        """
        if self.fits(text):
            return ((0, len(text)),)
        found = (windows(text, self.fits) if is_cut else None) or ()
        return tuple((start, end) for start, end in found if not text[start:end].isspace())

    def fits(self, text: str) -> bool:
        """Say whether a document leaves every stage room for its answer, as long as earlier ones may be.

        Raises:
            EngineError: the engine cannot be reached.
        """
        if not self._is_roomy or (self._characters is not None and len(text) > self._characters):
            return False
        return all(self.holds(self._blank(stage, text), beside) for stage, beside in self._shown)

    def holds(self, conversation: Conversation, tokens: int) -> bool:
        """Say whether a conversation leaves room for so many tokens.

        Raises:
            EngineError: the engine cannot be reached.
        """
        left = self._engine.context - tokens
        # Most documents are short, and a server takes its time to count.
        return bound(conversation) <= left or self._count(conversation) <= left

    def _count(self, conversation: Conversation) -> int:
        with self._waiting.engine():
            return self._engine.count(conversation)

    def _demand(self, stage: Stage, text: str) -> Demand:
        fields = _CARRIED & stage.template.fields
        carried = self._max_tokens * len(fields - {"guidelines"} if self._guidelines is not None else fields)
        prompt_tokens = self._count(self._blank(stage, text)) + carried
        return Demand(stage.name, prompt_tokens, carried, self._max_tokens)

    def _blank(self, stage: Stage, text: str) -> Conversation:
        """Give the prompt of a stage to which earlier ones have said nothing."""
        material = Material(
            document=text,
            summary="",
            structure="",
            guidelines=self._guidelines or "",
            is_fixed=self._guidelines is not None,
        )
        return prompt(stage, material)


def _shows(stage: Stage) -> bool:
    """Say whether a stage shows the document."""
    return "document" in stage.template.fields
