"""Labels in, facts out: every form is read as far as it goes, every place is right, and nothing raises."""

import json
import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guidex_schema.diagnostic import Edit, Fault
from guidex_schema.execution import Execution, execute, execute_all
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
from guidex_schema.schema import Schema
from guidex_schema.worker import Reply, Trouble, Worker
from label_sources import Written, lists_of_instances

GUIDELINES = '''from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a person does."""

    WRITER = "writer"
    größe = "size"


@dataclass
class Person:
    """A person."""

    name: str  # The name
    role: Role = None  # The role


@dataclass
class Event:
    """An event."""

    people: list[Person]  # Who was there


@dataclass
class Ärztin:
    """A doctor."""

    name: str  # The name


@dataclass
class dict:
    """A class with the name of a builtin."""

    name: str  # The name
'''
SCHEMA = parse_guideline(GUIDELINES).schema
EMPTY = Schema(entity_types=())


@pytest.fixture(scope="module")
def jail() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


class Canned(Worker):
    """A jail that gives prepared answers, honest or not; the last one again and again."""

    def __init__(self, *replies: object) -> None:
        super().__init__()
        self.replies = list(replies)
        self.requests: list[dict[str, object]] = []

    def request(self, content: dict[str, object]) -> Reply:
        """Give the next answer."""
        self.requests.append(content)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply if isinstance(reply, Reply) else Reply(cast("dict[str, object]", reply))


def record(labels: str, start: int = 0) -> Record:
    return Record(guidelines=GUIDELINES, labels=labels, labels_start=start)


def run(labels: str, jail: Worker, start: int = 0) -> Execution:
    execution = execute(record(labels, start), SCHEMA, jail, accelerate=False)
    for fault in execution.faults:
        fits(labels, fault, start)
    return execution


def fits(labels: str, fault: Fault, start: int = 0) -> None:
    assert fault.part == "labels"
    assert fault.message
    if fault.span is not None:
        assert start <= fault.span.start <= fault.span.end <= len(labels)
    for edit in fault.fix.edits if fault.fix else ():
        assert start <= edit.start <= edit.end <= len(labels)


def rules(execution: Execution) -> list[str]:
    return [fault.rule for fault in execution.faults]


def means(value: Value) -> object:
    """Give a value as Python has it: a call as its name with its arguments."""
    match value:
        case Instance():
            named = {one.name: means(one.value) for one in value.keyword}
            return (value.class_name, *[means(one) for one in value.positional], *([named] if named else []))
        case ListValue():
            return [means(one) for one in value.items]
        case TupleValue():
            return tuple(means(one) for one in value.items)
        case SetValue() | MappingValue():
            raise AssertionError("no example has one")
        case _:
            return value.value if hasattr(value, "value") else None


def instances(execution: Execution) -> dict[int, object]:
    return {number: means(one) for number, one in execution.instances.items()}


def values(value: Value) -> Iterator[Value]:
    """Give a value and everything in it."""
    yield value
    match value:
        case ListValue() | TupleValue() | SetValue():
            inner = list(value.items)
        case MappingValue():
            inner = [one for entry in value.entries for one in (entry.key, entry.value)]
        case Instance():
            inner = [*value.positional, *(one.value for one in value.keyword)]
        case _:
            inner = []
    for one in inner:
        yield from values(one)


# Forms

