"""An attribute has no comment and no docstring that says what fills it.

The type alone does not tell which of several strings belongs there, nor how much of the text. A description in a base
class serves all that redeclare the attribute. A section of the docstring of the class (Google, NumPy or Sphinx style),
a string in `Annotated` and `field(metadata={"description": ...})` describe it as well as a comment does; `todo`, `...`
and the like do not. None is needed by `mention` and `span`, the words of the instance itself, which the definition of
the class describes, nor by the two arguments of a relation that has a definition, nor by an attribute that has the name
of its type, where that is defined, or whose type lists its values (`Literal`).

Source: GoLLIE, arXiv:2310.03668, section 3 (attributes explained by comments); GuideX, arXiv:2506.00649.
"""

import ast
from collections.abc import Iterator, Mapping

from guidex_schema import classes, docstring, imports
from guidex_schema.definitions import descriptions, texts
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.schema import (
    Attribute,
    AttributeType,
    EntityType,
    Enumeration,
    EnumType,
    LiteralType,
    ReferenceType,
    Schema,
    TextType,
    leaves,
)
from guidex_schema.syntax import last_name
from guidex_schema.vocabulary import is_same, is_unwritten, name_words

CODE = "GX103"
NAME = "missing-attribute-description"
SEVERITY = Severity.WARNING

VALID = (
    Example(),
    Example(guidelines="class A:\n    # above\n    x: str\n    y: str  # behind\n    z: str\n    'below'\n"),
    Example(guidelines='class A:\n    unit: Literal["g", "kg"] | None = None\n'),
    Example(guidelines="class A(Entity):\n    mention: str\n\nclass B(Entity):\n    span: str\n"),
    Example(guidelines="class A:\n    x: str  # {x}\n\nclass B(A):\n    x: str\n\nclass C(B):\n    x: str\n"),
    Example(guidelines='class Owns(Relation):\n    """Who has what."""\n    arg1: str\n    arg2: str\n'),
    Example(guidelines="class A:\n    x: str  # what\n\nclass A:\n    y: str  # else\n"),
    Example(
        guidelines='class Cause:\n    """Without it nothing happens."""\n\nclass A:\n    causes: List["Cause"]\n'
        '    heat: "Heat"\n\nclass Heat(Enum):\n    """How hot it is."""\n    LOW = 1\n'
    ),
    Example(
        guidelines='class Arm:\n    """What is compared."""\n\nclass Bus:\n    """A long car."""\n\n'
        "class Trial:\n    arms: List[Arm]\n    buses: List[Bus]\n"
    ),
    Example(
        guidelines='class Dose:\n    """What is taken at once.\n\n    Attributes:\n        amount: the number\n'
        '        unit (str): that of\n            the number\n    """\n    amount: str\n    unit: str\n'
    ),
    Example(
        guidelines='class Dose:\n    """What is taken.\n\n    :param unit: that of the number\n    """\n'
        "    unit: str\n\nclass DailyDose(Dose):\n    unit: str\n"
    ),
    Example(
        guidelines='class Dose:\n    """What is taken.\n\n    Parameters\n    ----------\n    unit : str\n'
        '        That of the number.\n    """\n    unit: str\n'
    ),
    Example(guidelines='class A:\n    x: Optional[Annotated[str, "What it is called"]]\n'),
    Example(guidelines='class A:\n    x: str = field(default="", metadata={"description": "What it is called"})\n'),
)

INVALID = (
    Example(
        guidelines="class Person:\n    name: str\n",
        at="name",
        part="guidelines",
        path="Person.name",
        message="the attribute `name` has no comment or docstring that says what fills it",
    ),
    Example(
        guidelines="class Person:\n    mention: str\n    span: int\n",
        at="span",
        part="guidelines",
        path="Person.span",
        message="the attribute `span` has no comment or docstring that says what fills it",
    ),
    Example(
        guidelines='class Cause:\n    pass\n\nclass A:\n    causes: List["Cause"]\n',
        at="causes",
        part="guidelines",
        path="A.causes",
        message="the attribute `causes` has no comment or docstring that says what fills it",
    ),
    Example(
        guidelines="class Visit:\n    cost: str  # todo: describe\n",
        at="cost",
        part="guidelines",
        path="Visit.cost",
        message="the attribute `cost` has no comment or docstring that says what fills it",
    ),
    Example(
        guidelines='class Dose:\n    """What is taken.\n\n    Attributes:\n        unit (str):\n    """\n'
        "    unit: str\n",
        at="unit",
        part="guidelines",
        path="Dose.unit",
        message="the attribute `unit` has no comment or docstring that says what fills it",
    ),
    Example(
        guidelines='class Dose:\n    """What is taken.\n\n    Parameters\n    ----------\n    unit : str\n    """\n'
        "    unit: str\n",
        at="unit",
        part="guidelines",
        path="Dose.unit",
        message="the attribute `unit` has no comment or docstring that says what fills it",
    ),
    Example(
        guidelines="class A:\n    x: Annotated[str, 3]\n",
        at="x",
        part="guidelines",
        path="A.x",
        message="the attribute `x` has no comment or docstring that says what fills it",
    ),
    Example(
        guidelines='class A:\n    x: str = field(metadata={"unit": "g", "help": "?"})\n',
        at="x",
        part="guidelines",
        path="A.x",
        message="the attribute `x` has no comment or docstring that says what fills it",
    ),
)

