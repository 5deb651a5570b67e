"""A value lies outside a closed set: a `Literal`, or the members of an `Enum`.

Literals compare by kind and value. Where an enum is declared, the raw value of a member is an error too: in Python
`"writer" == Role.WRITER` does not hold. The safe fix writes the member.

Source: PEP 586 (Literal types), PEP 435 (Enum).
"""

from collections.abc import Iterator

from guidex_schema.conformance import Violation, fits_constant
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.schema import EnumType, LiteralType, Schema
from guidex_schema.wording import described

CODE = "GX205"
NAME = "literal-violation"
SEVERITY = Severity.ERROR

_TYPES = '''from dataclasses import dataclass
from enum import Enum
from typing import List, Literal, Optional

class Role(Enum):
    """A part."""
    WRITER = "writer"
    COOK = "cook"

@dataclass
class Person:
    """A person."""
    role: Role
    size: Literal["small", "large", 1] = "small"
    more: Optional[List[Role]] = None
'''

VALID = (
    Example(
        guidelines=_TYPES,
        labels='[Person(role=Role.WRITER, size=1, more=[Role.COOK]), Person(Role("cook"), "large")]',
    ),
)

INVALID = (
    Example(
        guidelines=_TYPES,
        labels='[Person(role="writer")]',
        at='"writer"',
        path="result[0].role",
        fixed="[Person(role=Role.WRITER)]",
        safe=True,
        message="the str `writer` is none of `Role.WRITER, Role.COOK`",
        title="Write `Role.WRITER`",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Person(role="king")]',
        at='"king"',
        path="result[0].role",
        message="the str `king` is none of `Role.WRITER, Role.COOK`",
    ),
    Example(
        guidelines=_TYPES,
        labels="[Person(role=Role.KING)]",
        at="Role.KING",
        path="result[0].role",
        message="the member `Role.KING` is none of `Role.WRITER, Role.COOK`",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Person(role=Role("king"))]',
        at='Role("king")',
        path="result[0].role",
        message="an instance of `Role` is none of `Role.WRITER, Role.COOK`",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Person(Role.COOK, size="huge")]',
        at='"huge"',
        path="result[0].size",
        message="the str `huge` is none of `'small', 'large', 1`",
    ),
    Example(
        guidelines=_TYPES,
        labels="[Person(Role.COOK, size=2)]",
        at="2",
        path="result[0].size",
        message="the int 2 is none of `'small', 'large', 1`",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Person(Role.COOK, more=[Role.COOK, "cook"])]',
        at='"cook"',
        path="result[0].more[1]",
        fixed="[Person(Role.COOK, more=[Role.COOK, Role.COOK])]",
        safe=True,
        message="the str `cook` is none of `Role.WRITER, Role.COOK`",
        title="Write `Role.COOK`",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Hold every argument against the closed set that its attribute declares."""
    schema = subject.guideline.schema
    for violation in subject.violations:
        if violation.kind == "literal":
            yield Fault(
                rule=NAME,
                message=f"{described(violation.mention.value)} is none of {_choices(violation, schema)}",
                part="labels",
                span=violation.mention.value.span,
                path=violation.mention.path,
                fix=_fix(violation, schema),
            )


def _choices(violation: Violation, schema: Schema) -> str:
    match violation.expected:
        case LiteralType(values=values):
            return quoted(", ".join(repr(value) for value in values))
        case EnumType(name=name):
            enumeration = schema.enumeration(name)
            members = enumeration.members if enumeration is not None else ()
            return quoted(", ".join(f"{name}.{member.name}" for member in members))
        case _:
            raise AssertionError("only closed types are violated as a literal")


def _fix(violation: Violation, schema: Schema) -> Fix | None:
    """Write the member whose value stands there raw."""
    if not isinstance(violation.expected, EnumType):
        return None
    enumeration = schema.enumeration(violation.expected.name)
    value = violation.mention.value
    for member in enumeration.members if enumeration is not None else ():
        if fits_constant(value, member.value):
            written = f"{violation.expected.name}.{member.name}"
            edit = Edit(start=value.span.start, end=value.span.end, replacement=written)
            return Fix(title=f"Write `{written}`", safe=True, edits=(edit,))
    return None