ADA = ("Person", {"name": "Ada"})
BOB = ("Person", {"name": "Bob"})
LIST = 'Person(name="Ada"), Person(name="Bob")'


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (f"[{LIST}]", []),
        (f"result = [{LIST}]", []),
        (f"result_instances = [{LIST}]", []),
        (f"result: list[Person] = [{LIST}]", []),
        (f"result_instances: List[Union[A, B]] = [{LIST}]\n", []),
        (f"  [{LIST}]", []),
        (f"\n\n# all of them\n[{LIST},]  # the end\n", []),
        ('a = Person(name="Ada")\nb: Person = Person(name="Bob")\nresult = [a, b]', []),
        (f"```python\n[{LIST}]\n```", ["markdown-fence"]),
        (f"```\nresult = [{LIST}]\n```\n", ["markdown-fence"]),
        (f"```py\n[{LIST}]\n```", ["markdown-fence"]),
        (f"~~~\n[{LIST}]\n~~~", ["markdown-fence"]),
        (f"```python\r\n[{LIST}]\r\n```", ["markdown-fence"]),
        (f"```python\n[{LIST}]", ["markdown-fence"]),
        (f"[{LIST}]\n```", ["markdown-fence"]),
        (f"Sure!\n```python\n[{LIST}]\n```\nDone!", ["markdown-fence", "text-around-list", "text-around-list"]),
        (f"Sure!\n[{LIST}]", ["text-around-list"]),
        (f"[{LIST}]\nThat's it.", ["text-around-list"]),
        (f"```\nx\n```\n```python\n[{LIST}]\n```", ["markdown-fence", "text-around-list"]),
        (f"[{LIST.replace(chr(34), '“')}]", ["curly-quotes"]),
        ("[Person(name=“Ada”), Person(name=‘Bob’)]", ["curly-quotes"]),
        (f"```python\n[Person(name=“Ada”), {LIST[19:]}]\n```", ["markdown-fence", "curly-quotes"]),
        (f"[{LIST}", ["truncated-output"]),
        (f"[{LIST},", ["truncated-output"]),
        (f"[{LIST}, Person(na", ["truncated-output"]),
        (f'[{LIST}, Person(name="Cy', ["truncated-output"]),
        (f'[{LIST}, Event(people=[Person(name="Cy"), ', ["truncated-output"]),
        (f"Sure:\n```python\nresult = [{LIST}, Per", ["markdown-fence", "text-around-list", "truncated-output"]),
        (f"\ufeff[{LIST}]", ["byte-order-mark"]),
    ],
)  # fmt: skip
def test_every_form_is_read(labels: str, found: list[str], jail: Worker) -> None:
    execution = run(labels, jail)
    assert rules(execution) == found
    assert instances(execution) == {0: ADA, 1: BOB}
    assert execution.skipped == frozenset()


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        ('Person(name="Ada" role=1)', "label-syntax"),
        ("Person(name=)", "label-syntax"),
        ("Person(name=“Ada)", "label-syntax"),
        ("Person(name=[1)]", "label-syntax"),
        ("Person(name=Ada)", "refused-construct"),
        ("Person(name=null)", "refused-construct"),
        ("open('x')", "refused-construct"),
        ("Person(name=f'{x}')", "refused-construct"),
        ("lambda: Person(name='x')", "refused-construct"),
        ("Person(**{'name': 'x'})", "refused-construct"),
        (f"Person(name={2**256})", "source-limit"),
        ("Person(name=" + "[" * 40 + "]" * 40 + ")", "source-limit"),
    ],
)
@pytest.mark.parametrize(
    "frame", ["[{0}, {1}, {2}]", "result = [\n  {0},\n  {1},\n  {2},\n]", "```python\n[{0}, {1},\n{2}]\n```"]
)
def test_a_bad_item_does_not_hide_the_good_ones(item: str, rule: str, frame: str, jail: Worker) -> None:
    good = LIST.split(", ")
    labels = frame.format(good[0], item, good[1])
    execution = run(labels, jail)
    assert set(rules(execution)) - {"markdown-fence"} == {rule}
    assert instances(execution) == {0: ADA, 2: BOB}
    assert execution.skipped == {1}
    (fault,) = [fault for fault in execution.faults if fault.rule == rule]
    assert fault.span is not None
    start = labels.index(item)
    assert start <= fault.span.start <= fault.span.end <= start + len(item)


def test_many_bad_items_are_each_named(jail: Worker) -> None:
    labels = "[" + ", ".join("P(x y)" if number % 2 else "P(1)" for number in range(20)) + "]"
    execution = run(labels, jail)
    assert rules(execution) == ["label-syntax"] * 10
    assert set(instances(execution)) == set(range(0, 20, 2))
    labels = "[" + ", ".join("P(x)" if number % 2 else "P(1)" for number in range(2000)) + "]"
    execution = run(labels, jail)
    assert rules(execution) == ["refused-construct"] * 1000
    assert set(instances(execution)) == set(range(0, 2000, 2))


