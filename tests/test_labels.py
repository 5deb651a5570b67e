"""The forms in which labels arrive: what is passed over is named, no offset ever changes."""

import ast
import itertools
import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from guidex_schema import labels
from guidex_schema.diagnostic import Edit, Fault
from guidex_schema.labels import Reading
from guidex_schema.text import Span
from label_sources import Written, lists_of_instances

LIST = "[Person(name='Ada'), Event(1, [2])]"
pieces = st.sampled_from([
    "```", "```python", "~~~", "\n", "\r\n", "\r", "[", "]", "(", ")", "P(", ",", "'", '"', '"""', "“", "”", "‘", "’",
    "x", "x = ", "result: list[P] = ", " ", "#", "\\", "é", "Here's: ", "[P(n=“a”)]",
])  # fmt: skip
anything = st.lists(pieces, max_size=25).map("".join) | st.text(max_size=60)


def whole(text: str) -> Span:
    return Span(start=0, end=len(text))


def recovered(text: str) -> Reading:
    return labels.recover(text, whole(text))


def rules(reading: Reading) -> list[str]:
    return sorted(fault.rule for fault in reading.faults)


def mended(text: str, *, unsafe: bool = False) -> str:
    """Make all fixes at once, as an editor does: none may touch another."""
    edits = sorted(
        (
            edit
            for fault in recovered(text).faults
            if fault.fix and (fault.fix.safe or unsafe)
            for edit in fault.fix.edits
        ),
        key=lambda edit: edit.start,
    )
    for one, other in itertools.pairwise(edits):
        assert one.end <= other.start, "fixes overlap"
    for edit in reversed(edits):
        text = text[: edit.start] + edit.replacement + text[edit.end :]
    return text


# Properties


def fits(text: str, window: Span, fault: Fault) -> None:
    assert fault.part == "labels"
    assert fault.span is not None
    assert window.start <= fault.span.start <= fault.span.end <= window.end
    edits: tuple[Edit, ...] = fault.fix.edits if fault.fix else ()
    for edit in edits:
        assert window.start <= edit.start <= edit.end <= window.end
    assert list(edits) == sorted(edits, key=lambda edit: edit.start)


@given(before=anything, text=anything)
@example(before="", text="```\n[")
@example(before="", text="“[“")
@example(before="", text='[P(“"')
def test_everything_that_is_said_lies_inside_the_labels(before: str, text: str) -> None:
    text = before + text
    window = Span(start=len(before), end=len(text))
    reading = labels.recover(text, window)
    assert len(reading.text) == len(text)
    assert reading.text[: window.start] == text[: window.start]
    assert window.start <= reading.window.start <= reading.window.end <= window.end
    assert reading.ending in ("", "]")
    for fault in reading.faults:
        fits(text, window, fault)
    end = reading.window.start
    for item in reading.items:
        assert end <= item.start < item.end <= reading.window.end
        end = item.end
    if not before:
        mended(text, unsafe=True)


@given(text=anything)
def test_only_quotes_are_ever_replaced(text: str) -> None:
    for one, other in zip(text, recovered(text).text, strict=True):
        assert one == other or (one in "“”„‟‘’‚‛\"'" and other in "\"'")


@given(labels_=lists_of_instances())
def test_a_list_that_stands_alone_needs_no_recovery(labels_: tuple[list[Written], str]) -> None:
    _, source = labels_
    reading = recovered(source)
    assert reading.source == source
    assert not reading.faults


@given(labels_=lists_of_instances())
def test_items_are_where_python_says(labels_: tuple[list[Written], str]) -> None:
    items, source = labels_
    assert [source[item.start : item.end] for item in labels.items(source, whole(source))] == [
        one.source for one in items
    ]


@given(
    labels_=lists_of_instances(),
    name=st.sampled_from(["", "result = ", "result_instances = ", "result: List[Person] = "]),
    fence=st.sampled_from(["```python", "```", "```py", "~~~", "````", "~~~~python"]),
    prose=st.tuples(
        *[st.sampled_from(["", "Sure!\n", "Here's what I found (in order):\n\n", "# Labels\n“Ada’s”,\n"])] * 2
    ),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    closed=st.booleans(),
)
def test_safe_fixes_of_fenced_labels_leave_the_list(
    labels_: tuple[list[Written], str], name: str, fence: str, prose: tuple[str, str], end: str, closed: bool
) -> None:
    block = name + labels_[1]
    assume(not re.search("```|~~~", block))
    closing = re.match(r"\W+", fence)
    assert closing
    text = prose[0].replace("\n", end) + fence + end + block + end
    if closed:
        text += closing.group() + end + prose[1].replace("\n", end)
    reading = recovered(text)
    assert reading.source.strip() == block
    assert set(rules(reading)) <= {"markdown-fence", "text-around-list"}
    assert all(fault.fix and fault.fix.safe for fault in reading.faults)
    assert mended(text).strip() == block


