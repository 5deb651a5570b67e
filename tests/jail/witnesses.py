"""Witnesses of an attack: a file that nobody may make, a secret that nobody may tell, sockets that nobody may reach."""

import contextlib
import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "data" / "attacks" / "public.jsonl"
FIXTURES = sorted((ROOT / "fixtures" / "attacks").glob("*.jsonl"))
SECRET = "a-purple-heron-at-low-tide"
# Where rows of the corpus put the canary when the environment does not say; here each test has a place of its own.
_FIXED_CANARY = "/var/tmp/guidex_canary_pwned"
# Some attacks start something that acts a second later.
DELAY_SECONDS = 1.5

Row = dict[str, object]


class Witnesses(NamedTuple):
    """What shows that an attack came through.

    Attributes:
        canary: the path that nobody may make.
        tcp: listens on loopback.
        udp: waits on loopback.
        named: a Unix socket with a path.
        abstract: a Unix socket without one.
    """

    canary: Path
    tcp: socket.socket
    udp: socket.socket
    named: socket.socket
    abstract: socket.socket

    @classmethod
    @contextlib.contextmanager
    def called(cls, folder: Path) -> Iterator[Self]:
        """Call the witnesses, and dismiss them at the end."""
        with contextlib.ExitStack() as stack:
            tcp, udp, named, abstract = (
                stack.enter_context(socket.socket(family, kind))
                for family, kind in (
                    (socket.AF_INET, socket.SOCK_STREAM),
                    (socket.AF_INET, socket.SOCK_DGRAM),
                    (socket.AF_UNIX, socket.SOCK_STREAM),
                    (socket.AF_UNIX, socket.SOCK_STREAM),
                )
            )
            tcp.bind(("127.0.0.1", 0))
            udp.bind(("127.0.0.1", 0))
            named.bind(str(folder / "socket"))
            abstract.bind(f"\0guidex-{os.getpid()}-{folder.name}")
            for one in (tcp, udp, named, abstract):
                one.setblocking(False)
                if one is not udp:
                    one.listen(64)
            witnesses = cls(folder / "canary", tcp, udp, named, abstract)
            stack.callback(witnesses.remove_canary)
            yield witnesses

    def environment(self) -> dict[str, str]:
        """Give the environment of a host, which holds a secret."""
        return {"PATH": os.environ.get("PATH", os.defpath), "GUIDEX_SECRET": SECRET, "GUIDEX_CANARY": str(self.canary)}

    def places(self) -> dict[str, object]:
        """Give what attacks need to know to find the witnesses."""
        return {
            "canary": str(self.canary),
            "port": self.tcp.getsockname()[1],
            "udp": self.udp.getsockname()[1],
            "named": str(self.canary.with_name("socket")),
            "abstract": self.abstract.getsockname().decode(),
        }

    def reached(self) -> list[str]:
        """Name the sockets that were reached since this was last asked; a connection waits until it is taken."""
        found = []
        for name in ("tcp", "named", "abstract"):
            with contextlib.suppress(BlockingIOError):
                while True:
                    getattr(self, name).accept()[0].close()
                    found.append(name)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.udp.recv(65536)
                found.append("udp")
        return found

    def remove_canary(self) -> bool:
        """Say whether the canary is there, whatever it is, and remove it."""
        if not os.path.lexists(self.canary):
            return False
        if self.canary.is_dir() and not self.canary.is_symlink():
            shutil.rmtree(self.canary)
        else:
            self.canary.unlink()
        return True


def attacks(*paths: Path, canary: Path) -> list[Row]:
    """Read rows, and let them look for the canary in a place of the test's own."""
    texts = [path.read_text("utf-8").replace(_FIXED_CANARY, str(canary)) for path in paths]
    return [json.loads(line) for text in texts for line in text.split("\n") if line.strip()]


def all_attacks(canary: Path) -> list[Row]:
    """Read the project's own rows, and the corpus where there is one beside the repository."""
    return attacks(*FIXTURES, *([CORPUS] if CORPUS.exists() else []), canary=canary)


def misjudged(row: Row, codes: list[str], errors: list[str]) -> list[str]:
    """Give what is wrong with the verdict on a row; nothing where it is as expected.

    Args:
        row: says what is expected.
        codes: of all that was found.
        errors: the codes of errors among them.
    """
    if "expect" in row:
        found = sorted({*codes})
        return [] if found == row["expect"] else [str(row["id"]), *found]
    if row["expected"] == "ok":
        # Whether its values stand in the document is another question.
        errors = [code for code in errors if not code.startswith("GX3")]
    right = row["expected"] == "contained" or bool(errors) == (row["expected"] == "rejected")
    return [] if right else [str(row["id"]), str(row["expected"]), *errors]
