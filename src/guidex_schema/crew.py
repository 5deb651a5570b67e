"""A crew: processes that read rows side by side, each with a jail of its own.

They are sent pieces of datasets and send back what came of them, which is given on in the order of the pieces. A worker
that ends before its time is replaced; what it had is read again row by row, so that the row which ends one again costs
no other.
"""

import multiprocessing
import pickle
import signal
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import connection as connections
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Generic, cast

from guidex_schema import signals
from guidex_schema.datasets.piece_source import Source
from guidex_schema.datasets.row import Row, unreadable
from guidex_schema.datasets.shard import Piece, Shard, file_of
from guidex_schema.error import GuidexError, IsolationError, WorkerError
from guidex_schema.isolation import Isolation
from guidex_schema.work import Result, Work
from guidex_schema.workplace import (
    Broken,
    Done,
    Packed,
    Partly,
    Ready,
    Refused,
    Request,
    RowBegun,
    RowDone,
    Said,
    packed,
    serve,
)

# Pieces for each worker that are sent and not given on: a slow one lets the others go on so far, and no further.
_PIECES_AHEAD = 4
# Bytes of results that are taken in before those ahead of them are given on.
_HELD_BYTES = 64 * 1024 * 1024
# A place in a file is sent before the one before it is answered, so that no worker waits.
_SENT_AHEAD = 2
# Workers that may end one after another before they are ready.
_STARTS = 3
# How long a worker may take to end its jail.
_END_SECONDS = 5.0


@dataclass(eq=False)
class _Task(Generic[Result]):
    """A piece, and what came of it so far.

    Attributes:
        results: pickled, until they are given on.
        size: their bytes.
        taken: how many there were in all, by their kind.
        repeated: how many of those to come were there before it was read again.
        is_careful: it has ended a worker, or broken, so that its rows are read one by one.
        rows: how many of them are done then.
        row: the one that is being read then.
        has_changed: its file has, so that nothing behind it is told.
        error: why the whole run ends here.
    """

    piece: Piece
    results: deque[bytes] = field(default_factory=deque)
    size: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    is_done: bool = False
    is_careful: bool = False
    rows: int = 0
    row: Row | None = None
    has_changed: bool = False
    error: GuidexError | None = None

    @property
    def request(self) -> Request:
        """Give what a worker is told to do."""
        return Request(self.piece, self.rows if self.is_careful else None)

    def take(self, found: Iterable[Packed]) -> None:
        """Take down what came of it, but for what is there already."""
        for one in found:
            if self.repeated[one.kind]:
                self.repeated[one.kind] -= 1
                continue
            self.results.append(one.pickled)
            self.size += len(one.pickled)
            self.taken[one.kind] += 1

    def given(self) -> Iterator[bytes]:
        """Give on what came of it so far."""
        while self.results:
            one = self.results.popleft()
            self.size -= len(one)
            yield one

    def be_careful(self) -> None:
        """Have it read again from its beginning, row by row."""
        self.is_careful, self.repeated = True, self.taken.copy()


@dataclass(eq=False)
class _Member(Generic[Result]):
    """A worker, and what it was sent, in order."""

    process: BaseProcess
    connection: "Connection[Request, Said]"
    tasks: deque[_Task[Result]] = field(default_factory=deque)
    is_ready: bool = False
    has_ended: bool = False


