"""Each layer of the jail alone: attacks run against it with all the layers in front of it switched off.

With every layer in place the first one stops nearly everything, and those behind it would never be tried. What runs
here is a real jailed process, started as the host starts it, which lacks layers.
"""

import sys
from pathlib import Path

import pytest

import hostile
import landlock
from guidex_schema.diagnostic import Severity
from guidex_schema.instance import Record
from guidex_schema.isolation import LAYERS
from guidex_schema.validation import Validator
from guidex_schema.worker import Mode, Worker
from kernel import Unavailable
from trial import HOST_DIED, Attack, Program, Trial, hold
from witnesses import CORPUS, FIXTURES, SECRET, Row, Witnesses, attacks, misjudged

MODES: list[Mode] = ["persistent", "fork-per-row"]
# A fork bomb: the limit of processes does not hold root, so that without the filter of calls it would take the machine.
FORK_BOMBS = {"SG-016"}
MEMORY_BYTES = 512 << 20


def landlock_version() -> int:
    try:
        return landlock.version()
    except (Unavailable, OSError):
        return 0


pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layers are those of Linux")
needs_landlock = pytest.mark.skipif(landlock_version() < 4, reason="no Landlock here that denies TCP")
needs_scopes = pytest.mark.skipif(landlock_version() < 6, reason="no Landlock here that keeps signals in")


def the_projects_own(witnesses: Witnesses) -> list[Row]:
    """Give attacks that go for every witness by name."""
    return [
        *attacks(*FIXTURES, canary=witnesses.canary),
        *hostile.connecting(witnesses),
        *hostile.connecting_otherwise(witnesses),
        *hostile.creating(witnesses),
        *hostile.creating_without_descriptor(witnesses),
        *hostile.telling(witnesses),
        *hostile.ending(witnesses),
        *hostile.spending(witnesses),
    ]


def everything(witnesses: Witnesses) -> list[Row]:
    """Give all attacks but those on the wire to the host."""
    return [*(attacks(CORPUS, canary=witnesses.canary) if CORPUS.exists() else []), *the_projects_own(witnesses)]


def everything_but_fork_bombs(witnesses: Witnesses) -> list[Row]:
    return [row for row in everything(witnesses) if row["id"] not in FORK_BOMBS]


def assert_untouched(trial: Trial) -> None:
    assert not trial.canaries
    assert not trial.reached
    assert not trial.leaks
    assert not trial.dead_hosts


def one(labels: str, name: str = "row", *, hangs: bool = False) -> Attack:
    """Attack with one row, and an honest one behind it."""
    return lambda witnesses: [
        hostile.program(name, labels, witnesses, hangs=hangs),
        hostile.honest("honest"),
    ]


def assert_honest(trial: Trial) -> None:
    """Every honest row among the others had the reply that it has alone."""
    replies = [one for one in trial.outcomes if one.row == "honest"]
    assert replies
    assert {(one.content or {}).get("status") for one in replies} == {"ran"}
    assert {one.result for one in replies} == {hostile.HONEST_RESULT}


# --- the witnesses -------------------------------------------------------------------------------------------------


def test_without_any_layer_every_witness_is_touched() -> None:
    # A witness that sees nothing is none: the rows do what they say where nothing stops them.
    def attack(witnesses: Witnesses) -> list[Row]:
        return [
            *hostile.connecting(witnesses),
            *hostile.connecting_otherwise(witnesses),
            *hostile.creating(witnesses),
            *hostile.creating_without_descriptor(witnesses),
            *hostile.telling(witnesses),
        ]

    trial = hold(Program("raw", ()), "persistent", attack, hosts=1)
    # A kernel may lack ways to a socket, a system may lack the shell that has sockets.
    optional = {"reach-tcp-fast-open", "reach-multipath-tcp", "connect-tcp-by-shell"}
    touched = {*trial.canaries, *(row for row, _ in trial.reached)}
    expected = {one.row for one in trial.outcomes if one.row.startswith(("connect-", "reach-", "create-"))}
    assert expected - touched <= optional
    # The jail starts with an empty environment; what the host's holds is in the kernel's books.
    assert "tell-environment-of-the-host" in trial.leaks
    assert "tell-environment-in-an-error" in trial.leaks
    assert not {"tell-own-environment", "tell-own-environment-by-libc", "tell-own-environment-by-file"} & {*trial.leaks}


def test_a_forger_who_knows_the_nonce_is_noticed() -> None:
    # What is forged shows as forged: this row looks the nonce up, which nothing but the layers before it prevents.
    labels = (
        "import sys\nframe = sys._getframe()\nwhile 'nonce' not in frame.f_locals: frame = frame.f_back\n"
        "import frames\nframes.write(sink, frame.f_locals['nonce'], b'{}')"
    )
    trial = hold(Program("raw", ()), "persistent", one(labels), hosts=1)
    assert trial.forged == ["row"]


