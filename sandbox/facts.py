"""What executed labels leave behind, without behaviour of its own, and how it is written for the host."""

import ast
from typing import NamedTuple

from frames import Json
from refusal import place


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


def encode(value: object, node: ast.expr) -> Json:
    """Write an executed value with the place of the expression it came from: ``[kind, payload, place]``.

    Raises:
        TypeError: the value is none that labels can make, which would be a fault of the policy.
    """
    at = place(node)
    match value:
        case Handle():
            return ["reference", value.identity, at]
        case Member():
            return ["member", [value.enum, value.member], at]
        case Items(items=items) if isinstance(node, ast.Set):
            return ["set", _encode_all(items, node.elts), at]
        case Items(items=items) if isinstance(node, ast.Dict):
            keys = _encode_all(items[::2], [key for key in node.keys if key is not None])
            values = _encode_all(items[1::2], node.values)
            return ["mapping", [[key, one] for key, one in zip(keys, values, strict=True)], at]
        case list() if isinstance(node, ast.List):
            return ["list", _encode_all(tuple(value), node.elts), at]
        case tuple() if isinstance(node, ast.Tuple):
            return ["tuple", _encode_all(value, node.elts), at]
        case None:
            return ["none", None, at]
        case bool():
            return ["boolean", value, at]
        case str():
            return ["text", value, at]
        case int():
            return ["integer", value, at]
        case float():
            return ["number", value, at]
        case _:
            raise TypeError(f"labels made a value of type {type(value).__name__}")


def _encode_all(values: tuple[object, ...], nodes: list[ast.expr]) -> list[Json]:
    return [encode(value, node) for value, node in zip(values, nodes, strict=True)]
