"""The reader of guidelines: the ``ast`` tree that screening passed in, a schema out.

What the tree drops, the comments, it asks of whatever has read them.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from guidex_schema.annotation import constant, names_of, read, role
from guidex_schema.comments import NO_REMARKS, Comments, Remarks, described
from guidex_schema.diagnostic import Fault, quoted
from guidex_schema.frozen import trusted
from guidex_schema.meaning import Meaning
from guidex_schema.prose import clean, dedented
from guidex_schema.registers import registers
from guidex_schema.schema import (
    Attribute,
    DataclassOption,
    Default,
    EntityKind,
    EntityType,
    Enumeration,
    EnumMember,
    ExpressionDefault,
    FactoryDefault,
    Import,
    MemberDefault,
    Relations,
    Schema,
    TextSubclass,
    derived_kinds,
    references,
    unknown_sources,
)
from guidex_schema.screening import Limits
from guidex_schema.syntax import last_name, node_location, node_span, parse
from guidex_schema.text import Document

_KNOWN_MODULES = frozenset(("dataclasses", "typing", "typing_extensions", "enum", "datetime", "__future__", "abc"))


class Reader:
    """Read one file; what cannot be read is left in ``faults`` and ``unreadable``.

    Args:
        source: what screening passed.
        tree: its tree.
        limits: the most attributes that are inherited, and the most characters that names stand for.
        by_spelling: types may be looked up by how they are written: no name in the tree has been replaced.
    """

    def __init__(self, source: str, tree: ast.Module, limits: Limits, *, by_spelling: bool) -> None:
        self.document = Document(source)
        # Where lines end in other ways, what is written where is not easily told.
        self.lines = source.split("\n") if by_spelling and "\r" not in source else ()
        self.tree = tree
        self.limits = limits
        self.types: dict[str | None, Meaning] = {}
        self.attributes_left = limits.nodes
        self.faults: list[Fault] = []
        self.unreadable: set[str] = set()
        self.names = names_of(tree, limits.nodes)

    def schema(self, comments: Comments) -> Schema:
        """Read what the file declares.

        Args:
            comments: the comments of the same source.

        Raises:
            Disagreement: what reads the comments does not see the statements of the tree.
        """
        declared: list[_Declaration] = []
        by_name: dict[str, _Declaration] = {}
        enumerations = []
        text_subclasses = []
        imports: list[Import] = []
        section: list[str] = []
        for position, statement in enumerate(self.tree.body):
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))) if position > 0:
                    section.append(dedented(text))
                case ast.ImportFrom():
                    section = []
                    imports += _imports(statement)
                case ast.ClassDef(name=name):
                    heading = clean("\n".join(section))
                    section = []
                    if name in self.names.enumerations:
                        enumerations.append(self._enumeration(statement, heading))
                    elif name in self.names.text_subclasses:
                        text_subclasses.append(self._text_subclass(statement, heading))
                    else:
                        by_name[name] = self._declaration(statement, comments.of(statement), by_name, heading)
                        declared.append(by_name[name])
                case _:
                    section = []
        derived = derived_kinds({name: one.relations for name, one in by_name.items()})
        entity_types = [one.entity_type(derived) for one in declared]
        if imports:
            used = _used_names(entity_types, [*enumerations, *text_subclasses])
            imports = [one for one in imports if one.bound_name in used]
        return trusted(
            Schema,
            {
                "entity_types": tuple(entity_types),
                "enumerations": tuple(enumerations),
                "text_subclasses": tuple(text_subclasses),
                "registers": registers(self.tree, self.limits.nodes),
                "imports": tuple(imports),
                "definition": _definition(self.tree),
            },
        )

    def _enumeration(self, node: ast.ClassDef, section: str) -> Enumeration:
        members = []
        for statement in node.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    pass
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    pass
                case _:
                    continue
            folded = constant(value)
            if folded is not None:
                members.append(EnumMember(name=name, value=folded.value))
            else:
                # A member that is no constant cannot be told, so no value of this enumeration can be judged.
                self.unreadable.add(node.name)
        return Enumeration(
            name=node.name,
            definition=_definition(node),
            bases=_bases(node),
            members=tuple(members),
            section=section,
            location=node_location(self.document, node),
        )

    def _text_subclass(self, node: ast.ClassDef, section: str) -> TextSubclass:
        return TextSubclass(
            name=node.name,
            definition=_definition(node),
            bases=_bases(node),
            decorated=bool(node.decorator_list),
            section=section,
            location=node_location(self.document, node),
        )

    def _declaration(
        self, node: ast.ClassDef, remarks: Sequence[Remarks], by_name: Mapping[str, "_Declaration"], section: str
    ) -> "_Declaration":
        options = tuple(_options(node))
        keyword_only = any(option.name == "kw_only" and option.value is True for option in options)
        attributes = self._inherited(node, by_name) if node.bases else {}
        # What is declared again mentions what it says last.
        mentioned: dict[str, Set[str]] = {name: references(one.type) for name, one in attributes.items()}
        for attribute, found in self._attributes(node.body, remarks, keyword_only):
            attributes[attribute.name] = attribute
            mentioned[attribute.name] = found
        whole = tuple(attributes.values())
        bases = _bases(node)
        return _Declaration(
            Relations(bases, frozenset().union(*mentioned.values())),
            {
                "name": node.name,
                "kind": "unknown",
                "definition": _definition(node),
                "bases": bases,
                "attributes": whole,
                "decorated": bool(node.decorator_list),
                "options": options,
                "section": section,
                "location": node_location(self.document, node),
            },
            whole,
        )

    def _inherited(self, node: ast.ClassDef, by_name: Mapping[str, "_Declaration"]) -> dict[str, Attribute]:
        """Give the attributes of the bases; refuse them where a few lines would make too many."""
        attributes: dict[str, Attribute] = {}
        for base in reversed(node.bases):
            parent = by_name.get(last_name(base))
            if parent is None:
                continue
            inherited = parent.attributes
            self.attributes_left -= len(inherited)
            if self.attributes_left < 0:
                self.faults.append(
                    Fault(
                        rule="source-limit",
                        message=f"the class {quoted(node.name)} inherits more attributes than are read",
                        part="guidelines",
                        span=node_span(self.document, base),
                    )
                )
                self.unreadable.add(node.name)
                return {}
            for attribute in inherited:
                attributes[attribute.name] = (
                    attribute if attribute.inherited else trusted(Attribute, {**vars(attribute), "inherited": True})
                )
        return attributes

    def _attributes(
        self, body: Sequence[ast.stmt], remarks: Sequence[Remarks], keyword_only: bool
    ) -> Iterator[tuple[Attribute, frozenset[str]]]:
        """Give the attributes that a class itself declares, each with the entity types that it mentions."""
        # What is declared again keeps its place.
        places: dict[str, bool] = {}
        for position, statement in enumerate(body):
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            name = statement.target.id
            value = statement.value
            place = places.setdefault(name, keyword_only)
            text = self._text(statement.annotation)
            known = self.types.get(text)
            if known is None:
                meaning = role(statement.annotation)
                if meaning in ("mark", "class variable"):
                    keyword_only = keyword_only or meaning == "mark"
                    continue
                known = self._meaning(statement.annotation, text)
            if value is None:
                required, default, is_keyword_only, init = True, None, place, True
            elif isinstance(value, ast.Call):
                required, default = not _has_default(value), self._default(value)
                is_keyword_only = bool(_field_option(value, "kw_only", place))
                init = bool(_field_option(value, "init", True))
            else:
                required, default, is_keyword_only, init = False, self._default(value), place, True
            attribute = trusted(
                Attribute,
                {
                    "name": name,
                    "type": known.type,
                    "description": _description(body, remarks, position),
                    "required": required,
                    "default": default,
                    "inherited": False,
                    "keyword_only": is_keyword_only,
                    "init": init,
                    "location": node_location(self.document, statement),
                },
            )
            yield attribute, known.mentioned

    def _meaning(self, annotation: ast.expr, text: str | None) -> Meaning:
        """Read an annotation, and keep what it states for where it is written again."""
        left = self.names.aliases.left
        found = read(annotation, self.names, text)
        if text is not None and self.names.aliases.left == left:
            self.types[text] = found
        return found

    def _text(self, annotation: ast.expr) -> str | None:
        """Give an annotation as it is written, where that takes one line of ASCII; None elsewhere."""
        if not self.lines:
            return None
        if isinstance(annotation, ast.Name):
            return annotation.id if annotation.id.isascii() else None
        if annotation.lineno != annotation.end_lineno:
            return None
        start = self.lines[annotation.lineno - 1][: annotation.end_col_offset]
        return start[annotation.col_offset :] if start.isascii() else None

    def _default(self, value: ast.expr) -> Default:
        match value:
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


class _Declaration(NamedTuple):
    """An entity type of which all is known but its kind, which follows from what others mention."""

    relations: Relations
    fields: dict[str, object]
    attributes: tuple[Attribute, ...]

    def entity_type(self, derived: Mapping[str, EntityKind]) -> EntityType:
        self.fields["kind"] = derived[str(self.fields["name"])]
        return trusted(EntityType, self.fields)


def _description(body: Sequence[ast.stmt], remarks: Sequence[Remarks], position: int) -> str:
    """Describe an attribute by its comments and by the docstring that may stand behind it."""
    following = position + 1
    if following < len(body):
        docstring = _text_of(body[following])
        if docstring is not None:
            return described(remarks[position], docstring, remarks[following])
    return described(remarks[position], None, NO_REMARKS)


def _text_of(statement: ast.stmt) -> str | None:
    """Give what a statement says that is a string and nothing else."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        value = statement.value.value
        return value if isinstance(value, str) else None
    return None


