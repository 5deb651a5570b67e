"""The data files that the front matter of a dataset card names.

Source:
    Hugging Face Hub, *Data files configuration*: ``configs`` with ``data_files`` and ``data_dir``.
"""

import re
import reprlib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from guidex_schema.datasets.row import Row, unreadable
from guidex_schema.diagnostic import quoted
from guidex_schema.folder import is_file

_LIMIT = 1024 * 1024
# Configurations stand at the top of the front matter; other keys need no YAML to be passed over.
_CONFIGS = re.compile(r"^[\"']?configs[\"']?[ \t]*:|^\{", re.MULTILINE)
_FENCE = re.compile(r"\A\ufeff?---[ \t]*\r?\n")
_FRONT_MATTER = re.compile(rf"{_FENCE.pattern}(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
# Patterns of a hostile card are many and long, or none of this.
_PATTERN_LIMIT = 1_000
_DEPTH_LIMIT = 100
# What `datasets` passes over where a pattern matches it (datasets.data_files, FILES_TO_IGNORE).
_NO_DATA = frozenset(("README.md", "config.json", "dummy_data.zip"))
_DEFAULT_SPLIT = "train"


class Named(NamedTuple):
    """Files that a card names.

    Attributes:
        split: what they are called together; "" where their own names say it.
        pattern: a path inside the folder, with ``*``, ``?``, ``[...]`` and ``**``.
    """

    split: str
    pattern: str


class Config(NamedTuple):
    """One configuration of a dataset.

    Attributes:
        faults: what is wrong with it, in words.
    """

    name: str
    files: tuple[Named, ...]
    faults: tuple[str, ...]


def configs_of(readme: Path) -> tuple[Config, ...] | Row:
    """Give the configurations that a dataset card has; none where there is no card.

    Returns:
        A row with a fault where they cannot be read.
    """
    name = str(readme)
    if not is_file(readme):
        return ()
    try:
        with readme.open("rb") as file:
            text = file.read(_LIMIT).decode("utf-8", "replace")
    except OSError as error:
        return unreadable("unreadable-file", f"the file cannot be read: {error.strerror or error}", name)
    matter = _FRONT_MATTER.match(text)
    if matter is None and len(text) >= _LIMIT and _FENCE.match(text):
        return unreadable("unreadable-file", f"its front matter has more than {_LIMIT // 1024:,} KB", name)
    if matter is None or not _CONFIGS.search(matter[1]):
        return ()
    import yaml

    try:
        content = _loaded(matter[1])
    except (yaml.YAMLError, ValueError) as error:
        return unreadable("unreadable-file", f"its front matter cannot be read as YAML: {quoted(str(error))}", name)
    configs = content.get("configs") if isinstance(content, dict) else None
    if configs is None:
        return ()
    if not isinstance(configs, list) or not configs or not all(isinstance(one, dict) for one in configs):
        return unreadable("unreadable-file", "its `configs` are no list of configurations", name)
    return tuple(_config(one) for one in configs)


def _loaded(text: str) -> object:
    """Load YAML.

    Raises:
        yaml.YAMLError: it is none.
        ValueError: it has aliases, ten levels of which are ten thousand million values, or is nested too deeply.
    """
    import yaml

    # The loader in C is ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    for event in yaml.parse(text, loader):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError("it has aliases, which are not read")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH_LIMIT:
            raise ValueError("it is nested too deeply")
    return yaml.load(text, loader)


def _config(content: dict[object, object]) -> Config:
    name, folder, files = content.get("config_name"), content.get("data_dir"), content.get("data_files")
    name = str(name) if isinstance(name, str | int | float) else "default"
    base = str(folder).strip("/") if isinstance(folder, str) else ""
    prefix = f"{base}/" if base not in ("", ".") else ""
    if files is None:
        return Config(name, (Named("", f"{prefix}**"),), ())
    named, faults = [], []
    for one in _entries(files):
        if isinstance(one, Named):
            named.append(Named(one.split, f"{prefix}{one.pattern}"))
        else:
            faults.append(f"the configuration {quoted(name)}: {one}")
    return Config(name, tuple(named), tuple(faults))


def _entries(files: object) -> Iterator[Named | str]:
    """Give all forms that ``data_files`` has as one; a string where an entry has none of them."""
    match files:
        case str():
            yield Named(_DEFAULT_SPLIT, files)
        case dict():
            for split, paths in files.items():
                yield from _of_split(str(split), paths)
        case list() if files:
            for one in files:
                match one:
                    case str():
                        yield Named(_DEFAULT_SPLIT, one)
                    case {"split": str() | int() as split, "path": paths}:
                        yield from _of_split(str(split), paths)
                    case _:
                        yield f"{quoted(reprlib.repr(one))} is no data file; write `split` and `path`"
        case _:
            yield f"{quoted(reprlib.repr(files))} are no data files; write a list of `split` and `path`"


def _of_split(split: str, paths: object) -> Iterator[Named | str]:
    for path in paths if isinstance(paths, list) else [paths]:
        if isinstance(path, str):
            yield Named(split, path)
        else:
            yield f"{quoted(reprlib.repr(path))} is no path"


def is_inside(name: str) -> bool:
    """Say whether a relative name stays in the folder that it is relative to."""
    return (
        not name.startswith(("/", "\\"))
        and ".." not in re.split(r"[/\\]", name)
        and ":" not in name[:2]
        and "\0" not in name
    )


class Names:
    """The files of a folder, found by patterns.

    Args:
        files: all of them.
        folder: what patterns are relative to.
    """

    def __init__(self, files: Iterable[Path], folder: Path) -> None:
        self._files = [(file, file.relative_to(folder).parts) for file in files]
        self._folder = folder

    def matching(self, pattern: str) -> list[Path] | str:
        """Give the files that a pattern names, by name, or say in words why there are none."""
        if _URL.match(pattern):
            return "is no local file, and nothing is fetched"
        if not is_inside(pattern):
            return "leaves the folder"
        if len(pattern) > _PATTERN_LIMIT:
            return "is longer than any name"
        parts = PurePosixPath(pattern).parts
        if not any(one in pattern for one in "*?["):
            file = self._folder / PurePosixPath(pattern)
            return [file] if is_file(file) and self._stays(file) else "is missing"
        found = [file for file, names in self._files if file.name not in _NO_DATA and _matches(names, parts)]
        return sorted(found) if found else "matches no file"

    def _stays(self, file: Path) -> bool:
        """Say whether no folder on the way is a link to elsewhere."""
        return file.parent.resolve().is_relative_to(self._folder.resolve())


def _matches(names: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Say whether a path matches, one part after another; ``**`` stands for any number of folders.

    Every part is tried once at every place, so that no pattern takes long.
    """
    reached = {0}
    for part in pattern:
        if part == "**":
            reached = set(range(min(reached), len(names) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(names) and fnmatchcase(names[at], part)}
    return len(names) in reached
