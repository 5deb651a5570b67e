"""Filtering that is killed: whatever the moment, no kept rows stand beside rejected ones of another run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command import Folder
from filter_rows import DOCUMENT, GUIDELINES

HERE = Path(__file__).parent
LABELS = ('[Person(mention="Ada", role="poet")]', '[Person("Ada", role="queen")]', '[Person("Ada"', '[Alien("Ada")]')


def outcomes_of_kills(folder: Folder, kind: str, count: int) -> list[dict[str, object]]:
    """Filter again and again, killed each time, and check what is left each time."""
    rows = [{"guidelines": GUIDELINES, "labels": labels, "document": DOCUMENT} for labels in LABELS]
    folder.write("in.jsonl", *rows * 2)
    environment = os.environ | {"PYTHONPATH": str(HERE)}
    program = [sys.executable, str(HERE / "killed_filter.py"), kind, str(count)]
    done = subprocess.run(program, cwd=folder.path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    for one in told:
        assert one["earlier"] != one["later"]
        assert one["after"] in (one["earlier"], one["later"]) or one["after"][0] == ""
        assert one["next"] == one["later"]
    return told


def test_a_run_that_is_killed_at_any_moment_leaves_no_pair_that_does_not_match(folder: Folder) -> None:
    assert any(one["killed"] for one in outcomes_of_kills(folder, "moments", 12))


def test_a_run_that_is_killed_before_any_step_leaves_no_pair_that_does_not_match(folder: Folder) -> None:
    *killed, last = outcomes_of_kills(folder, "steps", 100)
    assert not last["killed"]
    assert last["after"] == last["later"]
    states = [one["after"] for one in killed]
    # Each of the three states was met: before, between and after the names change.
    assert killed[0]["earlier"] in states
    assert killed[0]["later"] in states
    assert any(isinstance(one, list) and one[0] == "" for one in states)


@pytest.mark.slow
def test_runs_that_are_killed_very_often_leave_no_pair_that_does_not_match(folder: Folder) -> None:
    assert sum(bool(one["killed"]) for one in outcomes_of_kills(folder, "moments", 300)) > 100
