"""The policy in process: allowed values come back exactly, everything else is refused by name and nothing runs."""

import ast
import builtins
import json
import re
import struct
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import facts
import limits
import policy
from frames import Json
from label_sources import CLASSES, ENUMS, Meaning, Written, instances, lists_of_instances, strings, values
from offsets import Offsets
from refusal import Refusal, construct

STATUSES = {"ok", "refused", "syntax", "empty"}


def read(source: str, *, classes: tuple[str, ...] = CLASSES, enums: tuple[str, ...] = ENUMS) -> dict[str, Json]:
    """Read as the program does: what comes out has been JSON."""
    reply = policy.read(source, list(classes), list(enums))
    assert reply["status"] in STATUSES
    decoded: dict[str, Json] = json.loads(json.dumps(reply, allow_nan=False))
    assert decoded == reply
    return decoded


def listed(fact: Json) -> list[Json]:
    assert isinstance(fact, list)
    return fact


def meaning(fact: Json, made: list[Meaning]) -> Meaning:
    match fact:
        case ["reference", int(identity)]:
            return made[identity]
        case ["list" | "tuple" | "set" as kind, *items]:
            return (kind, tuple(meaning(one, made) for one in items))
        case ["mapping", *items]:
            return ("mapping", tuple((meaning(a, made), meaning(b, made)) for a, b in batched(items)))
        case ["member", enum, member]:
            return ("member", enum, member)
        case None:
            return ("none",)
        case bool():
            return ("boolean", fact)
        case str():
            return ("text", fact)
        case int():
            return ("integer", fact)
        case float():
            return ("number", fact.hex())
        case _:
            raise AssertionError(fact)


def batched(items: list[Json]) -> list[tuple[Json, Json]]:
    return list(zip(items[::2], items[1::2], strict=True))


def result(reply: dict[str, Json]) -> Meaning:
    """Give what the labels mean, every instance written out."""
    assert reply["status"] == "ok", reply
    assert reply["refusals"] == []
    made: list[Meaning] = []
    for fact in listed(reply["instances"]):
        class_name, names, facts_ = listed(fact)
        held = [meaning(one, made) for one in listed(facts_)]
        free = len(held) - len(listed(names))
        made.append(("call", class_name, tuple(held[:free]), tuple(zip(listed(names), held[free:], strict=True))))
    return meaning(reply["result"], made)


def refusals(reply: dict[str, Json]) -> list[str]:
    """Give the names of what was refused; there is at least one."""
    assert reply["status"] in ("refused", "ok"), reply
    found = []
    for one in listed(reply["refusals"]):
        assert isinstance(one, dict)
        assert isinstance(one["construct"], str)
        assert one["limit"] is False
        found.append(one["construct"])
    assert found
    return found


def limit(source: str) -> str:
    """Give the one limit that was passed."""
    reply = read(source)
    assert reply["status"] == "refused"
    (one,) = listed(reply["refusals"])
    assert isinstance(one, dict)
    assert one["limit"] is True
    return str(one["construct"])


# Values


@given(value=values)
def test_every_value_comes_back_exactly(value: Written) -> None:
    assert result(read(f"[Person({value.source})]")) == ("list", (("call", "Person", (value.meaning,), ()),))


@given(labels=lists_of_instances(), name=st.sampled_from(["", "result = ", "result_instances=", "result: list[X] = "]))
def test_the_list_may_be_bare_or_assigned(labels: tuple[list[Written], str], name: str) -> None:
    items, source = labels
    assert result(read(name + source)) == ("list", tuple(item.meaning for item in items))


@given(items=st.lists(instances, min_size=1, max_size=3), order=st.lists(st.integers(0, 2), max_size=5))
def test_assigned_instances_are_shared_by_name(items: list[Written], order: list[int]) -> None:
    used = [index % len(items) for index in order]
    lines = [f"_x{index}: Person = {item.source}" for index, item in enumerate(items)]
    reply = read("\n".join([*lines, "[" + ", ".join(f"_x{index}" for index in used) + "]"]))
    assert result(reply) == ("list", tuple(items[index].meaning for index in used))
    assert len({str(one) for one in listed(reply["result"])[1:]}) == len(set(used))
    unused = [one["name"] for one in listed(reply["unused"]) if isinstance(one, dict)]
    assert unused == [f"_x{index}" for index in range(len(items)) if index not in used]


