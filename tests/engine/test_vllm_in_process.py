"""The engine that runs vLLM in this process, with a tiny model of ours."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from command import Folder
from four_stages import assert_all_stages_answered
from grounded import Task, asking, assert_grounded, assert_refused_alone, collected, tasks
from guidex_schema.error import EngineError
from guidex_schema.generation.engine import Completion, Constraint, Message
from guidex_schema.generation.engines.in_process import InProcessEngine
from guidex_schema.generation.outcome import Tally
from guidex_schema.generation.plan import Plan, planned
from guidex_schema.generation.probe import enforced_dialect, enforces_schema
from guidex_schema.generation.template import load
from guidex_schema.settings import Settings
from guidex_schema.validation import Validator
from guidex_schema.worker import Worker
from in_process import loaded
from scripted import document, run
from tiny_model import CHAT_TEMPLATE, make
from vllm_server import CONTEXT, ENVIRONMENT, kill

# The libraries that load the tiny model warn of their own future.
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as one:
        yield one


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("model") / "tiny", context=CONTEXT)


@pytest.fixture(scope="module")
def engine(model: Path, environment: None) -> Iterator[InProcessEngine]:
    one = loaded(model)
    yield one
    one.close()
    one.close()


def test_the_model_is_run_as_the_settings_say(engine: InProcessEngine, model: Path) -> None:
    assert (engine.model, engine.width, engine.context, engine.dialects) == (str(model), 16, CONTEXT, ("lark",))
    config = engine._engine.vllm_config
    assert config.cache_config.enable_prefix_caching
    assert config.scheduler_config.max_num_seqs == 16
    assert config.parallel_config.tensor_parallel_size == 1
    assert config.model_config.max_model_len == CONTEXT


def test_tokens_are_counted_as_the_model_counts_them(engine: InProcessEngine, model: Path) -> None:
    from transformers import AutoTokenizer

    turns = (Message(role="system", content="Žluť"), Message(role="user", content="静脉注射 🎈\n<|end|>"))
    written = "<|system|>\nŽluť<|end|>\n<|user|>\n静脉注射 🎈\n<|end|><|end|>\n<|assistant|>\n"
    tokens = AutoTokenizer.from_pretrained(model)(written, add_special_tokens=False)["input_ids"]
    assert engine.count(turns) == len(tokens)
    answer = collected(engine, [asking(0, "Hello")])[0][1]
    assert isinstance(answer, Completion)
    assert answer.prompt_tokens == engine.count((Message(role="user", content="Hello"),))
    assert (answer.output_tokens, answer.is_cut) == (40, True)


def test_a_seed_makes_an_answer_again_whatever_is_under_way_with_it(engine: InProcessEngine) -> None:
    once = collected(engine, [asking(number) for number in range(8)])
    again = collected(engine, [asking(number) for number in reversed(range(8))])
    assert {number: str(answer) for number, (_, answer) in once.items()} == {
        number: str(answer) for number, (_, answer) in again.items()
    }
    assert len({str(answer) for _, answer in once.values()}) == 8


def test_grammars_and_schemas_are_enforced(engine: InProcessEngine) -> None:
    assert enforced_dialect(engine, seed=1) == "lark"
    assert enforces_schema(engine, seed=1)


@settings(max_examples=6, phases=[Phase.generate])
@given(given=tasks)
def test_lists_over_any_schema_and_document_have_no_error(
    engine: InProcessEngine, validator: Validator, given: list[Task]
) -> None:
    assert_grounded(engine, "lark", given, validator)


FIXTURES = Path(__file__).parents[2] / "fixtures"


def generated(engine: InProcessEngine, folder: Path, guidelines: str | None) -> tuple[Tally, Plan]:
    """Run the stages over documents of the fixtures, and let the command check what was kept."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((FIXTURES / "documents").glob("*.txt"))[:8]]
    with Worker() as worker:
        plan = planned(engine, Settings(), load(), worker, guidelines=guidelines)
        pipeline, _ = run(folder, [document(text) for text in texts], plan)
    tally = pipeline.tally
    assert (tally.documents, tally.pending) == (8, 0)
    assert tally.kept + tally.rejected == 8
    return tally, plan


