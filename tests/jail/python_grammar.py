"""Hypothesis strategies for programs of the whole Python grammar, as the running Python describes it.

The nodes and their fields are read from the documentation of the ``ast`` module's classes, which is the grammar in
ASDL: what a later Python adds is drawn, too.
"""

import ast
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from hypothesis import assume
from hypothesis import strategies as st

# Stands in programs where the path of the witness file is to stand.
CANARY = "the-path-of-the-canary"
SECRET_NAME = "GUIDEX_SECRET"

CLASSES = ("Person", "Event", "Role")
# What does something at once where it is run with Python's builtins.
ATTACKS = (
    f'open("{CANARY}", "w")',
    f'__import__("os").mkdir("{CANARY}")',
    f'eval(\'open("{CANARY}", "w")\')',
    f'exec(\'open("{CANARY}", "w")\')',
    f'getattr(__builtins__, "open")("{CANARY}", "w")',
    f'print("x", file=open("{CANARY}", "w"))',
    (
        '[one for one in ().__class__.__base__.__subclasses__() if one.__name__ == "_wrap_close"][0]'
        f'.__init__.__globals__["mkdir"]("{CANARY}")'
    ),
    f'(lambda: open("{CANARY}", "w"))()',
    f"f\"{{open('{CANARY}', 'w')}}\"",
)
LEAKS = (
    f'__import__("os").environ["{SECRET_NAME}"]',
    'open("/proc/self/environ").read()',
    '"{0.__init__.__globals__}".format(Person)',
    "__builtins__",
    "Person.__init__.__globals__",
)
VALID = (
    '[Person(mention="Ada", role=Role.WRITER)]',
    'result = [Person(mention="Ada", role=None), Event(people=[Person(mention="Bo")], year=-5)]',
    'ada = Person("Ada", role="x" "y")\nresult_instances: list = [ada, Event([ada, ada], {1: (2.5, True)})]',
    '[Event(people=[], year=1), Person(mention="a" + "b", role={"r", 1})]',
)


class Field(NamedTuple):
    """A field of a node: what kind of thing stands in it, and whether one (empty), a list (*) or perhaps one (?)."""

    kind: str
    name: str
    number: str


def _documented() -> dict[str, str]:
    nodes = [one for one in vars(ast).values() if isinstance(one, type) and issubclass(one, ast.AST)]
    return {node.__name__: " ".join((node.__doc__ or "").split()) for node in nodes}


def _fields() -> dict[str, tuple[Field, ...]]:
    """Give the fields of every node that can be made."""
    found = {}
    for name, text in _documented().items():
        written = re.fullmatch(rf"{name}(?:\((.*)\))?", text)
        if written is not None:
            parts = re.findall(r"(\w+)([*?]?) (\w+)", written.group(1) or "")
            found[name] = tuple(Field(kind, field, number) for kind, number, field in parts)
    return found


def _kinds() -> dict[str, tuple[str, ...]]:
    """Give the nodes that each kind is one of."""
    found = {}
    for name, text in _documented().items():
        written = re.fullmatch(rf"{name} = (.*)", text)
        if written is not None:
            found[name] = tuple(part.split("(")[0].strip() for part in written.group(1).split("|"))
    return found


FIELDS = _fields()
KINDS = _kinds()

