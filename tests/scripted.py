"""An engine that answers as it is told, and a run of it."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random

from guidex_schema.generation.documents import SourceDocument, Unread
from guidex_schema.generation.engine import Answer, Completion, Conversation, Dialect, Failure, Request
from guidex_schema.generation.journal import Journal
from guidex_schema.generation.outcome import Outcome
from guidex_schema.generation.pipeline import Pipeline
from guidex_schema.generation.plan import Plan, planned
from guidex_schema.generation.publication import Publication, prepared
from guidex_schema.generation.template import load
from guidex_schema.generation_settings import EngineSettings, GenerationSettings
from guidex_schema.settings import Settings
from guidex_schema.worker import Worker

GUIDELINES = '''from dataclasses import dataclass


@dataclass
class Person:
    """A person whom the text names; groups of people and pets do not count."""

    name: str
    """The name of the person, exactly as it is written in the text."""
'''
GOOD = {
    "summary": "- Ada wrote something.",
    "structure": '{"person": {"name": "Ada"}}',
    "guideline": f"```python\n{GUIDELINES}```",
    "instances": '[Person(name="Ada")]',
}
Script = Callable[[Request], Completion | Failure]


def said(text: str, *, is_cut: bool = False, tokens: int = 10) -> Completion:
    return Completion(text=text, is_cut=is_cut, prompt_tokens=20, output_tokens=tokens, model="scripted-1")


def good(request: Request) -> Completion | Failure:
    """Answer as a careful model would about a document that names Ada."""
    return said(GOOD[request.stage])


class ScriptedEngine:
    """Answer by a script, in an order of its own.

    Attributes:
        submitted: all requests, in order.
        answered: those whose answers were collected.
        most: the most that were under way together.
    """

    name = "openai"
    model = "scripted"
    counting = "by bytes"
    dialects: tuple[Dialect, ...] = ()

    def __init__(self, script: Script = good, *, order: Random | None = None, width: int = 4, context: int = 50_000):
        self._script = script
        self._order = order or Random(0)
        self._taken: list[Request] = []
        self.width = width
        self.context = context
        self.submitted: list[Request] = []
        self.answered: list[Request] = []
        self.most = 0

    def count(self, messages: Conversation) -> int:
        return sum(len(one.content.encode()) for one in messages)

    def submit(self, request: Request) -> None:
        self._taken.append(request)
        self.submitted.append(request)
        self.most = max(self.most, len(self._taken))

    def collect(self) -> Sequence[Answer]:
        if not self._taken:
            return []
        chosen = self._order.sample(self._taken, self._order.randint(1, len(self._taken)))
        answers = [(one, self._script(one)) for one in chosen]
        self._taken = [one for one in self._taken if one not in chosen]
        self.answered += chosen
        return answers

    def arrived(self) -> Sequence[Answer]:
        return []

    def close(self) -> None:
        self._taken = []


def document(text: str, name: str = "") -> SourceDocument:
    return SourceDocument(name or sha256(text.encode()).hexdigest()[:8], text, "documents.jsonl", 0)


def settings(**changes: object) -> Settings:
    """Give settings for free decoding, with some fields of generation or engine changed."""
    given = {"decoding": "free"} | {name: changes[name] for name in changes if name in GenerationSettings.model_fields}
    engine = {name: changes[name] for name in changes if name in EngineSettings.model_fields}
    return Settings(generation=GenerationSettings.model_validate(given), engine=EngineSettings.model_validate(engine))


def plan_of(
    engine: ScriptedEngine, worker: Worker, chosen: Settings, seed: int = 0, guidelines: str | None = None
) -> Plan:
    return planned(engine, chosen, load(), worker, seed=seed, guidelines=guidelines)


def run(
    folder: Path,
    documents: Iterable[SourceDocument | Unread],
    plan: Plan,
    watch: Callable[[Pipeline], None] = lambda _: None,
) -> tuple[Pipeline, list[Outcome]]:
    """Run a plan as the command does, and give what became of the documents."""
    with prepared(folder), Journal(folder) as journal:
        journal.identify(plan.identity)
        pipeline = Pipeline(plan, journal)
        watch(pipeline)
        outcomes = []
        with Publication(folder, journal, plan.origin, Settings(abstractive=plan.abstractive)) as publication:
            for outcome in pipeline.outcomes(documents):
                publication.write(outcome)
                outcomes.append(outcome)
            publication.publish(pipeline.tally)
    return pipeline, outcomes


def tree(folder: Path) -> dict[str, bytes]:
    """Give what a run has published: all files but the journal."""
    files = (path for path in folder.rglob("*") if path.is_file() and "journal" not in path.name)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
