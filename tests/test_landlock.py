"""Landlock: the rules for every kernel there has been, what stands in its way, and what it denies all by itself."""

import ctypes
import errno
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import kernel
import landlock

SANDBOX = Path(__file__).parent.parent / "sandbox"

# Struct sizes and bits as the kernel's documentation lists them: how many rights on files, on TCP, and scopes.
KNOWN = {1: (13, 0, 0), 2: (14, 0, 0), 3: (15, 0, 0), 4: (15, 2, 0), 5: (16, 2, 0), 6: (16, 2, 2), 7: (16, 2, 2)}


def supported() -> int:
    """Ask the kernel itself, by no code of ours; 0 where there is no Landlock."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, int(ctypes.CDLL(None).syscall(ctypes.c_long(444), None, ctypes.c_long(0), ctypes.c_long(1))))


needs_landlock = pytest.mark.skipif(not supported(), reason="this kernel has no Landlock")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Put a kernel of ABI 7 behind the calls, which hands out a descriptor that can be closed."""
    made: list[tuple[object, ...]] = []

    def call(number: int, *arguments: int | bytes | None) -> int:
        made.append((number, *arguments))
        if arguments[0] is None:
            return 7
        return os.open(os.devnull, os.O_RDONLY) if number == 444 else 0

    monkeypatch.setattr(kernel, "call", call)
    monkeypatch.setattr(kernel, "forbid_privileges", lambda: made.append(("no_new_privs",)))
    return made


# The rules


@pytest.mark.parametrize("known", [*KNOWN, 8, 100])
def test_every_right_that_a_version_knows_is_handled_and_no_other(known: int) -> None:
    counts = KNOWN[min(known, 7)]
    sizes = [8, 16, 24][: 1 + (known >= 4) + (known >= 6)]
    attributes = landlock.rights(known)
    assert len(attributes) == sizes[-1]
    fields = struct.unpack(f"={len(attributes) // 8}Q", attributes)
    assert fields == tuple(2**count - 1 for count in counts[: len(fields)])


def test_later_versions_deny_no_less() -> None:
    rules = [landlock.rights(known).ljust(24, b"\0") for known in range(1, 12)]
    numbers = [int.from_bytes(one, "little") for one in rules]
    assert all(older & newer == older for older, newer in itertools.pairwise(numbers))


def test_nothing_is_allowed_and_privileges_are_forbidden_first(calls: list[tuple[object, ...]]) -> None:
    assert landlock.close() == []
    (rule_set,) = (int(str(one[1])) for one in calls if one[0] == 446)
    assert calls == [
        (444, None, 0, 1),
        (444, landlock.rights(7), 24, 0),
        ("no_new_privs",),
        (446, rule_set, 0),
    ]
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        os.fstat(rule_set)


@pytest.mark.parametrize("known", range(1, 8))
def test_a_kernel_that_does_not_deny_tcp_is_a_gap(
    known: int, calls: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: known)
    gaps = landlock.close()
    assert len(gaps) == (known < 4)
    assert all(f"ABI {known}" in gap and "TCP" in gap for gap in gaps)
    assert (444, landlock.rights(known), len(landlock.rights(known)), 0) in calls


