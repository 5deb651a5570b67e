"""Grounding: the exact characters first, then the same after normalising, and always with evidence."""

import gc
import html
import itertools
import re
import sys
import unicodedata
import weakref
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cost import assert_linear
from guidex_schema.grounding import GroundedDocument, Grounding, ground
from guidex_schema.grounding.border import borders, is_border, is_sign
from guidex_schema.grounding.normalisation import Folded, fold, normal_form, unescape
from guidex_schema.grounding.recent import recent_document
from guidex_schema.instance import (
    BooleanValue,
    Instance,
    IntegerValue,
    ListValue,
    MappingValue,
    MemberValue,
    NoneValue,
    NumberValue,
    SetValue,
    TextValue,
    TupleValue,
    Value,
)
from guidex_schema.leaf import literal
from guidex_schema.text import Span

NOWHERE = Span(start=0, end=0)

# Few characters, so that texts and values meet; each is here for a rule of its own.
TRICKY = "aAbßſİıéÉe\u0301\u0302ﬁ½²①Ⅷ㎡12٣３.,'’“\"`´ \n\t\u00a0\u202f--–—−_&;#/⁄…^\u00ad\u200b\u200d\u2060\ufeff\ufe0f"
TRICKY += "ςΣжЖй日本がか\u3099ｶﾞ한ᄒ\u1161\u11abกำ\u0e49नि्❤👍🏽👨👩שׁ\u05c1عَ\0\1\2\3"
tricky = st.lists(
    st.sampled_from([*TRICKY, "&amp;", "&nbsp;", "&eacute;", "&#39;", "&#x31;", "&fjlig;", "&#1;", "&no;", "10", " "])
).map("".join)
anything = st.text(st.characters(exclude_categories=())) | tricky
well_formed = st.text() | tricky
letters = st.characters(categories=["Ll", "Lu"], max_codepoint=0x52F).filter(
    lambda char: char.upper().casefold() == char.casefold() == char.lower().casefold()
)
words = st.lists(st.text(letters, min_size=1, max_size=8), min_size=1, max_size=5)


def wrap(value: str | float) -> Value:
    if isinstance(value, str):
        return TextValue(value=value, span=NOWHERE)
    if isinstance(value, int):
        return IntegerValue(value=value, span=NOWHERE)
    return NumberValue(value=value, span=NOWHERE)


def look_up(value: str | float, document: str) -> Grounding:
    return ground(wrap(value), document)


def evidence(value: str | float, document: str) -> tuple[str, list[str]]:
    found = look_up(value, document)
    return found.status, [document[span.start : span.end] for span in found.spans]


def slow_fold(text: str) -> str:
    """Normalise a whole text at once, without offsets; digits are left as they are."""
    text = re.sub("[\u064b-\u0652\u0670\u0640\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]", "", text)
    kept = [char for char in text if char not in "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"]
    kept = ["'" if char in "'\"`´‘’‚‛“”„‟‹›«»′″‴‵‶ʹʺʼʻ＇＂׳״" else char for char in kept]
    folded = "".join(char for char in kept if not "\ufe00" <= char <= "\ufe0f")
    for _ in range(3):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold())
    folded = "".join(
        " " if unicodedata.category(char) == "Pd" or char in "⁃−" else char for char in folded.replace("⁄", "/")
    )
    return unicodedata.normalize("NFD", re.sub(r"\s+", " ", folded))


@given(tricky)
@settings(max_examples=300)
def test_folding_by_stretches_is_folding_the_whole(text: str) -> None:
    # Digits that would meet are kept apart, which the whole text at once does not do; controls are all one.
    text = re.sub(r"[\0-\3²①½㎡^]", "", text)
    fast = unicodedata.normalize("NFD", re.sub(r"\s+", " ", fold(text).text.replace("−", " ").replace("-", " ")))
    assert fast == slow_fold(text)