_WORDS_OF_THE_INSTANCE = frozenset(("mention", "span"))
_ARGUMENTS = frozenset(("arg1", "arg2", "head", "tail", "subject", "object"))
_METADATA = frozenset(("description", "doc", "help"))


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Look for the description of every attribute."""
    if not any(map(is_unwritten, texts(guideline))):
        return
    defined = _defined(guideline.schema)
    relations = {one.name for one in guideline.schema.entity_types if one.kind == "relation" and one.definition}
    lacking = [
        one
        for one in descriptions(guideline)
        if is_unwritten(one.text)
        and not (one.entity_type.name in relations and one.attribute.name in _ARGUMENTS)
        and not _explains_itself(one.attribute, defined)
    ]
    described = _described(guideline) if lacking else {}
    for one in lacking:
        name = one.attribute.name
        if name not in described[id(one.entity_type)]:
            yield Fault(
                rule=NAME,
                message=f"the attribute {quoted(name)} has no comment or docstring that says what fills it",
                part="guidelines",
                span=one.name,
                path=one.path,
            )


def _described(guideline: Guideline) -> Mapping[int, frozenset[str]]:
    """Give the names of the attributes that each type, told by its identity, or one of its bases describes."""
    described: dict[int, frozenset[str]] = {}
    of_name: dict[str, frozenset[str]] = {}
    for entity_type, node in classes.declared(guideline):
        names = frozenset(attribute.name for attribute in entity_type.attributes)
        own = (attribute.name for attribute in entity_type.attributes if not is_unwritten(attribute.description))
        annotated = (one.target.id for one in imports.declarations(node) if not all(map(is_unwritten, _texts(one))))
        sections = names.intersection(docstring.described(entity_type.definition))
        inherited = (names & of_name.get(base, frozenset()) for base in entity_type.bases)
        described[id(entity_type)] = of_name[node.name] = sections.union(own, annotated, *inherited)
    return described


def _texts(declaration: imports.Declaration) -> Iterator[str]:
    """Give the texts with which the statement of an attribute describes it."""
    for node in ast.walk(declaration.statement.annotation):
        match node:
            case ast.Subscript(value=value, slice=ast.Tuple(elts=[_, *said])) if last_name(value) == "Annotated":
                yield from map(_text, said)
            case _:
                pass
    match declaration.statement.value:
        case ast.Call(keywords=keywords):
            metadata = [keyword.value for keyword in keywords if keyword.arg == "metadata"]
        case _:
            metadata = []
    for one in metadata:
        if isinstance(one, ast.Dict):
            said_of = zip(one.keys, one.values, strict=True)
            yield from (_text(value) for key, value in said_of if key is not None and _text(key) in _METADATA)


def _text(node: ast.expr) -> str:
    """Give the text of a string, or of ``Doc("...")`` (PEP 727); "" for anything else."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Call(func=called, args=[ast.Constant(value=str(text))]) if last_name(called) == "Doc":
            return text
        case _:
            return ""


def _defined(schema: Schema) -> frozenset[str]:
    """Give the names of all types that have a definition."""
    declared: tuple[EntityType | Enumeration, ...] = (*schema.entity_types, *schema.enumerations)
    return frozenset(one.name for one in declared if one.definition)


def _explains_itself(attribute: Attribute, defined: frozenset[str]) -> bool:
    if attribute.name in _WORDS_OF_THE_INSTANCE and isinstance(attribute.type, TextType):
        return True
    return any(_explains(leaf, attribute.name, defined) for leaf in leaves(attribute.type))


def _explains(attribute_type: AttributeType, name: str, defined: frozenset[str]) -> bool:
    match attribute_type:
        case LiteralType():
            return True
        case ReferenceType(entity_type=declared) | EnumType(name=declared):
            return declared in defined and _has_name_of(name, declared)
        case _:
            return False


def _has_name_of(attribute: str, name: str) -> bool:
    """Say whether an attribute has the name of a type, or its plural: `first_causes` has not that of `Cause`."""
    written, wanted = name_words(attribute), name_words(name)
    return len(written) == len(wanted) and all(
        one in (f"{other}s", f"{other}es") or is_same(one, other) for one, other in zip(written, wanted, strict=True)
    )
