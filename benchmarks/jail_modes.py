"""What isolation costs a row: locked beside unlocked, one process for all rows beside one for each, as ratios.

All configurations answer the same rows in turns within one run. Locked is the jailed program as it is; unlocked is the
same program with no layer of isolation closed.
"""

import argparse
import json
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, get_args

from guidex_schema import Worker, resources
from guidex_schema.worker import Mode

INSTANCES = 10

# Read labels as the jailed program does, with every door left open.
UNLOCKED = """
import os, sys
sys.path[:0] = [{sandbox!r}]
sys.path.append(sys.argv[1])
import reading, service
reading.warm_up()
serve = service.serve_forked if sys.argv[2] == "fork-per-row" else service.serve_persistent
serve(reading.answer, service.claim_pipes(), layers=())
os._exit(0)
"""


class Configuration(NamedTuple):
    """One way to run labels."""

    mode: Mode
    locked: bool

    def __str__(self) -> str:
        return f"{self.mode}, {'locked' if self.locked else 'unlocked'}"


def request(number: int) -> dict[str, object]:
    """Make up a row of ten instances that is like no other."""
    items = [f'Person(mention="Person {number}-{one}", role="writer", year={1800 + one})' for one in range(INSTANCES)]
    return {"source": f"[{', '.join(items)}]", "classes": ["Person"], "enums": []}


def seconds(worker: Worker, requests: list[dict[str, object]]) -> float:
    """Give the seconds that a worker takes for rows, all of which it has to read."""
    began = time.perf_counter()
    for one in requests:
        reply = worker.request(one)
        if reply.content is None or reply.content["status"] != "ok":
            raise SystemExit(f"a row was not read: {reply}")
    return time.perf_counter() - began


def main() -> None:
    """Print a line for each configuration and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200, help="rows in a round")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    configurations = [Configuration(mode, locked) for mode in get_args(Mode) for locked in (True, False)]
    times: dict[Configuration, list[float]] = {one: [] for one in configurations}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "__main__.py").write_text(UNLOCKED.format(sandbox=str(resources.folder("sandbox"))), "utf-8")
        workers = {
            one: stack.enter_context(Worker(None if one.locked else folder, mode=one.mode)) for one in configurations
        }
        levels = {str(one): workers[one].isolation.level for one in configurations}
        for round_number in range(options.rounds + 1):
            rows = [request(round_number * options.rows + number) for number in range(options.rows)]
            # Whoever goes first in one round goes last in the next; the first round warms up.
            for one in configurations if round_number % 2 else reversed(configurations):
                taken = seconds(workers[one], rows)
                if round_number:
                    times[one].append(taken / options.rows)
    print("levels:", json.dumps(levels))
    for one in configurations:
        print(f"{one!s:24} {statistics.median(times[one]) * 1000:7.3f} ms a row")
    for mode in get_args(Mode):
        print(f"{mode}: locked / unlocked {ratio(times, Configuration(mode, True), Configuration(mode, False))}")
    both = Configuration("fork-per-row", True), Configuration("persistent", True)
    print(f"locked: fork-per-row / persistent {ratio(times, *both)}")


def ratio(times: dict[Configuration, list[float]], above: Configuration, below: Configuration) -> str:
    """Give the median of the rounds' ratios, and between what the middle half of them lies."""
    low, middle, high = statistics.quantiles(
        [one / other for one, other in zip(times[above], times[below], strict=True)], n=4
    )
    return f"{middle:.3f} (middle half {low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