@given(anything | st.text("a B1.-−$\n\t'“é½日 ", max_size=20))
@settings(max_examples=500)
def test_the_normal_form_is_that_with_a_way_back(text: str) -> None:
    assert normal_form(text) == Folded(text).spaced.strip()


@given(anything)
@settings(max_examples=300)
def test_offsets_only_go_forward(text: str) -> None:
    for rewriting, source in ((unescape(text), text), (fold(text), text)):
        places = [rewriting.source(index, index + 1) for index in range(len(rewriting.text))]
        known = [place for place in places if place]
        assert all(0 <= start < end <= len(source) for start, end in known)
        assert all(one[1] <= other[0] for one, other in itertools.pairwise(known))
        for index, place in enumerate(places):
            assert place is None or rewriting.target(*place) == (index, index + 1)


@pytest.mark.slow
def test_the_maps_lead_back_over_the_whole_of_unicode() -> None:
    lost = 0
    for first in range(0, sys.maxunicode + 1, 4096):
        text = " ".join(map(chr, range(first, first + 4096)))
        folded = fold(text)
        for index in range(0, len(text), 2):
            place = folded.target(index, index + 1)
            if place is None:
                # What is nothing to a reader, or holds on to the space before it, has no place of its own.
                lost += 1
            else:
                assert folded.source(*place) == (index, index + 1)
                assert normal_form(text[index]) in ("", folded.text[slice(*place)].replace("-", " ").strip())
    assert 0 < lost < 5000


@given(anything, well_formed)
@settings(max_examples=300)
def test_no_text_breaks_it(document: str, value: str) -> None:
    found = look_up(value, document)
    assert found.status in ("exact", "normalised", "variant", "absent")
    assert all(span.start < span.end <= len(document) for span in found.spans)
    assert (found.best in found.spans) if found.spans else (found.best is None)
    scores = {"exact": (1.0,), "normalised": (0.95,), "variant": (0.9, 0.85, 0.8), "absent": (0.0,)}
    assert found.score in scores[found.status]
    assert list(found.spans) == sorted(set(found.spans), key=lambda span: span.start)


@given(anything, st.integers() | st.floats())
def test_no_text_breaks_numbers(document: str, value: float) -> None:
    found = look_up(value, document)
    assert all(span.start < span.end <= len(document) for span in found.spans)


@given(well_formed, well_formed, well_formed)
@settings(max_examples=300)
def test_what_stands_between_spaces_is_exact(before: str, value: str, after: str) -> None:
    plain = re.sub("[\u00ad\u200b-\u200f\u2060\ufeff]", "", html.unescape(value)).strip()
    # What begins with a combining mark belongs to the character before it.
    assume(plain and unicodedata.category(plain[0])[0] not in "MCS" and not "\u1160" <= plain[0] <= "\u11ff")
    assume(plain[0] not in "\u0e33\u0eb3\uff9e\uff9f")
    document = f"{before} {value} {after}"
    found = look_up(value, document)
    assert found.status == "exact"
    assert Span(start=len(before) + 1, end=len(before) + 1 + len(value)) in found.spans


@given(st.data(), anything)
@settings(max_examples=300)
def test_the_first_place_tells_what_all_places_tell(data: st.DataObject, document: str) -> None:
    starts = data.draw(st.lists(st.integers(0, len(document)), min_size=1))
    values = [*(document[start : start + 3] for start in starts), data.draw(anything)]
    # What was found before shows where to look first, and changes no answer.
    asked = GroundedDocument(document * data.draw(st.integers(1, 100)))
    exact = {value: GroundedDocument(asked.text).ground(value).status == "exact" for value in values}
    assert {value: asked.has(value) for value in values} == exact
    assert asked.lacking(values) == {value for value in values if not exact[value]}


