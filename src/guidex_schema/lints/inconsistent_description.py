"""One of several sibling types describes an attribute otherwise than all the others do.

Where subclasses redeclare an attribute of their family, with the same name and the same type, they mean the same by it;
the one description that says something else is mostly a slip. Each type may put its own name into the description, say
more, exchange one word, or give its own examples. At least three siblings, and three quarters of all, have to agree.

Source: GoLLIE, arXiv:2310.03668, whose event types redeclare the arguments of their family with one description each.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from guidex_schema.definitions import Description, descriptions
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.schema import AttributeType
from guidex_schema.vocabulary import EXAMPLES, PLACEHOLDER, content_words, name_words, root

CODE = "GX126"
NAME = "inconsistent-description"
SEVERITY = Severity.WARNING


def _family(*descriptions: str, base: str = "PlayEvent", annotation: str = "str") -> str:
    names = ("Attack", "Meeting", "Strike", "Transfer")
    return "\n".join(
        f"class {name}({base}):\n    place: {annotation}  # {description}\n"
        for name, description in zip(names, descriptions, strict=True)
    )


_SAME = "Where it took place"

VALID = (
    Example(
        guidelines=_family(
            "Where the attack took place", "Where meetings took place", "Where strikes took place", "the place where"
        )
    ),
    Example(guidelines=_family(_SAME, _SAME, "The country that was hit", "The country that was hit")),
    Example(guidelines=_family(_SAME, _SAME, _SAME, f"{_SAME}, with the street where it is named")),
    Example(guidelines=_family(_SAME, _SAME, _SAME, "Where the death took place")),
    Example(guidelines=_family(_SAME, _SAME, f"{_SAME}, such as: 'Oslo'", f"{_SAME}, e.g. the market of Lima")),
    Example(guidelines=_family("Its name", "Its size", "Its colour", "Who came second in the race")),
)

INVALID = (
    Example(
        guidelines=_family(_SAME, _SAME, "Who paid the fee of the player", _SAME),
        at="place",
        part="guidelines",
        path="Strike.place",
        message=(
            "`place` is described as `Who paid the fee of the player`, but as `Where it took place` "
            "by 3 other subclasses of `PlayEvent`"
        ),
    ),
    Example(
        guidelines=_family(
            "Where the attack took place",
            "Where the meeting took place",
            "Where the strikes took place",
            "Who was sold",
        ),
        at="place",
        part="guidelines",
        path="Transfer.place",
        message=(
            "`place` is described as `Who was sold`, but as `Where the attack took place` by 3 other subclasses of "
            "`PlayEvent`"
        ),
    ),
)

_LEAST_AGREEING = 3
_LEAST_SHARE = 0.75


class _Described(NamedTuple):
    """An attribute and the wording of its description: its content words without examples and the type's own name."""

    description: Description
    wording: frozenset[str]


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Compare the descriptions of each attribute that the subclasses of one base share."""
    if not inventory(guideline).bases:
        return
    families: dict[tuple[str, str, AttributeType], list[_Described]] = {}
    for description in descriptions(guideline):
        bases = description.entity_type.bases
        wording = _wording(description) if bases else frozenset()
        for base in bases if wording else ():
            key = base.rpartition(".")[2], description.attribute.name, description.attribute.type
            families.setdefault(key, []).append(_Described(description, wording))
    for (family_name, name, _), family in families.items():
        common, agreeing = Counter(described.wording for described in family).most_common(1)[0]
        if agreeing < _LEAST_AGREEING or agreeing < _LEAST_SHARE * len(family):
            continue
        first = next(described.description for described in family if described.wording == common)
        for described in family:
            if _differs(described.wording, common):
                yield Fault(
                    rule=NAME,
                    message=(
                        f"{quoted(name)} is described as {quoted(described.description.text)}, but as "
                        f"{quoted(first.text)} by {agreeing} other subclasses of {quoted(family_name)}"
                    ),
                    part="guidelines",
                    span=described.description.name,
                    path=described.description.path,
                )


def _wording(description: Description) -> frozenset[str]:
    text = EXAMPLES.split(description.text, maxsplit=1)[0]
    if PLACEHOLDER.search(text):
        return frozenset()
    own = {root(word) for word in name_words(description.entity_type.name)}
    return frozenset(root(word) for word in content_words(text)) - own


def _differs(wording: frozenset[str], common: frozenset[str]) -> bool:
    """Say whether a wording does not just say more, or one word in the place of another."""
    missing = common - wording
    return len(missing) > 1 or (len(missing) == 1 and len(wording - common) > 1)
