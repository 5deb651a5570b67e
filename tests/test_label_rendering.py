"""Values written as labels: the jail reads the same values back."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidex_schema.execution import execute
from guidex_schema.guideline import parse_guideline
from guidex_schema.instance import (
    Instance,
    IntegerValue,
    ListValue,
    MappingValue,
    Record,
    SetValue,
    TextValue,
    TupleValue,
    Value,
    signature,
)
from guidex_schema.label_rendering import render_labels, render_value
from guidex_schema.text import Span
from guidex_schema.worker import Worker
from label_sources import CLASSES, ENUMS, lists_of_instances
from value_strategies import values

GUIDELINES = "".join(f"class {name}:\n    x: int\n" for name in CLASSES if name not in ENUMS) + "".join(
    f"class {name}(Enum):\n    WRITER = 1\n" for name in ENUMS
)
SCHEMA = parse_guideline(GUIDELINES).schema
SPAN = Span(start=0, end=0)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as one:
        yield one


def read(labels: str, worker: Worker) -> list[Value]:
    execution = execute(Record(guidelines=GUIDELINES, labels=labels), SCHEMA, worker)
    assert not execution.faults, (labels, execution.faults)
    assert isinstance(execution.value, ListValue)
    return list(execution.value.items)


def has_empty_set(value: Value) -> bool:
    match value:
        case SetValue(items=items):
            return not items or any(map(has_empty_set, items))
        case ListValue(items=items) | TupleValue(items=items):
            return any(map(has_empty_set, items))
        case MappingValue(entries=entries):
            return any(has_empty_set(one.key) or has_empty_set(one.value) for one in entries)
        case Instance():
            return any(map(has_empty_set, (*value.positional, *(one.value for one in value.keyword))))
        case _:
            return False


def readable(value: Value) -> bool:
    """Say whether labels can hold it: in sets and as keys stand constants, and no instance."""
    match value:
        case SetValue(items=items):
            return bool(items) and all(one.kind in ("text", "integer", "number", "boolean", "none") for one in items)
        case ListValue(items=items) | TupleValue(items=items):
            return all(map(readable, items))
        case MappingValue(entries=entries):
            return all(readable(one.value) for one in entries)
        case Instance():
            return all(map(readable, (*value.positional, *(one.value for one in value.keyword))))
        case _:
            return True


@settings(max_examples=75)
@given(st.lists(values(classes=("Person", "Event"), members=("Role.WRITER", "Role.x")).filter(readable), max_size=3))
def test_values_that_are_written_are_read_again(worker: Worker, items: list[Value]) -> None:
    found = read(render_labels(items), worker)
    assert [signature(one) for one in found] == [signature(one) for one in items]


@settings(max_examples=75)
@given(lists_of_instances())
def test_labels_in_any_style_are_written_with_the_same_meaning(
    worker: Worker, written: tuple[list[object], str]
) -> None:
    first = read(written[1], worker)
    again = read(render_labels(first), worker)
    assert [signature(one) for one in again] == [signature(one) for one in first]
    assert render_labels(again) == render_labels(first)


@given(values(classes=("Person",)))
def test_an_empty_set_is_refused_and_nothing_else(value: Value) -> None:
    if has_empty_set(value):
        with pytest.raises(ValueError, match="empty set"):
            render_value(value)
    else:
        assert "\n" not in render_value(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada", '"Ada"'),
        ("the moon's", '"the moon\'s"'),
        ('she said "no"', "'she said \"no\"'"),
        ("both ' and \"", '"both \' and \\""'),
        ("a\nb\t\\", '"a\\nb\\t\\\\"'),
        ("\u202eabc\x1b\ud800", '"\\u202eabc\\x1b\\ud800"'),
        ("नमस्\u200dते 👩\u200d🚀 a\u00a0b", '"नमस्\u200dते 👩\u200d🚀 a\u00a0b"'),
    ],
)
def test_a_string_is_written_as_people_would_write_it(text: str, expected: str) -> None:
    assert render_value(TextValue(value=text, span=SPAN)) == expected


def test_instances_stand_on_lines_of_their_own() -> None:
    one = Instance(class_name="A", positional=(IntegerValue(value=1, span=SPAN),), span=SPAN)
    assert render_labels([]) == "[]"
    assert render_labels([one]) == "[\n    A(1)\n]"
    assert render_labels([one, one]) == "[\n    A(1),\n    A(1)\n]"
