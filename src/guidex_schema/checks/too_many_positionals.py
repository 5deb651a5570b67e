"""An instance has more positional arguments than its entity type has attributes for them.

The constructor would raise TypeError. Keyword-only attributes and those with `init=False` take none.

Source: PEP 557 (dataclasses), "The generated __init__".
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.text import Span

CODE = "GX206"
NAME = "too-many-positionals"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person("Ada", "writer", [])]'),)

INVALID = (
    Example(
        labels='[Person("Ada", "writer", [], 1, 2)]',
        at="1, 2",
        path="result[0]",
        message="`Person` takes 3 positional argument(s), 5 are given",
    ),
    Example(
        guidelines="from dataclasses import dataclass\n\n@dataclass(kw_only=True)\nclass A:\n    x: int\n",
        labels="[A(1, x=2)]",
        at="1",
        path="result[0]",
        message="`A` takes 0 positional argument(s), 1 are given",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Count what is left when every attribute has its positional argument."""
    for site, binding in subject.broken_bindings:
        if binding.surplus:
            taken = len(site.instance.positional) - len(binding.surplus)
            yield Fault(
                rule=NAME,
                message=f"{quoted(site.instance.class_name)} takes {taken} positional argument(s), "
                f"{len(site.instance.positional)} are given",
                part="labels",
                span=Span(start=binding.surplus[0].span.start, end=binding.surplus[-1].span.end),
                path=site.path,
            )
