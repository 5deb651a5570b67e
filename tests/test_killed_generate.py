"""Runs that are killed: whatever the moment, the next goes on, and what comes out is the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command import Folder
from guidex_schema.generation.documents import SourceDocument
from scripted import GOOD

HERE = Path(__file__).parent


def transcripts(folder: Folder, count: int) -> None:
    """Write documents, and what a model says about them; some of it needs a repair, some is never good."""
    documents = [f"Ada wrote letter {number}." for number in range(count)]
    lines = []
    for number, text in enumerate(documents):
        digest = SourceDocument("", text, "", 0).digest
        for stage, answer in GOOD.items():
            bad = [] if number % 3 else ['[Person(name="Bob")]' if stage == "instances" else "", answer]
            answers = bad or [answer]
            if number % 5 == 4 and stage == "instances":
                answers = ['[Person(name="Bob")]'] * 3
            for attempt, one in enumerate(answers):
                lines.append({"document": digest, "stage": stage, "attempt": attempt, "text": one})
    folder.write("in.jsonl", *({"id": str(number), "text": text} for number, text in enumerate(documents)))
    folder.write("transcripts.jsonl", *lines)
    folder.write("guidex.toml", "[engine]\nbatch = 2\n")


def outcomes_of_kills(
    folder: Folder, kind: str, count: int, *, documents: int = 8, stride: int = 1
) -> list[dict[str, int]]:
    """Generate again and again, killed each time, and check each time what comes out in the end."""
    transcripts(folder, documents)
    environment = os.environ | {"PYTHONPATH": str(HERE)}
    program = [sys.executable, str(HERE / "killed_generate.py"), kind, str(count), str(stride)]
    done = subprocess.run(program, cwd=folder.path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: list[dict[str, int]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert told
    for one in told:
        assert one["status"] == 0, done.stderr
        assert one["is_same"], one
    return told


def test_a_run_that_is_killed_at_any_moment_goes_on_to_the_same_end(folder: Folder) -> None:
    assert any(one["killed"] for one in outcomes_of_kills(folder, "moments", 3))


def test_a_run_that_is_killed_before_some_steps_goes_on_to_the_same_end(folder: Folder) -> None:
    *killed, last = outcomes_of_kills(folder, "steps", 100, documents=1, stride=4)
    assert len(killed) > 2
    assert not last["killed"]


@pytest.mark.slow
def test_a_run_that_is_killed_before_any_step_goes_on_to_the_same_end(folder: Folder) -> None:
    *killed, last = outcomes_of_kills(folder, "steps", 100, documents=1)
    assert len(killed) > 10
    assert not last["killed"]


@pytest.mark.slow
def test_runs_that_are_killed_at_20_moments_go_on_to_the_same_end(folder: Folder) -> None:
    told = outcomes_of_kills(folder, "moments", 20, documents=40)
    assert sum(bool(one["killed"]) for one in told) == 20
    # They were killed early and late.
    assert len({one["kept"] for one in told}) > 3
