"""Keys: what stands for all that the reports of a piece of a dataset depend on, but for the rows before it."""

from guidex_schema.cache import digest_of, key_of
from guidex_schema.datasets.shard import Shard
from guidex_schema.isolation import Isolation
from guidex_schema.work import Judging


class Keys:
    """Give keys for the rows and pieces that are judged in one way.

    Args:
        judging: how.
        isolation: how far the jail is closed in which labels are read.
    """

    def __init__(self, judging: Judging, isolation: Isolation) -> None:
        self._judging = judging
        self._isolation = isolation
        self._settings: dict[tuple[str, bool], bytes] = {}

    def settings(self, shard: Shard) -> bytes:
        """Give the digest of all that the report of a row depends on besides the row."""
        split, is_named = shard.split, shard.is_split_named
        found = self._settings.get((split, is_named))
        if found is None:
            found = self._settings[split, is_named] = digest_of(self._judging, self._isolation, split, is_named)
        return found

    def of_piece(self, shard: Shard) -> bytes | None:
        """Give the key of lines with the place where they stand; None where their bytes are not at hand."""
        if shard.data is None:
            return None
        place = repr((shard.file, shard.start, shard.index, shard.line)).encode("utf-8", "backslashreplace")
        return key_of(self.settings(shard), b"%d " % len(place), place, shard.data)
