"""Do one piece of work in a process of its own, after what it imports is there, and print what it took as JSON.

    python benchmarks/timed_run.py CORES WORK WARM ROWS OUTPUT [ARGUMENT...]

CORES are numbers with commas between them, WARM is a small dataset on which the work is done once before it is timed.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import published_filter
from guidex_schema.cli import app
from guidex_schema.collection import seldom
from guidex_schema.datasets import read_dataset
from guidex_schema.execution import execute_all
from guidex_schema.guideline import ROW_LIMITS, parse_guideline
from guidex_schema.instance import Record
from guidex_schema.rule import default_rules
from guidex_schema.validation import ROWS_AHEAD, Validator
from guidex_schema.worker import Worker


class Taken(NamedTuple):
    """Seconds: by the clock, of processor time of this process, and of those that it started."""

    wall: float
    own: float
    children: float


def filtered(rows: Path, output: Path) -> Callable[[], object]:
    """Do what the published filter does."""
    return lambda: published_filter.filter_file(rows, output)


def checked(rows: Path, output: Path, *arguments: str) -> Callable[[], object]:
    """Do what ``guidex check`` does."""
    command = ["check", str(rows), "--output-format", "json-lines", "--output-file", str(output), "--exit-zero"]
    return lambda: app([*command, "--quiet", *arguments], standalone_mode=False)


def read(rows: Path, _output: Path) -> Callable[[], object]:
    """Read the rows and nothing more."""

    def work() -> None:
        for _ in read_dataset(rows):
            pass

    return work


def parsed(rows: Path, _output: Path) -> Callable[[], object]:
    """Read the guidelines of all rows."""
    sources = [record.guidelines for record in records(rows)]

    def work() -> None:
        for source in sources:
            parse_guideline(source, limits=ROW_LIMITS)

    return work


def executed(rows: Path, _output: Path) -> Callable[[], object]:
    """Read the labels of all rows, whose guidelines have been read before; the jail is started and ended as well."""
    pairs = [(record, parse_guideline(record.guidelines, limits=ROW_LIMITS).schema) for record in records(rows)]

    def work() -> None:
        worker = Worker()
        for first in range(0, len(pairs), ROWS_AHEAD):
            execute_all(pairs[first : first + ROWS_AHEAD], worker)
        worker.close()

    return work


def jailed(_rows: Path, _output: Path) -> Callable[[], object]:
    """Start the jail and end it."""

    def work() -> None:
        worker = Worker()
        _ = worker.isolation
        worker.close()

    return work


def judged(rows: Path, _output: Path, *groups: str) -> Callable[[], object]:
    """Check all rows by the rules of some groups."""
    rules = [rule for rule in default_rules("row") if rule.code.startswith(groups)]

    def work() -> None:
        with Validator(rules=rules) as validator:
            for _ in validator.check_rows(read_dataset(rows)):
                pass

    return work


def records(rows: Path) -> list[Record]:
    """Give the records of a dataset."""
    return [row.record for row in read_dataset(rows) if row.record is not None]


WORKS: dict[str, Callable[..., Callable[[], object]]] = {
    "filter": filtered,
    "check": checked,
    "read": read,
    "parse": parsed,
    "execute": executed,
    "jail": jailed,
    "judge": judged,
}


def spent() -> Taken:
    """Give what was spent so far."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return Taken(time.perf_counter(), own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime)


def main() -> None:
    """Do the work twice, and print what the second time took."""
    cores, name, warm, rows, output, *arguments = sys.argv[1:]
    os.sched_setaffinity(0, set(map(int, cores.split(","))))
    # The filter keeps Python's own settings, as it has them; the command has those of ``collection`` for itself.
    with nullcontext() if name == "filter" else seldom():
        WORKS[name](Path(warm), Path(output), *arguments)()
        work = WORKS[name](Path(rows), Path(output), *arguments)
        before = spent()
        work()
    taken = Taken(*(after - start for after, start in zip(spent(), before, strict=True)))
    print(json.dumps(taken._asdict()))


if __name__ == "__main__":
    main()
