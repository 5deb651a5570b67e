"""Values: when two mean the same, and the paths that lead to what stands inside them."""

import copy
import pickle
import random
from dataclasses import FrozenInstanceError, fields, replace
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from guidex_schema.instance import (
    Argument,
    BooleanValue,
    Entry,
    Instance,
    IntegerValue,
    ListValue,
    MappingValue,
    MemberValue,
    Mention,
    NoneValue,
    NumberValue,
    SetValue,
    TextValue,
    TupleValue,
    Value,
    children,
    key_text,
    maker,
    same,
    signature,
)
from guidex_schema.text import Span
from value_strategies import scalars, values

HERE = Span(start=0, end=0)
ELSEWHERE = Span(start=7, end=9)
Part = TypeVar("Part")


def text(value: str, span: Span = HERE) -> TextValue:
    return TextValue(value=value, span=span)


def instance(**keyword: Value) -> Instance:
    arguments = (Argument(name=name, value=value, span=HERE) for name, value in keyword.items())
    return Instance(class_name="A", keyword=tuple(arguments), span=HERE)


@given(values())
def test_a_value_survives_json(value: Value) -> None:
    adapter: TypeAdapter[Value] = TypeAdapter(Value)
    assert adapter.validate_json(adapter.dump_json(value)) == value


@given(values())
def test_what_a_maker_makes_is_what_the_class_makes(value: Value) -> None:
    def made() -> Value:
        names = [one.name for one in fields(value) if one.name not in ("kind", "span")]
        place = (value.span.start, value.span.end)
        again: Value = maker(type(value), *names)(place, *(getattr(value, name) for name in names))
        return again

    assert made() == value
    assert value == made()
    assert hash(made()) == hash(value)
    assert repr(made()) == repr(value)
    one = made()
    assert one.span is one.span
    for twin in (copy.copy(made()), copy.deepcopy(made()), pickle.loads(pickle.dumps(made())), replace(made())):
        assert twin == value
    assert TypeAdapter(Value).dump_json(made()) == TypeAdapter(Value).dump_json(value)
    with pytest.raises(FrozenInstanceError):
        made().span = HERE  # type: ignore[misc]
    with pytest.raises(AttributeError, match="no attribute 'model_dump'"):
        made().model_dump  # type: ignore[union-attr]  # noqa: B018


@pytest.mark.parametrize(
    "content",
    [
        '{"kind": "text", "value": "a", "span": {"start": 3, "end": 1}}',
        '{"kind": "text", "value": "a", "span": {"start": -1, "end": 1}}',
        '{"kind": "text", "value": "a", "span": {"start": 0, "end": 1, "x": 1}}',
        '{"kind": "text", "value": "a", "span": {"start": 0, "end": 1}, "x": 1}',
        '{"kind": "text", "value": 5, "span": {"start": 0, "end": 1}}',
        '{"kind": "text", "value": "a"}',
        '{"kind": "integer", "value": "a", "span": {"start": 0, "end": 1}}',
        '{"kind": "any", "value": "a", "span": {"start": 0, "end": 1}}',
    ],
)
def test_json_that_is_no_value_is_refused(content: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Value).validate_json(content)


@given(values(), values())
def test_sameness_is_equality_of_hashable_signatures(one: Value, other: Value) -> None:
    assert same(one, one)
    assert same(one, other) == same(other, one)
    assert len({signature(one), signature(one)}) == 1
    if one == other:
        assert same(one, other)


@given(values(), st.randoms(use_true_random=False))
def test_the_order_of_keywords_items_of_sets_and_entries_does_not_matter(value: Value, chance: random.Random) -> None:
    def shuffled(items: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple(chance.sample(items, len(items)))

    match value:
        case Instance(keyword=keyword):
            other: Value = replace(value, keyword=shuffled(keyword))
        case SetValue(items=items):
            other = replace(value, items=shuffled(items))
        case MappingValue(entries=entries):
            other = replace(value, entries=shuffled(entries))
        case _:
            other = value
    assert same(value, other)


def test_places_do_not_matter_and_kinds_do() -> None:
    assert same(text("a"), text("a", ELSEWHERE))
    different: list[Value] = [
        IntegerValue(value=1, span=HERE),
        BooleanValue(value=True, span=HERE),
        NumberValue(value=1.0, span=HERE),
        text("1"),
        NoneValue(span=HERE),
        MemberValue(enum="E", member="a", span=HERE),
        ListValue(items=(), span=HERE),
        TupleValue(items=(), span=HERE),
        SetValue(items=(), span=HERE),
        MappingValue(entries=(), span=HERE),
        instance(),
    ]
    assert len({signature(one) for one in different}) == len(different)
    assert not same(
        ListValue(items=(text("a"), text("b")), span=HERE), ListValue(items=(text("b"), text("a")), span=HERE)
    )
    assert not same(instance(x=text("a")), instance(y=text("a")))


@given(values())
def test_every_child_has_a_path_that_continues_its_own(value: Value) -> None:
    inside = list(children(Mention(path="result[0]", value=value)))
    assert all(one.path.startswith("result[0]") and one.path != "result[0]" for one in inside)
    if not isinstance(value, MappingValue):
        assert len({one.path for one in inside}) == len(inside)


def test_paths_are_written_as_python_would() -> None:
    call = Instance(
        class_name="A",
        positional=(text("a"), text("b")),
        keyword=(Argument(name="z", value=text("c"), span=HERE),),
        span=HERE,
    )
    assert [one.path for one in children(Mention(path="result[2]", value=call), ("x",))] == [
        "result[2].x",
        "result[2](1)",
        "result[2].z",
    ]
    mapping = MappingValue(entries=(Entry(key=text("it's"), value=text("v")),), span=HERE)
    assert [one.path for one in children(Mention(path="r", value=mapping))] == ["""r["it's"]"""]


@given(scalars)
def test_keys_are_written_on_one_line(key: Value) -> None:
    assert len(key_text(key).splitlines()) == 1


@pytest.mark.parametrize(
    ("key", "written"),
    [
        (IntegerValue(value=3, span=HERE), "3"),
        (NumberValue(value=0.5, span=HERE), "0.5"),
        (BooleanValue(value=True, span=HERE), "True"),
        (NoneValue(span=HERE), "None"),
        (TupleValue(items=(), span=HERE), "<tuple>"),
    ],
)
def test_keys_in_paths(key: Value, written: str) -> None:
    assert key_text(key) == written


def test_the_name_of_an_instance_starts_its_call() -> None:
    assert Instance(class_name="Größe", span=Span(start=4, end=20)).name_span == Span(start=4, end=9)
