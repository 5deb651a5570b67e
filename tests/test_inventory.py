"""What stands in guidelines, taken down once: more than there is, never less; and the first looks that rules take."""

import ast
from string import ascii_lowercase

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guidex_schema import similarity
from guidex_schema.checks import stop_word_document
from guidex_schema.definitions import prose, texts
from guidex_schema.grounding.lexicon import IRREGULAR
from guidex_schema.guideline import parse_guideline
from guidex_schema.imports import all_declarations
from guidex_schema.instance import Record
from guidex_schema.inventory import inventory
from guidex_schema.lints import document_specific_definition as quoting
from guidex_schema.lints import near_duplicate_definition as near
from guidex_schema.rendering import render_guideline
from guidex_schema.schema import Schema
from guidex_schema.subject import Subject
from guidex_schema.syntax import last_name, names_in
from guidex_schema.vocabulary import (
    ascii_words,
    has_ascii_lower,
    is_unwritten,
    name_words,
    root,
    singular,
    spelled,
    unit_texts,
    words,
)
from strategies import schemas

ANNOTATIONS = st.sampled_from(
    "A;List[A];Optional['A'];Literal['a b', 'A'];Annotated[A, 'B'];'A | B';A | None;Tuple[A, ...];typing.List['B'];"
    "Callable[[A], 'B'];'ﬁ';Dict[str, 'List[B]'];Literal[A];b'A';3".split(";")
)
ENDINGS = st.sampled_from(
    " s es ed ing ingly edly er ers ies ied y ly ise ised our ation ance ll lled lling aem aed ness ful".split(" ")
)
WORDS = st.builds("".join, st.tuples(st.text("aeiouyldmpst", max_size=4), ENDINGS)).filter(bool)
TEXTS = st.text(st.sampled_from("aDtT'’{}_ \n\t\x01\x1f\x7f-.éK中") | st.characters(codec="utf-8"), max_size=24)


@settings(max_examples=25)
@given(schemas())
def test_of_declared_schemas_nothing_is_missed(schema: Schema) -> None:
    guideline = parse_guideline(render_guideline(schema))
    found = inventory(guideline)
    declared = list(all_declarations(guideline))
    assert found.class_names == {node.name for node in guideline.classes}
    assert found.declared.split("\n")[1:] == [one.target.id for one in declared]
    assert found.names >= {name for one in declared for name, _ in names_in(one.statement.annotation)}
    assert found.defaulted == {one.target.id for one in declared if one.statement.value is not None}
    assert [body.bases for body in found.bodies] == [tuple(map(last_name, node.bases)) for node in guideline.classes]
    assert [body.is_decorated for body in found.bodies] == [bool(node.decorator_list) for node in guideline.classes]
    assert {said.text for said in prose(guideline)} <= {*texts(guideline), ""}


@given(st.lists(ANNOTATIONS, min_size=1, max_size=4))
def test_names_in_annotations_are_told_from_those_in_quotes(annotations: list[str]) -> None:
    source = "class B:\n" + "".join(f"    x{number}: {one}\n" for number, one in enumerate(annotations))
    guideline = parse_guideline(source)
    found = inventory(guideline)
    uses = [use for one in all_declarations(guideline) for use in names_in(one.statement.annotation)]
    assert found.names >= {name for name, _ in uses}
    assert found.bodies[0].looked_up >= {name for name, place in uses if isinstance(place, ast.Name)}
    assert found.has_union == any(one == "A | None" for one in annotations)


def test_defaults_and_their_order() -> None:
    def of(body: str) -> tuple[bool, str, bool, bool]:
        found = inventory(parse_guideline(f"class A:\n{body}"))
        return found.is_mixed, "".join(sorted(found.defaulted)), found.has_values, found.has_displays

    assert of("    x: int\n    y: int = None\n") == (False, "y", False, False)
    assert of("    x: int\n    y: int = None\n    z: int = 1\n") == (False, "yz", True, False)
    assert of("    x: int = 1\n    y: int\n") == (True, "x", True, False)
    assert of("    x: int = 1\n    y: int = field()\n") == (True, "xy", True, False)
    assert of("    x: list = field(default_factory=list)\n") == (False, "x", True, False)
    assert of("    x: list = field(repr=False, default=[])\n    y: set = {1}\n") == (False, "xy", True, True)
    # The second declaration of x takes the place of the first.
    assert of("    x: int\n    y: int\n    x: int = 1\n") == (True, "x", True, False)


@given(TEXTS)
def test_words_of_ascii_are_the_same_fast_and_slow(text: str) -> None:
    plain = text.encode("ascii", "ignore").decode().replace("'", "").replace("{", "")
    assert words(plain) == words(f"{plain} é")[:-1]


