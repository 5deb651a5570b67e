"""Check rows of JSONL without reading those that were checked before as they are."""

from collections.abc import Callable, Iterable, Iterator

from guidex_schema.cache import Cache, key_of
from guidex_schema.datasets import Row
from guidex_schema.datasets.jsonl import Line
from guidex_schema.datasets.shard import Piece, Shard, lines_in, row_in, with_content
from guidex_schema.isolation import Isolation
from guidex_schema.work import Judging, rows_in
from guidex_schema.works.check import Checked, Found, PieceRead, Remark
from guidex_schema.works.key import Keys
from guidex_schema.works.remembered import dumped, loaded


class Remembering:
    """Check rows, and remember what came of it.

    Args:
        judge: checks rows, and gives one result for each.
        judging: how, which is part of every key.
        isolation: how far the jail is closed, which is, too.
        cache: where it is remembered.
    """

    def __init__(
        self, judge: Callable[[Iterable[Row]], Iterator[Checked]], judging: Judging, isolation: Isolation, cache: Cache
    ) -> None:
        self._judge = judge
        self._judging = judging
        self._keys = Keys(judging, isolation)
        self._cache = cache

    def results(self, piece: Piece) -> Iterator[Found]:
        """Give what comes of the rows of a piece; of what is no JSONL, nothing is remembered."""
        if isinstance(piece, Shard) and piece.encoding == "lines":
            yield from self._of_lines(piece)
        else:
            count = 0
            for checked in self._judge(rows_in(piece, self._judging.columns)):
                yield checked
                count += 1
            yield PieceRead(None, count)
        if self._cache.trouble:
            yield Remark(self._cache.trouble)

    def _of_lines(self, piece: Shard) -> Iterator[Found]:
        shard = with_content(piece)
        settings = self._keys.settings(shard)
        lines = [(one, key_of(settings, one.content) if isinstance(one, Line) else b"") for one in lines_in(shard)]
        known = self._cache.found(key for _, key in lines if key)
        columns = self._judging.columns
        judged = self._judge(
            row_in(shard, one, columns) if isinstance(one, Line) else one for one, key in lines if key not in known
        )
        new: dict[bytes, bytes] = {}
        for one, key in lines:
            if isinstance(one, Line) and key in known:
                yield loaded(known[key], shard, one, columns)
                continue
            checked = next(judged)
            yield checked
            content = dumped(checked) if key else None
            if content is not None:
                new[key] = content
        self._cache.keep(new)
        # What can be read again only from its beginning is not told from memory as a whole.
        yield PieceRead(self._keys.of_piece(shard) if piece.data is None else None, len(lines))
