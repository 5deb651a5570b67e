"""The allow-list of guideline source: what a statement may be made of before libcst reads it.

Everything is walked iteratively or to a bounded depth, and nothing is evaluated. What the list does not have is
raised as a ``Refusal``, which names the node.
"""

import ast
import math
import re

from guidex_schema import compilation, tokens
from guidex_schema.diagnostic import quoted
from guidex_schema.refusal import Refusal
from guidex_schema.syntax import construct, is_dotted_name, last_name, operands, quoted_annotation

# Brackets within brackets: libcst's time doubles with each level after a soft keyword.
DEPTH_LIMIT = 24
# Levels of the tree of one statement. A type of TYPE_DEPTH_LIMIT levels, with None in a union at each of them, takes
# three levels each when it is written out again (``Optional[Union[A, ...]]``), and must still be read.
TREE_DEPTH_LIMIT = 32
TYPE_DEPTH_LIMIT = 8
# libcst reads strings that stand side by side by recursion.
ADJACENT_STRINGS_LIMIT = 256
INTEGER_BITS_LIMIT = 256
OPERAND_LIMIT = 64

_VIEWS = frozenset(("items", "keys", "values"))
_FACTORIES = frozenset(("list", "dict", "set", "tuple"))
_CONSTANT_FIELD_OPTIONS = frozenset(("init", "repr", "hash", "compare", "kw_only"))
SURROGATE = re.compile("[\ud800-\udfff]")


def measure(statement: ast.stmt) -> int:
    """Count the nodes of a statement without recursion.

    Raises:
        Refusal: the statement nests too deeply.
    """
    return _measured(statement, statement)


def _measured(root: ast.AST, named: ast.AST) -> int:
    count = 0
    level = [root]
    for _ in range(TREE_DEPTH_LIMIT):
        if not level:
            return count
        count += len(level)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise Refusal(named, f"a statement that nests deeper than {TREE_DEPTH_LIMIT} levels", "source-limit")
    return count


def admit_text(statement: ast.stmt, text: str) -> int:
    """Pass what only the text shows: brackets around nothing, and runs of strings side by side.

    Args:
        statement: the node to blame.
        text: the source of the whole statement.

    Returns:
        The brackets of the statement, each counted as often as it is deep, to which libcst's time is proportional.

    Raises:
        Refusal: the brackets nest too deeply, or a run of strings is too long.
    """
    depth = strings = brackets = 0
    for token in tokens.scan(text):
        match token.kind:
            case "string":
                strings += 1
                if strings > ADJACENT_STRINGS_LIMIT:
                    raise Refusal(statement, f"a run of more than {ADJACENT_STRINGS_LIMIT} strings", "source-limit")
            case "space" | "comment":
                if depth == 0 and ("\n" in token.text or "\r" in token.text):
                    strings = 0
            case "other" if token.text[0] == "\\":
                # A line that is continued ends neither a statement nor a run of strings.
                pass
            case kind:
                strings = 0
                depth += {"open": 1, "close": -1}.get(kind, 0)
                brackets += depth if kind == "open" else 0
                if depth > DEPTH_LIMIT:
                    what = f"a statement that nests deeper than {DEPTH_LIMIT} brackets"
                    raise Refusal(statement, what, "source-limit")
    return brackets


def admit_statement(statement: ast.stmt, *, is_opening: bool = False) -> None:
    """Pass the module-level statements that declare or collect, and nothing else.

    Args:
        statement: what stands there.
        is_opening: whether a future import may stand there.

    Raises:
        Refusal: it is none of them.
    """
    match statement:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            compilation.admit_import(statement, is_opening=is_opening)
            _admit_import(statement, names)
        case ast.Pass():
            return
        case ast.Expr(value=ast.Constant() as constant):
            _admit_constant(constant)
        case ast.Assign(targets=targets, value=value):
            for target in (*targets, value):
                _admit_collection(target)
            if len(targets) > OPERAND_LIMIT:
                raise Refusal(statement, "a chain of assignments", "source-limit")
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            _admit_collection(target)
            admit_annotation(annotation)
            if value is not None:
                _admit_collection(value)
        case ast.AugAssign(target=target, value=value):
            # Python looks only at a name that is changed so, and not at an attribute.
            _admit_collection(target.value if isinstance(target, ast.Attribute) else target)
            _admit_collection(value)
        case ast.For(target=target, iter=iterated, body=body, orelse=[]):
            compilation.admit_loop(statement)
            _admit_collection(target)
            _admit_collection(iterated)
            for inner in body:
                admit_statement(inner)
        case _:
            raise Refusal(statement, construct(statement))


