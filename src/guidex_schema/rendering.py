"""Write a schema as guidelines: Python source that ``parse_guideline`` reads back into the same schema."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from guidex_schema.annotation import written, written_constant
from guidex_schema.memo import remembered
from guidex_schema.prose import common_indentation
from guidex_schema.schema import (
    Attribute,
    Constant,
    DataclassOption,
    EntityType,
    Enumeration,
    ExpressionDefault,
    FactoryDefault,
    MemberDefault,
    Schema,
    TextSubclass,
)

_TYPING = ("Any", "Dict", "List", "Literal", "Optional", "Set", "Tuple", "Type", "Union")
_ENUM = ("Enum", "StrEnum", "IntEnum", "Flag", "IntFlag")
_INDENT = "    "

# Those of a row, which several rules ask for, and of its neighbours; each counts with its attributes.
_REMEMBERED_TYPES = 2_048
# Rows write most of their annotations alike, and then have the same type for them.
_REMEMBERED_ANNOTATIONS = 1024


def render_guideline(schema: Schema) -> str:
    """Write a schema as Python source.

    Forward references are quoted, descriptions become attribute docstrings, and what the source uses from
    dataclasses, typing and enum is imported.

    Returns:
        Source for which ``parse_guideline(source).schema == schema`` holds.
    """
    declared: set[str] = set()
    body: list[str] = []
    for enumeration in schema.enumerations:
        body += ["", "", *_section(enumeration.section), *_enumeration(enumeration)]
        declared.add(enumeration.name)
    for text_subclass in schema.text_subclasses:
        body += ["", "", *_section(text_subclass.section), *_text_subclass(text_subclass)]
        declared.add(text_subclass.name)
    for entity_type in schema.entity_types:
        body += ["", "", *_section(entity_type.section), *_entity_type(entity_type, frozenset(declared))]
        declared.add(entity_type.name)
    for register in schema.registers:
        annotation = f": {register.annotation}" if register.annotation else ""
        body += ["", f"{register.name}{annotation} = [{', '.join(register.entity_types)}]"]
    head = [*_docstring(schema.definition, "")] if schema.definition else []
    return "\n".join([*head, *_imports(schema, body, guarded=not head), *body]).strip("\n") + "\n"


def _imports(schema: Schema, body: Iterable[str], *, guarded: bool) -> Iterator[str]:
    """Import what the body names; a word that only a docstring holds costs an unused import at worst."""
    code = " ".join(line for line in body if not line.startswith('"""'))
    words = set(
        "".join(character if character.isidentifier() or character.isdigit() else " " for character in code).split()
    )
    declared = {*schema.class_names, *(one.bound_name for one in schema.imports)}
    written_any = False
    for module, names in (
        ("dataclasses", ("dataclass", "field")),
        ("enum", _ENUM),
        ("typing", _TYPING),
    ):
        used = [name for name in names if name in words and name not in declared]
        if used:
            written_any = True
            yield f"from {module} import {', '.join(used)}"
    for one in schema.imports:
        written_any = True
        yield f"from {one.module} import {one.name}" + (f" as {one.alias}" if one.alias else "")
    if guarded and not written_any:
        # Else a section string at the top would be read as the docstring of the module.
        yield "pass"


def _section(section: str) -> Iterator[str]:
    if section:
        yield from _docstring(section, "")
        yield ""


def _enumeration(enumeration: Enumeration) -> Iterator[str]:
    yield f"class {enumeration.name}({', '.join(enumeration.bases)}):"
    yield from _definition(enumeration.definition, empty=not enumeration.members)
    for member in enumeration.members:
        yield f"{_INDENT}{member.name} = {written_constant(member.value)}"


def _text_subclass(text_subclass: TextSubclass) -> Iterator[str]:
    if text_subclass.decorated:
        yield "@dataclass"
    yield f"class {text_subclass.name}({', '.join(text_subclass.bases)}):"
    yield from _definition(text_subclass.definition, empty=True)


