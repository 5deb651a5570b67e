"""Trails: what leads to a value inside labels, written as a path only where somebody reads it."""

from typing import TypeAlias

from guidex_schema.instance import Value, key_text

# A step is the number of an item, the key of an entry, or what is written for it, as in ``.author`` or ``(2)``.
Step: TypeAlias = str | int | Value
# A path that was written already, or a trail and a step from there.
Trail: TypeAlias = "str | tuple[Trail, Step]"


def path(trail: Trail) -> str:
    """Write a trail as a path: ``result[2].author.name``."""
    steps = []
    while not isinstance(trail, str):
        trail, step = trail
        steps.append(step if isinstance(step, str) else f"[{step if isinstance(step, int) else key_text(step)}]")
    return "".join((trail, *reversed(steps)))
