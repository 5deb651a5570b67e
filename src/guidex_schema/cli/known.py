"""What is known of a dataset: baselines as the command line reads and writes them."""

from collections.abc import Callable, Collection, Iterable
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from guidex_schema.cli.streams import STANDARD, is_read

if TYPE_CHECKING:
    from guidex_schema.baseline import Entry
    from guidex_schema.diagnostic import Report
    from guidex_schema.reports import Summary
    from guidex_schema.rule import Rule
    from guidex_schema.settings import LoadedSettings

# So many of what is gone are listed; their number is told anyway, and JSON has all.
_LISTED = 100


def require_apart(baseline: Path, read: Iterable[Path], suffixes: Collection[str]) -> None:
    """See to it that a baseline is not read as a dataset.

    Raises:
        UsageError: it stands where datasets are read.
    """
    from guidex_schema.error import UsageError

    if any(is_read(baseline, path, suffixes) for path in read):
        raise UsageError(
            f"the baseline {baseline} would be read as a dataset; keep it outside of the folder that is checked, or "
            "give it another ending, as in guidex.baseline"
        )


def looking_for(read: Iterable[Path], rules: Iterable["Rule"], loaded: "LoadedSettings") -> "Callable[[Entry], bool]":
    """Give a function that says of a known finding whether a run would find it again.

    Args:
        read: the files and folders that are checked.
        rules: the rules that are applied.
        loaded: the settings, which may ignore rules in some files.
    """
    from guidex_schema.source_root import absolute_name

    codes = {rule.code for rule in rules}
    named = {absolute_name("<stdin>" if path == STANDARD else str(path)) for path in read}

    @cache
    def codes_of(file: str) -> set[str]:
        path = Path(absolute_name(file))
        is_named = not file or not named.isdisjoint(map(str, (path, *path.parents)))
        return codes - loaded.settings.ignored(Path(file), loaded.root) if is_named else set()

    return lambda entry: entry.code in codes_of(entry.file)


def write_baseline(path: Path, found: "Iterable[Report]", summary: "Summary", *, quiet: bool) -> None:
    """Write everything that is found as known.

    Raises:
        UsageError: nothing could be read, or the file cannot be written.
    """
    from guidex_schema.baseline import Draft
    from guidex_schema.error import UsageError
    from guidex_schema.quantity import quantity

    draft = Draft()
    for report in summary.counting(found):
        draft.add(report)
    if not summary.checked and summary.unread:
        raise UsageError(f"nothing could be read, so the baseline {path} is not written")
    count = draft.write(path)
    if not quiet:
        typer.echo(summary.sentence(), err=True)
        typer.echo(f"{path}: {quantity(count, 'finding')} written", err=True)


def tell_gone(summary: "Summary") -> None:
    """List on standard error what is known and was not found again."""
    from guidex_schema.reports.concise import gone_line

    if summary.comparison is None or not summary.comparison.gone:
        return
    for entry in islice(summary.comparison.entries_gone(), _LISTED):
        typer.echo(gone_line(entry), err=True)
    if (more := summary.comparison.gone - _LISTED) > 0:
        typer.echo(f"{more:,} more are gone", err=True)
