"""The run in this process: requests go to the engine one by one, and answers come in whatever order."""

from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush

from guidex_schema.error import EngineError
from guidex_schema.generation.engine import Answer, Completion, Failure, Request
from guidex_schema.generation.journal import Journal, Key
from guidex_schema.generation.outcome import Pending, Tally
from guidex_schema.generation.plan import Plan
from guidex_schema.generation.run import INTERRUPTED, Run, Slot

# Documents that are held for each request under way.
_HELD = 8


class Pipeline(Run):
    """Drive documents through the stages in this process, each as its answers come.

    Args:
        plan: what is asked.
        journal: where every answer is kept before anything is made of it.
        tell: told the tally whenever it may have changed.

    Raises:
        UsageError: the journal cannot be written.
    """

    def __init__(self, plan: Plan, journal: Journal, tell: Callable[[Tally], None] = lambda _: None) -> None:
        super().__init__(plan, max(plan.engine.width, 1) * _HELD, journal, tell)
        # Earlier documents come first, so that the fewest are half done at any time.
        self._asked: list[Slot] = []
        self._under_way: dict[Key, Slot] = {}

    def _begin(self, slot: Slot) -> None:
        self._go_on(slot)
        self._submit()

    def _go_on(self, slot: Slot) -> None:
        """Take a document as far as there are answers."""
        if slot.outcome is not None or slot.progress is None:
            return
        try:
            found = slot.progress.step(is_asking=not self.reason)
        except EngineError as error:
            self._fail(str(error), is_gone=True)
            found = Pending(slot.progress.document)
        except KeyboardInterrupt:
            self.stop(INTERRUPTED)
            found = Pending(slot.progress.document)
        if isinstance(found, Request):
            slot.request = found
            heappush(self._asked, slot)
        else:
            slot.outcome = found

    def _submit(self) -> None:
        """Keep as many requests under way as are worth having."""
        while self._asked and len(self._under_way) < max(self._plan.engine.width, 1) and not self.reason:
            slot = heappop(self._asked)
            assert slot.request is not None
            self._under_way[_key(slot.request)] = slot
            try:
                self._plan.engine.submit(slot.request)
            except EngineError as error:
                self.stop(str(error))

    def _wait(self, line: Iterable[Slot]) -> None:
        """Wait for answers, and go on with their documents."""
        self._submit()
        answers = self._collected()
        if not answers and not self.reason:
            raise EngineError("the engine has lost requests: none is under way, and not all were answered")
        self._take(answers)
        if self.reason:
            self._take(self._arrived())
            self._give_up(line)
        self._submit()

    def _take(self, answers: Sequence[Answer]) -> None:
        """Keep answers, and go on with their documents."""
        if answers:
            self._journal.record(answers)
        for request, answer in answers:
            slot = self._under_way.pop(_key(request))
            match answer:
                case Failure(kind="unavailable", reason=reason, is_gone=is_gone):
                    assert slot.progress is not None
                    found = slot.progress.step(is_asking=False)
                    assert not isinstance(found, Request)
                    slot.outcome = found
                    self._fail(reason, is_gone=is_gone)
                case Completion():
                    self._count(answer)
                    self._go_on(slot)
                case Failure():
                    self._failures = self._absences = 0
                    self._go_on(slot)

    def _collected(self) -> Sequence[Answer]:
        """Give what the engine has answered; none once it is asked no more."""
        if self.reason:
            return ()
        try:
            with self._plan.waiting.engine():
                return self._plan.engine.collect()
        except EngineError as error:
            self.stop(str(error))
        except KeyboardInterrupt:
            self.stop(INTERRUPTED)
        return ()

    def _arrived(self) -> Sequence[Answer]:
        """Give what has come to its end while something else was done, and was paid for."""
        try:
            return self._plan.engine.arrived()
        except EngineError:
            # Why the asking ended is told already.
            return ()

    def _give_up(self, line: Iterable[Slot]) -> None:
        self._asked.clear()
        self._under_way.clear()
        super()._give_up(line)


def _key(request: Request) -> Key:
    return request.document, request.stage, request.attempt
