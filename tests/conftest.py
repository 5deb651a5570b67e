"""Settings of all tests."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from command import Folder

if TYPE_CHECKING:
    from nodes import Nodes

# Examples are drawn anew in each run: what one run misses another finds, and the database keeps what was found.
# Machines of CI are shared, so no example is timed.
settings.register_profile("ci", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", parent=settings.get_profile("ci"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# A shell that starts the suite in the background has it and all that it starts ignore interrupts, which tests send.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Give an empty folder in which the command runs."""
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path)


@pytest.fixture(scope="session")
def nodes() -> "Iterator[Nodes]":
    """Give a Ray cluster of a head and two nodes, which the tests marked ``ray`` share."""
    # Only where those tests are collected can it be found.
    from nodes import cluster_of

    with cluster_of(2) as one:
        yield one
