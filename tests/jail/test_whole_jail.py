"""The whole jail: every attack has its verdict, in both modes, for every user, and on systems that lack layers."""

import errno
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from guidex_schema.diagnostic import Severity
from guidex_schema.validation import Validator
from guidex_schema.worker import Mode, Worker
from witnesses import CORPUS, SECRET, Row, Witnesses, all_attacks, attacks, misjudged

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layers are those of Linux")
MODES: list[Mode] = ["persistent", "fork-per-row"]
CORPUS_ROWS = 176
NOBODY = 65534
WITHOUT = [sys.executable, str(Path(__file__).parent / "without.py")]

with Worker() as _probe:
    IS_FULL = sys.platform.startswith("linux") and _probe.isolation.is_full
full = pytest.mark.skipif(not IS_FULL, reason="this system lacks a layer of isolation")
filters = pytest.mark.skipif(
    not IS_FULL or platform.machine() not in ("x86_64", "aarch64"), reason="what the system lacks cannot be simulated"
)


class Dataset(NamedTuple):
    """Attacks in a file.

    Attributes:
        path: of the file.
        rows: what stands in it.
        witnesses: what the attacks may not touch.
    """

    path: Path
    rows: list[Row]
    witnesses: Witnesses

    def assert_untouched(self, written: str) -> None:
        """Nothing that was written tells the secret, and no witness was touched."""
        assert SECRET not in written
        users = Path("/etc/passwd")
        first = users.read_text("utf-8").split("\n")[0] if users.exists() else ""
        assert not first or first not in written
        assert not self.witnesses.remove_canary()
        assert not self.witnesses.reached()


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    with tempfile.TemporaryDirectory(prefix="guidex-") as name, Witnesses.called(Path(name)) as witnesses:
        folder = Path(name)
        # Other users read it, too.
        folder.chmod(0o755)
        path = folder / "attacks.jsonl"
        rows = all_attacks(witnesses.canary)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        yield Dataset(path, rows, witnesses)


