"""What a check says: plain frozen data that can be stored, compared, sent and rendered anywhere."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field

from guidex_schema.frozen import Frozen
from guidex_schema.text import Document, Location, Span

Part = Literal["guidelines", "labels", "document", "file"]

# Text of a row that stands in a message is cut here; the place says where the rest is.
_QUOTED_LENGTH = 80


class Severity(StrEnum):
    """Say what a finding means for the record: only an error keeps it from being kept."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Edit(Frozen):
    """Replace ``source[start:end]`` (code points of the decoded part) by ``replacement``."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    replacement: str


class Fix(Frozen):
    """Mend one finding by edits to the part it stands in.

    Attributes:
        title: what the fix does, in the imperative.
        safe: it leaves every other entity type and the meaning of every instance unchanged.
        edits: non-overlapping, in source order.
    """

    title: str
    safe: bool
    edits: tuple[Edit, ...]

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
    value inside the labels, as in ``result[2].author.name``.
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


class Fault(Frozen):
    """State what one rule found, before the rule's code, name and severity are put to it.

    Attributes:
        rule: the name of the rule whose finding it is, as in ``markdown-fence``.
        part: the part of the record that ``span`` and the fix's edits refer to.
    """

    rule: str
    message: str
    part: Part
    span: Span | None = None
    path: str | None = None
    fix: Fix | None = None


class Report(Frozen):
    """Collect what was found in one record, or in a file outside any record, with the sources to show it in."""

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[Part, str] = Field(default_factory=dict)
    checked: bool = True

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
    return "".join(
        character
        if character.isprintable() or character in "\u200c\u200d\u200e\u200f\u3000\u00a0"
        else _escaped(character)
        for character in text
    )


def quoted(text: str) -> str:
    """Give an author's own words for a message: on one line, visible, shortened to 80 characters, in backticks."""
    shown = " ".join(text.split())
    if len(shown) > _QUOTED_LENGTH:
        shown = shown[: _QUOTED_LENGTH - 1].rstrip() + "…"
    return f"`{visible(shown)}`"


def _escaped(character: str) -> str:
    if unicodedata.category(character) == "Cs":
        return f"\\u{ord(character):04x}"
    return character.encode("unicode_escape").decode("ascii")