# Where programs end that have gone deep enough.
_LEAVES = {
    "expr": ("Name", "Constant"),
    "stmt": ("Pass", "Break", "Continue"),
    "pattern": ("MatchSingleton", "MatchAs"),
}
# What only some hosts can hold, and so is drawn where one of them is.
_HOMELESS = {
    "expr": ("Slice", "FormattedValue", "Starred"),
    "pattern": ("MatchStar",),
}
_TARGETS = ("Name", "Attribute", "Subscript")
_UNPACKED = (*_TARGETS, "Tuple", "List")
# What alone may stand in a field. A format specification is an f-string, and so on.
_ONLY: dict[tuple[str, str], tuple[str, ...]] = {
    ("AnnAssign", "target"): _TARGETS,
    ("Assign", "targets"): _UNPACKED,
    ("AsyncFor", "target"): _UNPACKED,
    ("AugAssign", "target"): _TARGETS,
    ("Delete", "targets"): _TARGETS,
    ("For", "target"): _UNPACKED,
    ("FormattedValue", "format_spec"): ("JoinedStr",),
    ("JoinedStr", "values"): ("FormattedValue", "Constant"),
    ("MatchClass", "cls"): ("Name", "Attribute"),
    ("MatchMapping", "keys"): ("Constant", "Attribute"),
    ("MatchValue", "value"): ("Constant", "Attribute"),
    ("NamedExpr", "target"): ("Name",),
    ("TypeAlias", "name"): ("Name",),
    ("comprehension", "target"): _UNPACKED,
    ("withitem", "optional_vars"): _TARGETS,
}
# What may stand in a field beside all else.
_ALSO: dict[tuple[str, str], tuple[str, ...]] = {
    ("Call", "args"): ("Starred",),
    ("List", "elts"): ("Starred",),
    ("MatchSequence", "patterns"): ("MatchStar",),
    ("Set", "elts"): ("Starred",),
    ("Subscript", "slice"): ("Slice",),
    ("Tuple", "elts"): ("Starred",),
}
_LEAST = {
    ("BoolOp", "values"): 2,
    ("Compare", "ops"): 1,
    ("MatchOr", "patterns"): 2,
    **{(name, "body"): 1 for name in FIELDS if name != "Module"},
    ("Assign", "targets"): 1,
    ("AsyncWith", "items"): 1,
    ("Delete", "targets"): 1,
    ("DictComp", "generators"): 1,
    ("GeneratorExp", "generators"): 1,
    ("Global", "names"): 1,
    ("Import", "names"): 1,
    ("ImportFrom", "names"): 1,
    ("ListComp", "generators"): 1,
    ("Match", "cases"): 1,
    ("Nonlocal", "names"): 1,
    ("Set", "elts"): 1,
    ("SetComp", "generators"): 1,
    ("Try", "handlers"): 1,
    ("TryStar", "handlers"): 1,
    ("With", "items"): 1,
}

names = st.sampled_from(
    [
        *CLASSES,
        *"ada result result_instances mention role people year _x é os sys string object WRITER format".split(),
        *"open eval exec compile getattr globals vars print input type exit breakpoint __import__".split(),
        *"__builtins__ __class__ __debug__ __dict__ __globals__ __init__ __name__ __loader__".split(),
        *"_getattr_ _getiter_ _write_ gi_frame f_back".split(),
    ]
)
_modules = st.sampled_from(["os", "sys", "ctypes", "subprocess", "socket", "builtins", "a.b", "Person"])
_words = st.sampled_from(
    [CANARY, SECRET_NAME, "Ada", "", "/etc/passwd", "w", "os", "'\"\\\n", "{0.__class__}", "é\ud800"]
)
constants: st.SearchStrategy[object] = st.one_of(
    _words,
    _words,
    st.none() | st.booleans() | st.just(...),
    st.integers(-3, 300) | st.sampled_from([2**255, 2**256, 10**40]),
    st.floats() | st.complex_numbers(max_magnitude=9).map(lambda one: complex(0, abs(one))),
    st.binary(max_size=3),
)
_values: dict[str, st.SearchStrategy[object]] = {
    "identifier": names,
    "constant": constants,
    "string": st.none(),
}
_FIXED: dict[tuple[str, str], st.SearchStrategy[object]] = {
    ("AnnAssign", "simple"): st.just(1),
    ("Constant", "kind"): st.sampled_from([None, "u"]),
    ("FormattedValue", "conversion"): st.sampled_from([-1, 97, 114, 115]),
    ("ImportFrom", "level"): st.integers(0, 2),
    ("ImportFrom", "module"): _modules,
    ("MatchSingleton", "value"): st.sampled_from([None, True, False]),
    ("alias", "name"): _modules,
    ("comprehension", "is_async"): st.integers(0, 1),
}


