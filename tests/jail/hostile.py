"""Rows of the project's own that go for the witnesses by name: sockets, the host's process, the wire to the host."""

import base64
import json
import os
import struct
from typing import Final

from witnesses import Row, Witnesses

_GUIDELINES = """from dataclasses import dataclass


@dataclass
class Person:
    mention: str
"""
HONEST: Final = '[Person(mention="Ada")]'
HONEST_RESULT: Final = "[Person(mention='Ada')]"

# Every way to the sockets; `port`, `udp`, `named` and `abstract` are where they are.
_CONNECTING = {
    "tcp": "import socket\nsocket.create_connection(('127.0.0.1', port), 2).send(b'x')",
    "tcp-not-blocking": "import socket\ns = socket.socket()\ns.setblocking(False)\ns.connect_ex(('127.0.0.1', port))",
    "tcp-by-libc": (
        "import ctypes, struct, socket\nc = ctypes.CDLL(None)\nd = c.socket(2, 1, 0)\n"
        "a = struct.pack('=H', 2) + struct.pack('!H', port) + bytes([127, 0, 0, 1]) + bytes(8)\nc.connect(d, a, 16)"
    ),
    "tcp-by-shell": "import os\nos.system(f'bash -c \"echo x > /dev/tcp/127.0.0.1/{port}\"')",
    "tcp-in-child": (
        "import os, socket\nif os.fork() == 0:\n    try: socket.create_connection(('127.0.0.1', port), 2)\n"
        "    finally: os._exit(0)\nos.wait()"
    ),
}  # fmt: skip
# Ways that Landlock does not know (it hooks bind and connect of TCP), so that another layer has to close them.
_CONNECTING_OTHERWISE = {
    "tcp-fast-open": "import socket\ns = socket.socket()\ns.sendto(b'x', socket.MSG_FASTOPEN, ('127.0.0.1', port))",
    "multipath-tcp": "import socket\ns = socket.socket(2, 1, 262)\ns.connect(('127.0.0.1', port))",
    "udp": "import socket\nsocket.socket(2, 2).sendto(b'x', ('127.0.0.1', udp))",
    "named-socket": "import socket\nsocket.socket(1).connect(named)",
    "abstract-socket": "import socket\nsocket.socket(1).connect(abstract)",
}

_CREATING = {
    "file": "open(canary, 'w').close()",
    "file-by-libc": "import ctypes\nctypes.CDLL(None).creat(canary.encode(), 0o644)",
    "shell": "import os\nos.system(f'touch {canary}')",
    "program": "import subprocess\nsubprocess.run(['touch', canary])",
    "database": "import shutil\nshutil.copyfile('/etc/hostname', canary)",
}
# These need no descriptor, so that no limit of descriptors stops them.
_CREATING_WITHOUT_DESCRIPTOR = {
    "folder": "import os\nos.mkdir(canary)",
    "link": "import os\nos.symlink('/', canary)",
    "fifo": "import os\nos.mkfifo(canary)",
    "node": "import os\nos.mknod(canary)",
}

_TELLING = {
    "own-environment": "import os\nresult = str(dict(os.environ))",
    "own-environment-by-libc": (
        "import ctypes\ng = ctypes.CDLL(None).getenv\ng.restype = ctypes.c_char_p\nresult = str(g(b'GUIDEX_SECRET'))"
    ),
    "own-environment-by-file": "result = open('/proc/self/environ').read()",
    "environment-of-the-host": "import os\nresult = open(f'/proc/{os.getppid()}/environ').read()",
    "environment-of-the-host-behind": (
        "import os\nparent = open(f'/proc/{os.getppid()}/stat').read().split()[3]\n"
        "result = open(f'/proc/{parent}/environ').read()"
    ),
    "environment-of-all": (
        "import glob\nresult = []\nfor name in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try: result.append(open(name).read())\n    except OSError: pass"
    ),
    "environment-in-an-error": "import os\nraise ValueError(open(f'/proc/{os.getppid()}/environ').read())",
    "environment-by-shell": "import subprocess\nresult = subprocess.run('env', capture_output=True).stdout",
}

