"""Two types have names or definitions so close that annotators will mix them up.

Types that mean nearly the same are what models trained on many schemas confuse most. Compared are names but for plural,
case and British spelling, and definitions by their content words and character n-grams (setting `similarity`), without
the sections that describe attributes. Definitions that set one word against another (winner and loser) are no pair, nor
is a type and one that derives from it, nor are the names of a type and of the one that collects it (`Symptom` and
`Symptoms`). The definitions of roots, from which others derive, are not compared: nobody annotates with them.

Source: IEPile, arXiv:2402.14710, sections 1 and 2.2 (semantic confusion, hard negative schemas).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from string import ascii_letters

from guidex_schema import similarity
from guidex_schema.definitions import Definition, bases, definitions, families
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.schema import ROOTS, Schema, references
from guidex_schema.vocabulary import is_same, name_words, singular, spelled

CODE = "GX114"
NAME = "near-duplicate-definition"
SEVERITY = Severity.WARNING


def _pair(first: str, second: str, *, names: tuple[str, str] = ("Alpha", "Omega"), base: str = "Entity") -> str:
    return f'class {names[0]}(Entity):\n    """{first}"""\n\nclass {names[1]}({base}):\n    """{second}"""\n'


VALID = (
    Example(guidelines=_pair("The person who won the contest.", "The person who lost the contest.")),
    Example(guidelines=_pair("The moment at which it starts.", "The moment at which it ends.")),
    Example(guidelines=_pair("A goal that was allowed.", "A goal that was not allowed.")),
    Example(guidelines=_pair("Whoever employs a person.", "A person whom somebody employs.")),
    Example(guidelines=_pair("To whom the sum is paid.", "By whom the sum is paid.")),
    Example(guidelines=_pair("Treatment of type 1 diabetes.", "Treatment of type 2 diabetes.")),
    Example(guidelines=_pair("{ace_person} Names only.", "{ace_place} Names only.")),
    Example(guidelines=_pair("A person.", "A person.", base="Alpha")),
    Example(guidelines=_pair("A person.", "A person.", names=("Alpha", "Alpha"))),
    Example(guidelines=_pair("", "", names=("News", "New"))),
    Example(
        guidelines='class Symptom:\n    """What the patient reports."""\n\nclass Symptoms:\n'
        '    """Wraps them up."""\n    symptoms: List[Symptom]\n'
    ),
    Example(guidelines=_pair("A link between two entity mentions.", "A link between two event mentions.")),
    Example(guidelines=_pair("It stands for a sentence.", "It stands for a document.")),
    Example(
        guidelines=_pair("The base of all things.", "The base of all things in the text.")
        + '\nclass Firm(Alpha):\n    """A firm that makes money."""\n'
    ),
    Example(
        guidelines=_pair(
            "An attack.\n\n    Attributes:\n        place: where it took place\n    ",
            "A meeting.\n\n    Attributes:\n        place: where it took place\n    ",
        )
    ),
    Example(
        guidelines='class Number(Enum):\n    """A number."""\n    ONE = 1\n\nclass Numeral:\n    """A number."""\n'
    ),
)


def _invalid(guidelines: str, at: str, message: str) -> Example:
    return Example(guidelines=guidelines, at=at, part="guidelines", path=at, message=message)


_SAME = "`Omega` is defined nearly as `Alpha` is: annotators will mix them up; say what sets them apart"

INVALID = (
    _invalid(_pair("A person named in the text.", "A person who is mentioned in the document."), "Omega", _SAME),
    _invalid(_pair("An illness that affects the patient.", "An illness affecting a patient."), "Omega", _SAME),
    _invalid(_pair("{ace_person} Names only.", "{ace_person} Names only."), "Omega", _SAME),
    _invalid(
        _pair(
            "An illness that affects the patient.\n\n    Args:\n        name: as the patient calls it\n    ",
            "An illness that affects the patient.\n\n    Args:\n        code: as the hospital writes it\n    ",
        ),
        "Omega",
        _SAME,
    ),
    _invalid(_pair("文本中提到的公司或组织。", "文本中提到的公司或组织"), "Omega", _SAME),
    _invalid(
        _pair("What the patient feels.", "What was measured.", names=("Symptom", "Symptoms")),
        "Symptoms",
        "the name `Symptoms` differs from `Symptom` in number, case or spelling only: annotators will mix them up",
    ),
    _invalid(
        _pair("A firm.", "A club.", names=("HomeOrganisation", "Home_organization")),
        "Home_organization",
        "the name `Home_organization` differs from `HomeOrganisation` in number, case or spelling only: annotators "
        "will mix them up",
    ),
)


# Of many types with one content so many are compared word for word.
_COMPARED = 8


def check(subject: Subject) -> Iterator[Fault]:
    """Compare each type with those above it."""
    schema = subject.guideline.schema
    types = {entity_type.name for entity_type in schema.entity_types}
    # Of a name that is defined twice the first counts; the other is a matter of other rules.
    first: dict[str, Definition] = {}
    for definition in definitions(subject.guideline):
        if definition.path in types:
            first.setdefault(definition.path, definition)
    written = tuple(first.values())
    of_name = _same_names(written, schema)
    of_definition = _same_definitions(written, _roots(subject.guideline), subject.thresholds.similarity)
    for number, definition in enumerate(written) if of_name or of_definition else ():
        name = quoted(definition.path)
        if number in of_name:
            other = quoted(written[of_name[number]].path)
            message = (
                f"the name {name} differs from {other} in number, case or spelling only: annotators will mix them up"
            )
        elif number in of_definition:
            other = quoted(written[of_definition[number]].path)
            message = f"{name} is defined nearly as {other} is: annotators will mix them up; say what sets them apart"
        else:
            continue
        yield Fault(rule=NAME, message=message, part="guidelines", span=definition.name, path=definition.path)


def _same_names(written: Sequence[Definition], schema: Schema) -> dict[int, int]:
    """Give for each type the first above it whose name is nearly the same and that neither uses nor is used by it."""
    first: dict[str, int] = {}
    found: dict[int, int] = {}
    initials = [_initial(definition.path) for definition in written]
    for number, definition in enumerate(written):
        name = definition.path
        if "" not in initials and initials.count(initials[number]) == 1:
            # Its key is its own.
            continue
        key = "".join(singular(spelled(word)) for word in name_words(name))
        earlier = first.setdefault(key, number)
        other = written[earlier].path
        if (
            other != name
            and other not in _referred(schema, name)
            and name not in _referred(schema, other)
            and _is_same_name(name_words(name), name_words(other))
        ):
            found[number] = earlier
    return found


def _initial(name: str) -> str:
    """Give what begins the key of a name, whatever its spelling (aesthetic, esthetic); "" where that is not known."""
    return name[0].lower().replace("a", "e") if name[0] in ascii_letters else ""


def _referred(schema: Schema, name: str) -> frozenset[str]:
    """Give the types that the attributes of a type refer to."""
    entity_type = schema.entity_type(name)
    types = () if entity_type is None else (attribute.type for attribute in entity_type.attributes)
    return frozenset().union(*map(references, types))


def _is_same_name(one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether the words of two names are the same, joined or each for itself."""
    return "".join(one) == "".join(other) or (len(one) == len(other) and all(map(is_same, one, other)))