def _entity_type(entity_type: EntityType, declared: frozenset[str]) -> Iterator[str]:
    if entity_type.decorated:
        yield "@dataclass" + _options(entity_type.options)
    bases = f"({', '.join(entity_type.bases)})" if entity_type.bases else ""
    yield f"class {entity_type.name}{bases}:"
    attributes = entity_type.own_attributes
    yield from _definition(entity_type.definition, empty=not attributes)
    keyword_only = any(one.name == "kw_only" and one.value is True for one in entity_type.options)
    for attribute in attributes:
        annotation = written(attribute.type, declared)
        default = written_default(attribute, keyword_only=keyword_only)
        yield f"{_INDENT}{attribute.name}: {annotation}" + (f" = {default}" if default else "")
        if attribute.description:
            yield from _docstring(attribute.description, _INDENT)


def _definition(definition: str, *, empty: bool) -> Iterator[str]:
    if definition:
        yield from _docstring(definition, _INDENT)
    elif empty:
        yield f"{_INDENT}pass"


def _options(options: tuple[DataclassOption, ...]) -> str:
    if not options:
        return ""
    return f"({', '.join(f'{one.name}={written_constant(one.value)}' for one in options)})"


def written_default(attribute: Attribute, *, keyword_only: bool = False) -> str:
    """Write what stands behind the equals sign of an attribute; "" where nothing does.

    Args:
        attribute: the attribute.
        keyword_only: the class says already that all its attributes are.
    """
    value = attribute.default
    if attribute.init and attribute.keyword_only == keyword_only and not isinstance(value, FactoryDefault):
        return "" if attribute.required else "None" if value is None else _written_value(value)
    match value:
        case FactoryDefault(factory=factory):
            arguments = [f"default_factory={factory}"]
        case default:
            arguments = [] if attribute.required else [f"default={_written_value(default)}"]
    if attribute.keyword_only != keyword_only:
        arguments.append(f"kw_only={attribute.keyword_only}")
    if not attribute.init:
        arguments.append("init=False")
    return f"field({', '.join(arguments)})" if arguments else ""


def _written_value(default: Constant | MemberDefault | ExpressionDefault) -> str:
    match default:
        case None | bool() | int() | float() | str():
            return written_constant(default)
        case MemberDefault(enum=enum, member=member):
            return f"{enum}.{member}"
        case ExpressionDefault(source=source):
            return source
        case _:
            assert_never(default)


@remembered(_REMEMBERED_TYPES, lambda one: 1 + len(one.attributes))
def shape(entity_type: EntityType) -> str:
    """Write an entity type as its constructor is called: ``Person(mention: str, role: Optional[str] = None)``."""
    return f"{entity_type.name}({', '.join(map(_parameter, entity_type.attributes))})"


_written_type = remembered(_REMEMBERED_ANNOTATIONS)(written)


def _parameter(attribute: Attribute) -> str:
    default = written_default(attribute)
    plain = f"{attribute.name}: {_written_type(attribute.type)}"
    return f"{plain} = {default}" if default else plain


def _docstring(text: str, indent: str) -> Iterator[str]:
    """Write text as a docstring that says the text again once it is dedented."""
    # A quote at the end would be taken for the first of those that close the docstring.
    body = text.rstrip('"')
    lines = _escaped(body).split("\n")
    lines[-1] += '\\"' * (len(text) - len(body))
    if len(lines) == 1:
        yield f'{indent}"""{lines[0]}"""'
        return
    if common_indentation(lines[1:]):
        # Else what is common to all lines but the first would be taken for the indentation of the code.
        lines = ["", *lines]
    yield f'{indent}"""{lines[0]}'
    yield from (indent + line if line else "" for line in lines[1:-1])
    yield f'{indent}{lines[-1]}"""'


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return "".join(one if one.isprintable() or one in "\t\n" else _escape(one) for one in escaped)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