@given(st.integers(-(1 << 255), 1 << 255) | st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 99))
def test_a_number_stands_exactly_where_its_digits_do(value: float, other: int) -> None:
    span = Span(start=0, end=0)
    constant = IntegerValue(value=value, span=span) if isinstance(value, int) else NumberValue(value=value, span=span)
    for document in (f"of {value} in all", f"of {value}{other}", f"of {other}"):
        grounded = GroundedDocument(document)
        assert grounded.has(literal(constant) or "") == (grounded.ground(constant).status == "exact")


def test_a_value_is_found_wherever_the_one_before_it_stands() -> None:
    words = [f"{'w' * (number % 7)}{number}" for number in range(300)]
    grounded = GroundedDocument(" ".join(words))
    for before in words[::20]:
        for word in words:
            assert grounded.has(before)
            assert grounded.has(word)


EDGES = ["", "a", "1", "é", "€", *' -,.:;/([“‘"!?)]_$\n']
EDGES += ["1.", "1,", "a.", "1-", " -", "us", "a$", ".1", ",1", ". ", ", ", "-1", "$1", "1 ", "-a", "_a", "a_"]


@pytest.mark.parametrize(
    "value", ["a", "A b", "1", "12", "1.2", "a1", "1a", "-1", "-a", "é", "aé1", "$1", "1%", "“a", "."]
)
def test_every_exact_place_is_found(value: str) -> None:
    for before, behind in itertools.product(EDGES, EDGES):
        every_exact_place_is_found(value, f"{before}{value}{behind}{value}{before}")


def every_exact_place_is_found(value: str, document: str) -> None:
    expected = [
        start
        for start in range(len(document))
        if document.startswith(value, start) and is_border(document, start) and is_border(document, start + len(value))
        # A dash before a digit is a sign or none.
        if re.match("-[0-9]", value) is None or is_sign(document, start)
    ]
    found = look_up(value, document)
    assert [span.start for span in found.spans if found.status == "exact"] == expected


@given(st.data(), tricky)
@settings(max_examples=500)
def test_evidence_says_the_value(data: st.DataObject, document: str) -> None:
    start = data.draw(st.integers(0, len(document)))
    piece = document[start : data.draw(st.integers(start, len(document)))]
    assert_says(
        data.draw(st.sampled_from([piece, normal_form(piece), piece.upper(), unicodedata.normalize("NFD", piece)])),
        document,
    )


def test_a_quote_that_a_vowel_holds_on_to_ends_no_token() -> None:
    assert_says('aaa"a"', '&#39;aaa"a"\u0e33')


def assert_says(value: str, document: str) -> None:
    """Hold what is found of a value to the value."""
    found = look_up(value, document)
    borders = {0, len(document), *(index for index, _ in GroundedDocument(document).borders())}
    for span in found.spans:
        text = document[span.start : span.end]
        match found.status:
            case "exact":
                assert text == value
            case "normalised":
                assert normal_form(text) == normal_form(value)
            case _:
                # Between borders the same characters would have been found before.
                assert normal_form(text) != normal_form(value) or not {span.start, span.end} <= borders


@given(words, words, words, st.data())
@settings(max_examples=300)
def test_case_quotes_dashes_and_spaces_do_not_matter(
    before: list[str], inside: list[str], after: list[str], data: st.DataObject
) -> None:
    def written(style: str) -> str:
        gap, quote, spelling, form = style.split("|")
        spelt = [{"u": word.upper(), "l": word.lower(), "=": word}[spelling] for word in inside]
        text = quote + gap.join(spelt) + quote
        return unicodedata.normalize("NFD" if form == "D" else "NFC", text)

    styles = st.builds(
        "|".join,
        st.tuples(
            st.sampled_from([" ", "\n", "\u00a0", " \t ", "-", "–", " — ", "\u200b ", "&nbsp;"]),
            st.sampled_from(["'", '"', "’", "”", "«", "&quot;", "&#39;"]),
            st.sampled_from("ul="),
            st.sampled_from("DC"),
        ),
    )
    value, shown = written(data.draw(styles)), written(data.draw(styles))
    document = " ".join((*before, shown, *after))
    found = look_up(value, document)
    start = len(" ".join(before)) + 1
    assert found.status == ("exact" if value in document else "normalised")
    assert Span(start=start, end=start + len(shown)) in found.spans