def _roots(guideline: Guideline) -> frozenset[str]:
    """Give the types that others derive from and that declare nothing, or are derived from nothing themselves."""
    found = inventory(guideline)
    if not found.bases:
        return frozenset()
    return families(guideline).union(
        body.name for body in found.bodies if body.name in found.bases and ROOTS.keys() >= set(body.bases)
    )


def _same_definitions(written: Sequence[Definition], roots: frozenset[str], threshold: float) -> dict[int, int]:
    """Give for each type but roots the nearest above it that is defined closely and that it does not derive from."""
    numbers: dict[similarity.Content, int] = {}
    contents = [() if one.path in roots else similarity.content_of(one.words) for one in written]
    profiles = [numbers.setdefault(content, len(numbers)) for content in contents]
    close = similarity.close(tuple(numbers), threshold)
    if len(numbers) == len(contents) and all(len(near) < 2 for near in close):
        return {}
    summaries = ["" if one.path in roots else one.summary for one in written]
    parents = bases(definition.body for definition in written)
    holders: dict[int, list[int]] = {}
    found: dict[int, int] = {}
    for number, profile in enumerate(profiles):
        if close[profile]:
            strange = {written[number].path, *_ancestors(written[number].path, parents)}
            for near in close[profile]:
                earlier = (one for one in holders.get(near.number, ()) if written[one].path not in strange)
                compared = ((one, summaries[one]) for one in islice(earlier, _COMPARED))
                confused = (one for one, text in compared if not similarity.exchanges_a_word(text, summaries[number]))
                nearest = next(confused, None)
                if nearest is not None:
                    found[number] = nearest
                    break
        holders.setdefault(profile, []).append(number)
    return found


def _ancestors(of: str, parents: Mapping[str, Sequence[str]]) -> set[str]:
    """Give the names of all that a class derives from; cycles end the walk."""
    seen: set[str] = set()
    pending = [*parents[of]]
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += parents.get(name, ())
    return seen
