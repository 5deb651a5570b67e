"""A program that generates in children which are killed, and looks at what those make of it that go on.

It is told how children end: killed from outside after some random time, or by themselves before each step that changes
names in the file system. What became of each is printed as a JSON object.
"""

import hashlib
import json
import random
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from guidex_schema.cli import app
from killed import child, is_killed_after, is_killed_at, status_of

OUT = Path("out")


def arguments(folder: Path) -> list[str]:
    """Give the command that generates into a folder."""
    return ["generate", "in.jsonl", "-o", str(folder), "--transcripts", "transcripts.jsonl", "-q"]


def state() -> dict[str, str]:
    """Give what is published, by file."""
    files = (path for path in OUT.rglob("*") if path.is_file() and "journal" not in path.name)
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def answered() -> int:
    """Count the answers that the journal holds, in a copy: who opens it mends what a kill has left."""
    if not (OUT / "journal.sqlite").exists():
        return 0
    with TemporaryDirectory() as folder:
        for path in OUT.glob("journal.sqlite*"):
            shutil.copy(path, folder)
        with closing(sqlite3.connect(Path(folder) / "journal.sqlite")) as journal:
            is_begun = journal.execute("SELECT 1 FROM sqlite_schema WHERE name = 'completions'").fetchone()
            found: int = journal.execute("SELECT count(*) FROM completions").fetchone()[0] if is_begun else 0
            return found


def main() -> None:
    """Run children until enough were killed."""
    kind, count, stride = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    # What is loaded here, children need not load.
    app(arguments(Path("warm")), standalone_mode=False)
    start = time.monotonic()
    assert status_of(child(arguments(OUT))) == 0
    seconds = time.monotonic() - start
    whole, most = state(), answered()
    number = done = 0
    while done < count:
        number += 1
        shutil.rmtree(OUT)
        if kind == "moments":
            moments = (random.uniform(0, seconds) for _ in range(2))
            killed = sum([is_killed_after(arguments(OUT), moment) for moment in moments])
        else:
            killed = int(is_killed_at(arguments(OUT), number * stride))
        kept = answered()
        status = status_of(child(arguments(OUT)))
        told = {
            "killed": killed,
            "kept": kept,
            "most": most,
            "status": status,
            "is_same": state() == whole and answered() == most,
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        # A machine may be faster than it was: only those count that were killed.
        done += bool(killed)
        if kind == "steps" and not killed:
            return


if __name__ == "__main__":
    main()
