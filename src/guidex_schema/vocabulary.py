"""The words of definitions and names, in every script, and what marks a placeholder or an example among them."""

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from guidex_schema.grounding.border import SPACELESS
from guidex_schema.grounding.inflection import inflects, stem
from guidex_schema.grounding.lexicon import FUNCTION_WORDS, IRREGULAR

# What parts words: white space and punctuation, but for the underscore and the joiners that scripts need.
_APART = (
    r"\s!-/:-@\[-^`{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf×÷،؛؟۔।॥\u2000-\u200b\u200e-\u206f\u2190-\u2bff"
    r"\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_LETTER = f"[^{_APART}{SPACELESS.pattern[1:-1]}]"
# Names as in an f-string; `{1, 2}` is a set, `{"a": 1}` is JSON, `x_{max}` and `\frac{ab}{cd}` are TeX.
PLACEHOLDER = re.compile(r"(?<![\w^{}\\\])/])\{(?P<name>[^\W\d]\w+)\}(?![}/])")
_WORD = re.compile(rf"{PLACEHOLDER.pattern}|(?P<spaceless>{SPACELESS.pattern}+)|{_LETTER}+(?:['’]{_LETTER}+)*")
_UNIT = re.compile(rf"{SPACELESS.pattern}|{_LETTER}+(?:['’]{_LETTER}+)*")
_ASCII_UNIT = re.compile(r"\w+(?:'\w+)*", re.ASCII)
# As bytes, one table both parts words and makes their letters small.
_SMALL = {one: chr(one).lower() for one in map(ord, string.ascii_letters + string.digits + "_")}
_ASCII_WORDS = bytes(ord(_SMALL.get(one, " ")) for one in range(256))
# What runs of ASCII are made of.
ASCII_RUNS = bytes(_SMALL)
# Nobody writes control characters, but they part no words.
_CONTROLS = {one: chr(one) for one in range(0x1C) if not chr(one).isspace()}
_WORDS = bytes(ord((_SMALL | _CONTROLS).get(one, " ")) for one in range(256))
# What words may hold of which the table knows nothing, and where a text can be cut that has little of it.
_DOUBTFUL = re.compile(r"[^\x00-\x26\x28-\x7a\x7c-\x7f]")
_BLANK = re.compile(r"[ \n]")
# Looking up its place takes as long as reading so many characters.
_MANY = 20
# Of all letters that are not ASCII these have it in lower case.
_HAS_ASCII_LOWER = "\u0130\u212a"
# Thai, Lao, Khmer and Burmese words have about four letters, Chinese and Japanese ones about two.
_SOUTH_EAST_ASIAN = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f]")
# Letters that have a case: Latin, Greek, Cyrillic and Armenian ones.
_CASED = [one for one in map(chr, range(0x600)) if one.isalpha()]
_UPPER = "".join(one for one in _CASED if one.isupper())
_LOWER = "".join(one for one in _CASED if one.islower())
_NAME_PART = re.compile(rf"[{_UPPER}]+(?![{_LOWER}])|[{_UPPER}]?[{_LOWER}]+|[0-9]+|[^\x00-\x7f{_UPPER}{_LOWER}]+")
# What parts the words of a name or label, and the places inside CapWords: before a capital behind a small letter or
# digit, and before the last capital of several, if a small letter follows.
_BORDER = re.compile(r"[\s_./:|‐‑‒–—-]+|(?<=[^\W_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])")
# What stands between them in identifiers of ASCII.
_IDENTIFIER_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]*[a-z0-9]+|[A-Z]+")

# Words in -s that are no plurals, and plurals that are made of such words.
_ENDING_IN_S = {
    **{word: word for word in "alias atlas bias canvas chaos ethos gas lens mars news pancreas series species".split()},
    **{f"{word}es": word for word in "alias atlas bias canvas pancreas".split()},
}
_SILENT_E = ("auses", "ouses", "shoes", "toes", "foes", "canoes", "oboes")
_USES = frozenset(("uses", "reuses", "excuses", "abuses", "fuses", "muses", "refuses", "ruses"))