def test_an_assignment_that_only_an_unused_one_uses_is_unused() -> None:
    reply = read("a = Person()\nb = Event(a)\nc = Event(Person())\nd = Event(c)\n[d]")
    assert [one["name"] for one in listed(reply["unused"]) if isinstance(one, dict)] == ["a", "b"]


def places(reply: dict[str, Json]) -> list[tuple[int, int]]:
    assert isinstance(reply["places"], str)
    data = bytes.fromhex(reply["places"])
    found = struct.unpack(f"<{len(data) // 4}I", data)
    return list(zip(found[::2], found[1::2], strict=True))


@given(text=strings(), before=st.text(st.sampled_from("é日😀a"), max_size=3))
def test_places_are_those_of_the_source(text: Written, before: str) -> None:
    call = f"Person({before!r}, größe={text.source}, x=[-1, None])"
    source = f"# {before}\n[{call}, {before!r}]"
    found = [source[start:end] for start, end in places(read(source))]
    inside = [repr(before), text.source, f"größe={text.source}", "-1", "None", "[-1, None]", "x=[-1, None]"]
    assert found == [*inside, call, repr(before), f"[{call}, {before!r}]"]


def test_what_is_in_an_instance_stands_before_it() -> None:
    source = "p = Person(Event(1), y=2)\nq = Person()\n[p, p, {3: 4, 5: p}]"
    reply = read(source)
    found = [source[start:end] for start, end in places(reply)]
    listing = "[p, p, {3: 4, 5: p}]"
    assert found == ["1", "Event(1)", "2", "y=2", "Person(Event(1), y=2)", "Person()", *"345", "{3: 4, 5: p}", listing]
    assert reply["unused"] == [{"name": "q", "place": [26, 38]}]


@pytest.mark.parametrize("name", ["dict", "print", "open", "exit", "Person", "List", "True_", "_", "__", "_Hidden"])
def test_a_class_may_be_called_anything(name: str) -> None:
    assert result(read(f"[{name}(1)]", classes=(name,))) == ("list", (("call", name, (("integer", 1),), ()),))


def test_an_unknown_class_is_a_fact() -> None:
    assert result(read("[Nobody(name='x')]"))[1] == (("call", "Nobody", (), (("name", ("text", "x")),)),)


@pytest.mark.parametrize("source", ["", " \n", "# nothing\n", "\n\n#"])
def test_nothing_is_an_answer(source: str) -> None:
    assert read(source) == {"status": "empty"}


@pytest.mark.parametrize(("source", "kind"), [("Person()", "call"), ("(Person(), 1)", "tuple"), ("'x'", "text")])
def test_what_is_no_list_is_a_fact(source: str, kind: str) -> None:
    assert result(read(source))[0] == kind


def test_names_of_one_row_are_unknown_to_the_next() -> None:
    assert result(read("p = Person()\n[p, dict()]"))
    assert refusals(read("[p]")) == ["the name `p`"]
    assert refusals(read("[dict()]", classes=())) == ["a call of the builtin `dict`"]
    assert refusals(read("[Person(Role.A)]", enums=())) == ["an attribute access"]


# Refusals

