"""Documents to generate from: rows of datasets, and files of text."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

from guidex_schema import datasets
from guidex_schema.datasets import SUFFIXES, Columns, Row, format_of
from guidex_schema.datasets.jsonl import UTF8_MARK
from guidex_schema.datasets.row import unreadable
from guidex_schema.datasets.shape import is_unicode
from guidex_schema.diagnostic import Diagnostic, Fault, RecordReference, quoted, visible
from guidex_schema.folder import files_below, is_folder, is_irregular
from guidex_schema.quantity import quantity
from guidex_schema.rule import by_name

# How the names of text files end, in lower case.
TEXTS = (".txt", ".md")
# Larger files are no one document.
_SIZE_LIMIT = 64 * 1024 * 1024
_STANDARD = Path("-")


class Window(NamedTuple):
    """The part of a longer document that a document is.

    Attributes:
        parent: the digest of the whole.
        start: where it begins, in code points of the whole.
        end: where it ends.
    """

    parent: str
    start: int
    end: int


@dataclass(frozen=True)
class SourceDocument:
    """A document.

    Attributes:
        id: that of its row, the name of its file, or else its digest.
        text: all that it holds; UTF-8 can hold it.
        file: the name of its file, below the folder that was named.
        row: 0-based number in its file.
        window: the part of a longer one that it is; None for a whole.
    """

    id: str
    text: str
    file: str
    row: int
    window: Window | None = None

    @cached_property
    def digest(self) -> str:
        """Give the SHA-256 of its UTF-8, in hexadecimal."""
        return sha256(self.text.encode("utf-8")).hexdigest()

    @property
    def place(self) -> Window:
        """Give the part of the whole that it is: all of it, unless it is a window."""
        return self.window or Window(self.digest, 0, len(self.text))

    def part(self, start: int, end: int) -> "SourceDocument":
        """Give a window of it.

        Args:
            start: where it begins, in code points.
            end: where it ends.
        """
        window = Window(self.digest, start, end)
        return SourceDocument(f"{self.id}[{start}:{end}]", self.text[start:end], self.file, self.row, window)


class Unread(NamedTuple):
    """What should have been a document and is none.

    Attributes:
        file: the name of its file, below the folder that was named.
        reference: its row; None where a whole file could not be read, or not to its end.
        diagnostics: why.
        row: as it was read.
    """

    file: str
    reference: RecordReference | None
    diagnostics: tuple[Diagnostic, ...]
    row: Row


def read(
    paths: Iterable[Path],
    columns: Columns,
    tell: Callable[[str], None] = lambda _: None,
    standard_input: Callable[[], BinaryIO] | None = None,
) -> Iterator[SourceDocument | Unread]:
    """Give the documents of all paths, one after another, and what should have been some.

    Args:
        paths: datasets, text files, or folders of either: of a folder that holds datasets only these are read.
        columns: what the columns are called: a document is ``document``, else ``unlabelled_sentence``, else ``text``.
        tell: told in words of what is passed over.
        standard_input: opens what ``-`` names, which is read as JSONL.
    """
    for path in dict.fromkeys(paths):
        if path == _STANDARD and standard_input is not None:
            yield from _of_rows(datasets.read_jsonl(standard_input(), "<stdin>", columns), path, columns, tell)
        elif is_folder(path):
            yield from _of_folder(path, columns, tell)
        elif path.name.lower().endswith(TEXTS):
            yield _of_text(path, path.name)
        elif format_of(path) is None and path.is_file():
            message = f"the format is not known: documents stand in {', '.join((*TEXTS, *SUFFIXES))}, or folders"
            yield _unread(unreadable("unreadable-file", message, str(path)), path.name)
        else:
            yield from _of_rows(datasets.read_dataset(path, columns), path, columns, tell)


def number_of(paths: Iterable[Path], limit: int | None = None) -> int | None:
    """Give how many documents ``read`` gives, where nothing has to be read for that; None where datasets are named.

    Args:
        paths: datasets, text files, or folders of either.
        limit: the most that are read.
    """
    number = 0
    for path in dict.fromkeys(paths):
        if is_folder(path):
            texts, tables = files_below(path, TEXTS), files_below(path, SUFFIXES)
            if tables.files or not texts.files:
                return None
            number += len(texts.files) + len(texts.unread)
        elif path.name.lower().endswith(TEXTS):
            number += 1
        else:
            return None
    return number if limit is None else min(number, limit)


def _of_folder(folder: Path, columns: Columns, tell: Callable[[str], None]) -> Iterator[SourceDocument | Unread]:
    texts, tables = files_below(folder, TEXTS), files_below(folder, SUFFIXES)
    if not any((*texts, *tables)):
        message = f"the folder holds no documents ({', '.join((*TEXTS, *SUFFIXES))})"
        yield _unread(unreadable("unreadable-file", message, str(folder)), folder.name)
        return
    if not texts.files or tables.files:
        rows = chain.from_iterable(datasets.read_datasets(folder, columns, tell))
        yield from _of_rows(rows, folder, columns, tell)
        others = sum(file.name.lower() != "readme.md" for file in texts.files)
        if others:
            tell(f"{folder}: {quantity(others, 'text file')} beside the datasets are passed over; name them outright")
        return
    for path, reason in texts.unread:
        yield _unread(unreadable("unreadable-file", reason, str(path)), _name(str(path), folder))
    for path in texts.files:
        yield _of_text(path, _name(str(path), folder))


def _of_text(path: Path, name: str) -> SourceDocument | Unread:
    """Read a file that is one document; a byte order mark is none of its text."""
    if is_irregular(path):
        return _unread(unreadable("unreadable-file", "it is no regular file", name), name)
    try:
        with path.open("rb") as file:
            data = file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        return _unread(unreadable("unreadable-file", f"the file cannot be read: {error.strerror or error}", name), name)
    if len(data) > _SIZE_LIMIT:
        message = f"the file has more than {_SIZE_LIMIT // 2**20} MB, which is all that is read; split it"
        return _unread(unreadable("unreadable-file", message, name), name)
    reference = RecordReference(index=0)
    try:
        text = data.removeprefix(UTF8_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        message = f"line {line} is not UTF-8 ({error.object[error.start]:#04x})"
        return _unread(unreadable("invalid-utf-8", message, name, reference), name)
    if not text.strip():
        return _unread(unreadable("unreadable-row", "the document is empty", name, reference), name)
    return SourceDocument(name, text, name, 0)


def _of_rows(
    rows: Iterable[Row], path: Path, columns: Columns, tell: Callable[[str], None]
) -> Iterator[SourceDocument | Unread]:
    for row in rows:
        name = _name(row.file, path)
        if row.reference is None and not row.is_unread:
            for fault in row.faults:
                tell(f"{row.file}: {fault.message}")
        elif row.content is None or row.reference is None:
            yield _unread(row, name)
        else:
            found = _text_of(row, columns)
            if isinstance(found, Fault):
                yield _unread(Row(row.file, None, row.reference, (found,), raw=row.raw, content=row.content), name)
                continue
            document = SourceDocument("", found, name, row.reference.index)
            identifier = _legible(row.reference.id or "") or document.digest
            yield SourceDocument(identifier, found, name, row.reference.index)


def _text_of(row: Row, columns: Columns) -> str | Fault:
    """Give the document of a row, or why it has none."""
    content = row.content or {}
    names = (columns.document, columns.sentence, columns.text)
    name = next((one for one in names if content.get(one) is not None), None)
    if name is None:
        message = f"the row has none of the columns {', '.join(map(quoted, names))}"
        return Fault(rule="missing-column", message=message, part="file")
    text = content[name]
    if not isinstance(text, str):
        return Fault(rule="column-type", message=f"the column {quoted(name)} holds no string", part="file")
    if not text.strip():
        return Fault(rule="unreadable-row", message="the document is empty", part="file")
    if not is_unicode(text):
        message = "the document holds a lone surrogate, which no text file can; decode it again"
        return Fault(rule="invalid-character", message=message, part="file")
    return text


def _unread(row: Row, name: str) -> Unread:
    found = (
        by_name()[one.rule].diagnostic(one, document=None, record=row.reference, severity=by_name()[one.rule].severity)
        for one in row.faults
    )
    return Unread(name, row.reference, tuple(one.model_copy(update={"file": name}) for one in found), row)


def _name(file: str, path: Path) -> str:
    """Name a file below the folder that was named: where it stands on a machine is nobody's business."""
    known = Path(file)
    relative = known.relative_to(path) if known != path and known.is_relative_to(path) else Path(known.name)
    return _legible(relative.as_posix())


def _legible(text: str) -> str:
    """Write what UTF-8 cannot hold as escapes."""
    return text if is_unicode(text) else visible(text)
