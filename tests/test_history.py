"""What was told of a dataset is told again as it is: never of another, in another place or judged in another way."""

import gzip
import json
import os
import sqlite3
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command import Done, Folder
from guidex_schema import workers
from guidex_schema.datasets import COLUMNS, shard
from guidex_schema.datasets.block import Waiting
from guidex_schema.datasets.shard import Piece, Shard, pieces_of_file, read_shard, with_content
from guidex_schema.diagnostic import Diagnostic, Report, Severity
from guidex_schema.error import GuidexError
from guidex_schema.isolation import Isolation
from guidex_schema.work import Judging
from guidex_schema.works import remembering
from guidex_schema.works.check import AllRead, CheckWork, Note, PieceRead, reports
from guidex_schema.works.history import told
from guidex_schema.works.key import Keys
from test_cache import GUIDELINES, ISOLATION, JUDGING, LINES, ROWS, caches

__all__ = ["caches"]

KEYS = Keys(JUDGING, ISOLATION)
LINE = st.sampled_from(['{"a": 1}\n', '{"b": 2}\n', '{"c": 3}\n', "\n", "[]\n", '{"d"\n'])
SIZES = st.sampled_from([1, 20, 60])

Pieces = Iterable[Piece | Waiting]


def finding(message: str, name: str = "undefined-class") -> Diagnostic:
    return Diagnostic(code="GX201", name=name, severity=Severity.ERROR, message=message, part="labels", key="k")


def judged(
    pieces: Pieces, note: Callable[[Note], object], *, name: str = "undefined-class", silent: str = ""
) -> Iterator[Report]:
    """Say of each row how often the like came before, and of all how many there are.

    Args:
        pieces: of a dataset.
        note: told what it comes to.
        name: of the findings.
        silent: pieces that hold this are not said to have been read.
    """
    seen: Counter[bytes | None] = Counter()
    for piece in pieces:
        assert not isinstance(piece, Waiting)
        rows = list(read_shard(piece, COLUMNS)) if isinstance(piece, Shard) else list(piece)
        for row in rows:
            found = (finding(f"{seen[row.raw]} before", name),) if seen[row.raw] else ()
            seen[row.raw] += 1
            report = Report(diagnostics=found, identity=row.identity, file=row.file, record=row.reference, unread=True)
            note(report)
            yield report
        if isinstance(piece, Shard):
            held = with_content(piece)
            key = KEYS.of_piece(held)
            assert held.data is not None
            assert key is not None
            if not silent or silent.encode() not in held.data:
                note(PieceRead(key, len(rows)))
    note(AllRead())
    last = Report(diagnostics=(finding(f"{seen.total()} rows"),), checked=False)
    note(last)
    yield last


def fresh(pieces: Pieces) -> list[Report]:
    return list(judged(pieces, lambda _: None))


def not_again(_: Pieces, __: Callable[[Note], object]) -> Iterator[Report]:
    raise AssertionError("it was to be told from memory")


@settings(max_examples=60)
@given(st.lists(st.lists(st.lists(LINE, max_size=8), min_size=1, max_size=2), min_size=1, max_size=5), SIZES, st.data())
def test_whatever_was_told_before_a_dataset_is_told_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, versions: list[list[list[str]]], size: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("history")

    def pieces(count: int) -> Iterator[Piece | Waiting]:
        for number in range(count):
            yield from pieces_of_file(str(folder / f"{number}.jsonl"), COLUMNS, size=size)

    for files in [*versions, data.draw(st.sampled_from(versions))]:
        for number, lines in enumerate(files):
            (folder / f"{number}.jsonl").write_text("".join(lines))
        dataset = partial(pieces, len(files))
        assert list(told(folder / "cache", KEYS, COLUMNS, dataset, judged)) == fresh(dataset())
        # What has no rows is no piece of lines: it ends what is known.
        if all(any(line != "\n" for line in lines) for lines in files):
            assert list(told(folder / "cache", KEYS, COLUMNS, dataset, not_again)) == fresh(dataset())


