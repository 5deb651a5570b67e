"""What is sent to a server."""

import json
from collections.abc import Mapping

from guidex_schema.error import UsageError
from guidex_schema.generation.engine import Constraint, Conversation, Request
from guidex_schema.generation.engines.wording import said, whole
from guidex_schema.generation_settings import EngineSettings

# What the run itself says in each request.
_RESERVED = frozenset({"model", "messages", "max_tokens", "n", "seed", "stream", "structured_outputs"})


def sampling(settings: EngineSettings) -> Mapping[str, object]:
    """Give what all requests have in common: how tokens are sampled, and the arguments that the settings add.

    Raises:
        UsageError: an argument is one that the run itself gives, or none that JSON can hold.
    """
    if reserved := sorted(_RESERVED & settings.arguments.keys()):
        raise UsageError(f"`arguments` of the engine cannot name {', '.join(reserved)}: the run gives it itself")
    try:
        json.dumps(dict(settings.arguments), allow_nan=False).encode()
    except ValueError as error:
        raise UsageError(f"`arguments` of the engine cannot be sent as JSON: {said(str(error))}") from error
    return {"temperature": settings.temperature, "top_p": settings.top_p, **settings.arguments}


def question(model: str, request: Request) -> Mapping[str, object]:
    """Give what one request adds."""
    asked: dict[str, object] = {
        "model": model,
        "messages": turns(request.messages),
        "max_tokens": request.max_tokens,
        "seed": request.seed,
    }
    if request.constraint is not None:
        asked["structured_outputs"] = structured(request.constraint)
    return asked


def turns(messages: Conversation) -> list[dict[str, str]]:
    """Give a conversation as chat templates take it; UTF-8 cannot hold halves of surrogate pairs."""
    return [{"role": one.role, "content": whole(one.content)} for one in messages]


def structured(constraint: Constraint) -> dict[str, object]:
    """Give a constraint by the name that vLLM has for it since 0.11; the older ``guided_...`` it ignores in silence."""
    match constraint.kind:
        case "lark" | "ebnf":
            return {"grammar": whole(constraint.text)}
        case "json-schema":
            return {"json": json.loads(constraint.text)}