def test_too_many_unreadable_items_are_given_up(jail: Worker) -> None:
    execution = run("[" + "P(x y), " * 40 + "]", jail)
    assert rules(execution) == ["label-syntax"] * 16
    assert execution.value is None


def test_what_refused_assignments_leave_is_named_once(jail: Worker) -> None:
    labels = "a = open('x')\nb = Person(name='Bob')\n[a, b]\nimport os"
    execution = run(labels, jail)
    assert rules(execution) == ["refused-construct"] * 3
    assert [labels[one.span.start : one.span.end] for one in execution.faults if one.span] == [
        "open('x')",
        "import os",
        "a",
    ]
    assert instances(execution) == {1: BOB}


def test_statements_behind_a_good_list_are_refused_and_the_list_is_read(jail: Worker) -> None:
    labels = f"[{LIST}]\nimport os\nos.system('true')"
    execution = run(labels, jail)
    assert rules(execution) == ["refused-construct"] * 2
    assert all(fault.fix is None for fault in execution.faults)
    assert instances(execution) == {0: ADA, 1: BOB}


@pytest.mark.parametrize("labels", ["", "  \n", "# nothing", "```python\n```"])
def test_nothing_is_empty(labels: str, jail: Worker) -> None:
    execution = run(labels, jail)
    assert execution.empty
    assert execution.value is None


@pytest.mark.parametrize(
    ("labels", "kind"), [("Person(name='Ada')", Instance), ("('a',)", TupleValue), ("'a'", TextValue)]
)
def test_what_is_no_list_is_a_value(labels: str, kind: type, jail: Worker) -> None:
    execution = run(labels, jail)
    assert isinstance(execution.value, kind)
    assert not execution.items
    assert not execution.empty


def test_items_that_are_no_instances_are_items(jail: Worker) -> None:
    execution = run("[1, Person(name='Ada'), [Person(name='Bob')]]", jail)
    assert set(execution.items) == {0, 1, 2}
    assert set(execution.instances) == {1}


def test_unused_assignments_have_their_place(jail: Worker) -> None:
    labels = "# é\nused = Person(name='é')\nlost = Person(name='é')\n[used]"
    execution = run(labels, jail)
    ((unused),) = execution.unused
    assert (unused.name, labels[unused.span.start : unused.span.end]) == ("lost", "lost = Person(name='é')")


# Places


@given(labels_=lists_of_instances(), before=st.sampled_from(["", "x", "é😀 result = ", "a\r\nb = [P(1)]\n", "\n\n"]))
def test_places_are_those_of_the_whole_column(labels_: tuple[list[Written], str], before: str, jail: Worker) -> None:
    items, source = labels_
    labels = before + source
    execution = run(labels, jail, len(before))
    assert not execution.faults
    assert isinstance(execution.value, ListValue)
    assert labels[execution.value.span.start : execution.value.span.end] == source
    found = [labels[one.span.start : one.span.end] for one in execution.value.items]
    assert found == [item.source for item in items]
    for item in execution.value.items:
        for value in values(item):
            text = labels[value.span.start : value.span.end]
            if isinstance(value, Instance):
                assert text.startswith(value.class_name)
                assert labels[value.name_span.start : value.name_span.end] == value.class_name
                for argument in value.keyword:
                    assert labels[argument.span.start : argument.span.end].startswith(argument.name)
            elif isinstance(value, IntegerValue):
                assert int(text, 0) == value.value


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_faults_stand_where_they_are_whatever_ends_lines(end: str, jail: Worker) -> None:
    labels = end.join(["😀é```", "[", "  Person(name='é😀', x=Ünknown),", "]"])
    start = labels.index("[")
    execution = run(labels, jail, start)
    (fault,) = execution.faults
    assert fault.span is not None
    assert labels[fault.span.start : fault.span.end] == "Ünknown"


