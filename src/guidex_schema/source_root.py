"""The folder that other programs know files by: the root of a repository, mostly."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True)
class SourceRoot:
    """Name files as they are called from a folder.

    Attributes:
        folder: an existing folder; the working directory where it is empty.
    """

    folder: str = ""

    def name(self, file: str) -> str:
        """Give a file's name from the folder, or its absolute name where it stands elsewhere.

        Args:
            file: a path, relative to the working directory or absolute.
        """
        known, absolute = str(Path(self.folder).resolve()), absolute_name(file)
        if not _is_below(absolute, known):
            # The folder may be reached by a link.
            known = absolute_name(self.folder)
        return absolute[len(known.rstrip("/")) + 1 :] if _is_below(absolute, known) else absolute

    def uri(self, file: str) -> str:
        """Give a file's URI: a relative reference below the folder, else one that begins with ``file://``.

        Source:
            RFC 3986, section 4.2: a first segment with a colon would be read as a scheme, so it is escaped.
        """
        name = self.name(file)
        path = quote(name, errors="surrogateescape")
        return f"file://{path}" if name.startswith("/") else path


def absolute_name(file: str) -> str:
    """Give a file's absolute name, as it is spelled: links are not followed."""
    return os.path.normpath(Path.cwd() / file)


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")
