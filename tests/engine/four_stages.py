"""What an engine is asked in four stages about documents of the fixtures, and what has to be true of its answers."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from jsonschema import Draft202012Validator

from grounded import collected
from guidex_schema.generation.engine import Completion, Engine, Request
from guidex_schema.generation.engines.replay import replay
from guidex_schema.generation.gate import Material
from guidex_schema.generation.plan import Plan, planned
from guidex_schema.generation.stage import Stage, prompt
from guidex_schema.generation.template import load
from guidex_schema.generation_settings import EngineSettings, GenerationSettings
from guidex_schema.settings import Settings
from guidex_schema.worker import Worker

_FOLDER = Path(__file__).parents[2] / "fixtures" / "documents"
_DOCUMENTS = ("biography-en-1", "ecology-am-1", "geography-zh-1", "law-de-1")
# A model that has learnt nothing stops when the grammar makes it.
_SHORT = GenerationSettings(instances=3, items=2, depth=2, span_characters=40)
_MAX_TOKENS = 3_000
# The field that the answer of a stage becomes.
_FIELDS = {"summary": "summary", "structure": "structure", "guideline": "guidelines"}


def assert_all_stages_answered(engine: Engine) -> None:
    """Ask all that a run whose every stage passes would ask, together, and hold the answers to what they are for."""
    with Worker() as worker:
        plan = planned(engine, Settings(generation=_SHORT), load(), worker)
        asked = [one for name in _DOCUMENTS for one in _materials(plan, (_FOLDER / f"{name}.txt").read_text("utf-8"))]
        assert [stage.name for stage, _ in asked] == ["summary", "structure", "guideline", "instances"] * 4
        answers = collected(engine, (_request(plan, *one, number) for number, one in enumerate(asked)))
        assert sorted(answers) == list(range(len(asked)))
        for number, (stage, material) in enumerate(asked):
            answer = answers[number][1]
            assert isinstance(answer, Completion), answer
            assert answer.text or answer.is_cut, stage.name
            _assert_constrained(plan, stage, material, answer)


def _assert_constrained(plan: Plan, stage: Stage, material: Material, answer: Completion) -> None:
    match stage.name:
        case "summary" | "guideline":
            assert plan.constraint(stage, material) is None
        case "structure":
            assert (constraint := plan.constraint(stage, material)) is not None
            if not answer.is_cut:
                # xgrammar 0.2.8 lets control characters into strings whose length is limited; the gate finds them.
                written = json.loads(answer.text, strict=plan.dialect == "lark")
                assert Draft202012Validator(json.loads(constraint.text)).is_valid(written), answer.text
        case "instances":
            assert not answer.is_cut
            gated = stage.gate(answer.text, answer.is_cut, material)
            assert gated.passed, (answer.text, gated.diagnostics)


def _materials(plan: Plan, text: str) -> Iterator[tuple[Stage, Material]]:
    """Give each stage with what it is made from where the stages before it said what was recorded."""
    material = Material(document=text)
    for stage in plan.stages:
        yield stage, material
        if stage.name in _FIELDS:
            material = material.model_copy(update={_FIELDS[stage.name]: _recorded(stage, material)})


def _recorded(stage: Stage, material: Material) -> str:
    digest = sha256(material.document.encode()).hexdigest()
    recorded = replay(EngineSettings())
    for attempt in range(3):
        recorded.submit(Request(document=digest, stage=stage.name, attempt=attempt, messages=(), seed=0, max_tokens=1))
    answers = [one for _, one in recorded.collect() if isinstance(one, Completion)]
    return next(gated.value for one in answers if (gated := stage.gate(one.text, one.is_cut, material)).passed)


def _request(plan: Plan, stage: Stage, material: Material, number: int) -> Request:
    return Request(
        document=sha256(material.document.encode()).hexdigest(),
        stage=stage.name,
        attempt=number,
        messages=prompt(stage, material),
        seed=number,
        max_tokens=_MAX_TOKENS if plan.constraint(stage, material) else 100,
        constraint=plan.constraint(stage, material),
    )
