"""The engine that gives what was recorded, so that a run needs no model and repeats another byte by byte."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError
from guidex_schema.frozen import Frozen
from guidex_schema.generation.engine import Answer, Completion, Conversation, Dialect, Failure, Message, Request
from guidex_schema.generation.engines.counting import estimate
from guidex_schema.generation.engines.wording import said
from guidex_schema.generation_settings import EngineSettings

_SQLITE = b"SQLite format 3\0"


class Key(NamedTuple):
    """What names a request: the digest of its document, the stage and the attempt."""

    document: str
    stage: str
    attempt: int


class Transcript(Frozen):
    """One recorded answer: a line of a file of transcripts, or a row of a journal.

    Tokens that were not counted, as of an answer written by hand, are estimated.
    """

    document: str
    stage: str
    attempt: int
    text: str
    is_cut: bool = False
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    model: str = "replay"

    @property
    def key(self) -> Key:
        """Give the name of the request that it answers."""
        return Key(self.document, self.stage, self.attempt)

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
    """Give recorded answers. Tokens are estimated, as there is no model whose tokenizer could be asked."""

    name = "replay"
    counting = "estimated, four bytes of text to a token"
    dialects: tuple[Dialect, ...] = ()

    def __init__(self, transcripts: Iterable[Transcript], source: str, width: int, context: int) -> None:
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

    def close(self) -> None:
        """Forget the requests taken."""
        self._taken = []

    def _answer(self, request: Request) -> Completion | Failure:
        key = Key(request.document, request.stage, request.attempt)
        if (transcript := self._transcripts.get(key)) is not None:
            return transcript.completion(request)
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
    if settings.transcripts:
        source = quoted(settings.transcripts)
        transcripts = _recorded(Path(settings.transcripts), source)
    else:
        source = "the package"
        embedded = files("guidex_schema.generation").joinpath("transcripts.jsonl")
        transcripts = _lines(embedded.read_bytes(), source)
    return ReplayEngine(transcripts, source=source, width=settings.batch, context=settings.context)


def _recorded(path: Path, source: str) -> Iterable[Transcript]:
    try:
        with path.open("rb") as file:
            is_journal = file.read(len(_SQLITE)) == _SQLITE
        return _rows(path, source) if is_journal else _lines(path.read_bytes(), source)
    except OSError as error:
        raise UsageError(f"the transcripts {source} cannot be read: {said(error.strerror or str(error))}") from error


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


def _rows(path: Path, source: str) -> Iterator[Transcript]:
    try:
        # The journal of a run that is under way is read beside it; one that is closed can be read without leaving a
        # trace, which a database with a write-ahead log otherwise does.
        way = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{way}", uri=True)) as journal:
            journal.row_factory = sqlite3.Row
            for row in journal.execute(
                "SELECT document, stage, attempt, text, is_cut, prompt_tokens, output_tokens, model FROM completions"
                " ORDER BY document, stage, attempt"
            ):
                yield Transcript.model_validate(dict(row))
    except (sqlite3.Error, ValueError) as error:
        raise UsageError(f"the journal {source} cannot be replayed: {_fault(error)}") from error


def _fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return said(": ".join([*map(str, first["loc"]), first["msg"]]))
    return said(str(error))
