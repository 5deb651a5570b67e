"""Datasets of any size take as much memory as small ones."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import GUIDEX

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it asks Linux for the memory of a process"),
]

ROWS = int(os.environ.get("GUIDEX_SOAK_ROWS", "20000"))
# Caches and ledgers fill, which are bounded, and an allocator keeps a little of what it gave back.
GROWTH = 1.25

GUIDELINES = '''from dataclasses import dataclass


@dataclass
class Vessel{number}(Entity):
    """A ship that the logbook of harbour {number} names, whether it sails, waits or was lost."""

    mention: str  # The name as the logbook has it, without rank or title
    berth: int = 0  # The number of the berth where it lies
'''


def lines(count: int) -> Iterator[str]:
    """Give rows that differ in their documents; one in a hundred is faulty, one in a thousand no row."""
    for number in range(count):
        if number % 1000 == 999:
            yield "{broken\n"
            continue
        name = f"Petrel-{number * 7919 % 1_000_003}" if number % 100 else "Halcyon"
        row = {
            "id": f"row-{number}",
            "guidelines": GUIDELINES.format(number=number % 20),
            "labels": f'[Vessel{number % 20}(mention="{name}", berth={number})]',
            "document": f"At dawn the Petrel-{number * 7919 % 1_000_003} made fast at berth {number} of the old mole.",
        }
        yield json.dumps(row) + "\n"


# A process begins with the most memory that the one had which started it, so the command is started by a small one.
MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


def peak(folder: Path, count: int, *arguments: str) -> int:
    """Give the most memory in KiB that the command, or the jail that it starts, ever had."""
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as rows:
        rows.writelines(lines(count))
    measured = [sys.executable, "-c", MEASURE, *GUIDEX, *arguments]
    done = subprocess.run(measured, cwd=folder, capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
    code, most = map(int, done.stdout.split())
    assert code == (1 if arguments[0] == "check" else 0), done.stderr
    return most


def counted(path: Path) -> int:
    """Count the lines of a file."""
    with path.open("rb") as file:
        return sum(1 for _ in file)


def flat(folder: Path, *arguments: str, rows: int = ROWS) -> None:
    """Assert that ten times the rows take hardly more memory."""
    small = peak(folder, rows // 10, *arguments)
    large = peak(folder, rows, *arguments)
    assert large < small * GROWTH, f"{small:,} KiB for {rows // 10:,} rows, {large:,} KiB for {rows:,}"


def test_check_takes_the_memory_of_a_small_dataset(tmp_path: Path) -> None:
    flat(tmp_path, "check", "rows.jsonl", "--output-format", "json-lines", "--output-file", "findings.jsonl")
    with (tmp_path / "findings.jsonl").open(encoding="utf-8") as findings:
        found = Counter(json.loads(line)["code"] for line in findings)
    assert found["GX301"] == ROWS // 100
    assert found["GX002"] == ROWS // 1000


def test_filter_takes_the_memory_of_a_small_dataset(tmp_path: Path) -> None:
    flat(tmp_path, "filter", "rows.jsonl", "-o", "kept.jsonl", "--rejected", "rejected.jsonl")
    rejected = ROWS // 100 + ROWS // 1000
    assert counted(tmp_path / "rejected.jsonl") == rejected
    assert counted(tmp_path / "kept.jsonl") == ROWS - rejected


def test_stats_and_convert_take_the_memory_of_a_small_dataset(tmp_path: Path) -> None:
    flat(tmp_path, "stats", "rows.jsonl", "--output-format", "json")
    # Arrow has buffers of a fixed size, which a few thousand rows do not fill.
    flat(tmp_path, "convert", "rows.jsonl", "-o", "rows.parquet", rows=5 * ROWS)
