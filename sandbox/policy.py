"""What labels may be: an allow-list over their syntax tree, then RestrictedPython, then inert recorders.

The policy reports facts and judges nothing. It runs in the jailed program only. Whatever node it does not
name is refused. Limits are its own numbers, so verdicts do not depend on the Python release.
"""

import ast
import builtins
import math
import unicodedata  # noqa: F401  ast needs it for names and escapes; after the door closes it could not be loaded
import warnings
from collections.abc import Callable, Iterator
from typing import TypeAlias

from RestrictedPython import compile_restricted_exec

NODE_LIMIT = 20_000
DEPTH_LIMIT = 24
INTEGER_BITS_LIMIT = 256
CONCATENATION_LIMIT = 64

RESULT_NAMES = frozenset(("result", "result_instances"))
_BUILTINS = frozenset(dir(builtins))
# Words of other languages that models write where Python wants its own.
_FOREIGN = {"null": "None", "nil": "None", "true": "True", "false": "False", "NaN": "None", "undefined": "None"}

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"
Place: TypeAlias = "list[Json]"


class Refusal(Exception):
    """Name a construct that labels may not hold, and where it stands."""

    def __init__(self, construct: str, node: ast.AST | None = None, *, limit: bool = False) -> None:
        super().__init__(construct)
        self.construct = construct
        self.place = place(node) if node is not None else None
        self.limit = limit


class Handle:
    """Stand for a recorded call inside the executed labels; it has no behaviour."""

    __slots__ = ("depth", "identity", "size")

    def __init__(self, identity: int, size: int, depth: int) -> None:
        self.identity = identity
        self.size = size
        self.depth = depth


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


def read(source: str, classes: list[str], enums: list[str]) -> dict[str, Json]:
    """Read labels into facts.

    Args:
        source: what the labels are, without fence or prose around them.
        classes: names that the row's guidelines declare, enums among them.
        enums: names whose attributes are members.

    Returns:
        ``{"status": "syntax", ...}`` where the source does not parse, ``{"status": "refused", "refusals": [...]}``
        where it may not run, else ``{"status": "ok", "result": ..., "instances": [...], "unused": [...],
        "refusals": [...]}``. The wire format is described in README.md beside this file.

    Raises:
        MemoryError: the source needs more memory than the jail has.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, feature_version=(3, 11))
    except SyntaxError as error:
        return {"status": "syntax", "message": error.msg, "line": error.lineno or 1, "column": error.offset or 1}
    except (ValueError, RecursionError, MemoryError) as error:
        # CPython's parser says MemoryError where its own stack is full.
        return _refused([Refusal(f"source that Python cannot parse ({type(error).__name__})", limit=True)])
    try:
        _measure(tree)
        program = _Program(tree, source, frozenset(classes), frozenset(enums))
        return program.run()
    except Refusal as refusal:
        return _refused([refusal])


def place(node: ast.AST) -> Place:
    """Give ``[line, column, end line, end column]`` of a node, 1-based lines, 0-based UTF-8 byte columns."""
    return [getattr(node, name, 0) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")]


def _refused(refusals: list[Refusal]) -> dict[str, Json]:
    return {"status": "refused", "refusals": [_report(refusal) for refusal in refusals]}


def _report(refusal: Refusal) -> dict[str, Json]:
    return {"construct": refusal.construct, "limit": refusal.limit, "place": refusal.place}


def _measure(tree: ast.Module) -> None:
    """Count nodes and depth without recursion; only then may anything recurse over the tree."""
    count = 0
    # A value costs at most two levels (call and keyword); statement and list come on top.
    level: list[ast.AST] = [tree]
    for _ in range(2 * DEPTH_LIMIT + 4):
        count += len(level)
        if count > NODE_LIMIT:
            raise Refusal(f"labels of more than {NODE_LIMIT:,} syntax nodes", level[0], limit=True)
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise Refusal(f"values that nest deeper than {DEPTH_LIMIT} levels", level[0], limit=True)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Give child nodes; the terms of a sum are siblings, however long it is."""
    if not isinstance(node, ast.BinOp):
        yield from ast.iter_child_nodes(node)
        return
    pending: list[ast.AST] = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, ast.BinOp):
            pending += [one.right, one.left]
        else:
            yield one


