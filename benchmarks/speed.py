"""What grounding costs, beside langextract's aligner and beside a plain exec, timed in turns within one run.

Times are CPU seconds of this process, which does all of the work, so that other programs disturb them less.
"""

import gc
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import corpus
import prose
import published_filter
from figures import Spread, spread
from guidex_schema.grounding import GroundedDocument
from labelled import Leaf, leaf
from peer import Langextract


class Case(NamedTuple):
    """A document and its values."""

    document: str
    values: list[Leaf]


def case_of(row: corpus.Row, *, text_order: bool = False) -> Case:
    """Give what is grounded of a row, in the order of its labels or of its document."""
    quotes = sorted(row.quotes, key=lambda quote: quote.start) if text_order else row.quotes
    return Case(row.document, [leaf(quote.text) for quote in quotes])


def ground(cases: Sequence[Case]) -> None:
    """Ground all values of each document."""
    for case in cases:
        document = GroundedDocument(case.document)
        for value in case.values:
            document.ground(value)


def align(peer: Langextract, cases: Sequence[Case], extractions: Sequence[list[Any]]) -> None:
    """Align all values of each document by langextract."""
    for case, made in zip(cases, extractions, strict=True):
        peer.align(made, case.document)


def plain_exec(rows: Sequence[corpus.Row]) -> None:
    """Run each row in one namespace, as the published filter does."""
    namespace: dict[str, Any] = {}
    for row in rows:
        published_filter.run_row(row.guidelines, row.labels, row.document, namespace)


def seconds(work: Callable[[], object]) -> float:
    """Time one call, without the garbage of the one before."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def in_turns(number: int, *works: Callable[[], object]) -> list[float]:
    """Time each; who goes first in one round goes last in the next."""
    turn = -1 if number % 2 else 1
    return [seconds(work) for work in works[::turn]][::turn]


def beside_langextract(peer: Langextract, rounds: Sequence[Sequence[Case]]) -> dict[str, Spread]:
    """Give how many times longer langextract takes for the same values, and milliseconds a row of both."""
    pairs = []
    for number, cases in enumerate(rounds):
        extractions = [peer.extractions(case.values) for case in cases]
        ours, theirs = in_turns(number, partial(ground, cases), partial(align, peer, cases, extractions))
        pairs.append((ours / len(cases), theirs / len(cases)))
    return {
        "ratio": spread([theirs / ours for ours, theirs in pairs]),
        "guidex_ms": spread([1000 * ours for ours, _ in pairs]),
        "langextract_ms": spread([1000 * theirs for _, theirs in pairs]),
    }


def beside_exec(chance: random.Random, words: int | None, rows: int, rounds: int) -> dict[str, Spread]:
    """Give the cost of grounding fresh rows in units of a plain exec of them, and milliseconds a row of both."""
    pairs = []
    for number in range(rounds):
        fresh = [corpus.row(chance, words) for _ in range(rows)]
        cases = [case_of(row) for row in fresh]
        ours, theirs = in_turns(number, partial(ground, cases), partial(plain_exec, fresh))
        pairs.append((ours / rows, theirs / rows))
    return {
        "share": spread([ours / theirs for ours, theirs in pairs]),
        "guidex_ms": spread([1000 * ours for ours, _ in pairs]),
        "exec_ms": spread([1000 * theirs for _, theirs in pairs]),
    }


def by_size(chance: random.Random, sizes: Sequence[int], rounds: int) -> dict[int, dict[str, Spread]]:
    """Give milliseconds a document, and what a KB costs in units of what it costs in the smallest documents.

    Every size gets about as many characters a round, in as many documents as that takes.
    """
    copies = {size: max(1, max(sizes) // size) for size in sizes}
    times: dict[int, list[float]] = {size: [] for size in sizes}
    for number in range(rounds):
        works = [partial(ground, [sized(chance, size) for _ in range(copies[size])]) for size in sizes]
        for size, taken in zip(sizes, in_turns(number, *works), strict=True):
            times[size].append(taken / copies[size])
    per_kb = {size: [taken / size for taken in times[size]] for size in sizes}
    return {
        size: {
            "document_ms": spread([1000 * taken for taken in times[size]]),
            "per_kb": spread([one / first for one, first in zip(per_kb[size], per_kb[sizes[0]], strict=True)]),
        }
        for size in sizes
    }


def sized(chance: random.Random, characters: int) -> Case:
    """Make up a row whose document has about that many characters."""
    return case_of(corpus.row(chance, round(characters / prose.CHARACTERS_A_WORD)))
