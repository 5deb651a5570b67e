"""The doors: every limit and switch that there is is set, and what a system lacks is a gap that is named, no error."""

import ctypes
import errno
import importlib.util
import json
import os
import platform
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernel
import landlock
import lockdown
import seccomp
from lockdown import LAYERS, Isolation

SANDBOX = Path(__file__).parent.parent / "sandbox"
LIMITS = ["RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_CPU"]
SWITCHES = {
    "no_new_privs": "forbid_privileges",
    "capset": "drop_capabilities",
    "PR_SET_DUMPABLE": "hide",
    "PR_SET_PDEATHSIG": "end_with_parent",
}

# What stands in the modules before a recorder takes its place.
CLOSING = (
    (kernel, "_prctl", kernel._prctl),
    (kernel, "call", kernel.call),
    (landlock, "close", landlock.close),
    (seccomp, "close", seccomp.close),
)

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these are the kernel's own calls")


class Usage:
    """CPU time that was spent."""

    ru_utime = 3.7
    ru_stime = 0.6


class Resource(ModuleType):
    """A platform that remembers which limits were set."""

    RLIM_INFINITY = -1
    RUSAGE_SELF = 0

    def __init__(
        self, *names: str, refused: tuple[str, ...] = (), error: Exception | None = None, hard: int = RLIM_INFINITY
    ) -> None:
        super().__init__("resource")
        self.limits: dict[str, tuple[int, int]] = {}
        self.refused = refused
        self.error = error or ValueError("not allowed to raise maximum limit")
        self.hard = hard
        for name in names:
            setattr(self, name, name)

    def setrlimit(self, name: str, limits: tuple[int, int]) -> None:
        soft, hard = limits
        if name in self.refused or hard > self.hard != self.RLIM_INFINITY:
            raise self.error
        assert soft <= hard or hard == self.RLIM_INFINITY
        self.limits[name] = limits

    def getrlimit(self, name: str) -> tuple[int, int]:
        return (0, self.hard)

    def getrusage(self, who: int) -> Usage:
        return Usage()


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Let no test close the doors of this very process; a recorder stands where the kernel is."""
    made: list[tuple[object, ...]] = []

    def close_landlock() -> list[str]:
        made.append(("landlock",))
        return []

    monkeypatch.setattr(lockdown, "resource", Resource(*LIMITS))
    monkeypatch.setattr(kernel, "_prctl", lambda *arguments: made.append(("prctl", *arguments)))
    monkeypatch.setattr(kernel, "call", lambda *arguments: made.append(("call", *arguments)))
    monkeypatch.setattr(landlock, "close", close_landlock)
    monkeypatch.setattr(seccomp, "close", lambda source, sink: made.append(("seccomp", source, sink)))
    return made


def platform_of(monkeypatch: pytest.MonkeyPatch, resource: Resource | None) -> Resource:
    monkeypatch.setattr(lockdown, "resource", resource)
    return resource or Resource()


def refuse(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, error: Exception) -> None:
    def refused(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(module, name, refused)


def close(*layers: str) -> Isolation:
    return lockdown.close(layers or LAYERS, source=8, sink=9)


# All layers


def test_all_layers_are_closed_and_nothing_is_missing() -> None:
    assert close() == Isolation(("process", "landlock", "seccomp"), ())


def test_landlock_comes_before_the_limits_that_forbid_its_descriptor_and_the_filter_last(
    calls: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Telling(Resource):
        def setrlimit(self, name: str, limits: tuple[int, int]) -> None:
            calls.append((name,))

    platform_of(monkeypatch, Telling(*LIMITS))
    close()
    first, *between, last = [str(name) for name, *_ in calls]
    assert (first, last) == ("landlock", "seccomp")
    assert between == ["prctl", "call", "prctl", "prctl", *LIMITS]
    assert calls[-1] == ("seccomp", 8, 9)


@given(layers=st.lists(st.sampled_from(LAYERS)))
def test_only_the_wanted_layers_are_closed_in_the_order_that_is_right(layers: list[str]) -> None:
    wanted = tuple(name for name in LAYERS if name in layers)
    assert lockdown.close(layers, source=8, sink=9) == Isolation(wanted, ())
    assert lockdown.close(iter(layers), source=8, sink=9) == Isolation(wanted, ())


def test_no_layer_touches_nothing(calls: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    resource = platform_of(monkeypatch, Resource(*LIMITS))
    assert lockdown.close((), source=8, sink=9) == Isolation((), ())
    assert (calls, resource.limits) == ([], {})


@pytest.mark.parametrize("missing", LAYERS)
def test_a_layer_that_is_missing_keeps_none_of_the_others_away(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"process": (kernel, "_prctl"), "landlock": (landlock, "close"), "seccomp": (seccomp, "close")}
    refuse(monkeypatch, *broken[missing], kernel.Unavailable("this moon has none"))
    isolation = close()
    assert isolation.layers == tuple(name for name in LAYERS if name != missing)
    (gap,) = isolation.gaps
    assert gap.startswith(f"{missing}: ")
    assert gap.endswith("this moon has none")


@pytest.mark.parametrize(
    ("module", "gap"),
    [
        (landlock, "landlock: the kernel refuses the rules (Operation not permitted)"),
        (seccomp, "seccomp: the kernel refuses the filter (Operation not permitted)"),
    ],
)
def test_a_layer_that_the_kernel_refuses_is_a_gap(
    module: ModuleType, gap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, module, "close", OSError(errno.EPERM, "Operation not permitted"))
    isolation = close()
    assert isolation.gaps == (gap,)
    assert len(isolation.layers) == 2


def test_a_landlock_with_a_gap_is_not_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "close", lambda: ["ABI 3 does not deny TCP"])
    assert close() == Isolation(("process", "seccomp"), ("landlock: ABI 3 does not deny TCP",))


def test_gaps_stand_in_the_order_of_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (landlock, seccomp):
        refuse(monkeypatch, module, "close", kernel.Unavailable("no"))
    refuse(monkeypatch, kernel, "_prctl", kernel.Unavailable("no"))
    platform_of(monkeypatch, None)
    isolation = close()
    assert isolation.layers == ()
    assert isolation.gaps == (
        "process: no no_new_privs: no",
        "process: this system has no resource limits",
        "landlock: no",
        "seccomp: no",
    )


# Limits and switches


def test_every_limit_is_set_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = platform_of(monkeypatch, Resource(*LIMITS))
    assert close("process") == Isolation(("process",), ())
    assert [*resource.limits] == LIMITS
    # CPU time alone is raised again, for the next row.
    assert resource.limits.pop("RLIMIT_CPU") == (10, -1)
    assert all(soft == hard for soft, hard in resource.limits.values())
    assert [name for name, (soft, _) in resource.limits.items() if soft] == ["RLIMIT_DATA", "RLIMIT_AS"]


def test_a_limit_that_was_lower_before_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = platform_of(monkeypatch, Resource(*LIMITS, hard=4096))
    assert close("process") == Isolation(("process",), ())
    assert resource.limits["RLIMIT_AS"] == (4096, 4096)
    assert resource.limits["RLIMIT_NOFILE"] == (0, 0)


@pytest.mark.parametrize("missing", LIMITS)
def test_a_limit_that_the_platform_lacks_is_a_gap(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = platform_of(monkeypatch, Resource(*(name for name in LIMITS if name != missing)))
    assert close("process") == Isolation((), (f"process: no {missing} on this system",))
    assert len(resource.limits) == len(LIMITS) - 1


@pytest.mark.parametrize("refused", LIMITS)
@pytest.mark.parametrize("error", [ValueError("not allowed"), OSError(errno.EINVAL, "not allowed")])
def test_a_limit_that_cannot_be_set_is_a_gap(refused: str, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = platform_of(monkeypatch, Resource(*LIMITS, refused=(refused,), error=error))
    isolation = close("process")
    assert isolation.layers == ()
    assert isolation.gaps == (f"process: {refused} is refused ({error})",)
    assert len(resource.limits) == len(LIMITS) - 1


def test_a_platform_without_limits_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    platform_of(monkeypatch, None)
    assert close("process") == Isolation((), ("process: this system has no resource limits",))
    lockdown.allow_cpu()


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_that_is_refused_is_a_gap_and_the_rest_is_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = platform_of(monkeypatch, Resource(*LIMITS))
    refuse(monkeypatch, kernel, SWITCHES[name], OSError(errno.EPERM, "Operation not permitted"))
    assert close("process") == Isolation((), (f"process: {name} is refused (Operation not permitted)",))
    assert [*resource.limits] == LIMITS


def test_a_guard_that_the_system_lacks_is_no_condition(
    calls: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lockdown.guard()
    assert calls == [("prctl", 1, 9), ("prctl", 4, 0)]
    for error in (kernel.Unavailable("no"), OSError(errno.EPERM, "no")):
        refuse(monkeypatch, kernel, "_prctl", error)
        lockdown.guard()


def test_capabilities_are_given_up(monkeypatch: pytest.MonkeyPatch, calls: list[tuple[object, ...]]) -> None:
    for name, number in (("x86_64", 126), ("aarch64", 91)):
        monkeypatch.setattr(kernel, "machine", lambda name=name: name)
        kernel.drop_capabilities()
        # Version 3, this process; three sets of two words each, all empty.
        assert calls.pop() == ("call", number, struct.pack("=Ii", 0x20080522, 0), bytes(24))


# CPU time


def test_every_row_gets_cpu_time_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = platform_of(monkeypatch, Resource("RLIMIT_CPU"))
    lockdown.allow_cpu(5)
    assert resource.limits == {"RLIMIT_CPU": (10, -1)}
    lockdown.allow_cpu(7)
    assert resource.limits == {"RLIMIT_CPU": (12, -1)}


def test_the_only_row_gets_cpu_time_that_it_cannot_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = platform_of(monkeypatch, Resource("RLIMIT_CPU"))
    lockdown.allow_cpu(5, for_good=True)
    assert resource.limits == {"RLIMIT_CPU": (10, 11)}


@pytest.mark.parametrize(("hard", "limits"), [(10, {"RLIMIT_CPU": (10, 10)}), (9, {})])
@pytest.mark.parametrize("for_good", [False, True])
def test_cpu_time_stays_below_the_limit_that_was_there(
    hard: int, limits: dict[str, tuple[int, int]], for_good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = platform_of(monkeypatch, Resource("RLIMIT_CPU", hard=hard))
    lockdown.allow_cpu(5, for_good=for_good)
    assert resource.limits == limits


# What two closings come to

isolations = st.builds(
    Isolation,
    st.lists(st.sampled_from(LAYERS), unique=True).map(lambda all_: tuple(one for one in LAYERS if one in all_)),
    st.lists(st.text(max_size=5)).map(tuple),
)


@given(first=isolations, second=isolations)
def test_two_closings_come_to_the_layers_and_gaps_of_both(first: Isolation, second: Isolation) -> None:
    both = lockdown.joined(first, second)
    assert both.layers == tuple(name for name in LAYERS if name in first.layers or name in second.layers)
    assert both.gaps == first.gaps + second.gaps
    assert lockdown.joined(both, Isolation((), ())) == both == lockdown.joined(Isolation((), ()), both)


def test_closing_in_two_steps_comes_to_closing_at_once() -> None:
    assert lockdown.joined(close("landlock"), close("process", "seccomp")) == close()


# The kernel's calls


@pytest.fixture
def bare_kernel(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the kernel's calls without the recorder that stands before them in the other tests."""
    return loaded("kernel")


