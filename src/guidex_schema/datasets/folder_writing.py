"""Folders as the Hugging Face Hub lays them out: Parquet files of bounded size for each split."""

import os
import re
import shutil
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from guidex_schema import unfinished
from guidex_schema.datasets.column_type import hub_has
from guidex_schema.datasets.folder_card import card, configurations, is_unchanged
from guidex_schema.datasets.formats import require
from guidex_schema.datasets.json_text import Notes
from guidex_schema.datasets.row import Row
from guidex_schema.datasets.table_schema import TableSchema
from guidex_schema.datasets.table_writing import Spool, parquet_writer, writing_until_fit
from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError
from guidex_schema.new_file import NewFile, umask
from guidex_schema.unfinished import set_aside, sync_folder

if TYPE_CHECKING:
    import pyarrow as pa

# Bytes of rows, as they wait on disk, that go into one file.
_SHARD_BYTES: Final = 256 * 1024 * 1024
_SPLITS_LIMIT: Final = 100
# Bytes of a name; behind it stand the numbers of the file.
_NAME_LIMIT: Final = 200
_DEFAULT_SPLIT: Final = "train"
_DEFAULT_CONFIG: Final = "default"
_README: Final = "README.md"
_CROISSANT: Final = "croissant.json"
# Files that a card names.
_LISTED = re.compile(r"^ *- (\S+-\d{5}-of-\d{5}\.parquet)$", re.MULTILINE)
# Names of splits are words (datasets.naming).
_NO_WORD = re.compile(r"\W")


class WrittenFile(NamedTuple):
    """A file of a folder.

    Attributes:
        path: from the folder.
        size: in bytes.
        sha256: its digest, in hexadecimal.
        held: bytes of its rows while they are in memory.
    """

    path: str
    size: int
    sha256: str
    rows: int
    held: int


class WrittenSplit(NamedTuple):
    """A split as it was written."""

    config: str
    name: str
    files: tuple[WrittenFile, ...]

    @property
    def rows(self) -> int:
        """Give the number of its rows."""
        return sum(one.rows for one in self.files)


