"""Hypothesis strategies for rows to filter, and what their labels hold, read by nothing that is under test."""

import ast
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from hypothesis import strategies as st

GUIDELINES = '''from dataclasses import dataclass, field
from enum import Enum
from typing import Dict, List, Optional, Set, Tuple

class Kind(Enum):
    """The kind of a person."""
    GUEST = "guest"
    HOST = "host"

class Name(str):
    """A name as it is written."""

@dataclass
class Person:
    """A person that the text names."""
    mention: str  # the name as it is written
    role: Optional[str] = None  # what the person does
    tags: List[str] = field(default_factory=list)  # words for the person
    children: Optional[List["Person"]] = None  # their children
    kind: Optional[Kind] = None  # host or guest
    size: Optional[Tuple[int, int]] = None  # two numbers
    marks: Optional[Set[str]] = None  # signs of the person
    names: Optional[Dict[str, Name]] = None  # by language

@dataclass
class Meeting:
    """People who come together."""
    host: Person  # who invites
    guests: List[Person]  # who comes
    place: Optional[str] = None  # where
'''
DOCUMENT = "Ada (called “the poet”) met Bob and Cleo's son in Berlin on 3 May 1843: 12 of 15 came."
POSITIONS = {
    "Person": ("mention", "role", "tags", "children", "kind", "size", "marks", "names"),
    "Meeting": ("host", "guests", "place"),
}

# A leaf: the class of the instance around it, the attribute that it stands for, and itself.
Leaf = tuple[str | None, str | None, str]

_good = st.sampled_from(['"Ada"', '"Bob"', "'Berlin'", '"met" " Bob"', '"3 May"', '"12"'])
_bad = st.sampled_from(['"Zoe"', "7", "None", '"ada"', '"the \\"poet\\""', "True", '"Zo\\u00eb"', "-1.5"])
_texts = st.one_of(_good, _good, _good, _bad)
_numbers = st.sampled_from(["12", "15", "1843", "99", '"12"'])
_commas = st.sampled_from([", ", ",", ",\n        "])


@st.composite
def _lists(draw: st.DrawFn, of: st.SearchStrategy[str], most: int = 3) -> str:
    return f"[{draw(_commas).join(draw(st.lists(of, max_size=most)))}]"


@st.composite
def _calls(draw: st.DrawFn, name: str, values: Mapping[str, st.SearchStrategy[str]], required: int) -> str:
    """Write a call whose arguments mostly fit; its first ones may be positional."""
    class_name = draw(st.sampled_from([name] * 12 + ["Alien"]))
    names = list(values)[: required if draw(st.integers(0, 9)) else 0]
    names += draw(st.lists(st.sampled_from(list(values)[required:]), max_size=3, unique=True))
    positional = draw(st.integers(0, 2))
    taken = [one for one in list(values)[:positional] if one in names][:positional]
    if taken != list(values)[: len(taken)]:
        taken = []
    written = [draw(values[one]) for one in taken]
    written += [f"{one}={draw(values[one])}" for one in names if one not in taken]
    if draw(st.integers(0, 14)) == 14:
        written.append(f"colour={draw(_texts)}")
    if draw(st.integers(0, 24)) == 24:
        written = [draw(_texts) for _ in range(9)]
    return f"{class_name}({draw(_commas).join(written)})"