@given(tricky, tricky, tricky)
@settings(max_examples=300)
def test_text_behind_the_match_does_not_change_it(document: str, value: str, more: str) -> None:
    one, other = look_up(value, document), look_up(value, f"{document} {more}")
    ranks = ("absent", "variant", "normalised", "exact")
    if one.status == other.status == "variant":
        # Signs at the end of a value may stand there now: `R&D&` is found in `R&D` and in `R&D &`.
        starts = [span.start for span in one.spans]
        assert starts == [span.start for span in other.spans[: len(starts)]]
    elif one.status == other.status:
        assert one.spans == other.spans[: len(one.spans)]
    else:
        assert ranks.index(one.status) < ranks.index(other.status)


@given(st.integers(0, 10**7), st.data(), st.sampled_from(["{}", "{:,}", "in {} people", "({})", "{}.", "{} %", "{}年"]))
@settings(max_examples=300)
def test_a_changed_digit_is_never_found(number: int, data: st.DataObject, frame: str) -> None:
    digits = list(str(number))
    place = data.draw(st.integers(0, len(digits) - 1))
    digits[place] = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    changed, document = "".join(digits), frame.format(number)
    assert look_up(number, document).spans
    assert look_up(changed, document).status == "absent"
    assert look_up(f"{changed} people", f"{document} people").status == "absent"
    assert look_up(int(changed), document).status == "absent"
    assert look_up(float(changed), document).status == "absent"
    assert look_up(changed, f"{document} or {changed}").status == "exact"


@given(st.integers(-(10**12), 10**12), st.sampled_from([",", " ", "\u00a0", "\u202f", "\u2009", "&nbsp;"]))
def test_a_number_is_found_however_it_is_written(number: int, mark: str) -> None:
    shown = f"{number:,}".replace(",", mark).replace("-", "−")
    found = look_up(number, f"about {shown} of them")
    assert found.spans == (Span(start=6, end=6 + len(shown)),)
    same = {str(number).replace("-", "−"): "normalised", str(number): "exact"}
    assert found.status == same.get(shown, "variant")
    assert not look_up(-number or 1, f"about {shown} of them").spans


@given(st.floats(-1e6, 1e6, width=32))
def test_a_float_is_found(number: float) -> None:
    assert look_up(number, f"about {number!r} of them").status == "exact"
    padded = f"{Decimal(repr(number)):f}" + ("00" if "." in repr(number) else ".00")
    assert look_up(number, f"about {padded} of them").status == "variant"


def test_a_document_that_comes_again_is_not_read_again() -> None:
    texts = [f"{'a' * 100} {number} {'b' * 100}" for number in range(100, 140)]
    first = recent_document(texts[0])
    assert recent_document(texts[0]) is first
    # Both ends of all are the same: what stands between them counts.
    assert [recent_document(text).text for text in texts] == texts
    assert recent_document(texts[0]).text == texts[0]
    long = "a" * 100_000
    assert recent_document(long) is not recent_document(long)


def test_few_documents_are_remembered() -> None:
    first = weakref.ref(recent_document("the first"))
    for number in range(100):
        recent_document(f"document {number}")
    gc.collect()
    assert first() is None


