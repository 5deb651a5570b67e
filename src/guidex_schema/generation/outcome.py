"""What becomes of a document, and how many there are of each."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, assert_never

from guidex_schema.diagnostic import Diagnostic, Severity
from guidex_schema.generation.documents import SourceDocument, Unread
from guidex_schema.stage_output import StageName


class Attempt(NamedTuple):
    """An answer, by what names it in the journal beside the digest of the document."""

    stage: StageName
    attempt: int


class Kept(NamedTuple):
    """A document that became a record.

    Attributes:
        attempts: all that was asked about it, in order.
        fixed: what was mended in answers without asking again.
        model: what wrote its labels.
    """

    document: SourceDocument
    guidelines: str
    labels: str
    attempts: tuple[Attempt, ...]
    fixed: tuple[str, ...]
    model: str


class Rejected(NamedTuple):
    """A document that will be none, or what should have been a document.

    Attributes:
        stage: where it ended; None before the first.
        attempts: all that was asked about it, in order.
        output: the last answer, mended as far as it could be; places in the diagnostics refer to it.
    """

    document: SourceDocument | Unread
    stage: StageName | None
    diagnostics: tuple[Diagnostic, ...]
    attempts: tuple[Attempt, ...] = ()
    output: str | None = None


class Duplicate(NamedTuple):
    """A document that is the same as an earlier one, but for white space at its ends.

    Attributes:
        of: the id of the earlier one.
    """

    document: SourceDocument
    of: str


class Pending(NamedTuple):
    """A document that is not done."""

    document: SourceDocument


Outcome = Kept | Rejected | Duplicate | Pending


@dataclass
class Tally:
    """How many documents there are, and what became of them: documents = kept + rejected + duplicates + pending.

    Attributes:
        documents: all that were read, what could not be read included; each window counts as one.
        unread: rejected ones that could not be read.
        files: those of them that are files, and may have held any number of documents.
        answers: answers that engines gave during this run.
        prompt_tokens: tokens of what was asked during this run.
        output_tokens: tokens of these answers.
        codes: documents that were rejected for an error, by its code and name.
    """

    documents: int = 0
    kept: int = 0
    rejected: int = 0
    duplicates: int = 0
    pending: int = 0
    unread: int = 0
    files: int = 0
    answers: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count what became of a document."""
        match outcome:
            case Kept():
                self.kept += 1
            case Rejected(document=document, diagnostics=diagnostics):
                self.rejected += 1
                self.unread += isinstance(document, Unread)
                self.files += isinstance(document, Unread) and document.reference is None
                self.codes.update({(one.code, one.name) for one in diagnostics if one.severity is Severity.ERROR})
            case Duplicate():
                self.duplicates += 1
            case Pending():
                self.pending += 1
            case _:
                assert_never(outcome)

    @property
    def done(self) -> int:
        """Give how many are done: all of them but those that are pending."""
        return self.kept + self.rejected + self.duplicates
