"""The transcripts that come with the package: written by hand, with faults such as models make."""

import json
from pathlib import Path

import pytest

from guidex_schema.generation.stage import Material, stages
from guidex_schema.generation.template import load
from guidex_schema.settings import Settings
from guidex_schema.worker import Worker
from transcripts import EMBEDDED, digest, document, lines, transcripts

WRITTEN = list(transcripts())
# What each answer that is not handed on as it is has to say.
FINDINGS = {
    ("chemistry-en-1", "structure", 0): {"GX603"},
    ("chemistry-en-2", "instances", 0): {"GX204"},
    ("cooking-it-1", "instances", 0): {"GX301"},
    ("ecology-en-1", "instances", 0): {"GX301"},
    ("finance-en-1", "guideline", 0): {"GX604", "GX011"},
    ("history-ru-1", "instances", 0): {"GX201"},
    ("law-en-1", "instances", 0): {"GX604", "GX013"},
    ("sport-es-1", "instances", 0): {"GX301"},
    ("sport-es-1", "instances", 1): {"GX301", "GX201"},
    ("sport-es-1", "instances", 2): {"GX301"},
    ("weather-en-1", "guideline", 0): {"GX110", "GX614"},
}
FIXED = {
    ("cooking-en-1", "instances", 0): ("GX302 Write it as the document does",),
    ("history-hi-1", "structure", 0): ("GX602 Take out the commas behind which nothing follows",),
    ("law-de-1", "guideline", 0): ("GX107 Import `List` from typing",),
}
# Stages whose answer stands in a fence, or has prose around it.
WRAPPED = {
    ("astronomy-en-1", "guideline"),
    ("astronomy-en-1", "instances"),
    ("biography-en-1", "guideline"),
    ("medicine-en-1", "structure"),
    ("music-en-1", "instances"),
    ("programming-en-1", "instances"),
}
FIELDS = {"summary": "summary", "structure": "structure", "guideline": "guidelines"}


def test_the_package_holds_what_the_folder_does() -> None:
    assert EMBEDDED.read_text(encoding="utf-8") == "".join(lines())


def test_every_document_of_the_fixtures_has_one_and_nobody_is_named_who_did_not_write_it() -> None:
    rows = [json.loads(line) for line in EMBEDDED.read_text(encoding="utf-8").splitlines()]
    folder = Path(__file__).parent.parent / "fixtures" / "documents"
    known = {digest(path.read_text(encoding="utf-8")) for path in folder.glob("*.txt")}
    assert {row["document"] for row in rows} == known
    assert {row["model"] for row in rows} == {"hand-written"}


def test_fences_and_prose_are_where_they_are_said_to_be() -> None:
    assert {(one.document, one.stage) for one in WRITTEN if "```" in one.text} == WRAPPED


@pytest.mark.parametrize("name", sorted({one.document for one in WRITTEN}))
def test_every_answer_is_judged_as_it_was_meant(name: str) -> None:
    prompts = load()
    material = Material(document=document(name), summary=None, structure=None, guidelines=None, is_fixed=False)
    with Worker() as worker:
        known = {stage.name: stage for stage in stages(prompts, Settings(), worker)}
        for one in (one for one in WRITTEN if one.document == name):
            gated = known[one.stage].gate(one.text, one.is_cut, material)
            key = (one.document, one.stage, one.attempt)
            assert {found.code for found in gated.diagnostics} == FINDINGS.get(key, set())
            assert gated.passed == (key not in FINDINGS)
            assert gated.fixed == FIXED.get(key, ())
            assert "```" not in gated.value
            if gated.passed and one.stage in FIELDS:
                material = material.model_copy(update={FIELDS[one.stage]: gated.value})


def test_what_does_not_pass_is_asked_again_as_long_as_settings_allow() -> None:
    repairs = Settings().generation.repairs
    for name, stage, attempt in FINDINGS:
        again = [one for one in WRITTEN if (one.document, one.stage, one.attempt) == (name, stage, attempt + 1)]
        assert len(again) == (attempt < repairs)
