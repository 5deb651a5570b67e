"""Variants: the same words inflected, other function words, other forms of a number or date; nothing else."""

import datetime
import re
from decimal import Decimal
from pathlib import Path

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from guidex_schema.grounding import GroundedDocument, candidate, search, variant
from guidex_schema.grounding.inflection import beginnings, inflects
from guidex_schema.grounding.normalisation import Folded
from guidex_schema.grounding.number import in_chinese, in_words, readings
from test_grounding import evidence, look_up, wrap

DOCUMENTS = sorted((Path(__file__).parent.parent / "fixtures").rglob("documents/*-en-*.txt"))

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(number: int) -> str:
    """Write a number in British English words."""
    for scale, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if number >= scale:
            rest = number % scale
            tail = "" if not rest else (" and " if rest < 100 else " ") + spell(rest)
            return f"{spell(number // scale)} {name}{tail}"
    if number >= 100:
        return f"{SMALL[number // 100]} hundred" + (f" and {spell(number % 100)}" if number % 100 else "")
    if number >= 20:
        return TENS[number // 10 - 2] + (f"-{SMALL[number % 10]}" if number % 10 else "")
    return SMALL[number]


VARIANTS = [
    # function words
    ("climb hierarchy", "to climb the hierarchy, he", "climb the hierarchy"),
    ("the Persian language", "in Persian language now", "Persian language"),
    ("attempts to return money", "he attempts to ‘return the money’ he", "attempts to ‘return the money’"),
    ("interest in Persian language", "interest in the Persian language in", "interest in the Persian language"),
    ("Tom & Jerry", "so Tom and Jerry ran", "Tom and Jerry"),
    # inflection
    ("Energy in relationships", "our energy in relationship to", "energy in relationship"),
    ("accepts offer", "by accepting the offer", "accepting the offer"),
    ("stopped", "they were stopping", "stopping"),
    ("woman", "the women’s team", "women"),
    ("studies", "a study of", "study"),
    # X's Y and Y of X
    ("Queen Victoria's Jubilee", "the Jubilee of Queen Victoria was", "Jubilee of Queen Victoria"),
    ("design life of the bridge", "the bridge’s design life is", "bridge’s design life"),
    (
        "Moral backbones of yoga practice",
        "moral backbones of the practice of yoga",
        "moral backbones of the practice of yoga",
    ),
    # hyphens and wrapped lines
    ("email", "send an e-mail now", "e-mail"),
    ("e-mail", "send an email now", "email"),
    ("information", "the infor-\nmation was", "infor-\nmation"),
    ("静脉注射", "用静脉\n注射药", "静脉\n注射"),
    ("東京タワー", "東京\u3000タワーへ", "東京\u3000タワー"),
    ("GPT模型", "用 GPT 模型 写", "GPT 模型"),
    # abbreviations
    ("Doctor Smith", "saw Dr. Smith today", "Dr. Smith"),
    ("Dr Smith", "saw Doctor Smith today", "Doctor Smith"),
    ("Saint Petersburg", "in St. Petersburg, the", "St. Petersburg"),
    ("J.R.R. Tolkien", "by J. R. R. Tolkien in", "J. R. R. Tolkien"),
    ("US customers", "our U.S. customers are", "U.S. customers"),
    ("United States", "in the U.S. and", "U.S."),
    ("number 17", "at No. 17 Baker Street", "No. 17"),
    ("Portland Oregon", "in Portland, Oregon, a", "Portland, Oregon"),
    # numbers
    (1838, "in 1,838.", "1,838"),
    (1838, "1&nbsp;838 m", "1&nbsp;838"),
    (1838, "for $1,838.00", "1,838.00"),
    (1838, "Die Stadt hat fast 1.838 Einwohner", "1.838"),
    (1944, "سنة ١٩٤٤ م", "١٩٤٤"),
    (1.5, "is 1.50", "1.50"),
    (3.5, "etwa 3,5 km", "3,5"),
    (0.5, "a .5 chance", ".5"),
    (1000000.0, "1,000,000 of", "1,000,000"),
    (2e6, "about 2e6", "2e6"),
    (30, "about thirty people", "thirty"),
    (17000000, "won $17 million in", "17 million"),
    (1234567, "12,34,567 rupees", "12,34,567"),
    (18400, "約１万８４００円", "１万８４００"),
    (7508, "高七千五百零八米", "七千五百零八"),
    (21, "in the 21st century", "21st"),
    (-5, "minus five degrees", "minus five"),
    ("1838", "in 1,838 cases", "1,838"),
    ("thirty people", "in 30 people now", "30 people"),
    ("20%", "by 20 percent of", "20 percent"),
    ("20 per cent", "by 20% of", "20%"),
    ("17 million dollars", "won $17 million in", "$17 million"),
    ("$17,000,000", "won $17 million in", "$17 million"),
    ("3.5 km", "ran 3.5 kilometres", "3.5 kilometres"),
    ("5 milligrams", "takes 5 mg daily", "5 mg"),
    ("2¾ per cent", "at 2.75% now", "2.75%"),
    ("twenty-first century", "the 21st century", "21st century"),
    ("third man", "the 3rd man", "3rd man"),
    ("1914-1918", "from 1914 to 1918,", "1914 to 1918"),
    ("1914 to 1918", "in 1914–18 and", "1914–18"),
    ("1890s", "in the 1890's and", "1890's"),
    ("3000억 원", "약 3,000억 원을", "3,000억 원"),
    # dates
    ("29 May 1885", "on May 29, 1885 he", "May 29, 1885"),
    ("1885-05-29", "on the 29th of May 1885", "29th of May 1885"),
    ("May 29, 1885", "1885-05-29.", "1885-05-29"),
    ("1885-05-29", "生于1885年5月29日。", "1885年5月29日"),
    ("29 May", "on May 29, 1885", "May 29"),
    ("13 May 1885", "on 13/05/1885", "13/05/1885"),
    ("May 13, 1885", "on 05/13/1885", "05/13/1885"),
    ("29 May 1885", "am 29. Mai 1885", "29. Mai 1885"),
    # what independent readers found
    ("rock and roll", "rock & roll", "rock & roll"),
    ("Mrs Smith", "saw Mrs. Smith", "Mrs. Smith"),
    ("Ms Smith", "saw Ms. Smith", "Ms. Smith"),
    ("thirty men", "some 30 men", "30 men"),
    ("half a million", "500,000", "500,000"),
    (6, "half a dozen", "half a dozen"),
    (5.5, "five and a half years", "five and a half"),
    ("red, white and blue", "red, white, and blue flags", "red, white, and blue"),
    ("science and engineering", "math, science, and engineering", "science, and engineering"),
    ("military base", "military bases", "military bases"),
    ("military bases", "a military base", "military base"),
    ("live in Rome", "He lives in Rome", "lives in Rome"),
    ("leaves the room", "leave the room", "leave the room"),
    ("gases", "gas", "gas"),
    ("lenses", "lens", "lens"),
    ("buses", "bus", "bus"),
    ("quizzes", "quiz", "quiz"),
    ("matrices", "matrix", "matrix"),
    ("person", "people", "people"),
    ("lying", "lie", "lie"),
    ("tied", "tying", "tying"),
    ("NASA", "N.A.S.A.", "N.A.S.A."),
    ("JK", "J.K. Rowling", "J.K."),
    ("1.2 million users", "1.2M users", "1.2M users"),
    ("7 million", "7M", "7M"),
    (1500, "fifteen hundred", "fifteen hundred"),
    ("5억 원", "5억원", "5억원"),
    ("三十人", "30人", "30人"),
    (1838, "Die Stadt hat 1.838 Einwohner", "1.838"),
    ("5 seconds", "5 s", "5 s"),
    ("100 dollars", "$100", "$100"),
]


@pytest.mark.parametrize(("value", "document", "expected"), VARIANTS)
def test_variant(value: str | float, document: str, expected: str) -> None:
    assert evidence(value, document) == ("variant", [expected])


@pytest.mark.parametrize(
    ("value", "document"),
    [
        # a content word more, less or another
        ("management of resources", "management of the natural resources"),
        ("undergoes catharsis", "a sudden catharsis"),
        ("support farmers", "support young farmers"),
        ("red wine", "the dress was red, wine was served"),
        ("London Paris", "in London. Paris is"),
        ("university", "the universe"),
        ("organ", "an organization"),
        ("important", "the import"),
        ("past", "the paste"),
        # the words that turn a meaning round
        ("from London", "to London"),
        ("flight to London", "a flight from London"),
        ("with reservation", "without reservation"),
        ("cats and dogs", "cats or dogs"),
        ("approved", "disapproved"),
        ("was approved today", "was not approved today"),
        ("son of David", "David of son"),
        ("John's father", "father John"),
        ("Oxford University Press Office", "Office of Oxford"),
        # more than two function words
        ("climb hierarchy", "climb up to the hierarchy"),
        ("house hill", "house that is on the hill"),
        # numbers
        (1839, "1,838 or thirty or 1.839.000"),
        (1838, "1.838 of the total and 1,838,000"),
        ("5 km", "5 m and 6 km"),
        ("$5", "€5 or 5 pounds"),
        ("5 percent", "5 percentage points"),
        ("13 people", "thirty people"),
        ("thirty people", "13 people"),
        ("1914-1918", "1918 to 1914"),
        ("10-20", "10 or 20"),
        ("17 million", "17 billion"),
        ("0.45", "45%"),
        (45, "0.45"),
        (3, "三菱電機"),
        (100, "百科事典"),
        (8400, "１万８４００円"),
        (2000, "2000万"),
        ("38.8 degrees", "-38.8 degrees"),
        ("first", "1"),
        # dates
        ("29 May 1885", "May 28, 1885"),
        ("29 May 1885", "29 May 1886"),
        ("1885-05-06", "5 June 1885"),
        ("5 June 1885", "05/06/1885"),
        ("31 May", "May 3"),
        # hyphens
        ("202021", "2020-21"),
        ("therapist", "the rapist"),
        ("C++", "in C or C#"),
        ("A型", "型の"),
        # what independent readers found
        ("-$5", "lost $5"),
        ("5 dollars", "-$5"),
        ("World War I", "World War II"),
        ("vitamin A", "vitamin D"),
        ("Class A shares", "Class B shares"),
        ("Portland, ME", "Portland, OR"),
        ("AM radio", "an FM radio"),
        ("OR nurse", "the nurse"),
        ("he won", "he won't come"),
        ("he can", "he can’t swim"),
        ("Motorola sold to Lenovo", "Motorola sold Lenovo"),
        ("Spain lost to Italy", "Spain lost Italy"),
        ("Paris, London", "Paris to London"),
        ("2010, 2012", "2010–2012"),
        ("ages 5, 10", "ages 5-10"),
        ("Paul Simon", "Paul and Simon"),
        ("John Paul", "John, Paul and George"),
        ("Jackson Ford", "Jackson, Ford and Lee"),
        ("University of Washington", "Washington University"),
        ("Miami University", "the University of Miami"),
        ("King James", "the James of King"),
        ("Python 3.1", "Python 3.10"),
        ("Section 4.1", "Section 4.10"),
        ("Locke", "the locks"),
        ("humane", "all humans"),
        ("goods", "a good idea"),
        ("customs", "a local custom"),
        ("100 milligrams", "100 mg/dL"),
        ("5 grams", "5 g/L"),
        ("12 in", "12 cm long"),
        ("$5", "HK$5"),
        ("$20", "S$20"),
        ("500 dollars", "HK$500"),
        (3, "one-third of voters"),
        (1, "no one came"),
        ("12 billion", "Section 12B"),
        ("インド", "インドネシア"),
        ("タイ", "タイトル"),
        ("9-11", "911"),
        ("3-4 apples", "34 apples"),
        ("5-10 km", "510 km"),
        ("January 1-3", "January 13"),
        ("June 1-5, 2020", "June 15, 2020"),
        ("$1-5", "$15"),
        ("5-6%", "56%"),
        ("lost 1-0", "lost 10"),
        ("4-4-2 formation", "442 formation"),
        ("1914-18", "191418"),
        (7365, "Blood pH was 7.365 at rest"),
        ("$1,125", "Gas costs $1.125 today"),
        ("weighs 1250 kg", "It weighs 1.250 kg"),
        ("1838 m", "Height 1.838 m"),
        (1234, "Score: 1.234"),
        ("3 Einwohner", "Das Dorf hatte 3.000 Einwohner und der See"),
        ("1 million", "half a million"),
        ("$1 million", "half a million dollars"),
        ("1,000,000 people", "half a million people"),
        ("12 eggs", "half a dozen eggs"),
        ("100 people", "several hundred people"),
        ("1 billion dollar", "multi-billion dollar"),
        (1000000, "quarter million"),
        (5, "five and a half"),
        ("≥ 50%", "< 50%"),
        ("≤ 50%", "≥ 50%"),
        ("≥5 mg", "≤5 mg"),
        ("5‰", "5%"),
        ("≠ 5", "= 5"),
        ("√2", "2"),
        ("↑ HDL", "↓ HDL"),
        ("✓ done", "✗ done"),
        ("♀ mice", "♂ mice"),
        ("A ∪ B", "A ∩ B"),
        ("§5", "¶5"),
        ("grade A*", "grade A"),
        ("₦500", "$500"),
        ("₱500", "500"),
        ("₴500", "₾500"),
        ("blood type A-", "blood type A+"),
        ("Rh-", "Rh+"),
        ("grade B-", "grade B"),
        ("-5 °C", "10-5 °C"),
        ("-5 degrees", "20-5 degrees"),
        ("三人", "十三人"),
        ("十人", "三十人"),
        ("千人", "两千人"),
        ("is safe to use", "it isn't safe to use"),
        ("was elected", "he wasn’t elected"),
        ("are effective", "they aren't effective"),
        ("is hardly x", "is y"),
        ("is allowed", "is no longer allowed"),
        ("live with", "live without"),
        ("schools with", "schools without"),
        ("turned on", "turned off"),
        ("born in", "born before"),
        ("Germany attacked Poland", "Germany was attacked by Poland"),
        ("Apple sued Samsung", "Apple sued by Samsung"),
        ("sold his car", "sold her car"),
        ("the man she loves", "the man he loves"),
        ("we beat them", "they beat us"),
        ("Mars 2020", "in March 2020"),
        ("Mars 3", "March 3, 1971"),
        ("Mars 5 mission", "March 5 mission"),
        ("1.5 T MRI", "1.5 tonne MRI"),
        ("20 kn", "20 kilonewtons"),
        ("100 Mb", "100 megabytes"),
        ("5G", "5 g"),
        ("4 hours", "4-H club"),
        ("5 won the race", "5 krw the race"),
        ("5 sterling examples", "£5 examples"),
        ("Max. Smith", "Maximum Smith"),
        ("고양", "고양이"),
        ("تاب", "كتاب"),
        ("ندا", "كندا"),
        # what a long word holds
        ("ill", "the hill"),
        ("고양", "건축가의"),
        ("건축", "건축가는"),
    ],
)
def test_no_variant(value: str | float, document: str) -> None:
    assert evidence(value, document) == ("absent", [])


@given(st.integers(0, 10**9))
@settings(max_examples=300)
def test_number_words_are_read(number: int) -> None:
    words = spell(number)
    assert in_words(re.findall("[a-z]+", words)) == (number, len(re.findall("[a-z]+", words)), False)
    document = f"There were {words} of them."
    found = look_up(number, document)
    assert found.status == "variant"
    assert [document[span.start : span.end] for span in found.spans] == [words]
    assert look_up(words, f"There were {number:,} of them.").status == "variant"
    assert look_up(number + 1, document).status == "absent"


@given(st.integers(1, 10**13 - 1))
def test_chinese_numbers_are_read(number: int) -> None:
    digits = "〇一二三四五六七八九"

    def below_ten_thousand(part: int) -> str:
        text = ""
        for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit = part // place % 10
            text += digits[digit] + unit if digit else ("〇" if text and part % place else "")
        return re.sub("〇+", "〇", text)

    parts = [(number // scale % 10000, name) for scale, name in ((10**12, "兆"), (10**8, "億"), (10**4, "万"), (1, ""))]
    numeral = "".join(below_ten_thousand(part) + name for part, name in parts if part)
    assert in_chinese(numeral) == number


@given(
    st.decimals(0, 10**9, places=2), st.sampled_from(["en_GB", "de_DE", "fr_FR", "ru_RU", "de_CH", "hi_IN", "ar_EG"])
)
@settings(max_examples=300)
def test_decimals_of_many_languages_are_read(number: Decimal, locale: str) -> None:
    # The numbers are written by Babel from the data of Unicode's CLDR.
    shown = format_decimal(number, locale=locale, format="#,##0.00" if locale != "hi_IN" else "#,##,##0.00")
    shown = shown.replace("’", "'")
    frame = "kostet {} davon" if locale.startswith("de") else "({}) of"
    found = look_up(float(number), frame.format(shown))
    assert found.spans, shown
    if number == int(number) and number > 1:
        assert not look_up(int(number) + 1, frame.format(shown)).spans


@given(
    st.dates(datetime.date(1000, 1, 1), datetime.date(2999, 12, 31)),
    st.sampled_from(
        ["en_GB", "en_US", "de", "fr", "es", "it", "pt", "ru", "ja", "zh", "ko", "el", "hi", "he", "ar", "nl"]
    ),
)
@settings(max_examples=400)
def test_dates_of_many_languages_are_read(date: datetime.date, locale: str) -> None:
    shown = format_date(date, format="long", locale=locale)
    document = f"({shown})"
    found = look_up(date.isoformat(), document)
    assert found.status == "variant", shown
    other = date + datetime.timedelta(days=1)
    assert not look_up(other.isoformat(), document).spans
    assert look_up(f"{date.day} {date:%B} {date.year}", document).spans


FORMS = [
    "{}",
    "{:,}",
    "about {} km",
    "£{:,} in",
    "on {} May",
    "the {}th",
    "{}%",
    "in {}–2999",
    "No. {}",
    "{}年",
    "({})",
    "{} million",
]


@given(
    st.integers(1, 10**6),
    st.data(),
    st.sampled_from(FORMS),
    st.sampled_from(["{}", "{:,}", "{} km", "{}%", "{}th", "£{}"]),
)
@settings(max_examples=500)
def test_another_digit_is_never_found(number: int, data: st.DataObject, frame: str, wanted: str) -> None:
    digits = list(str(number))
    place = data.draw(st.integers(0, len(digits) - 1))
    digits[place] = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    changed = int("".join(digits))
    document = frame.format(number)
    # 2999 and the like stand in the frame itself.
    assume(str(changed) not in document)
    assert look_up(wanted.format(changed), document).status == "absent"
    assert look_up(changed, document).status == "absent"


WORDS = (
    "red reds wine wines house houses king's king of the to from a in and not "
    "doctor dr. 3 three thirty may us U.S. running run by leaves leave NASA N.A.S.A. half "
    "million London, Paris. “old” (new) e-mail and/or 1,838 1838 km women woman’s United States north-west it Who"
).split()
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


@given(phrases, texts)
@settings(max_examples=1500)
def test_the_short_way_finds_what_reading_everything_finds(value: str, document: str) -> None:
    wanted, folded = Folded(value), Folded(document)
    needle = variant.needle(wanted.digits, wanted.author)
    everything = (0, len(folded.text))
    closely = set(variant.matches_in(needle, folded.digits, everything, folded.author)) if needle else set()
    assert set(search.variants(wanted, folded)) == closely


@pytest.mark.parametrize(("value", "document", "expected"), VARIANTS)
def test_a_variant_is_found_wherever_it_stands(value: str | float, document: str, expected: str) -> None:
    far = "Es fiel. " * 300
    assert evidence(value, f"{far}{document}. {far}") == ("variant", [expected])


def test_forms_of_a_word_begin_alike() -> None:
    words = sorted({word for file in DOCUMENTS for word in re.findall("[a-z]+", file.read_text("utf-8").lower())})
    by_letter: dict[str, list[str]] = {}
    for word in words:
        by_letter.setdefault(word[0], []).append(word)
    pairs = [(one, other) for same in by_letter.values() for one in same for other in same if inflects(one, other)]
    assert len(pairs) > len(words)
    for one, other in pairs:
        assert other.startswith(beginnings(one)), (one, other)
        read = candidate.plain_words(one, one)
        assert read is None or other.startswith(read.beginnings), (one, other)
        assert inflects(other, one)


@pytest.mark.parametrize(
    ("digits", "dots_group", "expected"),
    [
        ("1838", False, {"1838"}),
        ("1,838", False, {"1838"}),
        ("1.838", False, {"1.838"}),
        ("1.838", True, {"1838"}),
        ("1.838,5", False, {"1838.5"}),
        ("1,838.5", False, {"1838.5"}),
        ("3,5", False, {"3.5"}),
        ("1.234.567", False, {"1234567"}),
        ("12,34,567", False, {"1234567"}),
        ("1'838", False, {"1838"}),
        ("1 838", False, {"1838"}),
        ("0.5", False, {"0.5"}),
        ("007", False, set()),
        ("1.5.2", False, set()),
        ("1,2,3", False, set()),
        ("0,500", False, {"0.5"}),
    ],
)
def test_readings(digits: str, dots_group: bool, expected: set[str]) -> None:
    assert readings(digits, dots_group=dots_group) == {Decimal(one) for one in expected}


@pytest.mark.parametrize(
    ("value", "document", "passage", "coverage", "inside_word"),
    [
        ("Isaac Newton", "Sir Newton wrote", "Newton", 6 / 11, False),
        ("184", "in 1843.", "1843", 1.0, True),
        (838, "in 1,838.", "1,838", 1.0, True),
        (
            "management of resources",
            "the management of the natural resources is",
            "management of the natural resources",
            1.0,
            False,
        ),
        ("Attaturk", "met Ataturk there", "Ataturk", 7 / 8, False),
        ("Lovelance", "Ada Lovelace wrote", "Lovelace", 8 / 9, False),
        ("Wyville Thompson", "and Wyville Thomson led", "Wyville Thomson", 15 / 16, False),
        ("Ada Byron", "Ada Lovelace wrote", "Ada", 3 / 8, False),
        ("静脉点滴", "用静脉注射药", "静脉", 0.5, False),
        ("zzz", "abc", None, 0.0, False),
        ("", "abc", None, 0.0, False),
    ],
)
def test_the_nearest_passage(
    value: str | float, document: str, passage: str | None, coverage: float, inside_word: bool
) -> None:
    grounded = GroundedDocument(document)
    assert grounded.ground(wrap(value)).status == "absent"
    found = grounded.nearest(wrap(value))
    if found is None:
        assert passage is None
        return
    assert document[found.span.start : found.span.end] == passage
    assert found.coverage == pytest.approx(coverage, abs=0.01)
    assert found.inside_word == inside_word


@given(st.text(), st.text() | st.integers() | st.floats())
def test_a_passage_is_a_part_of_the_document(document: str, value: str | float) -> None:
    found = GroundedDocument(document).nearest(wrap(value))
    if found is not None:
        assert 0 <= found.span.start < found.span.end <= len(document)
        assert 0 < found.coverage <= 1
