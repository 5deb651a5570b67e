"""Children that run the command and are killed, or kill themselves before a step that changes the file system."""

import os
import signal
import sys
import time
from collections.abc import Sequence

from guidex_schema.cli import app

CHANGES = frozenset(
    ("os.link", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.rmtree", "tempfile.mkstemp")
)


def child(arguments: Sequence[str], step: int = 0) -> int:
    """Run the command in a child that has all loaded already, and give its number.

    Args:
        arguments: of the command.
        step: the change of names, from 1, before which the child kills itself; 0 for none.
    """
    process = os.fork()
    if process:
        return process
    steps = 0

    def count(event: str, _: tuple[object, ...]) -> None:
        nonlocal steps
        if event in CHANGES:
            steps += 1
            if steps == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    status = 1
    try:
        app(list(arguments))
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(status)


def status_of(process: int) -> int:
    """Wait for a child, and give its exit code."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def is_killed_after(arguments: Sequence[str], seconds: float) -> bool:
    """Run the command in a child that is killed after some time, and say whether it was still there."""
    process = child(arguments)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    return status_of(process) == -signal.SIGKILL


def is_killed_at(arguments: Sequence[str], step: int) -> bool:
    """Run the command in a child that kills itself before a step, and say whether there was such a step."""
    return status_of(child(arguments, step)) == -signal.SIGKILL
