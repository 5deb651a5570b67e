"""A string stands in the document, but in other characters.

It is found once case, white space, quotes and the like are normalised, or in another form of the same words: `ada`
for `Ada`, `thirty men` for `30 men`. A span of the document is trained and scored by its characters. The fix snaps
the value to the document's. It is safe unless a function word differs, which may change what is meant; a string that
stands for several values has one where all are to be written alike. Numbers are values, not characters: 1838 is no
near match of `1,838`.

Source: GoLLIE, arXiv:2310.03668, section 3.2 (spans stand in the text).
"""

from collections import defaultdict
from collections.abc import Iterator

from guidex_schema.diagnostic import Edit, Fix
from guidex_schema.instance import Mention, SetValue, TextValue, children
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.string_literal import rewritten
from guidex_schema.subject import GroundedValue
from guidex_schema.text import Span
from guidex_schema.wording import described, excerpt

CODE = "GX302"
NAME = "near-match"
SEVERITY = Severity.WARNING

_DOCUMENT = "Ada  Lovelace wrote 'Notes' in 1,843 days.\nHer \"Sketch\\Note\" made 30 readers think."

_TITLE = "Write it as the document does"

_NEAR = ("normalised", "variant")
# The score of a variant from which no function word is missing, and to which none is added.
_SAME_WORDS = 0.9

VALID = (
    Example(labels='[Person("Ada  Lovelace", role="wrote \'Notes\'")]', document=_DOCUMENT),
    Example(labels="[Person(1843)]", document=_DOCUMENT),
    Example(labels='[Person("Isaac Newton")]', document=_DOCUMENT),
    Example(labels='[Person("ada lovelace")]'),
    Example(labels='[Person("Ada", role="WROTE")]', document=_DOCUMENT, abstractive=("Person.role",)),
)

INVALID = (
    Example(
        labels='[Person("Ada Lovelace")]',
        document=_DOCUMENT,
        at='"Ada Lovelace"',
        path="result[0].mention",
        fixed='[Person("Ada  Lovelace")]',
        safe=True,
        message="the str `Ada Lovelace` stands in the document as `Ada  Lovelace`",
        title=_TITLE,
    ),
    Example(
        labels="[Person('Ada', role='“notes”')]",
        document=_DOCUMENT,
        at="'“notes”'",
        path="result[0].role",
        fixed="[Person('Ada', role=\"'Notes'\")]",
        safe=True,
        message="the str `“notes”` stands in the document as `'Notes'`",
        title=_TITLE,
    ),
    Example(
        labels="[Person('days. her \"sketch' + '\\\\note\"')]",
        document=_DOCUMENT,
        at="'days. her \"sketch' + '\\\\note\"'",
        path="result[0].mention",
        fixed="[Person('days.\\nHer \"Sketch\\\\Note\"')]",
        safe=True,
        message='the str `days. her "sketch\\note"` stands in the document as `days.\\nHer "Sketch\\Note"`',
        title=_TITLE,
    ),
    Example(
        labels='[Person("thirty reader")]',
        document=_DOCUMENT,
        at='"thirty reader"',
        path="result[0].mention",
        fixed='[Person("30 readers")]',
        safe=True,
        message="the str `thirty reader` stands in the document as `30 readers`",
        title=_TITLE,
    ),
    Example(
        labels='[Person("Ada", role="made the readers think")]',
        document="Ada made readers think.",
        at='"made the readers think"',
        path="result[0].role",
        fixed='[Person("Ada", role="made readers think")]',
        message="the str `made the readers think` stands in the document as `made readers think`",
        title=_TITLE,
    ),
    Example(
        labels='[Person("Ada", role={"wrote", "NOTES"})]',
        document=_DOCUMENT,
        at='"NOTES"',
        path="result[0].role[1]",
        message="the str `NOTES` stands in the document as `Notes`",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Name every string that the document has in other characters."""
    if not any(subject.status(leaf) in _NEAR for leaf in subject.inexact):
        return
    kept: frozenset[Span] | None = None
    for value in subject.grounded_about_inexact:
        best = value.grounding.best
        if best is None or not _is_near(value):
            continue
        if kept is None:
            # Two items of a set may be one in the document's characters, and a set holds none twice. Sound labels have
            # no sets.
            mentions = subject.mentions if subject.sound is None else ()
            kept = frozenset((*(span for mention in mentions for span in _in_sets(mention)), *_torn(subject)))
        written = (subject.record.document or "")[best.start : best.end]
        yield Fault(
            rule=NAME,
            message=f"{described(value.mention.value)} stands in the document as {excerpt(written)}",
            part="labels",
            span=value.mention.value.span,
            path=value.mention.path,
            fix=None if value.mention.value.span in kept else _fix(subject, value, written),
        )


def _is_near(value: GroundedValue) -> bool:
    return (
        value.is_checked
        and not value.is_abstractive
        and isinstance(value.mention.value, TextValue)
        and value.grounding.status in _NEAR
    )


def _in_sets(mention: Mention) -> Iterator[Span]:
    """Give the places of all items of sets."""
    if isinstance(mention.value, SetValue):
        yield from (item.span for item in mention.value.items)
    for child in children(mention):
        yield from _in_sets(child)


def _torn(subject: Subject) -> Iterator[Span]:
    """Give the places of strings that fill several attributes and would be written differently for each."""
    document = subject.record.document or ""
    found: defaultdict[Span, set[str | None]] = defaultdict(set)
    for value in subject.grounded_about_inexact:
        best = value.grounding.best
        found[value.mention.value.span].add(document[best.start : best.end] if best is not None else None)
    return (span for span, texts in found.items() if len(texts) > 1)


def _is_safe(value: GroundedValue, written: str) -> bool:
    """Say whether no function word differs between a value and the place that is shown."""
    if value.grounding.status == "normalised":
        return True
    # Loaded where a value is near: guideline files are linted without.
    from guidex_schema.grounding import GroundedDocument

    # The score is that of the best of all places, which need not be the one that is shown.
    scores = [value.grounding.score]
    if len(value.grounding.spans) > 1:
        scores.append(GroundedDocument(written).ground(value.mention.value).score)
    return min(scores) >= _SAME_WORDS


def _fix(subject: Subject, value: GroundedValue, written: str) -> Fix | None:
    span = value.mention.value.span
    replacement = rewritten(subject.record.labels[span.start : span.end], written)
    if replacement is None or not subject.is_exact(written):
        return None
    edit = Edit(start=span.start, end=span.end, replacement=replacement)
    return Fix(title=_TITLE, safe=_is_safe(value, written), edits=(edit,))
