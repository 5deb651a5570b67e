"""The cache: what is remembered of rows is what checking them anew would say, or it is not remembered."""

import json
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command import Folder
from guidex_schema import cache, resources
from guidex_schema.cache import Cache, digest_of, key_of
from guidex_schema.datasets import COLUMNS, shard
from guidex_schema.datasets.jsonl import Line
from guidex_schema.datasets.shard import Shard, lines_in, read_shard, row_in
from guidex_schema.diagnostic import Severity
from guidex_schema.isolation import Isolation
from guidex_schema.rule import default_rules
from guidex_schema.thresholds import THRESHOLDS, Thresholds
from guidex_schema.work import Judging
from guidex_schema.works import remembering
from guidex_schema.works.check import Checked, Found, PieceRead
from guidex_schema.works.remembered import dumped

GUIDELINES = (
    "from dataclasses import dataclass\n\n@dataclass\nclass Person:\n"
    '    """A person that the text names."""\n    mention: str  # the name as it is written\n'
)
ROWS: list[dict[str, object]] = [
    {"guidelines": GUIDELINES, "labels": '[Person("Ada")]', "document": "Ada wrote of the engine."},
    {"guidelines": GUIDELINES, "labels": '[Person("Grace")]', "document": "Ada wrote of the engine."},
    {"guidelines": GUIDELINES, "labels": "[Alien()]", "document": "Ada wrote of it, too.", "id": "a"},
    {"guidelines": GUIDELINES, "labels": '[Person("\\ud800")', "document": None},
    {"labels": "[]"},
]
LINES = b"\xef\xbb\xbf" + b"".join(json.dumps(row).encode() + b"\n" for row in ROWS) + b"{\n\n[]\n"
RULES = tuple(rule.name for rule in default_rules("row"))


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of caches that stands apart from what is checked."""
    folder = tmp_path.parent / f"{tmp_path.name}-caches"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder / "guidex"


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the rows that are read and checked."""
    counts: list[int] = []
    original = shard.row_in

    def row_in(*arguments: Any) -> Any:
        counts.append(1)
        return original(*arguments)

    monkeypatch.setattr(remembering, "row_in", row_in)
    return counts


def checked(folder: Folder, *arguments: str) -> str:
    done = folder.run("check", "rows.jsonl", "--output-format", "json", *arguments)
    assert done.returncode == 1
    assert "passed over" not in done.stderr
    return done.stdout


def test_what_is_remembered_is_what_was_found(folder: Folder, caches: Path, judged: list[int]) -> None:
    (folder.path / "rows.jsonl").write_bytes(LINES)
    plain = checked(folder)
    assert not caches.exists()
    assert checked(folder, "--cache") == plain
    assert len(judged) == 7
    judged.clear()
    assert checked(folder, "--cache") == plain
    assert not judged
    # Where the file is another, those that are no record are read again.
    (folder.path / "rows.jsonl").write_bytes(LINES + json.dumps(ROWS[0]).encode() + b"\n")
    assert checked(folder, "--cache") == checked(folder)
    assert len(judged) == 3
    (folder.path / "rows.jsonl").write_bytes(LINES)
    assert checked(folder, "--no-cache") == plain


def test_rows_are_known_wherever_they_stand(folder: Folder, caches: Path, judged: list[int]) -> None:
    lines = [json.dumps(row) + "\n" for row in ROWS[:3]]
    folder.write("rows.jsonl", *lines)
    checked(folder, "--cache")
    judged.clear()
    folder.write("rows.jsonl", "\n", lines[2], lines[0], json.dumps(ROWS[0] | {"id": "new"}) + "\n", lines[1])
    remembered = checked(folder, "--cache")
    assert len(judged) == 1
    assert remembered == checked(folder)


def test_full_reports_show_the_sources_of_what_is_remembered(folder: Folder, caches: Path) -> None:
    (folder.path / "rows.jsonl").write_bytes(LINES)
    plain = folder.run("check", "rows.jsonl")
    for _ in range(2):
        assert folder.run("check", "rows.jsonl", "--cache") == plain


def test_settings_may_ask_for_it(folder: Folder, caches: Path) -> None:
    folder.write("guidex.toml", "cache = true\n")
    (folder.path / "rows.jsonl").write_bytes(LINES)
    checked(folder, "--no-cache")
    assert not caches.exists()
    checked(folder)
    assert caches.exists()


JUDGING = Judging(RULES)
ISOLATION = Isolation(layers=("process", "landlock", "seccomp"))