def test_lists_for_guidelines_of_ones_own_are_kept_and_have_no_error(engine: InProcessEngine, folder: Folder) -> None:
    guidelines = (FIXTURES / "example" / "guidelines.py").read_text(encoding="utf-8")
    tally, plan = generated(engine, folder.path / "out", guidelines)
    assert plan.decoding == "grounded-lark"
    assert tally.kept == 8
    done = folder.run("check", "out", "--exit-zero", "--output-format", "json-lines")
    assert '"error"' not in done.stdout


def test_each_stage_is_answered_where_those_before_it_passed(engine: InProcessEngine) -> None:
    assert_all_stages_answered(engine)


def test_all_stages_are_asked_and_what_a_random_model_writes_is_rejected_with_reasons(
    engine: InProcessEngine, folder: Folder
) -> None:
    tally, plan = generated(engine, folder.path / "out", None)
    assert [stage.name for stage in plan.stages] == ["summary", "structure", "guideline", "instances"]
    assert plan.has_schema
    assert tally.rejected == 8
    assert len((folder.path / "out" / "rejected.jsonl").read_text(encoding="utf-8").splitlines()) == 8


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"constraint": Constraint(kind="lark", text="start: (((")}, "vLLM refuses it: Grammar error"),
        ({"constraint": Constraint(kind="lark", text="")}, "vLLM refuses it: .*empty"),
        ({"text": "long " * 9_000}, "vLLM refuses it: .*context length"),
    ],
)
def test_a_request_that_vllm_refuses_is_refused_alone(
    engine: InProcessEngine, fields: Mapping[str, Any], fault: str
) -> None:
    assert_refused_alone(engine, fault, **fields)


def test_a_model_without_a_template_needs_one_and_xgrammar_enforces_ebnf(
    tmp_path: Path, validator: Validator, engine: InProcessEngine
) -> None:
    bare = make(tmp_path / "bare", has_template=False, context=CONTEXT)
    xgrammar = {"structured_outputs_config": {"backend": "xgrammar"}}
    with pytest.raises(EngineError, match=r"the chat template of .* cannot be used: .*chat_template"):
        loaded(bare)
    template = tmp_path / "template.jinja"
    template.write_text(CHAT_TEMPLATE)
    one = loaded(bare, chat_template=str(template), **xgrammar)
    try:
        turns = (Message(role="user", content="Hello"),)
        assert one.count(turns) == engine.count(turns)
        assert one.dialects == ("ebnf",)
        assert enforced_dialect(one, seed=1) == "ebnf"
        assert enforces_schema(one, seed=1)

        @settings(max_examples=6, phases=[Phase.generate])
        @given(given=tasks)
        def check(given: list[Task]) -> None:
            assert_grounded(one, "ebnf", given, validator)

        check()
        assert_all_stages_answered(one)
    finally:
        one.close()


@pytest.mark.parametrize("victim", ["core", "worker"])
def test_a_process_that_is_killed_ends_the_run_and_what_is_left_of_vllm(
    model: Path, tmp_path: Path, victim: str
) -> None:
    here = Path(__file__).parent
    command = [sys.executable, str(here / "in_process.py"), str(model), victim]
    environment = os.environ | {"PYTHONPATH": str(here.parent)}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, start_new_session=True)
    try:
        told = process.communicate(timeout=240)[0]
        assert process.returncode == 0, (tmp_path / "log").read_text(errors="replace")[-4_000:]
        assert is_gone_within(30, process.pid)
    finally:
        with suppress(ProcessLookupError):
            kill(process.pid)
    said = json.loads(told.splitlines()[-1])
    assert 0 < said["answers"] < 12
    assert len(said["faults"]) == 2
    assert all(one.startswith("vLLM died: ") for one in said["faults"])
    assert victim == "worker" or "its process EngineCore has ended" in said["faults"][0]
    assert said["seconds"] < 30
    assert said["closing"] < 30


def is_gone_within(seconds: float, group: int) -> bool:
    """Wait until no process is left in a group, and say whether that came to be."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"vLLM cannot load `.*nowhere`"):
        loaded(tmp_path / "nowhere")
