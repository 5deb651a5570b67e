"""Grounding on values that people judged, and its cost beside langextract's aligner and beside a plain exec.

Ends with 1 if a number with a changed digit was found in a document that does not hold it. Times never decide that.
"""

import argparse
import gc
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import corpus
import digit_edits
import labelled
import peer
import speed
from figures import Spread, ranged, table
from guidex_schema.grounding import GroundedDocument, Grounding
from labelled import Label, leaf

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
LABELS = ROOT.parent / "shared" / "data" / "guidex"


class Scale(NamedTuple):
    """How much is measured."""

    rounds: int
    rows: int
    peer_rows: int
    words: tuple[int, ...]
    sizes: tuple[int, ...]
    every_edit: int


FULL = Scale(
    rounds=5,
    rows=20,
    peer_rows=6,
    words=(200, 1_300, 5_000, 22_000),
    sizes=(10_000, 30_000, 100_000, 300_000, 1_000_000),
    every_edit=1,
)
QUICK = Scale(rounds=1, rows=2, peer_rows=1, words=(200,), sizes=(10_000, 30_000), every_edit=20)


def main() -> int:
    """Print the tables, store the figures if asked, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, help="folder with rows.jsonl and values.jsonl (default: shared data)")
    parser.add_argument("--json", type=Path, help="file for all figures; times as [median, least, most]")
    parser.add_argument("--quick", action="store_true", help="a little of everything, for a test")
    parser.add_argument("--seed", type=int, default=0, help="of the synthetic rows (default: %(default)s)")
    options = parser.parse_args()
    scale = QUICK if options.quick else FULL
    sets = label_sets(options.labels)
    aligner = peer.load()
    if aligner is None:
        print("langextract is not installed (pip install -e '.[benchmark]'): its columns are left out.\n")
    figures: dict[str, Any] = {"seed": options.seed, "quick": options.quick}
    figures["langextract"] = aligner.version if aligner else None
    figures["accuracy"] = {name: accuracy(name, labels, aligner) for name, labels in sets.items()}
    figures["digit_edits"] = digit_edits_found(documents_of(sets.values()), scale)
    gc.collect()
    gc.freeze()
    chance = random.Random(options.seed)
    figures["synthetic_statuses"] = synthetic_statuses(chance, scale)
    if aligner:
        figures["beside_langextract"] = beside_langextract(chance, aligner, sets.get("rows", []), scale)
    figures["beside_exec"] = beside_exec(chance, scale)
    figures["by_size"] = by_size(chance, scale)
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return 1 if figures["digit_edits"]["found"] else 0


def label_sets(folder: Path | None) -> dict[str, list[Label]]:
    """Read the labelled values that are there: published rows, and the project's own."""
    sets = {}
    if folder or LABELS.is_dir():
        sets["rows"] = labelled.read_rows(folder or LABELS)
    else:
        print("No --labels and no shared data: the published rows are left out.\n")
    if own := labelled.read_own(FIXTURES):
        sets["own"] = own
    return sets


def documents_of(sets: Iterable[list[Label]]) -> list[str]:
    """Give every document whose digits are changed, once: those of the labels and those of the fixtures."""
    files = sorted((FIXTURES / "documents").glob("*.txt")) + sorted((FIXTURES / "grounding").glob("documents/*.txt"))
    texts = [label.document for labels in sets for label in labels] + [file.read_bytes().decode() for file in files]
    return list(dict.fromkeys(texts))


def cases_of(labels: Iterable[Label]) -> Iterable[tuple[str, list[Label]]]:
    """Give each document with its labels."""
    by_document: dict[str, list[Label]] = {}
    for label in labels:
        by_document.setdefault(label.document, []).append(label)
    return by_document.items()


def percent(figure: float | None) -> str:
    """Write a share."""
    return "-" if figure is None else f"{100 * figure:.1f} %"


def accuracy(name: str, labels: list[Label], aligner: peer.Langextract | None) -> dict[str, Any]:
    """Print how well the answers for one set agree with the labels, and every disagreement."""
    answers: list[tuple[Label, Grounding]] = []
    for document, held in cases_of(labels):
        grounded = GroundedDocument(document)
        answers += [(label, grounded.ground(leaf(label.value))) for label in held]
    tools = {
        "guidex": labelled.detection((label, bool(found.spans)) for label, found in answers)
        | labelled.places((label, found.spans) for label, found in answers)
        | labelled.statuses(answers)
    }
    if aligner:
        tools |= aligned_figures(labels, aligner)
    print(f"Labelled values: {name} ({len(labels)})\n")
    keys = [key for key in tools["guidex"] if key not in {"values", "found"}]
    table(
        ("", *tools),
        ((key.replace("_", ", "), *(percent(figures.get(key)) for figures in tools.values())) for key in keys),
    )
    differences = labelled.disagreements(answers)
    lenient = sum(bool(one["accepted"]) for one in differences)
    print(f"Disagreements on the status: {len(differences)}, {lenient} of them with the other verdict (marked *)\n")
    table(
        ("place", "value", "verdict", "status", "score", "evidence"),
        (
            (
                one["place"],
                repr(one["value"]),
                f"{one['verdict']}{' or ' + str(one['alt']) if one['alt'] else ''}",
                f"{one['status']}{'*' if one['accepted'] else ''}",
                f"{one['score']:.2f}",
                repr(one["evidence"]),
            )
            for one in differences
        ),
    )
    return {"tools": tools, "disagreements": differences}