# For each node type of the grammar that labels may not hold, an expression or a statement that has it.
EXPRESSIONS = {
    "And": "a and b", "Await": "await x", "BitAnd": "1 & 2", "BitOr": "1 | 2", "BitXor": "1 ^ 2",
    "BoolOp": "'a' or 'b'",
    "Compare": "1 < 2", "DictComp": "{x: x for x in y}", "Div": "1 / 2", "Eq": "1 == 1", "FloorDiv": "1 // 2",
    "FormattedValue": "f'{x}'", "GeneratorExp": "(x for x in y)", "Gt": "1 > 2", "GtE": "1 >= 2",
    "IfExp": "1 if x else 2",
    "In": "1 in (1,)", "Invert": "~1", "Is": "1 is 1", "IsNot": "1 is not 1", "JoinedStr": "f'x'", "LShift": "1 << 2",
    "Lambda": "lambda: 1", "ListComp": "[x for x in y]", "Lt": "1 < 2", "LtE": "1 <= 2", "MatMult": "1 @ 2",
    "Mod": "'%s' % 1", "Mult": "'a' * 9", "NamedExpr": "(x := 1)", "Not": "not 1", "NotEq": "1 != 2",
    "NotIn": "1 not in (1,)",
    "Or": "a or b", "Pow": "2 ** 9", "RShift": "1 >> 2", "SetComp": "{x for x in y}", "Slice": "'abc'[1:2]",
    "Starred": "*x", "Sub": "1 - 2", "Subscript": "'abc'[0]", "Yield": "(yield)", "YieldFrom": "(yield from x)",
    "arg": "lambda x: 1", "arguments": "lambda *x, **y: 1", "comprehension": "[x for x in y]",
}  # fmt: skip
STATEMENTS = {
    "Assert": "assert x", "AsyncFor": "async def f():\n async for x in y: pass",
    "AsyncFunctionDef": "async def f(): pass",
    "AsyncWith": "async def f():\n async with x: pass", "AugAssign": "x += 1", "Break": "while x: break",
    "ClassDef": "class A: pass", "Continue": "while x: continue", "Del": "del x", "Delete": "del x",
    "ExceptHandler": "try: x\nexcept: y", "For": "for x in y: pass", "FunctionDef": "def f(): pass",
    "Global": "global x",
    "If": "if x: y", "Import": "import os", "ImportFrom": "from os import path", "Match": "match x:\n case _: y",
    "MatchAs": "match x:\n case y: z", "MatchClass": "match x:\n case A(): z",
    "MatchMapping": "match x:\n case {}: z",
    "MatchOr": "match x:\n case 1 | 2: z", "MatchSequence": "match x:\n case []: z",
    "MatchSingleton": "match x:\n case None: z", "MatchStar": "match x:\n case [*y]: z",
    "MatchValue": "match x:\n case 1: z",
    "Nonlocal": "nonlocal x", "Pass": "pass", "Raise": "raise x", "Return": "return x", "Try": "try: x\nfinally: y",
    "TryStar": "try: x\nexcept* y: z", "While": "while x: y", "With": "with x: y", "alias": "import a as b",
    "match_case": "match x:\n case 1: z", "withitem": "with x as y: z",
}  # fmt: skip
ALLOWED = set(
    "Module Expr Assign AnnAssign List Tuple Set Dict Constant UnaryOp UAdd USub BinOp Add Call keyword Name Attribute "
    "Load Store".split()
)
# Other ways to parse, comments about types, and what Python 3.12 and later add, which is no syntax here.
ELSEWHERE = set(
    "Expression FunctionType Interactive TypeIgnore TypeAlias TypeVar ParamSpec TypeVarTuple TemplateStr Interpolation "
    # Left over from earlier grammars; the parser makes none of them.
    "AugLoad AugStore Bytes Ellipsis ExtSlice Index NameConstant Num Param Str Suite slice".split()
)


def test_there_is_a_sample_of_every_node_type() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)}
    abstract = {ast.AST, *(kind for kind in ast.AST.__subclasses__() if kind.__subclasses__())}
    kinds = {kind.__name__ for kind in found - abstract}
    assert kinds - ELSEWHERE == ALLOWED | set(EXPRESSIONS) | set(STATEMENTS)


@pytest.mark.parametrize("kind", sorted({**EXPRESSIONS, **STATEMENTS}))
def test_every_other_node_type_is_refused_by_name(kind: str) -> None:
    if kind in EXPRESSIONS:
        sample = EXPRESSIONS[kind]
        sources = [f"[Person({sample})]", f"[Person(name={sample})]", f"[{sample}]", f"[Person([{sample}])]"]
        sources += [f"[{{1, {sample}}}]", f"[{{1: {sample}}}]", f"[{{{sample}: 1}}]", f"{sample}\n[Person()]"]
        sources += [f"[Person()]\n{sample}", f"x = {sample}\n[x]", f"[Person({sample!s}, x=1)]", f"[Role({sample}).A]"]
    else:
        sample = STATEMENTS[kind]
        sources = [f"{sample}\n[Person()]", f"[Person()]\n{sample}", f"result = [Person()]\n{sample}", sample]
    tried = 0
    for source in sources:
        try:
            tree = ast.parse(source, feature_version=(3, 11))
        except SyntaxError:
            continue
        assert kind in {type(node).__name__ for node in ast.walk(tree)}
        tried += 1
        for name in refusals(read(source)):
            assert not name.startswith("the construct"), source
    assert tried