def test_a_syntax_error_behind_other_scripts_stands_where_it_is(jail: Worker) -> None:
    labels = "x😀[Person(name='é😀日本' 5)]"
    (fault,) = run(labels, jail, 2).faults
    assert fault.span is not None
    assert labels[fault.span.start : fault.span.end].startswith("'")


@pytest.mark.parametrize("start", [0, 3, 9, 500])
def test_labels_may_start_at_the_end(start: int, jail: Worker) -> None:
    execution = execute(record("[Person(x", start), SCHEMA, jail, accelerate=False)
    assert execution.empty or execution.faults


# What the host itself refuses


def test_size_is_the_labels_own(jail: Worker) -> None:
    filler = "#" * 70_000
    assert rules(run(f"{filler}\n[]", jail)) == ["source-limit"]
    assert rules(run(f"{filler}\n[]", jail, len(filler) + 1)) == []
    assert rules(run("#" + "é" * 33_000, jail)) == ["source-limit"]


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\u202e", "\u2066", "\ud800", "\x0b"])
def test_characters_that_deceive_never_reach_the_jail(character: str) -> None:
    canned = Canned({})
    labels = f"[Person(name='a{character}b')]"
    (fault,) = run(labels, canned).faults
    assert fault.rule == "invalid-character"
    assert fault.span is not None
    assert labels[fault.span.start : fault.span.end] == character
    assert not canned.requests


def test_what_stands_before_the_labels_is_not_theirs(jail: Worker) -> None:
    assert not run("\0\u202e[]", jail, 2).faults


# Properties of cuts, fixes and any text


@given(labels_=lists_of_instances(least=1), data=st.data())
def test_a_cut_anywhere_loses_only_what_was_cut(
    labels_: tuple[list[Written], str], data: st.DataObject, jail: Worker
) -> None:
    _, source = labels_
    full = run(source, jail)
    assert not full.faults
    cut = data.draw(st.integers(0, len(source) - 1))
    execution = run(source[:cut], jail)
    assert execution.faults or execution.empty
    before = list(full.instances.values())
    after = list(execution.instances.values())
    assert [signature(one) for one in after] == [signature(one) for one in before[: len(after)]]
    complete = sum(one.span.end <= cut for one in before)
    assert len(after) >= complete


@given(
    labels_=lists_of_instances(),
    before=st.sampled_from(["", "Here they are:\n", "Here's it (a, b):\r\n\n"]),
    after=st.sampled_from(["", "\nThat's all [1].", "\r\n\n“Done”,"]),
    fence=st.sampled_from(["```python", "```", "~~~"]),
)
def test_safe_fixes_give_labels_without_fault(
    labels_: tuple[list[Written], str], before: str, after: str, fence: str, jail: Worker
) -> None:
    bare = run(labels_[1], jail)
    assert not bare.faults
    labels = f"{before}{fence}\n{labels_[1]}\n{fence[:3]}{after}"
    execution = run(labels, jail)
    assert execution.faults
    edits: list[Edit] = []
    for fault in execution.faults:
        assert fault.fix is not None
        assert fault.fix.safe
        edits += fault.fix.edits
    for edit in sorted(edits, key=lambda one: -one.start):
        labels = labels[: edit.start] + edit.replacement + labels[edit.end :]
    mended = run(labels, jail)
    assert not mended.faults
    for one in (execution, mended):
        assert [signature(item) for item in one.items.values()] == [signature(item) for item in bare.items.values()]


@given(
    text=st.text(st.characters(exclude_categories=())) | st.text(st.sampled_from("[](){}'\"“”`=,.:; \r\n\\#@*+-0aPx_é"))
)
def test_no_text_raises(text: str, jail: Worker) -> None:
    run(text, jail)


@given(labels_=lists_of_instances(least=1), data=st.data())
def test_no_mutated_labels_raise(labels_: tuple[list[Written], str], data: st.DataObject, jail: Worker) -> None:
    labels = labels_[1]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(labels)))
        piece = data.draw(st.sampled_from(["", *"[](){}'\",=`“\n\r", "```\n", "```python\n", "Sure: ", "import os\n"]))
        labels = labels[:start] + piece + labels[min(start + data.draw(st.integers(0, 3)), len(labels)) :]
    execution = run(labels, jail)
    assert execution.value is not None or execution.faults or execution.empty