def test_rules_that_are_refused_leave_no_descriptor(
    calls: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    call = kernel.call

    def refusing(number: int, *arguments: int | bytes | None) -> int:
        if number == 446:
            held.append(int(str(arguments[0])))
            raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))
        return call(number, *arguments)

    monkeypatch.setattr(kernel, "call", refusing)
    with pytest.raises(OSError, match=os.strerror(errno.E2BIG)):
        landlock.close()
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        os.fstat(held[0])


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSYS, "built without it"),
        (errno.EOPNOTSUPP, "switched off at boot"),
        (errno.EPERM, "forbids it"),
        (errno.EINVAL, os.strerror(errno.EINVAL)),
    ],
)
def test_what_stands_in_its_way_is_said(code: int, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(number: int, *arguments: int | bytes | None) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(kernel, "call", refused)
    with pytest.raises(kernel.Unavailable, match=f"^no Landlock: .*{reason}"):
        landlock.version()
    with pytest.raises(kernel.Unavailable):
        landlock.close()


@needs_landlock
def test_the_version_is_what_the_kernel_says() -> None:
    assert landlock.version() == supported() > 0


# In the kernel

# What is denied, by the version from which on it is; before the doors close, each of these works.
DENIED = {
    "open for reading": (1, "os.close(os.open(folder + '/kept', os.O_RDONLY))"),
    "open for writing": (1, "os.close(os.open(folder + '/kept', os.O_WRONLY))"),
    "create a file": (1, "os.close(os.open(f'{folder}/new {turn}', os.O_CREAT | os.O_WRONLY))"),
    "list a folder": (1, "os.listdir(folder)"),
    "list the root": (1, "os.listdir('/')"),
    "make a folder": (1, "os.mkdir(f'{folder}/folder {turn}')"),
    "make a link": (1, "os.symlink('/', f'{folder}/link {turn}')"),
    "make a pipe with a name": (1, "os.mkfifo(f'{folder}/fifo {turn}')"),
    "make a socket with a name": (1, "socket.socket(socket.AF_UNIX).bind(f'{folder}/s{turn}')"),
    "unlink": (1, "os.unlink(f'{folder}/file {turn}')"),
    "remove a folder": (1, "os.rmdir(f'{folder}/empty {turn}')"),
    "rename": (1, "os.rename(f'{folder}/here {turn}', f'{folder}/there {turn}')"),
    "read its own environment": (1, "open('/proc/self/environ').close()"),
    "import": (1, "__import__(('fractions', 'calendar')[turn])"),
    "execute": (1, "execute()"),
    "truncate": (3, "os.truncate(folder + '/kept', 1)"),
    "connect by TCP": (4, "connect()"),
    "listen by TCP": (4, "socket.socket().bind(('127.0.0.1', 0))"),
    "connect to an abstract socket": (6, "socket.socket(socket.AF_UNIX).connect(abstract)"),
    "signal a process outside": (6, "os.kill(os.getppid(), 0)"),
}  # fmt: skip

Tried = tuple[dict[str, str], dict[str, str], int, list[str]]

ALONE = f"""
import sys
sys.path.insert(0, {str(SANDBOX)!r})
import json, os, socket
import landlock
folder, port, abstract = sys.argv[1], int(sys.argv[2]), "\\0" + sys.argv[3]
turn = 0

def connect():
    with socket.socket() as one:
        one.connect(("127.0.0.1", port))

def execute():
    process = os.posix_spawn("/bin/true", ["true"], {{}})
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0

def said(attempt):
    try:
        attempt()
    except BaseException as error:
        return type(error).__name__
    return "done"

attempts = {{
{"".join(f"    {name!r}: lambda: {code},{chr(10)}" for name, (_, code) in DENIED.items())}}}
source, sink = os.pipe()
before = {{name: said(attempt) for name, attempt in attempts.items()}}
gaps = landlock.close()
turn = 1
after = {{name: said(attempt) for name, attempt in attempts.items()}}
os.write(sink, b"open pipes stay open")
work = sum(range(10**6)) + len(os.read(source, 100)) + len(bytearray(10**7))
os.write(1, json.dumps([before, after, work, gaps]).encode())
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """Try it all in a process, before and after Landlock alone closes its doors."""
    folder = tmp_path_factory.mktemp("landlock")
    (folder / "kept").write_text("kept", "utf-8")
    for turn in range(2):
        (folder / f"file {turn}").touch()
        (folder / f"here {turn}").touch()
        (folder / f"empty {turn}").mkdir()
    name = f"guidex-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0" + name)
        abstract.listen()
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", ALONE, str(folder), str(listening.getsockname()[1]), name],
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    before, after, work, gaps = json.loads(done.stdout)
    return before, after, work, gaps


@needs_landlock
@pytest.mark.parametrize("name", DENIED)
def test_it_is_denied_by_landlock_alone(name: str, alone: Tried) -> None:
    before, after, *_ = alone
    since, _ = DENIED[name]
    if supported() < since:
        pytest.skip(f"this kernel denies it from ABI {since} on")
    assert before[name] == "done", "it has to be Landlock that denies it"
    assert after[name] in ("PermissionError", "ModuleNotFoundError")


@needs_landlock
def test_computing_and_open_pipes_still_work(alone: Tried) -> None:
    *_, work, gaps = alone
    assert work == 499_999_500_000 + 20 + 10**7
    assert bool(gaps) == (supported() < 4)


@needs_landlock
def test_what_is_started_inherits_the_rules(tmp_path: Path) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(SANDBOX)!r})
import os
import landlock
landlock.close()
if os.fork() == 0:
    try:
        os.mkdir(sys.argv[1] + "/canary")
    finally:
        os._exit(0)
os.wait()
"""
    subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code, str(tmp_path)], check=True, timeout=60,
                   stderr=subprocess.DEVNULL)  # fmt: skip
    assert not [*tmp_path.iterdir()]
