"""Rows as GuideX writes them, made up from a seed, each with guidelines of its own and with its faults known.

Their shape is that of a corpus which the system wrote: five classes in 3.1 KB of guidelines, 44 strings in 1.6 KB of
labels, documents of 1,292 words in the median, log-normal, and of 22,382 at most. One row in ten is broken, in twelve
ways that take turns; besides, some values are near matches, and some documents stand in two rows.

    python benchmarks/corpus.py rows.jsonl --rows 2000 --seed 0
"""

import argparse
import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import annotation
import faults
from faults import Draft, Fault, Known
from prose import Author, Quote, document_of

SHORTEST, TYPICAL, LONGEST = 200, 1292, 22_382
STRINGS = 44
# In 2,000 rows there is one of the longest, and 202 are broken.
BLOCK, BROKEN = 2_000, 202
REPEATED, NEAR_ROWS = 1 / 100, 1 / 20
# Rows of a row group of Parquet.
ROW_GROUP = 250
# Labels follow their document, but not strictly: this disorder gives Kendall's tau of about 0.93, real rows 0.80 to 1.
DISORDER = 0.03

# How many of the strings are verbatim, normalised, variant, paraphrase and invented.
Mix = tuple[int, int, int, int, int]
# As in rows that the system published, of which no value was checked.
PUBLISHED: Mix = (19, 4, 5, 15, 1)
# As in rows that a check has let through.
CHECKED: Mix = (STRINGS, 0, 0, 0, 0)
NEAR: Mix = (STRINGS - 2, 2, 0, 0, 0)


class Row(NamedTuple):
    """One row.

    Attributes:
        quotes: its values in the order of the labels.
        known: all that is wrong with it, but for what lints say of the guidelines.
    """

    guidelines: str
    labels: str
    document: str
    quotes: list[Quote]
    known: tuple[Known, ...] = ()

    def columns(self) -> dict[str, str]:
        """Give the columns of a dataset."""
        return {"guidelines": self.guidelines, "labels": self.labels, "document": self.document}


def row(
    chance: random.Random,
    words: int | None = None,
    mix: Mix = PUBLISHED,
    fault: Fault | None = None,
    document: str = "",
) -> Row:
    """Make up one row.

    Args:
        chance: what the choices are drawn from.
        words: the length of the document; as in a corpus that the system wrote if it is not given.
        mix: the kinds of values.
        fault: breaks the row.
        document: the document, if it is not to be made up.
    """
    if words is None:
        words = min(max(round(chance.lognormvariate(math.log(TYPICAL), 0.6)), SHORTEST), LONGEST)
    document = document or document_of(chance, words)
    quotes = quotes_of(chance, document, mix)
    classes = annotation.classes_of(chance)
    instances = annotation.instances_of(classes, annotation.Supply(quotes, document), chance)
    draft = Draft(chance, classes, instances, document)
    known = [fault(draft)] if fault else []
    near = {quote.text for quote in quotes if quote.text not in document} if mix == NEAR else ()
    known += [Known("GX302", path) for path, value in draft.values() if isinstance(value, str) and value in near]
    return Row(draft.guidelines(), draft.labels(), document, quotes, tuple(known))


def quotes_of(chance: random.Random, document: str, mix: Mix) -> list[Quote]:
    """Quote a document, each text once, roughly in its order."""
    author = Author(chance, document)
    ways = (author.verbatim, author.normalised, author.variant, author.paraphrase, author.invented)
    found: dict[str, Quote] = {}
    for write, count in zip(ways, mix, strict=True):
        quotes = author.quotes(write)
        wanted = len(found) + count
        while len(found) < wanted:
            quote = next(quotes)
            found.setdefault(quote.text, quote)
    return sorted(found.values(), key=lambda quote: quote.start / len(document) + chance.gauss(0, DISORDER))


def rows(seed: int, count: int) -> Iterator[Row]:
    """Give the rows of a corpus; a longer one of the same seed begins with other rows.

    Args:
        seed: of all choices.
        count: how many rows, of which one in ten is broken.
    """
    chance = random.Random(seed)
    broken = {place: number for number, place in enumerate(chance.sample(range(count), round(count * BROKEN / BLOCK)))}
    longest = {block + chance.randrange(BLOCK) for block in range(0, count, BLOCK)}
    whole: list[str] = []
    for place in range(count):
        known: tuple[Known, ...] = ()
        mix, fault, document = CHECKED, None, ""
        if place in broken:
            fault = faults.FAULTS[broken[place] % len(faults.FAULTS)]
        elif whole and chance.random() < REPEATED:
            document, known = chance.choice(whole), (Known("GX501"),)
        elif chance.random() < NEAR_ROWS:
            mix = NEAR
        made = row(chance, LONGEST if place in longest else None, mix, fault, document)
        whole += [] if document else [made.document]
        yield made._replace(known=known + made.known)


def write(path: Path, columns: Sequence[Mapping[str, str]]) -> None:
    """Write rows as JSONL, or as Parquet if the name of the file says so."""
    if path.suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(columns)), path, row_group_size=ROW_GROUP)
    else:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in columns)


def main() -> None:
    """Write a corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help=".jsonl or .parquet")
    parser.add_argument("--rows", type=int, default=BLOCK, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all choices (default: %(default)s)")
    parser.add_argument("--known", type=Path, help="write what is wrong with each row to this file, as JSON Lines")
    options = parser.parse_args()
    made = list(rows(options.seed, options.rows))
    write(options.file, [one.columns() for one in made])
    if options.known:
        lines = (json.dumps([one._asdict() for one in row.known]) + "\n" for row in made)
        options.known.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
