"""One document on its way through the stages: prompt, answer, gate, and what comes of it."""

from collections.abc import Callable
from typing import assert_never

from guidex_schema.diagnostic import Diagnostic
from guidex_schema.error import UsageError
from guidex_schema.generation.documents import SourceDocument
from guidex_schema.generation.engine import Completion, Conversation, Failure, Request
from guidex_schema.generation.gate import Gated, Material
from guidex_schema.generation.journal import Key
from guidex_schema.generation.outcome import Attempt, Kept, Pending, Rejected
from guidex_schema.generation.plan import Plan
from guidex_schema.generation.stage import Stage, finding, prompt, repair
from guidex_schema.quantity import quantity
from guidex_schema.stage_output import StageName

Answers = Callable[[Key, Conversation], Completion | Failure | None]


class Progress:
    """Where a document is. All of it follows from the answers that there are, so that nothing else has to be kept.

    Args:
        plan: what is asked.
        document: about what.
        answers: gives the answer to a request, if there is one yet.
    """

    def __init__(self, plan: Plan, document: SourceDocument, answers: Answers) -> None:
        self._plan = plan
        self._document = document
        self._answers = answers
        self._material = plan.material(document)
        self._attempts: list[Attempt] = []
        self._fixed: list[str] = []
        self._spent = 0
        self._stage = 0
        self._attempt = 0
        self._conversation: Conversation | None = None
        # What is wrong with the last answer, while it is asked again.
        self._found: tuple[Diagnostic, ...] = ()
        self._output: str | None = None
        self._is_cut = False

    @property
    def document(self) -> SourceDocument:
        """Give the document."""
        return self._document

    def step(self, *, is_asking: bool = True) -> Request | Kept | Rejected | Pending:
        """Go on as far as there are answers, and give what is to be asked next, or what became of the document.

        Args:
            is_asking: the engine can be asked; what would have to be is pending where it cannot.

        Raises:
            EngineError: the engine cannot be reached, to count tokens.
            UsageError: the journal holds an answer to something else, or cannot be read.
            JailError: no labels can be run on this machine.
        """
        while True:
            stage = self._plan.stages[self._stage]
            if self._conversation is None:
                self._conversation = prompt(stage, self._material)
            key = (self._document.digest, stage.name, self._attempt)
            answer = self._answers(key, self._conversation)
            if answer is None:
                return self._request(stage, self._conversation) if is_asking else Pending(self._document)
            done = self._take(stage, answer)
            if done is not None:
                return done

    def _request(self, stage: Stage, conversation: Conversation) -> Request | Rejected:
        left = self._plan.settings.token_budget - self._spent
        if left <= 0:
            message = f"the answers about the document have {self._spent:,} tokens, and more are not allowed"
            return self._rejected("over-budget", message)
        max_tokens = min(self._plan.sampling.max_tokens, left)
        if not self._plan.room.holds(conversation, max_tokens):
            message = f"the prompt leaves no room for an answer of {quantity(max_tokens, 'token')}"
            return self._rejected("no-room", message)
        try:
            constraint = self._plan.constraint(stage, self._material, max_tokens if self._is_cut else None)
        except UsageError as error:
            return self._rejected("no-grammar", str(error))
        return Request(
            document=self._document.digest,
            stage=stage.name,
            attempt=self._attempt,
            messages=conversation,
            seed=self._plan.seed_of(self._document, stage, self._attempt),
            max_tokens=max_tokens,
            constraint=constraint,
        )

    def _take(self, stage: Stage, answer: Completion | Failure) -> Kept | Rejected | None:
        self._attempts.append(Attempt(stage.name, self._attempt))
        match answer:
            case Failure():
                return self._rejected("engine-refused", answer.reason)
            case Completion():
                pass
            case _:
                assert_never(answer)
        self._spent += answer.output_tokens
        gated = stage.gate(answer.text, answer.is_cut, self._material)
        if not gated.passed:
            return self._again(stage, answer, gated)
        self._fixed += gated.fixed
        self._material = _with(self._material, stage.name, gated.value)
        self._stage, self._attempt, self._conversation = self._stage + 1, 0, None
        self._found, self._output, self._is_cut = (), None, False
        if self._stage < len(self._plan.stages):
            return None
        return Kept(
            self._document,
            self._material.guidelines or "",
            gated.value,
            tuple(self._attempts),
            tuple(self._fixed),
            answer.model,
        )

    def _again(self, stage: Stage, answer: Completion, gated: Gated) -> Rejected | None:
        """Ask again, telling what was wrong, or give up."""
        self._found, self._output, self._is_cut = gated.diagnostics, gated.value, answer.is_cut
        if gated.is_final:
            return Rejected(self._document, stage.name, self._found, tuple(self._attempts), self._output)
        if self._attempt >= self._plan.settings.repairs:
            return self._rejected("repair-exhausted", f"asked {quantity(self._attempt + 1, 'time')}, no answer passed")
        # Each repair is of the last answer alone: with all of them the prompt would grow.
        first = prompt(stage, self._material)
        self._conversation = repair(stage, self._plan.prompts, first, answer.text, gated)
        self._attempt += 1
        return None

    def _rejected(self, rule: str, message: str) -> Rejected:
        stage = self._plan.stages[self._stage].name
        found = (*self._found, finding(rule, message, stage))
        return Rejected(self._document, stage, found, tuple(self._attempts), self._output)


def _with(material: Material, stage: StageName, value: str) -> Material:
    """Put what a stage has made to what the next is made from."""
    match stage:
        case "summary":
            return material.model_copy(update={"summary": value})
        case "structure":
            return material.model_copy(update={"structure": value})
        case "guideline":
            return material.model_copy(update={"guidelines": value})
        case "instances":
            return material
        case _:
            assert_never(stage)
