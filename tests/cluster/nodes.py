"""A cluster of several nodes on this machine, and the command run on it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from command import Done

# What a node keeps of results that nobody has taken yet; Ray refuses less.
_STORE = 80 * 1024 * 1024
_SECONDS = 240
_MODULES = (Path(__file__).parent, Path(__file__).parent.parent)

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in ("RAY_ADDRESS", "FORCE_COLOR", "COLUMNS")},
    "RAY_USAGE_STATS_ENABLED": "0",
}


class Nodes:
    """A cluster: a head that works on nothing, and nodes with a core each.

    Attributes:
        address: of the head.
    """

    def __init__(self, cluster: Any, count: int) -> None:
        self._cluster = cluster
        self._nodes = [self._add() for _ in range(count)]
        self.address = str(cluster.address)

    def _add(self) -> Any:
        return self._cluster.add_node(num_cpus=1, object_store_memory=_STORE)

    def kill_busy(self, command: "subprocess.Popen[bytes]") -> None:
        """Kill the first node that reads rows for a command, as soon as it does."""
        busy = self.busy(command)
        self._nodes.remove(busy)
        self._cluster.remove_node(busy, allow_graceful=False)

    def busy(self, command: "subprocess.Popen[bytes]") -> Any:
        """Wait for the first node that reads rows for a command: it has a jail then."""
        deadline = time.monotonic() + _SECONDS
        while not (busy := list(filter(_has_jail, self._nodes))):
            assert command.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return busy[0]

    def kill(self) -> None:
        """Kill the processes of a node, without warning."""
        self._cluster.remove_node(self._nodes.pop(), allow_graceful=False)

    def environment(self) -> dict[str, str]:
        """Give the variables with which a command finds the cluster."""
        return ENVIRONMENT | {"RAY_ADDRESS": self.address}


def _has_jail(node: Any) -> bool:
    raylet = node.all_processes["raylet"][0].process.pid
    return any(b"sandbox" in one for one in _commands_below(raylet))


def _commands_below(process: int) -> Iterator[bytes]:
    """Give the command lines of all processes that a process has started, and those have."""
    for listed in Path("/proc").glob(f"{process}/task/*/children"):
        with suppress(OSError):
            for child in map(int, listed.read_bytes().split()):
                with suppress(OSError):
                    yield Path(f"/proc/{child}/cmdline").read_bytes()
                yield from _commands_below(child)


@contextmanager
def cluster_of(count: int) -> Iterator[Nodes]:
    """Start a cluster, and end all of its processes."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # What tests have done on the nodes stands beside them.
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (*_MODULES, os.environ.get("PYTHONPATH", ""))))
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": _STORE}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield Nodes(cluster, count)
    finally:
        cluster.shutdown()


def guidex(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> Done:
    """Run the command in a folder as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "guidex_schema", *arguments],
        cwd=folder,
        env=env or ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    result = Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
    assert "Traceback (most" not in result.stderr, result.stderr
    return result
