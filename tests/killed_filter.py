"""A program that filters in children which are killed, and looks at what each has left behind.

It is told how children end: killed from outside after some random time, or by themselves before each step that changes
names in the file system. What the two outputs hold afterwards is printed, a JSON object for each child.
"""

import hashlib
import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from guidex_schema.cli import app

OUTPUTS = (Path("kept.jsonl"), Path("rejected.jsonl"))
ARGUMENTS = ["filter", "in.jsonl", "-o", "kept.jsonl", "--rejected", "rejected.jsonl", "--drop", "value", "-q"]
CHANGES = frozenset(("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.rmtree", "tempfile.mkstemp"))


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
        killed = end_after(random.uniform(0, seconds * 1.2)) if kind == "moments" else end_at(number)
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
    process = child()
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    return time.monotonic() - start


def end_after(seconds: float) -> bool:
    """Filter in a child that is killed after some time, and say whether it was still there."""
    process = child()
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL


def end_at(step: int) -> bool:
    """Filter in a child that kills itself before a step, and say whether there was such a step."""
    process = child(step)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL


def child(step: int = 0) -> int:
    """Filter in a child that has all loaded already."""
    process = os.fork()
    if process:
        return process
    steps = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal steps
        if event in CHANGES:
            steps += 1
            if steps == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    status = 1
    try:
        app(ARGUMENTS)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