# Killing the process that started this one, and everything that shares its group.
KILLING_THE_PARENT: Final = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
_ENDING = {
    "own-group": "import os, signal\nos.killpg(os.getpgrp(), signal.SIGKILL)",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "closed-descriptors": "import os\nos.closerange(0, 64)",
    "closed-descriptors-and-exit": "import os\nos.closerange(0, 64)\nos._exit(0)",
    "exit": "import os\nos._exit(0)",
    "crash": "import ctypes\nctypes.string_at(0)",
}


def _row(name: str, labels: str, witnesses: Witnesses, *, hangs: bool = False) -> Row:
    head = "".join(f"{key} = {value!r}\n" for key, value in witnesses.places().items())
    row: Row = {"id": name, "guidelines": _GUIDELINES, "labels": head + labels}
    return {**row, "naive_effect": ["timeout"]} if hangs else row


def _rows(prefix: str, programs: dict[str, str], witnesses: Witnesses) -> list[Row]:
    return [_row(f"{prefix}-{name}", labels, witnesses, hangs=name == "stopped") for name, labels in programs.items()]


def honest(name: str) -> Row:
    """Give a row that means no harm."""
    return {"id": name, "guidelines": _GUIDELINES, "labels": HONEST}


def program(name: str, labels: str, witnesses: Witnesses, *, hangs: bool = False) -> Row:
    """Give a row with labels of a test's own."""
    return _row(name, labels, witnesses, hangs=hangs)


def connecting(witnesses: Witnesses) -> list[Row]:
    """Give rows that connect by TCP."""
    return _rows("connect", _CONNECTING, witnesses)


def connecting_otherwise(witnesses: Witnesses) -> list[Row]:
    """Give rows that reach sockets in ways that are no plain TCP connection."""
    return _rows("reach", _CONNECTING_OTHERWISE, witnesses)


def creating(witnesses: Witnesses) -> list[Row]:
    """Give rows that make the canary through a descriptor."""
    return _rows("create", _CREATING, witnesses)


def creating_without_descriptor(witnesses: Witnesses) -> list[Row]:
    """Give rows that make the canary without any descriptor."""
    return _rows("create", _CREATING_WITHOUT_DESCRIPTOR, witnesses)


def telling(witnesses: Witnesses) -> list[Row]:
    """Give rows that tell the secret in the host's environment."""
    return _rows("tell", _TELLING, witnesses)


def ending(witnesses: Witnesses) -> list[Row]:
    """Give rows that end their own process in an odd way."""
    return _rows("end", _ENDING, witnesses)


def spending(witnesses: Witnesses) -> list[Row]:
    """Give rows that take memory until there is none."""
    programs = {
        "memory": "x = []\nwhile True: x.append(bytearray(1 << 22))",
        "memory-and-on": "x = []\nwhile True:\n    try: x.append(bytearray(1 << 22))\n    except MemoryError: pass",
    }
    return [_row(f"spend-{name}", labels, witnesses, hangs=True) for name, labels in programs.items()]


_FORGED = json.dumps({"status": "ok", "result": ["forged"], "instances": [], "unused": [], "refusals": []}).encode()
# What the process that forks says to the host is no row's to say.
_FORGED_OUTCOMES = [json.dumps(one).encode() for one in ({"status": "memory"}, {"status": "died", "code": -24})]


def _frame(nonce: bytes, body: bytes = _FORGED) -> str:
    """Give an expression that makes a frame."""
    whole = struct.pack(">I", len(body)) + nonce + body
    return f"__import__('base64').b64decode({base64.b64encode(whole).decode()!r})"


