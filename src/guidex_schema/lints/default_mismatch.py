"""A default does not fit the type of its attribute.

Every instance that leaves the attribute out has a value that no annotator may write. `None` is no such default: it
makes an attribute optional. The fix for the raw value of an enumeration writes its member.

Source: PEP 484 (type hints of default values); project decision (SPEC 12).
"""

import ast
from collections.abc import Iterator, Set

from guidex_schema import classes, imports
from guidex_schema.annotation import constant
from guidex_schema.conformance import Violation, fits, fits_constant, violations
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.instance import (
    BooleanValue,
    Entry,
    IntegerValue,
    ListValue,
    MappingValue,
    MemberValue,
    Mention,
    NoneValue,
    NumberValue,
    SetValue,
    TextValue,
    TupleValue,
    Value,
)
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.schema import (
    Attribute,
    Constant,
    EnumType,
    ExpressionDefault,
    FactoryDefault,
    MemberDefault,
    Schema,
)
from guidex_schema.text import Span
from guidex_schema.wording import described, expectation

CODE = "GX133"
NAME = "default-mismatch"
SEVERITY = Severity.WARNING

_ROLE = "class Role(Enum):\n    WRITER = 'writer'\n\n"

VALID = (
    Example(),
    Example(guidelines=_ROLE + "class A:\n    x: List[str] = None\n    y: float = 1\n    z: Role = Role.WRITER\n"),
    Example(
        guidelines="class A:\n    x: List[str] = field(default_factory=list)\n    y: Unknown = 1\n    z: int = ...\n"
    ),
    Example(guidelines="class Name(str):\n    pass\n\nclass A:\n    x: Name = ''\n    y: Literal['a', 1] = 1\n"),
    Example(guidelines="NOBODY = 'nobody'\n\nclass A:\n    x: int = NOBODY\n    y: Tuple[int, str] = (1, NOBODY)\n"),
)

INVALID = (
    Example(
        guidelines="class A:\n    x: int = '1'\n",
        at="'1'",
        part="guidelines",
        path="A.x",
        message="the default of `A.x` is the str `1`, where `int` is declared",
    ),
    Example(
        guidelines="class A:\n    x: str = field(default_factory=list)\n",
        at="field(default_factory=list)",
        part="guidelines",
        path="A.x",
        message="the default of `A.x` is a list of 0, where `str` is declared",
    ),
    Example(
        guidelines=_ROLE + "class A:\n    x: Optional[Role] = 'writer'\n",
        at="'writer'",
        part="guidelines",
        path="A.x",
        fixed=_ROLE + "class A:\n    x: Optional[Role] = Role.WRITER\n",
        safe=True,
        message="the default of `A.x` is the str `writer`, where `Role` is declared",
        title="Write `Role.WRITER`",
    ),
    Example(
        guidelines=_ROLE + "class A:\n    x: Role = field(default=Role.AUTHOR)\n",
        at="Role.AUTHOR",
        part="guidelines",
        path="A.x",
        message="the default of `A.x` is the member `Role.AUTHOR`, where `Role` is declared",
    ),
    Example(
        guidelines="class A:\n    x: Tuple[int, str] = (1, 2)\n",
        at="2",
        part="guidelines",
        path="A.x",
        message="the default of `A.x` holds the int 2, where `str` is declared",
    ),
    Example(
        guidelines="class A:\n    x: Role = 'writer'\n\n" + _ROLE,
        at="'writer'",
        part="guidelines",
        path="A.x",
        message="the default of `A.x` is the str `writer`, where `Role` is declared",
    ),
)