def test_unknown_nodes_have_the_name_that_ast_gives_them() -> None:
    assert construct(ast.Load()) == "the construct Load"


@pytest.mark.parametrize("name", sorted({*dir(builtins), "exit", "quit", "help", "copyright", "credits", "license"}))
def test_a_builtin_that_is_no_class_of_the_row_is_refused(name: str) -> None:
    if name in ("None", "True", "False", "dict"):
        return
    assert refusals(read(f"[{name}('x')]")) == [f"a call of the builtin `{name}`"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("[Person(name=null)]", "the name `null` (write `None`)"),
        ("[Person(name=true)]", "the name `true` (write `True`)"),
        ("[Person(name=false)]", "the name `false` (write `False`)"),
        ("[Person]", "the name `Person`"),
        ("[Person(name=Role)]", "the name `Role`"),
        ("[x]\nx = Person()", "the name `x`"),
        ("[Person(name=1, name=2)]", "the keyword argument `name` given twice"),
        ("[Person(__debug__=1)]", "the keyword argument `__debug__`"),
        ("[Person(**{})]", "keyword arguments unpacked with `**`"),
        ("[Person(*())]", "an unpacking with `*`"),
        ("[Person({**{}})]", "a dict unpacked with `**`"),
        ("[Person()()]", "a call of something that is no name"),
        ("['x'.join()]", "a call of something that is no name"),
        ("[Role.__class__]", "the attribute `__class__`"),
        ("[Role._member_map_]", "the attribute `_member_map_`"),
        ("[Role.A.value]", "an attribute access"),
        ("[Role['A']]", "a subscript"),
        ("[Person.name]", "an attribute access"),
        ("x = Person()\n[x()]", "a call of `x`, which is an instance"),
        ("x = Person()\n[x.name]", "an attribute access"),
        ("x = Person()\nx = Person()\n[x]", "a second binding of the name `x`"),
        ("Person = Event()\n[Event()]", "a second binding of the name `Person`"),
        ("x = 1\n[Person()]", "an assignment before the list"),
        ("x = y = Person()\n[x]", "an assignment before the list"),
        ("x, y = Person()\n[Person()]", "an assignment before the list"),
        ("Role.A = Person()\n[Person()]", "an assignment before the list"),
        ("x: int\n[Person()]", "an assignment before the list"),
        ("[Person()]\n[Event()]", "a list before the list"),
        ("Person()\n[Event()]", "a call of something that is no name before the list"),
        ("[Person()]; import os", "an import behind the list"),
        ("x = Person()", "an assignment"),
        ("[{Person()}]", "an instance in a set"),
        ("[{(1, Person())}]", "an instance in a set"),
        ("[{(1, [2])}]", "a list in a set"),
        ("[{frozenset()}]", "an instance in a set"),
        ("[{1: 2, (1, 2): 3}]", "a tuple"),
        ("[b'x']", "a constant that is no value (bytes, complex or `...`)"),
        ("[1j]", "a constant that is no value (bytes, complex or `...`)"),
        ("[-1j]", "an operation"),
        ("[...]", "a constant that is no value (bytes, complex or `...`)"),
        ("[-True]", "an operation"),
        ("[- -1]", "an operation"),
        ("[-'x']", "an operation"),
        ("[1 + 2]", "an operation"),
        ("['a' + 'b' * 2]", "an operation"),
        ("['a' + x]", "an operation"),
        ("['a' + f'b']", "an operation"),
        ("[1e999]", "a float that is not finite"),
        ("[-1e999]", "a float that is not finite"),
        (r"['\ud800']", "a string with a lone surrogate"),
        (r"['\ud83d' + '\ude00']", "a string with a lone surrogate"),
    ],
)
def test_refusals_say_what_was_refused(source: str, name: str) -> None:
    found = refusals(read(source))
    assert name in found or f"{name} before the list" in found


def test_every_refused_item_is_named() -> None:
    reply = read("[Person(1j), Event(), lambda: 1, Person(x)]")
    places = [one["place"] for one in listed(reply["refusals"]) if isinstance(one, dict)]
    assert len(refusals(reply)) == 3
    assert places == [[8, 10], [22, 31], [40, 41]]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("[\uff30erson()]", "Person"),
        ("[Person(\uff4eame=1)]", "name"),
        ("[Person(name=\uff32ole.A)]", "Role"),
        ("[Role.\uff21]", "A"),
        ("[Role\\\n. \uff21]", "A"),
        ("\uff58 = Person()\n[Person()]", "x"),
        ("x = Person()\r\n[\uff58]", "x"),
        ("\uff52esult = [Person()]", "result"),
        ("[_\uff3fclass__()]", "__class__"),
    ],
)
def test_a_name_that_python_reads_as_another_one_is_refused(source: str, name: str) -> None:
    assert refusals(read(source)) == [f"a name that Python reads as `{name}` but that is spelled otherwise"]


