"""What passes as generated guidelines is a module that Python loads, and holds no value that a text has to say."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidex_schema.generation.stage import Gated, Material, Stage, stages
from guidex_schema.generation.template import load
from guidex_schema.rendering import render_guideline
from guidex_schema.settings import Settings
from guidex_schema.stage_output import StageName
from guidex_schema.worker import Worker
from strategies import schemas
from transcripts import document, transcripts

# Run on what this file or the fixtures hold, and on nothing else.
LOADER = """
import json, sys, types, typing
for number, (source, labels) in enumerate(json.load(sys.stdin)):
    name = f"guidelines{number}"
    sys.modules[name] = module = types.ModuleType(name)
    try:
        exec(compile(source, name, "exec"), module.__dict__)
        for one in list(vars(module).values()):
            if isinstance(one, type) and one.__module__ == name:
                typing.get_type_hints(one)
        eval(labels, module.__dict__)
    except Exception as error:
        print(f"{error!r} in:\\n{source}\\n{labels}\\n")
"""
DOCUMENT = "Ada Lovelace wrote the Notes in 1843."


@pytest.fixture(scope="module")
def steps() -> Iterator[dict[StageName, Stage]]:
    with Worker() as worker:
        yield {one.name: one for one in stages(load(), Settings(), worker)}


def gated(steps: dict[StageName, Stage], source: str, text: str = DOCUMENT) -> Gated:
    return steps["guideline"].gate(source, False, Material(document=text, structure="{}"))


def not_loaded(sources: Sequence[tuple[str, str]]) -> str:
    """Load modules in a process of their own, and give what Python says of those that it refuses."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOADER],
        input=json.dumps(sources),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return done.stdout


IMPORTS = st.sampled_from(
    [
        "from dataclasses import dataclass, field",
        "from dataclasses import dataclass",
        "from typing import Dict, List, Literal, Optional, Union",
        "from typing import *",
        "from typing import Optional as List",
        "from enum import Enum, IntEnum",
        "from datetime import date",
        "from __future__ import annotations",
        "from foo import Optional",
        "from pydantic import BaseModel",
        "import typing",
        "import os",
        "Optional = None",
        "dataclass = None",
        "Kind = Literal['a']",
    ]
)
GOOD_HEAD = (
    "from dataclasses import dataclass, field\nfrom datetime import date\nfrom enum import Enum, IntEnum\n"
    "from typing import Any, Dict, List, Literal, Optional, Union"
)
NAMES = st.sampled_from(["A", "B", "C", "Role", "Optional", "str", "Level"])
DECORATORS = st.sampled_from(
    [*["@dataclass\n"] * 8, "", "@dataclass()\n", "@dataclass(frozen=True)\n", "@dataclass(foo=True)\n"]
)
BASES = st.sampled_from(
    [*[""] * 8, "(A)", "(B)", "(Entity)", "(BaseModel)", "(str)", "(A, A)", "(A, B)", "(dict)", "('A')", "(Enum)"]
)
TYPES = st.sampled_from(
    [
        *["str", "int", "bool", "Optional[str]", "List[str]"] * 3,
        "Optional['A']",
        "'B'",
        "A",
        "List[A]",
        "Role",
        "Optional[Role]",
        "List['Role']",
        "Literal['a', 1]",
        "Literal[Role.X]",
        "Union[str, int]",
        "str | None",
        "'A' | None",
        "date",
        "Dict[str, int]",
        "List[str, int]",
        "Optional[str, int]",
        "List[3]",
        "Optional",
        "Optional[]",
        "Any",
        "str[int]",
        "Level",
        "list[str]",
        "int[str]",
        "None",
        "Dict[str]",
        "A[str]",
        "List[str][int]",
        "(str, int)",
        "[str]",
    ]
)
DEFAULTS = st.sampled_from(
    [
        *[""] * 6,
        *[" = None"] * 6,
        " = False",
        " = 'Zorro'",
        " = 1999",
        " = []",
        " = ()",
        " = field(default_factory=list)",
        " = field(default=None)",
        " = field(init=False)",
        " = field(default=None, init=False)",
        " = field(default=None, metadata={})",
        " = Role.X",
        " = Role.Y",
        " = Role",
        " = A",
        " = A()",
        " = NOBODY",
        " = field",
        " = 'a'",
        " = field(default_factory=A)",
    ]
)
ATTRIBUTES = st.builds(
    lambda name, kind, default: f"    {name}: {kind}{default}\n    '''What fills it in the text.'''\n",
    st.sampled_from(["x", "y", "z", "date", "str", "Optional", "Role", "List", "_a", "field", "self", "type"]),
    TYPES,
    DEFAULTS,
)
DOCSTRING = "    '''Something that is told of in a text with its name and its year.'''\n\n"
DATACLASSES = st.builds(
    lambda decorator, name, bases, body: f"{decorator}class {name}{bases}:\n{DOCSTRING}{''.join(body)}",
    DECORATORS,
    NAMES,
    BASES,
    st.lists(ATTRIBUTES, max_size=4),
)
ENUMERATIONS = st.builds(
    lambda name, bases, body: f"class {name}{bases}:\n{DOCSTRING}{''.join(body)}",
    st.sampled_from(["Role", "Level"]),
    st.sampled_from(
        ["(Enum)", "(str, Enum)", "(Enum, str)", "(IntEnum)", "(Flag)", "(Role)", "(int, Enum)", "(A, Enum)"]
    ),
    st.lists(
        st.sampled_from(
            ["    X = 'x'\n", "    X = 1\n", "    Y = 2\n", "    mro = 3\n", "    _z = 4\n", "    W: int = 1\n"]
        )
    ),
)
TEXTS = st.builds(
    lambda name, bases: f"class {name}{bases}:\n{DOCSTRING}",
    st.sampled_from(["C", "Level"]),
    st.sampled_from(["(str)", "(str, Enum)"]),
)
# Nothing is wrong with this but for what is put into it at one place.
FRAME = f"""{{imports}}

class Role(str, Enum):
{DOCSTRING}    X = "x"

@dataclass
class A:
{DOCSTRING}    w: str
    '''What it is called.'''
{{attribute}}
{{decorator}}class B{{bases}}:
{DOCSTRING}{{other}}    v: Optional[Role] = None
    '''What it does.'''
"""
PLACES = {
    "imports": IMPORTS.map(lambda one: f"{GOOD_HEAD}\n{one}"),
    "attribute": ATTRIBUTES,
    "other": ATTRIBUTES,
    "decorator": DECORATORS,
    "bases": BASES,
}
AS_IT_SHOULD_BE = {"imports": GOOD_HEAD, "attribute": "", "other": "", "decorator": "@dataclass\n", "bases": ""}
MODULES = st.builds(
    lambda head, body: "\n".join([*head, *body]),
    st.just([GOOD_HEAD]) | st.lists(IMPORTS, max_size=4),
    st.lists(DATACLASSES | DATACLASSES | ENUMERATIONS | TEXTS, min_size=1, max_size=3),
)
NEARLY_GOOD = st.sampled_from(sorted(PLACES)).flatmap(
    lambda place: PLACES[place].map(lambda text: FRAME.format(**(AS_IT_SHOULD_BE | {place: text})))
)