def aligned_figures(labels: list[Label], aligner: peer.Langextract) -> dict[str, labelled.Figures]:
    """Judge langextract: as it comes, and without the values of which it only found a part."""
    answers = [
        (label, status, spans)
        for document, held in cases_of(labels)
        for label, (status, spans) in zip(
            held, aligner.answers(document, [leaf(label.value) for label in held]), strict=True
        )
    ]
    return {
        name: labelled.detection((label, status not in refused) for label, status, _ in answers)
        | labelled.places((label, spans) for label, status, spans in answers if status not in refused)
        for name, refused in {"langextract": {"none"}, "without lesser": {"none", "match_lesser"}}.items()
    }


def digit_edits_found(documents: list[str], scale: Scale) -> dict[str, Any]:
    """Print how many values with a changed digit were tried, and all that were found."""
    tried: Counter[str] = Counter()
    wrong = []
    for document in documents:
        grounded = GroundedDocument(document)
        for edit in list(digit_edits.edits(document))[:: scale.every_edit]:
            tried[edit.form] += 1
            found = grounded.ground(leaf(edit.value))
            if found.best:
                evidence = document[found.best.start : found.best.end]
                wrong.append({**edit._asdict(), "status": found.status, "evidence": evidence})
    print(f"Changed digits: {tried.total()} values tried in {len(documents)} documents, {len(wrong)} found (goal 0)\n")
    table(
        ("form", "tried", "found"), ((form, tried[form], sum(one["form"] == form for one in wrong)) for form in tried)
    )
    if wrong:
        head = ("original", "value", "status", "evidence")
        table(head, ([repr(one[key]) for key in head] for one in wrong))
    return {"tried": tried.total(), "by_form": tried, "found": len(wrong), "all_found": wrong}


def synthetic_statuses(chance: random.Random, scale: Scale) -> dict[str, float]:
    """Print what guidex says of the synthetic values, to be held beside the mix that they are made of."""
    counts: Counter[str] = Counter()
    for row in (corpus.row(chance) for _ in range(scale.rows)):
        grounded = GroundedDocument(row.document)
        counts.update(grounded.ground(leaf(quote.text)).status for quote in row.quotes)
    shares = {status: count / counts.total() for status, count in counts.most_common()}
    print("Synthetic values (43 % verbatim, 9 % normalised, 11 % variant, 35 % paraphrase, 2 % invented): ", end="")
    print(", ".join(f"{percent(part)} {status}" for status, part in shares.items()), end="\n\n")
    return shares


def beside_langextract(
    chance: random.Random, aligner: peer.Langextract, labels: list[Label], scale: Scale
) -> dict[str, Any]:
    """Print how much longer langextract takes for the same values."""
    figures: dict[str, dict[str, Spread]] = {}
    for order in ("row", "text"):
        if cases := [labelled_case(document, held, order) for document, held in cases_of(labels)]:
            figures[f"labelled rows, {order} order"] = speed.beside_langextract(aligner, [cases] * scale.rounds)
        fresh = [[corpus.row(chance) for _ in range(scale.peer_rows)] for _ in range(scale.rounds)]
        rounds = [[speed.case_of(row, text_order=order == "text") for row in rows] for rows in fresh]
        figures[f"synthetic, {order} order"] = speed.beside_langextract(aligner, rounds)
    print(f"langextract {aligner.version} / guidex, CPU time (goal: 80 or more in row order)\n")
    table(
        ("", "ratio", "guidex, ms a row", "langextract, ms a row"),
        (
            (name, ranged(one["ratio"], 0), ranged(one["guidex_ms"]), ranged(one["langextract_ms"], 0))
            for name, one in figures.items()
        ),
    )
    return figures


def labelled_case(document: str, labels: list[Label], order: str) -> speed.Case:
    """Give the values of one document in the order of its labels, or of the places where they were found."""
    if order == "text":
        labels = sorted(labels, key=lambda label: label.span.start if label.span else math.inf)
    return speed.Case(document, [leaf(label.value) for label in labels])


def beside_exec(chance: random.Random, scale: Scale) -> dict[str, Any]:
    """Print the cost of grounding in units of a plain exec."""
    names = {"as in a corpus": None, **{f"{words:,} words": words for words in scale.words}}
    figures = {name: speed.beside_exec(chance, words, scale.rows, scale.rounds) for name, words in names.items()}
    print("Grounding a row / plain exec of it, CPU time (goal: 0.20 or less)\n")
    table(
        ("document", "share", "guidex, ms a row", "exec, ms a row"),
        (
            (name, ranged(one["share"], 3), ranged(one["guidex_ms"]), ranged(one["exec_ms"]))
            for name, one in figures.items()
        ),
    )
    return figures


def by_size(chance: random.Random, scale: Scale) -> dict[int, dict[str, Spread]]:
    """Print what a KB costs in documents of several sizes."""
    figures = speed.by_size(chance, scale.sizes, scale.rounds)
    print("As many values in longer documents, CPU time (goal: no rise per KB)\n")
    table(
        ("document", "per KB, first = 1", "ms a document"),
        ((f"{size // 1000:,} KB", ranged(one["per_kb"]), ranged(one["document_ms"])) for size, one in figures.items()),
    )
    return figures


if __name__ == "__main__":
    sys.exit(main())
