"""Near matches: a fix writes what the document says, and then the value stands there as it is written."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidex_schema.diagnostic import Severity
from guidex_schema.instance import Record, TextValue
from guidex_schema.rule import GUIDELINES, by_name
from guidex_schema.validation import Validator

WORDS = [
    *"Ada Lovelace wrote “Notes” in 1,843 thirty men's houses Dr. Müller naïve ﬁle".split(),
    *"東京 co-op it's &amp; 1838 \\ \u202e".split(),
]
GAPS = [" ", "  ", "\n", "\u00a0", " — ", ", ", ". ", "\t", "\u00ad", '"', "'", "\\", "\x0c"]

pieces = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GAPS)), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as shared:
        yield shared


def disguised(text: str, chance: random.Random) -> str:
    """Write a passage as a model might."""
    forms = [text, text.lower(), text.upper(), " ".join(text.split()), text.replace("“", '"').replace("”", '"')]
    forms += [text.replace("-", " "), text.replace("thirty", "30"), text.replace("&amp;", "&"), text.swapcase()]
    return chance.choice(forms)


@given(pieces, st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=150)
def test_what_is_snapped_is_exact(
    validator: Validator, pieces: list[tuple[str, str]], chance: random.Random, double: bool
) -> None:
    document = "".join(word + gap for word, gap in pieces)
    first, last = sorted(chance.choices(range(len(pieces)), k=2))
    value = disguised("".join(word + gap for word, gap in pieces[first:last]) + pieces[last][0], chance)
    literal = '"' + repr("'" + value)[2:-1].replace('"', '\\"') + '"' if double else repr(value)
    record = Record(guidelines=GUIDELINES, labels=f"[Person(role={literal}, mention='x')]", document=document)
    before = validator.validate(record)
    found = [one for one in before.diagnostics if one.code == "GX302"]
    if not found:
        return
    (diagnostic,) = found
    assert diagnostic.path == "result[0].role"
    grounding = before.groundings[0].grounding
    assert grounding.status in ("normalised", "variant")
    if diagnostic.fix is None:
        return
    assert diagnostic.fix.safe or (
        grounding.status == "variant" and (grounding.score < 0.9 or len(grounding.spans) > 1)
    )
    after = validator.validate(record.model_copy(update={"labels": diagnostic.fix.apply(record.labels)}))
    snapped = after.groundings[0]
    assert grounding.best is not None
    assert isinstance(snapped.mention.value, TextValue)
    assert snapped.mention.value.value == document[grounding.best.start : grounding.best.end]
    assert snapped.grounding.status == "exact"
    # The document's capitals may show where a sentence ends.
    known = {one.code for one in before.diagnostics} | {"GX303"}
    assert {one.code for one in after.diagnostics} <= known - {"GX302"}


def fixed(validator: Validator, labels: str, document: str) -> str | None:
    found = validator.validate(Record(guidelines=GUIDELINES, labels=labels, document=document))
    (diagnostic,) = (one for one in found.diagnostics if one.code == "GX302")
    return diagnostic.fix.apply(labels) if diagnostic.fix is not None else None


@pytest.mark.parametrize(
    ("labels", "document", "expected"),
    [
        ("[Person('ada')]", "Ada", "[Person('Ada')]"),
        ("[Person(r'ada')]", "Ada", "[Person('Ada')]"),
        ('[Person("""ada""")]', "Ada", '[Person("Ada")]'),
        ("[Person(('ada '\n  'lovelace'))]", "Ada Lovelace", "[Person(('Ada Lovelace'))]"),
        ("[Person('ada' + \" lovelace\", role=None)]", "Ada Lovelace", "[Person('Ada Lovelace', role=None)]"),
        ("[Person(['é', 'ada'], children=[])]", "é Ada", "[Person(['é', 'Ada'], children=[])]"),
        ("a = Person('ada')\nresult = [a]", "Ada", "a = Person('Ada')\nresult = [a]"),
        ("```python\n[Person('ada')]\n```", "Ada", "```python\n[Person('Ada')]\n```"),
        ("[Person({'x': 'ada'})]", "Ada", "[Person({'x': 'Ada'})]"),
        ("[Person({'ada'})]", "Ada", None),
    ],
)
def test_the_string_is_written_in_its_place(
    validator: Validator, labels: str, document: str, expected: str | None
) -> None:
    assert fixed(validator, labels, document) == expected


def test_the_string_in_the_call_of_a_str_subclass_is_written() -> None:
    guidelines = (
        "from dataclasses import dataclass\n\nclass Name(str):\n    pass\n\n@dataclass\nclass A:\n    x: Name\n"
    )
    record = Record(guidelines=guidelines, labels="[A(Name('ada')), A(x=Name('ADA'))]", document="Ada")
    with Validator(rules=[by_name()["near-match"]], severities={"near-match": Severity.INFO}) as validator:
        first, second = validator.validate(record).diagnostics
    assert first.fix is not None
    assert second.fix is not None
    assert second.fix.apply(first.fix.apply(record.labels)) == "[A(Name('Ada')), A(x=Name('Ada'))]"


QUALIFIED = """from dataclasses import dataclass
from typing import Literal

@dataclass
class P:
    name: str

@dataclass
class Q:
    who: P
    word: str

@dataclass
class R:
    kind: Literal["ada"]
    name: str
"""


@pytest.mark.parametrize(
    ("labels", "document", "expected"),
    [
        # The one string would have to be written in two ways, or stays as it is for one of its uses.
        ("a = P('ada')\nresult = [Q(a, 'one'), Q(a, 'two')]", "one ADA x x x x x x two Ada", [None, None]),
        ("a = P('ada')\nresult = [Q(a, 'one'), Q(a, 'two')]", "one two Ada", ["Ada", "Ada"]),
        ("[Q(P('ada'), 'one'), Q(P('ada'), 'two')]", "one ADA x x x x x x two Ada", ["ADA", "Ada"]),
    ],
)
def test_a_string_that_stands_for_several_values_is_snapped_for_all_of_them(
    validator: Validator, labels: str, document: str, expected: list[str | None]
) -> None:
    found = validator.validate(Record(guidelines=QUALIFIED, labels=labels, document=document)).diagnostics
    fixes = [one.fix for one in found if one.code == "GX302"]
    assert [fix and fix.edits[0].replacement.strip("'") for fix in fixes] == expected


@pytest.mark.parametrize(
    ("value", "document", "is_safe"),
    [
        ("ada lovelace", "Ada  Lovelace", True),
        ("thirty men", "the 30 men", True),
        ("wells of Rome", "Rome's wells", True),
        ("wells in the town", "The wells in town are deep.", False),
        ("wells in town", "The wells in the town are deep.", False),
    ],
)
def test_a_fix_is_safe_unless_a_function_word_differs(
    validator: Validator, value: str, document: str, is_safe: bool
) -> None:
    record = Record(guidelines=GUIDELINES, labels=f"[Person({value!r})]", document=document)
    (fix,) = (one.fix for one in validator.validate(record).diagnostics if one.code == "GX302")
    assert fix is not None
    assert fix.safe == is_safe


def test_the_place_that_is_shown_decides_whether_a_fix_is_safe(validator: Validator) -> None:
    labels = "[Person('well in the town', role='deep')]"
    document = "Deep, and wells in town. Far behind it, after many more words of no use, wells in the town."
    record = Record(guidelines=GUIDELINES, labels=labels, document=document)
    fixes = [one.fix for one in validator.validate(record).diagnostics if one.path == "result[0].mention"]
    assert [(fix.edits[0].replacement, fix.safe) for fix in fixes if fix] == [("'wells in town'", False)]
