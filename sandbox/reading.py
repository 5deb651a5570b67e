"""A request's labels read and answered."""

import json
from typing import Any

import policy
from frames import Json, encoded


def answer(body: bytes) -> bytes:
    """Read the labels of a request, or of each of several, and give the reply, both as bodies of frames."""
    try:
        request = json.loads(body)
        if isinstance(request, list):
            return encoded({"status": "all", "replies": [_reply(one) for one in request]})
        return encoded(_reply(request))
    except MemoryError:
        return encoded({"status": "memory"})
    except RecursionError:
        refusal: Json = {"construct": "too deep a nesting", "limit": True, "place": None}
        return encoded({"status": "refused", "refusals": [refusal]})


def _reply(request: dict[str, Any]) -> dict[str, Json]:
    return policy.read(request["source"], request["classes"], request["enums"])


def warm_up() -> None:
    """Read labels of every kind once, so that nothing has to be loaded when the doors are closed.

    Names beyond ASCII, and characters that are named, make the parser load ``unicodedata``.
    """
    for source in (
        'é = P("\\N{BULLET}", year=1, share=0.5, roles=[Role.A], pair=(1, None), seen={1: {"a"}})\n[é, P()]',
        '["\\d" + "é"]',
        "[P(",
        "\0",
        "[lambda: 1]",
        "",
    ):
        answer(encoded({"source": source, "classes": ["P", "Role"], "enums": ["Role"]}))
