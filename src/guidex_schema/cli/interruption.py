"""What ends a command before it is done: SIGTERM, a terminal that closes, an interrupt."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import typer


class _Ended(SystemExit):
    """Say that the command is to end: nothing takes it for an error, and all that is open is closed on its way."""


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Have the command leave nothing behind where SIGTERM or SIGHUP ends it, and end as by that signal even so.

    Whoever sends the signal again does not wait for that. Processes that are forked off end at once.
    """
    owner = os.getpid()
    received: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        signal.signal(number, signal.SIG_DFL)
        if os.getpid() != owner:
            os.kill(os.getpid(), number)
        elif not received:
            received.append(number)
            raise _Ended(128 + number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [number for name in names if signal.getsignal(number := getattr(signal, name)) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
        if received:
            os.kill(owner, received[0])


@contextmanager
def telling_interrupt(said: Callable[[], str], *, is_lost: bool = False) -> Iterator[None]:
    """Say on standard error what was read where an interrupt ends the reading, and that the rest was not.

    Args:
        said: gives what was read, and what came of it, as a sentence without its end.
        is_lost: what came of it is written to no place.
    """
    try:
        yield
    except KeyboardInterrupt:
        lost = ", and nothing was written" if is_lost else ""
        typer.echo(f"guidex: interrupted: {said()}; the rest was not read{lost}", err=True)
        raise