@pytest.mark.parametrize(
    ("value", "document", "expected"),
    [
        ("The Duchess of Malfi", "in The Duchess of Malfi,", "The Duchess of Malfi"),
        ("Webster", "Webster's play", "Webster"),
        ("a a", "a a a", "a a"),
        ("北京", "我在北京市工作", "北京"),
        ("東京タワー", "昨日東京タワーに行った", "東京タワー"),
        ("ภาษา", "ภาษาไทย", "ภาษา"),
        ("မြန်မာ", "မြန်မာစာ", "မြန်မာ"),
        ("1944", "1944年", "1944"),
        ("Москва", "город Москва, столица", "Москва"),
        ("القاهرة", "في القاهرة، مصر", "القاهرة"),
        ("ירושלים", "העיר ירושלים.", "ירושלים"),
        ("हिन्दी", "यह हिन्दी है", "हिन्दी"),
        ("👍🏽", "good 👍🏽!", "👍🏽"),
        ("👨‍👩‍👧", "a 👨‍👩‍👧 b", "👨‍👩‍👧"),
        ("A&amp;B", "A&amp;B", "A&amp;B"),
        ("$5", "for $5, now", "$5"),
        ("...", "so ... yes", "..."),
        (5, "5-6 m", "5"),
        (45, "45%", "45"),
        (1.5, "is 1.5.", "1.5"),
        (-5, "at -5 °C", "-5"),
    ],
)
def test_exact(value: str | float, document: str, expected: str) -> None:
    status, found = evidence(value, document)
    assert (status, set(found)) == ("exact", {expected})


@pytest.mark.parametrize(
    ("value", "document", "expected"),
    [
        ("300 Hour Training", "a 300 HOUR TRAINING now", "300 HOUR TRAINING"),
        ("Foo bar", "foo\n\u00a0 bar", "foo\n\u00a0 bar"),
        ("foo-bar", "foo bar", "foo bar"),
        ("foo bar", "foo – bar", "foo – bar"),
        ("don't", "they DON’T", "DON’T"),
        ("don't", "they don&#39;t", "don&#39;t"),
        ('"yes"', "said “yes” and", "“yes”"),
        ("'yes'", "said &quot;yes&quot;", "&quot;yes&quot;"),
        ("Tom & Jerry", "Tom &amp; Jerry", "Tom &amp; Jerry"),
        ("café", "the cafe\u0301 is", "cafe\u0301"),
        ("cafe\u0301", "the café is", "café"),
        ("café", "le caf&eacute; est", "caf&eacute;"),
        ("file", "a ﬁle x", "ﬁle"),
        ("fjord", "a &fjlig;ord", "&fjlig;ord"),
        ("STRASSE", "die straße da", "straße"),
        ("ΟΔΟΣ", "η οδος", "οδος"),
        ("москва", "Москва река", "Москва"),
        ("tokyo", "Ｔｏｋｙｏ駅", "Ｔｏｋｙｏ"),
        ("ガス", "ｶﾞｽ会社", "ｶﾞｽ"),
        ("が", "か\u3099く", "か\u3099"),
        ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8 x", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
        ("نمیخواهم", "من نمی‌خواهم", "نمی‌خواهم"),
        ("cooperate", "to co\u00adoperate", "co\u00adoperate"),
        ("FOO", "foo\u00ad bar", "foo"),
        ("❤", "I ❤\ufe0f you", "❤\ufe0f"),
        ("1/2", "a ½ x", "½"),
        ("1 1/2 cups", "1½ cups", "1½ cups"),
        ("10 m2", "10 m²", "10 m²"),
        ("10^6", "10⁶ x", "10⁶"),
        ("-5 C", "at −5 C", "−5 C"),
        ("...", "so… x", "…"),
        (1944, "１９４４年", "１９４４"),
        (-5, "at −5 C", "−5"),
    ],
)
def test_normalised(value: str | float, document: str, expected: str) -> None:
    assert evidence(value, document) == ("normalised", [expected])