def test_what_is_not_known_to_be_whole_is_judged_again(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("".join(f'{{"a": {number % 7}}}\n' for number in range(40)))
    # The fourth of five pieces is not said to be read to its end.
    lost = partial(judged, silent='{"a": 1}\n{"a": 2}\n{"a": 3}\n{"a": 4}\n{"a": 5}\n{"a": 6}\n')
    dataset = partial(pieces_of_file, str(tmp_path / "rows.jsonl"), COLUMNS, size=80)
    assert len(list(dataset())) > 3
    for name, judge in (
        ("moment", partial(judged, name="time-limit")),
        ("unread", partial(judged, name="unreadable-file")),
        ("lost", lost),
    ):
        assert len(list(told(tmp_path / name, KEYS, COLUMNS, dataset, judge))) == 41
        with pytest.raises(AssertionError, match="told from memory"):
            list(told(tmp_path / name, KEYS, COLUMNS, dataset, not_again))


def test_a_damaged_cache_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("".join(f'{{"a": {number % 7}}}\n' for number in range(40)))
    dataset = partial(pieces_of_file, str(tmp_path / "rows.jsonl"), COLUMNS, size=80)
    plain = fresh(dataset())
    for cut in (1, 40):
        assert list(told(tmp_path, KEYS, COLUMNS, dataset, judged)) == plain
        with sqlite3.connect(tmp_path / "rows.sqlite") as file:
            file.execute("UPDATE report SET content = substr(content, 1, length(content) - ?)", (cut,))
        file.close()
        assert list(told(tmp_path, KEYS, COLUMNS, dataset, judged)) == plain


@pytest.mark.parametrize("is_first", [False, True])
def test_rows_beside_whole_pieces_are_told_of_their_dataset_only(tmp_path: Path, is_first: bool) -> None:
    (tmp_path / "rows.jsonl").write_text('{"a": 1}\n' * 3)
    (tmp_path / "more.jsonl").write_text('{"silent": 1}\n')
    one = partial(pieces_of_file, str(tmp_path / "rows.jsonl"), COLUMNS)

    def both() -> Iterator[Piece | Waiting]:
        for name in ("more", "rows") if is_first else ("rows", "more"):
            yield from pieces_of_file(str(tmp_path / f"{name}.jsonl"), COLUMNS)

    assert len(list(told(tmp_path, KEYS, COLUMNS, both, partial(judged, silent="silent")))) == 5
    assert list(told(tmp_path, KEYS, COLUMNS, one, judged)) == fresh(one())


def test_reports_of_what_is_never_told_again_are_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard, "SHARD_BYTES", 2_000)
    row = json.dumps({"guidelines": GUIDELINES, "labels": "[Alien()]", "document": "Ada wrote of it."}) + "\n"
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(200 * row.encode()))
    given: list[weakref.ref[Report]] = []

    def judge(pieces: Pieces, note: Callable[[Note], object]) -> Iterator[Report]:
        checked = workers.results(CheckWork(JUDGING, tmp_path), pieces, 1)
        for report in reports(checked, JUDGING.comparison(), note=note):
            given.append(weakref.ref(report))
            yield report

    dataset = partial(pieces_of_file, str(tmp_path / "rows.jsonl.gz"), COLUMNS, size=2_000)
    found = told(tmp_path, KEYS, COLUMNS, dataset, judge)
    held = [sum(one() is not None for one in given) for _ in found]
    assert len(held) >= 200
    assert max(held) < 50


PIECE = Shard("rows.jsonl", "lines", "train", start=10, end=13, index=2, line=3, data=b"{}\n")


