"""Folders as the Hugging Face Hub and its `datasets` library lay them out: which files are data, and of which split.

Sources:
    Hugging Face Hub, *Data files configuration* and *File names and splits*; `datasets.DatasetDict.save_to_disk`.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from guidex_schema.datasets import data_files
from guidex_schema.datasets.formats import SUFFIXES, format_of, stem
from guidex_schema.datasets.row import Row, unreadable
from guidex_schema.diagnostic import quoted
from guidex_schema.folder import files_below, is_file
from guidex_schema.quantity import quantity

# What stands beside datasets and describes them.
_DESCRIPTIONS = frozenset(("croissant.json", "dataset_dict.json", "dataset_info.json", "dataset_infos.json"))
_STATE = "state.json"
_DEFAULT_SPLIT = "train"
_LIMIT = 16 * 1024 * 1024
# Faults of one card beyond these tell nothing new.
_FAULTS_LIMIT = 100

# A file in `data` may have the name of any split, and its number behind it.
_SHARD = re.compile(r"data/(\w+(?:\.\w+)*)-\d{5}-of-\d{5}[^/]*$")
# Names of splits inside names of folders and files, apart by anything but letters.
_KEYWORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_NAMES = tuple(
    (split, re.compile(rf"(?:^|[-._ 0-9])(?:{'|'.join(words)})(?:$|[-._ 0-9])")) for split, words in _KEYWORDS.items()
)


class SplitFile(NamedTuple):
    """A file of rows, and the split that they belong to.

    Attributes:
        split: ``train``, or ``config/train`` where a folder has several configurations; "" where only the file's own
            name says it.
        is_named: the folder says so outright, whatever a column of the row may say.
    """

    file: Path
    split: str
    is_named: bool


def listing(folder: Path, tell: Callable[[str], None]) -> Iterator[SplitFile | Row]:
    """Give the files of a folder that hold its rows, each once, and a row with a fault for all that is missing.

    What ``save_to_disk`` has written is read as it says itself; where the front matter of ``README.md`` has
    ``configs``, their files are read and no others; else every dataset in the folder and the folders in it, but hidden
    ones. Links to folders are not followed, and nothing outside is read because a file inside says so.

    Args:
        folder: an existing folder.
        tell: told in words of a split that lacks files here, since an earlier one has them.
    """
    if is_file(folder / "dataset_dict.json") or _is_saved(folder):
        yield from _saved(folder)
        return
    files = files_below(folder, SUFFIXES, _is_description)
    for unread, reason in files.unread:
        yield unreadable("unreadable-file", reason, str(unread))
    configs = data_files.configs_of(folder / "README.md")
    if isinstance(configs, Row):
        yield configs
    elif configs:
        yield from _configured(folder, configs, tell)
        return
    if not files.files and not files.unread:
        message = f"the folder holds no dataset ({', '.join(SUFFIXES)})"
        yield unreadable("unreadable-file", message, str(folder))
    for file in files.files:
        yield SplitFile(file, _conventional(file.relative_to(folder)), is_named=False)


def _is_description(path: Path) -> bool:
    return path.name in _DESCRIPTIONS or (path.name == _STATE and _is_saved(path.parent))


def _is_saved(folder: Path) -> bool:
    return is_file(folder / _STATE) and is_file(folder / "dataset_info.json")


def _conventional(file: Path) -> str:
    """Give the split that the names of folders say, the outermost first, or that of the file; "" if none does."""
    sharded = _SHARD.match(file.as_posix())
    if sharded is not None:
        return sharded[1]
    for part in (*file.parts[:-1], stem(file)):
        for split, name in _NAMES:
            if name.search(part):
                return split
    return ""


def _configured(
    folder: Path, configs: tuple[data_files.Config, ...], tell: Callable[[str], None]
) -> Iterator[SplitFile | Row]:
    """Give the files that configurations name, and a row for each fault up to the limit."""
    readme = str(folder / "README.md")
    faults, is_any = 0, False
    for one in _named(folder, configs, tell):
        if isinstance(one, SplitFile):
            is_any = True
            yield one
        else:
            faults += 1
            if faults <= _FAULTS_LIMIT:
                yield unreadable("unreadable-file", one, readme)
    if faults > _FAULTS_LIMIT:
        message = f"its configurations have {faults - _FAULTS_LIMIT:,} more faults, which are not listed"
        yield unreadable("unreadable-file", message, readme)
    if not faults and not is_any:
        yield unreadable("unreadable-file", "its configurations name no dataset that is there", readme)


def _named(
    folder: Path, configs: tuple[data_files.Config, ...], tell: Callable[[str], None]
) -> Iterator[SplitFile | str]:
    """Give the files that configurations name, or why there are none; one of several is read for the first."""
    below = files_below(folder, ("",), _is_description)
    names = data_files.Names((*below.files, *(path for path, _ in below.unread)), folder)
    readers: dict[Path, str] = {}
    shared: Counter[tuple[str, str]] = Counter()
    for config in configs:
        yield from config.faults
        for one in config.files:
            found = names.matching(one.pattern)
            if isinstance(found, str):
                yield f"{quoted(one.pattern)} {found}"
                continue
            for file in found:
                # Where no name of a split is given, other files may stand among the data.
                if not one.split and format_of(file) is None:
                    continue
                split = one.split or _conventional(file.relative_to(folder)) or _DEFAULT_SPLIT
                split = f"{config.name}/{split}" if len(configs) > 1 else split
                if file not in readers:
                    readers[file] = split
                    yield SplitFile(file, split, is_named=True)
                elif readers[file] != split:
                    shared[split, readers[file]] += 1
    for (split, other), count in shared.items():
        are = "it is" if count == 1 else "they are"
        files = quantity(count, "file")
        tell(f"{folder}: {quoted(split)} has {files} in common with {quoted(other)}, for which alone {are} read")


def _saved(folder: Path) -> Iterator[SplitFile | Row]:
    """Give the files of a ``DatasetDict`` or a ``Dataset`` that was saved to disk."""
    if not is_file(folder / "dataset_dict.json"):
        yield from _saved_split(folder, "")
        return
    found = _json(folder / "dataset_dict.json")
    splits = found.get("splits") if isinstance(found, dict) else found
    if isinstance(splits, str):
        yield unreadable("unreadable-file", splits, str(folder / "dataset_dict.json"))
    elif not isinstance(splits, list) or not splits or not all(isinstance(one, str) for one in splits):
        yield unreadable("unreadable-file", "it names no splits", str(folder / "dataset_dict.json"))
    else:
        for split in dict.fromkeys(splits):
            if data_files.is_inside(split):
                yield from _saved_split(folder / split, split)
            else:
                message = f"the split {quoted(split)} leaves the folder"
                yield unreadable("unreadable-file", message, str(folder / "dataset_dict.json"))


def _saved_split(folder: Path, split: str) -> Iterator[SplitFile | Row]:
    state = folder / _STATE
    found = _json(state)
    if isinstance(found, str):
        yield unreadable("unreadable-file", found, str(state))
        return
    files = found.get("_data_files") if isinstance(found, dict) else None
    names = [one.get("filename") if isinstance(one, dict) else None for one in files] if isinstance(files, list) else []
    own = found.get("_split") if isinstance(found, dict) else None
    if not names:
        yield unreadable("unreadable-file", "it names no data files", str(state))
    if isinstance(found, dict) and found.get("_indices_files"):
        yield unreadable("unreadable-file", "it selects rows by an index, which is not read; save it anew", str(state))
        return
    for name in names:
        if isinstance(name, str) and data_files.is_inside(name):
            yield SplitFile(folder / name, split or (own if isinstance(own, str) else ""), is_named=bool(split or own))
        else:
            yield unreadable("unreadable-file", f"the data file {quoted(str(name))} leaves the folder", str(state))


def _json(file: Path) -> object:
    """Give what a small JSON file holds, or a string that says why not."""
    try:
        with file.open("rb") as opened:
            return json.loads(opened.read(_LIMIT))
    except OSError as error:
        return f"the file cannot be read: {error.strerror or error}"
    except (ValueError, RecursionError) as error:
        return f"the file is no JSON: {error}"
