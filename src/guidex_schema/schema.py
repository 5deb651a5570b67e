"""The schema IR: what a set of annotation guidelines declares, without any code.

The IR carries what people (GoLLIE, arXiv:2310.03668) and models (GuideX, arXiv:2506.00649) write as
dataclasses. A new output is a new module that walks these types; nothing here knows that it exists.
"""

from collections.abc import Iterable, Mapping, Set
from functools import cached_property
from typing import Literal, NamedTuple

from pydantic import model_validator

from guidex_schema.attribute_type import (
    AnyType,
    AttributeType,
    BooleanType,
    Constant,
    Default,
    EnumType,
    ExpressionDefault,
    FactoryDefault,
    IntegerType,
    ListType,
    LiteralType,
    MappingType,
    MemberDefault,
    NoneType,
    NumberType,
    OptionalType,
    ReferenceType,
    SetType,
    TextType,
    TupleType,
    UnionType,
    UnknownType,
    leaves,
    optional_of,
    references,
    union_of,
    unknown_sources,
)
from guidex_schema.frozen import Frozen
from guidex_schema.prose import CleanText, clean
from guidex_schema.text import Location

# The types of attributes are part of the IR; a reader needs one import.
__all__ = [
    "ROOTS",
    "AnyType",
    "Attribute",
    "AttributeType",
    "BooleanType",
    "CleanText",
    "Constant",
    "DataclassOption",
    "Default",
    "EntityKind",
    "EntityType",
    "EnumMember",
    "EnumType",
    "Enumeration",
    "ExpressionDefault",
    "FactoryDefault",
    "Import",
    "IntegerType",
    "ListType",
    "LiteralType",
    "MappingType",
    "MemberDefault",
    "NoneType",
    "NumberType",
    "OptionalType",
    "ReferenceType",
    "Register",
    "Schema",
    "SetType",
    "TextSubclass",
    "TextType",
    "TupleType",
    "UnionType",
    "UnknownType",
    "clean",
    "kinds",
    "leaves",
    "optional_of",
    "references",
    "union_of",
    "unknown_sources",
]

EntityKind = Literal["entity", "relation", "event", "template", "wrapper", "unknown"]

# GoLLIE's own root classes: a guideline file may derive from them without importing them.
ROOTS: Mapping[str, EntityKind] = {
    "Entity": "entity",
    "Relation": "relation",
    "Event": "event",
    "Template": "template",
}


class Attribute(Frozen):
    """Declare one attribute of an entity type.

    Attributes:
        description: the comment above, the trailing comment and the attribute docstring, in that order.
        required: it has no default. With ``required`` the field ``default`` is None and means nothing.
        inherited: it is declared by a base of this schema and not again by the type itself.
        keyword_only: no positional argument reaches it (``kw_only``).
        init: the constructor takes it (``field(init=False)`` says no).
        location: where it is declared; ignored when schemas are compared.
    """

    name: str
    type: AttributeType
    description: CleanText = ""
    required: bool = True
    default: Default = None
    inherited: bool = False
    keyword_only: bool = False
    init: bool = True
    location: Location | None = None


class DataclassOption(Frozen):
    """One constant option of ``@dataclass(...)``."""

    name: str
    value: Constant