# A jail that cannot be trusted


@pytest.mark.parametrize("trouble", ["time-limit", "memory-limit", "output-limit", "jail-died"])
def test_trouble_of_the_jail_is_a_finding(trouble: Trouble) -> None:
    execution = run("[]", Canned(Reply(None, trouble, "as it happens")))
    assert rules(execution) == [trouble]
    assert "as it happens" in execution.faults[0].message
    assert execution.value is None


def test_trouble_after_a_recovery_keeps_what_was_found() -> None:
    syntax = {"status": "syntax", "message": "bad", "offset": 0}
    execution = run("```\n[P()]\n```", Canned(syntax, Reply(None, "time-limit", "")))
    assert rules(execution) == ["markdown-fence", "time-limit"]


PLACE = [0, 2]


def packed(*offsets: int) -> str:
    return struct.pack(f"<{len(offsets)}I", *offsets).hex()


def ok(result: object, instances: object = (), places: object = 1, **other: object) -> dict[str, object]:
    """Give an answer; a number of places stands for as many as that."""
    made = list(instances) if isinstance(instances, tuple) else instances
    where = packed(*(PLACE * places)) if isinstance(places, int) else places
    return {"status": "ok", "result": result, "instances": made, "places": where, "unused": [], "refusals": [], **other}


def fact(*positional: object) -> list[object]:
    return ["P", [], list(positional)]


def nested(depth: int) -> object:
    value: object = None
    for _ in range(depth):
        value = ["list", value]
    return value


def reference(identity: object) -> list[object]:
    return ["reference", identity]


HONEST: list[tuple[dict[str, object], object]] = [
    (ok(None), None), (ok(["list"]), []), (ok(["list", 1, 1.5, True, "é"], places=5), [1, 1.5, True, "é"]),
    (ok(["tuple", -(2**256) + 1], places=2), (-(2**256) + 1,)), (ok(nested(25), places=26), "nested"),
    (ok(reference(0), (fact(),)), ("P",)), (ok(reference(1), (fact(), fact(reference(0))), 2), ("P", ("P",))),
    (ok(reference(0), (["P", ["a"], [1, "x"]],), 4), ("P", 1, {"a": "x"})),
    (ok(None, unused=[{"name": "x", "place": PLACE}]), None),
    (ok(None, places=packed(0, 9)), None),
]  # fmt: skip


@pytest.mark.parametrize(("content", "meaning"), HONEST)
def test_facts_of_known_shape_are_taken(content: dict[str, object], meaning: object) -> None:
    execution = run("[]", Canned(content))
    assert execution.faults == ()
    assert execution.value is not None
    assert meaning in (means(execution.value), "nested")
    assert all(0 <= one.span.start <= one.span.end <= 2 for one in values(execution.value))