class _Config:
    """Splits that have the same columns."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.schema, self.expected = (TableSchema("the Hub", hub_has) for _ in range(2))
        self.splits: dict[str, Spool] = {}

    @property
    def columns(self) -> TableSchema:
        """Give those of its rows; where it has none, of rows that were expected."""
        return self.schema if any(spool.rows for spool in self.splits.values()) else self.expected

    @property
    def filled(self) -> dict[str, Spool]:
        """Give the splits that have rows; all of them where none has: one that is empty would close the others."""
        return {name: spool for name, spool in self.splits.items() if spool.rows} or self.splits


class FolderWriter:
    """Write a folder that ``datasets.load_dataset`` opens: ``data/<split>-00000-of-00002.parquet``.

    Splits of the form ``config/split`` become configurations, each with a folder of its own, and are found by the
    ``configs`` of README.md.

    Args:
        path: where the folder is to stand: nothing, an empty folder, or one that was written like this and whose card
            nobody has changed.

    Attributes:
        folder: where the files are up to ``publish``; after ``finish`` more can be added, and a fuller README.md.
        splits: the splits, after ``finish``.

    Raises:
        UsageError: it cannot be written there, or pyarrow is not installed.
    """

    def __init__(self, path: Path) -> None:
        require("pyarrow", "a dataset folder")
        self._path = path
        self._notes = Notes()
        self._configs: dict[str, _Config] = {}
        self._names: dict[str, tuple[_Config, str]] = {}
        self.splits: tuple[WrittenSplit, ...] = ()
        try:
            self._target = path.resolve()
            _refuse_foreign(self._target, path)
            self.folder = unfinished.new_folder(path, self._target.parent)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error

    @property
    def notes(self) -> tuple[str, ...]:
        """Give the columns that are not written as they stood, and the splits that have other names."""
        return tuple(self._notes)

    def write(self, row: Row) -> None:
        """Put a row behind the others of its split."""
        config, split = self._place(row.split)
        self._spool(config, split).write(row)

    def expect(self, row: Row) -> None:
        """Know the split and the columns of a row that is not written."""
        if row.reference is None and row.schema is None:
            return
        # Rows that are written come first, should there be too many splits.
        if row.split not in self._names and len(self._names) >= _SPLITS_LIMIT // 2:
            return
        config, split = self._place(row.split)
        self._spool(config, split)
        if config.columns is config.expected:
            config.expected.expect(row)

    def _spool(self, config: _Config, split: str) -> Spool:
        if split not in config.splits:
            config.splits[split] = Spool(self.folder, config.schema, self._notes)
        return config.splits[split]

    def _place(self, split: str) -> tuple[_Config, str]:
        """Give the configuration and the name that a split has here."""
        if split in self._names:
            return self._names[split]
        if len(self._names) == _SPLITS_LIMIT:
            raise UsageError(f"there are more than {_SPLITS_LIMIT} splits; is `split` the right column?")
        before, slash, behind = split.partition("/")
        config = self._config(before if slash else _DEFAULT_CONFIG)
        wanted = (behind if slash else split) or _DEFAULT_SPLIT
        placed = _word(wanted, {name for other, name in self._names.values() if other is config})
        if placed != wanted:
            self._notes.add_words(f"the split {quoted(wanted)} is called {quoted(placed)}")
        self._names[split] = config, placed
        return config, placed

    def _config(self, wanted: str) -> _Config:
        if wanted not in self._configs:
            name = _word(wanted, {"data", *(one.name for one in self._configs.values())})
            if name != wanted:
                self._notes.add_words(f"the configuration {quoted(wanted)} is called {quoted(name)}")
            folder = self.folder / ("data" if name == _DEFAULT_CONFIG else name)
            self._configs[wanted] = _Config(name, folder)
        return self._configs[wanted]

    def finish(self) -> None:
        """Write all files, and a README.md that says of which split they are."""
        for config in self._configs.values():
            written: list[WrittenSplit] = []

            def write(schema: "pa.Schema", config: _Config = config, written: list[WrittenSplit] = written) -> None:
                shutil.rmtree(config.folder, ignore_errors=True)
                config.folder.mkdir()
                written.clear()
                written += [self._split(config, name, spool, schema) for name, spool in config.filled.items()]

            writing_until_fit(config.columns, write)
            for name, words in config.schema.remarks().items():
                self._notes.add(name, words)
            self._tell_of_empty(config)
            self.splits += tuple(written)
            sync_folder(config.folder)
        readme = NewFile(self.folder / _README)
        readme.sink.write(card({"configs": configurations(self.splits)}).encode("utf-8"))
        readme.finish()
        readme.publish()
        self._close()

    def _tell_of_empty(self, config: _Config) -> None:
        for name in (one for one in config.splits if one not in config.filled):
            self._notes.add_words(
                f"the split {quoted(name)} has no row and is left out, since `datasets` opens no folder that has such"
            )
        if config.columns is config.expected:
            columns = "stand in its files" if config.columns.columns else "are not known"
            self._notes.add_words(
                f"the configuration {quoted(config.name)} has no row, so that `datasets` does not open it; its columns "
                f"{columns}"
            )

    def _split(self, config: _Config, name: str, spool: Spool, schema: "pa.Schema") -> WrittenSplit:
        shards = _Shards(config.folder / name, schema)
        for batch, size in spool.batches(schema):
            shards.write(batch, size)
        return WrittenSplit(config.name, name, shards.finish(self.folder))

    def _close(self) -> None:
        for config in self._configs.values():
            for spool in config.splits.values():
                spool.close()

    def schema(self, config: str) -> "pa.Schema":
        """Give the schema of a configuration's files, after ``finish``."""
        return next(one.columns.arrow_schema() for one in self._configs.values() if one.name == config)

    def publish(self) -> None:
        """Put the folder under its name; one that was there is gone then, and for a moment there is none."""
        sync_folder(self.folder)
        self.folder.chmod(0o777 & ~umask())
        if self._target.exists():
            _refuse_foreign(self._target, self._path)
        with set_aside(self._target):
            self.folder.replace(self._target)
        unfinished.finish(self.folder)
        sync_folder(self._target.parent)

    def discard(self) -> None:
        """Leave nothing behind."""
        self._close()
        unfinished.give_up(self.folder)


