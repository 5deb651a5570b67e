"""A baseline: the findings of a dataset that are known, so that only new ones fail."""

from collections import Counter
from collections.abc import Callable, Iterator
from json import loads
from pathlib import Path
from typing import NamedTuple

from guidex_schema.diagnostic import Report
from guidex_schema.display import json_text
from guidex_schema.error import UsageError
from guidex_schema.fingerprint import digest, fingerprint
from guidex_schema.ledger import Ledger
from guidex_schema.new_file import NewFile
from guidex_schema.source_root import SourceRoot

_HEAD = "baseline"
_TOOL = "guidex-schema"
_VERSION = 1

# The code of the entry that stands for a row or file which could not be read, whatever rules were applied.
_UNREAD = "unread"

_HERE = SourceRoot()


class Entry(NamedTuple):
    """One known finding, with what a reader needs to know it.

    Attributes:
        file: its name from the folder in which the command ran.
        record: the identifier of its row, if it has one.
        fingerprint: 32 hexadecimal digits.
    """

    file: str
    record: str | None
    code: str
    path: str | None
    message: str
    fingerprint: str


class Sifted(NamedTuple):
    """A report without what is known.

    Attributes:
        report: what is new.
        known: how many findings were left out.
        is_unread_known: its row or file could not be read, and that is known.
    """

    report: Report
    known: int = 0
    is_unread_known: bool = False


def entries(report: Report) -> Iterator[Entry]:
    """Give an entry for every finding of a report, in order, and one more if its row or file could not be read."""
    for one in report.diagnostics:
        file = _name(one.file)
        record = one.record.id if one.record is not None else None
        yield Entry(file, record, one.code, one.path, one.message, fingerprint(one, report.identity, file).hex())
    if report.unread:
        file = _name(report.file)
        identity = report.identity if report.record is not None else ""
        known_by = digest([_UNREAD, identity or file]).hex()
        yield Entry(file, None, _UNREAD, None, "the row or file could not be read", known_by)


def _name(file: str | None) -> str:
    return _HERE.name(file) if file else ""


class Baseline:
    """The known findings of a file, taken off one after another as they are found again.

    In memory 16 bytes and a number stand for each; at the end the file is read again for what is gone.

    Args:
        path: what ``Draft`` wrote.

    Raises:
        UsageError: it cannot be read, or is no baseline of this version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = Counter(bytes.fromhex(entry.fingerprint) for entry in self._entries())

    def sift(self, report: Report) -> Sifted:
        """Take off what is known: as many of equal findings as the file has."""
        if not report.diagnostics and not report.unread:
            return Sifted(report)
        is_known = [self._takes(bytes.fromhex(entry.fingerprint)) for entry in entries(report)]
        pairs = zip(report.diagnostics, is_known, strict=False)
        new = tuple(one for one, known in pairs if not known)
        is_unread_known = report.unread and is_known[-1]
        return Sifted(
            report.model_copy(update={"diagnostics": new}), len(report.diagnostics) - len(new), is_unread_known
        )

    def gone(self, is_looked_for: Callable[[Entry], bool]) -> Iterator[Entry]:
        """Give what is known and was not found again, in the order of the file.

        Args:
            is_looked_for: says of an entry whether it would have been found.
        """
        left = self._left.copy()
        for entry in self._entries():
            known_by = bytes.fromhex(entry.fingerprint)
            if left[known_by] and entry.code != _UNREAD and is_looked_for(entry):
                left[known_by] -= 1
                yield entry

    def _takes(self, known_by: bytes) -> bool:
        if not self._left[known_by]:
            return False
        self._left[known_by] -= 1
        return True

    def _entries(self) -> Iterator[Entry]:
        if self._path.exists() and not self._path.is_file():
            raise UsageError(f"the baseline {self._path} is no regular file; it is read twice")
        try:
            with self._path.open("rb") as file:
                yield from self._read(file)
        except OSError as error:
            raise UsageError(f"the baseline {self._path} cannot be read: {error.strerror or error}") from error

    def _read(self, lines: Iterator[bytes]) -> Iterator[Entry]:
        head = _decoded(next(lines, b""))
        if not isinstance(head, dict) or head.get(_HEAD) != _TOOL:
            raise UsageError(f"{self._path} is no baseline; --write-baseline writes one")
        if head.get("version") != _VERSION:
            raise UsageError(
                f"the baseline {self._path} is of version {json_text(head.get('version'))}, and version {_VERSION} is "
                "read here; write it again with --write-baseline"
            )
        for number, line in enumerate(lines, start=2):
            entry = _entry(_decoded(line))
            if entry is None:
                raise UsageError(
                    f"line {number} of the baseline {self._path} is no entry; write it again with --write-baseline"
                )
            yield entry


def _decoded(line: bytes) -> object:
    try:
        decoded: object = loads(line)
    except (ValueError, RecursionError):
        return None
    return decoded


def _entry(decoded: object) -> Entry | None:
    """Read an entry; anything else is None."""
    if not isinstance(decoded, dict) or set(decoded) != set(Entry._fields):
        return None
    found = Entry(**decoded)
    texts = (found.file, found.code, found.message, found.record or "", found.path or "")
    if not all(isinstance(text, str) for text in texts) or not isinstance(found.fingerprint, str):
        return None
    try:
        return found if len(bytes.fromhex(found.fingerprint)) == 16 else None
    except ValueError:
        return None


class Draft:
    """A baseline that is being written: its entries in order, on disk while there are many."""

    def __init__(self) -> None:
        self._lines = Ledger()
        self._count = 0

    def add(self, report: Report) -> None:
        """Take up what was found."""
        for entry in entries(report):
            self._lines.add(json_text(entry._asdict()), "")
            self._count += entry.code != _UNREAD

    def write(self, path: Path) -> int:
        """Write the baseline, all or nothing: JSON Lines in the order of their characters, so that it can be compared.

        Args:
            path: a new file, a baseline, or an empty file.

        Returns:
            How many findings it has.

        Raises:
            UsageError: something else stands there, or the file cannot be written.
        """
        file = NewFile(path)
        try:
            file.sink.writelines(line.encode("utf-8") for line in self._text())
            file.finish()
            file.publish()
        except OSError as error:
            raise UsageError(f"the baseline {path} cannot be written: {error.strerror or error}") from error
        finally:
            file.discard()
        return self._count

    def _text(self) -> Iterator[str]:
        yield json_text({_HEAD: _TOOL, "version": _VERSION}) + "\n"
        for line in self._lines.entries():
            yield f"{line.key}\n" * line.times


def require_writable(path: Path) -> None:
    """See to it that a baseline can be written, before a long run.

    Raises:
        UsageError: what stands there is no baseline and not empty, or its folder does not exist.
    """
    if not path.exists():
        if not path.parent.is_dir():
            raise UsageError(f"the baseline {path} cannot be written: there is no folder {path.parent}")
        return
    if not path.is_file():
        raise UsageError(f"the baseline {path} cannot be written: it is no regular file")
    with path.open("rb") as file:
        line = file.readline()
    head = _decoded(line)
    if line and (not isinstance(head, dict) or head.get(_HEAD) != _TOOL):
        raise UsageError(f"{path} is no baseline, so it is not written over; name another file")
