"""The engine that asks servers, in front of vLLM's own server with a tiny model of ours."""

import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from four_stages import assert_all_stages_answered
from grounded import Task, asking, assert_grounded, assert_refused_alone, collected, tasks
from guidex_schema.error import EngineError
from guidex_schema.generation.engine import Completion, Constraint, Failure, Message
from guidex_schema.generation.engines.server import ServerEngine
from guidex_schema.generation.probe import enforced_dialect, enforces_schema
from guidex_schema.generation_settings import EngineSettings
from guidex_schema.validation import Validator
from model_server import Body, ModelServer, Reply, as_json
from tiny_model import make
from vllm_server import CONTEXT, kill, serving

# The libraries that load the tiny model warn of their own future.
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("model") / "tiny", context=CONTEXT)


@pytest.fixture(scope="module")
def url(model: Path) -> Iterator[str]:
    with serving(model, "guidance") as (address, _):
        yield address


def engine_at(url: str, **fields: object) -> ServerEngine:
    asked = {"name": "openai", "base_urls": (url,), "timeout": 60, "retries": 3, "batch": 16, **fields}
    return ServerEngine(EngineSettings.model_validate(asked), pause=0.05)


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[ServerEngine]:
    one = engine_at(url)
    yield one
    one.close()


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as one:
        yield one


def test_the_server_says_which_model_it_has_and_how_much_context(url: str) -> None:
    one = engine_at(url, context=100_000)
    assert (one.model, one.context) == ("tiny", CONTEXT)
    one.close()
    with pytest.raises(EngineError, match=r"`other` cannot be asked there; it has tiny"):
        engine_at(url, model="other")


@given(
    st.lists(st.builds(Message, role=st.sampled_from(["system", "user", "assistant"]), content=st.text()), min_size=1)
)
@settings(max_examples=25)
def test_tokens_are_counted_as_the_model_counts_them(engine: ServerEngine, model: Path, turns: list[Message]) -> None:
    from transformers import AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(model).apply_chat_template(
        [{"role": one.role, "content": one.content} for one in turns], add_generation_prompt=True, return_dict=False
    )
    assert engine.count(tuple(turns)) == len(tokens)


def test_the_tokens_of_an_answer_are_those_that_were_counted(engine: ServerEngine) -> None:
    asked = asking(0, "How many?")
    answer = collected(engine, [asked])[0][1]
    assert isinstance(answer, Completion)
    assert answer.prompt_tokens == engine.count(asked.messages)
    assert (answer.output_tokens, answer.is_cut) == (40, True)


def test_a_seed_makes_an_answer_again(engine: ServerEngine) -> None:
    once, again = (collected(engine, [asking(number) for number in range(8)]) for _ in range(2))
    assert once == again
    assert len({str(answer) for _, answer in once.values()}) == 8


def test_grammars_and_schemas_are_enforced(engine: ServerEngine) -> None:
    assert enforced_dialect(engine, seed=1) == "lark"
    assert enforces_schema(engine, seed=1)


def test_names_that_vllm_no_longer_knows_are_ignored_as_the_probe_would_find_out(url: str) -> None:
    one = engine_at(url, arguments={"guided_grammar": 'start: "aaaa"', "guided_json": {"enum": ["aaaa"]}})
    answer = collected(one, [asking(0)])[0][1]
    assert isinstance(answer, Completion)
    assert "aaaa" not in answer.text
    one.close()


@settings(max_examples=3, phases=[Phase.generate])
@given(given=tasks)
def test_lists_over_any_schema_and_document_have_no_error(
    engine: ServerEngine, validator: Validator, given: list[Task]
) -> None:
    assert_grounded(engine, "lark", given, validator)


def test_each_stage_is_answered_where_those_before_it_passed(engine: ServerEngine) -> None:
    assert_all_stages_answered(engine)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"constraint": Constraint(kind="lark", text="start: (((")}, "answers 400: .*rammar"),
        ({"text": "long " * 9_000}, "answers 400: .*context length"),
    ],
)
def test_a_request_that_vllm_refuses_is_refused_alone(
    engine: ServerEngine, fields: Mapping[str, Any], fault: str
) -> None:
    assert_refused_alone(engine, fault, **fields)


def test_faults_on_the_way_lose_nothing_and_change_nothing(url: str, engine: ServerEngine) -> None:
    def forwarded(body: Body) -> Reply:
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{url}/chat/completions", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return Reply(200, answer.read())

    whole = forwarded({"model": "tiny", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 9})
    faults = [
        as_json({}, 429, Retry_After="0.1"),
        as_json({}, 500),
        whole._replace(cut=True),
        Reply(200, b"<html>"),
        Reply(reset=True),
        whole._replace(delay=6),
    ]
    requests = [asking(number) for number in range(12)]
    with ModelServer(forwarded, script=faults) as proxy:
        one = engine_at(proxy.url, timeout=5, retries=6)
        assert collected(one, requests) == collected(engine, requests)
        one.close()
    assert len(proxy.asked) == len(requests) + len(faults)


def test_xgrammar_enforces_ebnf_until_its_server_is_killed_in_mid_batch(model: Path, validator: Validator) -> None:
    with serving(model, "xgrammar") as (url, group), closing(engine_at(url)) as one:
        assert enforced_dialect(one, seed=1) == "ebnf"
        assert enforces_schema(one, seed=1)

        @settings(max_examples=2, phases=[Phase.generate])
        @given(given=tasks)
        def check(given: list[Task]) -> None:
            assert_grounded(one, "ebnf", given, validator)

        check()
        assert_all_stages_answered(one)
        for number in range(40):
            one.submit(asking(number, max_tokens=400, seed=number))
        answers = [*one.collect()]
        kill(group)
        while some := one.collect():
            answers += some
    assert sorted(request.attempt for request, _ in answers) == list(range(40))
    lost = [answer for _, answer in answers if isinstance(answer, Failure)]
    assert lost
    assert len(lost) < 40
    assert all(answer.kind == "unavailable" and "cannot be reached" in answer.reason for answer in lost)
