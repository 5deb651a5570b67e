"""What a server's answer says, read with no trust in its shape."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from guidex_schema.generation.engine import Completion, Failure, Request
from guidex_schema.generation.engines.counting import bound
from guidex_schema.generation.engines.wording import said, whole


class Card(NamedTuple):
    """A model that a server has.

    Attributes:
        model: its name.
        context: the tokens that a prompt and its answer may have together, None where the server does not say.
    """

    model: str
    context: int | None


def completion(data: bytes, request: Request, model: str) -> Completion | Failure:
    """Read the answer to a request for a chat completion.

    Args:
        data: the body.
        request: what was asked.
        model: what was asked to answer, for servers that do not name it.

    Returns:
        The answer, or why the server withheld it.

    Raises:
        ValueError: it is none, or it ended for another reason than that it is whole or has no more tokens.
    """
    body = _object(data)
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ValueError(f"it has no choices: {_shown(data)}")
    message = choices[0].get("message")
    if not isinstance(message, dict):
        raise ValueError(f"its choice has no message: {_shown(data)}")
    reason = choices[0].get("finish_reason")
    if reason == "content_filter":
        return Failure(reason="the server withheld the answer (content_filter)", kind="refused")
    if reason not in ("stop", "length"):
        raise ValueError(f"it ended neither whole nor cut off: {_shown(json.dumps(reason).encode())}")
    content = message.get("content")
    if content is None:
        content = ""
    if not isinstance(content, str):
        raise ValueError(f"the content of its message is no text: {_shown(data)}")
    usage = body.get("usage")
    used = usage if isinstance(usage, dict) else {}
    most = bound(request.messages)
    named = body.get("model")
    return Completion(
        text=whole(content),
        is_cut=reason == "length",
        # Budgets and sums are made of these, so that they cannot be more than was possible.
        prompt_tokens=min(_number(used.get("prompt_tokens"), most), most),
        output_tokens=min(_number(used.get("completion_tokens"), len(whole(content).encode())), request.max_tokens),
        model=said(named) if isinstance(named, str) and named else model,
    )


def cards(data: bytes) -> tuple[Card, ...]:
    """Read the list of the models that a server has.

    Raises:
        ValueError: it is none.
    """
    listed = _object(data).get("data")
    if not isinstance(listed, list):
        raise ValueError(f"it is no list of models: {_shown(data)}")
    return tuple(
        Card(whole(one["id"]), _number(one.get("max_model_len"), 0) or None)
        for one in listed
        if isinstance(one, dict) and isinstance(one.get("id"), str)
    )


def token_count(data: bytes) -> int:
    """Read the number of tokens that a server counted.

    Raises:
        ValueError: there is none.
    """
    body = _object(data)
    tokens = body.get("tokens")
    counted = _number(body.get("count"), len(tokens) if isinstance(tokens, list) else 0)
    if counted == 0:
        raise ValueError(f"it counts no tokens: {_shown(data)}")
    return counted


def prompt(data: bytes) -> str:
    """Read the prompt that a server made of a conversation.

    Raises:
        ValueError: there is none.
    """
    text = _object(data).get("prompt")
    if not isinstance(text, str) or not text:
        raise ValueError(f"it is no prompt: {_shown(data)}")
    return whole(text)


def _object(data: bytes) -> Mapping[str, object]:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON: {_shown(data)}") from error
    if not isinstance(body, dict):
        raise ValueError(f"it is no object: {_shown(data)}")
    return body


def _number(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else otherwise


def _shown(data: bytes) -> str:
    return said(data[:400].decode("utf-8", "replace")) or "an empty body"
