"""What every engine offers: it counts tokens, takes requests, and gives what came of them."""

from collections.abc import Sequence
from typing import Literal, Protocol

from guidex_schema.frozen import Frozen


class Message(Frozen):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


Conversation = tuple[Message, ...]
Dialect = Literal["lark", "ebnf"]
Kind = Literal[Dialect, "json-schema"]


class Constraint(Frozen):
    """What an answer has to be a sentence of: a grammar, or a JSON Schema."""

    kind: Kind
    text: str


class Request(Frozen):
    """Ask for one answer.

    Attributes:
        document: the digest of the document that it is about; with the stage and the attempt it names the request.
        stage: the name of the stage.
        attempt: 0 for the first time, then one more for each repair.
        seed: of the sampling, 0 to 2³¹ - 1.
        max_tokens: tokens that the answer may have.
    """

    document: str
    stage: str
    attempt: int
    messages: Conversation
    seed: int
    max_tokens: int
    constraint: Constraint | None = None


class Completion(Frozen):
    """An answer.

    Attributes:
        text: as the model wrote it, with what it thinks aloud, unless a server sends that apart.
        is_cut: it ended because it had no more tokens.
        prompt_tokens: tokens of the conversation, as the engine counts them.
        output_tokens: tokens of the whole answer, with what was thought aloud.
        model: what wrote it, as the engine says.
    """

    text: str
    is_cut: bool
    prompt_tokens: int
    output_tokens: int
    model: str


class Failure(Frozen):
    """Why there is no answer.

    Attributes:
        reason: in words, with what to do.
        kind: ``refused`` means that this request is not answered, so its document is rejected and asked about again in
            the next run only; ``unavailable`` that the engine did not answer now, so its document stays pending.
        is_gone: the engine did not answer because it cannot be reached or has no time, whatever is asked.
    """

    reason: str
    kind: Literal["refused", "unavailable"]
    is_gone: bool = False


Answer = tuple[Request, Completion | Failure]


class Engine(Protocol):
    """Something that answers. One thread uses it.

    Attributes:
        name: ``replay``, ``openai`` or ``vllm``.
        model: what the answers are written by, as provenance names it.
        width: requests that are worth having under way together.
        context: tokens that a prompt and its answer may have together.
        counting: how it counts tokens, in words.
        dialects: the kinds of grammar that can be sent to it, the best first; empty where there is none. That one
            is really enforced is for ``probe`` to find out.
    """

    name: str
    model: str
    width: int
    context: int
    counting: str
    dialects: tuple[Dialect, ...]

    def count(self, messages: Conversation) -> int:
        """Count the tokens of a conversation with the model's own tokenizer, its chat template included.

        Raises:
            EngineError: the engine cannot be reached.
        """

    def submit(self, request: Request) -> None:
        """Take a request; it may be under way at once or with the next ``collect``.

        Raises:
            EngineError: no request will be answered any more.
        """

    def collect(self) -> Sequence[Answer]:
        """Wait until at least one request has come to its end, and give those that have; none if none is under way.

        Raises:
            EngineError: no request will be answered any more; what was answered before was given before.
        """

    def arrived(self) -> Sequence[Answer]:
        """Give the requests that have come to their end already, without waiting.

        Raises:
            EngineError: as ``collect``.
        """

    def close(self) -> None:
        """Give back what it holds: connections, processes, memory."""
