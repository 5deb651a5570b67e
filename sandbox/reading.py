"""A request's labels read and answered: by the literal interpreter where it covers them, else by the policy."""

import json
from collections.abc import Callable
from typing import Any

import literals
import policy
from frames import Json, encoded

Read = Callable[[str, list[str], list[str]], dict[str, Json]]


def read(source: str, classes: list[str], enums: list[str]) -> dict[str, Json]:
    """Read labels into facts: those that ``policy.read`` gives, sooner where the labels are plain."""
    return literals.read(source, classes, enums) or policy.read(source, classes, enums)


def answer(body: bytes) -> bytes:
    """Read the labels of a request, or of each of several, and give the reply, both as bodies of frames."""
    return _answered(body, read)


def answer_by_policy(body: bytes) -> bytes:
    """Do what ``answer`` does without the literal interpreter."""
    return _answered(body, policy.read)


def _answered(body: bytes, read: Read) -> bytes:
    try:
        request = json.loads(body)
        if isinstance(request, list):
            return encoded({"status": "all", "replies": [_reply(one, read) for one in request]})
        return encoded(_reply(request, read))
    except MemoryError:
        return encoded({"status": "memory"})
    except RecursionError:
        refusal: Json = {"construct": "too deep a nesting", "limit": True, "place": None}
        return encoded({"status": "refused", "refusals": [refusal]})


def _reply(request: dict[str, Any], read: Read) -> dict[str, Json]:
    return read(request["source"], request["classes"], request["enums"])


def warm_up() -> None:
    """Read labels of every kind once, so that nothing has to be loaded when the doors are closed.

    Names beyond ASCII, and characters that are named, make the parser load ``unicodedata``.
    """
    for source in (
        'é = P("\\N{BULLET}", year=1, share=0.5, roles=[Role.A], pair=(1, None), seen={1: {"a"}})\n[é, P()]',
        '[P("a", share=0.5, roles=[Role.A])]',
        '["\\d" + "é"]',
        "[P(",
        "\0",
        "[lambda: 1]",
        "",
    ):
        for each in (answer, answer_by_policy):
            each(encoded({"source": source, "classes": ["P", "Role"], "enums": ["Role"]}))