@given(TEXTS, TEXTS)
def test_what_is_the_same_has_the_same_runs_of_ascii(one: str, other: str) -> None:
    for left in unit_texts(one):
        for right in unit_texts(other):
            if left.lower() == right.lower() and not has_ascii_lower(left + right):
                assert ascii_words(left) == ascii_words(right)


@given(WORDS, WORDS)
@example("aed", "aingly")
@example("haem", "hem")
@example("lled", "led")
@example("aement", "ement")
@example("dying", "died")
def test_words_of_one_root_begin_alike(one: str, other: str) -> None:
    if root(one) == root(other) and max(len(one), len(other)) >= similarity._LONG:
        assert similarity._BEGINNINGS[one[:2]] == similarity._BEGINNINGS[other[:2]]


def test_roots_begin_as_their_words_do() -> None:
    starts = [first + second for first in ascii_lowercase for second in ("", *ascii_lowercase)]
    for word in (start + ending for start in starts for ending in ("", "ing", "ingly", "ed", "es", "y", "mal", "ding")):
        left = root(word)
        if len(word) >= similarity._LONG:
            assert similarity._BEGINNINGS[left[:2]] == similarity._BEGINNINGS[word[:2]]


@given(st.lists(WORDS, min_size=1, max_size=3))
@example(["aemy"])
def test_names_of_one_key_begin_alike(parts: list[str]) -> None:
    name = "_".join(parts)
    key = "".join(singular(spelled(word)) for word in name_words(name))
    assert near._initial(key) == near._initial(name)
    assert all(near._initial(plural) == near._initial(one) for plural, one in IRREGULAR.items())


@given(st.text("toTODfixmeba :.x\n", max_size=6))
@example("TBD")
@example("tba: x")
@example("FixMe")
@example("xxx")
@example("todo")
def test_a_look_at_two_letters_does_not_make_a_mark_a_description(text: str) -> None:
    # With a white space in front only the careful look is left.
    assert is_unwritten(text) == is_unwritten(f" {text}")


FILLING = st.lists(st.sampled_from("a the town of people and it’s é K don't 中".split()), max_size=9)
PIECES = st.permutations("people live near rivers where ships bring cotton wool Gordon of Shire".split())


@given(FILLING, FILLING, FILLING, PIECES, st.integers(2, 10))
def test_what_quotes_a_document_is_never_passed_over(
    before: list[str], above: list[str], below: list[str], pieces: list[str], length: int
) -> None:
    text = " ".join([*before, *pieces[:length]])
    document = "\n".join([*above, *pieces[:length], *below])
    doubtful = quoting._doubtful([text, "a town"], document, ascii_words(document))
    shared = quoting._shared([text], unit_texts(document))
    quotes = quoting._longest_quotation(text, shared) is not None
    assert text in doubtful or not (quotes or any(quoting._names(text)))


@pytest.mark.parametrize("shift", range(6))
def test_a_piece_whose_runs_stand_in_several_places_is_not_passed_over(shift: int) -> None:
    pieces = "people live near rivers where ships bring cotton".split()
    runs = [" ".join(pieces[start : start + 6]) for start in range(3)]
    for padding in ("and so", "and so it was", "and so it was by then"):
        document = f" {padding} ".join(["it", *["and"] * shift, *runs, "it"])
        assert quoting._doubtful([" ".join(pieces)], document, ascii_words(document))


def test_letters_that_are_ascii_in_lower_case_only_are_not_passed_over() -> None:
    text = "people live near rivers where ships bring kin"
    document = text.replace("kin", "\u212ain").replace("people", "\u212aeople")
    assert quoting._doubtful([text], document, ascii_words(document))
    assert not quoting._doubtful([text], "somebody", ascii_words("somebody"))
    assert quoting._doubtful([text], "\u0130", [])


SAID = "the of and it's its not zqxj house 中 é don't х и zqxj'zqxj'zqxj".split()


@given(st.lists(st.sampled_from(SAID), min_size=5, max_size=30))
@example(["zqxj'zqxj'zqxj", "the", "of", "and", "it", "not"])
def test_documents_that_say_enough_have_words_that_do(chosen: list[str]) -> None:
    subject = Subject(Record(guidelines="", labels="", document=" ".join(chosen)), parse_guideline(""), None)
    if stop_word_document._says_enough(subject):
        found = words(" ".join(chosen))
        assert sum(word in stop_word_document._all_stop_words() for word in found) <= 0.8 * len(found)