class _Shards:
    """The files of one split, each ended once it is large; how many there are is known at the end."""

    def __init__(self, stem: Path, schema: "pa.Schema") -> None:
        self._stem = stem
        self._schema = schema
        self._files: list[tuple[Path, int, int]] = []
        self._write: Callable[[pa.RecordBatch | None], None] | None = None
        self._size = 0
        self._rows = 0
        self._held = 0

    def write(self, batch: "pa.RecordBatch", size: int) -> None:
        (self._write or self._begin())(batch)
        self._size += size
        self._rows += batch.num_rows
        self._held += batch.nbytes
        if self._size >= _SHARD_BYTES:
            self._end()

    def _begin(self) -> Callable[["pa.RecordBatch | None"], None]:
        path = self._stem.with_name(f"{self._stem.name}-{len(self._files):05}.parquet")
        self._sink = path.open("wb")
        self._write = parquet_writer(self._sink, self._schema)
        self._files.append((path, 0, 0))
        return self._write

    def _end(self) -> None:
        if self._write is None:
            return
        self._write(None)
        self._sink.flush()
        os.fsync(self._sink.fileno())
        self._sink.close()
        self._files[-1] = self._files[-1][0], self._rows, self._held
        self._write, self._size, self._rows, self._held = None, 0, 0, 0

    def finish(self, folder: Path) -> tuple[WrittenFile, ...]:
        if not self._files:
            # A split without rows has its columns.
            self._begin()
        self._end()
        written = []
        for number, (path, rows, held) in enumerate(self._files):
            name = f"{self._stem.name}-{number:05}-of-{len(self._files):05}.parquet"
            target = path.rename(path.with_name(name))
            with target.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            relative = PurePosixPath(target.relative_to(folder)).as_posix()
            written.append(WrittenFile(relative, target.stat().st_size, digest, rows, held))
        return tuple(written)


def _word(name: str, taken: set[str]) -> str:
    """Give a name as splits may have it, unlike all that are taken, whatever their case."""
    word = _NO_WORD.sub("_", name).encode("utf-8")[:_NAME_LIMIT].decode("utf-8", "ignore") or "_"
    # `all` means all splits (datasets.Split.ALL), and names differ by more than case.
    word = f"{word}_" if word.casefold() == "all" else word
    others = {one.casefold() for one in taken}
    found, number = word, 2
    while found.casefold() in others:
        found, number = f"{word}_{number}", number + 1
    return found


def _refuse_foreign(target: Path, path: Path) -> None:
    """Refuse to replace what was not written here, or was changed since.

    Raises:
        UsageError: it is no folder, or holds other files.
        OSError: it cannot be looked at.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(f"{path} is no folder; a file ends in .jsonl, .parquet or another format's suffix")
    below = (Path(folder) / name for folder, _, names in os.walk(target) for name in names)
    names = sorted(one.relative_to(target).as_posix() for one in below)
    readme = (target / _README).read_bytes().decode("utf-8", "replace") if _README in names else ""
    known = {_README, _CROISSANT, *_LISTED.findall(readme)} if is_unchanged(readme) else set()
    foreign = next((one for one in names if one not in known), None)
    if foreign is not None:
        raise UsageError(
            f"{path} holds {quoted(foreign)}, which guidex has not written, or which was changed since; "
            "name a new folder, or remove this one"
        )