# What introduces examples.
EXAMPLES = re.compile(
    r"\b(?:such as|e\. ?g\.?|eg\.|for example|for instance|examples?:"
    r"|z\. ?B\.|zum Beispiel|beispielsweise|bspw\.|par exemple|p\. ?ex\.|tel(?:le)?s que"
    r"|por ejemplo|p\. ?ej\.|tales como|por exemplo|tais como|per esempio|ad esempio|ad es\."
    r"|bijvoorbeeld|bijv\.|zoals|till exempel|t\. ?ex\.|na przykład|například|adibidez|esaterako|örneğin|mesela"
    r"|например|к примеру|наприклад|για παράδειγμα|π\.χ\.)"
    r"|على سبيل المثال|مثلا|उदाहरण के लिए|예를 들어|例如|比如|譬如|诸如|例えば|たとえば",
    re.IGNORECASE,
)

# Words that are true of every type, whatever is defined, and so say nothing about one.
FILLERS = frozenset(
    "all and any attribute attributes capture captured captures class classes concept concepts contain contains "
    "define defined defines denote denotes describe described describes describing description detail details "
    "detailing encapsulate encapsulates entity entities event events identify identifies indicate indicates "
    "information instance instances is kind kinds object objects occurrence occurrences refer referring refers "
    "relation relations represent representing represents sort specify specifies template type types "
    "der die das den dem des ein eine einer eines le la les l un une de du el los las una unos unas del il lo i gli "
    "della o os as um uma do da het een van".split()
)

_EMPTY = FUNCTION_WORDS | FILLERS

# What stands where a text is still to be written.
_NO_TEXT = r"[\s.…?!*#:;,/()<>\[\]_–—-]*+"
_MARK = r"(?i:todo|fixme|xxx|tb[ad])"
_UNWRITTEN = re.compile(rf"{_NO_TEXT}(?:{_MARK}(?:{_NO_TEXT}|[:(].*)|(?=[A-Z]+\b){_MARK}.*)?")

# So does no mark begin.
_WRITTEN = frozenset(
    first + second
    for first in string.ascii_letters
    for second in string.printable
    if (first + second).lower() not in ("to", "fi", "xx", "tb")
)

# British spellings as American ones, so that both are one word; exercise becomes no word, but the same one always.
_SPELLINGS = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"(?<=...)is(?=(?:e[ds]?|er|ers|ing|ation|ations)$)", "iz"),
        (r"(?<=...)ys(?=(?:e[ds]?|er|ers|ing)$)", "yz"),
        (r"(?<=...)our(?=(?:s|ed|ing|al|er|ers|able|ite|ites)?$)", "or"),
        (r"(?<=...)tre(?=s?$)", "ter"),
        (r"(?<=...)ogue(?=s?$)", "og"),
        (r"(?<=....)mme(?=s?$)", "m"),
        (r"(?<=...)ence(?=s?$)", "ense"),
        (r"ll(?=(?:ed|ing|er|ers)$)", "l"),
        (r"ae(?=m)|(?<=p)ae(?=d)", "e"),
    )
)
# What one of these words holds, wherever that is.
_TWO_SPELLINGS = re.compile("is[aei]|ys[ei]|our|tre|ogue|mme|ence|ll[ei]|ae[dm]")


def words(text: str) -> list[str]:
    """Give the words of a text in lower case, placeholders as they are.

    Scripts without spaces are cut into pieces as long as their words mostly are, so that words can be counted.
    """
    doubtful = len(text.encode("utf-8", "surrogatepass")) - len(text) + text.count("'") + text.count("{")
    if doubtful * _MANY > len(text):
        return list(_words(text))
    found: list[str] = []
    at = 0
    # Of prose only some words hold what a table of bytes cannot tell; no word has white space in it.
    while doubtful and (odd := _DOUBTFUL.search(text, at)):
        start = max(text.rfind(" ", at, odd.start()), text.rfind("\n", at, odd.start()), at - 1) + 1
        behind = _BLANK.search(text, odd.end())
        end = len(text) if behind is None else behind.start()
        found += _plain_words(text[at:start])
        found += _words(text[start:end])
        at = end
    return found + _plain_words(text[at:])


def ascii_words(text: str) -> list[bytes]:
    """Give the runs of ASCII letters, digits and underscores in a text, in lower case: most of what it says, fast.

    Every word and unit of a text has the same runs, wherever it stands, but for two letters that become ASCII in lower
    case only (``has_ascii_lower``).
    """
    return ascii_runs(text.encode("utf-8", "surrogatepass"))


def ascii_runs(written: bytes) -> list[bytes]:
    """Give those of a text in UTF-8."""
    return written.translate(_ASCII_WORDS).split()


def has_ascii_lower(text: str) -> bool:
    """Say whether a letter of a text that is not ASCII is so in lower case, as words are compared."""
    return not text.isascii() and any(letter in text for letter in _HAS_ASCII_LOWER)


