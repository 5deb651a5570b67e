"""Thousands of rows, and one in a hundred kills what reads it: every other row is judged as if those were not there."""

import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

from guidex_schema.execution import Execution, execute, execute_all
from guidex_schema.guideline import parse_guideline
from guidex_schema.instance import Record
from guidex_schema.validation import Validator
from guidex_schema.worker import Mode, Trouble, Worker

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc")

SANDBOX = Path(__file__).parent.parent.parent / "sandbox"
MODES: tuple[Mode, ...] = ("persistent", "fork-per-row")
GUIDELINES = '''@dataclass
class Person(Entity):
    """A person."""

    mention: str  # The name
    friends: list[str] = None  # Who they know


@dataclass
class Event(Entity):
    """What happened."""

    people: list[Person]  # Who was there
    year: int = None  # When it was
'''
SCHEMA = parse_guideline(GUIDELINES).schema
WALL_SECONDS = 0.6
# What a killed worker takes to be replaced on a machine that others use, too; a quiet one needs a tenth.
START_SECONDS = 1.0
ROW_SECONDS = 0.03

# What each killer is given up for, and the code that says so.
KILLERS: dict[str, tuple[Trouble, str]] = {
    "memory": ("memory-limit", "GX403"),
    "spin": ("time-limit", "GX402"),
    "crash": ("jail-died", "GX405"),
    "exit": ("jail-died", "GX405"),
    "flood": ("output-limit", "GX404"),
}
# The real program with a hole that only these rows know of.
PROGRAM = f"""
import ctypes, os, sys
sys.path[:0] = [{str(SANDBOX)!r}, sys.argv[1]]
import policy, reading, service
reading.warm_up()
honest = policy.read
def read(source, classes, enums):
    hoard = []
    while "killer: memory" in source:
        # Some of it is really written; a slow machine would take its time over all of it.
        hoard.append(b"x" * (1 << 20 if len(hoard) < 64 else 1 << 30))
    while "killer: spin" in source:
        pass
    if "killer: crash" in source:
        ctypes.string_at(0)
    if "killer: exit" in source:
        os._exit(3)
    if "killer: flood" in source:
        return {{"status": "ok", "result": "x" * 5_000_000}}
    return honest(source, classes, enums)
policy.read = read
host = service.claim_pipes()
serve = {{"persistent": service.serve_persistent, "fork-per-row": service.serve_forked}}[sys.argv[2]]
serve(reading.answer, host)
os._exit(0)
"""

MIB = 1024 * 1024


class Rows(NamedTuple):
    """Rows in their order; where there is a killer, its kind."""

    records: list[Record]
    killers: dict[int, str]


def rows(count: int, deadly: int, seed: int = 11) -> Rows:
    """Make rows of which most are good and some are refused, with killers of all kinds strewn among them."""
    chosen = random.Random(seed)
    places = chosen.sample(range(count), deadly)
    killers = {place: list(KILLERS)[index % len(KILLERS)] for index, place in enumerate(places)}
    records = []
    for index in range(count):
        name = f"person {chosen.randrange(10**6)}"
        labels = chosen.choice(
            [
                f'[Person(mention="{name}")]',
                f'[Person(mention="{name}", friends=["a", "b", {index}])]',
                f'ada = Person("{name}")\n[Event(people=[ada, ada], year={index}), ada]',
                "[" + ", ".join(f'Person(mention="{name} {one}")' for one in range(12)) + "]",
                f'[Person(mention="{name}"), Person(mention=open("{name}"))]',
                f'[Person(mention="{name}',
                "[]",
            ]
        )
        if index in killers:
            labels = f'[Person(mention="killer: {killers[index]}")]'
        records.append(Record(guidelines=GUIDELINES, labels=labels, document=name))
    return Rows(records, killers)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killers")
    (folder / "__main__.py").write_text(PROGRAM, "utf-8")
    return folder


def resident(process: int | None) -> int:
    """Give how much memory a process has by now; 0 where there is none."""
    try:
        text = Path(f"/proc/{process}/statm").read_text("utf-8")
    except OSError:
        return 0
    return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Sizes:
    """How large the host and the process that it talks to are, row by row."""

    def __init__(self) -> None:
        self.host: list[int] = []
        self.jailed: list[int] = []

    def sample(self, worker: Worker) -> None:
        self.host.append(resident(os.getpid()))
        process = worker._process
        size = 0 if process is None else resident(process.pid)
        if size:
            self.jailed.append(size)

    def require_flat(self) -> None:
        """See that neither grows: the last quarter is as the one before."""
        for sizes, slack in ((self.host, 4 * MIB), (self.jailed, 2 * MIB)):
            quarter = len(sizes) // 4
            assert quarter > 10
            assert median(sizes[-quarter:]) <= median(sizes[-2 * quarter : -quarter]) + slack
        assert max(self.jailed) < 128 * MIB


