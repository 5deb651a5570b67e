"""What is being written under a hidden name, until it stands under its own or is gone.

A signal may come at any moment: also between the making of a file and the note of who is to remove it. So a name is
known here before anything has it, and whoever ends the program removes what is left.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_NAME_BYTES = 100
_unfinished: set[Path] = set()
# Where what stood under a name is, while another takes its place, and the name.
_aside: dict[Path, Path] = {}


def hidden(path: Path) -> str:
    """Give what a hidden name beside a path begins with, short enough for any system (in bytes, POSIX NAME_MAX)."""
    return f".{os.fsencode(path.name)[:_NAME_BYTES].decode('utf-8', 'ignore')}."


def _hidden_path(path: Path, folder: Path, suffix: str) -> Path:
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
    place = _hidden_path(path, folder, ".part")
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
    with suppress(OSError):
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink()
    _unfinished.discard(place)


@contextmanager
def set_aside(target: Path) -> Iterator[None]:
    """Take an older file or folder from its name, and remove it when another stands there; put it back where none does.

    Args:
        target: the name, with all links followed; where nothing stands there, nothing is done.

    Raises:
        OSError: it cannot be taken away.
    """
    if not os.path.lexists(target):
        yield
        return
    aside = _hidden_path(target, target.parent, ".old")
    _aside[aside] = target
    try:
        aside.mkdir(0o700)
        target.rename(aside / target.name)
        sync_folder(target.parent)
        yield
    finally:
        _settle(aside)


def _settle(aside: Path) -> None:
    """Put back what was set aside, where nothing stands in its place, and remove it where something does."""
    target = _aside[aside]
    with suppress(OSError):
        if not os.path.lexists(target):
            (aside / target.name).rename(target)
    if os.path.lexists(target):
        shutil.rmtree(aside, ignore_errors=True)
    else:
        # What could not be put back is nobody's to remove.
        with suppress(OSError):
            aside.rmdir()
    _aside.pop(aside, None)


def give_up_all() -> None:
    """Remove all that is unfinished, and put back what it was to replace: the program ends."""
    for place in tuple(_unfinished):
        give_up(place)
    for aside in tuple(_aside):
        _settle(aside)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