def _admit_import(statement: ast.Import | ast.ImportFrom, names: list[ast.alias]) -> None:
    """Pass any import, since none is carried out; libcst reads the dots of a module's name by recursion."""
    modules = [alias.name for alias in names]
    if isinstance(statement, ast.ImportFrom):
        modules = ["." * statement.level + (statement.module or "")]
    if any(module.count(".") > DEPTH_LIMIT for module in modules):
        raise Refusal(statement, f"a module name of more than {DEPTH_LIMIT} dots", "source-limit")


def admit_bases(statement: ast.ClassDef) -> None:
    """Pass a class with bases that are names.

    Raises:
        Refusal: a base is anything else, or no class can be called so.
    """
    compilation.admit_name(statement, statement.name)
    for base in statement.bases:
        if not is_dotted_name(base):
            raise Refusal(base, f"the base of class {quoted(statement.name)}")


def admit_class_keywords(statement: ast.ClassDef) -> None:
    """Pass a class without keywords.

    Raises:
        Refusal: it has one.
    """
    for keyword in statement.keywords:
        raise Refusal(keyword, f"the class keyword of {quoted(statement.name)}")


def admit_decorator(decorator: ast.expr) -> None:
    """Pass ``dataclass``, with constant options or none.

    Raises:
        Refusal: it is another decorator, or an option is no constant.
    """
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not is_dotted_name(called) or last_name(called) != "dataclass":
        raise Refusal(decorator, "a decorator other than `dataclass`")
    if isinstance(decorator, ast.Call):
        compilation.admit_keywords(decorator)
        for argument in decorator.args:
            raise Refusal(argument, "a positional option of `dataclass`")
        for keyword in decorator.keywords:
            if keyword.arg is None or not isinstance(keyword.value, ast.Constant):
                raise Refusal(keyword, "an option of `dataclass` that is no constant")
            _admit_constant(keyword.value)


def admit_class_statement(statement: ast.stmt) -> None:
    """Pass the statements of a class body that declare an attribute, a member or a text.

    Raises:
        Refusal: it is none of them.
    """
    match statement:
        case ast.Pass():
            return
        case ast.Expr(value=ast.Constant() as constant):
            _admit_constant(constant)
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
            compilation.admit_name(statement, name)
            admit_annotation(annotation)
            if value is not None:
                _admit_default(value)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            compilation.admit_name(statement, name)
            _admit_value(value)
        case _:
            raise Refusal(statement, construct(statement))


def admit_annotation(annotation: ast.expr) -> None:
    """Pass the type grammar: names, subscripts, ``X | Y``, constants, and strings that hold the same.

    Raises:
        Refusal: it is something else, holds a call, or nests too deeply.
    """
    pending = [(annotation, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > TYPE_DEPTH_LIMIT:
            raise Refusal(annotation, f"a type that nests deeper than {TYPE_DEPTH_LIMIT} levels", "source-limit")
        match node:
            case ast.Constant(value=str()):
                pending += [(inner, depth) for inner in _quoted_types(node, str(node.value))]
            case ast.Constant():
                _admit_constant(node)
            case ast.Name():
                pass
            case ast.Attribute():
                if not is_dotted_name(node):
                    raise Refusal(node, construct(node))
            case ast.Subscript(value=value, slice=inside):
                pending += [(value, depth), (inside, depth if _is_optional_union(node) else depth + 1)]
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                pending += [(part, depth) for part in parts]
            case ast.BinOp(op=ast.BitOr()):
                pending += [(operand, depth + 1) for operand in operands(node)]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float()) as number):
                _admit_constant(number)
            case _:
                raise Refusal(node, f"{construct(node)} in an annotation")


def _is_optional_union(node: ast.Subscript) -> bool:
    """Say whether a type is written as ``Optional[Union[A, ...]]``, which is one level as ``A | ... | None`` is."""
    return (
        last_name(node.value) == "Optional"
        and isinstance(node.slice, ast.Subscript)
        and last_name(node.slice.value) == "Union"
    )


def _quoted_types(string: ast.Constant, text: str) -> list[ast.expr]:
    """Give what is to be passed of a quoted annotation.

    What is quoted may also be prose that happens to parse (``"name or title"``). It is never evaluated, so all it
    may not hold is a call.
    """
    _admit_constant(string)
    inner = quoted_annotation(text)
    if inner is None:
        return []
    try:
        _measured(inner, string)
        admit_annotation(inner)
    except Refusal as refusal:
        if refusal.rule != "runs-code":
            raise Refusal(string, refusal.what, refusal.rule) from None
        _admit_prose(string, inner)
        return []
    return [inner]