def test_what_passes_as_guidelines_is_loaded(steps: dict[StageName, Stage]) -> None:
    passed: list[tuple[str, str]] = []
    count = 0

    @given(NEARLY_GOOD | NEARLY_GOOD | MODULES | schemas().map(render_guideline))
    @settings(max_examples=250)
    def collect(source: str) -> None:
        nonlocal count
        count += 1
        one = gated(steps, source)
        if one.passed:
            passed.append((one.value, "[]"))

    collect()
    assert len(passed) >= 10
    assert len(passed) < count
    assert not_loaded(passed) == ""


def test_transcripts_that_pass_are_loaded_with_their_labels(steps: dict[StageName, Stage]) -> None:
    passed = []
    guidelines = ""
    for one in transcripts():
        if one.stage not in ("guideline", "instances"):
            continue
        material = Material(document=document(one.document), structure="{}", guidelines=guidelines)
        found = steps[one.stage].gate(one.text, one.is_cut, material)
        if found.passed and one.stage == "guideline":
            guidelines = found.value
        elif found.passed:
            passed.append((guidelines, found.value))
    assert len(passed) >= 39
    assert not_loaded(passed) == ""


CLASS = '''@dataclass
class Person:
    """Somebody who is named in the text by a full name or a part of it."""

    name: str
    """The name as it is written."""
    year: Optional[int] = None
    """When it was."""
'''
GUIDELINES = f"from dataclasses import dataclass\nfrom typing import Optional\n\n\n{CLASS}"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("name: str", 'name: str = "Zorro"', "GX613"),
        ("Optional[int] = None", "int = 1999", "GX613"),
        ("class Person:", "class Person(Entity):", "GX614"),
        ("from typing", "from foo", "GX614"),
        ("\n\n\n", "\nfrom __future__ import annotations\n", "GX614"),
        ("@dataclass", "@dataclass(foo=True)", "GX614"),
        ("@dataclass", "dataclass = None\n\n\n@dataclass", "GX614"),
        ("class Person:", "class Person(BaseModel):", "GX614"),
        ("= None", "= field(init=False)", "GX614"),
        ("Optional[int] = None", '"Person"', "GX117"),
        ("Optional[int] = None", 'int = "x"', "GX133"),
    ],
)
def test_guidelines_that_no_labels_fit_do_not_pass(
    steps: dict[StageName, Stage], old: str, new: str, code: str
) -> None:
    assert gated(steps, GUIDELINES).passed
    one = gated(steps, GUIDELINES.replace(old, new))
    assert not one.passed
    assert code in {found.code for found in one.diagnostics if found.severity == "error"}


def test_guidelines_whose_docstring_is_never_closed_do_not_pass(steps: dict[StageName, Stage]) -> None:
    one = gated(steps, GUIDELINES.replace(' of it."""', " of it."))
    assert not one.passed


def test_guidelines_that_quote_the_document_are_told_so_where_they_can_be_mended() -> None:
    source = GUIDELINES.replace("Somebody who", "Somebody whom Ada Lovelace knew and who")
    with Worker() as worker:
        strict = stages(load(), Settings.model_validate({"severity": {"GX116": "error"}}), worker)
        one = strict[2].gate(source, False, Material(document=f"{DOCUMENT} So Ada Lovelace said.", structure="{}"))
        assert [found.code for found in one.diagnostics] == ["GX116"]
        assert not one.passed
