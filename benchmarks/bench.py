"""What checking costs beside the published filter, which checks nothing: tables of ratios, of one run.

    python benchmarks/bench.py --rows 2000 --rounds 5 --json FILE
    python benchmarks/bench.py --compare OLD.json NEW.json

Every round has rows of its own, so that no cache is met warm, and everything that is timed takes turns on them. A fault
that is missed, or a finding of something that is not wrong, ends the program with 1. README.md says how to read it.
"""

import argparse
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from figures import Spread, compare, ranged, store, table
from measures import WAYS, Bench, Table


def show(title: str, figures: Table) -> None:
    """Print one table: a line for each thing that was measured."""
    columns = list(dict.fromkeys(column for one in figures.values() for column in one))
    print(f"{title}\n")
    table(
        ("", *columns),
        (
            (name, *(ranged(one[column], digits(column)) if column in one else "-" for column in columns))
            for name, one in figures.items()
        ),
    )


def digits(column: str) -> int:
    """Say how many decimal places a column needs."""
    return 1 if column.endswith("MB") else 2


def measured(bench: Bench, rounds: int, starts: int, formats: Sequence[str]) -> Iterator[tuple[str, Table]]:
    """Measure everything, one table after another."""
    speeds, stages = bench.speeds(rounds)
    yield "End to end: published filter / guidex (above 1, guidex is faster)", speeds
    yield "Stages of a row on one core: processor time of the filter's row = 1", stages
    yield "Cache: the same rows without / with --cache, by the clock", bench.cached(rounds)
    yield "Start: processor time of `python -c pass` = 1", bench.starts(starts)
    if formats:
        yield "Memory: peaks in MB", bench.memory(formats)


def named(heading: str, figures: Table) -> dict[str, Spread]:
    """Give the figures of a table each a name of its own."""
    return {f"{heading}: {name}: {column}": one for name, held in figures.items() for column, one in held.items()}


def main() -> int:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000, help="rows of one round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; medians are printed (default: %(default)s)")
    parser.add_argument("--starts", type=int, default=15, help="how often the start is timed (default: %(default)s)")
    formats = ["jsonl", "parquet"]
    parser.add_argument("--memory", nargs="*", default=formats, help="formats it is measured in (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="do little of everything, to see that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="store the figures")
    parser.add_argument("--compare", type=Path, nargs=2, metavar=("OLD", "NEW"), help="compare stored figures instead")
    options = parser.parse_args()
    if options.compare:
        compare(*options.compare)
        return 0
    if options.quick:
        options.rows, options.rounds, options.starts, options.memory = 12, 1, 1, ["jsonl"]
    stored: dict[str, Spread] = {}
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), options.rows, WAYS[:: len(WAYS) - 1 or 1] if options.quick else WAYS)
        about = {"rows": options.rows, "rounds": options.rounds, "python": platform.python_version()}
        about |= {"guidex-schema": version("guidex-schema"), "cores": len(bench.cores)}
        print(", ".join(f"{what} {number}" for what, number in about.items()), end="\n\n")
        for title, figures in measured(bench, options.rounds, options.starts, options.memory):
            show(title, figures)
            stored |= named(title.partition(":")[0], figures)
    for one in bench.wrong:
        print(f"wrong: {one}")
    print(f"{bench.judged:,} reports of {bench.known:,} known faults, {len(bench.wrong)} wrong")
    if options.json:
        store(options.json, stored, about)
    return 1 if bench.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
