"""Rows per second of guidex validation beside a plain exec of the same rows, as a ratio.

The published GuideX filter (arXiv:2506.00649) runs a row's text, which ends in its label list, and then the
list once more, all rows in one namespace. It only finds what raises; guidex also checks types and grounding.
"""

# The published filter's exec inherits this import, so that annotations are never evaluated there. Here too.
from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from guidex_schema import Record, Validator

# The shape of generated rows: medians of a corpus that the system wrote.
CLASSES = 5
ATTRIBUTES = 5
STRINGS = 44
WORDS = 1292
BROKEN = 0.1

TYPES = ("str", "str", "List[str]", "Optional[str]")
SYLLABLES = ("al", "be", "cor", "di", "en", "fa", "gor", "hi", "in", "ju", "ka", "lum", "mo", "nor", "os", "pe", "qua")


class Attribute(NamedTuple):
    """One attribute of a generated class: its name and the source of its type."""

    name: str
    type: str


def word(chance: random.Random) -> str:
    """Make up a word of two to four syllables."""
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))


def sentence(chance: random.Random, length: int) -> str:
    """Make up a sentence of that many words."""
    return " ".join(word(chance) for _ in range(length)).capitalize() + "."


def row(chance: random.Random) -> str:
    """Make up one row as a line of JSON; no two rows share guidelines, as in GuideX."""
    classes = classes_of(chance)
    document = sentence(chance, max(60, round(chance.lognormvariate(math.log(WORDS), 0.6))))
    guidelines = guidelines_of(classes, chance)
    labels = labels_of(classes, document.split(), chance)
    if chance.random() < BROKEN:
        labels = labels.replace("=", "_x=", 1)
    return json.dumps({"guidelines": guidelines, "labels": labels, "document": document})


def classes_of(chance: random.Random) -> dict[str, list[Attribute]]:
    """Make up the classes of one row."""
    return {
        word(chance).title() + str(number): [
            Attribute(f"{word(chance)}_{place}", chance.choice(TYPES)) for place in range(ATTRIBUTES)
        ]
        for number in range(CLASSES)
    }


def guidelines_of(classes: dict[str, list[Attribute]], chance: random.Random) -> str:
    """Write the classes as GuideX does: a docstring each, and one for every attribute."""
    lines = ["from dataclasses import dataclass", "from typing import List, Optional"]
    for name, attributes in classes.items():
        lines += ["", "@dataclass", f"class {name}:", f'    """{sentence(chance, 18)}"""']
        for attribute in attributes:
            lines += [f"    {attribute.name}: {attribute.type}", f'    """{sentence(chance, 9)}"""']
    return "\n".join(lines)


def labels_of(classes: dict[str, list[Attribute]], words: list[str], chance: random.Random) -> str:
    """Write instances whose values all stand in the document, until they hold enough strings."""
    instances: list[str] = []
    strings = 0
    while strings < STRINGS:
        name, attributes = chance.choice(list(classes.items()))
        arguments = []
        for attribute in attributes:
            count = 3 if attribute.type == "List[str]" else 1
            starts = [chance.randrange(len(words) - 3) for _ in range(count)]
            values = [" ".join(words[start : start + chance.randint(1, 3)]).rstrip(".") for start in starts]
            arguments.append(f"{attribute.name}={values if count > 1 else values[0]!r}")
            strings += count
        instances.append(f"{name}({', '.join(arguments)})")
    return "[\n    " + ",\n    ".join(instances) + "\n]"


def run_row(guidelines: str, labels: str, document: str, namespace: dict[str, Any]) -> None:
    """Compile and run one row as the published filter does."""
    text = f"{guidelines}\ntext = {json.dumps(document)}\nresult = {labels}"
    exec(text + "\n" + labels, namespace)


def plain_exec(lines: Iterable[str]) -> None:
    """Run every row in one namespace; a row is bad if it raises."""
    namespace: dict[str, Any] = {}
    for line in lines:
        fields = json.loads(line)
        try:
            run_row(fields["guidelines"], fields["labels"], fields["document"], namespace)
        except Exception:  # noqa: BLE001 - whatever a row raises, the row is bad
            continue


def seconds(work: Callable[[list[str]], None], lines: list[str]) -> float:
    """Time one call, by the wall: part of guidex's work is done in another process."""
    start = time.perf_counter()
    work(lines)
    return time.perf_counter() - start


def main() -> None:
    """Measure both on the same fresh rows in every round, so that no cache is met warm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200, help="rows of one round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds; medians are printed (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the rows (default: %(default)s)")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    plain: list[float] = []
    guidex: list[float] = []
    with Validator() as validator:

        def validate(lines: list[str]) -> None:
            for line in lines:
                fields = json.loads(line)
                validator.validate(
                    Record(guidelines=fields["guidelines"], labels=fields["labels"], document=fields["document"])
                )

        validate([row(chance)])
        for number in range(options.rounds):
            lines = [row(chance) for _ in range(options.rows)]
            # Taking turns at going first keeps a machine that warms up or slows down from favouring one.
            for work, taken in ((plain_exec, plain), (validate, guidex))[:: -1 if number % 2 else 1]:
                taken.append(seconds(work, lines))
    ratios = [theirs / ours for theirs, ours in zip(plain, guidex, strict=True)]
    print(f"plain exec  {options.rows / statistics.median(plain):8.1f} rows/s")
    print(f"guidex      {options.rows / statistics.median(guidex):8.1f} rows/s")
    print(f"ratio       {statistics.median(ratios):8.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