# What only has to be held against a type needs no place.
_NOWHERE = Span(start=0, end=0)


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Hold every default against the type of its attribute."""
    # None fits any type.
    if not inventory(guideline).has_values:
        return
    schema = guideline.schema
    # Where no tree was needed, the schema has every default as it is written.
    if guideline.plain is not None and all(
        _fits(attribute, schema) for entity_type in schema.entity_types for attribute in entity_type.attributes
    ):
        return
    enumerations = {one.name for one in schema.enumerations} - guideline.unreadable
    entity_types = {id(one.node): one.entity_type for one in classes.declared(guideline)}
    defined: set[str] = set()
    for node in guideline.classes:
        defined.add(node.name)
        if id(node) not in entity_types:
            continue
        attributes = {attribute.name: attribute for attribute in entity_types[id(node)].own_attributes}
        known = (enumerations & defined) - classes.names_bound_in(node) if enumerations else enumerations
        for declaration in imports.declarations(node):
            attribute = attributes.get(declaration.target.id)
            value = None if attribute is None else _default(guideline, declaration.statement, enumerations)
            if attribute is None or value is None or isinstance(value, NoneValue):
                continue
            whole = Mention(path=declaration.path, value=value)
            for violation in violations(whole, attribute.type, schema):
                found = violation.mention.value
                verb = "is" if violation.mention is whole else "holds"
                yield Fault(
                    rule=NAME,
                    message=f"the default of {quoted(declaration.path)} {verb} {described(found)}, "
                    f"where {expectation(violation.expected)} is declared",
                    part="guidelines",
                    span=found.span,
                    path=declaration.path,
                    fix=_fix(violation, schema, known),
                )


def _fits(attribute: Attribute, schema: Schema) -> bool:
    """Say whether the default of an attribute, if it has any, is known to be a value of its type."""
    match attribute.default:
        case None:
            return True
        case FactoryDefault(factory=factory):
            value = _made(factory, _NOWHERE)
        case MemberDefault() | ExpressionDefault():
            return False
        case constant:
            value = _constant(constant, _NOWHERE)
    return value is not None and fits(value, attribute.type, schema)


def _default(guideline: Guideline, statement: ast.AnnAssign, enumerations: set[str]) -> Value | None:
    """Give the default that a statement declares; None where there is none, or it cannot be told."""
    default = classes.default_of(statement)
    if default is not None:
        return _value(guideline, default, enumerations)
    factories = (one.value for one in getattr(statement.value, "keywords", ()) if one.arg == "default_factory")
    match next(factories, None), statement.value:
        case ast.Name(id=factory), ast.Call() as call:
            return _made(factory, guideline.span(call))
    return None


def _made(factory: str, span: Span) -> Value | None:
    """Give what a factory makes of nothing; None where it cannot be told."""
    match factory:
        case "list":
            return ListValue(items=(), span=span)
        case "dict":
            return MappingValue(entries=(), span=span)
        case "set":
            return SetValue(items=(), span=span)
        case "tuple":
            return TupleValue(items=(), span=span)
        case _:
            return None


def _value(guideline: Guideline, node: ast.expr, enumerations: set[str]) -> Value | None:
    """Give what an expression of constants, displays and members stands for."""
    span = guideline.span(node)
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            items = [_value(guideline, element, enumerations) for element in elements]
            known = tuple(item for item in items if item is not None)
            if len(known) < len(items):
                return None
            if isinstance(node, ast.List):
                return ListValue(items=known, span=span)
            return (TupleValue if isinstance(node, ast.Tuple) else SetValue)(items=known, span=span)
        case ast.Dict(keys=keys, values=values):
            pairs = [
                (_value(guideline, key, enumerations), _value(guideline, value, enumerations))
                for key, value in zip(keys, values, strict=True)
                if key is not None
            ]
            entries = tuple(
                Entry(key=key, value=value) for key, value in pairs if key is not None and value is not None
            )
            return MappingValue(entries=entries, span=span) if len(entries) == len(keys) else None
        case ast.Attribute(value=ast.Name(id=enum), attr=member) if enum in enumerations:
            return MemberValue(enum=enum, member=member, span=span)
        case _:
            folded = constant(node)
            return None if folded is None else _constant(folded.value, span)


def _constant(value: Constant, span: Span) -> Value:
    match value:
        case None:
            return NoneValue(span=span)
        case bool(truth):
            return BooleanValue(value=truth, span=span)
        case int(number):
            return IntegerValue(value=number, span=span)
        case float(real):
            return NumberValue(value=real, span=span)
        case str(text):
            return TextValue(value=text, span=span)


def _fix(violation: Violation, schema: Schema, known: Set[str]) -> Fix | None:
    """Write the member whose value stands there raw, where the enumeration is known by then."""
    if not isinstance(violation.expected, EnumType) or violation.expected.name not in known:
        return None
    name = violation.expected.name
    enumeration = schema.enumeration(name)
    value = violation.mention.value
    for member in enumeration.members if enumeration is not None else ():
        if fits_constant(value, member.value):
            edit = Edit(start=value.span.start, end=value.span.end, replacement=f"{name}.{member.name}")
            return Fix(title=f"Write `{name}.{member.name}`", safe=True, edits=(edit,))
    return None