class _Program:
    """One row's labels: checked, rewritten, compiled and run once."""

    def __init__(self, tree: ast.Module, source: str, classes: frozenset[str], enums: frozenset[str]) -> None:
        self.tree = tree
        self.lines = None if source.isascii() else _lines(source)
        self.classes = classes
        self.enums = enums
        self.assigned: dict[str, ast.AST] = {}
        self.used: set[str] = set()
        self.namespace: dict[str, object] = {"__builtins__": {}}
        self.facts: list[dict[str, Json]] = []

    def run(self) -> dict[str, Json]:
        """Check every statement, then execute what is left and encode what it recorded."""
        refusals: list[Refusal] = []
        last = self._result_statement()
        if last is None:
            # Nothing at all is not refused: it is an answer, though none that a check will accept.
            refusals = [Refusal(_statement_name(one), one) for one in self.tree.body]
            return _refused(refusals) if refusals else {"status": "empty"}
        statements: list[ast.stmt] = []
        passed = False
        for statement in self.tree.body:
            try:
                if statement is last:
                    passed = True
                elif passed:
                    raise Refusal(f"{_statement_name(statement)} behind the list", statement)
                else:
                    statements.append(self._assignment(statement))
            except Refusal as refusal:
                refusals.append(refusal)
        value = _value_of(last)
        converted, refused = self._convert_result(value)
        if refused:
            return _refused([*refusals, *refused])
        target = ast.Name("result@", ast.Store())
        statements.append(ast.Assign([target], converted))
        self._execute(ast.fix_missing_locations(ast.Module(statements, [])))
        unused: list[Json] = [
            {"name": name, "place": place(node)} for name, node in self.assigned.items() if name not in self.used
        ]
        instances: list[Json] = list(self.facts)
        return {
            "status": "ok",
            "result": self._encode(self.namespace["result@"], value),
            "instances": instances,
            "unused": unused,
            "refusals": [_report(refusal) for refusal in refusals],
        }

    def _result_statement(self) -> ast.stmt | None:
        """Give the last statement that can be the list: an expression, or an assignment to a result name."""
        for statement in reversed(self.tree.body):
            match statement:
                case ast.Expr(value=ast.List()):
                    return statement
                case ast.Assign(targets=[ast.Name(id=name)]) if name in RESULT_NAMES:
                    return statement
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()) if name in RESULT_NAMES:
                    return statement
                case _:
                    pass
        return next((one for one in reversed(self.tree.body) if isinstance(one, ast.Expr)), None)

    def _assignment(self, statement: ast.stmt) -> ast.stmt:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name) as target], value=ast.Call() as value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name) as target, value=ast.Call() as value):
                pass
            case _:
                raise Refusal(f"{_statement_name(statement)} before the list", statement)
        self._require_stable(name, target)
        if name in self.assigned or name in self.classes or name in RESULT_NAMES:
            raise Refusal(f"a second binding of the name `{name}`", statement)
        converted = self._convert(value)
        self.assigned[name] = statement
        return ast.Assign([ast.Name(f"{name}@", ast.Store())], converted)

    def _convert_result(self, value: ast.expr) -> tuple[ast.expr, list[Refusal]]:
        """Convert the list item by item, so that every refused item is named and not only the first."""
        items: list[ast.expr] = []
        refusals: list[Refusal] = []
        for element in value.elts if isinstance(value, ast.List) else [value]:
            try:
                items.append(self._convert(element))
            except Refusal as refusal:
                refusals.append(refusal)
        converted = ast.List(items, ast.Load()) if isinstance(value, ast.List) else next(iter(items), value)
        return converted, refusals

    def _convert(self, node: ast.expr) -> ast.expr:
        """Check a value and give the expression that RestrictedPython compiles in its place."""
        match node:
            case ast.Constant() | ast.UnaryOp() | ast.BinOp() | ast.JoinedStr():
                return ast.Constant(_constant(node))
            case ast.List(elts=elements):
                return ast.List([self._convert(one) for one in elements], ast.Load())
            case ast.Tuple(elts=elements):
                return ast.Tuple([self._convert(one) for one in elements], ast.Load())
            case ast.Set(elts=elements):
                for one in elements:
                    if isinstance(one, ast.Call | ast.Name):
                        raise Refusal("an instance in a set", one)
                return self._call("set", Items, node, [self._convert(one) for one in elements], [])
            case ast.Dict(keys=keys, values=values):
                pairs: list[ast.expr] = []
                for key, value in zip(keys, values, strict=True):
                    if key is None:
                        raise Refusal("a dict unpacked with `**`", value)
                    pairs += [ast.Constant(_constant(key)), self._convert(value)]
                return self._call("mapping", Items, node, pairs, [])
            case ast.Call(func=ast.Name(id=name)):
                return self._instance(node, name)
            case ast.Attribute(value=ast.Name(id=enum), attr=member) if enum in self.enums:
                self._require_stable(enum, node.value)
                if member.startswith("_"):
                    raise Refusal(f"the attribute `{member}`", node)
                return self._bind(f"{enum}.{member}", Member(enum, member))
            case ast.Name(id=name) if name in self.assigned:
                self.used.add(name)
                return ast.Name(f"{name}@", ast.Load())
            case ast.Name(id=name):
                hint = f"; write `{_FOREIGN[name]}`" if name in _FOREIGN else ""
                raise Refusal(f"the name `{name}`, which stands for no value{hint}", node)
            case _:
                raise Refusal(construct(node), node)

    def _instance(self, node: ast.Call, name: str) -> ast.expr:
        self._require_stable(name, node.func)
        if name in self.assigned:
            raise Refusal(f"a call of `{name}`, which is an instance", node)
        if name in _BUILTINS and name not in self.classes:
            raise Refusal(f"a call of the builtin `{name}`", node)
        seen: set[str] = set()
        keywords = []
        for keyword in node.keywords:
            if keyword.arg is None:
                raise Refusal("keyword arguments unpacked with `**`", keyword)
            if keyword.arg in seen:
                raise Refusal(f"the keyword argument `{keyword.arg}` given twice", keyword)
            self._require_stable(keyword.arg, keyword)
            seen.add(keyword.arg)
            keywords.append(ast.keyword(keyword.arg, self._convert(keyword.value)))
        arguments = [self._convert(argument) for argument in node.args]
        return self._call(name, self._recorder(name, node), node, arguments, keywords)

    def _call(
        self,
        name: str,
        recorder: Callable[..., object],
        node: ast.expr,
        arguments: list[ast.expr],
        keywords: list[ast.keyword],
    ) -> ast.expr:
        return ast.copy_location(ast.Call(self._bind(name, recorder), arguments, keywords), node)

    def _bind(self, name: str, value: object) -> ast.Name:
        """Put a value behind a name that no source can spell: one name for every site."""
        unspellable = f"{name}@{len(self.namespace)}"
        self.namespace[unspellable] = value
        return ast.Name(unspellable, ast.Load())

    def _recorder(self, name: str, node: ast.Call) -> Callable[..., Handle]:
        def record(*arguments: object, **keywords: object) -> Handle:
            values = [*arguments, *keywords.values()]
            size = 1 + sum(_size(value) for value in values)
            if size > NODE_LIMIT:
                raise Refusal(f"an instance that expands to more than {NODE_LIMIT:,} values", node, limit=True)
            depth = 1 + max((_depth(value) for value in values), default=0)
            if depth > DEPTH_LIMIT:
                raise Refusal(f"instances that nest deeper than {DEPTH_LIMIT} levels", node, limit=True)
            positional: list[Json] = [
                self._encode(value, argument) for value, argument in zip(arguments, node.args, strict=True)
            ]
            keyword: list[Json] = [
                [one.arg, self._encode(keywords[one.arg or ""], one.value), place(one)] for one in node.keywords
            ]
            self.facts.append({"class": name, "place": place(node), "positional": positional, "keyword": keyword})
            return Handle(len(self.facts) - 1, size, depth)

        return record

    def _execute(self, tree: ast.Module) -> None:
        compiled = compile_restricted_exec(tree, filename="<labels>")
        if compiled.code is None:
            raise Refusal("; ".join(compiled.errors) or "source that RestrictedPython refuses")
        exec(compiled.code, self.namespace)

    def _encode(self, value: object, node: ast.expr) -> Json:
        """Write an executed value with the place of the expression it came from: ``[kind, payload, place]``."""
        at = place(node)
        match value:
            case Handle(identity=identity):
                return ["reference", identity, at]
            case Member(enum=enum, member=member):
                return ["member", [enum, member], at]
            case Items(items=items) if isinstance(node, ast.Set):
                return ["set", self._encode_all(items, node.elts), at]
            case Items(items=items) if isinstance(node, ast.Dict):
                keys = [key for key in node.keys if key is not None]
                entries = zip(
                    self._encode_all(items[::2], keys), self._encode_all(items[1::2], node.values), strict=True
                )
                return ["mapping", [[key, one] for key, one in entries], at]
            case list() if isinstance(node, ast.List):
                return ["list", self._encode_all(tuple(value), node.elts), at]
            case tuple() if isinstance(node, ast.Tuple):
                return ["tuple", self._encode_all(value, node.elts), at]
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
                raise Refusal(f"a value of type {type(value).__name__}", node)

    def _encode_all(self, values: tuple[object, ...], nodes: list[ast.expr]) -> list[Json]:
        return [self._encode(value, node) for value, node in zip(values, nodes, strict=True)]

    def _require_stable(self, name: str, node: ast.AST) -> None:
        """Refuse a name that Python reads as another one (PEP 3131); its spelling could deceive a reader."""
        if self.lines is None:
            return
        spelled = name.encode()
        line = self.lines[getattr(node, "lineno", 1) - 1]
        start = getattr(node, "col_offset", 0)
        if line[start : start + len(spelled)] != spelled:
            raise Refusal(f"a name that Python reads as `{name}` but that is spelled otherwise", node)