# --- the allow-list alone ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_the_allow_list_alone_lets_nothing_run(mode: Mode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Behind it everything that Python has is in reach, and no door is closed.
    program = Program("allow-list", ()).written(tmp_path)
    (tmp_path / "w").mkdir()
    with Witnesses.called(tmp_path / "w") as witnesses:
        monkeypatch.setenv("GUIDEX_SECRET", SECRET)
        wrong = []
        with Validator(Worker(program, mode=mode), accelerate=False) as validator:
            for row in everything(witnesses):
                text = row.get("text", row.get("document"))
                record = Record(guidelines=str(row["guidelines"]), labels=str(row["labels"]), document=str(text))
                report = validator.validate(record).report
                codes = [one.code for one in report.diagnostics]
                errors = [one.code for one in report.diagnostics if one.severity is Severity.ERROR]
                wrong += misjudged({"expected": "rejected", **row}, codes, errors)
                assert SECRET not in "".join(one.model_dump_json() for one in report.diagnostics), row["id"]
                assert not witnesses.remove_canary(), row["id"]
                assert not witnesses.reached(), row["id"]
            assert validator.isolation.layers == ()
        assert not wrong


# --- RestrictedPython alone ----------------------------------------------------------------------------------------


def test_restricted_python_alone_reaches_no_witness() -> None:
    # No verdict is promised: it accepts much that labels may not hold, and limits end what spins or takes memory.
    trial = hold(Program("restricted", ()), "persistent", everything, seconds=1)
    assert_untouched(trial)
    assert not trial.forged
    assert trial.layers == {()}
    assert trial.of("reach-udp").trouble is None


# --- the limits and switches of a process, alone -------------------------------------------------------------------
#
# Not promised by this layer alone: it knows neither paths nor calls. A row can make folders and links (no descriptor
# is needed), stop and kill processes of its user, start processes as root, and change what rows behind it in the same
# process are judged by. Root with CAP_SYS_RESOURCE can take the limits back.


@pytest.mark.parametrize("mode", [pytest.param("persistent", marks=pytest.mark.slow), "fork-per-row"])
def test_the_process_alone_tells_nothing_and_reaches_nobody(mode: Mode) -> None:
    honest = hostile.honest("honest") if mode == "fork-per-row" else None
    trial = hold(Program("raw", ("process",)), mode, everything_but_fork_bombs, honest=honest)
    assert not trial.leaks
    assert not trial.reached
    assert not trial.forged
    assert not trial.dead_hosts
    needs_no_descriptor = {"FN-004", "create-folder", "create-link", "create-fifo", "create-node"}
    assert {*trial.canaries} <= needs_no_descriptor
    assert trial.layers == {("process",)}
    if mode == "fork-per-row":
        assert_honest(trial)
    else:
        # In the other mode the host does not collect the rows' own processes.
        assert trial.peak <= MEMORY_BYTES


@pytest.mark.parametrize("mode", MODES)
def test_the_process_alone_bounds_memory(mode: Mode) -> None:
    trial = hold(Program("raw", ("process",)), mode, one(f"x = bytearray({MEMORY_BYTES})"), hosts=1)
    assert trial.of("row").result == "MemoryError()"
    assert_honest(trial)


@pytest.mark.parametrize("mode", MODES)
def test_the_process_alone_bounds_cpu_time(mode: Mode) -> None:
    trial = hold(Program("raw", ("process",), cpu_seconds=0), mode, one("while True: pass"), hosts=1)
    assert trial.of("row").trouble == "time-limit"
    assert "CPU time" in trial.of("row").detail
    assert_honest(trial)


def test_a_row_of_its_own_process_cannot_ignore_the_limit_of_cpu_time() -> None:
    labels = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    trial = hold(Program("raw", ("process",), cpu_seconds=0), "fork-per-row", one(labels), hosts=1)
    assert trial.of("row").detail == "it ended with signal 9"
    assert_honest(trial)


def test_a_row_of_its_own_process_kills_no_more_than_the_process_that_started_it() -> None:
    # The one that forks is the jail's; the host lives on. In one process for all rows it would be the host.
    trial = hold(Program("raw", ("process",)), "fork-per-row", one(hostile.KILLING_THE_PARENT), hosts=1)
    assert trial.of("row").trouble == "jail-died"
    assert not trial.dead_hosts
    assert_honest(trial)


def test_a_host_that_a_row_kills_is_noticed() -> None:
    # Only to show that the tests would see it; the kernel's layers, each alone, deny it below.
    trial = hold(Program("raw", ("process",)), "persistent", one(hostile.KILLING_THE_PARENT), hosts=1)
    assert trial.dead_hosts == ["row"]
    assert trial.of("row").trouble == HOST_DIED
    assert_honest(trial)


