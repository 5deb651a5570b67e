"""A string is too long for a mention: more than a sentence, or more than 200 characters.

A mention names something in a few words. What runs on is a summary, or a passage that was copied whole: it trains a
model to copy, and hardly ever matches another annotator's span. White space counts as one character.

Source: GoLLIE, arXiv:2310.03668, section 3.2 (attributes hold spans of the text).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.sentence import excess
from guidex_schema.wording import described

CODE = "GX303"
NAME = "over-long"
SEVERITY = Severity.WARNING

_SENTENCES = "She met Dr. C. Babbage. He built engines."
_LONG = "and on " * 40

VALID = (
    Example(labels='[Person("She met Dr. C. Babbage")]', document=_SENTENCES),
    Example(labels='[Person("Ada", role="of Lovelace Inc. Ltd. No. Ten")]', document=_SENTENCES),
    Example(labels=f'[Person("{_SENTENCES}")]'),
    Example(labels=f'[Person("Ada", role="{_SENTENCES}")]', document=_SENTENCES, abstractive=("*.role",)),
    Example(labels=f'[Person("Ada{" " * 300}Lovelace")]', document="Ada Lovelace"),
)

INVALID = (
    Example(
        labels=f'[Person("{_SENTENCES}")]',
        document=_SENTENCES,
        at=f'"{_SENTENCES}"',
        path="result[0].mention",
        message=f"the str `{_SENTENCES}` is more than one sentence; shorten it to a mention, or name "
        "`Person.mention` in the setting `abstractive`",
    ),
    Example(
        labels=f'[Person("Ada", role="{_LONG}")]',
        document="Ada went on.",
        at=f'"{_LONG}"',
        path="result[0].role",
        message=f"the str `{_LONG[:77]}an…` has 279 characters, more than 200; shorten it to a mention, or name "
        "`Person.role` in the setting `abstractive`",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Measure every string that has to stand in the document."""
    if not any(map(excess, subject.checked_texts)):
        return
    for leaf in subject.checked:
        what = excess(leaf.value.value) if leaf.value.kind == "text" else ""
        if what and not subject.is_abstractive(leaf):
            attribute = quoted(f"{leaf.entity_type}.{leaf.attribute}")
            yield Fault(
                rule=NAME,
                message=f"{described(leaf.value)} {what}; shorten it to a mention, or name {attribute} in the setting "
                "`abstractive`",
                part="labels",
                span=leaf.value.span,
                path=leaf.path,
            )
