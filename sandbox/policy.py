"""What labels may be: an allow-list over their syntax tree, then RestrictedPython, then inert recorders.

The policy reports facts and judges nothing. It runs in the jailed program only. Whatever node it does not
name is refused. README.md beside this file describes the layers and what they promise.
"""

import ast
import builtins
import warnings
from collections.abc import Callable

from RestrictedPython.compile import compile_restricted_exec

import facts
from constant import fold
from facts import Extent, Handle, Items, Member, extent, joint_extent
from frames import Json
from limits import DEPTH_LIMIT, EXPANDED_TEXT_LIMIT, EXPANDED_VALUES_LIMIT, measure
from offsets import Offsets
from refusal import Refusal, construct, statement_name

RESULT_NAMES = frozenset(("result", "result_instances"))
# The jail starts without the module that adds `exit` and its like; the last came with Python 3.13.
_BUILTINS = frozenset((*dir(builtins), *"copyright credits exit help license quit PythonFinalizationError".split()))
# Python looks for the line of an error in the file of this name; no file system has one, so no door is knocked at.
_FILE_NAME = "<labels\ud800>"
# Words of other languages that models write where Python wants its own.
_FOREIGN = {"null": "None", "nil": "None", "true": "True", "false": "False", "NaN": "None", "undefined": "None"}


