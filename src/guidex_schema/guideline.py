"""Guidelines: Python source in, schema out. The source is read, never executed.

``ast`` and an allow-list go first (``screening``), because libcst can be crashed and stalled by small files.
Then libcst reads what ``ast`` drops, the comments, and both trees are walked side by side: what they do
not agree on is a fault.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from guidex_schema import blocks
from guidex_schema.annotation import Names, constant, last_name, read
from guidex_schema.diagnostic import Fault, quoted
from guidex_schema.schema import (
    Attribute,
    DataclassOption,
    Default,
    EntityType,
    Enumeration,
    EnumMember,
    ExpressionDefault,
    FactoryDefault,
    Import,
    MemberDefault,
    Register,
    Schema,
    TextSubclass,
    clean,
)
from guidex_schema.screening import (
    FILE_LIMITS,
    ROW_LIMITS,
    Limits,
    blank,
    invalid_characters,
    node_span,
    screen,
    size_fault,
)
from guidex_schema.text import Document, Location, Span

__all__ = ["FILE_LIMITS", "ROW_LIMITS", "Guideline", "parse_guideline"]

_ENUM_BASES = frozenset(("Enum", "StrEnum", "IntEnum", "Flag", "IntFlag"))
_KNOWN_MODULES = frozenset(("dataclasses", "typing", "typing_extensions", "enum", "datetime", "__future__", "abc"))
_NO_DESCRIPTION = ("guidex:", "noqa", "type:")


@dataclass(frozen=True)
class Guideline:
    """Guidelines as they were read.

    Attributes:
        source: the text as it was given; every span refers to it.
        readable: the same length, with everything that could not or may not be read blanked.
        tree: the ``ast`` tree of ``readable``.
        schema: what the readable part declares.
        faults: what could not be read, and what would have run.
        unreadable: classes of which too little was read to judge their instances.
    """

    source: str
    readable: str
    tree: ast.Module
    schema: Schema
    faults: tuple[Fault, ...]
    unreadable: frozenset[str]

    @cached_property
    def document(self) -> Document:
        """Give the source with its lines."""
        return Document(self.source)

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> Span:
        """Give the place of a node of the tree in the source."""
        span = node_span(self.document, node)
        assert span is not None, "statements and expressions have a place"
        return span

    def name_span(self, statement: ast.ClassDef) -> Span:
        """Give the place of a class's name."""
        start = self.source.index(statement.name, self.span(statement).start + len("class"))
        return Span(start=start, end=start + len(statement.name))

    @property
    def classes(self) -> list[ast.ClassDef]:
        """Give every class statement of the readable part, in source order."""
        return [statement for statement in self.tree.body if isinstance(statement, ast.ClassDef)]


def parse_guideline(source: str, *, limits: Limits = FILE_LIMITS) -> Guideline:
    """Read guidelines into a schema.

    Args:
        source: Python source with dataclasses; any string is accepted.
        limits: sizes beyond which nothing is parsed; ``ROW_LIMITS`` for the guidelines of a dataset row.

    Returns:
        The schema of all that could be read, and a fault for all that could not. Nothing is raised.
    """
    too_large = size_fault(source, limits)
    if too_large is not None:
        everything = Span(start=0, end=len(source))
        return Guideline(
            source, blank(source, everything), ast.Module([], []), Schema(), (too_large,), blocks.class_names(source)
        )
    valid, character_faults = invalid_characters(source)
    reading = blocks.read(valid)
    screened = screen(reading.readable, limits)
    faults = (*character_faults, *reading.faults, *screened.faults)
    unreadable = reading.unreadable | screened.unreadable
    try:
        # A form feed is white space to Python, but not to libcst at the start of a file.
        module = cst.parse_module(screened.readable.replace("\f", " " if not screened.readable.startswith("\f") else ""))
        schema = _Reader(Document(source), screened.tree).schema(module)
    except (cst.ParserSyntaxError, Disagreement, RecursionError) as error:
        fault = Fault(
            rule="guideline-syntax",
            message=f"Python reads these guidelines, but libcst does not: {quoted(str(error))}",
            part="guidelines",
        )
        return Guideline(
            source, screened.readable, screened.tree, Schema(), (*faults, fault), blocks.class_names(source)
        )
    return Guideline(source, screened.readable, screened.tree, schema, faults, unreadable)


