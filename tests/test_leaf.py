"""Leaf values: every constant of the labels, with what it stands for."""

from collections import Counter
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.binding import bind, positional_names
from guidex_schema.conformance import is_closed, is_text_call
from guidex_schema.execution import Execution
from guidex_schema.guideline import parse_guideline
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
    Record,
    SetValue,
    TextValue,
    TupleValue,
    Value,
    children,
)
from guidex_schema.leaf import filling_constants, leaves
from guidex_schema.schema import Attribute
from guidex_schema.subject import GroundedValue, Subject
from guidex_schema.text import Span
from guidex_schema.validation import Validator, validate

GUIDELINES = '''from dataclasses import dataclass
from enum import Enum
from typing import Dict, List, Literal, Optional, Union

class Colour(Enum):
    """A colour."""
    RED = "red"

class Name(str):
    """A name."""

@dataclass
class Agent:
    """Who acts."""
    name: Name  # the name
    about: str = ""  # what is said

@dataclass
class Person(Agent):
    """A person."""
    size: Literal["small", "large"] = "small"  # how large
    colour: Optional[Colour] = None  # which colour
    alive: bool = True  # is alive
    more: Optional[Dict[str, Union[str, List["Person"]]]] = None  # anything else
'''
DOCUMENT = "Ada and Bob: small, red, 3 and 4. Eve."
SCHEMA = parse_guideline(GUIDELINES).schema

AT = Span(start=0, end=0)
constants: st.SearchStrategy[Value] = st.one_of(
    st.sampled_from(["Ada", "Bob", "small", "red", "ada", "Eves", "Zoe", "Ad", ""]).map(
        lambda text: TextValue(value=text, span=AT)
    ),
    st.sampled_from([3, 4, 5, -3, 2**1030]).map(lambda number: IntegerValue(value=number, span=AT)),
    st.sampled_from([3.0, 4.5]).map(lambda number: NumberValue(value=number, span=AT)),
    st.sampled_from(
        [BooleanValue(value=True, span=AT), NoneValue(span=AT), MemberValue(enum="Colour", member="RED", span=AT)]
    ),
)


def displays(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    items = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        items.map(lambda held: ListValue(items=held, span=AT)),
        items.map(lambda held: TupleValue(items=held, span=AT)),
        items.map(lambda held: SetValue(items=held, span=AT)),
        st.lists(st.builds(Entry, key=constants, value=inner), max_size=2).map(
            lambda held: MappingValue(entries=tuple(held), span=AT)
        ),
        calls(inner),
    )


