"""The least that README.md says of a dataset folder, and the mark by which a folder is known that may be replaced.

Source:
    Hugging Face Hub, *Data files configuration*.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from guidex_schema.datasets.folder_writing import WrittenSplit

_FENCE: Final = "---\n"
_MARK = re.compile(r"\A---\n# Written by guidex-schema, which replaces the folder while this holds: ([0-9a-f]{64})\n")


def configurations(splits: "Iterable[WrittenSplit]") -> list[dict[str, object]]:
    """Give ``configs`` of the front matter: the files of each split, by configuration."""
    found: dict[str, list[object]] = {}
    for split in splits:
        files: dict[str, object] = {"split": split.name, "path": [one.path for one in split.files]}
        found.setdefault(split.config, []).append(files)
    return [{"config_name": config, "data_files": files} for config, files in found.items()]


def card(matter: dict[str, object], body: str = "") -> str:
    """Write a card with a mark that any change takes away."""
    import yaml

    text = f"{yaml.safe_dump(matter, allow_unicode=True, sort_keys=False, width=10_000)}{_FENCE}{body}"
    return f"{_FENCE}# Written by guidex-schema, which replaces the folder while this holds: {_digest(text)}\n{text}"


def is_unchanged(text: str) -> bool:
    """Say whether a card was written by ``card`` and is still as it was."""
    mark = _MARK.match(text)
    return mark is not None and mark[1] == _digest(text[mark.end() :])


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