def _people(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return _calls(
        "Person",
        {
            "mention": _texts,
            "role": _texts,
            "tags": _lists(_texts),
            "children": _lists(children, 2),
            "kind": st.sampled_from(["Kind.GUEST", '"guest"', "Kind.KING", 'Kind("host")']),
            "size": st.tuples(_numbers, _numbers).map(lambda pair: f"({pair[0]}, {pair[1]})"),
            "marks": st.lists(_texts, min_size=1, max_size=3).map(lambda items: f"{{{', '.join(items)}}}"),
            "names": st.lists(st.tuples(st.sampled_from(['"en"', '"de"', "3"]), _texts), max_size=2).map(
                lambda pairs: f"{{{', '.join(f'{key}: Name({value})' for key, value in pairs)}}}"
            ),
        },
        1,
    )


people = st.recursive(_people(st.just('Person("Cleo")')), _people, max_leaves=3)
meetings = _calls("Meeting", {"host": people, "guests": _lists(people, 2), "place": _texts}, 2)
instances = st.one_of(people, people, meetings)


@st.composite
def labels(draw: st.DrawFn) -> str:
    """Write labels that can be read, in the forms that models use; some are no list, and some hold no instance."""
    items = draw(st.lists(instances, max_size=3))
    shared = draw(st.booleans()) and bool(items)
    head = f"p = {items[0]}\n" if shared else ""
    listed = ["p", *items[1:], *(["Meeting(host=p, guests=[p])"] if draw(st.booleans()) else [])] if shared else items
    if draw(st.integers(0, 19)) == 19:
        listed = [*listed, "3"]
    body = f"[{draw(_commas).join(listed)}]"
    if draw(st.integers(0, 24)) == 24:
        return items[0] if items else '"none"'
    return head + draw(st.sampled_from(["", "result = " if head else ""])) + body + draw(st.sampled_from(["", "\n"]))


@st.composite
def broken_labels(draw: st.DrawFn) -> str:
    """Write labels that cannot be read as a whole, or not as they stand."""
    written = draw(labels())
    return draw(
        st.sampled_from(
            [
                f"```python\n{written}\n```",
                written.rstrip()[:-1],
                f"{written}\nprint(1)",
                f"Here you are: {written}",
                f"{written.rstrip()[:-1]}, open('x')]",
                "",
                "\x00",
            ]
        )
    )


@st.composite
def columns(draw: st.DrawFn, of_labels: st.SearchStrategy[str] | None = None) -> dict[str, str]:
    """Give the columns of a row, each as JSON, in one of the forms of rows."""
    written = draw(labels() if of_labels is None else of_labels)
    guidelines = draw(
        st.sampled_from(
            [GUIDELINES] * 6
            + [
                GUIDELINES.replace("from enum import Enum\n", ""),
                GUIDELINES.replace('"Person"', "Person"),
                GUIDELINES.replace(" = field(default_factory=list)", " = []"),
                GUIDELINES.replace("class Meeting:", "class Meeting"),
                GUIDELINES.replace("\n", "\r\n"),
            ]
        )
    )
    is_ascii = draw(st.booleans())
    extra = {
        "score": "1.50",
        "größe": "[1e3,  -0.0]",
        "note": '"\\u00e9\\/\\ud83d\\ude00"',
        "id": f'"{draw(st.integers(0, 9))}"',
    }
    text = f"# Guidelines\n{guidelines}\n# Text\ntext = {json.dumps(DOCUMENT)}\n\n# Annotations\nresult = {written}\n"
    match draw(st.sampled_from(["native", "both", "text", "column"])):
        case "native":
            own = {"guidelines": guidelines, "labels": written, "document": DOCUMENT}
        case "both":
            own = {"labels": written, "text": text, "unlabelled_sentence": DOCUMENT}
        case "text":
            own = {"text": text}
        case _:
            own = {
                "text": text[: text.index("\n# Annotations")],
                "labels": draw(st.sampled_from(["", "result = "])) + written,
            }
    if own.get("labels", "").startswith("result = p = "):
        own["labels"] = written
    pairs = [*((name, json.dumps(value, ensure_ascii=is_ascii)) for name, value in own.items()), *extra.items()]
    return dict(draw(st.permutations(pairs)))


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """Give a line of JSONL: a row, or something that is none."""
    found = draw(columns(draw(st.sampled_from([labels(), labels(), broken_labels()]))))
    comma = draw(st.sampled_from([", ", ",", " ,  "]))
    line = ("{" + comma.join(f'"{name}": {value}' for name, value in found.items()) + "}").encode()
    kind = draw(st.integers(0, 19))
    if kind < 10:
        return line
    return draw(
        st.sampled_from(
            [
                line.rstrip(b"}"),
                line.replace(b'"score"', b'"id"'),
                line.replace(b"1.50", b"NaN"),
                line.replace(b"1.50", b"\xff"),
                line.replace(b"1.50", b"9" * 5000),
                line.replace(b"1.50", b"[" * 3000 + b"]" * 3000),
                line.replace(b"1.50", b'"\\ud800"'),
                b"  " + line + b" \r",
                b"3",
                b"null",
                b"{}",
                b'{"guidelines": 3, "labels": "[]"}',
                b"not JSON \xe2\x82",
                b"\x00",
            ]
        )
    )


@st.composite
def arrays(draw: st.DrawFn) -> bytes:
    """Give the bytes of a JSON file that mostly holds an array of rows, now and then with more or less than that."""
    space = draw(st.sampled_from([b"\n", b"\n  ", b" ", b"", b"\r\n\t"]))
    elements = [one.replace(b"\r", b"") for one in draw(st.lists(lines(), max_size=4))]
    commas = [b","] * 12 + [b"", b",,", b", junk,", b' "x" ', b"} ", b"]", b"\xff,"]
    inside = b"".join(
        (draw(st.sampled_from(commas)) if number else b"") + space + one for number, one in enumerate(elements)
    )
    end = draw(
        st.sampled_from([b"]"] * 6 + [b",]", b"", b"}", b"] trailing \xfe words", b']\n{"labels": "[]"}', b"]]"])
    )
    start = draw(st.sampled_from([b"["] * 9 + [b"\xef\xbb\xbf[", b"[[", b""]))
    data = start + inside + space + end + draw(st.sampled_from([b"", b"\n"]))
    return data if draw(st.integers(0, 4)) else data[: draw(st.integers(0, len(data)))]


def leaves(source: str, entity_type: str | None = None, attribute: str | None = None) -> Counter[Leaf]:
    """Count the leaf values of labels, or of a part of them that stands for an attribute."""
    module = ast.parse(source)
    names: dict[str, ast.expr] = {}
    for statement in module.body[:-1]:
        assert isinstance(statement, ast.Assign)
        assert isinstance(statement.targets[0], ast.Name)
        names[statement.targets[0].id] = statement.value
    last = module.body[-1]
    assert isinstance(last, ast.Expr | ast.Assign)
    return Counter(_leaves(last.value, entity_type, attribute, names))


def _leaves(
    node: ast.expr, entity_type: str | None, attribute: str | None, names: Mapping[str, ast.expr]
) -> Iterator[Leaf]:
    def inside(values: Sequence[ast.expr]) -> Iterator[Leaf]:
        for one in values:
            yield from _leaves(one, entity_type, attribute, names)

    match node:
        case ast.Name(id=name) if name in names:
            yield from _leaves(names[name], entity_type, attribute, names)
        case ast.List(elts=values) | ast.Tuple(elts=values) | ast.Set(elts=values):
            yield from inside(values)
        case ast.Dict(values=values):
            yield from inside(values)
        case ast.Call(func=ast.Name(id=name), args=positional, keywords=keywords) if name not in ("Name", "Kind"):
            known = (*POSITIONS.get(name, ()), *([None] * len(positional)))
            for one, of in zip(positional, known, strict=False):
                yield from _leaves(one, name, of, names)
            for keyword in keywords:
                yield from _leaves(keyword.value, name, keyword.arg, names)
        case _:
            yield entity_type, attribute, ast.dump(node)
