"""JSON Schema: what the schema accepts and refuses, in JSON."""

import json

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from guidex_schema.guideline import parse_guideline
from guidex_schema.json_schema import json_schema
from guidex_schema.schema import Schema
from strategies import schemas

GUIDELINES = '''
"""Who wrote what."""
class Role(Enum):
    """What one did."""
    WRITER = "writer"
    READER = "reader"

class Name(str):
    pass

@dataclass
class Agent(Entity):
    """Whoever acts."""
    name: Name
    """As it is written."""

@dataclass
class Person(Agent):
    born: Optional[int] = None
    role: Role = Role.READER

@dataclass
class Größe(Entity):
    maß: float

@dataclass
class Work(Entity):
    title: str
    by: List["Agent"] = field(default_factory=list)
    size: Größe = None
    about: Entity = None
    marks: Dict[str, int] = None
    years: Dict[int, Literal["a", 1]] = None
    roles: Dict[Role, str] = None
    pair: Tuple[str, int] = ("a", 1)
    path: Tuple[bool, ...] = ()
    nothing: Tuple[()] = ()
    words: Set[str] = None
    other: Union[str, int] = 3
    thing: Any = None
    when: datetime.date = None
    secret: str = field(default="", init=False)
'''


def validator(source: str = GUIDELINES) -> Draft202012Validator:
    return Draft202012Validator(json_schema(parse_guideline(source).schema))


def test_a_definition_carries_what_its_author_wrote() -> None:
    written = json_schema(parse_guideline(GUIDELINES).schema)
    assert written["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert written["description"] == "Who wrote what."
    definitions = written["$defs"]
    assert isinstance(definitions, dict)
    assert list(definitions) == ["Agent", "Person", "Größe", "Work", "Role"]
    assert definitions["Role"] == {"title": "Role", "description": "What one did.", "enum": ["writer", "reader"]}
    assert definitions["Person"] == {
        "title": "Person",
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "As it is written."},
            "born": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
            "role": {"$ref": "#/$defs/Role", "default": "reader"},
        },
        "required": ["name"],
        "additionalProperties": False,
    }
    assert definitions["Work"]["required"] == ["title"]
    assert "secret" not in definitions["Work"]["properties"]


@pytest.mark.parametrize(
    "instance",
    [
        {"name": "Ada"},
        {"name": "Ada", "born": 1815, "role": "writer"},
        {"name": "Ada", "born": None},
        {"maß": 1},
        {"title": "Notes"},
        {"title": "Notes", "by": [{"name": "Ada"}, {"name": "Ada", "role": "reader"}]},
        {"title": "Notes", "size": {"maß": 1.5}, "about": {"title": "Engine"}},
        {"title": "Notes", "marks": {"a": 1}, "years": {"1843": "a", "-3": 1}, "roles": {"writer": "Ada"}},
        {"title": "Notes", "pair": ["a", 1], "path": [True, False], "nothing": [], "words": ["a", "b"]},
        {"title": "Notes", "other": "x", "thing": {"any": [1]}, "when": "1843-10-01"},
    ],
)
def test_what_the_guidelines_declare_is_accepted(instance: dict[str, object]) -> None:
    validator().validate([instance])
    validator().validate([instance, instance])


@pytest.mark.parametrize(
    "instance",
    [
        {},
        {"name": 3},
        {"name": "Ada", "born": "1815"},
        {"name": "Ada", "born": True},
        {"name": "Ada", "role": "painter"},
        {"name": "Ada", "age": 3},
        {"maß": "1"},
        {"title": "Notes", "by": {"name": "Ada"}},
        {"title": "Notes", "by": [{"title": "Engine"}]},
        {"title": "Notes", "size": {"name": "Ada"}},
        {"title": "Notes", "marks": {"a": "1"}},
        {"title": "Notes", "years": {"1843": "b"}},
        {"title": "Notes", "years": {"then": "a"}},
        {"title": "Notes", "years": {"1843": True}},
        {"title": "Notes", "roles": {"painter": "Ada"}},
        {"title": "Notes", "pair": ["a"]},
        {"title": "Notes", "pair": ["a", 1, 2]},
        {"title": "Notes", "path": [1]},
        {"title": "Notes", "nothing": [1]},
        {"title": "Notes", "words": ["a", "a"]},
        {"title": "Notes", "other": 1.5},
        {"title": "Notes", "secret": "x"},
        "Ada",
    ],
)
def test_what_the_guidelines_do_not_declare_is_refused(instance: object) -> None:
    assert not validator().is_valid([instance])


def test_instances_stand_in_an_array() -> None:
    assert validator().is_valid([])
    assert not validator().is_valid({"name": "Ada"})


def test_a_root_accepts_all_that_derives_from_it_and_a_root_without_heirs_any_object() -> None:
    source = "class A:\n    x: {}\n\nclass B(Entity):\n    y: int\n"
    assert validator(source.format("Entity")).is_valid([{"x": {"y": 1}}])
    assert not validator(source.format("Entity")).is_valid([{"x": {"y": "1"}}])
    assert validator(source.format("Event")).is_valid([{"x": {"y": "1"}}])
    assert not validator(source.format("Event")).is_valid([{"x": "1"}])


def test_a_type_may_hold_itself() -> None:
    assert validator("class A:\n    x: 'Optional[A]'\n").is_valid([{"x": {"x": {"x": None}}}])


def test_without_entity_types_only_nothing_is_valid() -> None:
    assert validator("").is_valid([])
    assert not validator("").is_valid([{}])


@given(schemas())
def test_every_schema_is_json_schema(schema: Schema) -> None:
    written = json_schema(schema)
    Draft202012Validator.check_schema(written)
    assert json.loads(json.dumps(written)) == written
    assert Draft202012Validator(written).is_valid([])
