"""Whoever reads the rows and by whatever way, the commands say and write the same, byte by byte."""

import json
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

import corpus
from command import ENVIRONMENT, GUIDEX

ROOT = Path(__file__).parent.parent
FIXTURES = ("datasets/native", "datasets/broken", "datasets/guidex", "datasets/json", "attacks")
# Rows that stand beside a checkout only, and where they are put.
SHARED = ROOT.parent / "shared" / "data"
REAL = {"guidex/rows.jsonl": "datasets/real.jsonl"}
ATTACKS = {"attacks/public.jsonl": "attacks/public.jsonl"}
# Of a corpus row there are some 15 KB, so that even a few are read by several processes.
ROWS = 30
MANY_ROWS = 200
SECONDS = 240

COMMANDS = {
    "check": ("check", "--output-format", "json-lines", "--statistics", "--output-file", "out/report.jsonl"),
    "check in full": ("check",),
    "filter": ("filter", "-o", "out/kept.jsonl", "--rejected", "out/rejected.jsonl", "--drop", "instance", "--fix"),
    "ground": ("ground",),
    "report": ("report", "-o", "out/page.html", "--limit", "40"),
    "stats": ("stats", "--output-format", "json", "-o", "out/stats.json"),
}
# One process reads, by the shorter ways, and remembers nothing; all others are held to it.
PLAIN = ("--jobs", "1")
WAYS = (("--jobs", "2"), ("--jobs", "3", "--no-accelerate"))
FURTHER_WAYS = (("--jobs", "3"), ("--jobs", "1", "--no-accelerate"))
# What the first remembers the others know.
REMEMBERING = (("--jobs", "2", "--cache"), ("--jobs", "3", "--cache"), ("--jobs", "1", "--cache"))


class Came(NamedTuple):
    """What a run came to.

    Attributes:
        written: the files that it wrote, by their names.
    """

    returncode: int
    stdout: bytes
    stderr: bytes
    written: dict[str, bytes]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with data of every kind, and a generated corpus that is read first."""
    return with_data(tmp_path_factory.mktemp("few"), ROWS, REAL)


def with_data(folder: Path, rows: int, shared: dict[str, str]) -> Path:
    """Put data into an empty folder; all that is known to be wrong with any stands in it."""
    (folder / "data").mkdir()
    lines = (json.dumps(one.columns(), ensure_ascii=False) + "\n" for one in corpus.rows(7, rows))
    (folder / "data" / "corpus.jsonl").write_text("".join(lines), encoding="utf-8")
    for name in FIXTURES:
        shutil.copytree(ROOT / "fixtures" / name, folder / "data" / name)
    for source, name in shared.items():
        if (SHARED / source).exists():
            shutil.copy(SHARED / source, folder / "data" / name)
    return folder


def cache_of(folder: Path) -> Path:
    """Give the folder of caches, which has to stand apart from what is checked."""
    return folder.parent / f"{folder.name}-caches"


def came(folder: Path, name: str, way: tuple[str, ...]) -> Came:
    """Run a command one way, and see to it that as many processes read rows as were asked for."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "out").mkdir()
    with (folder / "said").open("w+b") as said, (folder / "told").open("w+b") as told:
        command = [*GUIDEX, *COMMANDS[name], "data/corpus.jsonl", "data/datasets", "data/attacks", *way]
        environment = ENVIRONMENT | {"XDG_CACHE_HOME": str(cache_of(folder))}
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=told
        )
        children = most_children(process)
        said.seek(0)
        told.seek(0)
        written = {one.name: one.read_bytes() for one in sorted((folder / "out").iterdir())}
        found = Came(process.returncode, said.read(), told.read(), written)
    assert b"Traceback (most" not in found.stderr, found.stderr
    jobs = int(way[way.index("--jobs") + 1])
    # The child of one process that reads alone is its jail.
    assert children is None or children >= jobs, (name, way)
    return found


def most_children(process: "subprocess.Popen[bytes]") -> int | None:
    """Wait for the end of a process, and give how many it had started at once; None where that cannot be seen."""
    most = 0
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + SECONDS
    while process.poll() is None:
        assert time.monotonic() < deadline
        with suppress(OSError):
            most = max(most, len(listed.read_bytes().split()))
        time.sleep(0.01)
    return most if sys.platform.startswith("linux") else None


def assert_same(folder: Path, name: str, ways: tuple[tuple[str, ...], ...]) -> Came:
    """Hold every way to the plain one."""
    plain = came(folder, name, PLAIN)
    for way in ways:
        assert came(folder, name, way) == plain, way
    return plain


@pytest.mark.parametrize("name", ["filter", "ground", "report", "stats"])
def test_every_way_says_and_writes_the_same(few: Path, name: str) -> None:
    found = assert_same(few, name, WAYS)
    assert found.returncode in (0, 1)
    assert len(found.stdout + b"".join(found.written.values())) > 10_000


def test_what_is_checked_is_the_same_with_a_cache_too(few: Path) -> None:
    assert not cache_of(few).exists()
    found = assert_same(few, "check", WAYS + REMEMBERING[:2])
    assert found.written["report.jsonl"].count(b"\n") > 100
    assert any(one.stat().st_size > 10_000 for one in (cache_of(few) / "guidex").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"check"}))
def test_every_way_says_and_writes_the_same_of_many_rows(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = with_data(tmp_path_factory.mktemp("many"), MANY_ROWS, REAL | ATTACKS)
    remembering = REMEMBERING if name.startswith("check") else ()
    found = assert_same(folder, name, WAYS + FURTHER_WAYS + remembering)
    assert found.returncode in (0, 1)
    assert len(found.stdout + b"".join(found.written.values())) > 50_000
