"""Labels are something else than a list: nothing, a string, a number, a tuple, a lone instance.

A document without annotations has the labels `[]`. The fix for a lone instance puts it into a list.

Source: GoLLIE, arXiv:2310.03668, section 3 (the result is a list of instances); project decision (SPEC 6).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import Edit, Fix
from guidex_schema.instance import Instance, ListValue
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.text import Span
from guidex_schema.wording import described

CODE = "GX208"
NAME = "labels-not-a-list"
SEVERITY = Severity.ERROR

VALID = (Example(labels="[]"), Example(labels="result = []"), Example(labels="[Person("))

INVALID = (
    Example(labels="", at="", message="the labels are empty; a document without annotations has `[]`"),
    Example(labels="# nothing here\n", at="", message="the labels are empty; a document without annotations has `[]`"),
    Example(
        labels='"I could not find anyone."',
        at='"I could not find anyone."',
        path="result",
        message="the labels are the str `I could not find anyone.`, not a list of instances",
    ),
    Example(
        labels='(Person("Ada"),)',
        at='(Person("Ada"),)',
        path="result",
        message="the labels are a tuple of 1, not a list of instances",
    ),
    Example(
        labels='Person("Ada")',
        at='Person("Ada")',
        path="result",
        fixed='[Person("Ada")]',
        message="the labels are an instance of `Person`, not a list of instances",
        title="Put the instance into a list",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Look at the value of the labels as a whole."""
    if subject.execution is None or subject.execution.sound is not None:
        return
    value = subject.execution.value
    if subject.execution.empty:
        start = subject.record.labels_start
        message = "the labels are empty; a document without annotations has `[]`"
        yield Fault(rule=NAME, message=message, part="labels", span=Span(start=start, end=start))
    elif value is not None and not isinstance(value, ListValue):
        fix = None
        if isinstance(value, Instance):
            brackets = (
                Edit(start=value.span.start, end=value.span.start, replacement="["),
                Edit(start=value.span.end, end=value.span.end, replacement="]"),
            )
            fix = Fix(title="Put the instance into a list", safe=False, edits=brackets)
        message = f"the labels are {described(value)}, not a list of instances"
        yield Fault(rule=NAME, message=message, part="labels", span=value.span, path="result", fix=fix)