@pytest.mark.parametrize(
    "changed",
    [
        Judging(RULES[1:]),
        Judging(RULES, severities={"undefined-class": Severity.INFO}),
        Judging(RULES, columns=COLUMNS.model_copy(update={"labels": "annotations"})),
        Judging(RULES, abstractive=("*.role",)),
        Judging(RULES, thresholds=THRESHOLDS.model_copy(update={next(iter(Thresholds.model_fields)): 0.123})),
        Judging(RULES, origin="file"),
        Judging(RULES, demand="strict"),
        Judging(RULES, mode="fork-per-row"),
        Judging(RULES, accelerate=False),
    ],
    ids=lambda one: next(name for name in vars(one) if getattr(one, name) != getattr(JUDGING, name)),
)
def test_every_way_of_judging_has_keys_of_its_own(changed: Judging) -> None:
    assert digest_of(changed, ISOLATION, "train", False) != digest_of(JUDGING, ISOLATION, "train", False)


def test_every_part_of_a_key_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest_of(JUDGING, ISOLATION, "train", False)
    assert before == digest_of(JUDGING, ISOLATION, "train", False)
    found = {before}
    for other in (
        (JUDGING, Isolation(layers=("process",)), "train", False),
        (JUDGING, ISOLATION, "test", False),
        (JUDGING, ISOLATION, "train", True),
    ):
        found.add(digest_of(*other))
    for name, value in (("_version", lambda _: "0"), ("_code", lambda: "another")):
        with monkeypatch.context() as patched:
            cache.program.cache_clear()
            patched.setattr(cache, name, value)
            found.add(digest_of(JUDGING, ISOLATION, "train", False))
    with monkeypatch.context() as patched:
        cache.program.cache_clear()
        patched.setattr(sys, "version", "3.99")
        found.add(digest_of(JUDGING, ISOLATION, "train", False))
    cache.program.cache_clear()
    assert len(found) == 7
    assert key_of(before, b"{}\n") != key_of(before, b"{} \n")
    assert len({key_of(one, b"{}\n") for one in found}) == 7


def test_the_code_is_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("a")
    monkeypatch.setattr(resources, "folder", lambda _: tmp_path)
    before = cache._code()
    (tmp_path / "a.py").write_text("b")
    assert cache._code() != before


def test_a_row_is_checked_anew_when_a_setting_changes(folder: Folder, caches: Path, judged: list[int]) -> None:
    folder.write("rows.jsonl", *ROWS[:3])
    checked(folder, "--cache")
    for arguments in (["--ignore", "GX201"], ["--no-lint"], ["--worker", "fork-per-row"], ["--no-accelerate"]):
        judged.clear()
        assert checked(folder, "--cache", *arguments) == checked(folder, *arguments)
        assert len(judged) == 3


def work(folder: Path, results: list[Checked]) -> Iterator[Found]:
    line = Shard("rows.jsonl", "lines", data=json.dumps(ROWS[0]).encode() + b"\n")
    with Cache(folder) as opened:
        judge = remembering.Remembering(
            lambda rows: (_checked(row, results) for row in rows), JUDGING, ISOLATION, opened
        )
        yield from judge.results(line)


def _checked(row: Any, results: list[Checked]) -> Checked:
    from guidex_schema.works.check import failed_check

    results.append(failed_check(row, "the worker process was ended by SIGKILL"))
    return results[-1]


def test_what_depends_on_the_moment_is_not_remembered(tmp_path: Path) -> None:
    results: list[Checked] = []
    for _ in range(2):
        assert list(work(tmp_path, results)) == [results[-1], PieceRead(None, 1)]
    assert len(results) == 2
    for name in ("time-limit", "memory-limit", "output-limit", "jail-died", "rule-failed"):
        (found,) = results[0].report.diagnostics
        report = results[0].report.model_copy(update={"diagnostics": (found.model_copy(update={"name": name}),)})
        assert dumped(results[0]._replace(report=report)) is None
    assert dumped(results[0]._replace(report=report.model_copy(update={"diagnostics": ()}))) is not None


