"""An attribute of generated guidelines has a default that is a value: an instance that leaves it out would hold it.

Nobody has found that value in the document, and nobody would look for it there: it stands in no labels. A default says
that a text may leave something unsaid. It is `None`, an empty container, a truth value, a member of an enumeration, or
one of the values that the type itself names. Guidelines of a user have the defaults that the user gave them.

Source: project decision (SPEC 29); GuideX, arXiv:2506.00649, section 3 (values are exact pieces of the text).
"""

from collections.abc import Iterator

from guidex_schema import classes, imports
from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.schema import Attribute, ExpressionDefault, FactoryDefault, LiteralType, MemberDefault, leaves
from guidex_schema.stage_output import StageOutput

CODE = "GX613"
NAME = "value-as-default"
SEVERITY = Severity.ERROR

_HEAD = "from dataclasses import dataclass, field\n\n\n@dataclass\nclass Person:\n"

VALID = (
    Example(
        output=f"{_HEAD}    a: Optional[str] = None\n    b: List[str] = field(default_factory=list)\n"
        "    c: bool = False\n    d: Literal['x', 1] = 'x'\n"
        "    e: Tuple[str, ...] = ()\n    f: str = field(default=None)\n    g: int\n",
        stage="guideline",
    ),
    Example(
        output=f"class Role(Enum):\n    A = 'a'\n\n\n{_HEAD}    role: Role = Role.A\n    n: ClassVar[int] = 3\n",
        stage="guideline",
    ),
    Example(output='{"mention: str": "Zorro"}', document="Zorro"),
)

INVALID = (
    Example(
        output=f'{_HEAD}    mention: str = "Zorro"\n',
        stage="guideline",
        at='"Zorro"',
        part="output",
        path="Person.mention",
        message="the default of `Person.mention` is the value `'Zorro'`, which no text has to say; make it None",
    ),
    Example(
        output=f"{_HEAD}    year: Optional[int] = field(default=1999)\n",
        stage="guideline",
        at="1999",
        part="output",
        path="Person.year",
        message="the default of `Person.year` is the value `1999`, which no text has to say; make it None",
    ),
    Example(
        output=f"{_HEAD}    kind: Literal[1] = True, 'x'\n",
        stage="guideline",
        at="True, 'x'",
        part="output",
        path="Person.kind",
        message="the default of `Person.kind` is the value `(True, 'x')`, which no text has to say; make it None",
    ),
)

# What is empty says nothing, and is written like this; mutable ones are refused elsewhere.
_EMPTY = frozenset(("()", "[]", "{}"))


def gate(output: StageOutput) -> Iterator[Fault]:
    """Look at the default of every attribute."""
    if output.stage != "guideline" or not output.is_read:
        return
    guideline = output.guideline
    for entity_type, node in classes.declared(guideline):
        # Of an attribute that is declared twice, Python takes the last.
        statements = {one.target.id: one.statement for one in imports.declarations(node)}
        for attribute in entity_type.own_attributes:
            if not _is_value(attribute):
                continue
            statement = statements[attribute.name]
            default = attribute.default
            words = quoted(default.source if isinstance(default, ExpressionDefault) else repr(default))
            yield Fault(
                rule=NAME,
                message=f"the default of {quoted(f'{node.name}.{attribute.name}')} is the value {words}, which no text "
                "has to say; make it None",
                part="output",
                span=guideline.span(classes.default_of(statement) or statement),
                path=f"{node.name}.{attribute.name}",
            )


def _is_value(attribute: Attribute) -> bool:
    match attribute.default:
        case None | bool() | FactoryDefault() | MemberDefault():
            return False
        case ExpressionDefault(source=source):
            return source not in _EMPTY
        case constant:
            named = {
                (type(value), value)
                for one in leaves(attribute.type)
                if isinstance(one, LiteralType)
                for value in one.values
            }
            return (type(constant), constant) not in named