@pytest.mark.parametrize(
    "content",
    [
        {}, {"status": None}, {"status": []}, {"status": "fine"}, {"status": "ok"}, ok([]), ok({}), ok(["text"]),
        ok(b"x"),
        ok(None, places=None), ok(None, places=[0, 2]), ok(None, places=0), ok(None, places=2), ok(None, places="0"),
        ok(None, places="0x"), ok(None, places=packed(0)), ok(None, places=packed(1, 0)),
        ok(None, places=packed(0, 2)[:-2]), ok(["list", None], places=1), ok(["list", None], places=3),
        ok(["list", []], places=2), ok(["list", {}], places=2), ok([["list"], 1], places=2),
        ok("\ud800"), ok(2**256), ok(-(2**256)), ok(math.inf), ok(math.nan),
        ok(["member", "A"]), ok(["member", "A", 1]), ok(["member", "A", "b", "c"]), ok(["member", "A", "\udfff"]),
        ok(["mapping", None], places=2), ok(["mapping", None, None, None], places=4), ok(["call", "P"]),
        ok(reference(0)), ok(reference(-1), (fact(),)), ok(reference(True), (fact(), fact()), 2),
        ok(reference(1.0), (fact(), fact()), 2), ok(reference("0"), (fact(),)), ok(["reference"], (fact(),)),
        ok(reference(0), (fact(reference(0)),)), ok(reference(0), (fact(reference(1)), fact()), 2),
        ok(None, None), ok(None, {}), ok(None, (1,), 2), ok(None, ({},), 2), ok(None, (["P", []],), 2),
        ok(None, (["P", [], [], []],), 2), ok(None, (["P", ["a"], []],), 3), ok(None, (["P", [1], [None]],), 4),
        ok(None, (["P", ["\ud800"], [None]],), 4), ok(None, (["P", ["a"], ["\ud800"]],), 4),
        ok(None, (["P", "a", ["x"]],), 4), ok(None, (["P", ["a"], "x"],), 4), ok(None, ([1, [], []],), 2),
        ok(None, (["\udfff", [], []],), 2), ok(None, unused=None), ok(None, unused=[{"name": "x"}]),
        ok(None, unused=[{"name": 1, "place": PLACE}]), ok(None, unused=[{"name": "x", "place": [2, 0]}]),
        ok(None, unused=[{"name": "x", "place": [-1, 0]}]), ok(None, unused=[{"name": "x", "place": [0, True]}]),
        ok(None, refusals={}), ok(None, refusals=[{"construct": "x"}]), ok(None, refusals=[1]),
        ok(nested(26), places=27), ok(nested(30), places=31), ok(nested(900), places=901),
        {"status": "syntax"}, {"status": "syntax", "message": 1, "offset": 1},
        {"status": "syntax", "message": "x", "offset": -1}, {"status": "syntax", "message": "x", "offset": "1"},
        {"status": "refused"}, {"status": "refused", "refusals": 5}, {"status": "refused", "refusals": [None]},
        {"status": "refused", "refusals": [{"construct": 5, "limit": False, "place": None}]},
        {"status": "refused", "refusals": [{"construct": "x", "limit": False, "place": [1]}]},
    ],
)  # fmt: skip
def test_facts_of_another_shape_are_an_oddity(content: dict[str, object]) -> None:
    execution = run("[]", Canned(content))
    assert rules(execution) == ["jail-died"]
    assert execution.value is None


def test_facts_that_expand_without_end_are_an_oddity() -> None:
    doubling = tuple(fact(*([reference(number - 1)] * 2 if number else [])) for number in range(60))
    for facts, value, places in (
        (doubling, reference(59), 60),
        (doubling[:12], ["list", *[reference(11)] * 9000], 13),
    ):
        assert rules(run("[]", Canned(ok(value, facts, places)))) == ["jail-died"]
    chain = tuple(fact(*([reference(number - 1)] if number else [])) for number in range(60))
    assert rules(run("[]", Canned(ok(reference(59), chain, 60)))) == ["jail-died"]
    wide = ok(["list", *[None] * 20_001], places=20_002)
    assert rules(run("[]", Canned(wide))) == ["jail-died"]
    assert rules(run("[]", Canned(ok(reference(0), (fact(*[None] * 20_000),), 20_001)))) == []


def test_refusals_without_end_are_given_up() -> None:
    content = {"status": "refused", "refusals": [{"construct": "x" * 9000, "limit": False, "place": [1, 4]}]}
    canned = Canned(content)
    execution = run("[P()]", canned)
    assert rules(execution) == ["refused-construct"]
    assert len(execution.faults[0].message) < 300
    assert len(canned.requests) == 2
    assert rules(run("[P()]", Canned({"status": "refused", "refusals": []}))) == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["ok", "list", "text"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), labels_=lists_of_instances(least=1))
def test_no_tampered_answer_raises(data: st.DataObject, labels_: tuple[list[Written], str], jail: Worker) -> None:
    request: dict[str, object] = {"source": labels_[1], "classes": list(SCHEMA.class_names), "enums": ["Role"]}
    content: object = json.loads(json.dumps(jail.request(request).content))
    place: object = content
    for _ in range(data.draw(st.integers(0, 6))):
        if not isinstance(place, dict | list) or not place:
            break
        keys: list[object] = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        container = cast("dict[object, object]", place)
        if data.draw(st.booleans()):
            container[key] = data.draw(json_values)
            break
        place = container[key]
    run(labels_[1], Canned(content))