def _definition(node: ast.ClassDef | ast.Module) -> str:
    return dedented(_text_of(node.body[0]) or "") if node.body else ""


def _bases(node: ast.ClassDef) -> tuple[str, ...]:
    return tuple(base.id if isinstance(base, ast.Name) else ast.unparse(base) for base in node.bases)


def _options(node: ast.ClassDef) -> Iterator[DataclassOption]:
    for decorator in node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            folded = constant(keyword.value)
            if keyword.arg is not None and folded is not None:
                yield DataclassOption(name=keyword.arg, value=folded.value)


def _has_default(value: ast.Call) -> bool:
    return any(keyword.arg in ("default", "default_factory") for keyword in value.keywords)


def _field_option(value: ast.Call, name: str, otherwise: bool) -> object:
    for keyword in value.keywords:
        if keyword.arg == name and isinstance(keyword.value, ast.Constant):
            return keyword.value.value
    return otherwise


def _used_names(entity_types: Iterable[EntityType], others: Iterable[Enumeration | TextSubclass]) -> set[str]:
    """Give the names that bases and types use, as the schema holds them: so they survive being written again."""
    names = {base for one in others for base in one.bases}
    sources: set[str] = set()
    for entity_type in entity_types:
        names.update(entity_type.bases)
        for attribute in entity_type.own_attributes:
            names |= references(attribute.type)
            sources |= unknown_sources(attribute.type)
    for source in sources:
        tree = parse(source)
        if isinstance(tree, ast.Module):
            names.update(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return names


def _imports(node: ast.ImportFrom) -> Iterator[Import]:
    module = "." * node.level + (node.module or "")
    if module in _KNOWN_MODULES:
        return
    for alias in node.names:
        if alias.name != "*":
            yield Import(module=module, name=alias.name, alias=alias.asname)
