"""How documents are made into records: the engine, the model, and what is asked of it."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from guidex_schema.frozen import Frozen, hyphenated

EngineName = Literal["replay", "openai", "ray", "vllm"]
Decoding = Literal["grounded", "free"]


class EngineSettings(Frozen):
    """Say which model writes, and how it is run. The numbers are those of GuideX (arXiv:2506.00649, Table 5).

    Attributes:
        name: ``vllm`` runs the model in this process, ``openai`` asks a server that speaks OpenAI's protocol, ``ray``
            asks servers from all nodes of a cluster, and ``replay`` gives what was recorded.
        model: the model's name or folder; there is none by default.
        base_urls: servers that are asked in turn, as in ``http://127.0.0.1:8000/v1``.
        address: of the cluster's head, for ``ray``, as in ``10.0.0.1:6379``; what RAY_ADDRESS says unless given, and
            without that a cluster of this machine alone.
        transcripts: what ``replay`` gives: a JSONL file of transcripts, or the journal of another run; those that
            come with the package unless given.
        tokenizer: a folder or file with the model's tokenizer, for servers that do not count tokens themselves.
        temperature: of the sampling; 0 always takes the likeliest token.
        top_p: the share of probability that is sampled from, above 0 and at most 1.
        max_tokens: tokens that one answer may have.
        context: tokens that a prompt and its answer may have together.
        batch: requests that are under way together; with ``ray`` as many for each server.
        dtype: the number format of the weights in ``vllm``.
        tensor_parallel: the devices that ``vllm`` splits the model over; all that are visible unless given.
        timeout: seconds that a server may take for one answer.
        retries: how often a request is sent again when a server fails or asks to wait.
        key_variable: the environment variable that holds the server's key.
        arguments: what else the engine is given: arguments of ``vllm.LLM``, or fields of the body of a request.
        price_in: what a million tokens of prompts cost, for ``--dry-run``.
        price_out: what a million tokens of answers cost.
    """

    model_config = ConfigDict(alias_generator=hyphenated, validate_by_name=True, validate_by_alias=True)

    name: EngineName = "replay"
    model: str = ""
    base_urls: tuple[str, ...] = ()
    address: str = ""
    transcripts: str = ""
    tokenizer: str = ""
    temperature: float = Field(default=0.7, ge=0, le=2)
    top_p: float = Field(default=0.95, gt=0, le=1)
    max_tokens: int = Field(default=1024, ge=1, strict=True)
    context: int = Field(default=8192, ge=2, strict=True)
    batch: int = Field(default=32, ge=1, strict=True)
    dtype: str = "bfloat16"
    tensor_parallel: int | None = Field(default=None, ge=1, strict=True)
    timeout: float = Field(default=600, gt=0, allow_inf_nan=False)
    retries: int = Field(default=5, ge=0, strict=True)
    key_variable: str = "OPENAI_API_KEY"
    arguments: Mapping[str, JsonValue] = Field(default_factory=dict)
    price_in: float = Field(default=0, ge=0, allow_inf_nan=False)
    price_out: float = Field(default=0, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _leave_room(self) -> Self:
        """See to it that an answer leaves room for a prompt: else every document would be refused."""
        if self.max_tokens >= self.context:
            sizes = {"most": self.max_tokens, "context": self.context}
            message = "max-tokens ({most}) has to be less than context ({context}), which prompts need, too"
            raise PydanticCustomError("no_room", message, sizes)
        return self


class GenerationSettings(Frozen):
    """Say what is asked for, and how often.

    Attributes:
        decoding: ``grounded`` writes instances under a grammar of the schema and the document, and is refused where
            the engine does not enforce one; ``free`` asks and then checks.
        repairs: how often a stage is asked again when its answer has errors.
        token_budget: tokens that all answers about one document may have together.
        long_documents: what becomes of a document that leaves no room for an answer: it is refused, or cut into
            windows that are documents of their own.
        instances: instances of a list, at most, in grounded decoding.
        items: items of a list that is a value, at most.
        depth: how deep instances of classes that hold each other, or themselves, may nest; all others nest as deep as
            their classes say. Objects of a structure nest as deep as this.
        span_characters: characters of a value that stands in the document, at most.
        abstractive_characters: characters of a value that need not stand there, at most.
    """

    model_config = ConfigDict(alias_generator=hyphenated, validate_by_name=True, validate_by_alias=True)

    decoding: Decoding = "grounded"
    repairs: int = Field(default=2, ge=0, strict=True)
    token_budget: int = Field(default=16_384, ge=1, strict=True)
    long_documents: Literal["refuse", "window"] = "refuse"
    instances: int = Field(default=32, ge=1, strict=True)
    items: int = Field(default=32, ge=1, strict=True)
    depth: int = Field(default=3, ge=1, strict=True)
    span_characters: int = Field(default=200, ge=1, strict=True)
    abstractive_characters: int = Field(default=300, ge=1, strict=True)