def check(
    dataset: Dataset, *options: str, python: Sequence[str] = (sys.executable,), user: int | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run the real command as its users do."""
    command = [*python, "-m", "guidex_schema", "check", str(dataset.path), "--output-format", "json"]
    return subprocess.run(
        [*command, *options],
        capture_output=True,
        text=True,
        timeout=120,
        cwd="/",
        env=dataset.witnesses.environment(),
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def assert_judged(dataset: Dataset, ended: "subprocess.CompletedProcess[str]", *layers: str) -> None:
    """Every row has its verdict, and the report says how far the jail was closed."""
    dataset.assert_untouched(ended.stdout + ended.stderr)
    report = json.loads(ended.stdout)
    assert report["summary"]["checked"] == len(dataset.rows)
    assert report["summary"]["unread"] == 0
    assert report["summary"]["isolation"]["layers"] == list(layers)
    assert {one["isolation"] for one in report["diagnostics"]} == {report["summary"]["isolation"]["level"]}
    codes: dict[str, list[str]] = {str(row["id"]): [] for row in dataset.rows}
    errors: dict[str, list[str]] = {str(row["id"]): [] for row in dataset.rows}
    assert len(codes) == len(dataset.rows)
    for one in report["diagnostics"]:
        name = one["record"]["id"]
        # In one file with the others a row may be a duplicate of another.
        if not one["code"].startswith("GX5"):
            codes[name].append(one["code"])
        if one["severity"] == Severity.ERROR.value:
            errors[name].append(one["code"])
    wrong = [misjudged(row, codes[str(row["id"])], errors[str(row["id"])]) for row in dataset.rows]
    assert not [one for one in wrong if one]


# --- the verdicts --------------------------------------------------------------------------------------------------


@full
@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of attacks stands beside the repository, not in it")
@pytest.mark.parametrize("mode", MODES)
def test_every_public_attack_has_its_verdict(mode: Mode, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIDEX_SECRET", SECRET)
    monkeypatch.setenv("GUIDEX_CANARY", str(dataset.witnesses.canary))
    rows = attacks(CORPUS, canary=dataset.witnesses.canary)
    dataset.path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    with Validator(Worker(mode=mode, demand="strict"), accelerate=False) as validator:
        # What is found in all rows together comes behind them.
        reports = [report for report in validator.check_file(dataset.path) if report.checked or report.unread]
        assert validator.isolation.is_full
    verdicts = Counter[bool]()
    wrong = []
    for row, report in zip(rows, reports, strict=True):
        errors = [one.code for one in report.diagnostics if one.severity is Severity.ERROR]
        found = misjudged(row, [one.code for one in report.diagnostics], errors)
        verdicts[not found] += 1
        wrong += found
    assert verdicts == {True: CORPUS_ROWS}, wrong
    dataset.assert_untouched("".join(one.model_dump_json() for report in reports for one in report.diagnostics))


@full
@pytest.mark.parametrize("mode", MODES)
def test_every_attack_has_its_verdict_from_the_command(mode: Mode, dataset: Dataset) -> None:
    ended = check(dataset, "--worker", mode, "--isolation", "strict")
    assert ended.returncode == 1
    assert ended.stderr == ""
    assert_judged(dataset, ended, "process", "landlock", "seccomp")


@pytest.fixture
def anybodys_python() -> list[str]:
    """Give a Python of this release that an ordinary user may start with the project, as the start of a command."""
    if os.getuid() != 0:
        pytest.skip("only root can be another user; the other tests are run by an ordinary one here")
    own = "python{}.{}".format(*sys.version_info)
    # A Python in root's home is nobody else's; what is installed for it can be read by another one.
    folders = ":".join(one for one in sys.path if Path(one).is_dir())
    for python in (sys.executable, f"/usr/bin/{own}", f"/usr/local/bin/{own}"):
        command = ["/usr/bin/env", f"PYTHONPATH={folders}", python]
        loading = [*command, "-c", "import guidex_schema.cli, RestrictedPython"]
        if not subprocess.run(
            loading, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", capture_output=True
        ).returncode:  # fmt: skip
            return command
    pytest.skip("no Python here that another user may start with the project")


@full
@pytest.mark.parametrize("mode", MODES)
def test_an_ordinary_user_gets_the_same_verdicts(mode: Mode, dataset: Dataset, anybodys_python: list[str]) -> None:
    ended = check(dataset, "--worker", mode, "--isolation", "strict", python=anybodys_python, user=NOBODY)
    assert ended.stderr == ""
    assert ended.returncode == 1
    assert_judged(dataset, ended, "process", "landlock", "seccomp")


# --- systems that lack a layer -------------------------------------------------------------------------------------

# What a kernel says that is built without it, what one says where it is off at boot, what Docker's filter says.
NO_LANDLOCK = ["ENOSYS", "EOPNOTSUPP", "EPERM"]
LACKING = [
    *(("persistent", "landlock", error, ("process", "seccomp"), "process") for error in NO_LANDLOCK),
    ("fork-per-row", "landlock", "EPERM", ("process", "seccomp"), "process"),
    ("persistent", "seccomp", "EINVAL", ("process", "landlock"), "landlock"),
    ("fork-per-row", "seccomp", "EINVAL", ("process", "landlock"), "landlock"),
]


@filters
@pytest.mark.parametrize(("mode", "lacking", "error", "layers", "level"), LACKING)
def test_a_system_that_lacks_a_layer_says_so_and_judges_all_the_same(
    mode: Mode, lacking: str, error: str, layers: tuple[str, ...], level: str, dataset: Dataset
) -> None:
    ended = check(dataset, "--worker", mode, python=[*WITHOUT, lacking, error, sys.executable])
    assert_judged(dataset, ended, *layers)
    assert ended.returncode == 1
    summary = json.loads(ended.stdout)["summary"]["isolation"]
    assert summary["level"] == level
    assert [gap.partition(":")[0] for gap in summary["gaps"]] == [lacking]
    (line,) = ended.stderr.splitlines()
    assert f"level '{level}'" in line
    assert lacking in line


@filters
@pytest.mark.parametrize(("lacking", "error"), [("landlock", "EPERM"), ("landlock", "ENOSYS"), ("seccomp", "EINVAL")])
@pytest.mark.parametrize("mode", MODES)
def test_a_system_that_lacks_a_layer_is_refused_where_all_are_demanded(
    mode: Mode, lacking: str, error: str, dataset: Dataset
) -> None:
    ended = check(dataset, "--worker", mode, "--isolation", "strict", python=[*WITHOUT, lacking, error, sys.executable])
    assert ended.returncode == 2
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert lacking in line
    assert "--isolation" in line
    dataset.assert_untouched(ended.stderr)


@filters
def test_the_simulation_is_one() -> None:
    # The filter answers what the kernel would have answered.
    for number, expected in (((444, 445, 446), errno.ENOSYS), ((443, 447), None)):
        for one in number:
            code = (
                "import ctypes; c = ctypes.CDLL(None, use_errno=True); "
                f"r = c.syscall({one}, 0, 0, 1 << 20); print(ctypes.get_errno() if r < 0 else 0)"
            )
            said = subprocess.run(
                [*WITHOUT, "landlock", "ENOSYS", sys.executable, "-c", code], capture_output=True, text=True, check=True
            )
            assert (int(said.stdout) == expected) == (expected is not None), one
