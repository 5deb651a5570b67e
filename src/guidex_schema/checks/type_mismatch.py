"""A value is not of the type that its attribute declares, at any depth.

Dataclasses check no type, so training data with a str where a list belongs passes unnoticed. An int satisfies float;
a bool satisfies neither int nor float; a tuple is no list; None satisfies an attribute whose default is None; a str
subclass of the guidelines accepts plain strings.

Source: PEP 484 (the numeric tower); project decision (SPEC 12).
"""

from collections.abc import Iterator

from guidex_schema.conformance import Violation, violations
from guidex_schema.diagnostic import Edit, Fix
from guidex_schema.instance import IntegerValue, NumberValue
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.schema import ListType, OptionalType, Schema, TextType
from guidex_schema.text import Span
from guidex_schema.wording import described, expectation

CODE = "GX204"
NAME = "type-mismatch"
SEVERITY = Severity.ERROR

_TYPES = '''from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple, Union

@dataclass
class Work:
    """A work."""
    title: str
    year: int = 0
    price: float = 0.0
    tags: Optional[List[str]] = None
    size: Tuple[int, int] = (0, 0)
    names: Dict[str, str] = field(default_factory=dict)
    rank: Union[int, str] = 0
    open: bool = False
    parts: List["Work"] = field(default_factory=list)
'''

VALID = (
    Example(labels='[Person(mention="Ada", role=None, children=[Person(mention="Bob")])]'),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", 1, 2, ["y"], (1, 2), {"en": "x"}, "first", True, []), Work("x", price=1.5, rank=3)]',
    ),
)

INVALID = (
    Example(
        labels='[Person(mention=["Ada"])]',
        at='["Ada"]',
        path="result[0].mention",
        message="a list of 1 stands where `str` is declared",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", tags="y")]',
        at='"y"',
        path="result[0].tags",
        fixed='[Work("x", tags=["y"])]',
        message="the str `y` stands where `Optional[List[str]]` is declared",
        title="Put the value into a list",
    ),
    Example(
        guidelines=_TYPES,
        labels="[Work(1867)]",
        at="1867",
        path="result[0].title",
        fixed='[Work("1867")]',
        message="the int 1867 stands where `str` is declared",
        title="Put the number into quotes",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", "old")]',
        at='"old"',
        path="result[0].year",
        message="the str `old` stands where `int` is declared",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", True)]',
        at="True",
        path="result[0].year",
        message="the bool True stands where `int` is declared",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", None)]',
        at="None",
        path="result[0].year",
        message="None stands where `int` is declared",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", tags=["y", 2])]',
        at="2",
        path="result[0].tags[1]",
        fixed='[Work("x", tags=["y", "2"])]',
        message="the int 2 stands where `str` is declared",
        title="Put the number into quotes",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", size=(1, 2, 3))]',
        at="(1, 2, 3)",
        path="result[0].size",
        message="a tuple of 3 stands where `Tuple[int, int]` is declared",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", size=[1, 2])]',
        at="[1, 2]",
        path="result[0].size",
        message="a list of 2 stands where `Tuple[int, int]` is declared",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", names={"en": 1})]',
        at="1",
        path="result[0].names['en']",
        fixed='[Work("x", names={"en": "1"})]',
        message="the int 1 stands where `str` is declared",
        title="Put the number into quotes",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", rank=1.5)]',
        at="1.5",
        path="result[0].rank",
        message="the float 1.5 stands where `Union[int, str]` is declared",
    ),
    Example(
        guidelines=_TYPES,
        labels='[Work("x", parts=[{"title": "y"}])]',
        at='{"title": "y"}',
        path="result[0].parts[0]",
        message="a dict stands where `Work` is declared",
    ),
    Example(
        labels='[Person("Ada", children=Person("Bob"))]',
        at='Person("Bob")',
        path="result[0].children",
        fixed='[Person("Ada", children=[Person("Bob")])]',
        message="an instance of `Person` stands where `Optional[List[Person]]` is declared",
        title="Put the value into a list",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Hold every argument against the type of the attribute that it fills."""
    schema = subject.guideline.schema
    for violation in subject.violations:
        if violation.kind == "type":
            yield Fault(
                rule=NAME,
                message=f"{described(violation.mention.value)} stands where "
                f"{expectation(violation.expected)} is declared",
                part="labels",
                span=violation.mention.value.span,
                path=violation.mention.path,
                fix=_fix(violation, schema, subject.record.labels),
            )


def _fix(violation: Violation, schema: Schema, labels: str) -> Fix | None:
    """Wrap a lone value in a list, or a number in quotes: what models most often get wrong."""
    value = violation.mention.value
    written = labels[value.span.start : value.span.end]
    expected = violation.expected
    match expected.of if isinstance(expected, OptionalType) else expected:
        case ListType(of=of) if not any(violations(violation.mention, of, schema)):
            return _replacement(value.span, f"[{written}]", "Put the value into a list")
        case TextType() if isinstance(value, IntegerValue | NumberValue):
            return _replacement(value.span, f'"{written}"', "Put the number into quotes")
        case _:
            return None


def _replacement(span: Span, text: str, title: str) -> Fix:
    return Fix(title=title, safe=False, edits=(Edit(start=span.start, end=span.end, replacement=text),))
