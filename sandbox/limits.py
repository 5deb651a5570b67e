"""How much labels may hold. The numbers are the policy's own, so verdicts do not depend on the Python release."""

import ast
from collections.abc import Iterator

from refusal import Refusal

NODE_LIMIT = 20_000
DEPTH_LIMIT = 24
INTEGER_BITS_LIMIT = 256
CONCATENATION_LIMIT = 64
# What instances that are used several times come to when every use is written out.
EXPANDED_VALUES_LIMIT = 20_000
EXPANDED_TEXT_LIMIT = 1024 * 1024


def measure(tree: ast.Module) -> None:
    """Count nodes and depth without recursion; only then may anything recurse over the tree.

    Raises:
        Refusal: there are too many nodes, or they nest too deep.
    """
    count = 0
    level: list[ast.AST] = [tree]
    # A value costs at most two levels (call and keyword); statement and list come on top.
    for _ in range(2 * DEPTH_LIMIT + 4):
        count += len(level)
        if count > NODE_LIMIT:
            raise Refusal(f"labels of more than {NODE_LIMIT:,} syntax nodes", limit=True)
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise Refusal(f"values that nest deeper than {DEPTH_LIMIT} levels", level[0], limit=True)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Give child nodes; the terms of a sum are siblings, however long it is."""
    if isinstance(node, ast.BinOp):
        yield from terms(node)
    else:
        yield from ast.iter_child_nodes(node)


def terms(node: ast.BinOp) -> Iterator[ast.expr]:
    """Give the operands of nested operations from left to right, without recursion."""
    pending: list[ast.expr] = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, ast.BinOp):
            pending += [one.right, one.left]
        else:
            yield one