@settings(max_examples=30)
@given(st.data())
def test_a_damaged_cache_gives_nothing_or_what_was_kept(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    kept = {bytes([number]) * 16: bytes([number]) * 50 for number in range(40)}
    with Cache(folder) as one:
        one.keep(kept)
    path = folder / "rows.sqlite"
    content = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=20)):
        content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content[: data.draw(st.sampled_from((len(content), len(content) // 2)))])
    with Cache(folder) as one:
        assert one.found(kept).items() <= kept.items()
        one.keep(kept)


def of_another(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE other (a)")
    file.close()


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"no database" * 100), of_another, Path.mkdir])
def test_what_is_no_cache_is_passed_over_with_a_line(folder: Folder, caches: Path, spoil: Any) -> None:
    (folder.path / "rows.jsonl").write_bytes(LINES)
    plain = checked(folder)
    caches.mkdir(parents=True)
    spoil(caches / "rows.sqlite")
    done = folder.run("check", "rows.jsonl", "--output-format", "json", "--cache")
    assert done.stdout == plain
    (told,) = [line for line in done.stderr.splitlines() if "passed over" in line]
    assert told.startswith(f"guidex: the cache {caches / 'rows.sqlite'} is passed over: ")


def test_a_cache_that_another_run_holds_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_PATIENCE_SECONDS", 0.05)
    with Cache(tmp_path) as one, Cache(tmp_path) as other:
        one.keep({b"a" * 16: b"1"})
        assert other.found([b"a" * 16]) == {b"a" * 16: b"1"}
        other.keep({b"a" * 16: b"2"})
        assert one.found([b"a" * 16]) == {b"a" * 16: b"2"}
    holder = sqlite3.connect(tmp_path / "rows.sqlite")
    holder.execute("BEGIN EXCLUSIVE")
    with Cache(tmp_path) as one:
        assert "locked" in one.trouble
        one.keep({b"b" * 16: b"1"})
        assert one.found([b"a" * 16]) == {}
    holder.close()


def test_whoever_opens_a_new_cache_together_can_use_it(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def trouble(folder: Path, number: int) -> str:
        together.wait(30)
        with Cache(folder) as one:
            one.keep({b"%016d" % number: b"1"})
            return one.trouble

    with ThreadPoolExecutor(4) as threads:
        for attempt in range(40):
            folder = tmp_path / str(attempt)
            assert list(threads.map(partial(trouble, folder), range(4))) == [""] * 4
            with Cache(folder) as one:
                assert len(one.found(b"%016d" % number for number in range(4))) == 4


def test_a_cache_stays_within_its_size(tmp_path: Path) -> None:
    for number in range(6):
        with Cache(tmp_path, size=200_000) as one:
            one._day += number
            one.keep({b"%d-%013d" % (number, at): os.urandom(1_000) for at in range(100)})
        assert (tmp_path / "rows.sqlite").stat().st_size < 300_000
    with Cache(tmp_path, size=200_000) as one:
        found = one.found(b"%d-%013d" % (number, at) for number in range(6) for at in range(100))
        assert {key[:1] for key in found} >= {b"5"}
        assert not [key for key in found if key.startswith(b"0")]


def test_a_full_disk_costs_no_verdict(folder: Folder, caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("rows.jsonl", *({**ROWS[1], "document": f"Ada wrote of {number} engines."} for number in range(60)))
    plain = checked(folder)
    original = cache._opened

    def opened(path: Path) -> sqlite3.Connection:
        file = original(path)
        # SQLite says the same of it as of a disk that is full.
        file.execute("PRAGMA max_page_count = 1")
        return file

    with monkeypatch.context() as patched:
        patched.setattr(cache, "_opened", opened)
        done = folder.run("check", "rows.jsonl", "--output-format", "json", "--cache")
    assert done.stdout == plain
    assert done.stderr.count("is passed over: database or disk is full") == 1
    assert checked(folder, "--cache") == plain


def test_without_a_home_the_cache_is_passed_over(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    (folder.path / "rows.jsonl").write_bytes(LINES)
    plain = checked(folder)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", home)
    done = folder.run("check", "rows.jsonl", "--output-format", "json", "--cache")
    assert done.stdout == plain
    assert done.stderr.startswith("guidex: the cache is passed over: Could not determine home directory. Set HOME\n")


def test_a_cache_among_what_is_checked_is_passed_over(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.path / "cache"))
    (folder.path / "rows.jsonl").write_bytes(LINES)
    done = folder.run("check", "rows.jsonl", "--cache", "-q")
    assert "stands among what is checked or below the working folder" in done.stderr
    assert not (folder.path / "cache").exists()


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/caches"}, "/caches/guidex"),
        ("linux", {"XDG_CACHE_HOME": "caches"}, "~/.cache/guidex"),
        ("linux", {}, "~/.cache/guidex"),
        ("darwin", {"XDG_CACHE_HOME": "/caches"}, "~/Library/Caches/guidex"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/guidex/Cache"),
        ("win32", {}, "~/AppData/Local/guidex/Cache"),
    ],
)
def test_the_folder_is_where_the_system_has_it(
    platform: str, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert cache.user_folder(environment) == Path(expected).expanduser()


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_lines_are_those_of_the_rows(contents: list[bytes]) -> None:
    one = Shard("rows.jsonl", "lines", "train", data=b"\n".join(contents))
    found = [row_in(one, line, COLUMNS) if isinstance(line, Line) else line for line in lines_in(one)]
    assert found == list(read_shard(one, COLUMNS))