def calls(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    names = st.sampled_from(["name", "about", "size", "colour", "alive", "more", "nick"])
    return st.builds(
        Instance,
        class_name=st.sampled_from(["Agent", "Person", "Person", "Name", "Colour", "Persn"]),
        positional=st.lists(inner, max_size=3).map(tuple),
        keyword=st.lists(st.builds(Argument, name=names, value=inner, span=st.just(AT)), max_size=3).map(tuple),
        span=st.just(AT),
    )


values = st.recursive(constants, displays, max_leaves=6)
items = st.lists(calls(values) | values, min_size=1, max_size=4)

_Slot = tuple[tuple[int, ...], str, str | None, Attribute | None]
_Outline = tuple[Mention, *_Slot, bool]


def found(labels: str, document: str | None = DOCUMENT) -> tuple[GroundedValue, ...]:
    return validate(Record(guidelines=GUIDELINES, labels=labels, document=document)).groundings


def outline(labels: str) -> list[tuple[str, str, str | None, str, bool]]:
    return [
        (one.mention.path, one.entity_type, one.attribute, one.grounding.status, one.is_checked)
        for one in found(labels)
    ]


def mentions(found: list[Value]) -> list[Mention]:
    return [Mention(path=f"result[{number}]", value=value) for number, value in enumerate(found)]


def leaves_one_by_one(mention: Mention, slot: _Slot | None, numbers: Iterator[int]) -> Iterator[_Outline]:
    """Give what ``leaves`` gives, by what the rules about conformance go by."""
    match mention.value:
        case ListValue() | TupleValue() | SetValue() | MappingValue():
            for child in children(mention):
                yield from leaves_one_by_one(child, slot, numbers)
        case Instance() as call if slot is not None and is_text_call(call, SCHEMA):
            yield from leaves_one_by_one(Mention(path=mention.path, value=call.positional[0]), slot, numbers)
        case Instance(class_name="Colour", positional=(constant,), keyword=()) if slot is not None and not isinstance(
            constant, Instance | ListValue | TupleValue | SetValue | MappingValue
        ):
            yield Mention(path=mention.path, value=constant), *slot, True
        case Instance() as call:
            entity_type = SCHEMA.entity_type(call.class_name)
            names = positional_names(entity_type)
            bound = bind(call, entity_type, mention.path).bound if entity_type is not None else ()
            unfilled = {one.attribute.name: one.attribute for one in bound}
            given_names = [*names, *([None] * len(call.positional))][: len(call.positional)]
            inside = (*(slot[0] if slot is not None else ()), next(numbers))
            for child, name in zip(
                children(mention, names), [*given_names, *(one.name for one in call.keyword)], strict=True
            ):
                declared = unfilled.pop(name, None) if name is not None else None
                yield from leaves_one_by_one(child, (inside, call.class_name, name, declared), numbers)
        case constant if slot is not None:
            declared = slot[3]
            yield mention, *slot, declared is not None and is_closed(constant, declared.type)
        case _:
            pass


@given(items)
def test_leaves_are_what_bindings_and_paths_say(found: list[Value]) -> None:
    numbers = iter(range(1000))
    expected = [leaf for mention in mentions(found) for leaf in leaves_one_by_one(mention, None, numbers)]
    assert [
        (leaf.mention, leaf.holders, leaf.entity_type, leaf.attribute, leaf.declared, leaf.is_named)
        for leaf in leaves(mentions(found), SCHEMA)
    ] == expected


@given(items, st.sampled_from([(), ("*.about",), ("Agent.name", "Person.more")]))
def test_the_values_that_rules_ask_for_are_those_of_the_whole_grounding(
    found: list[Value], abstractive: tuple[str, ...]
) -> None:
    def subject() -> Subject:
        record = Record(guidelines=GUIDELINES, labels="[]", document=DOCUMENT)
        execution = Execution(ListValue(items=tuple(found), span=AT))
        return Subject(record, parse_guideline(GUIDELINES), execution, abstractive=abstractive)

    whole = [one for one in subject().grounded if one.is_checked]
    asked = subject()
    constants = filling_constants((one for _, one in asked.bindings), SCHEMA)
    assert Counter(map(repr, constants)) == Counter(repr(one.mention.value) for one in whole)
    assert [(leaf.mention, asked.is_abstractive(leaf)) for leaf in asked.checked] == [
        (one.mention, one.is_abstractive) for one in whole
    ]
    assert [(leaf.mention, asked.status(leaf)) for leaf in asked.inexact] == [
        (one.mention, one.grounding.status) for one in whole if one.grounding.status not in ("exact", "not-applicable")
    ]
    # In its order, and the place that is shown is the same.
    rest = iter(asked.grounded)
    assert all(one in rest for one in asked.grounded_about_inexact)
    inexact = {id(leaf.value) for leaf in asked.inexact}
    assert [id(one.mention.value) for one in asked.grounded if id(one.mention.value) in inexact] == [
        id(one.mention.value) for one in asked.grounded_about_inexact if id(one.mention.value) in inexact
    ]


def test_leaves_stand_in_source_order_and_closed_values_need_no_document() -> None:
    labels = (
        "[Person(Name('Ada'), more={'k': ['Zoe', Person('Bob', alive=False)]}, size='small', "
        "colour=Colour('red'), about=None), Person('Eve', colour=Colour.RED, size='large')]"
    )
    assert outline(labels) == [
        ("result[0].name", "Person", "name", "exact", True),
        ("result[0].more['k'][0]", "Person", "more", "absent", True),
        ("result[0].more['k'][1].name", "Person", "name", "exact", True),
        ("result[0].more['k'][1].alive", "Person", "alive", "not-applicable", False),
        ("result[0].size", "Person", "size", "not-applicable", False),
        ("result[0].colour", "Person", "colour", "not-applicable", False),
        ("result[0].about", "Person", "about", "not-applicable", True),
        ("result[1].name", "Person", "name", "exact", True),
        ("result[1].colour", "Person", "colour", "not-applicable", False),
        ("result[1].size", "Person", "size", "not-applicable", False),
    ]


def test_what_fills_no_attribute_is_found_and_not_checked() -> None:
    labels = (
        "[Agent('Ada', 'Zoe', 3, 'Bob', name='Eve', nick=Name('Bob')), Persn('Ada', colour=Colour('red')), "
        "Name('Bob', 4), ['Ada', Agent('Zoe')], 'Eve']"
    )
    assert outline(labels) == [
        ("result[0].name", "Agent", "name", "exact", True),
        ("result[0].about", "Agent", "about", "absent", True),
        ("result[0](2)", "Agent", None, "exact", False),
        ("result[0](3)", "Agent", None, "exact", False),
        ("result[0].name", "Agent", "name", "exact", False),
        ("result[0].nick", "Agent", "nick", "exact", False),
        ("result[1](0)", "Persn", None, "exact", False),
        ("result[1].colour", "Persn", "colour", "not-applicable", False),
        ("result[2](0)", "Name", None, "exact", False),
        ("result[2](1)", "Name", None, "exact", False),
        ("result[3][1].name", "Agent", "name", "absent", True),
    ]


def test_without_a_document_nothing_is_grounded() -> None:
    assert found("[Person('Ada')]", None) == ()


def test_values_of_a_type_that_was_not_read_completely_are_not_checked() -> None:
    guidelines = (
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: str\n\n@dataclass\nclass B(:\n    x: str\n"
    )
    record = Record(guidelines=guidelines, labels="[A('Zoe'), B('Zoe')]", document=DOCUMENT)
    assert [(one.entity_type, one.is_checked) for one in validate(record).groundings] == [("A", True), ("B", False)]


def test_abstractive_patterns_name_attributes_of_a_class_and_of_those_it_derives_from() -> None:
    labels = "[Person('Zoe', 'Zoe', 'small', nick='Zoe'), Agent('Zoe', 'Zoe', 'Zoe'), Other('Zoe', about='Zoe')]"
    record = Record(guidelines=GUIDELINES, labels=labels, document=DOCUMENT)

    def abstractive(*patterns: str) -> list[str]:
        with Validator(abstractive=patterns) as validator:
            return [one.mention.path for one in validator.validate(record).groundings if one.is_abstractive]

    assert abstractive() == []
    assert abstractive("Agent.about") == ["result[0].about", "result[1].about"]
    assert abstractive("Person.*") == ["result[0].name", "result[0].about", "result[0].size", "result[0].nick"]
    assert abstractive("*.about") == ["result[0].about", "result[1].about", "result[2].about"]
    assert abstractive("agent.about", "*.ABOUT", "Age.about") == []
    assert abstractive("*.*") == [one.mention.path for one in validate(record).groundings if one.attribute is not None]
