"""The doors: every limit that there is is set, what the platform lacks is left out, and nothing raises."""

from types import ModuleType

import pytest

import lockdown

LIMITS = ["RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_DATA", "RLIMIT_AS"]


class Usage:
    """CPU time that was spent."""

    ru_utime = 3.7
    ru_stime = 0.6


class Resource(ModuleType):
    """A platform that remembers which limits were set."""

    RLIM_INFINITY = -1
    RUSAGE_SELF = 0

    def __init__(self, *names: str, refused: tuple[str, ...] = (), hard: int = RLIM_INFINITY) -> None:
        super().__init__("resource")
        self.limits: dict[str, tuple[int, int]] = {}
        self.refused = refused
        self.hard = hard
        for name in names:
            setattr(self, name, name)

    def setrlimit(self, name: str, limits: tuple[int, int]) -> None:
        if name in self.refused:
            raise ValueError("not allowed to raise maximum limit")
        self.limits[name] = limits

    def getrlimit(self, name: str) -> tuple[int, int]:
        return (0, self.hard)

    def getrusage(self, who: int) -> Usage:
        return Usage()


def test_every_limit_is_set_for_good() -> None:
    resource = Resource(*LIMITS)
    assert lockdown.close(resource) == LIMITS
    assert all(soft == hard for soft, hard in resource.limits.values())
    assert [name for name, (soft, _) in resource.limits.items() if soft] == ["RLIMIT_DATA", "RLIMIT_AS"]


@pytest.mark.parametrize("missing", LIMITS)
def test_a_limit_that_the_platform_lacks_is_left_out(missing: str) -> None:
    rest = [name for name in LIMITS if name != missing]
    assert lockdown.close(Resource(*rest)) == rest


@pytest.mark.parametrize("refused", LIMITS)
def test_a_limit_that_cannot_be_set_is_not_reported(refused: str) -> None:
    assert lockdown.close(Resource(*LIMITS, refused=(refused,))) == [name for name in LIMITS if name != refused]


def test_a_platform_without_limits_reaches_none() -> None:
    assert lockdown.close(None) == []
    lockdown.allow_cpu(None)
    lockdown.allow_cpu(Resource())


def test_every_row_gets_cpu_time_of_its_own() -> None:
    resource = Resource("RLIMIT_CPU")
    lockdown.allow_cpu(resource, 5)
    assert resource.limits == {"RLIMIT_CPU": (10, -1)}


@pytest.mark.parametrize(("hard", "limits"), [(10, {"RLIMIT_CPU": (10, 10)}), (9, {})])
def test_cpu_time_stays_below_the_limit_that_was_there(hard: int, limits: dict[str, tuple[int, int]]) -> None:
    resource = Resource("RLIMIT_CPU", hard=hard)
    lockdown.allow_cpu(resource, 5)
    assert resource.limits == limits


def test_the_module_is_found_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = lockdown.load_resource()
    assert found is None or found.__name__ == "resource"
    monkeypatch.setitem(__import__("sys").modules, "resource", None)
    assert lockdown.load_resource() is None