def read(source: str, classes: list[str], enums: list[str]) -> dict[str, Json]:
    """Read labels into facts.

    Args:
        source: what the labels are, without fence or prose around them.
        classes: names that the row's guidelines declare, enums among them.
        enums: names whose attributes are members.

    Returns:
        ``{"status": "syntax", ...}`` where the source does not parse, ``{"status": "refused", "refusals": [...]}``
        where it may not run, ``{"status": "empty"}`` where there is nothing in it, else ``{"status": "ok",
        "result": ..., "instances": [...], "unused": [...], "refusals": [...]}``, as README.md describes them.

    Raises:
        MemoryError: the source needs more memory than the jail has.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, filename=_FILE_NAME, feature_version=(3, 11))
    except SyntaxError as error:
        return {"status": "syntax", "message": str(error.msg), "offset": Offsets(source).error(error)}
    except (ValueError, RecursionError, MemoryError) as error:
        # CPython's parser says MemoryError where its own stack is full.
        refusal = Refusal(f"source that Python cannot parse ({type(error).__name__})", limit=True)
        return _refused([refusal], Offsets(source))
    offsets = Offsets(source)
    try:
        measure(tree)
        return _Program(tree, source, offsets, frozenset(classes), frozenset(enums)).run()
    except Refusal as refusal:
        return _refused([refusal], offsets)


def execute(tree: ast.Module, namespace: dict[str, object]) -> None:
    """Compile a checked tree with RestrictedPython and run it.

    Args:
        tree: that very tree which the allow-list made; text is never parsed again.
        namespace: all that the tree can reach.

    Raises:
        Refusal: RestrictedPython or the compiler refuses the tree.
    """
    try:
        compiled = compile_restricted_exec(tree, filename=_FILE_NAME)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise Refusal(f"source that Python cannot compile ({error})") from error
    if compiled.code is None:
        raise Refusal("; ".join(compiled.errors) or "source that RestrictedPython refuses")
    # Without the key Python would put its own builtins there.
    namespace["__builtins__"] = {}
    exec(compiled.code, namespace)


def _refused(refusals: list[Refusal], offsets: Offsets) -> dict[str, Json]:
    return {"status": "refused", "refusals": [refusal.report(offsets) for refusal in refusals]}


class _Program:
    """One row's labels: checked, rewritten, compiled and run once."""

    def __init__(
        self, tree: ast.Module, source: str, offsets: Offsets, classes: frozenset[str], enums: frozenset[str]
    ) -> None:
        self.tree = tree
        self.offsets = offsets
        self.lines = None if source.isascii() else _lines(source)
        self.classes = classes
        self.enums = enums
        self.assigned: dict[str, ast.stmt] = {}
        # By assigned name: the assigned names that its value mentions.
        self.mentions: dict[str, set[str]] = {}
        self.mentioned: set[str] = set()
        self.namespace: dict[str, object] = {}
        self.instances: list[Json] = []
        self.places: list[int] = []

    def run(self) -> dict[str, Json]:
        """Check every statement, then execute what is left and encode what it recorded."""
        last = self._result_statement()
        if last is None:
            # Nothing at all is not refused: it is an answer, though none that a check will accept.
            refusals = [Refusal(statement_name(one), one) for one in self.tree.body]
            return _refused(refusals, self.offsets) if refusals else {"status": "empty"}
        at = self.tree.body.index(last)
        refusals = []
        statements: list[ast.stmt] = []
        for statement in self.tree.body[:at]:
            try:
                statements.append(self._assignment(statement))
            except Refusal as refusal:
                refusals.append(refusal)
        refusals += [Refusal(f"{statement_name(one)} behind the list", one) for one in self.tree.body[at + 1 :]]
        self.mentioned = set()
        value = self._result_value(last)
        converted, refused = self._convert_result(value)
        if refused:
            return _refused([*refusals, *refused], self.offsets)
        statements.append(ast.Assign([ast.Name("result@", ast.Store())], converted))
        execute(ast.fix_missing_locations(ast.Module(statements, [])), self.namespace)
        result = self.namespace["result@"]
        _require_small_result(result, value)
        return facts.read(
            facts.encode(result, value, self.offsets, self.places),
            self.instances,
            self.places,
            [{"name": name, "place": [*self.offsets.span(self.assigned[name])]} for name in self._unused()],
            [refusal.report(self.offsets) for refusal in refusals],
        )

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

    def _result_value(self, statement: ast.stmt) -> ast.expr:
        match statement:
            case ast.Expr(value=value):
                return value
            case (
                ast.Assign(targets=[ast.Name(id=name) as target], value=value)
                | ast.AnnAssign(target=ast.Name(id=name) as target, value=ast.expr() as value)
            ):
                self._require_stable(name, target)
                return value
            case _:
                raise Refusal(statement_name(statement), statement)

    def _assignment(self, statement: ast.stmt) -> ast.stmt:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name) as target], value=ast.Call() as value)
                | ast.AnnAssign(target=ast.Name(id=name) as target, value=ast.Call() as value)
            ):
                self._require_stable(name, target)
            case _:
                raise Refusal(f"{statement_name(statement)} before the list", statement)
        if name in self.assigned or name in self.classes or name in RESULT_NAMES:
            raise Refusal(f"a second binding of the name `{name}`", statement)
        self.mentioned = set()
        converted = self._convert(value)
        self.assigned[name] = statement
        self.mentions[name] = self.mentioned
        return ast.Assign([ast.Name(_stored(name), ast.Store())], converted)

    def _unused(self) -> list[str]:
        """Name the assignments that the list does not reach, not even through another one."""
        reached = set(self.mentioned)
        for name in reversed(self.assigned):
            if name in reached:
                reached |= self.mentions[name]
        return [name for name in self.assigned if name not in reached]

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
            case ast.Constant() | ast.UnaryOp() | ast.BinOp():
                return ast.Constant(fold(node))
            case ast.List(elts=elements):
                return ast.List([self._convert(one) for one in elements], ast.Load())
            case ast.Tuple(elts=elements):
                return ast.Tuple([self._convert(one) for one in elements], ast.Load())
            case ast.Set(elts=elements):
                for one in elements:
                    _require_hashable(one)
                return self._call("set", Items, node, [self._convert(one) for one in elements], [])
            case ast.Dict(keys=keys, values=values):
                pairs: list[ast.expr] = []
                for key, value in zip(keys, values, strict=True):
                    if key is None:
                        raise Refusal("a dict unpacked with `**`", value)
                    pairs += [ast.Constant(fold(key)), self._convert(value)]
                return self._call("mapping", Items, node, pairs, [])
            case ast.Call(func=ast.Name(id=name)):
                return self._instance(node, name)
            case ast.Attribute(value=ast.Name(id=enum), attr=member) if enum in self.enums:
                self._require_stable(enum, node.value)
                self._require_stable(member, node, at_end=True)
                if member.startswith("_"):
                    raise Refusal(f"the attribute `{member}`", node)
                return self._bind(f"{enum}.{member}", Member(enum, member))
            case ast.Name(id=name) if name in self.assigned:
                self._require_stable(name, node)
                self.mentioned.add(name)
                return ast.Name(_stored(name), ast.Load())
            case ast.Name(id=name):
                hint = f" (write `{_FOREIGN[name]}`)" if name in _FOREIGN else ""
                raise Refusal(f"the name `{name}`{hint}", node)
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
            if keyword.arg == "__debug__":
                # The one name that the compiler keeps to itself.
                raise Refusal("the keyword argument `__debug__`", keyword)
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
        unspellable = f"{name.lstrip('_')}@{len(self.namespace)}"
        self.namespace[unspellable] = value
        return ast.Name(unspellable, ast.Load())

    def _recorder(self, name: str, node: ast.Call) -> Callable[..., Handle]:
        def record(*arguments: object, **keywords: object) -> Handle:
            whole = joint_extent([*arguments, *keywords.values()])
            _require_small(whole, node)
            values = facts.encode_all(arguments, node.args, self.offsets, self.places)
            for one in node.keywords:
                values.append(facts.encode(keywords[one.arg or ""], one.value, self.offsets, self.places))
                self.places += self.offsets.span(one)
            self.places += self.offsets.span(node)
            self.instances.append([name, [one.arg for one in node.keywords], values])
            return Handle(len(self.instances) - 1, whole)

        return record

    def _require_stable(self, name: str, node: ast.AST, *, at_end: bool = False) -> None:
        """Refuse a name that Python reads as another one (PEP 3131); its spelling could deceive a reader."""
        if self.lines is None:
            return
        spelled = name.encode()
        if at_end:
            line, end = getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0)
            found = self.lines[line - 1][:end].endswith(spelled)
        else:
            line, start = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
            found = self.lines[line - 1].startswith(spelled, start)
        if not found:
            raise Refusal(f"a name that Python reads as `{name}` but that is spelled otherwise", node)