def nodes(name: str, depth: int = 2) -> st.SearchStrategy[ast.AST]:
    """Draw nodes of one kind, or of one class.

    Args:
        name: of a kind (``expr``) or of a class (``Call``).
        depth: how many levels there are below it at most, but for what cannot do without.
    """
    return _nodes((name,), depth)


@st.composite
def _nodes(draw: st.DrawFn, among: tuple[str, ...], depth: int) -> ast.AST:
    """Draw a node of one of these kinds or classes."""
    name = draw(st.sampled_from(among))
    if name in KINDS:
        if name == "expr" and draw(st.integers(0, 9)) == 0:
            attack: ast.AST = ast.parse(draw(st.sampled_from(ATTACKS + LEAKS)), mode="eval").body
            return attack
        members = [one for one in KINDS[name] if one not in _HOMELESS.get(name, ())]
        name = draw(st.sampled_from(_LEAVES.get(name, members) if depth <= 0 else members))
    node: ast.AST = getattr(ast, name)(**{one.name: _filled(draw, name, one, depth - 1) for one in FIELDS[name]})
    _even_out(node)
    return node


def _filled(draw: st.DrawFn, name: str, field: Field, depth: int) -> object:
    """Draw what stands in a field."""
    place = (name, field.name)
    if place in _FIXED:
        return draw(_FIXED[place])
    if field.kind == "expr_context":
        return ast.Load()
    inner: st.SearchStrategy[object]
    if field.kind in _values:
        inner = _values[field.kind]
    elif field.kind == "int":
        inner = st.integers(0, 1)
    else:
        inner = _nodes(_ONLY.get(place, (field.kind, *_ALSO.get(place, ()))), depth)
    least = _LEAST.get(place, 0)
    if field.number == "*":
        return draw(st.lists(inner, min_size=least, max_size=max(least, 2 if depth >= 0 else 0)))
    if field.number == "?" and (depth < 0 or draw(st.booleans())):
        return None
    return draw(inner)


def _even_out(node: ast.AST) -> None:
    """Cut lists that go in pairs to one length, and mend what no source can say."""
    match node:
        case ast.Compare():
            node.comparators = [*node.comparators, *(ast.Name("ada", ast.Load()) for _ in node.ops)][: len(node.ops)]
        case ast.Dict() | ast.MatchMapping():
            keys: list[ast.expr] = [one for one in node.keys if one is not None]
            others: list[ast.expr] | list[ast.pattern] = node.values if isinstance(node, ast.Dict) else node.patterns
            del keys[len(others) :], others[len(keys) :]
            node.keys[:] = keys
        case ast.MatchClass():
            length = min(len(node.kwd_attrs), len(node.kwd_patterns))
            del node.kwd_attrs[length:], node.kwd_patterns[length:]
        case ast.arguments():
            del node.defaults[len(node.posonlyargs) + len(node.args) :]
            node.kw_defaults = [None] * len(node.kwonlyargs)
        case ast.MatchAs() if node.name is None:
            node.pattern = None
        case ast.JoinedStr():
            for one in node.values:
                if isinstance(one, ast.Constant):
                    one.value = "between"
        case _:
            pass


def _written(tree: ast.AST) -> str:
    """Write a tree as source that Python parses; what no source can say is no example."""
    try:
        source = ast.unparse(ast.fix_missing_locations(tree))
        ast.parse(source)
    except (ValueError, SyntaxError, RecursionError, TypeError):
        source = ""
    assume(source)
    return source