def loaded(name: str) -> ModuleType:
    """Load a module of the jail once more, beside the one that the tests share."""
    spec = importlib.util.spec_from_file_location(f"another_{name}", SANDBOX / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "machine"),
    [("x86_64", "x86_64"), ("amd64", "x86_64"), ("aarch64", "aarch64"), ("arm64", "aarch64")],
)
def test_a_machine_has_one_name(name: str, machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: name)
    assert kernel.machine() == machine


@pytest.mark.parametrize("name", ["riscv64", "i686", "aarch64_be", "armv7l", "s390x", "AMD64", ""])
def test_a_machine_whose_calls_are_not_known_is_unavailable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: name)
    with pytest.raises(kernel.Unavailable, match=f"not for {name or 'this machine'}$"):
        kernel.machine()


def test_a_process_of_32_bits_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(struct, "calcsize", lambda layout: 4)
    with pytest.raises(kernel.Unavailable, match="not for x86_64"):
        kernel.machine()


@pytest.mark.parametrize("name", ["darwin", "win32", "freebsd14", "emscripten"])
def test_another_system_is_unavailable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", name)
    monkeypatch.setattr(platform, "system", lambda: "")
    with pytest.raises(kernel.Unavailable, match=f"^{name} is not Linux$"):
        kernel.machine()


