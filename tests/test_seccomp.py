"""The filter of system calls: what it lets through, run here as the kernel runs it, and then in the kernel itself."""

import json
import re
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernel
import seccomp
from bombs import BOMBS
from guidex_schema.worker import restrictedpython_site

SANDBOX = Path(__file__).parent.parent / "sandbox"
ACTIONS = Path("/proc/sys/kernel/seccomp/actions_avail")
SIGSYS = 31

NUMBERS = {
    "x86_64": {
        0: "read", 1: "write", 9: "mmap", 10: "mprotect", 11: "munmap", 12: "brk", 15: "rt_sigreturn", 25: "mremap",
        28: "madvise", 60: "exit", 98: "getrusage", 202: "futex", 228: "clock_gettime", 231: "exit_group",
        302: "prlimit64",
    },
    "aarch64": {
        63: "read", 64: "write", 93: "exit", 94: "exit_group", 98: "futex", 113: "clock_gettime", 139: "rt_sigreturn",
        165: "getrusage", 214: "brk", 215: "munmap", 216: "mremap", 222: "mmap", 226: "mprotect", 233: "madvise",
        261: "prlimit64",
    },
}  # fmt: skip
# AUDIT_ARCH_*: the number of the ELF machine, 64 bits, little-endian; the last two are their 32-bit tables.
ARCHITECTURES = {"x86_64": 0xC0000000 + 62, "aarch64": 0xC0000000 + 183}
OLD_TABLES = (0x40000003, 0x40000028)
X32 = 0x40000000
HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}
ALLOW, KILL = 0x7FFF0000, 0x80000000

each_machine = pytest.mark.parametrize("machine", NUMBERS)


def instructions(program: bytes) -> list[tuple[int, int, int, int]]:
    return list(struct.iter_unpack("=HBBI", program))


def verdict(program: bytes, architecture: int, number: int, arguments: tuple[int, ...]) -> int:
    """Run a program of classic BPF over ``struct seccomp_data``, as far as this filter needs it."""
    data = struct.pack("<IIQ6Q", number, architecture, 0, *arguments)
    steps, position, word = instructions(program), 0, 0
    while True:
        code, if_true, if_false, operand = steps[position]
        position += 1
        match code:
            case 0x20:
                (word,) = struct.unpack_from("<I", data, operand)
            case 0x15:
                position += if_true if word == operand else if_false
            case 0x45:
                position += if_true if word & operand else if_false
            case 0x06:
                return operand
            case _:
                raise AssertionError(f"no instruction of this filter: {code:#x}")


def may(machine: str, source: int, sink: int, architecture: int, number: int, arguments: tuple[int, ...]) -> bool:
    """Say the policy once more, in other words."""
    if architecture != ARCHITECTURES[machine]:
        return False
    first, second, third, *_ = arguments
    match NUMBERS[machine].get(number):
        case None:
            return False
        case "read":
            return first == source
        case "write":
            return first == sink
        case "mmap" | "mprotect":
            return not third & 4
        case "prlimit64":
            return (first, second) == (0, 0)
        case _:
            return True


words = st.integers(0, 2**32 - 1)
descriptors = st.integers(0, 2**16)
numbers = st.one_of(
    st.sampled_from([number for table in NUMBERS.values() for number in table]),
    st.sampled_from([number | X32 for table in NUMBERS.values() for number in table]),
    st.integers(0, 500),
    words,
)


@st.composite
def filtered_calls(draw: st.DrawFn) -> tuple[str, int, int, list[tuple[int, int, tuple[int, ...]]]]:
    """Give a machine, its two descriptors, and calls that come close to what may be called."""
    machine = draw(st.sampled_from(sorted(NUMBERS)))
    source, sink = draw(descriptors), draw(descriptors)
    known = [source, sink, 0, 1, 2, 3, 4, 5, 7]
    argument = st.one_of(
        st.sampled_from(known),
        st.sampled_from([one | high for one in known for high in (1 << 31, 1 << 32, 4 << 32, 1 << 63)]),
        st.integers(0, 2**64 - 1),
    )
    architecture = st.one_of(
        st.just(ARCHITECTURES[machine]), st.just(ARCHITECTURES[machine]), st.sampled_from(OLD_TABLES), words,
        st.sampled_from(sorted(ARCHITECTURES.values())),
    )  # fmt: skip
    arguments = st.tuples(*[argument] * 6)
    return machine, source, sink, draw(st.lists(st.tuples(architecture, numbers, arguments), min_size=1, max_size=30))


# The program


