"""A definition only repeats the name of its class, or has too few words to say what belongs to it.

Annotators and models learn nothing from it that the name does not say, and so draw the borders of the type where they
like. How many words a definition needs is a setting (`definition-words`). Those of a section that describes attributes
do not count, nor does the label `Description:`. A whole clause made of the words of a name says more than the name. A
`{placeholder}` is filled with more.

Source: GoLLIE, arXiv:2310.03668, section 3 (definitions that go beyond the label); GuideX, arXiv:2506.00649; PEP 257.
"""

import re
from collections.abc import Iterator, Sequence

from guidex_schema.definitions import Definition, definitions
from guidex_schema.diagnostic import quoted
from guidex_schema.grounding.lexicon import ARTICLES
from guidex_schema.quantity import quantity
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.vocabulary import FILLERS, PLACEHOLDER, is_same, name_words, telling

CODE = "GX102"
NAME = "thin-definition"
SEVERITY = Severity.WARNING

VALID = (
    Example(),
    Example(guidelines='class Person:\n    """{ace_person}"""\n'),
    Example(guidelines='class Person:\n    """Somebody with a name."""\n'),
    Example(guidelines='class Person:\n    """文本中提到的真实人物"""\n'),
    Example(guidelines="class Person:\n    mention: str\n"),
    Example(guidelines='class Owner:\n    """The person who owns the thing."""\n'),
    Example(guidelines='class Owner:\n    """Who has a thing.\n\n    Attributes:\n        x: it\n    """\n'),
    Example(guidelines='class Owner:\n    """\n    Description: Who has a thing.\n    Examples: Ann, Bo\n    """\n'),
    Example(
        guidelines="class FirmCountryOfHeadquarters(Relation):\n"
        '    """The country in which the firm has its headquarters."""\n'
    ),
)

INVALID = (
    Example(
        guidelines='class Person:\n    """Any human being."""\n',
        at="Person",
        part="guidelines",
        path="Person",
        message="the definition of `Person` has 3 words, at least 4 are expected: `Any human being.`",
    ),
    Example(
        guidelines='class Person:\n    """人物"""\n',
        at="Person",
        part="guidelines",
        path="Person",
        message="the definition of `Person` has 1 word, at least 4 are expected: `人物`",
    ),
    Example(
        guidelines='class DateOfBirth:\n    """This class represents the date of a birth."""\n',
        at="DateOfBirth",
        part="guidelines",
        path="DateOfBirth",
        message="the definition of `DateOfBirth` only repeats its name: `This class represents the date of a birth.`",
    ),
    Example(
        guidelines='class Person:\n    """Person(mention: str, role: str | None, age: int | None)"""\n',
        at="Person",
        part="guidelines",
        path="Person",
        message=(
            "the definition of `Person` only repeats its attributes: "
            "`Person(mention: str, role: str | None, age: int | None)`"
        ),
    ),
    Example(
        guidelines='class Dose:\n    """\n    Attributes:\n        amount (str): how much is taken at once\n    """\n',
        at="Dose",
        part="guidelines",
        path="Dose",
        message=(
            "the definition of `Dose` does not say what belongs to it: "
            "`Attributes: amount (str): how much is taken at once`"
        ),
    ),
    Example(
        guidelines='class Dose:\n    """The amount.\n\n    :param unit: the unit in which it is measured\n    """\n',
        at="Dose",
        part="guidelines",
        path="Dose",
        message="the definition of `Dose` has 2 words, at least 4 are expected: `The amount.`",
    ),
    Example(
        guidelines='class Height:\n    """\n    Description:\n    Examples: (Bull Lake, 358 m), (Rome, 3 m)\n    """\n',
        at="Height",
        part="guidelines",
        path="Height",
        message=(
            "the definition of `Height` does not say what belongs to it: "
            "`Description: Examples: (Bull Lake, 358 m), (Rome, 3 m)`"
        ),
    ),
)

# So many words that are neither fillers nor articles make a clause, which says how the words of a name belong together.
_CLAUSE = 7
_VAGUE = FILLERS | ARTICLES
_SIGNATURE = re.compile(r"(?P<name>\w+)\(.*\)", re.DOTALL)


def check(subject: Subject) -> Iterator[Fault]:
    """Weigh the definition of every class."""
    for definition in definitions(subject.guideline):
        fault = _fault(definition, subject.thresholds.definition_words)
        if fault is not None:
            yield Fault(
                rule=NAME,
                message=f"the definition of {quoted(definition.path)} {fault}",
                part="guidelines",
                span=definition.name,
                path=definition.path,
            )


def _fault(definition: Definition, least: int) -> str | None:
    """Say what a definition lacks, or None."""
    text, summary = definition.text, definition.summary
    if not text or ("{" in text and PLACEHOLDER.search(text)):
        return None
    if not definition.words:
        return f"does not say what belongs to it: {quoted(text)}"
    signature = _SIGNATURE.fullmatch(summary) if summary.endswith(")") else None
    if signature is not None and signature["name"] == definition.path:
        # What `dataclasses` itself writes where there is no docstring.
        return f"only repeats its attributes: {quoted(summary)}"
    if _repeats(definition.path, definition.words):
        return f"only repeats its name: {quoted(summary)}"
    count = len(definition.words)
    if count >= least:
        return None
    return f"has {quantity(count, 'word')}, at least {least} are expected: {quoted(summary)}"


def _repeats(name: str, words: Sequence[str]) -> bool:
    """Say whether a definition has no content but the words of the name, and is no clause."""
    if len([word for word in words if word not in _VAGUE]) >= _CLAUSE:
        return False
    known = name_words(name)
    return all(any(is_same(word, part) for part in known) for word in telling(words))
