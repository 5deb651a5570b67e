"""A file that stands under its name as a whole or not at all."""

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from guidex_schema import unfinished
from guidex_schema.error import UsageError


class NewFile:
    """A file that is written under a hidden name beside its own; a link to a file stays a link.

    Whenever the program ends, even killed, its own name holds what it held before, or all that was written.

    Args:
        path: where it is to stand, or the file that is replaced.

    Attributes:
        sink: what is written to, up to ``finish``.
        folder: where it is to stand.

    Raises:
        UsageError: there can be no file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._target = path.resolve()
            if self._target.exists() and not self._target.is_file():
                raise UsageError(f"{path} is no regular file; write to another place")
            self.folder = self._target.parent
            self._temporary, self.sink = unfinished.new_file(path, self.folder)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error

    def finish(self) -> None:
        """Bring all of it to the disk."""
        self.sink.flush()
        self._temporary.chmod(self._mode())
        os.fsync(self.sink.fileno())
        self.sink.close()

    def publish(self) -> None:
        """Put it under its name."""
        try:
            self._temporary.replace(self._target)
        except OSError as error:
            # A file that is mounted by itself, as containers have them, cannot be replaced: it is written over.
            if error.errno != errno.EBUSY:
                raise
            shutil.copyfile(self._temporary, self._target)
            self._temporary.unlink()
        unfinished.finish(self._temporary)
        unfinished.sync_folder(self.folder)

    def discard(self) -> None:
        """Leave nothing behind; the name holds what it held before."""
        with suppress(OSError):
            self.sink.close()
        unfinished.give_up(self._temporary)

    def _mode(self) -> int:
        """Give the mode of the file that is replaced, or that of any new file."""
        try:
            return self._target.stat().st_mode & 0o7777
        except OSError:
            return 0o666 & ~umask()


def umask() -> int:
    """Give the permissions that new files and folders do not have."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
