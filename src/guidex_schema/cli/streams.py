"""Where commands read and write, and how misuse and interruptions end them."""

import os
import stat
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn, TextIO

import typer

from guidex_schema.cli.interruption import knowing_interrupts

if TYPE_CHECKING:
    from guidex_schema.datasets.output import Output
    from guidex_schema.reports import Style

# The path that names standard input or output.
STANDARD = Path("-")

# What shells give for a program that SIGPIPE or SIGINT ended.
_ENDED_BY_PIPE = 141
_ENDED_BY_INTERRUPT = 130


@contextmanager
def misuse() -> Iterator[None]:
    """Turn misuse, broken machinery and interruptions into at most one line and an exit code."""
    from guidex_schema.error import GuidexError

    try:
        try:
            with knowing_interrupts():
                yield
        finally:
            sys.stdout.flush()
    except GuidexError as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader has seen enough. What was not written may hold findings, so this is not exit code 0.
        _drop_output()
        raise typer.Exit(_ENDED_BY_PIPE) from None
    except KeyboardInterrupt:
        _drop_output()
        raise typer.Exit(_ENDED_BY_INTERRUPT) from None
    except OSError as error:
        _drop_output()
        if error.filename is None and not _has_working_folder():
            _fail("the working folder is gone; change to one that is there")
        # What no system call says has no number: a store that cannot be reached tells itself where it is.
        place = error.filename or ("" if error.errno is None else "standard output")
        _fail(f"{place}: {error.strerror or error}" if place else str(error))


def _has_working_folder() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _drop_output() -> None:
    """Let what is still buffered go nowhere, so that the interpreter does not complain at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> NoReturn:
    typer.echo(f"guidex: {message}", err=True)
    raise typer.Exit(2)


def read_bytes(path: Path) -> bytes:
    """Read a file, or standard input where the path names that."""
    return standard_input().read() if path == STANDARD else path.read_bytes()


def standard_input() -> BinaryIO:
    """Give standard input.

    Raises:
        UsageError: whoever started the command has closed it.
    """
    from guidex_schema.error import UsageError

    if sys.stdin is None:
        raise UsageError("standard input is closed")
    return sys.stdin.buffer


@contextmanager
def sink_for(
    output_file: Path | None,
    inputs: list[Path],
    encoding: str | None,
    suffixes: Collection[str],
    *,
    as_it_comes: bool = False,
) -> Iterator[TextIO]:
    """Give what findings are written to: a file has all of them under its name, or what it had before.

    Args:
        output_file: the file; None and ``-`` are standard output.
        inputs: what is read, and must not be written over.
        encoding: of the format; None leaves it to the terminal.
        suffixes: how the files end that are read of a folder.
        as_it_comes: the file has under its name what is written so far, as devices and pipes have.

    Raises:
        UsageError: the file is read, or cannot be written.
    """
    from guidex_schema.datasets.store import local
    from guidex_schema.error import UsageError

    if output_file is None or output_file == STANDARD:
        yield standard_output(encoding)
        return
    if any(is_read(output_file, local(path), suffixes) for path in inputs):
        raise UsageError(f"{output_file} is one of the files to read; write to another")
    is_direct = as_it_comes or (output_file.exists() and not _is_replaceable(output_file))
    try:
        with _direct(output_file) if is_direct else _whole(output_file) as sink:
            yield sink
    except OSError as error:
        # A write that fails does not say to where; what cannot be read has a name.
        if isinstance(error, BrokenPipeError) or error.filename is not None:
            raise
        raise UsageError(f"{output_file} cannot be written: {error.strerror or error}") from error


def _is_replaceable(path: Path) -> bool:
    """Say whether another file can be put in the place of what is there."""
    return path.is_file() and os.access(path.resolve().parent, os.W_OK | os.X_OK)


def _direct(path: Path) -> TextIO:
    from guidex_schema.error import UsageError

    try:
        return path.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """Give a text file that stands under its name when all is written, and not at all where that fails."""
    from guidex_schema.error import UsageError
    from guidex_schema.new_file import NewFile

    file = NewFile(path)
    sink = TextIOWrapper(file.sink, encoding="utf-8", errors="backslashreplace")

    def publish() -> None:
        try:
            sink.flush()
            file.finish()
            file.publish()
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error

    try:
        yield sink
        publish()
    except typer.Exit:
        # A command that ends so has told all.
        publish()
        raise
    finally:
        file.discard()


def standard_output(encoding: str | None = None) -> TextIO:
    """Give standard output, which takes any text: what its encoding does not have is escaped."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding=encoding or sys.stdout.encoding, errors="backslashreplace")
    return sys.stdout


