"""Labels call a class that the row's guidelines do not define.

Each row is judged by its own guidelines only: a class that another row defined does not count. The nearest name of
the row is suggested.

Source: GuideX, arXiv:2506.00649, whose filter lets one row's classes satisfy the next; GoLLIE's HallucinatedType.
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.suggestion import nearest, rename

CODE = "GX201"
NAME = "undefined-class"
SEVERITY = Severity.ERROR

VALID = (
    Example(labels='[Person(mention="Ada")]'),
    Example(guidelines="class A:\n    x int\n", labels="[A(x=1)]"),
)

INVALID = (
    Example(
        labels='[Persn(mention="Ada")]',
        at="Persn",
        path="result[0]",
        fixed='[Person(mention="Ada")]',
        message="the guidelines define no class `Persn`; did you mean `Person`?",
        title="Write `Person`",
    ),
    Example(
        labels='[Person(mention="Ada", children=[Robot(x=1)])]',
        at="Robot",
        path="result[0].children[0]",
        message="the guidelines define no class `Robot`",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Compare every callee with the names that the guidelines declare, read or not."""
    known = {*subject.guideline.schema.class_names, *subject.guideline.unreadable}
    for site in () if subject.used <= known else subject.sites:
        name = site.instance.class_name
        if name in known:
            continue
        near = nearest(name, known)
        yield Fault(
            rule=NAME,
            message=f"the guidelines define no class {quoted(name)}"
            + (f"; did you mean {quoted(near)}?" if near else ""),
            part="labels",
            span=site.instance.name_span,
            path=site.path,
            fix=rename(site.instance.name_span, near),
        )
