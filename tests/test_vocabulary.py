"""Words of definitions and names, in scripts with spaces and without."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cost import assert_linear
from guidex_schema.vocabulary import (
    EXAMPLES,
    PLACEHOLDER,
    is_same,
    is_unwritten,
    name_words,
    singular,
    spelled,
    units,
    words,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The person's name, or a well-known alias.", "the person name or a well known alias".split()),
        ("isn’t", ["isn't"]),
        ("{ace_person} Names only.", ["{ace_person}", "names", "only"]),
        ("Название вида: так!", ["название", "вида", "так"]),
        ("人物の名前", ["人物", "の名", "前"]),
        ("ชื่อบุคคล", ["ชื่อ", "บุคค", "ล"]),
        ("व्यक्ति का नाम।", ["व्यक्ति", "का", "नाम"]),
        ("اسم الشخص، أو لقبه", ["اسم", "الشخص", "أو", "لقبه"]),
        ("사람의 이름", ["사람의", "이름"]),
        ("公司 Apple 的产品", ["公司", "apple", "的产", "品"]),
        ("", []),
        ("… — !", []),
    ],
)
def test_words_are_counted_in_every_script(text: str, expected: list[str]) -> None:
    assert words(text) == expected


# Alone it is looked at letter by letter; between so many plain words only its own ones are.
ODD = st.text("ab'’{}x_ \n\t\r\x1c\x0b\x85\xa0éß日ภ\u200b-.,/\\]0K\u212a\u0130\ud83d😀", max_size=20)
PLAIN = "A few words; of these (and others) there is nothing_odd to tell, said 2 or more.\n" * 12


@given(st.lists(ODD, min_size=1, max_size=4), st.sampled_from(" \n"))
@example(["é"], " ")
@example(["é é"], " ")
@example(["{ab}}"], " ")
@example(["\né"], " ")
def test_words_are_the_same_wherever_they_stand(odd: list[str], between: str) -> None:
    found = [word for text in odd for word in (*words(text), *words(PLAIN))]
    assert words("".join(f"{text}{between}{PLAIN}{between}" for text in odd)) == found


def test_units_are_letters_where_there_are_no_spaces() -> None:
    assert [found[0] for found in units("Die Firma 公司's Haus")] == ["Die", "Firma", "公", "司", "s", "Haus"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DateOfBirth", ("date", "of", "birth")),
        ("date_of_birth", ("date", "of", "birth")),
        ("GPE", ("gpe",)),
        ("HTMLPage2", ("html", "page", "2")),
        ("ПолноеИмя", ("полное", "имя")),
        ("其他", ("其他",)),
    ],
)
def test_names_are_cut_into_words(name: str, expected: tuple[str, ...]) -> None:
    assert name_words(name) == expected


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("organisation", "organization"),
        ("organised", "organized"),
        ("analysed", "analyzed"),
        ("colours", "colors"),
        ("behaviour", "behavior"),
        ("centre", "center"),
        ("programme", "program"),
        ("catalogue", "catalog"),
        ("defence", "defense"),
        ("travelling", "traveling"),
        ("anaemia", "anemia"),
        ("paediatric", "pediatric"),
    ],
)
def test_both_spellings_are_one(british: str, american: str) -> None:
    assert spelled(british) == spelled(american)
    assert is_same(british, american)


@pytest.mark.parametrize("pair", ["university universe", "new news", "hour horn", "person place", "colour cooler"])
def test_other_words_are_not_the_same(pair: str) -> None:
    one, other = pair.split()
    assert not is_same(one, other)


@pytest.mark.parametrize(
    "pair", ["symptom symptoms", "country countries", "process processes", "person people", "church churches"]
)
def test_plurals_lead_to_what_their_singular_leads_to(pair: str) -> None:
    one, other = pair.split()
    assert singular(one) == singular(other)


@pytest.mark.parametrize("text", ["{}", "{1, 2}", '{"a": 1}', "{x}", "x_{max}", "\\frac{ab}{cd}", "{{name}}", "/{id}/"])
def test_braces_that_are_no_placeholder(text: str) -> None:
    assert PLACEHOLDER.search(text) is None


@pytest.mark.parametrize(
    "text",
    ["such as Lima", "(e.g., Lima)", "Examples: a, b", "Beispiele, z.B. Lima", "p. ej. Lima", "比如利马", "np. x"],
)
def test_examples_are_introduced_in_many_languages(text: str) -> None:
    assert (EXAMPLES.search(text) is not None) is (text != "np. x")


@pytest.mark.parametrize(
    "text", ["", "...", "…", "?", "tbd", "TBD.", "Todo", "todo: describe", "todo(ann): x", "TBD describe", "...\n<tbd>"]
)
def test_notes_that_a_text_is_to_be_written_are_none(text: str) -> None:
    assert is_unwritten(text)


@pytest.mark.parametrize(
    "text", ["What it is", "%", "€", "Todo list of the day", "tbd\nthe name", "单位", "名 ...", "x?"]
)
def test_texts_that_are_written(text: str) -> None:
    assert not is_unwritten(text)


@pytest.mark.parametrize("character", [" ", "a", "{", "'", "人", "A", "\n", "e.g"])
def test_long_texts_take_linear_time(character: str) -> None:
    def read(length: int) -> None:
        text = character * length
        words(text)
        list(units(text))
        # What is remembered costs nothing the second time.
        name_words.__wrapped__(text)
        is_unwritten(text)
        EXAMPLES.search(text)

    assert_linear(read, 25_000)