def forging(witnesses: Witnesses) -> list[Row]:
    """Give rows that write what looks like a reply; none of them knows the row's nonce.

    A row that runs as it likes can find the nonce in the frames of its own process's functions, and no test denies it:
    what is promised then is that nothing which was merely written, printed or left behind passes for a verdict.
    """
    nonces = {"zero": bytes(16), "random": os.urandom(16)}
    tails = {"": "", "-exit": "os._exit(0)", "-hang": "while True: pass"}
    programs = {
        f"{label}{tail}": f"import os\nos.write(sink, {_frame(nonce)})\n{code}"
        for label, nonce in nonces.items()
        for tail, code in tails.items()
    }
    for number, body in enumerate(_FORGED_OUTCOMES):
        programs[f"outcome-{number}"] = f"import os\nos.write(sink, {_frame(bytes(16), body)})\nos._exit(0)"
    every = "import os\nfor d in range(21):\n    try: os.write(d, {})\n    except OSError: pass\n"
    frame = _frame(nonces["zero"])
    programs |= {
        "descriptors-zero": every.format(frame),
        "descriptors-random": every.format(_frame(nonces["random"])),
        "part": f"import os\nos.write(sink, {frame}[:30])",
        "part-hang": f"import os\nos.write(sink, {frame}[:30])\nwhile True: pass",
        "part-exit": f"import os\nos.write(sink, {frame}[:30])\nos._exit(0)",
        "oversize": "import os\nos.write(sink, b'\\xff' * 4 + bytes(16))\nos._exit(0)",
        "twice": f"import os\nos.write(sink, {frame} * 2)\nos._exit(0)",
        "printed": f"import sys\nsys.stdout.buffer.write({frame}); sys.stdout.flush()",
        "printed-as-error": f"import sys\nsys.stderr.buffer.write({frame}); sys.stderr.flush()",
        "printed-really": f"import sys\nsys.__stdout__.buffer.write({frame}); sys.__stdout__.flush()",
        "stdout-replaced": (
            f"import os, sys\nclass O:\n    def write(s, t): os.write(sink, {frame}); return 1\n"
            "    def flush(s): pass\nsys.stdout = sys.__stdout__ = O()\nprint('x')"
        ),
        "at-exit": f"import atexit, os\natexit.register(lambda: os.write(sink, {frame}))",
        "at-exit-now": (
            f"import atexit, os\natexit.register(lambda: os.write(sink, {frame}))\natexit._run_exitfuncs()\nos._exit(0)"
        ),
        "thread": (
            f"import os, threading, time\ndef late():\n    time.sleep(0.05)\n"
            f"    os.write(sink, {frame})\n"
            "threading.Thread(target=late, daemon=True).start()"
        ),
        "result": 'class R(list):\n    def __repr__(s): return \'{"status": "ok"}\'\nresult = R()',
        "result-raises": "class R(list):\n    def __repr__(s): raise SystemExit\nresult = R()",
    }
    return [_row(f"forge-{name}", labels, witnesses, hangs=name.endswith("-hang")) for name, labels in programs.items()]


def poisoning(witnesses: Witnesses) -> list[Row]:
    """Give rows that change what later rows of the same process are judged by, each with an honest row behind it."""
    forged = repr(_FORGED.decode())
    programs = {
        "json-dumps": f"import json\njson.dumps = lambda *a, **k: {forged}",
        "json-loads": "import json\njson.loads = lambda *a, **k: {'row': 'x', 'guidelines': '', 'labels': '[]'}",
        "frames-write": f"import frames\ng = frames.write\nframes.write = lambda d, n, b: g(d, n, {_FORGED!r})",
        "frames-read": f"import frames\ng = frames.read\nframes.read = lambda *a: g(*a) and (bytes(16), {_FORGED!r})",
        "os-write": "import os\nos.write = lambda d, b: len(b)",
        "os-fork": "import os\nos.fork = lambda: 0",
        "answer": f"import answers\nanswers.dumps = lambda *a: {forged}",
        "service": "import service\nservice._Child.reply = lambda *a: b'{}'",
        "builtins": "import builtins as b\nb.compile = None\nb.repr = lambda x: 'forged'\nb.exec = print",
        "modules": "import sys\nfor n in [*sys.modules]:\n    if n not in ('sys', 'builtins'): del sys.modules[n]",
        "recursion": "import sys\nsys.setrecursionlimit(20)",
        "handlers": "import signal\nfor n in (2, 15, 17, 24): signal.signal(n, signal.SIG_IGN)",
        "garbage": (
            "import gc\ngc.disable()\nfor o in gc.get_objects():\n"
            "    if type(o) is dict and 'NO_NONCE' in o: o.clear()"
        ),
        "environment": "import os, sys\nos.environ.clear(); sys.path[:] = ['/tmp']; sys.meta_path.clear()",
    }  # fmt: skip
    return [
        row
        for name, labels in programs.items()
        for row in (_row(f"poison-{name}", labels, witnesses), honest(f"behind-{name}"))
    ]
