"""A value does not stand in the document.

Every string and number that fills an attribute must be found in the document: its exact characters at the borders of
tokens, or the same after normalising (case, quotes, dashes, white space, NFKC, HTML entities). A paraphrase may be
true, but no span says it, so nothing can be trained or scored on it.

Source: GoLLIE, arXiv:2310.03668, section 3.2 (spans stand in the text); of 212 values that GuideX published 43 %
stand in the text as written.
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.wording import described

CODE = "GX301"
NAME = "value-absent"
SEVERITY = Severity.ERROR

_DOCUMENT = "Ada  Lovelace wrote “Notes” in 1843."

VALID = (
    Example(labels='[Person("Ada Lovelace", "wrote")]', document=_DOCUMENT),
    Example(labels='[Person("ada lovelace", children=[Person(\'"Notes"\')])]', document=_DOCUMENT),
    Example(labels='[Person("Isaac Newton")]'),
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
        labels='[Person("Ada", children=[Person("184")])]',
        document=_DOCUMENT,
        at='"184"',
        path="result[0].children[0].mention",
        message="the str `184` does not stand in the document",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Name every value whose grounding is absent."""
    for value in subject.grounded:
        if value.grounding.status == "absent":
            yield Fault(
                rule=NAME,
                message=f"{described(value.mention.value)} does not stand in the document",
                part="labels",
                span=value.mention.value.span,
                path=value.mention.path,
            )
