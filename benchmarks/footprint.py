"""The most memory that a command and what it started ever had."""

import contextlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# How long one look at the processes is apart from the next, in seconds.
_PAUSE = 0.02
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class Footprint(NamedTuple):
    """Peaks of resident memory in MB: of the command, of its largest worker and of its largest jail, 0 for none."""

    parent: float
    worker: float
    jail: float


def footprint(*arguments: str) -> Footprint:
    """Run the command and watch it.

    Raises:
        SystemExit: it could not check anything.
    """
    # A file takes all that is said; a pipe that nobody reads meanwhile would stop the command.
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "guidex_schema", *arguments], stdout=subprocess.DEVNULL, stderr=said
        )
        # A jail is a copy of what starts it for a moment: what a process was last is what counts.
        last: dict[int, tuple[str, int]] = {}
        while process.poll() is None:
            last |= _peaks(process.pid)
            time.sleep(_PAUSE)
        if process.returncode not in (0, 1):
            said.seek(0)
            raise SystemExit(f"guidex {' '.join(arguments)} ended with {process.returncode}: {said.read().decode()}")
    peaks = {kind: max(peak for one, peak in last.values() if one == kind) for kind, _ in last.values()}
    return Footprint(*(peaks.get(kind, 0) / 1024 for kind in Footprint._fields))


def _peaks(parent: int) -> dict[int, tuple[str, int]]:
    """Give what each process of a family is, and its peak in KB."""
    found = {}
    for process in _family(parent):
        # It may end while it is looked at.
        with contextlib.suppress(OSError):
            folder = Path(f"/proc/{process}")
            peak = _PEAK.search((folder / "status").read_text("ascii", "replace"))
            if peak is not None:
                jail = b"/sandbox" in (folder / "cmdline").read_bytes()
                found[process] = "parent" if process == parent else "jail" if jail else "worker", int(peak[1])
    return found


def _family(parent: int) -> Iterator[int]:
    """Give a process and all that it started, as far as they are still there."""
    yield parent
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            for child in (task / "children").read_text("ascii").split():
                yield from _family(int(child))
