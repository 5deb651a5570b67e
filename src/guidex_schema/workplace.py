"""What a worker does: it is sent pieces of datasets, and says what comes of their rows."""

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from multiprocessing import connection as connections
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import NamedTuple

from guidex_schema import collection, signals
from guidex_schema.datasets.changes import Changed
from guidex_schema.datasets.row import Row
from guidex_schema.datasets.shard import Piece
from guidex_schema.error import GuidexError
from guidex_schema.isolation import Isolation
from guidex_schema.work import Begun, Work, results_of, rows_in

# Bytes of results after which some are said, before all of a piece are there.
_SAID_BYTES = 1024 * 1024


class Request(NamedTuple):
    """Ask for what comes of a piece.

    Attributes:
        first: the number of the row in it from which on rows are read one by one; None to read them together.
    """

    piece: Piece
    first: int | None


class Ready(NamedTuple):
    """Say that the work is begun."""

    isolation: Isolation


class Packed(NamedTuple):
    """Something that came of rows.

    Attributes:
        kind: what it is: what comes of rows has another kind than what comes behind the last of them.
        pickled: by itself: of a few labels many values may come, which take ten times the room as objects.
    """

    kind: str
    pickled: bytes


class Partly(NamedTuple):
    """Say what came of a piece so far, or of what was not said of it before."""

    results: list[Packed]


class Done(NamedTuple):
    """Say what came of a piece, or of what was not said of it before.

    Attributes:
        results: in order.
        has_changed: what came last is that its file has changed, so that nothing more of it is told.
    """

    results: list[Packed]
    has_changed: bool = False


class RowBegun(NamedTuple):
    """Say which row is read next."""

    row: Row


class RowDone(NamedTuple):
    """Say what came of that row."""

    results: list[Packed]


class Broken(NamedTuple):
    """Say that the piece, or the row that was begun, could not be read."""

    reason: str


class Refused(NamedTuple):
    """Say why nothing can be read at all."""

    error: GuidexError


Said = Ready | Partly | Done | RowBegun | RowDone | Broken | Refused


class _Gone(BaseException):
    """Say that nobody hears what is said."""


def serve(
    work: Work[object], connection: "Connection[Said, Request]", inherited: "list[Connection[Request, Said]]"
) -> None:
    """Do work until nothing more is asked for, or whoever asks has ended.

    Args:
        work: what is done with rows.
        connection: requests come on it, and what is said goes on it.
        inherited: other connections that are open in this process and belong to the one that started it.
    """
    for one in inherited:
        one.close()
    # Who interrupts the command interrupts the process that started this one, which then ends this one in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # At once, since what is raised may be dropped; its jail ends with it.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(1))
    signals.let_through()
    _end_with_parent()
    answer(work, connection)


def answer(work: Work[object], connection: "Connection[Said, Request]") -> None:
    """Answer requests until nothing more is asked for."""

    def say(said: Said) -> None:
        try:
            connection.send(said)
        except OSError as error:
            raise _Gone from error

    def hear() -> Request:
        try:
            return connection.recv()
        except (EOFError, ConnectionResetError) as error:
            # It is reset, and not at its end, where what was said last has not been read.
            raise _Gone from error

    with suppress(_Gone):
        try:
            with work.begin() as begun, collection.seldom():
                say(Ready(begun.isolation))
                while True:
                    _do(begun, work, hear(), say)
        except GuidexError as error:
            say(Refused(error))


def packed(results: Iterable[object]) -> list[Packed]:
    """Pickle results as they come."""
    return [_packed(one) for one in results]


def _packed(result: object) -> Packed:
    return Packed(type(result).__qualname__, pickle.dumps(result, pickle.HIGHEST_PROTOCOL))


def _do(begun: Begun, work: Work[object], request: Request, say: Callable[[Said], None]) -> None:
    try:
        try:
            if request.first is None:
                say(Done(_last_of(results_of(request.piece, begun, work.columns), begun, say)))
                return
            for row in islice(rows_in(request.piece, work.columns), request.first, None):
                say(RowBegun(row))
                _do_row(begun, row, say)
            say(Done([]))
        except Changed as change:
            say(Done(packed(begun.results((change.row,))), has_changed=True))
    except GuidexError as error:
        say(Refused(error))
    except Exception as error:  # noqa: BLE001, whatever it is, it is told, and other rows are read
        say(Broken(f"it could not be read: {error!r}"))


def _last_of(results: Iterable[object], begun: Begun, say: Callable[[Said], None]) -> list[Packed]:
    """Pickle what comes of a piece; say it as it comes where it is much, and give what is left to be said."""
    held: list[Packed] = []
    size = 0
    try:
        for one in results:
            # What is told of a piece from memory is not what is told of its rows when they are read again one by one.
            # What comes last, as counts do, is never said before all is done: then nothing is read again.
            if size > _SAID_BYTES and begun.of_piece is None:
                say(Partly(held))
                held, size = [], 0
            held.append(_packed(one))
            size += len(held[-1].pickled)
    except (Changed, GuidexError):
        say(Partly(held))
        raise
    return held


def _do_row(begun: Begun, row: Row, say: Callable[[Said], None]) -> None:
    try:
        say(RowDone(packed(begun.results((row,)))))
    except GuidexError:
        raise
    except Exception as error:  # noqa: BLE001, whatever it is, it is told of this row, and others are read
        say(Broken(f"checking this row broke: {error!r}; please report it"))


def _end_with_parent() -> None:
    """End this process, and its jail with it, when the one that started it has ended, however that came."""
    parent = parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def wait() -> None:
        connections.wait([sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