def _lines(source: str) -> list[bytes]:
    return source.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "surrogatepass").split(b"\n")


def _size(value: object) -> int:
    match value:
        case Handle(size=size):
            return size
        case list() | tuple():
            return 1 + sum(_size(one) for one in value)
        case Items(items=items):
            return 1 + sum(_size(one) for one in items)
        case _:
            return 1


def _depth(value: object) -> int:
    match value:
        case Handle(depth=depth):
            return depth
        case list() | tuple():
            return max((_depth(one) for one in value), default=0)
        case Items(items=items):
            return max((_depth(one) for one in items), default=0)
        case _:
            return 0


def _constant(node: ast.expr) -> None | bool | int | float | str:
    """Fold a constant, a signed number or a sum of strings; refuse everything else."""
    match node:
        case ast.Constant(value=str(text)):
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise Refusal("a string with a lone surrogate", node)
            return text
        case ast.Constant(value=None | bool() as value):
            return value
        case ast.Constant(value=int(number)):
            if number.bit_length() > INTEGER_BITS_LIMIT:
                raise Refusal(f"an integer of more than {INTEGER_BITS_LIMIT} bits", node, limit=True)
            return number
        case ast.Constant(value=float(real)):
            if not math.isfinite(real):
                raise Refusal("a float that is not finite", node)
            return real
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=ast.Constant(value=int() | float()) as operand):
            value = _constant(operand)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return -value if isinstance(sign, ast.USub) else value
        case ast.BinOp(op=ast.Add()):
            terms = list(_children(node))
            texts = [term.value for term in terms if isinstance(term, ast.Constant) and isinstance(term.value, str)]
            if len(texts) == len(terms) and _only_sums(node):
                if len(terms) > CONCATENATION_LIMIT:
                    raise Refusal(f"more than {CONCATENATION_LIMIT} strings added", node, limit=True)
                return _constant(ast.copy_location(ast.Constant("".join(texts)), node))
        case _:
            pass
    raise Refusal(construct(node), node)


