"""A history: what runs have told of datasets, so that the same is told again without judging or comparing any row.

What is told of a piece depends on the piece and on all that stands before it. So it is kept under a key made of that of
the piece and that of what was told before it; where a dataset is another, no key behind that place is known.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from guidex_schema.cache import DIGEST_SIZE, Cache, key_of
from guidex_schema.datasets import Columns
from guidex_schema.datasets.block import Waiting
from guidex_schema.datasets.changes import Changed
from guidex_schema.datasets.jsonl import Line
from guidex_schema.datasets.shard import Piece, Shard, lines_in, row_in, with_content
from guidex_schema.diagnostic import Diagnostic, Part, RecordReference, Report
from guidex_schema.error import GuidexError
from guidex_schema.frozen import trusted
from guidex_schema.works.check import AllRead, Note, PieceRead, shown_sources
from guidex_schema.works.key import Keys
from guidex_schema.works.remembered import OF_THE_MOMENT

# Of a file that cannot be read, nothing is known of what it holds.
_NOT_KEPT = OF_THE_MOMENT | {"unreadable-file"}
_BEGINNING = bytes(DIGEST_SIZE)
_END = b"end"
# Pieces that are written to the cache together.
_TOGETHER = 64

Pieces = Iterable[Piece | Waiting]


def told(
    folder: Path,
    keys: Keys,
    columns: Columns,
    pieces: Callable[[], Pieces],
    judged: Callable[[Pieces, Callable[[Note], object]], Iterator[Report]],
) -> Iterator[Report]:
    """Give the reports of a dataset: from memory as far as that goes, and by judging its rows from there on.

    Args:
        folder: of the cache.
        keys: of pieces that are judged as this dataset is.
        columns: what its columns are called.
        pieces: gives the dataset, which is in files, each time from its beginning.
        judged: gives the reports of pieces, and notes what it comes to.

    Raises:
        GuidexError: what was told from memory is not there any more when its rows are judged.
    """
    link, count, told_keys = _BEGINNING, 0, bytearray()
    # No process that is forked off may have the cache open, so that it is closed before any row is judged.
    with Cache(folder) as cache:
        for piece in pieces():
            shard = _held(piece)
            key = None if shard is None else keys.of_piece(shard)
            if shard is None or key is None:
                break
            link = key_of(link, key)
            content = cache.found((link,)).get(link)
            if content is None:
                break
            for report in _loaded(content, shard, columns):
                yield report
                count += 1
            told_keys += key
        else:
            end = key_of(link, _END)
            content = cache.found((end,)).get(end)
            if content is not None:
                yield from _loaded(content, None, columns)
                return
    notes = _Notes(folder)
    # Those that were told come to the same again: they depend on nothing behind them.
    for number, report in enumerate(judged(_again(pieces(), keys, bytes(told_keys)), notes.add)):
        if number >= count:
            yield report
        elif report.record is None and any(one.name in _NOT_KEPT for one in report.diagnostics):
            raise _changed(report.file or "a file")
    notes.end()


def _held(piece: Piece | Waiting) -> Shard | None:
    """Give a piece with its bytes; None for one that is not kept, or has changed, which whoever reads it tells."""
    if not isinstance(piece, Shard) or piece.encoding != "lines" or piece.data is not None:
        return None
    try:
        return with_content(piece)
    except Changed:
        return None


def _again(pieces: Pieces, keys: Keys, told_keys: bytes) -> Iterator[Piece | Waiting]:
    """Give pieces, of which the first have these keys; who reads them will find the same bytes there, or tell.

    Raises:
        GuidexError: they do not.
    """
    given = iter(pieces)
    file = "a file"
    for start in range(0, len(told_keys), DIGEST_SIZE):
        piece = next(given, None)
        shard = None if piece is None else _held(piece)
        file = file if shard is None else shard.file
        if piece is None or shard is None or keys.of_piece(shard) != told_keys[start : start + DIGEST_SIZE]:
            raise _changed(file)
        yield piece
    yield from given


def _changed(file: str) -> GuidexError:
    return GuidexError(f"{file} has changed while it was read; run the command again")


class _Notes:
    """What is told in a run, kept piece by piece as far as another run would be told the same.

    Args:
        folder: of the cache.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._link: bytes | None = _BEGINNING
        self._reports: list[Report] = []
        self._is_all_read = False
        self._kept: dict[bytes, bytes] = {}

    def add(self, note: Note) -> None:
        """Take down what is told."""
        if self._link is None:
            return
        match note:
            case Report():
                self._reports.append(note)
            case PieceRead(bytes(key), rows) if rows == len(self._reports):
                self._link = key_of(self._link, key)
                self._keep(self._link)
            case AllRead() if not self._reports:
                self._is_all_read = True
            case _:
                # There was more than what is known to be whole pieces: nothing behind it is the same for certain, so
                # that no more is held of it.
                self._link, self._reports = None, []

    def end(self) -> None:
        """Take down that no more is told."""
        if self._link is not None and self._is_all_read:
            self._keep(key_of(self._link, _END))
        with Cache(self._folder) as cache:
            cache.keep(self._kept)
            self._kept = {}

    def _keep(self, key: bytes) -> None:
        if any(one.name in _NOT_KEPT for report in self._reports for one in report.diagnostics):
            self._link = None
            return
        self._kept[key] = _dumped(self._reports)
        self._reports = []
        if len(self._kept) >= _TOGETHER:
            cache = Cache(self._folder)
            cache.keep(self._kept)
            cache.close()
            self._kept = {}
            if cache.trouble:
                # Those that judge rows tell it, too.
                self._link = None


def _dumped(reports: Iterable[Report]) -> bytes:
    held = [
        (
            one.checked,
            one.unread,
            one.identity,
            one.file,
            None if one.record is None else (one.record.index, one.record.id, one.record.line),
            [found.model_dump(mode="json") | {"key": found.key} for found in one.diagnostics],
        )
        for one in reports
    ]
    return json.dumps(held, separators=(",", ":")).encode("ascii")


def _loaded(content: bytes, shard: Shard | None, columns: Columns) -> Iterator[Report]:
    """Give reports as they were dumped, with the sources that their findings stand in."""
    held = json.loads(content)
    rows: dict[int, Line] = {}
    for checked, unread, identity, file, place, found in held:
        diagnostics = tuple(map(Diagnostic.model_validate, found))
        sources: dict[Part, str] = {}
        if shard is not None and place is not None and any(one.location is not None for one in diagnostics):
            rows = rows or {one.row: one for one in lines_in(shard) if isinstance(one, Line)}
            line = rows.get(place[0])
            record = None if line is None else row_in(shard, line, columns).record
            sources = {} if record is None else shown_sources(diagnostics, record)
        yield trusted(
            Report,
            {
                "diagnostics": diagnostics,
                "sources": sources,
                "checked": checked,
                "unread": unread,
                "identity": identity,
                "file": file,
                "record": None if place is None else _reference(*place),
            },
        )


def _reference(index: int, identifier: str | None, line: int | None) -> RecordReference:
    return trusted(RecordReference, {"index": index, "id": identifier, "line": line})
