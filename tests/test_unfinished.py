"""Wherever a signal ends what is written, nothing is left behind, and what stood there is not lost."""

import inspect
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from guidex_schema import source_file, unfinished
from guidex_schema.cli.streams import output_for, sink_for
from guidex_schema.datasets import Row
from guidex_schema.new_file import NewFile
from guidex_schema.unfinished import set_aside

# A file that nobody has any more is closed by that.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

OURS = str(Path(unfinished.__file__).parent)


class Signal(BaseException):
    """Stands for what a signal raises."""


@contextmanager
def raising(number: int) -> Iterator[list[int]]:
    """Raise where the interpreter is about to do the n-th step of our code, from 0 on; give how many it has done.

    So a signal comes wherever one can, and at more places than Python looks for one.
    """
    steps = [0]

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        del argument
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            steps[0] += 1
            if steps[0] == number + 1:
                raise Signal
        return trace

    before = sys.gettrace()
    here = inspect.currentframe()
    assert here is not None
    # Python 3.12 looks at steps if this was set anywhere when tracing begins.
    here.f_trace_opcodes = True
    sys.settrace(trace)
    try:
        yield steps
    finally:
        sys.settrace(before)


def every(body: Callable[[], object], most: int) -> Iterator[None]:
    """Have a signal come at every step of a body, or at so many that are spread evenly; give what follows each."""
    # What is loaded once is loaded now.
    body()
    with raising(-1) as steps:
        body()
    yield
    numbers = range(0, steps[0], 1 + steps[0] // most)
    raised = 0
    for number in numbers:
        try:
            with raising(number):
                body()
        except Signal:
            raised += 1
        yield
    # What is raised where something is dropped is dropped, too.
    assert raised > 0.9 * len(numbers)


def names(folder: Path) -> list[str]:
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*"))


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "rows.jsonl.gz", "rows.parquet", "rows"])
def test_a_dataset_that_a_signal_ends_is_whole_or_what_it_was(tmp_path: Path, name: str, is_new: bool) -> None:
    target = tmp_path / name

    def write() -> None:
        if is_new and target.is_dir():
            shutil.rmtree(target)
        elif is_new:
            target.unlink(missing_ok=True)
        writer = output_for(target).writer
        try:
            writer.write(Row("rows.jsonl", None, None, raw=b'{"a": 1}\n', content={"a": 1}, split="train"))
            writer.finish()
            writer.publish()
        finally:
            writer.discard()

    whole: list[str] = []
    for _ in every(write, 300):
        unfinished.give_up_all()
        whole = whole or names(tmp_path)
        assert names(tmp_path) in ([[], whole] if is_new else [whole])
    assert name in whole


def test_a_file_of_findings_that_a_signal_ends_is_what_it_was_or_whole(tmp_path: Path) -> None:
    target = tmp_path / "findings.txt"

    def write() -> None:
        with sink_for(target, [], None, ()) as sink:
            sink.write("new")

    for _ in every(write, 1_000):
        unfinished.give_up_all()
        assert names(tmp_path) in ([], ["findings.txt"])
        assert not target.exists() or target.read_text(encoding="utf-8") == "new"
        target.unlink(missing_ok=True)


def test_a_source_that_a_signal_ends_is_what_it_was_or_whole(tmp_path: Path) -> None:
    path = tmp_path / "guidelines.py"

    def replace() -> None:
        path.write_text("old = 1\n", encoding="utf-8")
        read = source_file.read(path, 100)
        assert isinstance(read, source_file.SourceFile)
        read.replace("new = 1\n")

    for _ in every(replace, 1_000):
        unfinished.give_up_all()
        assert names(tmp_path) in ([], ["guidelines.py"])
        assert path.read_text(encoding="utf-8") in ("", "old = 1\n", "new = 1\n")


def test_what_is_set_aside_is_never_lost(tmp_path: Path) -> None:
    target = tmp_path / "kept.jsonl"

    def replace() -> None:
        target.write_text("old", encoding="utf-8")
        file = NewFile(target)
        try:
            file.sink.write(b"new")
            file.finish()
            with set_aside(target):
                file.publish()
        finally:
            file.discard()

    for _ in every(replace, 1_000):
        unfinished.give_up_all()
        assert target.read_text(encoding="utf-8") in ("", "old", "new")
        assert names(tmp_path) == ["kept.jsonl"]