def test_syntax_errors_say_where() -> None:
    assert read("[Person(\n  naïve = 'é' 5)]") == {
        "status": "syntax", "message": "invalid syntax. Perhaps you forgot a comma?", "offset": 19
    }  # fmt: skip


def test_a_harmless_escape_is_no_error_whatever_warnings_are_set_to() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert result(read(r"[Person('\d')]"))


# Limits


def test_nodes_are_counted() -> None:
    fits = (limits.NODE_LIMIT - 4) // 2
    assert len(result(read("[Person(" + "0, " * (fits // 2) + ")]"))) == 2
    assert limit("[Person(" + "0, " * limits.NODE_LIMIT + ")]") == "labels of more than 20,000 syntax nodes"


@pytest.mark.parametrize(("opening", "closing"), [("Person(", ")"), ("Person(name=", ")"), ("[", "]"), ("{1: ", "}")])
def test_depth_is_counted(opening: str, closing: str) -> None:
    depth = limits.DEPTH_LIMIT
    assert result(read("[" + opening * depth + "1" + closing * depth + "]"))
    for more in (depth + 1, depth + 20, depth + 60):
        assert limit("[" + opening * more + "1" + closing * more + "]") == "values that nest deeper than 24 levels"


@pytest.mark.parametrize(
    "source", ["-" * 9000 + "1", "not " * 9000 + "1", "(" * 9000, "x" + ".y" * 9000, "lambda: " * 4000]
)
def test_what_the_parser_cannot_take_is_no_exception(source: str) -> None:
    assert read(f"[{source}]")["status"] in ("refused", "syntax")


def test_bits_are_counted() -> None:
    assert result(read(f"[{2**256 - 1}, -{2**256 - 1}]"))
    for number in (hex(2**256), f"-{2**256}", "0x" + "f" * 60_000):
        assert limit(f"[Person({number})]") == "an integer of more than 256 bits"


def test_added_strings_are_counted() -> None:
    assert result(read("[Person('a'" + " + 'a'" * 63 + ")]"))[1] == (("call", "Person", (("text", "a" * 64),), ()),)
    for more in (64, 3000):
        assert limit("[Person('a'" + " + 'a'" * more + ")]") in (
            "more than 64 strings added",
            "source that Python cannot parse (RecursionError)",
        )
    assert result(read("['a'" + " 'a'" * 3000 + "]"))


def chain(length: int, value: str) -> str:
    return "a0 = Person()\n" + "".join(f"a{at + 1} = Person({value.format(f'a{at}')})\n" for at in range(length))


def test_shared_instances_count_as_often_as_they_are_used() -> None:
    assert result(read(chain(10, "[{0}, {0}]") + "[a10]"))
    assert limit(chain(20, "{0}, {0}") + "[a20]") == "instances that expand to more than 20,000 values"
    assert limit(chain(12, "{0}, {0}") + "[a12, a12, a12]") == "instances that expand to more than 20,000 values"
    assert limit(chain(12, "{0}, {0}") + "[[a12, a12], [a12]]") == "instances that expand to more than 20,000 values"
    text = "a = Person('" + "x" * 50_000 + "')\n"
    assert result(read(text + "[" + "a, " * 20 + "]"))
    assert limit(text + "[" + "a, " * 21 + "]") == "instances that expand to more than 1,048,576 characters"


def test_shared_instances_nest_as_deep_as_they_would_written_out() -> None:
    assert result(read(chain(23, "{0}") + "[a23]"))
    assert limit(chain(24, "{0}") + "[a24]") == "values that nest deeper than 24 levels"
    assert limit(chain(4, "[[[[[[{0}]]]]]]") + "[a4]") == "values that nest deeper than 24 levels"
    assert limit(chain(23, "{0}") + "[(a23, 1)]") == "values that nest deeper than 24 levels"


# Anything


@given(source=st.text() | st.text(st.sampled_from("[](){}'\"=,.:; \n\\#@*+-0aPx_é😀")))
def test_no_text_is_an_exception(source: str) -> None:
    read(source)


@given(data=st.data(), labels=lists_of_instances(least=1))
def test_no_mutated_labels_are_an_exception(data: st.DataObject, labels: tuple[list[Written], str]) -> None:
    source = labels[1]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(source)))
        end = data.draw(st.integers(start, min(start + 4, len(source))))
        pieces = ["", *"[](){}'\",=+-*:.@", "lambda: ", " if 1 else ", "**", "await ", "__class__", ".x", "\n"]
        source = source[:start] + data.draw(st.sampled_from(pieces)) + source[end:]
    read(source)


@pytest.mark.parametrize(
    "attempt",
    [
        "open({0}, 'w')",
        "__import__('os').mkdir({0})",
        "().__class__.__base__.__subclasses__()[0]({0})",
        "exec('open({0}, \"w\")')",
        "[open(x, 'w') for x in [{0}]]",
        "(lambda: open({0}, 'w'))()",
        "f'{{open({0}, chr(119))}}'",
        "Person.__init__.__globals__['open']({0}, 'w')",
    ],
)
@pytest.mark.parametrize(
    "frame", ["[{0}]", "[Person({0})]", "{0}\n[Person()]", "[Person()]\n{0}", "x: {0} = Person()\n[x]"]
)
def test_nothing_is_run(attempt: str, frame: str, tmp_path: Path) -> None:
    read(frame.format(attempt.format(repr(str(tmp_path / "canary")))))
    assert not list(tmp_path.iterdir())


@example(text="__import__('os')")
@given(text=st.text())
def test_annotations_are_never_evaluated(text: str) -> None:
    read(f"result: {text!r} = [Person()]")


# One layer at a time


@pytest.mark.parametrize(
    "source",
    ["x.__class__", "x._y", "_x = 1", "import _os", "from os import _exit", "x.__roles__", "def _f(): pass",
     "async def f(): pass", "print = 1", "x.f_globals", "x.gi_frame", "del x._y", "x: int = 1"],
)  # fmt: skip
def test_restricted_python_alone_refuses(source: str) -> None:
    with pytest.raises(Refusal):
        policy.execute(ast.parse(source), {"x": object()})


@pytest.mark.parametrize(
    "source",
    ["x.y", "x['y']", "x.y = 1", "import os", "from os import path", "open('x')", "getattr(x, 'y')", "type(x)",
     "for y in x: pass", "[y for y in x]", "x(*[], **{})", "class A: pass", "print(x)", "'{0.__class__}'.format(x)"],
)  # fmt: skip
def test_the_namespace_alone_gives_nothing_to_work_with(source: str) -> None:
    with pytest.raises((NameError, ImportError)):
        policy.execute(ast.parse(source), {"x": facts.Handle(0, facts.Extent(1, 0, 1))})


@pytest.mark.parametrize("name", sorted(set(dir(builtins)) - {"None", "True", "False", "__debug__"}))
def test_the_namespace_has_no_builtins(name: str) -> None:
    namespace: dict[str, object] = {}
    policy.execute(ast.parse("x = 1"), namespace)
    assert namespace == {"__builtins__": {}, "x": 1}
    with pytest.raises(NameError):
        exec(name, namespace)


def test_what_the_compiler_refuses_is_no_exception() -> None:
    tree = ast.parse("f(x=1)")
    call = next(node for node in ast.walk(tree) if isinstance(node, ast.keyword))
    call.arg = "__debug__"
    with pytest.raises(Refusal, match="cannot compile"):
        policy.execute(tree, {})


def test_what_is_recorded_has_no_behaviour() -> None:
    for kind in (facts.Handle, facts.Items, facts.Member):
        own = {name for name in vars(kind) if not re.fullmatch(r"__\w+__", name)}
        assert own == set(kind.__slots__)
        assert kind.__slots__
    with pytest.raises(TypeError, match="bytes"):
        facts.encode(b"", ast.Constant(b""), Offsets(""), [])


def test_the_policy_loads_nothing_late() -> None:
    before = set(sys.modules)
    assert result(read(r"[Person('\N{BULLET}', größe=1.5)]"))
    read("[Person(")
    assert set(sys.modules) == before
