"""The line that shows how far a run is, on terminals."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guidex_schema.generation.outcome import Tally


@contextmanager
def progress(*, quiet: bool) -> "Iterator[Callable[[Tally], None]]":
    """Give a function that shows a tally on standard error: documents and tokens a second, kept and rejected.

    Args:
        quiet: show nothing, as where standard error is no terminal.
    """
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
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
        TextColumn("{task.fields[documents]:,} of {task.fields[read]:,}"),
        TextColumn("{task.fields[kept]:,} kept, {task.fields[rejected]:,} rejected"),
        Rate("documents"),
        Rate("tokens"),
        TimeElapsedColumn(),
    )
    # How many documents there are is known once all are read, so there is no bar.
    with Progress(*columns, console=Console(stderr=True), transient=True) as line:
        task = line.add_task("", total=None, documents=0, read=0, kept=0, rejected=0, tokens=0)

        def show(tally: "Tally") -> None:
            line.update(
                task,
                documents=tally.done,
                read=tally.documents,
                kept=tally.kept,
                rejected=tally.rejected,
                tokens=tally.output_tokens,
            )

        yield show
