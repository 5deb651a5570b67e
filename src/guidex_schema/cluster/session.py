"""A connection to a cluster: one that runs somewhere, or one of this machine alone that ends with it."""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TextIO, cast

from guidex_schema.error import ClusterError, UsageError

# What Ray says of itself, and to others, is not for who runs a command: it is read when Ray is imported.
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
}
_LOGGERS = ("ray", "ray.data", "ray.llm")
# Seconds that the head of a cluster may take to be there. Ray itself waits for minutes.
_REACHED = 10.0


class _OfOneThread:
    """A stream that takes what one thread writes, and drops what others do."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._owner = threading.get_ident()

    def write(self, text: str) -> int:
        """Write a text, or drop it."""
        return self._stream.write(text) if threading.get_ident() == self._owner else len(text)

    def __getattr__(self, name: str) -> object:
        """Give all else as the stream has it."""
        return getattr(self._stream, name)


@contextmanager
def session(address: str | None) -> Iterator[None]:
    """Connect to a cluster, and leave it.

    One that this process has connected to already is used as it is.

    Args:
        address: of the cluster's head, as in ``10.0.0.1:6379``; what RAY_ADDRESS says where it is None, and without
            that a cluster of this machine alone, which ends with the connection.

    Raises:
        UsageError: the extra is not installed, or the address is none that datasets can be worked on from.
        ClusterError: there is no cluster at the address, or none can be started.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise UsageError(
            "a cluster needs the extras `ray` and `data`: pip install 'guidex-schema[ray,data]'"
        ) from error
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    if address.startswith("ray://"):
        raise UsageError(
            f"{address} is for Ray's client; give the address of the head, as in 10.0.0.1:6379, or run the command on "
            "the cluster with `ray job submit`"
        )
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # Ray writes what happens to nodes to standard output, from a thread of its own (2.60, `listen_error_messages`).
    with redirect_stdout(cast(TextIO, _OfOneThread(sys.stdout))):
        is_ours = not ray.is_initialized()
        if is_ours:
            own: dict[str, object] = {"include_dashboard": False} if address == "local" else {}
            try:
                _reach(address)
                with _no_errors_told(), _handler_kept():
                    ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL, **own)
            except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
                raise ClusterError(f"no Ray cluster at {address}: {_line(error)}") from error
        try:
            yield
        except ray.exceptions.RayError as error:
            raise ClusterError(f"the Ray cluster gave up: {_line(error)}") from error
        finally:
            if is_ours:
                # What Ray has held back to tell it once, it tells now, and from this thread.
                with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                    ray.shutdown()


def _reach(address: str) -> None:
    """See whether somebody listens at an address; what is none with a port is for Ray to find.

    Raises:
        OSError: nobody does.
    """
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        with socket.create_connection((host.strip("[]"), int(port)), _REACHED):
            pass


@contextmanager
def _no_errors_told() -> Iterator[None]:
    """Close the standard error of the process for a while: what Ray is made of writes there past Python."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def _handler_kept() -> Iterator[None]:
    """Keep what SIGTERM does: Ray puts a handler of its own in its place, and one that writes a trace."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        # None is what no Python has put there.
        if before is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def _line(error: BaseException) -> str:
    """Give the last line of what an error says: what stands before it is the trace of another process."""
    lines = str(error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