@given(filtered_calls())
def test_a_call_is_allowed_where_the_policy_says_so_and_kills_else(
    case: tuple[str, int, int, list[tuple[int, int, tuple[int, ...]]]],
) -> None:
    machine, source, sink, calls = case
    program = seccomp.program(machine, source, sink)
    for architecture, number, arguments in calls:
        expected = ALLOW if may(machine, source, sink, architecture, number, arguments) else KILL
        assert verdict(program, architecture, number, arguments) == expected, (architecture, number, arguments)


@each_machine
def test_no_other_number_is_allowed_whatever_its_arguments(machine: str) -> None:
    program = seccomp.program(machine, 5, 5)
    honest = {"read": (5,), "write": (5,), "mmap": (0, 0, 3), "mprotect": (0, 0, 3), "prlimit64": (0, 0)}
    allowed = [
        number
        for number in (*range(700), *(X32 | number for number in range(700)), 2**32 - 1)
        if ALLOW
        in {
            verdict(program, ARCHITECTURES[machine], number, (*given, *(0,) * 6)[:6])
            for given in ((), *honest.values())
        }
    ]
    assert allowed == sorted(NUMBERS[machine])


@each_machine
@pytest.mark.parametrize(("name", "place"), [("read", 0), ("write", 0), ("prlimit64", 0), ("prlimit64", 1)])
def test_every_bit_of_a_descriptor_a_process_and_a_resource_counts(machine: str, name: str, place: int) -> None:
    (number,) = (number for number, called in NUMBERS[machine].items() if called == name)
    program = seccomp.program(machine, 0, 0)
    for value in (0, *(1 << bit for bit in range(64))):
        arguments = tuple(value if one == place else 0 for one in range(6))
        assert verdict(program, ARCHITECTURES[machine], number, arguments) == (KILL if value else ALLOW)


@each_machine
@pytest.mark.parametrize("architecture", [*ARCHITECTURES.values(), *OLD_TABLES, 0])
def test_the_calls_of_another_table_are_killed(machine: str, architecture: int) -> None:
    found = {verdict(seccomp.program(machine, 0, 1), architecture, number, (0,) * 6) for number in range(500)}
    assert found == ({ALLOW, KILL} if architecture == ARCHITECTURES[machine] else {KILL})


@each_machine
def test_the_program_is_one_that_the_kernel_takes(machine: str) -> None:
    steps = instructions(seccomp.program(machine, 3, 4))
    assert len(steps) < 4096
    assert steps[-1] == (0x06, 0, 0, KILL)
    for position, (code, if_true, if_false, operand) in enumerate(steps):
        match code:
            case 0x20:
                assert operand % 4 == 0 <= operand < 64
            case 0x15 | 0x45:
                assert position + 1 + max(if_true, if_false) < len(steps)
            case _:
                assert code == 0x06
                assert operand in (ALLOW, KILL)


@each_machine
def test_the_numbers_are_those_of_the_machine(machine: str) -> None:
    assert seccomp._NUMBERS[machine] == {name: number for number, name in NUMBERS[machine].items()}
    assert set(seccomp.allowed(0, 1)) == set(seccomp._NUMBERS[machine])
    assert seccomp._ARCHITECTURES == ARCHITECTURES