def _require_small_result(result: object, node: ast.expr) -> None:
    """Refuse what is too large as a whole; the result's own list is no level of nesting."""
    items: list[object] = [result]
    nodes = [node]
    if isinstance(result, list) and isinstance(node, ast.List):
        items, nodes = result, node.elts
    for item, element in zip(items, nodes, strict=True):
        _require_small(extent(item), element)
    _require_small(joint_extent(items)._replace(depth=0), node)


def _require_small(whole: Extent, node: ast.expr) -> None:
    """Refuse what shared instances blow up: every use counts, and so does every level."""
    if whole.values > EXPANDED_VALUES_LIMIT:
        raise Refusal(f"instances that expand to more than {EXPANDED_VALUES_LIMIT:,} values", node, limit=True)
    if whole.characters > EXPANDED_TEXT_LIMIT:
        raise Refusal(f"instances that expand to more than {EXPANDED_TEXT_LIMIT:,} characters", node, limit=True)
    if whole.depth > DEPTH_LIMIT:
        raise Refusal(f"values that nest deeper than {DEPTH_LIMIT} levels", node, limit=True)


def _stored(name: str) -> str:
    """Give what an assigned name is called in the executed tree; RestrictedPython wants no leading underscore."""
    return f"@{name}"


def _lines(source: str) -> list[bytes]:
    return source.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "surrogatepass").split(b"\n")


def _require_hashable(node: ast.expr) -> None:
    """Refuse what a set cannot hold in Python, and instances, whose equality is not the labels' to decide."""
    match node:
        case ast.Tuple(elts=elements):
            for one in elements:
                _require_hashable(one)
        case ast.Call() | ast.Name():
            raise Refusal("an instance in a set", node)
        case ast.List() | ast.Dict() | ast.Set():
            raise Refusal(f"{construct(node)} in a set", node)
        case _:
            pass
