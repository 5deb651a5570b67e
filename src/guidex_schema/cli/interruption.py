"""What ends a command before it is done: SIGTERM, a terminal that closes, an interrupt."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from guidex_schema import unfinished

# Seconds until what was lost is raised again, and in which signals that come again are taken for one.
_AGAIN = 0.01
_MOMENT = 1.0


class _Ended(SystemExit):
    """Say that the command is to end: nothing takes it for an error, and all that is open is closed on its way."""


class _Interrupt:
    """Raise ``KeyboardInterrupt``, as Python does by itself, and know of it.

    Attributes:
        has_come: it was raised.
    """

    def __init__(self) -> None:
        self.has_come = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle SIGINT."""
        del number, frame
        self.has_come = True
        raise KeyboardInterrupt


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Have the command leave nothing behind where SIGTERM or SIGHUP ends it, and end as by that signal even so.

    Whoever sends one again, a moment later, does not wait for that. Processes that are forked off end at once.
    """
    owner = os.getpid()
    received: list[int] = []
    since = 0.0

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal since
        del frame
        if os.getpid() == owner and not received:
            received.append(number)
            since = time.monotonic()
            raise _Ended(128 + number)
        if os.getpid() == owner:
            # A terminal that closes sends it, and so does its shell: that is once.
            if time.monotonic() - since < _MOMENT:
                return
            unfinished.give_up_all()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [number for name in names if signal.getsignal(number := getattr(signal, name)) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, end)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _Interrupt())
    try:
        with _nothing_lost():
            yield
    finally:
        if os.getpid() == owner:
            unfinished.give_up_all()
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
        if isinstance(signal.getsignal(signal.SIGINT), _Interrupt):
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if received:
            os.kill(owner, received[0])


@contextmanager
def knowing_interrupts() -> Iterator[None]:
    """Take what comes of an interrupt for one.

    Extensions ask Python for an answer at times and make an error of their own of whatever it raises: pydantic does
    where it writes what is written by a function (``PydanticSerializationError``).
    """
    try:
        yield
    except typer.Exit:
        raise
    except Exception as error:
        handler = signal.getsignal(signal.SIGINT)
        if isinstance(handler, _Interrupt) and handler.has_come:
            raise KeyboardInterrupt from error
        raise


@contextmanager
def _nothing_lost() -> Iterator[None]:
    """Raise anew, a moment later, what a signal has raised where nothing can be raised.

    Extensions ask Python for an answer at times and drop whatever it raises (``sys.unraisablehook``): pydantic does for
    the class of what it validates.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    before, lost = sys.unraisablehook, list[BaseException]()

    def keep(unraisable: "sys.UnraisableHookArgs") -> None:
        if isinstance(unraisable.exc_value, _Ended | KeyboardInterrupt):
            lost.append(unraisable.exc_value)
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        else:
            before(unraisable)

    def again(number: int, frame: FrameType | None) -> None:
        del number, frame
        if lost:
            raise lost.pop()

    alarm = signal.signal(signal.SIGALRM, again)
    sys.unraisablehook = keep
    try:
        yield
    finally:
        sys.unraisablehook = before
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, alarm)


@contextmanager
def telling_interrupt(said: Callable[[], str], *, is_lost: bool = False) -> Iterator[None]:
    """Say on standard error what was read where an interrupt ends the reading, and that the rest was not.

    Args:
        said: gives what was read, and what came of it, as a sentence without its end.
        is_lost: what came of it is written to no place.
    """
    try:
        with knowing_interrupts():
            yield
    except KeyboardInterrupt:
        lost = ", and nothing was written" if is_lost else ""
        typer.echo(f"guidex: interrupted: {said()}; the rest was not read{lost}", err=True)
        raise
