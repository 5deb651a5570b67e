"""Close the doors of the jailed process: what it may use from here on. Standard library only.

This is the first floor: resource limits. Each step that the platform lacks is left out and reported.
"""

from types import ModuleType

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS_A_ROW = 5

_LIMITS = (
    ("RLIMIT_CORE", 0),
    ("RLIMIT_FSIZE", 0),
    ("RLIMIT_NOFILE", 0),
    ("RLIMIT_NPROC", 0),
    ("RLIMIT_DATA", MEMORY_BYTES),
    ("RLIMIT_AS", MEMORY_BYTES),
)


def load_resource() -> ModuleType | None:
    """Give the module that sets limits, or None where the platform has none (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    return resource


def close(resource: ModuleType | None) -> list[str]:
    """Set every limit that holds for the life of the process; none of them can be raised again.

    Returns:
        The names of the limits that were reached, for the report of the isolation level.
    """
    reached: list[str] = []
    if resource is None:
        return reached
    for name, limit in _LIMITS:
        number = getattr(resource, name, None)
        if number is None:
            continue
        try:
            resource.setrlimit(number, (limit, limit))
        except (OSError, ValueError):
            continue
        reached.append(name)
    return reached


def allow_cpu(resource: ModuleType | None, seconds: int = CPU_SECONDS_A_ROW) -> None:
    """Give the next row its own CPU time; a row that spends more is killed by the kernel (SIGXCPU)."""
    if resource is None or not hasattr(resource, "RLIMIT_CPU"):
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime) + seconds + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard == resource.RLIM_INFINITY or soft <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