@pytest.mark.parametrize(
    ("value", "document"),
    [
        ("", "a"),
        (" \n", "a \n b"),
        ("\u200b", "a\u200b b"),
        ("-", "a – b"),
        ("4", "in 1944"),
        ("1", "1.5 or 1,838 or 1٫5"),
        ("5", "1.5 or 1,5"),
        ("838", "1,838 or 1\u202f838"),
        ("1838", "1838.5"),
        ("foo", "foo_bar, seafoo"),
        ("cafe", "the cafe\u0301 is"),
        ("caf", "caf&eacute; or café"),
        ("amp", "A&amp;B"),
        ("f", "a &fjlig;"),
        ("ile", "a ﬁle x"),
        ("S", "straße"),
        ("I", "İ"),
        ("102", "10²"),
        ("2", "10² or x² or ①②"),
        ("11/2", "1½"),
        ("operate", "co\u00adoperate"),
        ("OPERATE", "co\u00adoperate"),
        ("👍", "👍🏽"),
        ("👨", "👨‍👩‍👧"),
        ("❤", "❤\ufe0f\u200d🔥"),
        ("5 C", "at −5 C"),
        ("–5", "at 5"),
        (39, "it&#39;s"),
        (1838, "1838.5 or 1,838,000 or 1,8385 or v1838"),
        (838, "1,838"),
        (7, "007"),
        (5, "at −5 or -5 C"),
        (-5, "3-5 or a-5 or (x)-5"),
        (5, "1.5.2"),
        (0.45, "45%"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (10**400, "1"),
    ],
)
def test_absent(value: str | float, document: str) -> None:
    assert evidence(value, document) == ("absent", [])


def test_overlaps_are_reported() -> None:
    assert look_up("a a", "a a a").spans == (Span(start=0, end=3), Span(start=2, end=5))


def test_of_very_many_places_the_first_are_kept() -> None:
    few, many = look_up("a", "a " * 1000), look_up("a", "a " * 1001)
    assert few.is_complete
    assert len(few.spans) == 1000
    assert not many.is_complete
    assert (many.spans, many.best) == (few.spans, few.spans[0])
    assert not look_up("A", "a " * 1001).is_complete
    assert not look_up("ab", "a-b " * 1001).is_complete
    assert not look_up("wolves", "wolf " * 1001).is_complete


@pytest.mark.parametrize(
    "value",
    [
        BooleanValue(value=True, span=NOWHERE),
        NoneValue(span=NOWHERE),
        MemberValue(enum="Role", member="WRITER", span=NOWHERE),
        ListValue(items=(wrap("True"),), span=NOWHERE),
        TupleValue(items=(), span=NOWHERE),
        SetValue(items=(), span=NOWHERE),
        MappingValue(entries=(), span=NOWHERE),
        Instance(class_name="Role", span=NOWHERE),
    ],
)
def test_what_no_text_says_is_not_looked_for(value: Value) -> None:
    assert ground(value, "True None WRITER Role.WRITER") == Grounding(status="not-applicable")


def test_a_document_is_normalised_on_the_first_miss_and_once() -> None:
    document = GroundedDocument("The DUCHESS of Malfi")
    assert document.ground(wrap("Malfi")).status == "exact"
    assert "_folded" not in vars(document)
    assert document.ground(wrap("Duchess")).status == "normalised"
    folded = document._folded
    assert document.ground(wrap("the duchess")).status == "normalised"
    assert document.ground(wrap("the duke")).status == "absent"
    assert document._folded is folded


@given(tricky | st.text(st.sampled_from("aé1.,_-'\u0301\u200b\u200d\u00ad 서울에서3명は静ا والكتاب ה$🙂")))
def test_the_borders_of_a_text_are_all_offsets_that_are_one(text: str) -> None:
    assert list(borders(text)) == [index for index in range(1, len(text)) if is_border(text, index)]


@pytest.mark.parametrize(
    ("start", "repeated", "end"),
    [
        ("a", "\u200b", "b"),
        ("é", "\u00ad", ""),
        ("a&amp;", "\u200b", "b"),
        ("", "&amp;", ""),
        ("e", "\u0301", "\u200d e"),
        ("e", "\u0301\u200b", "a"),
    ],
)
def test_borders_take_as_long_as_the_text_is(start: str, repeated: str, end: str) -> None:
    assert_linear(lambda count: sum(1 for _ in GroundedDocument(start + repeated * count + end).borders()), 2_000)
