"""Options that several commands have."""

from enum import StrEnum


class IsolationDemand(StrEnum):
    """How far the jail has to be closed."""

    STRICT = "strict"
    BEST_EFFORT = "best-effort"


class WorkerMode(StrEnum):
    """How labels are run."""

    PERSISTENT = "persistent"
    FORK_PER_ROW = "fork-per-row"
