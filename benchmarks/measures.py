"""What is measured of checking: speed beside the published filter, stages, memory, and how long the start takes."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import corpus
from figures import Spread, spread
from footprint import footprint
from timed_run import Taken
from verdicts import differences

HERE = Path(__file__).parent
GUIDEX = [sys.executable, "-m", "guidex_schema"]
# Byte code is kept, as it is wherever the package is installed.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
# Rows that are done once before anything is timed: among so many are some of everything that takes modules of its own.
WARM = 200
# Seeds below are those of the rounds.
WARM_SEED, MEMORY_SEED = 1_000_000, 2_000_000

Table = Mapping[str, Mapping[str, Spread]]


class Way(NamedTuple):
    """One way to check a file."""

    jobs: int
    accelerated: bool = True
    linting: bool = False

    def __str__(self) -> str:
        """Give its name."""
        workers = f"{self.jobs} worker{'s' if self.jobs > 1 else ''}"
        return f"{workers}, {'' if self.accelerated else 'no accelerators, '}lints {'on' if self.linting else 'off'}"

    @property
    def arguments(self) -> list[str]:
        """Give the options of the command."""
        return [
            "--jobs",
            str(self.jobs),
            *([] if self.accelerated else ["--no-accelerate"]),
            *([] if self.linting else ["--no-lint"]),
        ]


WAYS = [
    Way(jobs, accelerated, linting) for accelerated in (True, False) for jobs in (1, 2) for linting in (False, True)
]

# What is done to the rows so that stages can be told apart: each of those that judge does a little more.
PLAIN = ("GX0", "GX2", "GX4")
PASSES: dict[str, list[str]] = {
    "read": ["read"],
    "parse": ["parse"],
    "jail": ["jail"],
    "execute": ["execute"],
    "plain": ["judge", *PLAIN],
    "grounded": ["judge", *PLAIN, "GX3"],
    "compared": ["judge", *PLAIN, "GX3", "GX5"],
    "linted": ["judge", *PLAIN, "GX3", "GX5", "GX1"],
}


def stages(taken: Mapping[str, Taken], checked: Taken) -> dict[str, float]:
    """Give the processor seconds of each stage, from passes that do a little more each time."""
    before_rules = taken["read"].own + taken["parse"].own + taken["execute"].own
    return {
        "reading": taken["read"].own,
        "guidelines": taken["parse"].own,
        "labels, host": taken["execute"].own,
        "labels, jail": taken["execute"].children - taken["jail"].children,
        "rules, report": taken["plain"].own - before_rules,
        "grounding": taken["grounded"].own - taken["plain"].own,
        "dataset rules": taken["compared"].own - taken["grounded"].own,
        "writing": checked.own - taken["compared"].own,
        "all of these": checked.own + taken["execute"].children - taken["jail"].children,
        "start of the jail": taken["jail"].own + taken["jail"].children,
        "lints": taken["linted"].own - taken["compared"].own,
    }


class Bench:
    """Measure in a folder.

    Args:
        folder: holds datasets and reports while it is measured.
        rows: of one round.
        ways: how files are checked.

    Attributes:
        cores: what this program may run on.
        wrong: what reports said that is not known, or did not say that is.
        judged: how many reports were held to what is known.
        known: how many faults they had to name.
    """

    def __init__(self, folder: Path, rows: int, ways: Sequence[Way]) -> None:
        self.folder = folder
        self.rows = rows
        self.ways = ways
        self.cores = sorted(os.sched_getaffinity(0))
        self.wrong: list[str] = []
        self.judged = self.known = 0
        self.warm, _ = self.dataset("warm.jsonl", WARM_SEED, min(WARM, rows))

    def dataset(self, name: str, seed: int, count: int) -> tuple[Path, list[corpus.Row]]:
        """Write a corpus."""
        made = list(corpus.rows(seed, count))
        corpus.write(self.folder / name, [row.columns() for row in made])
        return self.folder / name, made

    def judge(self, who: str, findings: Path, rows: list[corpus.Row]) -> None:
        """Hold a report to what is known."""
        self.wrong += [f"{who}: {one}" for one in differences(findings, rows)]
        self.judged += 1
        self.known += sum(len(row.known) for row in rows)

    def run(self, jobs: int, work: str, rows: Path, output: Path, *arguments: str, cache: str = "") -> Taken:
        """Do something in a process of its own, on as many cores as it has workers."""
        cores = ",".join(map(str, self.cores[:jobs]))
        command = [sys.executable, str(HERE / "timed_run.py"), cores, work, str(self.warm), str(rows), str(output)]
        # What stands among what is checked is no cache.
        environment = ENVIRONMENT | ({"XDG_CACHE_HOME": cache} if cache else {})
        done = subprocess.run([*command, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return Taken(**json.loads(done.stdout))

    def speeds(self, rounds: int) -> tuple[Table, Table]:
        """Give how many times faster than the filter each way to check is, and what the stages cost."""
        ratios: dict[str, defaultdict[str, list[float]]] = {str(way): defaultdict(list) for way in self.ways}
        costs: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for number in range(rounds):
            taken = self.round(number)
            peer = taken["filter"]
            for way in map(str, self.ways):
                processor = taken[way].own + taken[way].children
                ratios[way]["by the clock"].append(peer.wall / taken[way].wall)
                ratios[way]["processor time"].append(peer.own / processor)
                ratios[way]["clock, ms"].append(1000 * taken[way].wall / self.rows)
                ratios[way]["processor, ms"].append(1000 * processor / self.rows)
            for stage, seconds in stages(taken, taken[str(self.ways[0])]).items():
                costs[stage]["share"].append(seconds / peer.own)
                costs[stage]["a row, ms"].append(1000 * seconds / self.rows)
            costs["published filter"]["share"].append(1)
            costs["published filter"]["a row, ms"].append(1000 * peer.own / self.rows)
        return _summed(ratios), _summed(costs)

    def round(self, number: int) -> dict[str, Taken]:
        """Time everything once, on fresh rows; who goes first in one round goes last in the next."""
        file, made = self.dataset("rows.jsonl", number, self.rows)
        works: dict[str, Callable[[], Taken]] = {
            "filter": partial(self.run, 1, "filter", file, self.folder / "kept.jsonl")
        }
        for way in self.ways:
            report = self.folder / f"{way}.jsonl"
            works[str(way)] = partial(self.run, way.jobs, "check", file, report, *way.arguments)
        for name, (work, *groups) in PASSES.items():
            works[name] = partial(self.run, 1, work, file, self.folder / "unused", *groups)
        names = list(works)[:: -1 if number % 2 else 1]
        taken = {name: works[name]() for name in names}
        reports: dict[bool, bytes] = {}
        for way in self.ways:
            report = self.folder / f"{way}.jsonl"
            self.judge(str(way), report, made)
            if report.read_bytes() != reports.setdefault(way.linting, report.read_bytes()):
                self.wrong.append(f"{way}: the report is another than that of the first way")
        return taken

    def memory(self, formats: Sequence[str] = ("jsonl", "parquet")) -> Table:
        """Give the peaks of memory on as many rows as a round has, and on four times as many."""
        figures: dict[str, dict[str, Spread]] = {}
        for suffix in formats:
            for jobs in sorted({way.jobs for way in self.ways}):
                peaks: dict[int, dict[str, float]] = {}
                for times in (1, 4):
                    file, made = self.dataset(f"{times}.{suffix}", MEMORY_SEED, times * self.rows)
                    report = self.folder / "report.jsonl"
                    told = ["--output-format", "json-lines", "--output-file", str(report)]
                    found = footprint("check", str(file), *told, *Way(jobs).arguments)
                    self.judge(f"{suffix}, {times} times the rows", report, made)
                    peaks[times] = {kind: peak for kind, peak in found._asdict().items() if peak}
                # A dataset of one piece is left to one process.
                both = [kind for kind in peaks[4] if kind in peaks[1]]
                figures[f"{suffix}, {Way(jobs)}"] = {
                    **{
                        f"{kind}, {times}x, MB": spread([peak])
                        for times in peaks
                        for kind, peak in peaks[times].items()
                    },
                    **{f"{kind}, growth": spread([peaks[4][kind] / peaks[1][kind]]) for kind in both},
                }
        return figures

    def cached(self, rounds: int) -> Table:
        """Give how many times faster a check is whose verdicts are in the cache, beside the same check without one."""
        ratios: dict[str, defaultdict[str, list[float]]] = {}
        for way in (Way(1), Way(1, linting=True)):
            held = ratios.setdefault(str(way), defaultdict(list))
            for number in range(rounds):
                file, made = self.dataset("rows.jsonl", number, self.rows)
                report = self.folder / "report.jsonl"
                # The first check but for the warm-up fills the cache, which the second finds.
                with tempfile.TemporaryDirectory() as folder:
                    seconds = [
                        self.run(1, "check", file, report, *way.arguments, *options, cache=folder).wall
                        for options in (["--no-cache"], ["--cache"], ["--cache"])
                    ]
                self.judge(f"{way}, cached", report, made)
                without, filling, full = seconds
                held["again"].append(without / full)
                held["filling it"].append(without / filling)
        return _summed(ratios)

    def starts(self, count: int) -> Table:
        """Give what it costs to start the command, in units of Python's own start."""
        row, _ = self.dataset("one.jsonl", WARM_SEED, 1)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "guidex --help": [*GUIDEX, "--help"],
            "guidex check of one row, lints off": [*GUIDEX, "check", str(row), "--exit-zero", *Way(1).arguments],
            "guidex check of one row": [*GUIDEX, "check", str(row), "--exit-zero", *Way(1, linting=True).arguments],
        }
        taken: dict[str, defaultdict[str, list[float]]] = {name: defaultdict(list) for name in commands}
        # The first turn writes what Python compiles, and finds the files in memory.
        for number in range(count + 1):
            seconds = {name: _seconds(command) for name, command in commands.items()}
            if number:
                for name, one in seconds.items():
                    taken[name]["ratio"].append(one / seconds["python -c pass"])
                    taken[name]["processor, ms"].append(1000 * one)
        return _summed(taken)


def _seconds(command: list[str]) -> float:
    """Give the processor seconds of a command and what it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _summed(rounds: Mapping[str, Mapping[str, list[float]]]) -> Table:
    return {name: {column: spread(figures) for column, figures in one.items()} for name, one in rounds.items()}
