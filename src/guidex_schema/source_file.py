"""Files of Python source: read as Python reads them, and written back as they were."""

import codecs
import io
import os
import tokenize
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from guidex_schema import unfinished
from guidex_schema.diagnostic import Fault
from guidex_schema.error import GuidexError


class ChangedFile(GuidexError):
    """The file is no longer what was read, so it is not written over."""


@dataclass(frozen=True)
class SourceFile:
    """The text of a file, and all that is needed to write it back.

    Attributes:
        text: decoded, without a byte order mark; line ends as they stand.
        encoding: what the text was decoded with: UTF-8, or what the file's first lines name (PEP 263).
        data: the file as it was read.
    """

    path: Path
    text: str
    encoding: str
    data: bytes = field(repr=False)

    def rewritten(self, text: str) -> bytes:
        """Give the bytes of the file with another text: same encoding, same byte order mark.

        Raises:
            UnicodeEncodeError: the encoding has not all characters.
        """
        mark = codecs.BOM_UTF8 if self.data.startswith(codecs.BOM_UTF8) else b""
        return mark + text.encode(self.encoding)

    def replace(self, text: str) -> None:
        """Write another text to the file, all or nothing, with the same mode and owner; a link stays one.

        Raises:
            ChangedFile: the file changed since it was read, or its encoding does not give the same bytes back.
            OSError: it cannot be written.
        """
        path = self.path.resolve(strict=True)
        if not path.is_file():
            raise ChangedFile(f"{self.path} is no regular file; it is left as it is")
        try:
            data = self.rewritten(text)
            is_faithful = self.rewritten(self.text) == self.data
        except UnicodeEncodeError as error:
            raise ChangedFile(f"{self.path} cannot be written in {self.encoding}: {error}") from error
        if not is_faithful:
            raise ChangedFile(f"{self.path} does not stay the same in {self.encoding}; it is left as it is")
        # A file that only may be read is not replaced, although its folder would allow it.
        path.open("r+b").close()
        temporary, sink = unfinished.new_file(path, path.parent)
        try:
            with sink:
                sink.write(data)
                sink.flush()
                os.fsync(sink.fileno())
            status = path.stat()
            with suppress(OSError, AttributeError):
                os.chown(temporary, status.st_uid, status.st_gid)
            temporary.chmod(status.st_mode & 0o7777)
            if path.read_bytes() != self.data:
                raise ChangedFile(f"{self.path} changed while it was read; it is left as it is")
            temporary.replace(path)
        finally:
            unfinished.give_up(temporary)


def read(path: Path, limit: int) -> SourceFile | Fault:
    """Read a file.

    Args:
        path: a file; ``decode`` says what is read of it.
        limit: the most bytes that are read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        return _unreadable(f"the file cannot be read: {error.strerror or error}")
    return decode(path, data, limit)


def decode(path: Path, data: bytes, limit: int) -> SourceFile | Fault:
    """Decode source as Python does: UTF-8, with or without a byte order mark, unless a cookie names another encoding.

    Args:
        path: where the bytes come from.
        data: the bytes.
        limit: the most bytes that are read.

    Returns:
        The text, or why there is none: it is too large, binary, or not in the encoding that it should be in.
    """
    if len(data) > limit:
        message = f"the file has more than {limit:,} bytes, which is all that is read; split it"
        return Fault(rule="source-limit", message=message, part="guidelines")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        return _undecodable(f"the file is no text: line {line} holds a NUL byte")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        encoding = "utf-8"
        if _is_utf8(data):
            trouble = "the byte order mark says UTF-8" if data.startswith(codecs.BOM_UTF8) else error.msg
            return _undecodable(f"the encoding that the file names cannot be read: {trouble}")
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        name = "UTF-8" if encoding == "utf-8" else encoding
        return _undecodable(f"line {line} is not {name} ({error.object[error.start]:#04x})")
    except (LookupError, ValueError) as error:
        return _undecodable(f"the encoding {encoding} that the file names gives no text: {error}")
    return SourceFile(path, text, encoding, data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _unreadable(message: str) -> Fault:
    return Fault(rule="unreadable-file", message=message, part="file")


def _undecodable(message: str) -> Fault:
    return Fault(rule="invalid-utf-8", message=message, part="guidelines")
