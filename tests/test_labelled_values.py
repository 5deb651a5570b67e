"""Values that people judged by hand: the status is theirs, and where one is found it is found at their place."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from guidex_schema.grounding import GroundedDocument
from test_grounding import wrap

FIXTURES = Path(__file__).parent.parent / "fixtures"
REAL = Path(__file__).parent.parent.parent / "shared" / "data" / "guidex"
STATUS = {
    "verbatim": "exact",
    "normalised": "normalised",
    "variant": "variant",
    "paraphrase": "absent",
    "hallucinated": "absent",
}


class Judged(NamedTuple):
    """A value, what people said of it, and the document."""

    label: dict[str, Any]
    document: GroundedDocument

    @property
    def accepted(self) -> set[str]:
        return {STATUS[verdict] for verdict in (self.label["verdict"], self.label["alt"]) if verdict}


def own() -> Iterator[Judged]:
    texts = {
        file.stem: file for folder in ("documents", "grounding/documents") for file in (FIXTURES / folder).iterdir()
    }
    documents = {stem: GroundedDocument(file.read_bytes().decode()) for stem, file in texts.items()}
    for line in (FIXTURES / "grounding" / "values.jsonl").read_text("utf-8").splitlines():
        label = json.loads(line)
        yield Judged(label, documents[label["document"]])


def real() -> Iterator[Judged]:
    rows = [json.loads(line) for line in (REAL / "rows.jsonl").read_text("utf-8").splitlines()]
    documents = [GroundedDocument(row["unlabelled_sentence"]) for row in rows]
    for line in (REAL / "values.jsonl").read_text("utf-8").splitlines():
        label = json.loads(line)
        yield Judged(label, documents[label["row"]])


def found(judged: Judged) -> tuple[str, set[tuple[int, int]]]:
    grounding = judged.document.ground(wrap(judged.label["value"]))
    return grounding.status, {(span.start, span.end) for span in grounding.spans}


def test_the_set_is_wide_enough() -> None:
    labels = [judged.label for judged in own()]
    assert len(labels) > 700
    assert len({label["document"].partition("-")[0] for label in labels}) >= 10
    assert len({label["document"].split("-")[1] for label in labels}) >= 8
    for judged in own():
        label = judged.label
        if label["evidence"] is not None:
            assert judged.document.text[label["start"] : label["end"]] == label["evidence"]


def test_nothing_is_found_that_does_not_stand_there() -> None:
    wrong = [one.label for one in own() if "absent" in one.accepted and len(one.accepted) == 1 and found(one)[1]]
    assert not wrong


def test_what_is_missed_is_number_words_of_other_languages_and_the_like() -> None:
    missed = [one.label for one in own() if found(one)[0] not in one.accepted]
    # The figures are in benchmarks/README.md; every one of these is listed by benchmarks/grounding.py.
    assert len(missed) <= 27
    assert {label["verdict"] for label in missed} <= {"variant", "normalised", "verbatim"}


def test_verbatim_and_normalised_values_are_found_at_their_place() -> None:
    for judged in own():
        label = judged.label
        status, spans = found(judged)
        if label["verdict"] in ("verbatim", "normalised") and label["alt"] is None:
            assert status == STATUS[label["verdict"]], label
            assert (label["start"], label["end"]) in spans, label


@pytest.mark.skipif(not REAL.exists(), reason="the real rows stand beside a checkout only, in shared/data")
def test_real_rows_are_judged_as_people_judged_them() -> None:
    seen: Counter[str] = Counter()
    for judged in real():
        label = judged.label
        status, spans = found(judged)
        seen[label["verdict"]] += 1
        assert status in judged.accepted, label
        if label["verdict"] in ("verbatim", "normalised", "variant"):
            assert any(start <= label["start"] and label["end"] <= end for start, end in spans), label
    assert seen == {"verbatim": 61, "normalised": 6, "variant": 6, "paraphrase": 29}