def run_through(program: Path, mode: Mode, made: Rows, calm_mode: Mode) -> None:
    """Judge all rows with and without their killers; everything that must be equal, flat or bounded is."""
    expected: list[Execution | None] = []
    calm, troubled = Sizes(), Sizes()
    with Worker(mode=calm_mode) as worker:
        for index, record in enumerate(made.records):
            is_killer = index in made.killers
            expected.append(None if is_killer else execute(record, SCHEMA, worker, accelerate=False))
            calm.sample(worker)
    began = time.monotonic()
    with Worker(program, mode=mode, wall_seconds=WALL_SECONDS) as worker:
        for index, record in enumerate(made.records):
            found = execute(record, SCHEMA, worker, accelerate=False)
            if index in made.killers:
                assert [fault.rule for fault in found.faults] == [KILLERS[made.killers[index]][0]]
                assert found.value is None
            else:
                assert found == expected[index], record.labels
            troubled.sample(worker)
    took = time.monotonic() - began
    assert took < len(made.killers) * 2 * (WALL_SECONDS + START_SECONDS) + len(made.records) * ROW_SECONDS
    # What is kept of the calm run lies in this process, so that only the size of the jailed one says something there.
    calm.host = calm.host[:1] * len(calm.host)
    calm.require_flat()
    troubled.require_flat()
    assert len({type(one) for one in expected}) == 2


@pytest.mark.parametrize("mode", MODES)
def test_hundreds_of_rows_with_killers_are_judged_as_without(mode: Mode, program: Path) -> None:
    run_through(program, mode, rows(300, 5), calm_mode=mode)


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_ten_thousand_rows_with_a_hundred_killers_are_judged_as_without(mode: Mode, program: Path) -> None:
    run_through(program, mode, rows(10_000, 100), calm_mode="persistent")


def test_killers_among_rows_that_travel_together_harm_nobody_else(program: Path) -> None:
    made = rows(50, 5, seed=3)
    with Worker() as worker:
        calm = [execute(record, SCHEMA, worker, accelerate=False) for record in made.records]
    with Worker(program, wall_seconds=WALL_SECONDS) as worker:
        pairs = [(record, SCHEMA) for record in made.records]
        found = [
            one
            for start in range(0, 50, 10)
            for one in execute_all(pairs[start : start + 10], worker, accelerate=False)
        ]
    for index, (one, expected) in enumerate(zip(found, calm, strict=True)):
        if index in made.killers:
            assert [fault.rule for fault in one.faults] == [KILLERS[made.killers[index]][0]]
        else:
            assert one == expected, made.records[index].labels


@pytest.fixture
def validators(program: Path) -> Iterator[dict[Mode, Validator]]:
    made: dict[Mode, Validator] = {
        mode: Validator(Worker(program, mode=mode, wall_seconds=WALL_SECONDS), accelerate=False) for mode in MODES
    }
    yield made
    for validator in made.values():
        validator.close()


@pytest.mark.parametrize("kind", KILLERS)
def test_a_killer_is_one_error_of_its_kind_in_both_modes(kind: str, validators: dict[Mode, Validator]) -> None:
    deadly = Record(guidelines=GUIDELINES, labels=f'[Person(mention="killer: {kind}")]', document=f"killer: {kind}")
    honest = Record(guidelines=GUIDELINES, labels='[Person(mention="Ada")]', document="Ada")
    for validator in validators.values():
        validation = validator.validate(deadly)
        assert [one.code for one in validation.diagnostics if one.code.startswith("GX4")] == [KILLERS[kind][1]]
        assert not validation.kept
        assert not validation.instances
        after = validator.validate(honest)
        assert not [one for one in after.diagnostics if one.code.startswith("GX4")]
        assert len(after.instances) == 1


def test_the_killers_are_one_in_a_hundred_and_of_every_kind() -> None:
    made = rows(10_000, 100)
    assert len(made.records) == 100 * len(made.killers) == 10_000
    assert {kind: list(made.killers.values()).count(kind) for kind in KILLERS} == dict.fromkeys(KILLERS, 20)
    assert all(f"killer: {kind}" in made.records[index].labels for index, kind in made.killers.items())