def test_the_jail_is_told_the_names_of_the_row() -> None:
    canned = Canned({"status": "empty"})
    run("[]", canned)
    (request,) = canned.requests
    assert request == {"source": "[]", "classes": list(SCHEMA.class_names), "enums": ["Role"]}
    assert {"Person", "Role", "dict"} <= set(SCHEMA.class_names)
    execute(record("[]"), EMPTY, canned, accelerate=False)
    assert canned.requests[-1]["classes"] == []


# Several rows at once

ROWS = [
    "[Person('Ada')]", "[]", "", "[Person(", "```\n[Person(name='Ada')]\n```", "[Person(1j), Person(2), x]", "no list",
    "\ufeff[Person('é')]", "[Person('a\x00')]", "x = Person('b')\n[x, x, Person()]", "[Person('cut'), Person('o",
    "Person()",
    "[" + ", ".join(["Person(x)", "Person()"] * 20) + "]", "[" + "Person('é😀'), " * 200 + "]", "[" * 40, "\0",
    "[" + "Person()," * 10_000 + "]",
]  # fmt: skip


def one_by_one(sources: list[str], jail: Worker) -> list[Execution]:
    return [execute(record(one), SCHEMA, jail, accelerate=False) for one in sources]


def together(sources: list[str], jail: Worker) -> list[Execution]:
    return execute_all([(record(one), SCHEMA) for one in sources], jail, accelerate=False)


class Listening(Worker):
    """The real jail; it remembers what travels together, and how often a row is asked for by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[list[object]] = []
        self.single: list[object] = []

    def request_all(self, contents: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]] | None:
        """Ask for all."""
        self.frames.append([one["source"] for one in contents])
        return super().request_all(contents)

    def request(self, content: dict[str, object]) -> Reply:
        """Ask for one."""
        self.single.append(content["source"])
        return super().request(content)


@given(sources=st.lists(st.sampled_from(ROWS[:-1]) | lists_of_instances().map(lambda one: one[1]), max_size=6))
@example(sources=ROWS)
@example(sources=[])
@example(sources=["[Person()]"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_rows_that_travel_together_are_read_as_by_themselves(sources: list[str], jail: Worker) -> None:
    assert together(sources, jail) == one_by_one(sources, jail)


def test_plain_rows_are_asked_for_once() -> None:
    with Listening() as jail:
        sources = [f"[Person('{number}')]" for number in range(150)]
        assert [instances(one) for one in together(sources, jail)] == [{0: ("Person", str(n))} for n in range(150)]
        assert [len(one) for one in jail.frames] == [64, 64, 22]
        together(["[]", "[Person(1j)]", "\0", "[]"], jail)
        assert jail.frames[3:] == [["[]", "[Person(1j)]", "[]"]]
        assert jail.single == ["[0         ]"]
        jail.frames.clear()
        together([f"[Person('{'x' * 50_000}')]"] * 5 + ["[]"], jail)
        assert [len(one) for one in jail.frames] == [2, 2, 2]
        together(["[]"], jail)
        assert len(jail.frames) == 3


def test_rows_that_a_process_of_their_own_reads_do_not_travel_together() -> None:
    with Worker(mode="fork-per-row") as jail:
        assert jail.request_all([{"source": "[]", "classes": [], "enums": []}] * 2) is None
        assert jail._process is None
        assert together(ROWS[:3], jail) == one_by_one(ROWS[:3], jail)


def test_an_odd_answer_among_others_is_asked_for_again() -> None:
    class Odd(Listening):
        def request_all(self, contents: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]] | None:
            _, *others = super().request_all(contents) or []
            return [ok(["list", 1], places=1), *others]

    with Odd() as jail:
        sources = ["[Person('a')]", "[Person('b')]"]
        assert together(sources, jail) == one_by_one(sources, jail)
        assert jail.single == [sources[0], *sources]