@given(labels_=lists_of_instances(least=1), data=st.data())
def test_a_cut_list_keeps_its_whole_items(labels_: tuple[list[Written], str], data: st.DataObject) -> None:
    items, source = labels_
    cut = data.draw(st.integers(1, len(source) - 1))
    ends = [item.end for item in labels.items(source, whole(source))]
    reading = recovered(source[:cut])
    if not reading.ending:
        assert not any(end <= cut for end in ends) or source[:cut].rstrip().endswith("]")
        return
    assert "truncated-output" in rules(reading)
    complete = [item.source for item, end in zip(items, ends, strict=True) if end <= cut]
    found = [reading.text[item.start : item.end] for item in reading.items]
    assert found[: len(complete)] == complete


# Examples


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"```python\n{LIST}\n```", ["markdown-fence"]),
        (f"```\n{LIST}\n```\n", ["markdown-fence"]),
        (f"```py\nresult = {LIST}\n```", ["markdown-fence"]),
        (f"~~~\n{LIST}\n~~~", ["markdown-fence"]),
        (f"  ```python  \n{LIST}\n  ```  ", ["markdown-fence"]),
        (f"```python\r\n{LIST}\r\n```\r\n", ["markdown-fence"]),
        (f"```python\r{LIST}\r```", ["markdown-fence"]),
        (f"```python\n{LIST}```", ["markdown-fence"]),
        (f"```python\n{LIST}", ["markdown-fence"]),
        (f"{LIST}\n```", ["markdown-fence"]),
        (f"{LIST}\n```\nDone.", ["markdown-fence", "text-around-list"]),
        (f"Sure:\n```python\n{LIST}\n```\nDone.", ["markdown-fence", "text-around-list", "text-around-list"]),
        (f"````\n```\n{LIST}\n````", ["markdown-fence", "text-around-list"]),
    ],
)
def test_fences_are_passed_over(text: str, found: list[str]) -> None:
    reading = recovered(text)
    assert rules(reading) == found
    assert reading.source.removeprefix("result = ").strip() == LIST or text.startswith("````")
    assert all(fault.fix and fault.fix.safe for fault in reading.faults if fault.rule == "markdown-fence")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (f"Here is the list:\n{LIST}", False),
        (f"{LIST}\nI hope this helps!", False),
        (f"Here's: {LIST}", False),
        (f"I found these [1]:\n{LIST}", False),
        (f"Schema:\n```python\nclass P:\n    x: List[str]\n```\nLabels:\n```python\n{LIST}\n```", True),
        (f"```python\n{LIST}\n```\nThe following is no Python:\n```\nhello\n```", True),
    ],
)
def test_text_around_the_list_is_named(text: str, safe: bool) -> None:
    reading = recovered(text)
    assert reading.source.strip() == LIST
    around = [fault for fault in reading.faults if fault.rule == "text-around-list"]
    assert around
    assert all(fault.fix is not None and fault.fix.safe is safe for fault in around)


def test_another_list_is_no_text_that_may_simply_go() -> None:
    reading = recovered(f"```python\n{LIST}\n```\nAnd:\n```python\n[Person(name='Bob')]\n```")
    assert reading.source.strip() == LIST
    (around,) = [fault for fault in reading.faults if fault.rule == "text-around-list"]
    assert around.fix is not None
    assert not around.fix.safe


def test_the_block_with_the_list_is_taken() -> None:
    text = f"```python\nkinds = dict()\n```\n```python\n{LIST}\n```"
    assert recovered(text).source.strip() == LIST
    assert recovered("```python\nx = P()\nresult = [x] +\n```").source.startswith("x = P()")
    assert recovered("```python\nimport os +\n```").source.strip() == "import os +"
    assert recovered("```json\n[{}]\n```\n").source.strip() == "[{}]"
    assert recovered(f"```python\nP +\n```\n{LIST}").source == LIST
    assert recovered("nothing here\n```").source.strip() == "nothing here"
    assert recovered("```py\nnothing here").source.strip() == "nothing here"
    assert rules(recovered("nothing here")) == []


@pytest.mark.parametrize("name", ["result = ", "result: list[Person] = ", "result_instances: List[Union[A, B]] = "])
@pytest.mark.parametrize("before", ["", "a = Person(x=[1])\nb: Person = Person()\n"])
def test_assignments_belong_to_the_labels(name: str, before: str) -> None:
    text = f"Sure!\n{before}{name}{LIST[:-1]}, Person(na"
    reading = recovered(text)
    assert reading.source == f"{before}{name}{LIST}"
    assert rules(reading) == ["text-around-list", "truncated-output"]
    assert [text[item.start : item.end] for item in reading.items] == ["Person(name='Ada')", "Event(1, [2])"]


