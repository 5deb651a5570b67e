"""An instance gives an attribute that its entity type does not have.

The constructor would raise TypeError. The nearest attribute that is not yet given is suggested.

Source: PEP 557 (dataclasses), "The generated __init__".
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.suggestion import nearest, rename
from guidex_schema.text import Span

CODE = "GX202"
NAME = "unexpected-attribute"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person("Ada", role="writer")]'),)

INVALID = (
    Example(
        labels='[Person(mention="Ada", rol="writer")]',
        at="rol",
        path="result[0].rol",
        fixed='[Person(mention="Ada", role="writer")]',
        message="`Person` has no attribute `rol`; did you mean `role`?",
        title="Write `role`",
    ),
    Example(
        labels='[Person("A"), Person(mention="Ada", children=[Person(mention="B", spouse="C")])]',
        at="spouse",
        path="result[1].children[0].spouse",
        message="`Person` has no attribute `spouse`",
    ),
    Example(
        labels='[Person(mention="Ada", mentions="B")]',
        at="mentions",
        path="result[0].mentions",
        message="`Person` has no attribute `mentions`",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Compare keyword arguments with the attributes of the entity type, inherited ones included."""
    for site, binding in subject.broken_bindings:
        name = site.instance.class_name
        given = {parameter.name for parameter, _ in binding.filled}
        for argument in binding.unexpected:
            span = Span(start=argument.span.start, end=argument.span.start + len(argument.name))
            free = [
                attribute.name
                for attribute in (site.entity_type.attributes if site.entity_type else ())
                if attribute.init and attribute.name not in given
            ]
            near = nearest(argument.name, free)
            yield Fault(
                rule=NAME,
                message=f"{quoted(name)} has no attribute {quoted(argument.name)}"
                + (f"; did you mean {quoted(near)}?" if near else ""),
                part="labels",
                span=span,
                path=f"{site.path}.{argument.name}",
                fix=rename(span, near),
            )
