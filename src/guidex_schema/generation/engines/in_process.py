"""The engine that runs a model in this process, with vLLM."""

import gc
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import count
from multiprocessing import active_children
from pathlib import Path
from typing import TYPE_CHECKING

from guidex_schema.diagnostic import quoted
from guidex_schema.error import EngineError, UsageError
from guidex_schema.folder import is_file
from guidex_schema.generation.engine import Answer, Completion, Conversation, Dialect, Failure, Message, Request
from guidex_schema.generation.engines import body
from guidex_schema.generation.engines.children import Children
from guidex_schema.generation.engines.wording import said, whole
from guidex_schema.generation_settings import EngineSettings

if TYPE_CHECKING:
    from vllm import LLM, LLMEngine, RequestOutput, SamplingParams

# What each of vLLM's backends reads: Lark is llguidance's own, and only `guidance` is llguidance.
_DIALECTS: Mapping[object, tuple[Dialect, ...]] = {"guidance": ("lark",), "xgrammar": ("ebnf",), "auto": ("ebnf",)}

_TRIED = (Message(role="user", content="Hello"),)

_KEPT = 256


class InProcessEngine:
    """Run a model. Requests join those that are under way as soon as there is room, and are collected as they end."""

    name = "vllm"
    counting = "counted by the model's own tokenizer"

    def __init__(self, settings: EngineSettings) -> None:
        """Load the model.

        Args:
            settings: which model, and how it is run. ``arguments`` are those of ``vllm.LLM``, and
                ``chat_template``, the text or file of one, for models that have none.

        Raises:
            UsageError: no model is named, the extra is not installed, or the template cannot be read.
            EngineError: vLLM cannot load the model, or it has no chat template.
        """
        if not settings.model:
            raise UsageError("the engine vllm needs a model: its name or folder, as `model` in the settings")
        arguments = dict(settings.arguments)
        self._template = _template(arguments.pop("chat_template", None))
        self._settings = settings
        self._under_way: dict[str, Request] = {}
        self._arrived: list[Answer] = []
        self._numbers = count()
        self.model = settings.model
        self.width = settings.batch
        self.context = settings.context
        others = active_children()
        self._llm: LLM | None = _loaded(settings, arguments)
        self._children = Children(one for one in active_children() if one not in others)
        # Where its process is killed vLLM waits for ever for what that would have said. Without one there is no queue.
        if (outputs := getattr(self._engine.engine_core, "outputs_queue", None)) is not None:
            self._children.once_one_ends(lambda: outputs.put(EOFError()))
        self.dialects = _DIALECTS.get(self._engine.vllm_config.structured_outputs_config.backend, ())
        self._tokens = lru_cache(_KEPT)(self._tokenized)
        try:
            self._tokens(_TRIED)
        except EngineError:
            self.close()
            raise

    def count(self, messages: Conversation) -> int:
        """Count the tokens of a conversation with the model's own tokenizer and chat template.

        Raises:
            EngineError: the chat template refuses the conversation.
        """
        return len(self._tokens(messages))

    def submit(self, request: Request) -> None:
        """Take a request; what vLLM refuses at once is collected as a failure, and the others are not touched.

        Raises:
            EngineError: vLLM died.
        """
        if self._children.ended:
            raise self._dead(EOFError())
        number = str(next(self._numbers))
        try:
            self._add(number, request)
        except ValueError as error:
            self._arrived.append((request, Failure(reason=f"vLLM refuses it: {error}", kind="refused")))
        else:
            self._under_way[number] = request

    def collect(self) -> Sequence[Answer]:
        """Go on until at least one request has come to its end, and give those that have.

        Raises:
            EngineError: vLLM died.
        """
        while self._under_way and not self._arrived:
            try:
                outputs = self._engine.step()
            except Exception as error:
                self._under_way.clear()
                raise self._dead(error) from error
            for output in outputs:
                if output.finished:
                    request = self._under_way.pop(output.request_id)
                    self._arrived.append((request, self._answer(output)))
        return self.arrived()

    def arrived(self) -> Sequence[Answer]:
        """Give the requests that had come to their end when vLLM was last waited for."""
        answers, self._arrived = self._arrived, []
        return answers

    def close(self) -> None:
        """Free the model and its processes; nothing happens the second time."""
        if self._llm is not None:
            self._llm.llm_engine.engine_core.shutdown()
            self._llm = None
            gc.collect()

    @property
    def _engine(self) -> "LLMEngine":
        if self._llm is None:
            raise EngineError("the engine is closed")
        return self._llm.llm_engine

    def _add(self, number: str, request: Request) -> None:
        from vllm.v1.engine.exceptions import EngineDeadError

        try:
            prompt = {"prompt_token_ids": list(self._tokens(request.messages))}
            self._engine.add_request(number, prompt, self._sampling(request))
        except Exception as error:
            if isinstance(error, EngineDeadError) or self._children.ended:
                raise self._dead(error) from error
            # What vLLM raises for a grammar or a prompt that it cannot use has changed from release to release.
            raise ValueError(said(str(error))) from error

    def _dead(self, error: Exception) -> EngineError:
        if ended := self._children.ended:
            return EngineError(
                f"vLLM died: its process {ended[0]} has ended, as one does that is killed for its memory"
            )
        return EngineError(f"vLLM died: {said(str(error)) or type(error).__name__}")

    def _tokenized(self, messages: Conversation) -> Sequence[int]:
        tokenizer = self._engine.get_tokenizer()
        turns = body.turns(messages)
        try:
            return tuple(
                tokenizer.apply_chat_template(
                    turns, chat_template=self._template, add_generation_prompt=True, tokenize=True, return_dict=False
                )
            )
        except Exception as error:
            raise EngineError(
                f"the chat template of {quoted(self.model)} cannot be used: {said(str(error))}; name an instruct model,"
                " or a template as `chat_template` in the engine's arguments"
            ) from error

    def _sampling(self, request: Request) -> "SamplingParams":
        from vllm import SamplingParams
        from vllm.sampling_params import StructuredOutputsParams

        constraint = request.constraint
        return SamplingParams(
            temperature=self._settings.temperature,
            top_p=self._settings.top_p,
            max_tokens=request.max_tokens,
            seed=request.seed,
            structured_outputs=None if constraint is None else StructuredOutputsParams(**body.structured(constraint)),
        )

    def _answer(self, output: "RequestOutput") -> Completion | Failure:
        written = output.outputs[0]
        if written.finish_reason not in ("stop", "length"):
            return Failure(reason=f"vLLM broke it off ({written.finish_reason})", kind="refused")
        return Completion(
            text=whole(written.text),
            is_cut=written.finish_reason == "length",
            prompt_tokens=len(output.prompt_token_ids or ()),
            output_tokens=len(written.token_ids),
            model=self.model,
        )


