"""The run on a cluster: in each round all documents that are open are asked about and judged, on all nodes."""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable
from contextlib import closing

from guidex_schema.cluster import asking
from guidex_schema.error import EngineError
from guidex_schema.generation.engine import Answer, Completion, Failure, Request
from guidex_schema.generation.journal import Journal
from guidex_schema.generation.outcome import Pending, Tally
from guidex_schema.generation.plan import Plan
from guidex_schema.generation.run import INTERRUPTED, Run, Slot
from guidex_schema.generation.turning import Recipe, Servers, Turn, Turned

# Documents that are open at once for each request that is worth having under way. Each round begins with what starts
# processes on all nodes, and ends when the last of its answers is there: it has to be long beside both.
_HELD = 64


class Rounds(Run):
    """Drive documents through the stages on a cluster; what becomes of them is what becomes of them in one process.

    Requests go through ``ray.data.llm``, and gates judge on the nodes; the journal and what is published are written
    here alone.

    Args:
        plan: what is asked.
        recipe: what the same plan is made of on the nodes.
        journal: where every answer is kept before anything is published of it.
        tell: told the tally whenever it may have changed.

    Raises:
        UsageError: the journal cannot be written.
    """

    def __init__(
        self, plan: Plan, recipe: Recipe, journal: Journal, tell: Callable[[Tally], None] = lambda _: None
    ) -> None:
        self._recipe = recipe
        self._width = max(plan.engine.width, 1)
        self._servers = max(len(plan.sampling.base_urls), 1)
        super().__init__(plan, self._width * self._servers * _HELD, journal, tell)
        self._answers: defaultdict[int, tuple[Answer, ...]] = defaultdict(tuple)

    def _begin(self, slot: Slot) -> None:
        """Find out what is asked first. What an earlier run was answered is judged on the nodes, as all answers are."""
        if slot.outcome is not None:
            return
        assert slot.progress is not None
        if not self.reason and self._journal.holds(slot.progress.document.digest):
            return
        try:
            found = slot.progress.step(is_asking=not self.reason)
        except EngineError as error:
            self._fail(str(error), is_gone=True)
            found = Pending(slot.progress.document)
        if isinstance(found, Request):
            slot.request = found
        else:
            slot.outcome = found

    def _wait(self, line: Iterable[Slot]) -> None:
        """Go through a round: find out what is to be asked where that is open, and ask."""
        slots = {slot.number: slot for slot in line if slot.outcome is None}
        for is_asking in (False, True):
            turns = [_turn(slot, self._answers[number]) for number, slot in slots.items()]
            self._take(slots, [one for one in turns if (one.request is not None) is is_asking])
        if self.reason:
            self._give_up(line)

    def _take(self, slots: dict[int, Slot], turns: list[Turn]) -> None:
        with closing(self._turned(turns)) as found:
            while not self.reason:
                try:
                    with self._plan.waiting.engine():
                        turned = next(found, None)
                except EngineError as error:
                    self.stop(str(error))
                except KeyboardInterrupt:
                    self.stop(INTERRUPTED)
                else:
                    if turned is None:
                        return
                    self._go_on(slots[turned.number], turned)

    def _turned(self, turns: list[Turn]) -> Generator[Turned]:
        questions = (asking.Question(one, _question(one)) for one in turns)
        return asking.answered(
            questions,
            Servers(self._recipe.settings.model_dump_json()),
            self._recipe,
            under_way=self._width,
            actors=self._servers,
        )

    def _go_on(self, slot: Slot, turned: Turned) -> None:
        """Keep the answer of a turn, and what is next."""
        assert slot.progress is not None
        slot.request = None
        if turned.answer is not None:
            self._journal.record((turned.answer,))
            match turned.answer[1]:
                case Failure(kind="unavailable", reason=reason, is_gone=is_gone):
                    slot.outcome = Pending(slot.progress.document)
                    self._fail(reason, is_gone=is_gone)
                    return
                case Completion() as answer:
                    self._count(answer)
                case Failure():
                    self._failures = self._absences = 0
            self._answers[slot.number] += (turned.answer,)
        if isinstance(turned.next, Request):
            self._ask(slot, turned.next)
        elif turned.next is None:
            slot.outcome = Pending(slot.progress.document)
            self._fail(turned.trouble, is_gone=True)
        else:
            slot.outcome = turned.next
        if slot.outcome is not None:
            self._answers.pop(slot.number, None)

    def _ask(self, slot: Slot, request: Request) -> None:
        """Have something asked in the next round, unless the journal has the answer."""
        known = self._journal.answer((request.document, request.stage, request.attempt), request.messages)
        if known is None:
            slot.request = request
        else:
            self._answers[slot.number] += ((request, known),)


def _turn(slot: Slot, answers: tuple[Answer, ...]) -> Turn:
    assert slot.progress is not None
    return Turn(slot.number, slot.progress.document, answers, slot.request)


def _question(turn: Turn) -> str | None:
    return None if turn.request is None else turn.request.model_dump_json()