@pytest.mark.parametrize(
    ("cut", "items"),
    [
        ("[", 0), ("[ ", 0), ("[Per", 0), ("[Person(", 0), ("[Person(name='A", 0), ("[Person(name='Ada'", 0),
        ("[Person(name='Ada')", 1), ("[Person(name='Ada'),", 1), ("[Person(name='Ada'), ", 1),
        ("[Person(name='Ada'), E", 1),
        ("[Person(name='Ada'), Event([1, ", 1), ("[Person(name='Ada'), Event([1, 2]", 1),
        ("[Person(name='Ada'), Event('[Person(), ", 1), ("[Person(name='Ada'), Event('see [1]", 1),
        ("[Person(name='Ada'), Event('''one\n), two'), ", 1), ("[Person(name='Ada'), Event(\"it's", 1),
        ("[Person(name='Ada'), # and (", 1), ("[Person(name='Ada').", 0), ("[Person(name='Ada'), x", 1),
        ("[  # all of them\n  Person(name='Ada'), Ev", 1), ("[Person(name=“Ada”), Event(“x", 1),
    ],
)  # fmt: skip
def test_a_cut_list_is_closed_behind_its_last_whole_item(cut: str, items: int) -> None:
    reading = recovered(cut)
    if cut in ("[", "[ ", "[Per"):
        assert not reading.ending
        return
    assert len(reading.items) == items
    assert reading.ending == "]"
    tree = ast.parse(reading.source).body[0]
    assert isinstance(tree, ast.Expr)
    assert isinstance(tree.value, ast.List)
    assert len(tree.value.elts) == items
    (fault,) = [fault for fault in reading.faults if fault.rule == "truncated-output"]
    assert fault.fix is not None
    assert not fault.fix.safe
    ast.parse(mended(cut, unsafe=True))


@pytest.mark.parametrize(
    ("text", "straight"),
    [
        ("[P(n=“Ada”)]", '[P(n="Ada")]'),
        ("[P(n=‘Ada’)]", '[P(n="Ada")]'),
        ('[P(n=“Ada")]', '[P(n="Ada")]'),
        ("[P(n=”Ada“)]", '[P(n="Ada")]'),
        ("[P(n=„Ada“, m=‚Bob‘)]", '[P(n="Ada", m="Bob")]'),
        ("[P(n=“Ada’s book”)]", '[P(n="Ada’s book")]'),
        ("[P(n=‘Ada’s book’)]", '[P(n="Ada’s book")]'),
        ("[P(n=“the ”big” one”)]", '[P(n="the ”big” one")]'),
        ('[P(n=“a "b" c”)]', "[P(n='a \"b\" c')]"),
        ('[P(n=“a”, m="“b”")]', '[P(n="a", m="“b”")]'),
        ("[P(n={“a”: ‘b’})]", '[P(n={"a": "b"})]'),
    ],
)
def test_curly_quotes_are_straightened_where_they_delimit(text: str, straight: str) -> None:
    reading = recovered(text)
    assert reading.source == straight
    assert rules(reading) == ["curly-quotes"]
    assert mended(text) == straight


@pytest.mark.parametrize(
    "text", ["[P(n=“a\nb”)]", "[P(n=“a 'b' \"c\" d”)]", "[P(n=“a\\”)]", "[P(n=“a)]", '[P(n="a“, m=1)]']
)
def test_curly_quotes_that_cannot_simply_be_replaced_stay(text: str) -> None:
    assert recovered(text).text == text


def test_curly_quotes_beside_the_list_are_left_alone() -> None:
    reading = recovered(f"{LIST}\nThis is “it”.")
    assert rules(reading) == ["text-around-list"]


def test_a_comment_beside_the_list_is_no_text() -> None:
    assert rules(recovered(f"# Labels\n{LIST}  # the end")) == []


def test_items_that_are_gone_keep_their_place() -> None:
    text = "[P(1),\n Q('a\n b'), R()]"
    reading = labels.without_items(Reading(text, whole(text)), [Span(start=8, end=17), Span(start=1, end=5)])
    assert reading.source == "[0   ,\n 0   \n    , R()]"
    assert len(reading.source) == len(text)


@pytest.mark.parametrize(
    "hostile",
    ["“" * 20_000, "P(n=“a”), " * 5_000, "“a”b" * 8_000, "[#" * 30_000, "[" * 60_000,
     '["""a ' * 9_000, "```\n[\n" * 9_000,
     "```" * 20_000, "x = (\n" * 10_000, "\"'" * 30_000, "“ " * 20_000, "[" + " " * 60_000 + "x", "x: " * 20_000,
     "]\n" * 30_000,
     "P(n='a),\n" * 6_000, "’ ,“" * 10_000, "\\" * 60_000, "```a\n" * 12_000, "[a\n" * 20_000],
)  # fmt: skip
@pytest.mark.parametrize("frame", ["{}", "[{}", "[P(n={}", "```\n[P({}\n```"])
def test_no_labels_take_long(hostile: str, frame: str) -> None:
    recovered(frame.replace("{}", hostile))