class EntityType(Frozen):
    """Declare one entity type.

    Attributes:
        kind: follows from the bases and from who references whom; see ``kinds``.
        definition: the class docstring.
        bases: names of the base classes as they are written.
        attributes: what the constructor takes, in its order: inherited attributes first.
        decorated: it carries ``@dataclass``.
        options: the decorator's constant options.
        section: the module-level string that stands directly above, a heading of hand-written guidelines.
        location: the class statement; ignored when schemas are compared.
    """

    name: str
    kind: EntityKind = "unknown"
    definition: CleanText = ""
    bases: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    decorated: bool = True
    options: tuple[DataclassOption, ...] = ()
    section: CleanText = ""
    location: Location | None = None

    def attribute(self, name: str) -> Attribute | None:
        """Give the attribute of that name, or None."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)

    @property
    def own_attributes(self) -> tuple[Attribute, ...]:
        """Give the attributes that this class itself declares."""
        return tuple(attribute for attribute in self.attributes if not attribute.inherited)

    @property
    def positional_attributes(self) -> tuple[Attribute, ...]:
        """Give the attributes that positional arguments fill, in order."""
        return tuple(attribute for attribute in self.attributes if attribute.init and not attribute.keyword_only)


class EnumMember(Frozen):
    """One member of an enumeration."""

    name: str
    value: Constant


class Enumeration(Frozen):
    """Declare an ``Enum`` class, whose members are values and not instances."""

    name: str
    definition: CleanText = ""
    bases: tuple[str, ...] = ("Enum",)
    members: tuple[EnumMember, ...] = ()
    section: CleanText = ""
    location: Location | None = None


class TextSubclass(Frozen):
    """Declare a subclass of ``str`` that is used as a type (GoLLIE's ``Name``, ``Value``, ``String``)."""

    name: str
    definition: CleanText = ""
    bases: tuple[str, ...] = ("str",)
    decorated: bool = False
    section: CleanText = ""
    location: Location | None = None


class Register(Frozen):
    """A module-level list of entity types, as in ``ENTITY_DEFINITIONS: List[Type] = [Person, Place]``."""

    name: str
    annotation: str | None = None
    entity_types: tuple[str, ...] = ()


class Import(Frozen):
    """A name that the types or bases use and that another module declares."""

    module: str
    name: str
    alias: str | None = None

    @property
    def bound_name(self) -> str:
        """Give the name that the import binds in the guidelines."""
        return self.alias or self.name


class Schema(Frozen):
    """Hold all that a set of guidelines declares, in source order.

    Raises:
        pydantic.ValidationError: a ``kind`` differs from what bases and references say.
    """

    entity_types: tuple[EntityType, ...] = ()
    enumerations: tuple[Enumeration, ...] = ()
    text_subclasses: tuple[TextSubclass, ...] = ()
    registers: tuple[Register, ...] = ()
    imports: tuple[Import, ...] = ()
    definition: CleanText = ""

    @model_validator(mode="after")
    def _kinds_follow(self) -> "Schema":
        derived = kinds(self.entity_types)
        for entity_type in self.entity_types:
            if entity_type.kind != derived[entity_type.name]:
                raise ValueError(
                    f"{entity_type.name} is declared as {entity_type.kind}, but its bases and references "
                    f"make it {derived[entity_type.name]}; leave kinds to Schema.of"
                )
        return self

    @classmethod
    def of(cls, entity_types: Iterable[EntityType], **others: object) -> "Schema":
        """Build a schema and derive every kind.

        Args:
            entity_types: in source order; their kinds are replaced.
            others: the remaining fields of ``Schema``.
        """
        types = tuple(entity_types)
        derived = kinds(types)
        return cls.model_validate(
            {
                "entity_types": tuple(one.model_copy(update={"kind": derived[one.name]}) for one in types),
                **others,
            }
        )

    @cached_property
    def _entity_types_by_name(self) -> dict[str, EntityType]:
        return {entity_type.name: entity_type for entity_type in self.entity_types}

    def entity_type(self, name: str) -> EntityType | None:
        """Give the entity type of that name (the last one, as Python would), or None."""
        return self._entity_types_by_name.get(name)

    def enumeration(self, name: str) -> Enumeration | None:
        """Give the enumeration of that name, or None."""
        return next((one for one in self.enumerations if one.name == name), None)

    def text_subclass(self, name: str) -> TextSubclass | None:
        """Give the str subclass of that name, or None."""
        return next((one for one in self.text_subclasses if one.name == name), None)

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Give the names of everything that labels may call."""
        declared: tuple[EntityType | Enumeration | TextSubclass, ...] = (
            *self.entity_types,
            *self.enumerations,
            *self.text_subclasses,
        )
        return tuple(dict.fromkeys(one.name for one in declared))

    def descends(self, name: str, ancestor: str) -> bool:
        """Say whether the entity type ``name`` is ``ancestor`` or derives from it."""
        return ancestor in self.lineage(name)

    def lineage(self, name: str) -> frozenset[str]:
        """Give the names of a class and of all that it derives from, declared here or not."""
        if name not in self._lineages:
            self._lineages[name] = _lineage(name, self._entity_types_by_name)
        return self._lineages[name]

    @cached_property
    def _lineages(self) -> dict[str, frozenset[str]]:
        return {}

    def without_locations(self) -> "Schema":
        """Give the same schema with every location left out, for comparing."""
        return Schema.of(
            (
                one.model_copy(
                    update={
                        "location": None,
                        "attributes": tuple(a.model_copy(update={"location": None}) for a in one.attributes),
                    }
                )
                for one in self.entity_types
            ),
            enumerations=tuple(one.model_copy(update={"location": None}) for one in self.enumerations),
            text_subclasses=tuple(one.model_copy(update={"location": None}) for one in self.text_subclasses),
            registers=self.registers,
            imports=self.imports,
            definition=self.definition,
        )

    def __eq__(self, other: object) -> bool:
        """Compare what is declared; where it is declared does not matter."""
        if not isinstance(other, Schema):
            return NotImplemented
        return self.without_locations().__dict__ == other.without_locations().__dict__

    def __hash__(self) -> int:
        """Agree with equality: names and counts do not depend on locations."""
        return hash(tuple(one.name for one in self.entity_types))


def _lineage(name: str, types: Mapping[str, EntityType]) -> frozenset[str]:
    """Give a class and all its ancestors; cycles, which Python would refuse, end the walk."""
    seen: set[str] = set()
    pending = [name]
    while pending:
        current = pending.pop()
        if current not in seen:
            seen.add(current)
            pending += types[current].bases if current in types else ()
    return frozenset(seen)


class Relations(NamedTuple):
    """What the kind of an entity type follows from: its bases, and the entity types that its attributes mention."""

    bases: tuple[str, ...]
    mentioned: Set[str]


def kinds(entity_types: Iterable[EntityType]) -> dict[str, EntityKind]:
    """Derive the kind of every entity type; ``derived_kinds`` says how."""
    return derived_kinds(
        {
            one.name: Relations(
                one.bases, frozenset().union(*(references(attribute.type) for attribute in one.attributes))
            )
            for one in entity_types
        }
    )


def derived_kinds(types: Mapping[str, Relations]) -> dict[str, EntityKind]:
    """Derive the kind of every entity type.

    A type that descends from a GoLLIE root has the root's kind. Otherwise it is a wrapper if it references
    at least two other types and none references it, else unknown.

    Args:
        types: each entity type by its name.
    """
    outgoing = {name: one.mentioned - {name} for name, one in types.items()}
    referenced = frozenset().union(*outgoing.values())
    derived = _kinds_of_roots(types) if any(one.bases for one in types.values()) else {}
    for name in types:
        if name not in derived:
            wraps = name not in referenced and len(outgoing[name] & types.keys()) >= 2
            derived[name] = "wrapper" if wraps else "unknown"
    return derived


def _kinds_of_roots(types: Mapping[str, Relations]) -> dict[str, EntityKind]:
    """Hand each root's kind down to all that derive from it; where two meet, the nearer, then the first base, wins."""
    derived: dict[str, EntityKind] = {name: kind for name, kind in ROOTS.items() if name not in types}
    heirs: dict[str, list[str]] = {}
    for name, entity_type in types.items():
        for base in entity_type.bases:
            heirs.setdefault(base, []).append(name)
    level = list(derived)
    while level:
        found: dict[str, EntityKind] = {}
        for heir in dict.fromkeys(heir for name in level for heir in heirs.get(name, ())):
            if heir not in derived:
                found[heir] = next(derived[base] for base in types[heir].bases if base in derived)
        derived |= found
        level = list(found)
    return {name: kind for name, kind in derived.items() if name in types}
