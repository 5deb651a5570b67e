"""The files below a folder."""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple


class Listing(NamedTuple):
    """What a folder holds.

    Attributes:
        files: by name.
        unread: what could not be looked at, each with the reason.
    """

    files: tuple[Path, ...]
    unread: tuple[tuple[Path, str], ...]


def files_below(
    folder: Path, suffixes: Collection[str], is_excluded: Callable[[Path], bool] = lambda _: False
) -> Listing:
    """List the files of a folder and of the folders in it; links to folders are not followed.

    Args:
        folder: where to start.
        suffixes: how the files end, in lower case.
        is_excluded: files and folders that are passed over, besides hidden ones and what package managers install.
    """
    files: list[Path] = []
    unread: list[tuple[Path, str]] = []

    def unlisted(error: OSError) -> None:
        unread.append((Path(str(error.filename)), f"the folder cannot be listed: {error.strerror or error}"))

    for at, below, names in os.walk(folder, onerror=unlisted):
        here = Path(at)
        below[:] = [name for name in below if not _is_left_out(here / name) and not is_excluded(here / name)]
        for name in names:
            path = here / name
            if name.startswith(".") or not name.lower().endswith(tuple(suffixes)) or is_excluded(path):
                continue
            if is_irregular(path):
                unread.append((path, "it is no regular file"))
            else:
                files.append(path)
    return Listing(tuple(sorted(files)), tuple(unread))


def is_folder(path: Path) -> bool:
    """Say whether a path names a folder; one that may not be looked at is none."""
    return _holds(path.is_dir)


def is_file(path: Path) -> bool:
    """Say whether a path names a file; one that may not be looked at is none."""
    return _holds(path.is_file)


def _holds(question: Callable[[], bool]) -> bool:
    # Path answers some errors with no, and raises others: a name that is too long, a folder that may not be entered.
    try:
        return question()
    except OSError:
        return False


def is_irregular(path: Path) -> bool:
    """Say whether reading a path could wait for ever; what cannot be told, reading will tell."""
    return _holds(path.exists) and not is_file(path)


def _is_left_out(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name == "node_modules" or _holds((folder / "pyvenv.cfg").exists)