def test_a_python_without_ctypes_loads_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctypes", None)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    bare = loaded("kernel")
    for attempt in (bare.machine, bare.hide, lambda: bare.call(39), lambda: bare.filter_calls(b"")):
        with pytest.raises(bare.Unavailable, match="ctypes"):
            attempt()


def test_a_python_without_resource_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert loaded("lockdown").resource is None


@pytest.mark.parametrize(
    ("patched", "reason"),
    [
        ((platform, "machine", lambda: "riscv64"), "x86-64 and aarch64 only, not for riscv64"),
        ((sys, "platform", "sunos5"), "is not Linux"),
    ],
)
def test_where_nothing_is_known_every_layer_says_why(
    patched: tuple[object, str, object], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, closing in CLOSING:
        monkeypatch.setattr(module, name, closing)
    refuse(monkeypatch, kernel, "_library", AssertionError("no call of this machine is known"))
    monkeypatch.setattr(*patched)
    isolation = close()
    assert isolation.layers == ()
    assert [gap.partition(":")[0] for gap in isolation.gaps] == [*LAYERS]
    assert all(reason in gap for gap in isolation.gaps)


def test_the_switches_are_those_of_the_kernel(calls: list[tuple[object, ...]]) -> None:
    kernel.forbid_privileges()
    kernel.hide()
    kernel.end_with_parent()
    assert calls == [("prctl", 38, 1), ("prctl", 4, 0), ("prctl", 1, 9)]


def test_a_filter_is_handed_over_whole_and_privileges_are_forbidden_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = seccomp.program("aarch64", 3, 4)
    handed: list[tuple[int, ...]] = []
    held: list[bytes] = []

    def prctl(option: int, *arguments: int) -> None:
        handed.append((option, *arguments[:1]))
        if option == 22:
            count, address = struct.unpack("@HP", ctypes.string_at(arguments[1], struct.calcsize("@HP")))
            held.append(ctypes.string_at(address, 8 * count))

    monkeypatch.setattr(kernel, "_prctl", prctl)
    kernel.filter_calls(program)
    assert handed == [(38, 1), (22, 2)]
    assert held == [program]


@linux
def test_a_call_gives_what_the_kernel_gives(bare_kernel: ModuleType) -> None:
    own_number = {"x86_64": 39, "aarch64": 172}[bare_kernel.machine()]
    assert bare_kernel.call(own_number) == os.getpid()
    with pytest.raises(OSError, match=os.strerror(errno.ENOSYS)) as error:
        bare_kernel.call(100_000, None, 1, b"x")
    assert error.value.errno == errno.ENOSYS
    with pytest.raises(OSError, match=os.strerror(errno.EINVAL)):
        bare_kernel._prctl(100_000)


# In the kernel: each layer alone, and arbitrary code behind it

ALONE = f"""
import sys
sys.path.insert(0, {str(SANDBOX)!r})
import ctypes, json, os, resource
import lockdown
library = ctypes.CDLL(None, use_errno=True)
os.umask(0)
source, sink = 0, 1
isolation = lockdown.close([sys.argv[1]], source=source, sink=sink)
def said(attempt):
    try:
        attempt()
    except BaseException as error:
        return type(error).__name__
    return "done"
"""


def behind(layer: str, code: str) -> tuple[int, bytes]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", ALONE + code, layer], capture_output=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, done.stdout


@linux
def test_the_process_layer_alone_sets_switches_and_limits() -> None:
    code, out = behind(
        "process",
        """
attempts = {
    "open": lambda: open("/dev/null"),
    "pipe": os.pipe,
    "import": lambda: __import__("fractions"),
    "memory": lambda: bytearray(10**9),
    "more files": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9)),
}
limits = {name: resource.getrlimit(getattr(resource, name)) for name, _ in lockdown.LIMITS}
switches = [library.prctl(option, 0, 0, 0, 0) for option in (39, 3)]
signal = ctypes.c_int()
library.prctl(2, ctypes.byref(signal), 0, 0, 0)
tried = {name: said(attempt) for name, attempt in attempts.items()}
os.write(1, json.dumps([isolation, limits, switches + [signal.value], tried]).encode())
os._exit(0)
""",
    )
    assert code == 0
    isolation, limits, switches, tried = json.loads(out)
    assert isolation == [["process"], []]
    assert limits == {name: [limit, limit] for name, limit in lockdown.LIMITS}
    assert switches == [1, 0, 9]
    assert tried.pop("memory") == "MemoryError"
    assert set(tried.values()) <= {"OSError", "ModuleNotFoundError", "ValueError", "PermissionError"}


@linux
@pytest.mark.parametrize("layer", ["landlock", "seccomp"])
def test_a_layer_of_the_kernel_alone_says_that_it_is_in_place_or_why_not(layer: str) -> None:
    code, out = behind(layer, "os.write(1, json.dumps(isolation).encode()); os._exit(0)")
    assert code == 0
    layers, gaps = json.loads(out)
    assert layers == ([] if gaps else [layer])
    assert all(gap.startswith(f"{layer}: ") for gap in gaps)
