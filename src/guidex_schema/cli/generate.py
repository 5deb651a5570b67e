"""``guidex generate``: documents become records that a model writes and every rule has seen."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from guidex_schema.cli import options
from guidex_schema.cli.findings import loaded_settings
from guidex_schema.cli.options import IsolationDemand, WorkerMode
from guidex_schema.cli.progress import progress, say
from guidex_schema.cli.sources import exit_code, tell_remark, tell_shortfall
from guidex_schema.cli.streams import STANDARD, misuse, require_apart, standard_input, standard_output

if TYPE_CHECKING:
    from guidex_schema.generation.documents import SourceDocument, Unread
    from guidex_schema.generation.forecast import Forecast
    from guidex_schema.generation.publication import Publication
    from guidex_schema.generation.run import Run
    from guidex_schema.generation_settings import EngineSettings
    from guidex_schema.settings import Settings

# What shells give for a program that SIGINT ended.
_ENDED_BY_INTERRUPT = 130
# What the command line says of engines, by setting: the option, and the engines that make something of it.
_OF_ENGINE = {
    "name": ("--engine", ("replay", "openai", "ray", "vllm")),
    "model": ("--model", ("openai", "ray", "vllm")),
    "base_urls": ("--base-url", ("openai", "ray")),
    "address": ("--address", ("ray",)),
    "transcripts": ("--transcripts", ("replay",)),
}


class EngineChoice(StrEnum):
    """What writes the answers."""

    REPLAY = "replay"
    OPENAI = "openai"
    RAY = "ray"
    VLLM = "vllm"


class Start(StrEnum):
    """What a run starts from."""

    DOCUMENT = "document"
    STRUCTURE = "structure"


class DecodingChoice(StrEnum):
    """How instances are written."""

    GROUNDED = "grounded"
    FREE = "free"


class LongDocuments(StrEnum):
    """What becomes of documents that leave no room for an answer."""

    REFUSE = "refuse"
    WINDOW = "window"


def generate(
    documents: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="DOCS...",
            help="Documents: .jsonl, .json, .parquet, .arrow, .txt, .md, or folders of them; - is JSONL on stdin.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The folder to write; a run that was begun there goes on.", show_default=False
        ),
    ] = None,
    engine: Annotated[
        EngineChoice | None,
        typer.Option(
            help="What writes: recorded answers, servers, servers asked from a Ray cluster, or vLLM in this process.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model's name or folder.", show_default=False)] = None,
    base_url: Annotated[
        list[str] | None,
        typer.Option(help="A server, as in http://127.0.0.1:8000/v1; repeat for several.", show_default=False),
    ] = None,
    address: options.Address = None,
    transcripts: Annotated[
        Path | None, typer.Option(help="What is replayed: transcripts, or the journal of a run.", show_default=False)
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option(help="A folder with prompts in place of those of the package.", show_default=False)
    ] = None,
    start: Annotated[
        Start, typer.Option("--from", help="Write guidelines for each document, or start from --guidelines.")
    ] = Start.DOCUMENT,
    guidelines: Annotated[
        Path | None, typer.Option(help="Guidelines for all documents, with --from structure.", show_default=False)
    ] = None,
    decoding: Annotated[
        DecodingChoice | None,
        typer.Option(help="Write instances under a grammar of schema and document, or freely.", show_default=False),
    ] = None,
    long_documents: Annotated[
        LongDocuments | None,
        typer.Option(help="Refuse documents that leave no room for an answer, or cut windows.", show_default=False),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="The most documents that are read.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the sampling.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count tokens and cost, and write nothing.")] = False,
    max_rejected: options.MaxRejected = None,
    quiet: options.Quiet = False,
    isolation: options.Isolation = IsolationDemand.BEST_EFFORT,
    worker: options.Worker = WorkerMode.PERSISTENT,
    config: options.Config = None,
) -> None:
    """Generate records from documents: a summary, a structure, guidelines and instances, each checked before the next.

    OUT holds data/ (which `guidex check OUT` reads), gollie/, rejected.jsonl and the journal, with which a run that
    was ended goes on. Exit code 0: every document is done. 1: more were rejected than --max-rejected allows, or a file
    could not be read to its end. 2: documents are pending, nothing could be read, or wrong usage.
    """
    with misuse(), ExitStack() as stack:
        from guidex_schema.cluster.session import session
        from guidex_schema.generation import engines, template
        from guidex_schema.generation.documents import number_of
        from guidex_schema.generation.documents import read as read_documents
        from guidex_schema.generation.forecast import forecast
        from guidex_schema.generation.journal import Journal
        from guidex_schema.generation.pipeline import Pipeline
        from guidex_schema.generation.plan import planned
        from guidex_schema.generation.publication import Publication, prepared
        from guidex_schema.generation.rounds import Rounds
        from guidex_schema.generation.turning import recipe_of
        from guidex_schema.worker import Worker

        given = {
            "name": engine and engine.value,
            "model": model,
            "base_urls": base_url and tuple(base_url),
            "address": address,
            "transcripts": transcripts and str(transcripts),
            "decoding": decoding and decoding.value,
            "long_documents": long_documents and long_documents.value,
        }
        settings = _settings(config, {name: value for name, value in given.items() if value is not None})
        folder = _folder(documents, output, guidelines, start, dry_run=dry_run)
        own = None if guidelines is None else _guidelines(guidelines, settings)
        templates = template.load(prompts)
        jail = stack.enter_context(Worker(mode=worker.value, demand=isolation.value))
        if not dry_run:
            stack.enter_context(prepared(folder))
            journal = stack.enter_context(Journal(folder))
        if not quiet and settings.engine.name != "replay" and sys.stderr.isatty():
            # A model takes minutes to load, and a server may hang.
            say("guidex: waiting for the engine")
        running = engines.start(settings.engine)
        stack.callback(running.close)
        plan = planned(running, settings, templates, jail, seed=seed, guidelines=own, is_asking=not dry_run)
        named = documents or []
        if dry_run:
            read = islice(read_documents(named, settings.columns, tell_remark, standard_input), limit)
            measured = forecast(plan, read, lambda one: _tell_unread(one, say))
            standard_output().writelines(_forecast_lines(measured, settings.engine, running.counting))
            raise typer.Exit(_forecast_code(measured))
        tell_shortfall(jail.isolation)
        journal.identify(plan.identity)
        publication = stack.enter_context(Publication(folder, journal, plan.origin, settings, limit))
        with progress(number_of(named, limit), quiet=quiet) as display:
            read = islice(read_documents(named, settings.columns, display.remark, standard_input), limit)
            if settings.engine.name == "ray":
                stack.enter_context(session(settings.engine.address))
                recipe = recipe_of(plan, settings, worker.value, isolation.value)
                run: Run = Rounds(plan, recipe, journal, display.show)
            else:
                run = Pipeline(plan, journal, display.show)
            notes = _written(run, read, publication, display.say)
        if not quiet:
            _tell(run, folder)
        for note in (*notes, *_incomplete(run)):
            typer.echo(f"guidex: {note}", err=True)
        raise typer.Exit(_code(run, max_rejected))


def _settings(config: Path | None, given: dict[str, object]) -> "Settings":
    """Load the settings, with what the command line says in their place.

    Raises:
        UsageError: a file is wrong, or something is given that the engine makes nothing of.
    """
    settings = loaded_settings(config, None, None, None).settings
    engine = settings.engine.model_copy(update={one: given[one] for one in given if one in _OF_ENGINE})
    _require_used(engine.name, given)
    generation = settings.generation.model_copy(update={one: given[one] for one in given if one not in _OF_ENGINE})
    return settings.model_copy(update={"engine": engine, "generation": generation})


def _require_used(engine: str, given: Mapping[str, object]) -> None:
    from guidex_schema.error import UsageError

    for name, (option, engines) in _OF_ENGINE.items():
        if name in given and engine not in engines:
            raise UsageError(f"{option} is for the engine {' or '.join(engines)}, and this one is {engine}")


def _folder(
    documents: list[Path] | None, output: Path | None, guidelines: Path | None, start: Start, *, dry_run: bool
) -> Path:
    """Give the folder to write.

    Raises:
        UsageError: it cannot be written, or what is combined makes no sense.
    """
    from guidex_schema.error import UsageError

    if not documents:
        raise UsageError("name documents: a dataset, a text file, a folder of either, or - for JSONL on standard input")
    if (start is Start.STRUCTURE) != (guidelines is not None):
        raise UsageError("--from structure and --guidelines go together: instances are written for those guidelines")
    if output is None or output == STANDARD:
        if dry_run:
            return Path()
        raise UsageError("name the folder to write with -o")
    require_apart((output,), [*documents, *([] if guidelines is None else [guidelines])])
    return output


def _guidelines(file: Path, settings: "Settings") -> str:
    """Read guidelines, which must have no error.

    Raises:
        UsageError: they cannot be read, or have errors, which are told.
    """
    from guidex_schema import source_file
    from guidex_schema.diagnostic import Fault
    from guidex_schema.error import UsageError
    from guidex_schema.guideline import ROW_LIMITS, parse_guideline
    from guidex_schema.linting import Linter
    from guidex_schema.quantity import quantity
    from guidex_schema.reports import concise

    found = source_file.read(file, ROW_LIMITS.size)
    if isinstance(found, Fault):
        raise UsageError(f"{file}: {found.message}")
    # The rows that they come to stand in are held to what is demanded of rows.
    rules = {one.name: one for one in (*settings.rules("file"), *settings.rules("row"))}.values()
    linter = Linter(rules, severities=settings.severities, thresholds=settings.thresholds)
    report = linter.lint(found.text, file=str(file))
    errors = [one for one in report.diagnostics if one.severity == "error"]
    for one in errors:
        typer.echo(concise.line(one), err=True)
    if errors or report.unread:
        raise UsageError(f"{file} has {quantity(len(errors), 'error')}; `guidex lint --fix {file}` may mend some")
    if not parse_guideline(found.text).schema.entity_types:
        raise UsageError(f"{file} declares no dataclass, so that there is nothing to annotate")
    return found.text


def _written(
    run: "Run",
    documents: "Iterator[SourceDocument | Unread]",
    publication: "Publication",
    say: Callable[[str], None],
) -> tuple[str, ...]:
    """Run, and publish what came of it; give what is to be told of that."""
    with _interruptible(run, say):
        for outcome in run.outcomes(_telling_unread(documents, say)):
            publication.write(outcome)
        if run.tally.unread == run.tally.documents:
            return ("nothing could be read, so nothing is written",)
        publication.publish(run.tally)
        return publication.notes


def _telling_unread(
    documents: "Iterator[SourceDocument | Unread]", say: Callable[[str], None]
) -> "Iterator[SourceDocument | Unread]":
    """Say why something is no document."""
    from guidex_schema.generation.documents import Unread

    for one in documents:
        if isinstance(one, Unread):
            _tell_unread(one, say)
        yield one


def _tell_unread(unread: "Unread", say: Callable[[str], None]) -> None:
    from guidex_schema.reports import concise

    for one in unread.diagnostics:
        say(concise.line(one))


@contextmanager
def _interruptible(run: "Run", say: Callable[[str], None]) -> "Iterator[None]":
    """Let the first interrupt end the asking only, so that what is finished is published; a second ends all."""
    from guidex_schema.generation.run import INTERRUPTED

    def interrupted(number: int, frame: FrameType | None) -> None:
        if run.reason:
            if callable(before):
                before(number, frame)
            raise KeyboardInterrupt
        run.stop(INTERRUPTED)
        say("guidex: publishing what is finished; interrupt again to leave that, too")
        if run.is_waiting:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(run: "Run", folder: Path) -> None:
    """Say on standard error what became of the documents, and where things are."""
    from guidex_schema.diagnostic import visible
    from guidex_schema.quantity import quantity

    tally = run.tally
    duplicates = quantity(tally.duplicates, "duplicate")
    counts = f"{tally.kept:,} kept, {tally.rejected:,} rejected, {duplicates}, {tally.pending:,} pending"
    typer.echo(f"guidex: {quantity(tally.documents, 'document')}: {counts}", err=True)
    for (code, name), count in sorted(tally.codes.items(), key=lambda item: (-item[1], item[0])):
        typer.echo(f"{count:8,} {code} {name}", err=True)
    if tally.answers:
        asked, written = quantity(tally.prompt_tokens, "token"), quantity(tally.output_tokens, "token")
        typer.echo(f"guidex: {quantity(tally.answers, 'answer')}: {asked} asked, {written} written", err=True)
    if tally.kept:
        typer.echo(f"guidex: records are in {visible(str(folder / 'data'))}, all others in rejected.jsonl", err=True)
    elif tally.documents > tally.unread:
        typer.echo(f"guidex: there are no records; {visible(str(folder / 'rejected.jsonl'))} says why", err=True)


def _incomplete(run: "Run") -> "Iterator[str]":
    """Say why documents are pending, if some are."""
    from guidex_schema.diagnostic import visible
    from guidex_schema.quantity import quantity

    if run.tally.pending:
        reason = run.reason or run.failure
        documents = quantity(run.tally.pending, "document is", "documents are")
        yield f"{documents} pending ({visible(reason)}); run the same command again to go on"


def _code(run: "Run", most: float | None) -> int:
    from guidex_schema.generation.run import INTERRUPTED

    tally = run.tally
    if tally.pending and run.reason == INTERRUPTED:
        return _ENDED_BY_INTERRUPT
    if tally.pending:
        return 2
    return exit_code(tally.documents - tally.files, tally.unread - tally.files, tally.rejected, tally.files, most)


def _forecast_code(found: "Forecast") -> int:
    documents = found.documents + found.duplicates + found.refused + found.unread
    return exit_code(documents - found.files, found.unread - found.files, 0, found.files, None)


def _forecast_lines(found: "Forecast", engine: "EngineSettings", counting: str) -> "Iterator[str]":
    """Say what a run asks at most, as a table with a line for each stage."""
    from guidex_schema.quantity import quantity
    from guidex_schema.reports.table import table

    others = f"{quantity(found.duplicates, 'duplicate')}, {found.refused:,} too long, {found.unread:,} not read"
    yield f"{quantity(found.documents, 'document')} to ask about; {others}\n\n"
    demands = (*found.demands.items(), ("together", found.total))
    rows = [(name, _most(one.prompt, bool(one.carried)), _most(one.answer)) for name, one in demands]
    yield from (f"{line}\n" for line in table(("stage", "prompt tokens", "answer tokens"), rows))
    if engine.price_in or engine.price_out:
        cost = (found.total.prompt * engine.price_in + found.total.answer * engine.price_out) / 1_000_000
        yield f"\nThat costs at most {cost:,.2f}.\n"
    yield f"\nTokens: {counting}. Repairs come on top.\n"


def _most(tokens: int, is_open: bool = True) -> str:
    return f"at most {tokens:,}" if is_open else f"{tokens:,}"