def is_read(file: Path, path: Path, suffixes: Collection[str]) -> bool:
    """Say whether checking a path reads a file."""
    if path == STANDARD:
        return file.exists() and _is_standard_input(file)
    if path.is_dir():
        return file.name.lower().endswith(tuple(suffixes)) and file.resolve().is_relative_to(path.resolve())
    return file.exists() and path.exists() and file.samefile(path)


def require_apart(outputs: Collection[Path], inputs: Collection[Path]) -> None:
    """See to it that no dataset is written over what is read, nor to where it would be read the next time.

    Args:
        outputs: the files and folders that are written; standard output harms nobody.
        inputs: the files and folders that are read.

    Raises:
        UsageError: an output is read, holds what is, or is a folder that stands in one.
    """
    from guidex_schema.datasets import SUFFIXES
    from guidex_schema.datasets.store import local
    from guidex_schema.error import UsageError

    inputs = [local(path) for path in inputs]
    for one in (one for one in outputs if one != STANDARD):
        if any(is_read(one, path, SUFFIXES) or _is_around(one, path) or _is_inside(one, path) for path in inputs):
            raise UsageError(
                f"{one} is one of the files to read, or holds one or stands among them; write to another place"
            )


def _is_around(folder: Path, path: Path) -> bool:
    """Say whether a folder is, or holds, what is read."""
    return path != STANDARD and path.resolve().is_relative_to(folder.resolve())


def _is_inside(folder: Path, path: Path) -> bool:
    """Say whether a folder of datasets that is written stands in a folder that is read."""
    from guidex_schema.datasets.formats import format_of

    is_below = path != STANDARD and path.is_dir() and folder.resolve().is_relative_to(path.resolve())
    return is_below and format_of(folder) is None


def output_for(path: Path) -> "Output":
    """Give what rows are written to: a dataset in the format that its name says; JSONL to streams and devices.

    Args:
        path: a file or a folder; ``-`` is standard output.

    Raises:
        UsageError: the format is not written, it cannot be written there, or needs a package that is not installed.
    """
    from guidex_schema.datasets.output import Output, StreamWriter
    from guidex_schema.datasets.writing import writer_for

    if path == STANDARD:
        return Output(StreamWriter(standard_output().buffer), None)
    if path.is_char_device():
        return Output(StreamWriter(path.open("wb"), closing=True), None)
    return Output(writer_for(path), path)


def _is_standard_input(file: Path) -> bool:
    """Say whether a file is what standard input comes from, as in ``guidex check - < FILE``."""
    try:
        source = os.fstat(0)
    except OSError:
        # It is closed; reading it will say so.
        return False
    # Terminals, pipes and /dev/null lose nothing when they are written to.
    return stat.S_ISREG(source.st_mode) and os.path.samestat(source, file.stat())


def style_for(sink: TextIO, *, quiet: bool = False, statistics: bool = False) -> "Style":
    """Choose colour and width as the terminal and NO_COLOR, FORCE_COLOR, TERM say (no-color.org)."""
    import shutil

    from guidex_schema.reports import Style

    terminal = sink.isatty()
    wanted = os.environ.get("FORCE_COLOR", "0") not in ("", "0") or (terminal and os.environ.get("TERM") != "dumb")
    width = shutil.get_terminal_size((100, 24)).columns if terminal else 100
    colour = wanted and not os.environ.get("NO_COLOR")
    return Style(colour=colour, width=width, quiet=quiet, statistics=statistics)
