"""The engine that gives what was recorded, so that a run needs no model and repeats another byte by byte."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

from pydantic import Field, ValidationError

from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError
from guidex_schema.frozen import Frozen
from guidex_schema.generation.engine import Answer, Completion, Conversation, Dialect, Failure, Message, Request
from guidex_schema.generation.engines.counting import estimate
from guidex_schema.generation.engines.wording import said
from guidex_schema.generation.journal import Key, written
from guidex_schema.generation_settings import EngineSettings
from guidex_schema.stage_output import StageName

# What the journal of a replayed run calls the seed and the prompts of the run that was recorded.
RECORDED_SEED = "recorded seed"
RECORDED_PROMPTS = "recorded prompts"

_SQLITE = b"SQLite format 3\0"


class Transcript(Frozen):
    """One recorded answer: a line of a file of transcripts, or a row of a journal.

    Tokens that were not counted, as of an answer written by hand, are estimated. The prompt is as a journal has it;
    None where it is not known.
    """

    document: str
    stage: StageName
    attempt: int = Field(ge=0)
    text: str
    is_cut: bool = False
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    model: str = "replay"
    prompt: str | None = None

    @property
    def key(self) -> Key:
        """Give the name of the request that it answers."""
        return self.document, self.stage, self.attempt

    def completion(self, request: Request) -> Completion:
        """Give it as the answer to the request that it names."""
        answer = Message(role="assistant", content=self.text)
        return Completion(
            text=self.text,
            is_cut=self.is_cut,
            prompt_tokens=estimate(request.messages) if self.prompt_tokens is None else self.prompt_tokens,
            output_tokens=estimate((answer,)) if self.output_tokens is None else self.output_tokens,
            model=self.model,
        )


class ReplayEngine:
    """Give recorded answers. Tokens are estimated, as there is no model whose tokenizer could be asked.

    Attributes:
        seed: of the run that was recorded; None where that is not known, as of transcripts.
        prompts: the digest of its prompts; None where that is not known.
    """

    name = "replay"
    counting = "estimated, four bytes of text to a token"
    dialects: tuple[Dialect, ...] = ()

    def __init__(
        self,
        transcripts: Iterable[Transcript],
        source: str,
        width: int,
        context: int,
        *,
        seed: int | None = None,
        prompts: str | None = None,
    ) -> None:
        self.seed = seed
        self.prompts = prompts
        self._transcripts = {one.key: one for one in transcripts}
        self._source = source
        self._taken: list[Request] = []
        self.width = width
        self.context = context
        self.model = ", ".join(sorted({one.model for one in self._transcripts.values()})) or "replay"

    def count(self, messages: Conversation) -> int:
        """Estimate the tokens of a conversation."""
        return estimate(messages)

    def submit(self, request: Request) -> None:
        """Take a request."""
        self._taken.append(request)

    def collect(self) -> Sequence[Answer]:
        """Give what was recorded for the requests taken, in their order."""
        taken, self._taken = self._taken, []
        return [(request, self._answer(request)) for request in taken]

    def arrived(self) -> Sequence[Answer]:
        """Give what was recorded for the requests taken."""
        return self.collect()

    def close(self) -> None:
        """Forget the requests taken."""
        self._taken = []

    def _answer(self, request: Request) -> Completion | Failure:
        transcript = self._transcripts.get((request.document, request.stage, request.attempt))
        if transcript is not None:
            if transcript.prompt in (None, written(request.messages)):
                return transcript.completion(request)
            return Failure(
                reason=f"{self._source} has an answer of stage {request.stage}, attempt {request.attempt}, to another"
                " prompt; replay it with the prompts, settings and version of guidex that it was recorded with",
                kind="refused",
            )
        return Failure(
            reason=f"{self._source} has no transcript of stage {request.stage}, attempt {request.attempt}, for this"
            " document; name an engine that writes one with --engine",
            kind="refused",
        )


def replay(settings: EngineSettings) -> ReplayEngine:
    """Read the transcripts that are named, or those that come with the package.

    Raises:
        UsageError: they cannot be read or are damaged.
    """
    width, context = settings.batch, settings.context
    if not settings.transcripts:
        embedded = files("guidex_schema.generation").joinpath("transcripts.jsonl")
        return ReplayEngine(_lines(embedded.read_bytes(), "the package"), "the package", width, context)
    path, source = Path(settings.transcripts), quoted(settings.transcripts)
    try:
        with path.open("rb") as file:
            is_journal = file.read(len(_SQLITE)) == _SQLITE
        if is_journal:
            seed, prompts = _run(path, source)
            return ReplayEngine(_rows(path, source), source, width, context, seed=seed, prompts=prompts)
        transcripts = tuple(_lines(path.read_bytes(), source))
    except OSError as error:
        raise UsageError(f"the transcripts {source} cannot be read: {said(error.strerror or str(error))}") from error
    if not transcripts:
        raise UsageError(f"the transcripts {source} are empty")
    return ReplayEngine(transcripts, source, width, context)


def _lines(data: bytes, source: str) -> Iterator[Transcript]:
    seen: dict[Key, int] = {}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            transcript = Transcript.model_validate(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise UsageError(f"the transcripts {source} are damaged in line {number:,}: {_fault(error)}") from error
        if (first := seen.setdefault(transcript.key, number)) != number:
            raise UsageError(f"the transcripts {source} are damaged: line {number:,} repeats the request of {first:,}")
        yield transcript


def _run(path: Path, source: str) -> tuple[int | None, str | None]:
    """Give the seed and the digest of the prompts of the run whose answers a journal holds."""
    with _open(path, source) as journal:
        run = dict(journal.execute("SELECT name, value FROM run").fetchall())
        if run.get("engine") == "replay":
            return json.loads(run.get(RECORDED_SEED, "null")), json.loads(run.get(RECORDED_PROMPTS, "null"))
        return int(run["seed"]) if "seed" in run else None, run.get("prompts")


def _rows(path: Path, source: str) -> Iterator[Transcript]:
    with _open(path, source) as journal:
        journal.row_factory = sqlite3.Row
        for row in journal.execute(
            "SELECT document, stage, attempt, prompt, text, is_cut, prompt_tokens, output_tokens, model"
            " FROM completions ORDER BY document, stage, attempt"
        ):
            yield Transcript.model_validate(dict(row))


@contextmanager
def _open(path: Path, source: str) -> Iterator[sqlite3.Connection]:
    try:
        # The journal of a run that is under way is read beside it; one that is closed can be read without leaving a
        # trace, which a database with a write-ahead log otherwise does.
        way = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{way}", uri=True)) as journal:
            yield journal
    except (sqlite3.Error, ValueError) as error:
        raise UsageError(f"the journal {source} cannot be replayed: {_fault(error)}") from error


def _fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return said(": ".join([*map(str, first["loc"]), first["msg"]]))
    return said(str(error))
