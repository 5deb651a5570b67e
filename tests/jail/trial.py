"""Let rows loose on a jailed program of a test's choosing, and note which witness each of them touched."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from guidex_schema.worker import Mode
from witnesses import DELAY_SECONDS, ROOT, SECRET, Row, Witnesses

JAIL_TESTS = Path(__file__).parent
# A row that hangs costs its wall clock twice, since what fails is tried once more.
SHORT_SECONDS = 0.2
# What the host itself says in place of a reply when a row has killed it.
HOST_DIED = "host-died"

Attack = Callable[[Witnesses], list[Row]]


class Outcome(NamedTuple):
    """What came of a row.

    Attributes:
        row: the row's name.
        content: what the host took for a reply.
        trouble: what went wrong instead.
        detail: more about it.
        canary: the canary was there afterwards.
        reached: the sockets that were reached.
    """

    row: str
    content: dict[str, object] | None
    trouble: str | None
    detail: str
    canary: bool
    reached: tuple[str, ...]

    @property
    def result(self) -> str:
        return str((self.content or {}).get("result", ""))

    @property
    def is_forged(self) -> bool:
        """Say whether the host took for a reply what the honest program did not write for this row."""
        if self.content is None:
            return False
        return {**self.content, "result": ""} not in (
            {"row": self.row, "status": "ran", "result": ""},
            {"row": self.row, "status": "raised", "result": ""},
        ) or not isinstance(self.content["result"], str)


class Trial(NamedTuple):
    """What came of many rows.

    Attributes:
        outcomes: one a row, in order.
        layers: of the isolation, as the program reported them.
        output: all that hosts and jailed programs wrote anywhere.
        peak: bytes of the largest jailed process.
    """

    outcomes: list[Outcome]
    layers: set[tuple[str, ...]]
    output: str
    peak: int

    @property
    def canaries(self) -> list[str]:
        return [one.row for one in self.outcomes if one.canary]

    @property
    def reached(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(one.row, one.reached) for one in self.outcomes if one.reached]

    @property
    def leaks(self) -> list[str]:
        found = [one.row for one in self.outcomes if SECRET in one.result + one.detail]
        return found or (["output"] if SECRET in self.output else [])

    @property
    def forged(self) -> list[str]:
        return [one.row for one in self.outcomes if one.is_forged]

    @property
    def dead_hosts(self) -> list[str]:
        return [one.row for one in self.outcomes if one.trouble == HOST_DIED]

    def of(self, name: str) -> Outcome:
        return next(one for one in self.outcomes if one.row == name)


class Program(NamedTuple):
    """A jailed program that lacks layers.

    Attributes:
        kind: how it runs rows, see ``answers``.
        layers: of the isolation of its process.
        cpu_seconds: of a row, where the program bounds them.
    """

    kind: str
    layers: Sequence[str]
    cpu_seconds: int | None = None

    def written(self, folder: Path) -> Path:
        """Write the program into a folder that the host can start."""
        program = folder / "program"
        program.mkdir(exist_ok=True)
        lines = ["import sys", f"sys.path[:0] = {[str(ROOT / 'sandbox'), str(JAIL_TESTS)]!r}"]
        if self.cpu_seconds is not None:
            lines += ["import lockdown", f"lockdown.allow_cpu.__defaults__ = ({self.cpu_seconds},)"]
        lines += ["import answers", f"answers.main({self.kind!r}, {list(self.layers)!r})"]
        (program / "__main__.py").write_text("\n".join(lines) + "\n", "utf-8")
        return program


def hold(
    program: Program, mode: Mode, attack: Attack, *, hosts: int = 3, honest: Row | None = None, seconds: float = 20
) -> Trial:
    """Hand rows to a program, one after another, from hosts that may be harmed.

    A host has a session, a working directory and witnesses of its own. Where a row kills it, the next row gets a new
    one.

    Args:
        program: what runs the rows.
        mode: of the program.
        attack: makes the rows for the witnesses that they go for.
        hosts: how many work side by side, each on a part of the rows.
        honest: a row that stands behind each of the others.
        seconds: the wall clock of rows of which nobody knows that they hang.
    """
    with ThreadPoolExecutor(hosts) as pool:
        trials = [*pool.map(lambda part: _hold_part(program, mode, attack, part, hosts, honest, seconds), range(hosts))]
    return Trial(
        [outcome for trial in trials for outcome in trial.outcomes],
        {layers for trial in trials for layers in trial.layers},
        "".join(trial.output for trial in trials),
        max(trial.peak for trial in trials),
    )


def _hold_part(
    program: Program, mode: Mode, attack: Attack, part: int, parts: int, honest: Row | None, seconds: float
) -> Trial:
    with tempfile.TemporaryDirectory(prefix="guidex-") as name, Witnesses.called(Path(name)) as witnesses:
        rows = attack(witnesses)
        rows = rows[len(rows) * part // parts : len(rows) * (part + 1) // parts]
        if honest is not None:
            rows = [one for row in rows for one in (row, honest)]
        return _Hosts(program, mode, witnesses, Path(name), seconds).hold(rows)


class _Hosts:
    """Hosts, one after another, and what they say."""

    def __init__(self, program: Program, mode: Mode, witnesses: Witnesses, folder: Path, seconds: float) -> None:
        self._command = [sys.executable, str(JAIL_TESTS / "subhost.py"), str(program.written(folder)), mode]
        self._witnesses = witnesses
        self._seconds = seconds
        self._noise = folder / "stderr"
        self._home = folder / "home"
        self._home.mkdir()
        self._outcomes: list[Outcome] = []
        self._layers: set[tuple[str, ...]] = set()
        self._said: list[str] = []
        self._peak = 0

    def hold(self, rows: list[Row]) -> Trial:
        """Hand all rows on."""
        while len(self._outcomes) < len(rows):
            self._hold_until_dead(rows[len(self._outcomes) :])
        if any(row.get("delayed") for row in rows):
            time.sleep(DELAY_SECONDS)
        self._note("delayed", "")
        assert not [*self._home.iterdir()], "something was written where the host works"
        self._said.append(self._noise.read_text("utf-8", "replace"))
        return Trial(self._outcomes, self._layers, "".join(self._said), self._peak)

    def _hold_until_dead(self, rows: list[Row]) -> None:
        with (
            self._noise.open("a", encoding="utf-8") as noise,
            subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=noise,
                text=True,
                cwd=self._home,
                env=self._witnesses.environment(),
                start_new_session=True,
            ) as host,
        ):
            try:
                for row in rows:
                    answer = _asked(host, _request(row, self._seconds))
                    self._note(str(row["id"]), answer)
                    if not answer:
                        return
                rest, _ = host.communicate()
                self._said.append(rest)
                self._peak = max(self._peak, int(rest))
            finally:
                if host.poll() is None:
                    os.killpg(host.pid, signal.SIGKILL)

    def _note(self, row: str, answer: str) -> None:
        self._said.append(answer)
        touched = (self._witnesses.remove_canary(), tuple(self._witnesses.reached()))
        if answer:
            content, trouble, detail, layers = json.loads(answer)
            self._layers.add(tuple(layers))
        else:
            content, trouble, detail = None, HOST_DIED if row != "delayed" else None, ""
        self._outcomes.append(Outcome(row, content, trouble, detail, *touched))


def _asked(host: "subprocess.Popen[str]", request: Row) -> str:
    """Give the host's answer; nothing where it is dead."""
    assert host.stdin is not None
    assert host.stdout is not None
    try:
        host.stdin.write(json.dumps(request) + "\n")
        host.stdin.flush()
    except BrokenPipeError:
        return ""
    return host.stdout.readline()


def _request(row: Row, seconds: float) -> Row:
    hangs = bool({"timeout", "memory", "flood"} & {*_strings(row.get("naive_effect", []))})
    guidelines = str(row["guidelines"])
    return {
        "row": row["id"],
        "guidelines": guidelines,
        "labels": row["labels"],
        "classes": re.findall(r"(?m)^class (\w+)", guidelines),
        "seconds": SHORT_SECONDS if hangs else seconds,
    }


def _strings(given: object) -> list[str]:
    return [str(one) for one in given] if isinstance(given, list) else []
