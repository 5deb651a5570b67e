"""A host that may be harmed: it hands rows to a jailed program, and the test that started it outlives it.

Started as ``python subhost.py PROGRAM MODE``. Reads a row and its wall clock as a line of JSON and writes what came of
it as another; the last line says how much memory the largest of the jailed processes had.
"""

import json
import resource
import signal
import sys
from pathlib import Path
from typing import cast

from guidex_schema.worker import Mode, Worker

# Far beyond every wall clock: a host that hangs is a failure, too.
_SECONDS_A_ROW = 60


def main() -> None:
    """Hand on row by row."""
    program, mode = Path(sys.argv[1]), cast("Mode", sys.argv[2])
    workers: dict[float, Worker] = {}
    for line in sys.stdin:
        signal.alarm(_SECONDS_A_ROW)
        row = json.loads(line)
        seconds = row.pop("seconds")
        if seconds not in workers:
            workers[seconds] = Worker(program, mode=mode, wall_seconds=seconds)
        isolation = workers[seconds].isolation
        reply = workers[seconds].request(row)
        _say([reply.content, reply.trouble, reply.detail, isolation.layers])
    for worker in workers.values():
        worker.close()
    _say(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)


def _say(content: object) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
