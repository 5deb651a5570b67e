"""One turn of a document on a cluster: an answer, what its gates say of it, and what is to be asked next."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from guidex_schema.error import EngineError
from guidex_schema.frozen import Frozen
from guidex_schema.generation.documents import SourceDocument
from guidex_schema.generation.engine import Answer, Completion, Dialect, Failure, Request
from guidex_schema.generation.engines.server import ServerEngine
from guidex_schema.generation.outcome import Kept, Rejected
from guidex_schema.generation.plan import Plan, planned
from guidex_schema.generation.progress import Progress
from guidex_schema.generation.template import Prompts
from guidex_schema.isolation import Demand
from guidex_schema.settings import Settings
from guidex_schema.worker import Mode, Worker


class Turn(NamedTuple):
    """Where a document is.

    Attributes:
        number: of the document, in this run.
        answers: all that was answered about it, in order.
        request: what it waits for; None where that is still to be found out.
    """

    number: int
    document: SourceDocument
    answers: tuple[Answer, ...]
    request: Request | None


class Turned(NamedTuple):
    """What came of a turn.

    Attributes:
        number: of the document.
        answer: what was answered, if anything was asked.
        next: what is to be asked then, or what became of the document; None where there was no answer, or tokens could
            not be counted.
        trouble: why they could not; "" if nothing is wrong.
    """

    number: int
    answer: Answer | None
    next: Request | Kept | Rejected | None
    trouble: str = ""


class Spoken(Frozen):
    """What comes of a question, as text: an answer, none, or that nothing will be answered any more."""

    kind: Literal["completion", "failure", "error"]
    completion: Completion | None = None
    failure: Failure | None = None
    error: str = ""


@dataclass(frozen=True)
class Recipe:
    """What a plan is made of on another machine: all of it can be pickled.

    Attributes:
        settings: with the model that the servers were found to have.
        mode: of the jail.
        demand: how far it has to be closed.
        seed: of the run.
        guidelines: the user's own; None has them written.
        dialect: the kind of grammar that was found to be enforced.
        has_schema: a JSON Schema was found to be.
        context: tokens that a prompt and its answer may have together, as was found out once for all nodes.
    """

    settings: Settings
    prompts: Prompts
    mode: Mode
    demand: Demand
    seed: int
    guidelines: str | None
    dialect: Dialect | None
    has_schema: bool
    context: int

    @contextmanager
    def begin(self) -> Iterator[Callable[[tuple[Turn, str | None]], Iterator[Turned]]]:
        """Start a jail, and connect to the servers, which count tokens; give what takes a document one turn further.

        Raises:
            EngineError: the servers cannot be reached.
            JailError: no jail can be started, or none that is closed as far as was demanded.
        """
        engine = ServerEngine(self.settings.engine)
        engine.context = self.context
        try:
            with Worker(mode=self.mode, demand=self.demand) as worker:
                worker.isolation.require(self.demand)
                plan = planned(
                    engine,
                    self.settings,
                    self.prompts,
                    worker,
                    seed=self.seed,
                    guidelines=self.guidelines,
                    is_asking=False,
                )
                plan = replace(plan, dialect=self.dialect, has_schema=self.has_schema)
                yield lambda one: iter((_turned(plan, *one),))
        finally:
            engine.close()


def recipe_of(plan: Plan, settings: Settings, mode: Mode, demand: Demand) -> Recipe:
    """Give what a plan is made of.

    Args:
        plan: as it was found out here, with an engine that asks servers.
        settings: that it was made with.
        mode: of the jails on the nodes.
        demand: how far they have to be closed.
    """
    engine = settings.engine.model_copy(update={"model": plan.engine.model})
    return Recipe(
        settings=settings.model_copy(update={"engine": engine}),
        prompts=plan.prompts,
        mode=mode,
        demand=demand,
        seed=plan.seed,
        guidelines=plan.guidelines,
        dialect=plan.dialect,
        has_schema=plan.has_schema,
        context=plan.engine.context,
    )


@dataclass(frozen=True)
class Servers:
    """Make a connection to the servers; the settings are kept as text, as they may hold what cannot be hashed."""

    settings: str

    def __call__(self) -> "Speaker":
        """Connect."""
        return Speaker(ServerEngine(Settings.model_validate_json(self.settings).engine))


class Speaker:
    """Put requests as text, and give what comes of them as text."""

    def __init__(self, engine: ServerEngine) -> None:
        self._engine = engine

    def ask(self, question: str) -> Future[str]:
        """Put a request."""
        spoken: Future[str] = Future()

        def tell(answer: Future[Completion | Failure]) -> None:
            spoken.set_result(_spoken(answer).model_dump_json())

        self._engine.ask(Request.model_validate_json(question)).add_done_callback(tell)
        return spoken


def _spoken(answer: Future[Completion | Failure]) -> Spoken:
    error = answer.exception()
    if isinstance(error, EngineError):
        return Spoken(kind="error", error=str(error))
    given = answer.result()
    if isinstance(given, Failure):
        return Spoken(kind="failure", failure=given)
    return Spoken(kind="completion", completion=given)


def _turned(plan: Plan, turn: Turn, spoken: str | None) -> Turned:
    answers, answer = turn.answers, None
    if turn.request is not None and spoken is not None:
        heard = Spoken.model_validate_json(spoken)
        if heard.kind == "error":
            raise EngineError(heard.error)
        given = heard.completion or heard.failure
        assert given is not None
        answer = (turn.request, given)
        if isinstance(given, Failure) and given.kind == "unavailable":
            return Turned(turn.number, answer, None)
        answers = (*answers, answer)
    known = {(one.document, one.stage, one.attempt): given for one, given in answers}
    try:
        found = Progress(plan, turn.document, lambda key, _: known.get(key)).step()
    except EngineError as error:
        return Turned(turn.number, answer, None, str(error))
    assert isinstance(found, Request | Kept | Rejected)
    return Turned(turn.number, answer, found)
