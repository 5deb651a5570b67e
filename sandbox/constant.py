"""Constants as labels may write them: literals, signed numbers and sums of strings, folded to one value."""

import ast
import math

from limits import CONCATENATION_LIMIT, INTEGER_BITS_LIMIT, terms
from refusal import Refusal, construct


def fold(node: ast.expr) -> bool | int | float | str | None:
    """Give the value of a constant expression.

    Raises:
        Refusal: it is anything else, or a value that labels may not hold.
    """
    match node:
        case ast.Constant(value=str(text)):
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise Refusal("a string with a lone surrogate", node)
            return text
        case ast.Constant(value=None):
            return None
        case ast.Constant(value=bool(truth)):
            return truth
        case ast.Constant(value=int() | float()):
            return _number(node)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
            return -_number(operand, node)
        case ast.UnaryOp(op=ast.UAdd(), operand=ast.Constant() as operand):
            return _number(operand, node)
        case ast.BinOp():
            return fold(ast.copy_location(ast.Constant(_sum(node)), node))
        case _:
            raise Refusal(construct(node), node)


def _number(node: ast.Constant, signed: ast.expr | None = None) -> int | float:
    match node.value:
        case bool():
            pass
        case int(whole):
            if whole.bit_length() > INTEGER_BITS_LIMIT:
                raise Refusal(f"an integer of more than {INTEGER_BITS_LIMIT} bits", signed or node, limit=True)
            return whole
        case float(real):
            if not math.isfinite(real):
                raise Refusal("a float that is not finite", signed or node)
            return real
        case _:
            pass
    at = signed or node
    raise Refusal(construct(at), at)


def _sum(node: ast.BinOp) -> str:
    """Join the strings of a sum, iteratively: a sum of thousands nests as deep."""
    pending: list[ast.expr] = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, ast.BinOp):
            if not isinstance(one.op, ast.Add):
                raise Refusal(construct(node), node)
            pending += [one.left, one.right]
    texts: list[str] = []
    for term in terms(node):
        if not isinstance(term, ast.Constant) or not isinstance(term.value, str):
            raise Refusal(construct(node), node)
        texts.append(term.value)
    if len(texts) > CONCATENATION_LIMIT:
        raise Refusal(f"more than {CONCATENATION_LIMIT} strings added", node, limit=True)
    return "".join(texts)
