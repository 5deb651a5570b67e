"""A program that filters in children which are killed, and looks at what each has left behind.

It is told how children end: killed from outside after some random time, or by themselves before each step that changes
names in the file system. What the two outputs hold afterwards is printed, a JSON object for each child.
"""

import hashlib
import json
import random
import sys
import time
from contextlib import suppress
from pathlib import Path

from guidex_schema.cli import app
from killed import child, is_killed_after, is_killed_at, status_of

OUTPUTS = (Path("kept.jsonl"), Path("rejected.jsonl"))
ARGUMENTS = ["filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "rejected.jsonl", "--drop", "value", "-q"]


def main() -> None:
    """Run children until enough were killed."""
    kind, count = sys.argv[1], int(sys.argv[2])
    rows = Path("in.jsonl").read_bytes()
    Path("in.jsonl").write_bytes(rows[: len(rows) // 4])
    with suppress(SystemExit):
        # What is loaded here, children need not load.
        app(ARGUMENTS)
    seconds = run()
    earlier = state()
    older = [path.read_bytes() for path in OUTPUTS]
    Path("in.jsonl").write_bytes(rows)
    seconds = max(seconds, run())
    later = state()
    number = 0
    while True:
        number += 1
        for path, content in zip(OUTPUTS, older, strict=True):
            path.write_bytes(content)
        if kind == "moments":
            killed = is_killed_after(ARGUMENTS, random.uniform(0, seconds * 1.2))
        else:
            killed = is_killed_at(ARGUMENTS, number)
        after = state()
        if number % 4 == 1:
            run()
        told = {
            "killed": killed,
            "earlier": earlier,
            "later": later,
            "after": after,
            "next": state() if number % 4 == 1 else later,
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        if number == count or (kind == "steps" and not killed):
            return


def state() -> list[str]:
    """Give what the two outputs hold."""
    return [hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "" for path in OUTPUTS]


def run() -> float:
    """Filter in a child, and say how many seconds that took."""
    start = time.monotonic()
    assert status_of(child(ARGUMENTS)) == 0
    return time.monotonic() - start


if __name__ == "__main__":
    main()