_Host = Callable[[ast.expr], ast.AST]
_HOSTS: tuple[_Host, ...] = (
    lambda one: ast.Module([ast.Expr(one)], []),
    lambda one: ast.Module([ast.Expr(ast.List([one], ast.Load()))], []),
    lambda one: ast.Module([ast.Assign([ast.Name("result", ast.Store())], one)], []),
    lambda one: _grafted(VALID[0], [one], 0),
    lambda one: _grafted(VALID[1], [one], 3),
)


def _grafted(valid: str, grafts: Iterable[ast.expr], at: int) -> ast.Module:
    """Put expressions in place of others, counted in a walk through the tree."""
    tree = ast.parse(valid)
    for graft in grafts:
        places = [
            (node, name, index)
            for node in ast.walk(tree)
            for name, value in ast.iter_fields(node)
            for index, one in enumerate(value if isinstance(value, list) else [value])
            if isinstance(one, ast.expr) and name != "targets"
        ]
        node, name, index = places[at % len(places)]
        if isinstance(getattr(node, name), list):
            getattr(node, name)[index] = graft
        else:
            setattr(node, name, graft)
    return tree


@st.composite
def programs_with(draw: st.DrawFn, name: str, depth: int = 2) -> str:
    """Draw programs that hold a node of one class, be it an expression, a statement or what stands in one only."""
    node = draw(nodes(name, depth))
    match node:
        case ast.stmt():
            return _written(ast.Module([node, *ast.parse(VALID[0]).body], []))
        case ast.Slice():
            node = ast.Subscript(ast.Name("Person", ast.Load()), node, ast.Load())
        case ast.FormattedValue():
            node = ast.JoinedStr([node])
        case ast.Starred():
            node = ast.List([node], ast.Load())
        case ast.expr():
            pass
        case _:
            raise AssertionError(f"{name} is neither expression nor statement")
    return _written(draw(st.sampled_from(_HOSTS))(node))


@st.composite
def grafted_labels(draw: st.DrawFn) -> str:
    """Draw labels that were good until one or two of their expressions were replaced, or a statement was added."""
    grafts = [one for one in draw(st.lists(nodes("expr", 1), max_size=2)) if isinstance(one, ast.expr)]
    tree = _grafted(draw(st.sampled_from(VALID)), grafts, draw(st.integers(0, 30)))
    if not grafts or draw(st.booleans()):
        statement = draw(nodes("stmt", 2))
        assert isinstance(statement, ast.stmt)
        tree.body.insert(draw(st.integers(0, len(tree.body))), statement)
    return _written(tree)


_PIECES = [
    *ATTACKS,
    *LEAKS,
    *"[ ] ( ) { } , = : ; := == . * ** @ # \\ ' \" f' b' r\" + - 1e999 0x 0 1_0".split(),
    *"not lambda: yield await async for in if else match case type class def import return None".split(),
    *"Person Role.WRITER __class__ \N{KELVIN SIGN} ｏｐｅｎ".split(),
    '"""',
    "\n",
    "\r",
    "\t",
    "\f",
    "    ",
    "\ufeff",
    "\0",
    "\N{RIGHT-TO-LEFT OVERRIDE}",
]


@st.composite
def mutated_texts(draw: st.DrawFn) -> str:
    """Draw sources with pieces put in, cut out and doubled; few of them are Python."""
    source = draw(st.sampled_from(VALID) | grafted_labels())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(source)))
        end = min(len(source), start + draw(st.integers(0, 6)))
        piece = draw(st.sampled_from(["", source[start:end] * 2, *_PIECES]))
        source = source[:start] + piece + source[end:]
    return source


EXPRESSIONS = KINDS["expr"]
STATEMENTS = KINDS["stmt"]

programs: st.SearchStrategy[str] = st.one_of(
    st.sampled_from(EXPRESSIONS + STATEMENTS).flatmap(programs_with),
    st.lists(nodes("stmt", 2), min_size=1, max_size=3).map(
        lambda body: _written(ast.Module([one for one in body if isinstance(one, ast.stmt)], []))
    ),
    grafted_labels(),
    mutated_texts(),
)
