"""A value does not stand in the document.

Every string and number that fills an attribute must be found in the document: its exact characters at the borders of
tokens, the same after normalising (case, quotes, dashes, white space, NFKC, HTML entities), or the same words in
another form. What stands there only inside another word or number is absent. A paraphrase may be true, but no span
says it, so nothing can be trained or scored on it. The finding names the passage that comes nearest and how much of
the value's letters and digits it holds, for the first 50 absent values of a row: a row with more is wrong as a whole,
and the search is dear. Attributes that describe go into the setting `abstractive`.

Source: GoLLIE, arXiv:2310.03668, section 3.2 (spans stand in the text); of 212 values that GuideX published 43 %
stand in the text as written.
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.wording import described, nearness

CODE = "GX301"
NAME = "value-absent"
SEVERITY = Severity.ERROR

_DOCUMENT = "Ada  Lovelace wrote “Notes” in 1843."

VALID = (
    Example(labels='[Person("Ada  Lovelace", "wrote")]', document=_DOCUMENT),
    Example(labels='[Person("ada lovelace", children=[Person(\'"Notes"\')])]', document=_DOCUMENT),
    Example(labels='[Person("Isaac Newton")]'),
    Example(labels='[Person("Ada", role="a mathematician")]', document=_DOCUMENT, abstractive=("*.role",)),
)

INVALID = (
    Example(
        labels='[Person("Isaac Newton")]',
        document=_DOCUMENT,
        at='"Isaac Newton"',
        path="result[0].mention",
        message="the str `Isaac Newton` does not stand in the document",
    ),
    Example(
        labels='[Person("Ada Bob")]',
        document=_DOCUMENT,
        at='"Ada Bob"',
        path="result[0].mention",
        message="the str `Ada Bob` does not stand in the document; nearest: `Ada` (50 % of it)",
    ),
    Example(
        labels='[Person("Ada", children=[Person("184")])]',
        document=_DOCUMENT,
        at='"184"',
        path="result[0].children[0].mention",
        message="the str `184` does not stand in the document; it stands only inside `1843`",
    ),
)

# To look for the nearest passage is the dearest search there is; a row with more absent values is wrong as a whole.
_EXPLAINED = 50


def check(subject: Subject) -> Iterator[Fault]:
    """Name every value whose grounding is absent, and what comes nearest to it."""
    absent = (leaf for leaf in subject.inexact if not subject.is_abstractive(leaf) and subject.status(leaf) == "absent")
    for number, leaf in enumerate(absent):
        nearest = subject.nearest(leaf.value) if number < _EXPLAINED else None
        words = nearness(nearest, subject.record.document or "")
        yield Fault(
            rule=NAME,
            message=f"{described(leaf.value)} does not stand in the document{words}",
            part="labels",
            span=leaf.value.span,
            path=leaf.path,
        )