class _Reader:
    """Walk both trees of one file once."""

    def __init__(self, document: Document, tree: ast.Module) -> None:
        self.document = document
        self.tree = tree
        classes = [statement for statement in tree.body if isinstance(statement, ast.ClassDef)]
        self.names = _names(classes)
        self.used: set[str] = set()

    def schema(self, module: cst.Module) -> Schema:
        entity_types: list[EntityType] = []
        by_name: dict[str, EntityType] = {}
        enumerations = []
        text_subclasses = []
        registers = []
        imports: list[Import] = []
        section: list[str] = []
        statements = paired(module, self.tree.body)
        for position, statement in enumerate(statements):
            match statement.node:
                case ast.Expr(value=ast.Constant(value=str(text))) if position > 0:
                    section.append(text)
                case ast.ImportFrom():
                    imports += _imports(statement.node)
                case ast.ClassDef(name=name):
                    heading = "\n".join(section)
                    section = []
                    if name in self.names.enumerations:
                        enumerations.append(self._enumeration(statement.node, heading))
                    elif name in self.names.text_subclasses:
                        text_subclasses.append(self._text_subclass(statement.node, heading))
                    else:
                        entity_type = self._entity_type(statement, by_name, heading)
                        by_name[name] = entity_type
                        entity_types.append(entity_type)
                case ast.Assign() | ast.AnnAssign():
                    registers += _registers(statement.node)
                case _:
                    pass
        return Schema.of(
            entity_types,
            enumerations=tuple(enumerations),
            text_subclasses=tuple(text_subclasses),
            registers=tuple(registers),
            imports=tuple(one for one in imports if one.bound_name in self.used),
            definition=ast.get_docstring(self.tree, clean=False) or "",
        )

    def _location(self, node: ast.stmt) -> Location | None:
        span = node_span(self.document, node)
        return None if span is None else self.document.location(span)

    def _bases(self, node: ast.ClassDef) -> tuple[str, ...]:
        self.used.update(last_name(base) for base in node.bases if isinstance(base, ast.Name))
        return tuple(ast.unparse(base) for base in node.bases)

    def _enumeration(self, node: ast.ClassDef, section: str) -> Enumeration:
        members = []
        for statement in node.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    folded = constant(value)
                    if folded is not None:
                        members.append(EnumMember(name=name, value=folded.value))
                case _:
                    pass
        return Enumeration(
            name=node.name,
            definition=ast.get_docstring(node, clean=False) or "",
            bases=self._bases(node),
            members=tuple(members),
            section=section,
            location=self._location(node),
        )

    def _text_subclass(self, node: ast.ClassDef, section: str) -> TextSubclass:
        return TextSubclass(
            name=node.name,
            definition=ast.get_docstring(node, clean=False) or "",
            bases=self._bases(node),
            decorated=bool(node.decorator_list),
            section=section,
            location=self._location(node),
        )

    def _entity_type(self, statement: Statement, by_name: dict[str, EntityType], section: str) -> EntityType:
        node = statement.node
        concrete = statement.concrete
        if not isinstance(node, ast.ClassDef) or not isinstance(concrete, cst.ClassDef):
            raise Disagreement(f"line {statement.node.lineno} is a class to one parser only")
        if concrete.name.value != node.name and concrete.name.value.isascii():
            raise Disagreement(f"class {node.name} against {concrete.name.value}")
        options = tuple(_options(node))
        keyword_only = any(option.name == "kw_only" and option.value is True for option in options)
        attributes: dict[str, Attribute] = {}
        for base in reversed(node.bases):
            parent = by_name.get(last_name(base))
            for attribute in parent.attributes if parent else ():
                attributes[attribute.name] = attribute.model_copy(update={"inherited": True})
        attributes.update(
            (attribute.name, attribute) for attribute in self._attributes(concrete.body, node.body, keyword_only)
        )
        return EntityType(
            name=node.name,
            definition=ast.get_docstring(node, clean=False) or "",
            bases=self._bases(node),
            attributes=tuple(attributes.values()),
            decorated=bool(node.decorator_list),
            options=options,
            section=section,
            location=self._location(node),
        )

    def _attributes(self, suite: cst.BaseSuite, body: Sequence[ast.stmt], keyword_only: bool) -> Iterator[Attribute]:
        statements = paired(suite, body)
        for statement, following in zip(statements, [*statements[1:], None], strict=True):
            match statement.node:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                    if last_name(annotation) == "KW_ONLY":
                        keyword_only = True
                        continue
                    if isinstance(annotation, ast.Subscript) and last_name(annotation.value) == "ClassVar":
                        continue
                    self.used.update(_type_names(annotation))
                    yield Attribute(
                        name=name,
                        type=read(annotation, self.names),
                        description=_description(statement, following),
                        required=not _has_default(value),
                        default=self._default(value),
                        keyword_only=bool(_field_option(value, "kw_only", keyword_only)),
                        init=bool(_field_option(value, "init", True)),
                        location=self._location(statement.node),
                    )
                case _:
                    pass

    def _default(self, value: ast.expr | None) -> Default:
        match value:
            case None:
                return None
            case ast.Call(keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == "default":
                        return self._default(keyword.value)
                    if keyword.arg == "default_factory":
                        return FactoryDefault.model_validate({"factory": last_name(keyword.value)})
                return None
            case ast.Attribute(value=ast.Name(id=enum), attr=member) if enum in self.names.enumerations:
                return MemberDefault(enum=enum, member=member)
            case _:
                folded = constant(value)
                return ExpressionDefault(source=ast.unparse(value)) if folded is None else folded.value


def _names(classes: Iterable[ast.ClassDef]) -> Names:
    entity_types: set[str] = set()
    enumerations: set[str] = set()
    text_subclasses: set[str] = set()
    for node in classes:
        bases = {last_name(base) for base in node.bases}
        annotated = any(isinstance(statement, ast.AnnAssign) for statement in node.body)
        for known in (entity_types, enumerations, text_subclasses):
            known.discard(node.name)
        if bases & (_ENUM_BASES | enumerations):
            enumerations.add(node.name)
        elif bases & ({"str"} | text_subclasses) and not annotated:
            text_subclasses.add(node.name)
        else:
            entity_types.add(node.name)
    return Names(frozenset(entity_types), frozenset(enumerations), frozenset(text_subclasses))


def _options(node: ast.ClassDef) -> Iterator[DataclassOption]:
    for decorator in node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            folded = constant(keyword.value)
            if keyword.arg is not None and folded is not None:
                yield DataclassOption(name=keyword.arg, value=folded.value)


def _has_default(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return any(keyword.arg in ("default", "default_factory") for keyword in value.keywords)
    return value is not None


def _field_option(value: ast.expr | None, name: str, otherwise: bool) -> object:
    for keyword in value.keywords if isinstance(value, ast.Call) else ():
        if keyword.arg == name and isinstance(keyword.value, ast.Constant):
            return keyword.value.value
    return otherwise


def _type_names(annotation: ast.expr) -> Iterator[str]:
    for node in ast.walk(annotation):
        match node:
            case ast.Name(id=name):
                yield name
            case ast.Constant(value=str(text)):
                yield text.strip()
            case _:
                pass


def _description(statement: Statement, following: Statement | None) -> str:
    """Join the comment above, the trailing comment and the attribute docstring, in that order."""
    parts = ["\n".join(statement.above)]
    if statement.trailing is not None:
        parts.append(statement.trailing)
    match following:
        case Statement(node=ast.Expr(value=ast.Constant(value=str(docstring))), anywhere_above=between):
            parts += [*between, clean(docstring)]
        case _:
            pass
    return "\n".join(part for part in parts if part)


def _imports(node: ast.ImportFrom) -> Iterator[Import]:
    module = "." * node.level + (node.module or "")
    if module in _KNOWN_MODULES:
        return
    for alias in node.names:
        if alias.name != "*":
            yield Import(module=module, name=alias.name, alias=alias.asname)


def _registers(node: ast.Assign | ast.AnnAssign) -> Iterator[Register]:
    """Read a module-level list of class names; anything else declares nothing."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=elements)):
            annotation = None
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.List(elts=elements)):
            annotation = ast.unparse(node.annotation)
        case _:
            return
    if elements and all(isinstance(element, ast.Name) for element in elements):
        yield Register(name=name, annotation=annotation, entity_types=tuple(last_name(one) for one in elements))
