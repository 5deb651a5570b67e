"""The line that shows how far a run is, on terminals, and what is said above it."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import typer

if TYPE_CHECKING:
    from guidex_schema.generation.outcome import Tally


class Display(NamedTuple):
    """What a run shows on standard error.

    Attributes:
        show: shows a tally.
        say: writes a line.
    """

    show: "Callable[[Tally], None]"
    say: Callable[[str], None]

    def remark(self, text: str) -> None:
        """Write in a line what is passed over."""
        from guidex_schema.diagnostic import visible

        self.say(f"guidex: {visible(text)}")


def say(line: str) -> None:
    """Write a line on standard error."""
    typer.echo(line, err=True)


@contextmanager
def progress(documents: int | None, *, quiet: bool) -> Iterator[Display]:
    """Show on standard error how far a run is: a bar, documents and tokens a second, kept and rejected.

    Args:
        documents: how many there are; None where that is not known until all are read.
        quiet: show nothing, as where standard error is no terminal.
    """
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Display(lambda _: None, say)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """How much of a count comes in a second."""

        def __init__(self, field: str) -> None:
            super().__init__()
            self._field = field

        def render(self, task: Task) -> Text:
            rate = task.fields[self._field] / task.elapsed if task.elapsed else 0.0
            return Text(f"{rate:,.1f} {self._field}/s")

    columns = (
        BarColumn(bar_width=20),
        TextColumn("{task.fields[documents]:,} of {task.fields[known]:,}"),
        TextColumn("{task.fields[kept]:,} kept, {task.fields[rejected]:,} rejected"),
        Rate("documents"),
        Rate("tokens"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as line:
        task = line.add_task("", total=documents, documents=0, known=documents or 0, kept=0, rejected=0, tokens=0)

        def show(tally: "Tally") -> None:
            line.update(
                task,
                completed=tally.done,
                documents=tally.done,
                known=documents or tally.documents,
                kept=tally.kept,
                rejected=tally.rejected,
                tokens=tally.output_tokens,
            )

        yield Display(show, lambda text: line.console.print(text, markup=False, highlight=False, soft_wrap=True))