@each_machine
def test_the_numbers_are_those_of_the_kernel_headers(machine: str) -> None:
    header = next((path for path in map(Path, HEADERS[machine]) if path.exists()), None)
    if header is None:
        pytest.skip("the kernel's headers are not installed")
    # Calls that 32-bit machines name otherwise are written as __NR3264_ in the generic table.
    found = dict(re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", header.read_text("utf-8"), re.MULTILINE))
    assert {name: int(found[name]) for name in seccomp._NUMBERS[machine]} == seccomp._NUMBERS[machine]


def test_closing_hands_the_program_of_this_machine_to_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[bytes] = []
    monkeypatch.setattr(kernel, "filter_calls", handed.append)
    for machine in NUMBERS:
        monkeypatch.setattr(kernel, "machine", lambda machine=machine: machine)
        seccomp.close(8, 9)
    assert handed == [seccomp.program(machine, 8, 9) for machine in NUMBERS]
    assert handed[0] != handed[1]


# In the kernel

PRELUDE = f"""
import sys
sys.path.insert(0, {str(SANDBOX)!r})
import ctypes, fcntl, gc, json, mmap, os, resource, signal, socket, struct, threading, time
import kernel, seccomp
# A process that is killed by SIGSYS leaves a core file where there may be one.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
folder = sys.argv[1]
library = ctypes.CDLL(None, use_errno=True)
other_source, other_sink = os.pipe()
os.write(other_sink, b"other")
source, host_sink = os.pipe()
host_source, sink = os.pipe()
os.write(host_sink, b"row")
page = mmap.mmap(-1, 4096)
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
def call(number, *arguments):
    ctypes.set_errno(0)
    library.syscall(*map(ctypes.c_long, (number, *arguments)))
def ended(attempt, is_filtered):
    process = os.fork()
    if not process:
        code = 1
        try:
            if is_filtered:
                seccomp.close(source, sink)
            attempt()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
"""

HARMFUL = {
    "open": "open('/dev/null').close()",
    "create a file": "os.open(folder + '/file', os.O_CREAT | os.O_WRONLY)",
    "list a folder": "os.listdir('/')",
    "stat": "os.stat('/')",
    "make a folder": "os.mkdir(folder + f'/folder{os.getpid()}')",
    "make a link": "os.symlink('/', folder + '/link')",
    "make a pipe with a name": "os.mkfifo(folder + '/fifo')",
    "unlink": "os.unlink(folder + '/kept')",
    "rename": "os.rename(folder + '/moved', folder + '/other')",
    "change rights": "os.chmod(folder, 0o700)",
    "change the folder": "os.chdir('/')",
    "tell the folder": "os.getcwd()",
    "socket": "socket.socket(socket.AF_UNIX).close()",
    "pair of sockets": "socket.socketpair()",
    "pipe": "os.pipe()",
    "duplicate": "os.dup(source)",
    "control a descriptor": "fcntl.fcntl(source, fcntl.F_GETFL)",
    "close": "os.close(other_source)",
    "seek": "os.lseek(os.memfd_create('x'), 0, 0)",
    "memory file": "os.memfd_create('x')",
    "fork": "os.fork() or os._exit(0)",
    "thread": "threading.Thread(target=int).start()",
    "execute": "os.execv('/bin/true', ['true'])",
    "kill": "os.kill(other_process, 0)",
    "own number": "os.getpid()",
    "own user": "os.setuid(os.getuid())",
    "handle a signal": "signal.signal(signal.SIGUSR1, print)",
    "sleep": "time.sleep(0.001)",
    "random bytes": "os.urandom(8)",
    "limit of open files": "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
    "read a limit": "resource.getrlimit(resource.RLIMIT_NOFILE)",
    "limit of another process": "resource.prlimit(other_process, resource.RLIMIT_CPU)",
    "write to another descriptor": "os.write(other_sink, b'x')",
    "write to standard error": "os.write(2, b'')",
    "write to the source": "os.write(source, b'x')",
    "read from another descriptor": "os.read(other_source, 1)",
    "read from the sink": "os.read(sink, 1)",
    "memory that is code": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "memory that becomes code": "library.mprotect(ctypes.c_void_p(address), 4096, 5) and os._exit(1)",
    "trace": "library.ptrace(0, 0, 0, 0)",
    "switches": "kernel.forbid_privileges()",
    "another filter": "seccomp.close(source, sink)",
    "namespaces": "library.unshare(0)",
    "memory of another process": "library.process_vm_readv(other_process, 0, 0, 0, 0, 0)",
    "rings": "call(425, 1, 0)",
    "programs in the kernel": "call(321 if os.uname().machine == 'x86_64' else 280, 0, 0, 0)",
    "numbers of x32": "call(0x40000000 | 39)",
    "a number with a high half": "call(-1)",
    "a descriptor with a high half": "library.syscall(ctypes.c_long(WRITE), ctypes.c_long(sink | 1 << 32), b'x', 0)",
}  # fmt: skip

# Failing is no escape, but these do not even work where nothing forbids them.
FAILS_ANYWAY = {"write to the source", "read from the sink"}


@pytest.fixture(scope="module")
def filters() -> None:
    """Skip where the kernel has no filters; whether ours works is asked of no code of ours."""
    if not sys.platform.startswith("linux"):
        pytest.skip("this is no Linux")
    try:
        kernel.machine()
    except kernel.Unavailable as reason:
        pytest.skip(str(reason))
    if not ACTIONS.exists() or "kill_process" not in ACTIONS.read_text("utf-8"):
        pytest.skip("this kernel has no filters of system calls")


def run(code: str, *arguments: str) -> str:
    """Run a program in a Python of its own and give what it prints."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", PRELUDE + textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def ends(filters: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    """Try everything harmful, each in two processes: one without and one with the filter."""
    folder = tmp_path_factory.mktemp("harm")
    (folder / "kept").touch()
    (folder / "moved").touch()
    attempts = "".join(f"    {name!r}: lambda: {code},\n" for name, code in HARMFUL.items())
    code = f"""
WRITE = seccomp._NUMBERS[kernel.machine()]["write"]
other_process = os.fork()
if not other_process:
    signal.pause()
attempts = {{
{attempts}}}
said = {{name: [ended(attempt, False), ended(attempt, True)] for name, attempt in attempts.items()}}
os.kill(other_process, 9)
print(json.dumps(said))
"""
    found: dict[str, list[int]] = json.loads(run(code, str(folder)))
    return found


@pytest.mark.parametrize("name", HARMFUL)
def test_what_reading_labels_does_not_need_ends_the_process(name: str, ends: dict[str, list[int]]) -> None:
    free, filtered = ends[name]
    assert (free == 0) == (name not in FAILS_ANYWAY), "it has to be the filter that forbids it"
    assert filtered == -SIGSYS


def test_the_calls_of_the_32_bit_table_end_the_process(filters: None, tmp_path: Path) -> None:
    if kernel.machine() != "x86_64":
        pytest.skip("only x86-64 has another table that is a single instruction away")
    free, filtered = json.loads(
        run(
            """
            # mov eax, 20 (getpid of the old table); int 0x80; ret
            code = mmap.mmap(-1, 4096, prot=7)
            code.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))
            old = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
            print(json.dumps([ended(old, False), ended(old, True)]))
            """,
            str(tmp_path),
        )
    )
    if free != 0:
        pytest.skip("this kernel has no 32-bit table")
    assert filtered == -SIGSYS


def test_computing_memory_and_the_pipes_still_work(filters: None, tmp_path: Path) -> None:
    code = """
    def work():
        assert os.read(source, 100) == b"row"
        numbers = [str(one) for one in range(100_000)]
        block = bytearray(64 * 1024 * 1024)
        block[::4096] = bytes(len(block) // 4096)
        block.extend(bytes(len(block)))
        del numbers, block
        gc.collect()
        mmap.mmap(-1, 4096).close()
        library.mprotect(ctypes.c_void_p(address), 4096, 3)
        assert time.clock_gettime(time.CLOCK_REALTIME) > 0 < time.process_time()
        resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, resource.getrlimit(resource.RLIMIT_CPU))
        try:
            1 / 0
        except ZeroDivisionError:
            os.write(sink, b"done")
    print(ended(work, True))
    os.close(sink)
    print(os.read(host_source, 100))
    """
    assert run(code, str(tmp_path)).split("\n")[:2] == ["0", "b'done'"]


def test_reading_labels_needs_nothing_else(filters: None) -> None:
    sources = (
        "[P('é', role=Role.A, seen={1: {'a', 2.5}}, pair=(None, True))]", "p = P()\nresult = [p, P(p)]", "[]", "",
        "[P(", "[P(1]", "\0", "'\ud800'", "[P('\\N{BULLET}')]", "['\\d']", "[P('\\N{NOTHING}')]", "'''", "1 2",
        "  [P()]", "[lambda: 1]", "import os", "[P(__class__=1)]", "[9" + "9" * 5_000 + "]", "[1e999]", "é" * 9_999,
        "[P(1 is 1)]", "\t[\n P()]", "if x:\n\ty\n        z", "# -*- coding: latin-9 -*-\n[P()]", "f'{1!z}'",
        "(" * 60_000, "-" * 60_000 + "1", "[" + "P()," * 5_000 + "]", "[" * 30 + "]" * 30,
        *(bomb(5_000) for bomb in BOMBS.values()),
    )  # fmt: skip
    bodies = [json.dumps({"source": source, "classes": ["P", "Role"], "enums": ["Role"]}) for source in sources]
    code = f"""
import sys
sys.path.insert(0, {str(SANDBOX)!r})
sys.path.append({str(restrictedpython_site())!r})
import json, os
import reading, seccomp
reading.warm_up()
sys.path.clear()
bodies = json.loads(sys.stdin.buffer.read())
if "filtered" in sys.argv:
    seccomp.close(0, 1)
for body in bodies:
    view = memoryview(reading.answer(body.encode()) + b"\\n")
    while view:
        view = view[os.write(1, view):]
os._exit(0)
"""
    free, filtered = (
        subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", code, mode],
            input=json.dumps(bodies).encode("ascii"),
            capture_output=True,
            timeout=120,
            check=True,
        ).stdout.splitlines()
        for mode in ("free", "filtered")
    )
    assert len(free) == len(sources)
    assert filtered == free
    assert {json.loads(one)["status"] for one in filtered} == {"ok", "syntax", "refused", "empty"}
