"""Something that takes a while, and leaves a trace where it is begun."""

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Slow:
    """Say that a piece is done, after some seconds.

    Attributes:
        folder: each process that begins a piece leaves a file there.
    """

    folder: Path

    def __call__(self, piece: int) -> str:
        (self.folder / f"{piece}.{os.getpid()}").touch()
        time.sleep(3)
        return f"{piece} done"
