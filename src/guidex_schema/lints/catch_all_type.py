"""A type is a catch-all (`Other`, `Misc…`), and its definition does not say what belongs there and what does not.

What is left over by the other types has no border of its own. Those are the labels that GuideX's models keep getting
wrong: without criteria that stand by themselves nobody applies them consistently. Types that other types derive from,
and definitions with a `{placeholder}`, are left out.

Source: GuideX, arXiv:2506.00649, remaining challenges and limitations (`Other` and `Miscellaneous`), Table 4.
"""

import re
from collections.abc import Iterator

from guidex_schema.definitions import bases, definitions
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.vocabulary import PLACEHOLDER, content_words, name_words, words

CODE = "GX113"
NAME = "catch-all-type"
SEVERITY = Severity.WARNING

VALID = (
    Example(
        guidelines='class Miscellaneous:\n    """Nationalities, religions and languages. Titles are not marked."""\n'
        "    mention: str\n"
    ),
    Example(guidelines='class Other(Entity):\n    """{crossner_other}"""\n    mention: str\n'),
    Example(guidelines='class OtherExpenses:\n    """Costs by which no product was made."""\n    amount: float\n'),
    Example(guidelines='class General:\n    """An officer who commands an army."""\n    mention: str\n'),
    Example(guidelines='class Rest:\n    """A silence in the music, by its length."""\n    mention: str\n'),
    Example(guidelines="class Thing:\n    x: str\n\nclass Person(Thing):\n    x: str\n"),
    Example(guidelines='class 其他:\n    """节日、奖项和语言的名称，不包括作品名称。"""\n    mention: str\n'),
)

INVALID = (
    Example(
        guidelines='class Other(Entity):\n    """Any other entity that does not fit into the categories above."""\n'
        "    mention: str\n",
        at="Other",
        part="guidelines",
        path="Other",
        message="`Other` is a catch-all whose definition does not say what belongs there",
    ),
    Example(
        guidelines='class MiscEvent(Event):\n    """Festivals, exhibitions and sports tournaments of all kinds."""\n'
        "    mention: str\n",
        at="MiscEvent",
        part="guidelines",
        path="MiscEvent",
        message="`MiscEvent` is a catch-all whose definition does not say what does not belong there",
    ),
    Example(
        guidelines='class OtherEntity:\n    """Various entities."""\n    mention: str\n',
        at="OtherEntity",
        part="guidelines",
        path="OtherEntity",
        message="`OtherEntity` is a catch-all whose definition does not say what belongs there and what does not",
    ),
    Example(
        guidelines='class Rest:\n    """All the remaining types."""\n    mention: str\n',
        at="Rest",
        part="guidelines",
        path="Rest",
        message="`Rest` is a catch-all whose definition does not say what belongs there and what does not",
    ),
    Example(
        guidelines="class Thing:\n    mention: str\n",
        at="Thing",
        part="guidelines",
        path="Thing",
        message="`Thing` is a catch-all whose definition does not say what belongs there and what does not",
    ),
)

_MISCELLANEOUS = frozenset(("misc", "miscellaneous", "miscellany", "miscellanea"))
_CATCH_ALL = _MISCELLANEOUS | set(
    "other others else unknown undefined unspecified uncategorized uncategorised unclassified various varia remainder "
    "residual leftover etc anything everything sonstige sonstiger sonstiges andere anderes autre autres divers otro "
    "otros otra otras varios outro outros outra outras altro altri прочее другое разное "
    "其他 其它 杂项 その他 기타 أخرى".split()
)
# These have another meaning as well: an officer, a pause, whatever somebody owns.
_AMBIGUOUS = frozenset("general generic rest thing things".split())
# What may stand beside them without a meaning of its own. Expenses are something, and so are other expenses.
_GENERIC = frozenset(
    "entity entities type types class event events relation relations concept concepts item items info information "
    "data details category label mention".split()
)
# One of these is part of every name that may be a catch-all's.
_TELLING = _CATCH_ALL | _AMBIGUOUS
_RESIDUAL = _CATCH_ALL | set(
    "above belong belongs categories category cover covered covers defined described do does doesn't existing fall "
    "falls fit fits general generic given included into item items label labels listed mention mentioned mentions more "
    "named not previous previously remaining rest several specific such tag tags text thing things under".split()
)
_LEFT_OVER = re.compile(r"\b(?:above|any|else|everything|miscellaneous|other|others|previous|remaining|rest|various)\b")
_EXCLUSION = re.compile(
    r"\b(?:not|no|never|neither|nor|\w+n['’]t|except|excepting|exclud\w+|without|unless|only|but|other than|rather "
    r"than|instead|outside|nicht|kein\w*|außer|ohne|nur|pas|sauf|hors|sans|excepto|salvo|sin|solo|sólo|não|sem|"
    r"eccetto|tranne|non|senza|niet|geen|behalve|не|кроме|без|только|إلا|ليس|غير|باستثناء)\b"
    r"|[不除非没沒]|以外|ない|しません|제외|않"
)
_LEAST_CONTENT = 3


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Look at the definitions of types with such names."""
    found = inventory(guideline)
    if all(_TELLING.isdisjoint(name_words(name)) for name in found.class_names):
        return
    derived_from = {base for names in bases(found.bodies).values() for base in names}
    for definition in definitions(guideline):
        text = definition.text
        if definition.path in derived_from or PLACEHOLDER.search(text) or not _is_catch_all(definition.path, text):
            continue
        belongs = len([word for word in content_words(text) if word not in _RESIDUAL]) >= _LEAST_CONTENT
        excludes = _EXCLUSION.search(text.lower()) is not None
        if not (belongs and excludes):
            lacking = "what does not belong there" if belongs else "what belongs there"
            yield Fault(
                rule=NAME,
                message=f"{quoted(definition.path)} is a catch-all whose definition does not say {lacking}"
                + ("" if belongs or excludes else " and what does not"),
                part="guidelines",
                span=definition.name,
                path=definition.path,
            )


def _is_catch_all(name: str, definition: str) -> bool:
    parts = name_words(name)
    rest = set(parts) - _GENERIC
    if parts[:1] and parts[0] in _MISCELLANEOUS:
        return True
    if rest and rest <= _CATCH_ALL:
        return True
    is_left_over = not words(definition) or _LEFT_OVER.search(definition.lower()) is not None
    return bool(rest) and rest <= _AMBIGUOUS | _CATCH_ALL and is_left_over
