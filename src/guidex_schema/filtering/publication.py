"""The two files that filtering writes, which stand under their names together or not at all."""

from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from guidex_schema.datasets import Row
from guidex_schema.datasets.json_text import Notes
from guidex_schema.datasets.output import Output
from guidex_schema.filtering import Outcome
from guidex_schema.filtering.rejection import rejected_line
from guidex_schema.isolation import Isolation
from guidex_schema.unfinished import set_aside


class Publication:
    """Kept and rejected rows of one run; use it in a ``with`` block, which leaves nothing behind unless published.

    However a run ends, even killed, both names hold what an earlier run wrote, or both what this one wrote, or that of
    the kept rows holds nothing: kept rows never stand beside rejected ones of another run.

    Args:
        kept: where kept rows go.
        rejected: where rejected rows go.
    """

    def __init__(self, kept: Output, rejected: Output) -> None:
        self._kept = kept
        self._rejected = rejected
        self._notes = Notes()

    def __enter__(self) -> Self:
        """Give the publication."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind that was not published."""
        self._kept.writer.discard()
        self._rejected.writer.discard()

    @property
    def notes(self) -> tuple[str, ...]:
        """Give what was not written as it stood; complete after ``publish``."""
        return tuple(dict.fromkeys((*self._kept.writer.notes, *self._notes)))

    def write(self, outcome: Outcome, isolation: Isolation) -> None:
        """Write a row that is kept, and what is to be told of one that is not, or not whole.

        Args:
            outcome: what became of it.
            isolation: how far the jail was closed in which its labels were read.

        Raises:
            UsageError: it cannot be written.
        """
        line = rejected_line(outcome, isolation, self._notes)
        with self._kept.writing() as writer:
            if outcome.kept is None:
                writer.expect(outcome.row)
            else:
                writer.write(outcome.kept)
        if line is not None:
            with self._rejected.writing() as writer:
                writer.write(Row("", None, None, raw=line))

    def publish(self) -> None:
        """Put both under their names: older kept rows go first, and new ones come last.

        Raises:
            UsageError: one of them cannot be written.
        """
        for output in (self._kept, self._rejected):
            with output.writing() as writer:
                writer.finish()
        with self._kept.writing() as kept, _aside(self._kept):
            with self._rejected.writing() as rejected:
                rejected.publish()
            kept.publish()


def _aside(output: Output) -> AbstractContextManager[None]:
    """Take an older dataset from its name, as ``set_aside`` does; a stream has none."""
    return nullcontext() if output.path is None else set_aside(output.path.resolve())
