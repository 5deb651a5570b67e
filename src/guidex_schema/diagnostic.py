"""What a check says: plain frozen data that can be stored, compared, sent and rendered anywhere."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from guidex_schema.frozen import Frozen
from guidex_schema.text import Document, Location, Span

Part = Literal["guidelines", "labels", "document", "file", "output"]

# Text of a row that stands in a message is cut here; the place says where the rest is.
_QUOTED_LENGTH = 80

# Zero-width joiners, which scripts and emoji need, and the two other spaces that scripts use.
_HARMLESS = frozenset("\u200c\u200d\u00a0\u3000")


class Severity(StrEnum):
    """Say what a finding means for the record: only an error keeps it from being kept."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Edit(Frozen):
    """Replace ``source[start:end]`` (code points of the decoded part) by ``replacement``.

    Raises:
        pydantic.ValidationError: ``end`` lies before ``start``.
    """

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    replacement: str

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"an edit cannot end ({self.end}) before it starts ({self.start})")
        return self


class Fix(Frozen):
    """Mend one finding by edits to the part it stands in.

    Attributes:
        title: what the fix does, in the imperative.
        safe: it leaves every other entity type and the meaning of every instance unchanged.
        edits: non-overlapping, in source order.

    Raises:
        pydantic.ValidationError: edits overlap or are out of order.
    """

    title: str
    safe: bool
    edits: tuple[Edit, ...]

    @model_validator(mode="after")
    def _edits_follow_each_other(self) -> Self:
        if any(after.start < before.end for before, after in pairwise(self.edits)):
            raise ValueError("the edits of a fix overlap or are out of order")
        return self

    def apply(self, source: str) -> str:
        """Give the source with this fix made; ``source`` is the decoded part the fix was made for."""
        for edit in reversed(self.edits):
            source = source[: edit.start] + edit.replacement + source[edit.end :]
        return source


class RecordReference(Frozen):
    """Name one row of a dataset.

    Attributes:
        index: 0-based position in the file.
        id: the row's own identifier, if it has one.
        line: 1-based line of the file where the row starts; null where the format has no lines.
    """

    index: int = Field(ge=0)
    id: str | None = None
    line: int | None = None


class Diagnostic(Frozen):
    """State one fault: what it is, where it stands and how to mend it.

    ``location``, ``span`` and the fix's edits are relative to the decoded ``part``; ``path`` names the
    value inside the labels, as in ``result[2].author.name``. ``key`` is that of its ``Fault``, and no part of its JSON.
    """

    code: str
    name: str
    severity: Severity
    message: str
    file: str | None = None
    record: RecordReference | None = None
    path: str | None = None
    part: Part
    location: Location | None = None
    span: Span | None = None
    fix: Fix | None = None
    key: str | None = Field(default=None, exclude=True, repr=False)


class Fault(Frozen):
    """State what one rule found, before the rule's code, name and severity are put to it.

    Attributes:
        rule: the name of the rule whose finding it is, as in ``markdown-fence``.
        part: the part of the record that ``span`` and the fix's edits refer to.
        key: what the finding is about, whichever row it is told of, where rows are compared with each other: the row
            and the message depend on the order of the rows then.
    """

    rule: str
    message: str
    part: Part
    span: Span | None = None
    path: str | None = None
    fix: Fix | None = None
    key: str | None = None


class Report(Frozen):
    """Collect what was found in one record, or in a file outside any record, with the sources to show it in.

    Attributes:
        checked: there is a record, and it was checked.
        unread: a row, or a whole file, could not be read, whether or not a diagnostic was asked for that says so.
        identity: what tells a record from others, wherever it stands: its id, or else a digest of its content.
        file: the file that the record stands in.
        record: the record, or the row that is none.
    """

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[Part, str] = Field(default_factory=dict)
    checked: bool = True
    unread: bool = False
    identity: str = ""
    file: str | None = None
    record: RecordReference | None = None

    @property
    def kept(self) -> bool:
        """Say whether the record is good data: it was checked and there is no error."""
        return self.checked and not any(found.severity is Severity.ERROR for found in self.diagnostics)

    def source_of(self, diagnostic: Diagnostic) -> Document | None:
        """Give the text that the diagnostic's location refers to, if it is at hand."""
        source = self.sources.get(diagnostic.part)
        return None if source is None else Document(source)


def visible(text: str) -> str:
    """Give the text with every character that could deceive a reader or a terminal written as an escape.

    Control characters (ANSI sequences among them), bidirectional controls, lone surrogates and other
    unassigned or format characters are escaped as Python would write them; joiners that scripts need stay.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in _HARMLESS else one.encode("unicode_escape").decode("ascii") for one in text
    )


def quoted(text: str) -> str:
    """Give an author's own words for a message: on one line, visible, shortened to 80 characters, in backticks."""
    shown = " ".join(text.split())
    if len(shown) > _QUOTED_LENGTH:
        shown = shown[: _QUOTED_LENGTH - 1].rstrip() + "…"
    return f"`{visible(shown)}`"
