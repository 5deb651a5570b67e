"""Generated guidelines hold something that Python would not load, or that means another thing when it does.

The prompt asks for dataclasses and imports and nothing else: bases are classes above, `str`, or those of enumerations;
imports come from dataclasses, typing, enum and datetime; `@dataclass` has no options; no name is bound twice; a type
means something. What keeps to that and passes the other rules can be loaded with the labels behind it. Guidelines of a
user are theirs: they are read and never executed.

Source: project decision (SPEC 14, 19); PEP 557; Python library, enum.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from guidex_schema import classes, imports
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.schema import Enumeration, unknown_sources
from guidex_schema.stage_output import StageOutput
from guidex_schema.syntax import is_future_import, last_name, names_in, parse

CODE = "GX614"
NAME = "unloadable-guidelines"
SEVERITY = Severity.ERROR

_HEAD = "from dataclasses import dataclass, field\nfrom enum import Enum\nfrom typing import List, Optional\n\n\n"
_ROLE = 'class Role(str, Enum):\n    A = "a"\n\n\n'

VALID = (
    Example(
        output=f'"""Said."""\n\n{_HEAD}{_ROLE}class Name(str):\n    """A name."""\n\n\n'
        "@dataclass\nclass A:\n    x: Role = Role.A\n"
        '    y: List["A"] = field(default_factory=list)\n\n\n@dataclass\nclass B(A):\n    z: Optional[Name] = None\n',
        stage="guideline",
    ),
    Example(output="class A(B):\n    x: str\n", stage="summary"),
)


def _invalid(source: str, at: str, message: str) -> Example:
    return Example(output=source, stage="guideline", at=at, part="output", message=message)


INVALID = (
    _invalid(
        "@dataclass\nclass A(Entity):\n    x: str\n",
        "Entity",
        "the base `Entity` is neither a class above that has attributes, nor `str`, nor Enum; leave it out",
    ),
    _invalid(
        f"{_HEAD}@dataclass(frozen=True)\nclass A:\n    x: str\n",
        "dataclass(frozen=True)",
        "`dataclass(frozen=True)` is not the plain `@dataclass`",
    ),
    _invalid(
        "from foo import Optional\n",
        "from foo import Optional",
        "`from foo import Optional` imports something other than a name of dataclasses, typing, enum or datetime",
    ),
    _invalid(f"{_HEAD}Optional = None\n", "Optional = None", "`Optional = None` is neither an import nor a class"),
    _invalid(
        f"{_HEAD}@dataclass\nclass Optional:\n    x: str\n",
        "Optional",
        "the name `Optional` is bound twice, or has a meaning in Python",
    ),
    _invalid(
        f"{_HEAD}@dataclass\nclass A:\n    x: str = field(default=None, init=False)\n",
        "field(default=None, init=False)",
        "`field(default=None, init=False)` says more than what the default is",
    ),
    _invalid(
        f"{_HEAD}@dataclass\nclass A:\n    x: List[3]\n",
        "List[3]",
        "`List[3]` is no type that can be written in guidelines",
    ),
    _invalid(
        f"{_HEAD}{_ROLE}@dataclass\nclass A:\n    x: Role = Role.B\n",
        "Role.B",
        "`Role.B` is no member of an enumeration that is declared above",
    ),
    _invalid(
        f"{_HEAD}@dataclass\nclass A:\n    List: Optional[str] = None\n    x: List[str]\n",
        "List: Optional[str] = None",
        "the attribute `List` hides what the name means in types from there on",
    ),
    _invalid(
        f"{_HEAD}@dataclass\nclass A:\n    x: str = A\n    x: Optional[str] = None\n",
        "x: Optional[str] = None",
        "the attribute `x` is declared twice",
    ),
    _invalid(
        f"{_HEAD}@dataclass\nclass A:\n    Optional: Optional[str] = None\n",
        "Optional: Optional[str] = None",
        "the attribute `Optional` hides what the name means in types from there on",
    ),
)

_ENUMS = frozenset(("Enum", "IntEnum", "StrEnum"))
# Names of types that are used without an import.
_BUILT_IN = frozenset(("str", "int", "float", "bool", "list", "dict", "set", "frozenset", "tuple", "object", "type"))
_MODULES = frozenset(imports.MODULES.values())


def gate(output: StageOutput) -> Iterator[Fault]:
    """Walk the statements in their order, as Python would."""
    if output.stage != "guideline" or not output.is_read:
        return
    yield from _Loading(output.guideline).faults()
    tree = parse(output.text)
    # What was read of guidelines that are not Python, as of those whose docstring swallows what follows, is a part.
    if isinstance(tree, Fault) and not output.guideline.faults:
        yield tree.model_copy(update={"rule": NAME, "part": "output"})


@dataclass
class _Loading:
    """What is known at a statement of guidelines.

    Attributes:
        bound: what the statements above have bound, with where a name comes from.
        bases: classes above that others may derive from.
        members: those of the enumerations above.
    """

    guideline: Guideline
    bound: dict[str, str] = field(default_factory=dict)
    bases: set[str] = field(default_factory=set)
    members: dict[str, frozenset[str]] = field(default_factory=dict)

    def faults(self) -> Iterator[Fault]:
        types = {id(node): entity_type for entity_type, node in classes.declared(self.guideline)}
        enumerations = {one.name: one for one in self.guideline.schema.enumerations}
        texts = {one.name for one in self.guideline.schema.text_subclasses}
        for statement in self.guideline.tree.body:
            match statement:
                case ast.Import() | ast.ImportFrom():
                    yield from self._import(statement)
                case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                    pass
                case ast.ClassDef(name=name):
                    yield from self._bind(name, "a class", statement)
                    if id(statement) in types:
                        yield from self._entity_type(statement)
                        for attribute in types[id(statement)].own_attributes:
                            if unknown_sources(attribute.type):
                                yield self._meaningless(statement, attribute.name)
                        self.bases.add(name)
                    elif name in enumerations:
                        yield from self._enumeration(statement, enumerations[name])
                        self.members[name] = frozenset(one.name for one in enumerations[name].members)
                    elif name in texts:
                        yield from self._plain(statement, frozenset(("str",)))
                case _:
                    span = self.guideline.span(statement)
                    words = quoted(self.guideline.source[span.start : span.end])
                    yield self._fault(f"{words} is neither an import nor a class", statement)

    def _import(self, statement: ast.Import | ast.ImportFrom) -> Iterator[Fault]:
        words = quoted(ast.unparse(statement))
        if is_future_import(statement):
            is_known = [one.name for one in statement.names] == ["annotations"]
        elif isinstance(statement, ast.Import):
            is_known = all(one.name in _MODULES for one in statement.names)
        else:
            is_known = not statement.level and all(
                imports.MODULES.get(one.name) == statement.module for one in statement.names
            )
        if not is_known:
            message = f"{words} imports something other than a name of dataclasses, typing, enum or datetime"
            yield self._fault(message, statement)
        module = getattr(statement, "module", "")
        for one in statement.names:
            yield from self._bind(one.asname or one.name, f"{module} {one.name}", statement)

    def _bind(self, name: str, origin: str, statement: ast.stmt) -> Iterator[Fault]:
        """Bind a name; the same import may be written twice."""
        if name in _BUILT_IN or self.bound.get(name, origin) != origin or (origin == "a class" and name in self.bound):
            message = f"the name {quoted(name)} is bound twice, or has a meaning in Python"
            yield self._fault(message, statement)
        self.bound[name] = origin

    def _entity_type(self, node: ast.ClassDef) -> Iterator[Fault]:
        for base in node.bases[:1]:
            if not (isinstance(base, ast.Name) and base.id in self.bases):
                yield self._fault(
                    f"the base {quoted(ast.unparse(base))} is neither a class above that has attributes, nor `str`, "
                    "nor Enum; leave it out",
                    base,
                )
        for base in node.bases[1:]:
            yield self._fault(f"the class {quoted(node.name)} has more than one base", base)
        is_dataclass = [ast.unparse(one) for one in node.decorator_list] in (["dataclass"], ["dataclasses.dataclass"])
        if not node.decorator_list:
            yield self._fault(f"the class {quoted(node.name)} has no `@dataclass` above it", node)
        elif not is_dataclass:
            yield self._fault(
                f"{quoted(ast.unparse(node.decorator_list[0]))} is not the plain `@dataclass`", node.decorator_list[0]
            )
        yield from self._attributes(node)

    def _attributes(self, node: ast.ClassDef) -> Iterator[Fault]:
        hidden: dict[str, ast.stmt] = {}
        declared: set[str] = set()
        for statement in node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                    # Other rules look at the last one only, and Python at both.
                    if name in declared:
                        yield self._fault(f"the attribute {quoted(name)} is declared twice", statement)
                    declared.add(name)
                    # Python fills an attribute before it looks at its annotation.
                    if value is not None and (name in self.bound or name in _BUILT_IN):
                        hidden[name] = statement
                    used = {one for one, _ in names_in(annotation)} & hidden.keys()
                    for one in sorted(used):
                        message = f"the attribute {quoted(one)} hides what the name means in types from there on"
                        yield self._fault(message, hidden.pop(one))
                    yield from self._default(value)
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case _:
                    words = quoted(ast.unparse(statement))
                    yield self._fault(f"{words} is neither an attribute nor a docstring", statement)

    def _default(self, value: ast.expr | None) -> Iterator[Fault]:
        match value:
            case ast.Call(args=args, keywords=keywords):
                if args or len(keywords) != 1 or keywords[0].arg not in ("default", "default_factory"):
                    yield self._fault(f"{quoted(ast.unparse(value))} says more than what the default is", value)
                else:
                    yield from self._default(keywords[0].value)
            case ast.Attribute(value=ast.Name(id=name), attr=member):
                if member not in self.members.get(name, frozenset()):
                    message = f"{quoted(ast.unparse(value))} is no member of an enumeration that is declared above"
                    yield self._fault(message, value)

    def _meaningless(self, node: ast.ClassDef, attribute: str) -> Fault:
        # Of an attribute that is declared twice, the schema has the last.
        annotation = {one.target.id: one.statement.annotation for one in imports.declarations(node)}[attribute]
        message = f"{quoted(ast.unparse(annotation))} is no type that can be written in guidelines"
        return self._fault(message, annotation)

    def _enumeration(self, node: ast.ClassDef, enumeration: Enumeration) -> Iterator[Fault]:
        yield from self._plain(node, _ENUMS | {"str", "int"})
        bases = [last_name(base) for base in node.bases]
        kinds = {"StrEnum": str, "str": str, "IntEnum": int, "int": int}
        kind = next((kinds[base] for base in bases if base in kinds), None)
        is_mixed = len(bases) == 1 or (len(bases) == 2 and bases[0] in ("str", "int") and bases[1] == "Enum")
        if not is_mixed:
            yield self._fault(f"the enumeration {quoted(node.name)} has bases that do not go together", node)
        names = [one.name for one in enumeration.members]
        for one in enumeration.members:
            is_odd = one.name.startswith("_") or one.name == "mro" or names.count(one.name) > 1
            if is_odd or (kind is not None and type(one.value) is not kind):
                member = quoted(f"{node.name}.{one.name}")
                yield self._fault(f"the member {member} has a name or a value that its enumeration cannot have", node)

    def _plain(self, node: ast.ClassDef, allowed: frozenset[str]) -> Iterator[Fault]:
        """Look at what stands above and behind the name of a class that has no attributes."""
        for base in node.bases:
            if last_name(base) not in allowed:
                yield self._fault(f"{quoted(ast.unparse(base))} is no base for {quoted(node.name)}", base)
        for decorator in node.decorator_list:
            yield self._fault(f"{quoted(node.name)} is no dataclass; write it without a decorator", decorator)

    def _fault(self, message: str, node: ast.expr | ast.stmt) -> Fault:
        guideline = self.guideline
        span = guideline.name_span(node) if isinstance(node, ast.ClassDef) else guideline.span(node)
        return Fault(rule=NAME, message=message, part="output", span=span)