def _plain_words(text: str) -> list[str]:
    return text.encode().translate(_WORDS).decode().split()


def _words(text: str) -> Iterator[str]:
    for found in _WORD.finditer(text):
        run = found["spaceless"]
        if run is not None:
            length = 4 if _SOUTH_EAST_ASIAN.match(run) else 2
            yield from (run[start : start + length] for start in range(0, len(run), length))
        elif found["name"] is not None:
            yield found[0]
        else:
            yield found[0].lower().replace("’", "'").removesuffix("'s")


def is_unwritten(text: str) -> bool:
    """Say whether no line of a text says more than that it is to be written: ``...``, ``tbd``, ``todo: describe``."""
    if text[:2] in _WRITTEN:
        return False
    return all(_UNWRITTEN.fullmatch(line) for line in text.split("\n"))


def units(text: str) -> Iterator[re.Match[str]]:
    """Give the words of a text with their places; in scripts without spaces each letter is one."""
    return (_ASCII_UNIT if text.isascii() else _UNIT).finditer(text)


def unit_texts(text: str) -> list[str]:
    """Give the words of a text as ``units`` finds them, without their places."""
    return (_ASCII_UNIT if text.isascii() else _UNIT).findall(text)


def is_letter(unit: str) -> bool:
    """Say whether a unit is one letter of a script without spaces."""
    return SPACELESS.match(unit) is not None


def content_words(text: str) -> list[str]:
    """Give the words of a text that can tell one type from another, in order."""
    return telling(words(text))


def telling(words: Sequence[str]) -> list[str]:
    """Give of some words those that can tell one type from another, in order."""
    return [word for word in words if word not in _EMPTY]


@lru_cache(maxsize=1 << 11)
def name_words(name: str) -> tuple[str, ...]:
    """Give the words that a name in CapWords or snake_case is made of, in lower case."""
    return tuple(map(str.lower, _NAME_PART.findall(name)))


@lru_cache(maxsize=1 << 11)
def name_key(name: str) -> str:
    """Give what all ways to write a name or label share; "" where it has no word.

    Unicode forms (NFKC), case, and British and American spelling are made one. White space, ``_``, dashes, ``.``,
    ``/``, ``:``, ``|`` and the borders inside CapWords only part words, and are left out: ``birth_place``,
    ``BirthPlace`` and ``birthplace`` are one. Where nothing parts the words, only the end of the last tells a spelling
    (``colour_name`` is ``ColorName``, ``colourname`` is not). What looks like an English plural becomes a singular,
    right or wrong: ``side_effects`` is ``SideEffect``.
    """
    if name.isascii() and name.isidentifier():
        parts = [part.lower() for part in _IDENTIFIER_PART.findall(name)]
    else:
        # The forms go first: a letter of full width is a capital, too.
        parts = _BORDER.sub(" ", unicodedata.normalize("NFKC", name)).casefold().split()
    if not parts:
        return ""
    start, last = "".join(map(spelled, parts[:-1])), parts[-1]
    # Some words are known; the others are told by their end, wherever the words before it are parted.
    if last in IRREGULAR or last in _ENDING_IN_S:
        return start + singular(last)
    return singular(spelled(start + last))


@lru_cache(maxsize=1 << 12)
def spelled(word: str) -> str:
    """Give one spelling for the British and the American one of a word in lower case."""
    if _TWO_SPELLINGS.search(word):
        for british, american in _SPELLINGS:
            word = british.sub(american, word)
    return word


@lru_cache(maxsize=1 << 12)
def root(word: str) -> str:
    """Give what all forms and spellings of a word share; other words may share it, too."""
    return stem(spelled(word)) if word.isascii() and word.isalpha() else word


def singular(word: str) -> str:
    """Give a word in lower case as a plural is made of it, right or wrong: what plural and singular both lead to."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if not word.endswith("s"):
        return word
    if word in _ENDING_IN_S:
        return _ENDING_IN_S[word]
    if word.endswith(("uses", "oes")) and not (word.endswith(_SILENT_E) or word in _USES):
        # Viruses and heroes; not causes, houses, uses.
        return word[:-2]
    for ending, replacement in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + replacement
    return word[:-1] if len(word) > 3 and not word.endswith(("ss", "us", "is")) else word


def is_same(one: str, other: str) -> bool:
    """Say whether two words in lower case are the same but for inflection and spelling."""
    return one == other or inflects(spelled(one), spelled(other))
