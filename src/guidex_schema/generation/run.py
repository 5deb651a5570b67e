"""The run: documents through the stages, many at once, and what becomes of each in the order of the documents.

Where the stages are gone through is for others to say: in this process, or on a cluster.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from guidex_schema.error import EngineError
from guidex_schema.generation.documents import SourceDocument, Unread
from guidex_schema.generation.duplicates import Duplicates
from guidex_schema.generation.engine import Completion, Request
from guidex_schema.generation.journal import Journal
from guidex_schema.generation.outcome import Outcome, Pending, Rejected, Tally
from guidex_schema.generation.plan import Plan
from guidex_schema.generation.progress import Progress
from guidex_schema.generation.stage import finding

# Why the engine is not asked any more when somebody interrupts the run.
INTERRUPTED = "interrupted"
# An engine that cannot be reached so often in a row will not be the next time.
_PATIENCE = 5
# One that is there and fails so often in a row fails whatever it is asked: a few documents alone may make it fail.
_MORE_PATIENCE = 32


@dataclass
class Slot:
    """The place of a document in the order of the outcomes: what became of it, or where it is."""

    outcome: Outcome | None = None
    progress: Progress | None = None
    request: Request | None = None
    number: int = 0

    def __lt__(self, other: "Slot") -> bool:
        """Stand before what comes later in the order of the documents."""
        return self.number < other.number


class Run(ABC):
    """Drive documents through the stages.

    Args:
        plan: what is asked.
        held: documents that are held at once, at most: one that takes long keeps those behind it waiting.
        journal: where every answer is kept before anything is made of it.
        tell: told the tally whenever it may have changed.

    Raises:
        UsageError: the journal cannot be written.

    Attributes:
        tally: what became of the documents so far.
        reason: why the engine is not asked any more; "" while it is.
        failure: why the engine did not answer the last time that it did not.
    """

    def __init__(self, plan: Plan, held: int, journal: Journal, tell: Callable[[Tally], None]) -> None:
        self._plan = plan
        self._held = held
        self._journal = journal
        self._tell = tell
        self._duplicates = Duplicates()
        self._failures = self._absences = 0
        # What was refused may not be any more: a server has the model by now, an answer was recorded.
        journal.forget_refusals()
        self.tally = Tally()
        self.reason = self.failure = ""

    @property
    def is_waiting(self) -> bool:
        """Say whether it waits for the engine, and may be interrupted."""
        return self._plan.waiting.is_on

    def stop(self, reason: str) -> None:
        """Ask the engine nothing more: what is answered already is finished, and the rest stays pending.

        Args:
            reason: in words.
        """
        self.reason = self.reason or reason

    def outcomes(self, documents: Iterable[SourceDocument | Unread]) -> Iterator[Outcome]:
        """Say what becomes of each document, in their order.

        Raises:
            EngineError: the engine cannot be reached to begin with, or loses requests.
            UsageError: the journal cannot be written, or holds another run.
            JailError: no labels can be run on this machine.
        """
        slots = (slot for one in documents for slot in self._slots(one))
        line: deque[Slot] = deque()
        while True:
            while line and (outcome := line[0].outcome) is not None:
                line.popleft()
                self.tally.add(outcome)
                yield outcome
            for slot in islice(slots, self._held - len(line)):
                slot.number = self.tally.documents
                self.tally.documents += 1
                line.append(slot)
                self._begin(slot)
            self._tell(self.tally)
            if not line:
                break
            if line[0].outcome is None:
                self._wait(line)
        assert self.tally.documents == self.tally.done + self.tally.pending, (
            "every document is kept, rejected, a duplicate or pending"
        )

    @abstractmethod
    def _begin(self, slot: Slot) -> None:
        """Take up a document that came to the line; what it comes to may be known already."""

    @abstractmethod
    def _wait(self, line: Iterable[Slot]) -> None:
        """Wait until something becomes of documents in the line.

        Raises:
            EngineError: the engine has lost requests.
            UsageError: the journal cannot be written, or holds another run.
            JailError: no labels can be run.
        """

    def _slots(self, one: SourceDocument | Unread) -> Iterator[Slot]:
        """Give the places of a document: one, or one for each of its windows."""
        if isinstance(one, Unread):
            yield Slot(Rejected(one, None, one.diagnostics))
            return
        earlier = self._duplicates.earlier(one)
        if earlier is not None:
            yield Slot(earlier)
            return
        spans = self._spans(one)
        if spans is None:
            yield Slot(Pending(one))
        elif not spans:
            stage = self._plan.stages[0].name
            message = f"the document has {len(one.text):,} characters and leaves no room for answers about it"
            yield Slot(Rejected(one, None, (finding("no-room", message, stage),)))
        elif spans == ((0, len(one.text)),):
            yield Slot(progress=Progress(self._plan, one, self._journal.answer))
        else:
            for part in (one.part(start, end) for start, end in spans):
                earlier = self._duplicates.earlier(part)
                yield Slot(earlier, Progress(self._plan, part, self._journal.answer))

    def _spans(self, document: SourceDocument) -> tuple[tuple[int, int], ...] | None:
        """Give the windows of a document, itself where it is short; none where it is refused, None where that is open.

        What took the tokenizer is kept in the journal, so that it need not be there to go on.
        """
        whole = ((0, len(document.text)),)
        if (known := self._journal.spans(document.digest)) is not None:
            return known
        if self._journal.holds(document.digest):
            return whole
        if self.reason:
            return None
        try:
            is_cut = self._plan.settings.long_documents == "window"
            found = self._plan.room.spans(document.text, is_cut=is_cut)
        except EngineError as error:
            self._fail(str(error), is_gone=True)
            return None
        except KeyboardInterrupt:
            self.stop(INTERRUPTED)
            return None
        if found != whole:
            self._journal.cut(document.digest, found)
        return found

    def _count(self, answer: Completion) -> None:
        self._failures = self._absences = 0
        self.tally.answers += 1
        self.tally.prompt_tokens += answer.prompt_tokens
        self.tally.output_tokens += answer.output_tokens

    def _fail(self, reason: str, *, is_gone: bool) -> None:
        self._failures += 1
        self._absences = self._absences + 1 if is_gone else 0
        self.failure = reason
        if self._absences >= _PATIENCE or self._failures >= _MORE_PATIENCE:
            self.stop(reason)

    def _give_up(self, line: Iterable[Slot]) -> None:
        """Leave pending what is not answered."""
        for slot in line:
            if slot.outcome is None:
                assert slot.progress is not None
                slot.outcome = Pending(slot.progress.document)
