"""Which names guidelines import, which they should, and the edit that adds one."""

import ast
import builtins
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from guidex_schema import layout
from guidex_schema.annotation import role
from guidex_schema.diagnostic import Edit
from guidex_schema.guideline import Guideline
from guidex_schema.syntax import opening
from guidex_schema.text import without_item

# Listed, not taken from the running Python: a verdict must not depend on its release.
_TYPING_NAMES = (
    "AbstractSet Annotated Any AnyStr Callable ClassVar Collection DefaultDict Deque Dict Final FrozenSet Generic "
    "Hashable Iterable Iterator List Literal Mapping MutableMapping MutableSequence MutableSet NamedTuple NewType "
    "NoReturn NotRequired Optional Protocol Required Sequence Set Sized Text Tuple Type TypeAlias TypeVar TypedDict "
    "Union"
).split()
_DATACLASS_NAMES = ("dataclass", "field", "KW_ONLY", "InitVar")
_ENUM_NAMES = ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")
_DATETIME_NAMES = ("date", "datetime", "time", "timedelta")

# Where the names that guidelines use without declaring them come from (SPEC 19: these four modules only).
MODULES: Mapping[str, str] = {
    **dict.fromkeys(_TYPING_NAMES, "typing"),
    **dict.fromkeys(_DATETIME_NAMES, "datetime"),
    **dict.fromkeys(_ENUM_NAMES, "enum"),
    **dict.fromkeys(_DATACLASS_NAMES, "dataclasses"),
}
# What a star import binds besides, in some release; none of it is taken for a missing import.
_FURTHER_NAMES: Mapping[str, frozenset[str]] = {
    "typing": frozenset(
        (
            "AsyncContextManager AsyncGenerator AsyncIterable AsyncIterator Awaitable BinaryIO Buffer ByteString "
            "ChainMap Concatenate Container ContextManager Coroutine Counter Doc ForwardRef Generator IO ItemsView "
            "KeysView LiteralString MappingView Match Never NoDefault OrderedDict ParamSpec ParamSpecArgs "
            "ParamSpecKwargs Pattern ReadOnly Reversible Self Sentinel SupportsAbs SupportsBytes SupportsComplex "
            "SupportsFloat SupportsIndex SupportsInt SupportsRound TYPE_CHECKING TextIO TypeAliasType TypeForm "
            "TypeGuard TypeIs TypeVarTuple Unpack ValuesView assert_never assert_type cast dataclass_transform "
            "deprecated disjoint_base final get_args get_origin get_type_hints is_typeddict no_type_check overload "
            "override reveal_type runtime_checkable"
        ).split()
    ),
    "datetime": frozenset(("MAXYEAR", "MINYEAR", "UTC", "timezone", "tzinfo")),
    "enum": frozenset(
        (
            "CONFORM CONTINUOUS EJECT EnumCheck EnumMeta EnumType FlagBoundary KEEP NAMED_FLAGS ReprEnum STRICT UNIQUE "
            "auto global_enum member nonmember property unique verify"
        ).split()
    ),
    "dataclasses": frozenset(
        "Field FrozenInstanceError MISSING asdict astuple fields is_dataclass make_dataclass replace".split()
    ),
}
BUILTINS = frozenset(dir(builtins))


def bound_names(guideline: Guideline) -> frozenset[str]:
    """Give every name that the guidelines bind at module level, also where what binds it was refused."""
    return guideline.bound_names | guideline.unreadable | starred_names(guideline)


def starred_names(guideline: Guideline) -> frozenset[str]:
    """Give the names that star imports of known modules bind."""
    modules = _starred_modules(guideline)
    known = (name for name, module in MODULES.items() if module in modules)
    return frozenset(known).union(*(_FURTHER_NAMES[module] for module in modules & _FURTHER_NAMES.keys()))


def imports_everything(guideline: Guideline) -> bool:
    """Say whether a star import may bind any name: one of a known module binds that module's names only."""
    modules = _starred_modules(guideline)
    # One that was refused, in a ``try``, is seen in the names only.
    return not modules <= _FURTHER_NAMES.keys() or ("*" in guideline.bound_names and not modules)


def _starred_modules(guideline: Guideline) -> frozenset[str]:
    """Give the modules of star imports, those of typing_extensions as typing; a relative one keeps its dots."""
    if guideline.plain is not None:
        return frozenset()
    starred = [
        "." * statement.level + (statement.module or "")
        for statement in guideline.tree.body
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*"
    ]
    return frozenset("typing" if module == "typing_extensions" else module for module in starred)


def postpones_annotations(guideline: Guideline) -> bool:
    """Say whether annotations are not evaluated (PEP 563)."""
    return any(
        isinstance(statement, ast.ImportFrom)
        and statement.module == "__future__"
        and any(alias.name == "annotations" for alias in statement.names)
        for statement in guideline.tree.body
    )