def _only_sums(node: ast.expr) -> bool:
    pending = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, ast.BinOp):
            if not isinstance(one.op, ast.Add):
                return False
            pending += [one.left, one.right]
    return True


def _value_of(statement: ast.stmt) -> ast.expr:
    match statement:
        case ast.Expr(value=value) | ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return value
        case _:
            raise Refusal(_statement_name(statement), statement)


def _statement_name(statement: ast.stmt) -> str:
    return construct(statement.value) if isinstance(statement, ast.Expr) else construct(statement)


_CONSTRUCTS = {
    "Assign": "an assignment",
    "Attribute": "an attribute access",
    "AugAssign": "an augmented assignment",
    "Await": "an await",
    "BinOp": "an operation",
    "BoolOp": "a boolean operation",
    "Call": "a call of something that is no name",
    "ClassDef": "a class",
    "Compare": "a comparison",
    "Constant": "a constant that is no value (bytes, complex or `...`)",
    "Delete": "a del statement",
    "DictComp": "a comprehension",
    "For": "a loop",
    "FunctionDef": "a function",
    "GeneratorExp": "a generator expression",
    "If": "an if statement",
    "IfExp": "a conditional expression",
    "Import": "an import",
    "ImportFrom": "an import",
    "JoinedStr": "an f-string",
    "Lambda": "a lambda",
    "List": "a list",
    "ListComp": "a comprehension",
    "NamedExpr": "an assignment expression",
    "Raise": "a raise statement",
    "SetComp": "a comprehension",
    "Starred": "an unpacking with `*`",
    "Subscript": "a subscript",
    "Try": "a try statement",
    "UnaryOp": "an operation",
    "While": "a loop",
    "With": "a with statement",
    "Yield": "a yield",
}


def construct(node: ast.AST) -> str:
    """Name a syntax node as a reader would; unknown ones by their name in the ``ast`` module."""
    name = type(node).__name__
    return _CONSTRUCTS.get(name, f"the construct {name}")
