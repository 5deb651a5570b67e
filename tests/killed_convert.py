"""A program that converts in children which kill themselves before each step that changes names in the file system.

What the output holds afterwards is printed for each child, a JSON object a line.
"""

import hashlib
import json
import sys
from contextlib import suppress
from pathlib import Path

from guidex_schema.cli import app
from killed import is_killed_at


def main() -> None:
    """Run children until one comes to its end."""
    output = Path(sys.argv[1])
    older, newer = (state(output, source) for source in ("older.jsonl", "newer.jsonl"))
    step, is_killed = 0, True
    while is_killed:
        step += 1
        state(output, "older.jsonl")
        is_killed = is_killed_at(arguments(output, "newer.jsonl"), step)
        told = {"killed": is_killed, "older": older, "newer": newer, "after": held(output)}
        sys.stdout.write(json.dumps(told) + "\n")


def state(output: Path, source: str) -> dict[str, str]:
    """Convert, and give what the output holds then."""
    with suppress(SystemExit):
        app(arguments(output, source))
    return held(output)


def arguments(output: Path, source: str) -> list[str]:
    return ["convert", source, "-o", str(output), "--no-check", "-q"]


def held(output: Path) -> dict[str, str]:
    """Give the files of the output with their digests; none where it is not there."""
    files = sorted(output.rglob("*")) if output.is_dir() else [output]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()}


if __name__ == "__main__":
    main()
