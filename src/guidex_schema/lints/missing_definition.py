"""A class has no docstring.

The docstring is the definition: it is what annotators and models are shown of the type beside its name, and a name
alone is read differently by everybody. None is needed by a class that is only there to be derived from: it has no
attributes of its own, and no register lists it. Of classes with one name the last is judged.

Source: GoLLIE, arXiv:2310.03668, section 3 (guidelines as docstrings) and its ablation without them; PEP 257.
"""

from collections.abc import Iterator

from guidex_schema.definitions import definitions, families
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity

CODE = "GX101"
NAME = "missing-definition"
SEVERITY = Severity.WARNING

VALID = (
    Example(),
    Example(guidelines='class Phase(Enum):\n    """The state of aggregation."""\n    SOLID = 1\n'),
    Example(guidelines='class Person:\n    """{ace_person}"""\n'),
    Example(guidelines='class Node:\n    pass\n\nclass Node:\n    """A point of the tree."""\n    mention: str\n'),
    Example(
        guidelines="class Thing:\n    pass\n\nclass Life(Thing):\n    pass\n\n"
        'class Birth(Life):\n    """Somebody is born."""\n'
    ),
)

INVALID = (
    Example(
        guidelines="@dataclass\nclass Person:\n    mention: str  # the name\n",
        at="Person",
        part="guidelines",
        path="Person",
        message="the class `Person` has no docstring that says what belongs to it",
    ),
    Example(
        guidelines='class Name(str):\n    """ """\n',
        at="Name",
        part="guidelines",
        path="Name",
        message="the class `Name` has no docstring that says what belongs to it",
    ),
    Example(
        guidelines="class Phase(Enum):\n    SOLID = 1\n",
        at="Phase",
        part="guidelines",
        path="Phase",
        message="the class `Phase` has no docstring that says what belongs to it",
    ),
    Example(
        guidelines='class Life:\n    pass\n\nclass Birth(Life):\n    """Somebody is born."""\n\n'
        "TYPES = [Life, Birth]\n",
        at="Life",
        part="guidelines",
        path="Life",
        message="the class `Life` has no docstring that says what belongs to it",
    ),
    Example(
        guidelines='class Act:\n    date: str  # its day\n\nclass Birth(Act):\n    """Somebody is born."""\n',
        at="Act",
        part="guidelines",
        path="Act",
        message="the class `Act` has no docstring that says what belongs to it",
    ),
)


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Look for the docstring of every class."""
    if all(body.docstring.strip() for body in inventory(guideline).bodies):
        return
    listed = frozenset(name for register in guideline.schema.registers for name in register.entity_types)
    exempt = families(guideline) - listed
    last = {definition.path: definition for definition in definitions(guideline)}
    for definition in last.values():
        if not definition.text and definition.path not in exempt:
            yield Fault(
                rule=NAME,
                message=f"the class {quoted(definition.path)} has no docstring that says what belongs to it",
                part="guidelines",
                span=definition.name,
                path=definition.path,
            )
