"""Label sets: the labels of other datasets, by name, read from JSON."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError

# The labels of all published datasets together are far fewer.
SIZE_LIMIT = 64 * 1024 * 1024

_FORMS = 'an object {"name": ["label", ...], ...} or a list of {"name": ..., "labels": [...]}'


class LabelSet(NamedTuple):
    """The labels of one dataset.

    Attributes:
        labels: each once, in the order of the file.
        repeated: those that the file has more than once.
    """

    name: str
    labels: tuple[str, ...]
    repeated: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, labels: Iterable[str]) -> "LabelSet":
        """Give a set of labels that may be repeated."""
        counts: dict[str, int] = {}
        for label in labels:
            counts[label] = counts.get(label, 0) + 1
        return cls(name, tuple(counts), tuple(label for label, number in counts.items() if number > 1))


def label_sets(content: bytes, file: str) -> tuple[LabelSet, ...]:
    """Read label sets.

    Args:
        content: JSON in UTF-8: an object of names and lists of labels, or a list of objects with ``name`` and
            ``labels``.
        file: what it is called in errors.

    Returns:
        The sets in the order of the file; a label that is repeated is there once, and told in ``repeated``.

    Raises:
        UsageError: the content is larger than 64 MiB, no JSON, of another form, holds no set, names one twice, or a
            label is no string.
    """
    if len(content) > SIZE_LIMIT:
        raise UsageError(f"the label sets {file} are larger than {SIZE_LIMIT // (1024 * 1024)} MiB")
    try:
        # Repeated names would be lost in a dict.
        decoded: object = json.loads(content.decode("utf-8-sig"), object_pairs_hook=tuple)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the label sets {file} are no JSON: {error}") from error
    found = [_label_set(name, labels, file) for name, labels in _named(decoded, file)]
    if not found:
        raise UsageError(f"{file} holds no label set; it should be {_FORMS}")
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{file} has two label sets that are called {quoted(name)}")
    return tuple(found)


def _named(decoded: object, file: str) -> Iterable[tuple[object, object]]:
    """Give names and labels; an object of JSON is a tuple of its pairs here, a list is a list."""
    match decoded:
        case tuple():
            yield from decoded
        case list():
            for number, one in enumerate(decoded):
                entry = dict(one) if isinstance(one, tuple) else {}
                if entry.keys() != {"name", "labels"}:
                    raise UsageError(f"item {number} of {file} is no label set; it should be {_FORMS}")
                yield entry["name"], entry["labels"]
        case _:
            raise UsageError(f"{file} holds no label sets; it should be {_FORMS}")


def _label_set(name: object, labels: object, file: str) -> LabelSet:
    if not isinstance(name, str):
        raise UsageError(f"a label set of {file} has a name that is no string: {quoted(repr(name))}")
    if not isinstance(labels, list):
        raise UsageError(f"the label set {quoted(name)} of {file} is no list of labels")
    for number, label in enumerate(labels):
        if not isinstance(label, str):
            shown = "an object" if isinstance(label, tuple) else quoted(json.dumps(label))
            raise UsageError(f"label {number} of {quoted(name)} in {file} is no string but {shown}")
    return LabelSet.of(name, labels)
