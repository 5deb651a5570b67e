"""A set holds an item twice, or a dict a key twice.

Python keeps one of them without a word, so that what was written is not what is read.

Source: Python language reference, sections 6.2.6 and 6.2.7 (set and dictionary displays).
"""

from collections.abc import Iterator

from guidex_schema.instance import MappingValue, Mention, SetValue, Value, children, signature
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.wording import described

CODE = "GX211"
NAME = "repeated-item"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person({"a", "b", 1, True}, role={"a": 1, "b": 1})]'),)

INVALID = (
    Example(
        labels='[Person({"a", "b", "a"})]',
        at='"a"',
        path="result[0].mention",
        message="the item str `a` stands here twice",
    ),
    Example(
        labels='[Person("x", role=[{"k": 1, "k": 2}])]',
        at='"k"',
        path="result[0].role[0]",
        message="the key str `k` stands here twice",
    ),
    Example(
        labels='[Person("x", children=[Person({"a", "a"})])]',
        at='"a"',
        path="result[0].children[0].mention",
        message="the item str `a` stands here twice",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Look into every set and dict of the labels."""
    # There is no other way to write a set or a dict.
    for site, binding in subject.bindings if "{" in subject.record.labels else ():
        for bound in binding.bound:
            yield from _repetitions(bound.mention)
        for argument in binding.unexpected:
            yield from _repetitions(Mention(path=f"{site.path}.{argument.name}", value=argument.value))


def _repetitions(mention: Mention) -> Iterator[Fault]:
    match mention.value:
        case SetValue(items=items):
            yield from _repeated(items, mention.path, "item")
        case MappingValue(entries=entries):
            yield from _repeated(tuple(entry.key for entry in entries), mention.path, "key")
        case _:
            pass
    if mention.value.kind != "instance":
        for child in children(mention):
            yield from _repetitions(child)


def _repeated(values: tuple[Value, ...], path: str, what: str) -> Iterator[Fault]:
    seen: set[tuple[object, ...]] = set()
    for value in values:
        if signature(value) in seen:
            message = f"the {what} {described(value).removeprefix('the ')} stands here twice"
            yield Fault(rule=NAME, message=message, part="labels", span=value.span, path=path)
        seen.add(signature(value))