def _loaded(settings: EngineSettings, arguments: Mapping[str, object]) -> "LLM":
    # vLLM tells of each step of its start; what goes wrong is still told.
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
    try:
        import torch
        from vllm import LLM
    except ImportError as error:
        missing = said(str(error))
        raise UsageError(
            f"models are run in this process by the package vllm: pip install 'guidex-schema[vllm]' ({missing})"
        ) from error
    devices = torch.cuda.device_count()
    defaults: dict[str, object] = {
        "dtype": settings.dtype,
        "tensor_parallel_size": settings.tensor_parallel or max(1, devices),
        "max_model_len": settings.context,
        "max_num_seqs": settings.batch,
        "enable_prefix_caching": True,
        "structured_outputs_config": {"backend": "guidance"},
    }
    if not devices:
        # Built for the CPU, vLLM 0.32 dies of a prompt that it reads in parts if the sampling has a seed.
        defaults["enable_chunked_prefill"] = False
    try:
        return LLM(settings.model, **{**defaults, **arguments})
    except Exception as error:
        raise EngineError(f"vLLM cannot load {quoted(settings.model)}: {said(str(error))}") from error


def _template(named: object) -> str | None:
    if named is None:
        return None
    if not isinstance(named, str):
        raise UsageError("`chat_template` in the engine's arguments has to be the text or the file of a template")
    if not is_file(Path(named)):
        return named
    try:
        return Path(named).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"the chat template {quoted(named)} cannot be read: {said(str(error))}") from error