# --- the kernel's layers, alone ------------------------------------------------------------------------------------
#
# Landlock does not promise to bound memory, time or processes, and of sockets it knows TCP (connect and bind) and,
# from Linux 6.12, abstract Unix sockets. TCP that is opened by sending (TCP Fast Open) or that runs over several paths
# (MPTCP), UDP, and Unix sockets with a path are open with it alone; the filter of calls denies every socket.

LANDLOCK_IS_SILENT = {"reach-tcp-fast-open", "reach-multipath-tcp", "reach-udp", "reach-named-socket"}


@needs_landlock
@pytest.mark.parametrize("mode", ["persistent", pytest.param("fork-per-row", marks=pytest.mark.slow)])
def test_landlock_alone(mode: Mode) -> None:
    trial = hold(Program("raw", ("landlock",)), mode, everything_but_fork_bombs)
    assert trial.layers == {("landlock",)}
    assert not trial.canaries
    assert not trial.leaks
    assert not trial.forged
    assert not trial.dead_hosts
    silent = LANDLOCK_IS_SILENT | ({"reach-abstract-socket"} if landlock_version() < 6 else set())
    assert {row for row, _ in trial.reached} <= silent


@needs_scopes
@pytest.mark.parametrize("mode", MODES)
def test_landlock_alone_keeps_signals_in(mode: Mode) -> None:
    trial = hold(Program("raw", ("landlock",)), mode, one(hostile.KILLING_THE_PARENT), hosts=1)
    assert not trial.dead_hosts
    if mode == "persistent":
        assert "PermissionError" in trial.of("row").result
    assert_honest(trial)


@pytest.mark.parametrize(
    ("layers", "mode", "attack"),
    [
        (("seccomp",), "fork-per-row", the_projects_own),
        (("landlock", "seccomp"), "persistent", the_projects_own),
        pytest.param(("seccomp",), "persistent", everything, marks=pytest.mark.slow),
        pytest.param(("seccomp",), "fork-per-row", everything, marks=pytest.mark.slow),
        pytest.param(("landlock", "seccomp"), "fork-per-row", everything, marks=pytest.mark.slow),
        pytest.param(("landlock", "seccomp"), "persistent", everything, marks=pytest.mark.slow),
    ],
)
def test_the_filter_of_calls_with_and_without_landlock(layers: tuple[str, ...], mode: Mode, attack: Attack) -> None:
    if "landlock" in layers and landlock_version() < 4:
        pytest.skip("no Landlock here that denies TCP")
    trial = hold(Program("raw", layers), mode, attack)
    assert trial.layers == {layers}
    assert_untouched(trial)
    assert not trial.forged


@pytest.mark.parametrize("mode", MODES)
def test_the_filter_of_calls_alone_keeps_signals_in(mode: Mode) -> None:
    trial = hold(Program("raw", ("seccomp",)), mode, one(hostile.KILLING_THE_PARENT), hosts=1)
    assert trial.of("row").detail == "it made a system call that the jail forbids"
    assert not trial.dead_hosts
    assert_honest(trial)


# --- every layer of the process, and no other ----------------------------------------------------------------------


@needs_landlock
@pytest.mark.parametrize("mode", MODES)
def test_a_locked_process_that_runs_anything_touches_no_witness(mode: Mode) -> None:
    honest = hostile.honest("honest") if mode == "fork-per-row" else None
    trial = hold(Program("raw", LAYERS), mode, everything, honest=honest)
    assert trial.layers == {LAYERS}
    assert_untouched(trial)
    assert not trial.forged
    if mode == "fork-per-row":
        assert_honest(trial)


@pytest.mark.parametrize("layers", [LAYERS, ("process",)], ids="+".join)
@pytest.mark.parametrize("mode", MODES)
def test_nothing_that_a_row_writes_passes_for_a_verdict(mode: Mode, layers: tuple[str, ...]) -> None:
    trial = hold(Program("raw", layers), mode, hostile.forging, honest=hostile.honest("honest"))
    assert not trial.forged
    # How it ended is for the host to see and not for the row to say.
    told = {one.row: one.trouble for one in trial.outcomes if one.row.startswith("forge-outcome")}
    assert {*told.values()} == {"jail-died"}, told
    assert_honest(trial)


@pytest.mark.parametrize("layers", [LAYERS, ("process",), ()], ids=lambda layers: "+".join(layers) or "none")
def test_a_row_of_its_own_process_leaves_nothing_behind(layers: tuple[str, ...]) -> None:
    # In one process for all rows this is promised only by what keeps rows from running: the layers in front.
    trial = hold(Program("raw", layers), "fork-per-row", hostile.poisoning, hosts=1)
    behind = [one for one in trial.outcomes if one.row.startswith("behind-")]
    assert len(behind) == len(trial.outcomes) // 2
    wrong = [
        one
        for one in behind
        if one.content != {"row": one.row, "status": "ran", "result": hostile.HONEST_RESULT}
    ]  # fmt: skip
    assert not wrong
