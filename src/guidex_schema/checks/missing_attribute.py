"""An instance lacks an attribute that its entity type requires.

The constructor would raise TypeError. An attribute with a default, None included, may be left out.

Source: PEP 557 (dataclasses), "The generated __init__".
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity, Subject

CODE = "GX203"
NAME = "missing-attribute"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="Ada"), Person("Bob")]'),)

INVALID = (
    Example(
        labels='[Person(role="writer")]',
        at="Person",
        path="result[0].mention",
        message="`Person` lacks the required attribute `mention`",
    ),
    Example(
        labels='[Person(mention="Ada", children=[Person()])]',
        at="Person",
        path="result[0].children[0].mention",
        message="`Person` lacks the required attribute `mention`",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Name every required attribute that no argument fills."""
    for site, binding in subject.broken_bindings:
        for attribute in binding.missing:
            yield Fault(
                rule=NAME,
                message=f"{quoted(site.instance.class_name)} lacks the required attribute {quoted(attribute.name)}",
                part="labels",
                span=site.instance.name_span,
                path=f"{site.path}.{attribute.name}",
            )