class Crew(Generic[Result]):
    """All workers of one run."""

    def __init__(self, work: Work[Result], jobs: int, tell: Callable[[Isolation], object]) -> None:
        self._work = work
        self._jobs = jobs
        self._tell = tell
        self._members: list[_Member[Result]] = []
        self._again: deque[_Task[Result]] = deque()
        self._window: deque[_Task[Result]] = deque()
        self._isolation: Isolation | None = None
        self._lost_at_start = 0

    def results(self, source: Source) -> Iterator[Result]:
        """Give what comes of all pieces, in their order."""
        if _can_fork():
            # What is loaded now all workers share.
            self._work.load()
        try:
            while self._window or not source.is_at_end:
                self._hand_out(source)
                if not self._window and source.is_at_end:
                    # A stream has ended where nothing was under way.
                    return
                task = self._window[0] if self._window else None
                if task is None or not (task.is_done or task.results):
                    self._listen(source)
                    continue
                if task.is_done:
                    self._window.popleft()
                    # Others work on while this is told.
                    self._hand_out(source)
                is_told = not source.is_given_up(task.piece)
                if task.has_changed:
                    source.give_up(task.piece)
                for one in task.given():
                    if is_told:
                        yield from self._unpacked(task, one)
                if is_told and task.error is not None:
                    raise task.error
        finally:
            self._end()

    def _hand_out(self, source: Source) -> None:
        while self._again and (member := self._member_for(self._again[0])) is not None:
            self._send(member, self._again.popleft())
        while not self._again and len(self._window) < _PIECES_AHEAD * self._jobs and source.has(1):
            task: _Task[Result] = _Task(source.first())
            member = self._member_for(task)
            if member is None:
                return
            source.take()
            self._window.append(task)
            self._send(member, task)

    def _member_for(self, task: _Task[Result]) -> _Member[Result] | None:
        """Give a worker that can be sent a piece now, one that has nothing to do if there is one."""
        living = [one for one in self._members if not one.has_ended]
        least = min(living, key=lambda member: len(member.tasks), default=None)
        if least is not None and not least.tasks:
            return least
        if len(self._members) < self._jobs:
            return self._start()
        is_place = isinstance(task.piece, Shard) and task.piece.data is None
        # What is more than a place could fill a pipe whose other end is busy writing to this process.
        return least if least is not None and is_place and len(least.tasks) < _SENT_AHEAD else None

    def _send(self, member: _Member[Result], task: _Task[Result]) -> None:
        try:
            member.connection.send(task.request)
        except OSError:
            # Not for this piece: what it said last, and that it did, is still to be heard.
            member.has_ended = True
            self._again.append(task)
        else:
            member.tasks.append(task)

    def _start(self) -> _Member[Result]:
        here, there = multiprocessing.Pipe()
        process: BaseProcess
        if _can_fork():
            # A forked process has what this one has open: it would keep pipes open when this one has ended.
            inherited = [here, *(one.connection for one in self._members)]
            context = multiprocessing.get_context("fork")
            process = context.Process(target=serve, args=(self._work, there, inherited), daemon=True)
        else:
            process = multiprocessing.get_context("spawn").Process(
                target=serve, args=(self._work, there, []), daemon=True
            )
        try:
            with signals.held():
                process.start()
                member: _Member[Result] = _Member(process, here)
                self._members.append(member)
        except OSError as error:
            here.close()
            raise WorkerError(f"no process can be started ({error}); run it with --jobs 1") from error
        finally:
            there.close()
        return member

    def _listen(self, source: Source) -> None:
        """Wait until a worker has something to say, or a stream has more, and take down what there is."""
        members = {id(one.connection): one for one in self._heard()}
        waited: list[Connection[Request, Said] | int] = [one.connection for one in members.values()]
        if source.waiting is not None and len(self._window) < _PIECES_AHEAD * self._jobs:
            waited.append(source.waiting)
        for ready in connections.wait(waited):
            if id(ready) in members:
                self._hear(members[id(ready)])

    def _heard(self) -> list[_Member[Result]]:
        """Give the workers to listen to: one that is far ahead of what is given on has to wait."""
        if sum(one.size for one in self._window) <= _HELD_BYTES:
            return self._members
        first = self._window[0]
        if all(one.tasks[0] is not first for one in self._members if one.tasks):
            return self._members
        return [one for one in self._members if not one.tasks or not one.is_ready or one.tasks[0] is first]

    def _hear(self, member: _Member[Result]) -> None:
        try:
            said = member.connection.recv()
        except (EOFError, OSError):
            self._replace(member)
            return
        except Exception as error:  # noqa: BLE001, whatever cannot be read of an answer, its rows are read again
            said = Broken(f"what came of it cannot be sent: {error!r}")
        match said:
            case Ready(isolation):
                self._lost_at_start = 0
                member.is_ready = True
                self._require_alike(isolation)
            case Refused(refusal) if not member.is_ready:
                raise refusal
            case _:
                self._note(member, member.tasks[0], said)

    def _note(self, member: _Member[Result], task: _Task[Result], said: Said) -> None:
        """Take down what a worker says of the piece that it has."""
        match said:
            case RowBegun(row):
                task.row = row
            case Partly(found):
                task.take(found)
            case RowDone(found):
                task.take(found)
                task.rows, task.row = task.rows + 1, None
            case Broken(reason) if task.row is not None:
                self._fail(task, reason)
            case Broken(reason):
                member.tasks.popleft()
                self._retry(task, reason)
            case Done(found, has_changed):
                if has_changed:
                    # What it held before is not what was read again.
                    task.repeated.clear()
                task.take(found)
                task.is_done, task.has_changed = True, has_changed
                member.tasks.popleft()
            case Refused(refusal):
                task.error, task.is_done = refusal, True
                member.tasks.popleft()

    def _require_alike(self, isolation: Isolation) -> None:
        if self._isolation is None:
            self._isolation = isolation
            self._tell(isolation)
        elif not set(isolation.layers) >= set(self._isolation.layers):
            raise IsolationError(f"{isolation.shortfall}, and another was closed further; run it again")

    def _replace(self, member: _Member[Result]) -> None:
        """Take leave of a worker that has ended, and see to it that what it had is read."""
        self._members.remove(member)
        member.connection.close()
        member.process.join()
        reason = _ended(member.process.exitcode)
        member.process.close()
        if not member.is_ready:
            self._lost_at_start += 1
            if self._lost_at_start == _STARTS:
                raise WorkerError(f"{reason} before it was ready; run it with --jobs 1")
        elif member.tasks:
            self._retry(member.tasks.popleft(), reason)
        self._again.extend(member.tasks)

    def _retry(self, task: _Task[Result], reason: str) -> None:
        """Have a piece read again that ended a worker or broke, row by row, from behind the row that did."""
        if not task.is_careful:
            task.be_careful()
        elif task.row is not None:
            self._fail(task, f"{reason} while it read this row, and all by itself")
        else:
            # No row can be told: it was reading the file that did it.
            message = f"a part of the file cannot be read, and its rows are missing: {reason}"
            task.repeated.clear()
            task.take(packed(self._missing(task, message)))
            task.is_done = True
            return
        self._again.appendleft(task)

    def _unpacked(self, task: _Task[Result], result: bytes) -> Iterator[Result]:
        """Give one that came of a piece; in the place of what cannot be read of it, that it is missing."""
        try:
            found = cast(Result, pickle.loads(result))
        except Exception as error:  # noqa: BLE001, whatever it is, it is told, and the rest is given on
            yield from self._missing(task, f"what came of a row of this file cannot be read: {error!r}")
        else:
            yield found

    def _missing(self, task: _Task[Result], message: str) -> Iterator[Result]:
        return self._work.failed(unreadable("unreadable-file", message, file_of(task.piece)), message)

    def _fail(self, task: _Task[Result], reason: str) -> None:
        assert task.row is not None, "a row was begun"
        task.take(packed(self._work.failed(task.row, reason)))
        task.rows, task.row = task.rows + 1, None

    def _end(self) -> None:
        """End all workers: those that have nothing to do end by themselves."""
        for member in self._members:
            member.connection.close()
            if member.tasks or not member.is_ready:
                member.process.terminate()
        for member in self._members:
            member.process.join(_END_SECONDS)
            if member.process.is_alive():
                member.process.kill()
                member.process.join()
            member.process.close()
        self._members.clear()


def _can_fork() -> bool:
    """Say whether this process can be forked: on Linux, as long as it is a single thread.

    What other threads hold would be held for ever in the new process. Starting a process anew takes as long as reading
    a hundred rows; forking one as long as reading two.
    """
    threads = Path("/proc/self/task")
    return sys.platform == "linux" and threads.is_dir() and len(list(threads.iterdir())) == 1


def _ended(code: int | None) -> str:
    """Say how a worker ended."""
    if code is None or code >= 0:
        return f"the worker process ended with exit code {code}"
    try:
        return f"the worker process was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"the worker process was ended by signal {-code}"