@pytest.mark.parametrize(
    "changed",
    [
        replace(PIECE, file="other.jsonl"),
        replace(PIECE, split="test"),
        replace(PIECE, is_split_named=True),
        replace(PIECE, start=9),
        replace(PIECE, index=1),
        replace(PIECE, line=4),
        replace(PIECE, data=b"{ }\n"),
    ],
    ids=lambda one: next(name for name in vars(one) if getattr(one, name) != getattr(PIECE, name)),
)
def test_every_part_of_a_piece_counts(changed: Shard) -> None:
    assert KEYS.of_piece(PIECE) == Keys(JUDGING, ISOLATION).of_piece(PIECE)
    assert KEYS.of_piece(changed) != KEYS.of_piece(PIECE)


def test_how_a_piece_is_judged_counts() -> None:
    others = (Keys(Judging(()), ISOLATION), Keys(JUDGING, Isolation(layers=("process",))))
    assert len({keys.of_piece(PIECE) for keys in (KEYS, *others)}) == 3
    assert KEYS.of_piece(replace(PIECE, data=None)) is None


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the rows that are judged, or looked up by themselves; pieces are small."""
    counts: list[int] = []
    original = shard.lines_in

    def lines_in(*arguments: Any) -> Any:
        for one in original(*arguments):
            counts.append(1)
            yield one

    monkeypatch.setattr(remembering, "lines_in", lines_in)
    monkeypatch.setattr(shard, "SHARD_BYTES", 600)
    return counts


def checked(folder: Folder, *arguments: str, output: str = "json") -> Done:
    done = folder.run("check", *arguments, "--output-format", output, "--jobs", "1")
    assert done.returncode != 2
    assert "passed over" not in done.stderr
    return done


MANY = [
    {"guidelines": GUIDELINES, "labels": '[Person("Ada")]', "document": f"Ada wrote of {number % 9} engines."}
    for number in range(30)
]


@pytest.mark.parametrize("output", ["json", "full", "junit", "sarif"])
def test_a_dataset_is_told_again_without_reading_a_row(
    folder: Folder, caches: Path, read: list[int], output: str
) -> None:
    (folder.path / "rows.jsonl").write_bytes(LINES)
    folder.write("more.jsonl", *MANY)
    plain = checked(folder, ".", output=output)
    assert not caches.exists()
    assert checked(folder, ".", "--cache", output=output) == plain
    assert len(read) == 8 + 30
    read.clear()
    assert checked(folder, ".", "--cache", output=output) == plain
    assert not read


def test_a_change_is_seen_wherever_it_is(folder: Folder, caches: Path, read: list[int]) -> None:
    changes: list[tuple[list[dict[str, Any]], bool]] = [
        (MANY, False),
        ([*MANY[:-1], ROWS[2]], False),
        ([ROWS[2], *MANY[1:]], False),
        (MANY[1:], False),
        (MANY[:-1], False),
        ([*MANY, MANY[0]], False),
        ([*MANY[10:], *MANY[:10]], False),
        (MANY, True),
    ]
    for rows, is_known in changes:
        folder.write("rows.jsonl", *rows)
        read.clear()
        assert checked(folder, "rows.jsonl", "--cache") == checked(folder, "rows.jsonl")
        assert bool(read) is not is_known
    (folder.path / "rows.jsonl").rename(folder.path / "test.jsonl")
    assert checked(folder, "test.jsonl", "--cache") == checked(folder, "test.jsonl")
    assert read


def test_more_files_are_compared_with_those_that_are_known(folder: Folder, caches: Path, read: list[int]) -> None:
    folder.write("a.jsonl", *MANY)
    checked(folder, ".", "--cache")
    for name in ("b.jsonl", "0.jsonl"):
        folder.write(name, *MANY[:3])
        read.clear()
        assert checked(folder, ".", "--cache") == checked(folder, ".")
        assert read


def test_names_that_are_no_unicode_are_remembered(folder: Folder, caches: Path, read: list[int]) -> None:
    name = os.fsdecode(b"caf\xe9.jsonl")
    try:
        folder.write(name, *MANY, json.dumps({**ROWS[2], "id": "\udc80"}) + "\n")
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such names")
    plain = checked(folder, ".")
    assert checked(folder, ".", "--cache") == plain
    read.clear()
    assert checked(folder, ".", "--cache") == plain
    assert not read


def test_what_comes_on_a_stream_is_read(folder: Folder, caches: Path) -> None:
    folder.write("rows.jsonl", *MANY)
    checked(folder, "rows.jsonl", "--cache")
    stream = json.dumps(ROWS[2]).encode() + b"\n"
    arguments = ["check", "rows.jsonl", "-", "--output-format", "json", "--jobs", "1"]
    assert folder.run(*arguments, "--cache", stdin=stream) == folder.run(*arguments, stdin=stream)


def test_a_baseline_and_ignored_files_hold_for_what_is_remembered(folder: Folder, caches: Path) -> None:
    folder.write("rows.jsonl", *MANY, *ROWS[:3])
    checked(folder, "rows.jsonl", "--cache")
    assert folder.run("check", "rows.jsonl", "--cache", "--write-baseline", "known.json").returncode == 0
    done = folder.run("check", "rows.jsonl", "--cache", "--baseline", "known.json")
    assert done.returncode == 0
    assert " known" in done.stdout
    folder.write("guidex.toml", '[per-file-ignores]\n"rows.jsonl" = ["ALL"]\n')
    assert folder.run("check", "rows.jsonl", "--cache") == folder.run("check", "rows.jsonl")


def numbered(*numbers: int) -> str:
    return "".join(f'{{"a": {number}}}\n' for number in numbers)


@pytest.mark.parametrize(
    "content",
    [numbered(*range(1, 40)), numbered(*range(100, 140)), numbered(*range(3)), "", None],
    ids=["less", "other", "shorter", "empty", "gone"],
)
def test_what_changes_between_telling_and_judging_ends_the_run(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "rows.jsonl"
    dataset = partial(pieces_of_file, str(path), COLUMNS, size=80)
    path.write_text(numbered(*range(20)))
    list(told(tmp_path, KEYS, COLUMNS, dataset, judged))
    path.write_text(numbered(*range(40)))

    def judged_late(pieces: Pieces, note: Callable[[Note], object]) -> Iterator[Report]:
        if content is None:
            path.unlink()
        else:
            path.write_text(content)
        yield from judged(pieces, note)

    found: list[Report] = []
    with pytest.raises(GuidexError, match="has changed while it was read"):
        found.extend(told(tmp_path, KEYS, COLUMNS, dataset, judged_late))
    path.write_text(numbered(*range(40)))
    assert found
    assert found == fresh(dataset())[: len(found)]


def test_what_is_told_to_be_gone_while_it_is_judged_ends_the_run(tmp_path: Path) -> None:
    for name, count in (("a", 20), ("b", 5)):
        (tmp_path / f"{name}.jsonl").write_text(numbered(*range(count)))

    def dataset() -> Iterator[Piece | Waiting]:
        for name in "ab":
            yield from pieces_of_file(str(tmp_path / f"{name}.jsonl"), COLUMNS, size=80)

    def losing(pieces: Pieces) -> Iterator[Piece | Waiting]:
        for piece in pieces:
            (tmp_path / "a.jsonl").unlink(missing_ok=True)
            yield piece

    def judge(pieces: Pieces, note: Callable[[Note], object]) -> Iterator[Report]:
        checked = workers.results(CheckWork(JUDGING, tmp_path), pieces, 1)
        return reports(checked, JUDGING.comparison(), note=note)

    list(told(tmp_path, KEYS, COLUMNS, dataset, judge))
    (tmp_path / "b.jsonl").write_text(numbered(*range(9)))
    with pytest.raises(GuidexError, match=r"a\.jsonl has changed while it was read"):
        list(told(tmp_path, KEYS, COLUMNS, dataset, lambda pieces, note: judge(losing(pieces), note)))