def _admit_prose(string: ast.Constant, inner: ast.expr) -> None:
    for node in ast.walk(inner):
        match node:
            case ast.Call() | ast.Lambda() | ast.Await():
                raise Refusal(string, f"{construct(node)} in a quoted annotation")
            case ast.Constant(value=str(text)):
                try:
                    _quoted_types(node, text)
                except Refusal as refusal:
                    # What is quoted has no place of its own in the source.
                    raise Refusal(string, refusal.what, refusal.rule) from None
            case ast.Constant():
                _admit_constant(node)


def _admit_default(value: ast.expr) -> None:
    """Pass constants, names, displays of them, and ``field(...)`` with nothing but constants and containers."""
    if not isinstance(value, ast.Call):
        _admit_value(value)
        return
    if not is_dotted_name(value.func) or last_name(value.func) != "field" or value.args:
        raise Refusal(value, "a call in a default")
    compilation.admit_keywords(value)
    for keyword in value.keywords:
        match keyword:
            case ast.keyword(arg="default", value=default):
                _admit_value(default)
            case ast.keyword(arg="default_factory", value=ast.Name(id=name)) if name in _FACTORIES:
                pass
            case ast.keyword(arg="metadata", value=metadata):
                _admit_value(metadata)
            case ast.keyword(arg=name, value=ast.Constant() as constant) if name in _CONSTANT_FIELD_OPTIONS:
                _admit_constant(constant)
            case _:
                raise Refusal(keyword, "this option of `field`")


def _admit_value(value: ast.expr) -> None:
    for node in ast.walk(value):
        match node:
            case ast.Constant():
                _admit_constant(node)
            case ast.Name() | ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.expr_context():
                pass
            case ast.Attribute() if is_dotted_name(node):
                pass
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float())):
                pass
            case ast.unaryop():
                pass
            case _:
                raise Refusal(node, f"{construct(node)} in a value")


def _admit_collection(value: ast.expr) -> None:
    """Pass displays, comprehensions and subscripts, sums and unions of them, and the calls of ``_VIEWS``."""
    compilation.admit_expression(value)
    for node in ast.walk(value):
        match node:
            case ast.Constant():
                _admit_constant(node)
            case ast.Call(func=ast.Attribute(attr=attribute), args=[], keywords=[]) if attribute in _VIEWS:
                pass
            case ast.BinOp(left=left, op=ast.Add() | ast.BitOr(), right=right) if _is_part(left) and _is_part(right):
                pass
            case ast.BoolOp(values=values) if len(values) <= OPERAND_LIMIT:
                pass
            case ast.Compare(ops=operators) if len(operators) <= OPERAND_LIMIT:
                pass
            case (
                ast.ListComp(generators=loops)
                | ast.SetComp(generators=loops)
                | ast.DictComp(generators=loops)
                | ast.GeneratorExp(generators=loops)
            ) if len(loops) <= OPERAND_LIMIT and all(len(loop.ifs) <= OPERAND_LIMIT for loop in loops):
                pass
            case (
                ast.Name() | ast.Attribute() | ast.Subscript() | ast.Starred() | ast.Slice() | ast.IfExp()
                | ast.List() | ast.Tuple() | ast.Set() | ast.Dict()
                | ast.UnaryOp() | ast.comprehension() | ast.expr_context() | ast.operator() | ast.unaryop()
                | ast.boolop() | ast.cmpop()
            ):  # fmt: skip
                pass
            case _:
                raise Refusal(node, construct(node))


def _is_part(operand: ast.expr) -> bool:
    """Say whether registers are put together of it, or unions of types, which may stand in quotes."""
    match operand:
        case ast.Name() | ast.Attribute() | ast.Subscript() | ast.List() | ast.Tuple() | ast.BinOp():
            return True
        case ast.Constant(value=None | str()):
            return True
        case _:
            return False


def _admit_constant(node: ast.Constant) -> None:
    match node.value:
        case bool():
            pass
        case int() as number if number.bit_length() > INTEGER_BITS_LIMIT:
            raise Refusal(node, f"an integer of more than {INTEGER_BITS_LIMIT} bits", "source-limit")
        case float() as number if not math.isfinite(number):
            raise Refusal(node, "a number too large for a float", "source-limit")
        case str() as text if not text.isascii() and SURROGATE.search(text):
            # No UTF-8 has it, so neither JSON nor any report could hold it.
            raise Refusal(node, "a string with half of a surrogate pair", "invalid-character")
        case _:
            pass
