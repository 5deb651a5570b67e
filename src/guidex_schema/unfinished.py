"""What is being written under a hidden name, until it stands under its own or is gone.

A signal may come at any moment: also between the making of a file and the note of who is to remove it. So a name is
known here before anything has it, and whoever ends the program removes what is left.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_NAME_BYTES = 100
_unfinished: set[Path] = set()


def hidden(path: Path) -> str:
    """Give what a hidden name beside a path begins with, short enough for any system (in bytes, POSIX NAME_MAX)."""
    return f".{os.fsencode(path.name)[:_NAME_BYTES].decode('utf-8', 'ignore')}."


def hidden_path(path: Path, folder: Path, suffix: str) -> Path:
    """Give a place in a folder that nobody else has, as the name of a path says it: 64 random bits."""
    return folder / f"{hidden(path)}{os.urandom(8).hex()}{suffix}"


def new_file(path: Path, folder: Path) -> tuple[Path, BinaryIO]:
    """Make a file in a folder that will have another name, or be given up; nobody else may read it before.

    Args:
        path: the name that it will have.
        folder: where it is made.

    Returns:
        Where it is, and what it is written and read by.

    Raises:
        OSError: it cannot be made there.
    """
    with _making(path, folder) as place:
        return place, open(place, "x+b", opener=lambda name, flags: os.open(name, flags, 0o600))


def new_folder(path: Path, folder: Path) -> Path:
    """Make a folder in another, as ``new_file`` does a file.

    Raises:
        OSError: it cannot be made there.
    """
    with _making(path, folder) as place:
        place.mkdir(0o700)
        return place


@contextmanager
def _making(path: Path, folder: Path) -> Iterator[Path]:
    place = hidden_path(path, folder, ".part")
    _unfinished.add(place)
    try:
        yield place
    except OSError:
        _unfinished.discard(place)
        raise


def finish(place: Path) -> None:
    """Know that a place is nobody's any more: what was there stands elsewhere."""
    _unfinished.discard(place)


def give_up(place: Path) -> None:
    """Remove what stands at a place, if anything does."""
    if place.is_dir():
        import shutil

        shutil.rmtree(place, ignore_errors=True)
    else:
        with suppress(OSError):
            place.unlink()
    _unfinished.discard(place)


def give_up_all() -> None:
    """Remove all that is unfinished: the program ends."""
    for place in tuple(_unfinished):
        give_up(place)
