"""What ``ast`` parses and Python's compiler refuses, of all that the allow-list has: it is no Python.

Source: Python language reference, future statements, calls, assignment statements; CPython, ``compile.c``.
"""

import ast

from guidex_schema.diagnostic import quoted
from guidex_schema.refusal import Refusal
from guidex_schema.syntax import is_future_import

# Listed, not taken from the running Python: a verdict must not depend on its release.
_FEATURES = frozenset(
    (
        "nested_scopes generators division absolute_import with_statement print_function unicode_literals "
        "barry_as_FLUFL generator_stop annotations"
    ).split()
)
# What CPython 3.11 and 3.12 have (``CO_MAXBLOCKS``; later ones have one more), and what one byte of its code tells.
_LOOPS_LIMIT = 20
_UNPACKED_LIMIT = 255


def admit_import(statement: ast.Import | ast.ImportFrom, *, is_opening: bool) -> None:
    """Pass imports, those from ``__future__`` of what there is and where they may stand.

    Raises:
        Refusal: it is another.
    """
    is_future = is_future_import(statement)
    if is_future and not is_opening:
        raise _no_python(statement, "a future import behind other statements")
    for alias in statement.names:
        if is_future and alias.name not in _FEATURES:
            raise _no_python(statement, f"the future feature {quoted(alias.name)}")
        admit_name(statement, alias.asname or alias.name.partition(".")[0])


def admit_name(node: ast.AST, name: str) -> None:
    """Pass a name that is bound.

    Raises:
        Refusal: it has a meaning that no program can change.
    """
    if name == "__debug__":
        raise _no_python(node, "another meaning of `__debug__`")


def admit_keywords(call: ast.Call) -> None:
    """Pass a call each of whose keywords stands there once.

    Raises:
        Refusal: one is repeated, or can be none.
    """
    names = set()
    for keyword in call.keywords:
        # Any number of `**` may stand there.
        if keyword.arg is None:
            continue
        if keyword.arg in names:
            raise _no_python(keyword, "a keyword that is repeated")
        names.add(keyword.arg)
        admit_name(keyword, keyword.arg)


def admit_loop(loop: ast.For) -> None:
    """Pass loops within loops, up to what Python has.

    Raises:
        Refusal: there are more.
    """
    level: list[ast.stmt] = [loop]
    for _ in range(_LOOPS_LIMIT):
        level = [inner for one in level if isinstance(one, ast.For) for inner in one.body]
    if any(isinstance(one, ast.For) for one in level):
        raise _no_python(loop, f"a loop in more than {_LOOPS_LIMIT - 1} others")


def admit_expression(expression: ast.expr) -> None:
    """Pass what is assigned, or assigned to.

    Raises:
        Refusal: a star or ``async`` stands where none can, or a name is bound that cannot be.
    """
    if isinstance(expression, ast.Starred):
        raise _no_python(expression, "a starred expression by itself")
    # One that is asynchronous may stand anywhere, and most others may stand in it.
    has_generator = any(isinstance(node, ast.GeneratorExp) for node in ast.walk(expression))
    for node in ast.walk(expression):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                admit_name(node, name)
            case ast.Tuple(elts=parts, ctx=ast.Store()) | ast.List(elts=parts, ctx=ast.Store()):
                starred = [number for number, one in enumerate(parts) if isinstance(one, ast.Starred)]
                if len(starred) > 1:
                    raise _no_python(node, "an assignment to several starred names")
                if starred and starred[0] > _UNPACKED_LIMIT:
                    raise _no_python(node, f"a starred name behind more than {_UNPACKED_LIMIT} others")
            case ast.comprehension(target=ast.Starred() as target):
                raise _no_python(target, "a starred expression by itself")
            case ast.comprehension(is_async=1) if not has_generator:
                raise _no_python(expression, "an asynchronous comprehension")
            case _:
                pass


def _no_python(node: ast.AST, what: str) -> Refusal:
    return Refusal(node, what, "guideline-syntax")