class Declaration(NamedTuple):
    """An annotated name in the body of a class; ``path`` is written ``Person.name``."""

    owner: ast.ClassDef
    statement: ast.AnnAssign
    target: ast.Name

    @property
    def path(self) -> str:
        """Give class and attribute as a finding names them."""
        return f"{self.owner.name}.{self.target.id}"

    @property
    def is_attribute(self) -> bool:
        """Say whether instances have it: a ``ClassVar`` belongs to the class, and ``KW_ONLY`` is a mark."""
        return role(self.statement.annotation) in ("field", "argument")


def declarations(node: ast.ClassDef) -> Iterator[Declaration]:
    """Give every annotated name in the body of a class."""
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name() as target):
                yield Declaration(node, statement, target)
            case _:
                pass


def all_declarations(guideline: Guideline) -> Iterator[Declaration]:
    """Give every annotated name of every class, in source order."""
    for node in guideline.classes:
        yield from declarations(node)


class Spelling(NamedTuple):
    """How guidelines have to write a name of a module, and the edits that make it known to them."""

    text: str
    edits: tuple[Edit, ...]


def spelling(guideline: Guideline, module: str, name: str) -> Spelling | None:
    """Give how a name of a module is to be written; None where it means something else or cannot be imported."""
    for statement in _head(guideline):
        match statement:
            case ast.ImportFrom(module=found, names=names, level=0) if found == module:
                for alias in names:
                    if alias.name in (name, "*"):
                        return Spelling(alias.asname or name, ())
            case ast.Import(names=names):
                for alias in names:
                    if alias.name == module:
                        return Spelling(f"{alias.asname or module}.{name}", ())
            case _:
                pass
    edit = None if name in bound_names(guideline) else import_edit(guideline, module, name)
    return None if edit is None else Spelling(name, (edit,))


def import_edit(guideline: Guideline, module: str, name: str | None = None) -> Edit | None:
    """Give the edit that imports a name, or without one the module itself; None where there is no safe place for it.

    A name goes into an import of the same module at the head, else it gets a line of its own.
    """
    for statement in _head(guideline):
        if (
            name is not None
            and isinstance(statement, ast.ImportFrom)
            and statement.module == module
            and statement.level == 0
            and statement.names[-1].name != "*"
        ):
            end = guideline.span(statement.names[-1]).end
            return Edit(start=end, end=end, replacement=f", {name}")
    return _line_edit(guideline, f"import {module}" if name is None else f"from {module} import {name}")


def _head(guideline: Guideline) -> Iterator[ast.stmt]:
    """Give the statements at the head, up to the first that may need an import."""
    for statement in guideline.tree.body:
        if not isinstance(statement, ast.Import | ast.ImportFrom | ast.Expr | ast.Pass):
            return
        yield statement


def _line_edit(guideline: Guideline, line: str) -> Edit | None:
    """Put a line where imports may stand: behind docstring and future imports, above all else."""
    document = guideline.document
    above = end = 0
    opened = opening(guideline.tree)
    for statement in opened[-1:]:
        above, end = statement.end_lineno or statement.lineno, guideline.span(statement).end
    following = next(iter(guideline.tree.body[len(opened) :]), None)
    number = len(document.line_starts)
    if following is not None:
        number = min([following.lineno, *(one.lineno for one in getattr(following, "decorator_list", ()))])
    if isinstance(following, ast.ClassDef):
        if layout.has_refused_decorator(guideline, end, following):
            return None
        number = layout.comment_block(document, number, above)
    if number <= above or layout.is_continued(document, number):
        return None
    # A byte order mark stays in front.
    start = max(document.line_starts[number - 1], int(guideline.source.startswith("\ufeff")))
    parted = "" if isinstance(following, ast.Import | ast.ImportFrom) else "\n"
    return Edit(start=start, end=start, replacement=f"{line}\n{parted}")


def removal_edit(guideline: Guideline, module: str, name: str) -> Edit | None:
    """Give the edit that takes a name out of the one import that has it; None where a comment would go with it."""
    found = [
        (statement, number)
        for statement in guideline.tree.body
        if isinstance(statement, ast.ImportFrom) and statement.module == module and statement.level == 0
        for number, alias in enumerate(statement.names)
        if alias.name == name
    ]
    if len(found) != 1:
        return None
    statement, number = found[0]
    spans = [guideline.span(alias) for alias in statement.names]
    if len(spans) == 1:
        lines = layout.own_lines(guideline, statement, statement, above=statement.lineno - 1)
        removed = None if lines is None else layout.whole_lines(guideline, lines)
    else:
        removed = without_item(spans, number)
    if removed is None or "#" in guideline.source[removed.start : removed.end]:
        return None
    return Edit(start=removed.start, end=removed.end, replacement="")
