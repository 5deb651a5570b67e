"""What executed labels leave behind, without behaviour of its own, and how it is written for the host."""

import ast
import struct
from collections.abc import Sequence
from typing import NamedTuple

from frames import Json
from offsets import Offsets


class Extent(NamedTuple):
    """How much a value comes to when every instance in it is written out.

    Attributes:
        values: the values in it, itself included.
        characters: the length of all strings in it.
        depth: how many instances and containers nest in it, itself included; 0 for a constant.
    """

    values: int
    characters: int
    depth: int


class Handle:
    """Stand for a recorded call inside the executed labels."""

    __slots__ = ("extent", "identity")

    def __init__(self, identity: int, extent: Extent) -> None:
        self.identity = identity
        self.extent = extent


class Items:
    """Stand for a set or dict display, whose own type would lose order and repetition."""

    __slots__ = ("items",)

    def __init__(self, *items: object) -> None:
        self.items = items


class Member:
    """Stand for a member of an enum of the row."""

    __slots__ = ("enum", "member")

    def __init__(self, enum: str, member: str) -> None:
        self.enum = enum
        self.member = member


def extent(value: object) -> Extent:
    """Measure a value; how often its instances are shared makes it no cheaper and no dearer to measure."""
    match value:
        case Handle():
            return value.extent
        case Items():
            return joint_extent(value.items)
        case list() | tuple():
            return joint_extent(value)
        case str():
            return Extent(1, len(value), 0)
        case _:
            return Extent(1, 0, 0)


def joint_extent(values: "list[object] | tuple[object, ...]") -> Extent:
    """Measure what holds these values."""
    inner = [extent(value) for value in values]
    return Extent(
        1 + sum(one.values for one in inner),
        sum(one.characters for one in inner),
        1 + max((one.depth for one in inner), default=0),
    )


def encode(value: object, node: ast.expr, offsets: Offsets, places: list[int]) -> Json:
    """Write an executed value as it travels.

    Args:
        value: what came of the expression.
        node: the expression.
        offsets: where it stands.
        places: grows by the places of what is in the value, then its own; an instance brings its own with it.

    Raises:
        TypeError: the value is none that labels can make, which would be a fault of the policy.
    """
    fact: Json
    match value:
        case Handle():
            return ["reference", value.identity]
        case Member():
            fact = ["member", value.enum, value.member]
        case Items(items=items) if isinstance(node, ast.Set):
            fact = ["set", *encode_all(items, node.elts, offsets, places)]
        case Items(items=items) if isinstance(node, ast.Dict):
            nodes = [one for key, held in zip(node.keys, node.values, strict=True) if key for one in (key, held)]
            fact = ["mapping", *encode_all(items, nodes, offsets, places)]
        case list() if isinstance(node, ast.List):
            fact = ["list", *encode_all(value, node.elts, offsets, places)]
        case tuple() if isinstance(node, ast.Tuple):
            fact = ["tuple", *encode_all(value, node.elts, offsets, places)]
        case None | bool() | str() | int() | float():
            fact = value
        case _:
            raise TypeError(f"labels made a value of type {type(value).__name__}")
    places += offsets.span(node)
    return fact


def encode_all(values: Sequence[object], nodes: list[ast.expr], offsets: Offsets, places: list[int]) -> list[Json]:
    """Write the values of several expressions."""
    return [encode(value, node, offsets, places) for value, node in zip(values, nodes, strict=True)]


def read(
    result: Json,
    instances: list[Json],
    places: list[int],
    unused: list[Json] | None = None,
    refusals: list[Json] | None = None,
) -> dict[str, Json]:
    """Give the reply for labels that could be read.

    Args:
        result: the value of the list.
        instances: in the order of their calls' ends, each as ``[class, names, values]``.
        places: of all instances, then of the result: start and end of each.
        unused: assignments that the list does not reach.
        refusals: statements that were not run.
    """
    return {
        "status": "ok",
        "result": result,
        "instances": instances,
        # As one text, since hundreds of numbers are slow to write and to read.
        "places": struct.pack(f"<{len(places)}I", *places).hex(),
        "unused": unused or [],
        "refusals": refusals or [],
    }
