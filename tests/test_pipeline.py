"""The run: nothing is lost, nothing is asked twice, and what ends it at any point changes nothing of what comes out."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from guidex_schema.datasets.row import unreadable
from guidex_schema.error import EngineError, UsageError
from guidex_schema.generation import journal
from guidex_schema.generation.documents import SourceDocument, Unread
from guidex_schema.generation.engine import Answer, Completion, Conversation, Failure, Request
from guidex_schema.generation.journal import Journal
from guidex_schema.generation.outcome import Duplicate, Kept, Pending, Rejected, Tally
from guidex_schema.generation.pipeline import Pipeline
from guidex_schema.generation.plan import Plan, planned
from guidex_schema.generation.publication import Publication
from guidex_schema.generation.template import Prompts
from guidex_schema.settings import Settings
from guidex_schema.worker import Worker
from scripted import GOOD, GUIDELINES, ScriptedEngine, document, good, plan_of, run, said, settings, tree


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as one:
        yield one


@pytest.fixture(scope="module", autouse=True)
def _without_waiting_for_disks() -> Iterator[None]:
    """Let the system write when it likes: no machine loses its power here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "_SYNCHRONOUS", "OFF")
        patch.setattr("os.fsync", lambda _: None)
        yield


ANSWERS = (
    *GOOD.values(),
    "",
    "   ",
    "\ud800\x00\x1b[31m{{document}}",
    "I am sorry, but I cannot do that.",
    "```python\n",
    "[" * 3_000,
    '{"a": 1, "a": 2}',
    '{"name": "nobody in the text"}',
    '[Person(name="Bob")]',
    "[Person(name=",
    "while True: pass",
    "[]",
)
answers = st.one_of(
    st.builds(said, st.sampled_from(ANSWERS), is_cut=st.booleans(), tokens=st.integers(0, 2_000)),
    st.sampled_from(
        [
            Failure(reason="no such model", kind="refused"),
            Failure(reason="connection refused \x1b[2J", kind="unavailable"),
        ]
    ),
)
texts = st.lists(
    st.sampled_from(
        ["Ada wrote.", "Ada wrote. ", "ADA WROTE.", "Ada went to Rome.", "Ada, 日本, 🙂.", "{{summary}} Ada"]
    )
    | st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(str.strip),
    max_size=12,
)


@examples(max_examples=50)
@given(texts, st.data(), st.integers(0, 2**32), st.integers(1, 5), st.integers(0, 2), st.integers(4_000, 9_000))
def test_every_document_is_kept_rejected_a_duplicate_or_pending_whatever_is_answered(
    worker: Worker, texts: list[str], data: st.DataObject, order: int, width: int, repairs: int, context: int
) -> None:
    def script(request: Request) -> Completion | Failure:
        # Half of the answers are good, so that the later stages are met.
        return good(request) if data.draw(st.booleans()) else data.draw(answers)

    engine = ScriptedEngine(script, order=Random(order), width=width, context=context)
    with TemporaryDirectory() as folder:
        documents = [document(text, f"document {number}") for number, text in enumerate(texts)]
        out = Path(folder) / "out"
        pipeline, outcomes = run(out, documents, plan_of(engine, worker, settings(repairs=repairs, max_tokens=500)))
        published = tree(out)
    tally = pipeline.tally
    assert tally.documents == len(texts) == len(outcomes)
    assert tally.documents == tally.kept + tally.rejected + tally.duplicates + tally.pending
    # In the order of the input, each once.
    assert [one.document.id for one in outcomes if not isinstance(one.document, Unread)] == [
        one.id for one in documents
    ]
    assert engine.most <= width
    assert tally.kept == _lines(published, "data") == _lines(published, "gollie")
    assert tally.rejected + tally.duplicates == published["rejected.jsonl"].count(b"\n")
    asked = Counter((one.document, one.stage, one.attempt) for one in engine.submitted)
    assert set(asked.values()) <= {1}
    assert all(one.attempt <= repairs for one in engine.submitted)
    assert all(engine.count(one.messages) + one.max_tokens <= context for one in engine.submitted)


@examples(max_examples=20)
@given(
    st.integers(2, 6), st.integers(0, 2**32), st.integers(1, 4), st.lists(st.integers(1, 12), min_size=1, max_size=3)
)
def test_a_run_that_is_interrupted_anywhere_and_goes_on_ends_as_one_that_was_not(
    worker: Worker, count: int, order: int, width: int, stops: list[int]
) -> None:
    def script(request: Request) -> Completion | Failure:
        """Answer by the seed of the request alone, some of it badly."""
        return said("nothing", tokens=7) if request.seed % 4 == 0 else good(request)

    class Interrupted(ScriptedEngine):
        left = 0

        def collect(self) -> Sequence[Answer]:
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
            return super().collect()

    documents = [document(f"Ada wrote letter {number}.") for number in range(count)]
    whole = ScriptedEngine(script, order=Random(order), width=width)
    with TemporaryDirectory() as folder:
        undisturbed, out = Path(folder) / "undisturbed", Path(folder) / "out"
        run(undisturbed, documents, plan_of(whole, worker, settings()))
        answered: list[Request] = []
        submitted: list[Request] = []
        for number, stop in enumerate([*stops, 0]):
            engine = Interrupted(script, order=Random(order + number), width=width)
            engine.left = stop
            pipeline, _ = run(out, documents, plan_of(engine, worker, settings()))
            assert not {_key(one) for one in engine.submitted} & {_key(one) for one in answered}
            answered += engine.answered
            submitted += engine.submitted
        assert pipeline.tally.pending == 0
        assert tree(out) == tree(undisturbed)
    assert {_key(one) for one in answered} == {_key(one) for one in whole.answered}
    assert Counter(map(_key, answered)).most_common(1)[0][1] == 1
    assert {_key(one): one.seed for one in submitted} == {_key(one): one.seed for one in whole.submitted}


def _lines(published: dict[str, bytes], name: str) -> int:
    return published.get(f"{name}/train.jsonl", b"").count(b"\n")


def _key(request: Request) -> tuple[str, str, int]:
    return request.document, request.stage, request.attempt


def found(outcome: object) -> list[str]:
    assert isinstance(outcome, Rejected)
    return [one.name for one in outcome.diagnostics]


def test_a_document_goes_through_four_stages(worker: Worker, tmp_path: Path) -> None:
    engine = ScriptedEngine()
    _, (kept,) = run(tmp_path / "out", [document("Ada wrote.")], plan_of(engine, worker, settings()))
    assert isinstance(kept, Kept)
    assert kept.guidelines.strip() == GUIDELINES.strip()
    assert "".join(kept.labels.split()) == '[Person(name="Ada")]'
    assert [one.stage for one in engine.submitted] == ["summary", "structure", "guideline", "instances"]
    assert all(one.constraint is None for one in engine.submitted)
    assert len({one.seed for one in engine.submitted}) == 4


def test_an_answer_with_errors_is_asked_for_again_with_what_is_wrong(worker: Worker, tmp_path: Path) -> None:
    def script(request: Request) -> Completion | Failure:
        is_first = request.stage == "instances" and request.attempt == 0
        return said('[Person(name="Bob")]') if is_first else good(request)

    engine = ScriptedEngine(script)
    _, (kept,) = run(tmp_path / "out", [document("Ada wrote.")], plan_of(engine, worker, settings()))
    assert isinstance(kept, Kept)
    last = engine.submitted[-1]
    assert (last.stage, last.attempt) == ("instances", 1)
    assert [one.role for one in last.messages] == ["user", "assistant", "user"]
    assert "GX301" in last.messages[-1].content
    assert len({one.seed for one in engine.submitted}) == 5
    assert len(kept.attempts) == 5


def test_a_document_is_rejected_when_no_repair_passes(worker: Worker, tmp_path: Path) -> None:
    def script(request: Request) -> Completion | Failure:
        return said('[Person(name="Bob")]') if request.stage == "instances" else good(request)

    engine = ScriptedEngine(script)
    documents = [document("Ada wrote."), document("Bob wrote to Ada.")]
    _, outcomes = run(tmp_path / "out", documents, plan_of(engine, worker, settings(repairs=1)))
    assert found(outcomes[0]) == ["value-absent", "repair-exhausted"]
    assert isinstance(outcomes[1], Kept)
    assert isinstance(outcomes[0], Rejected)
    assert outcomes[0].output == '[Person(name="Bob")]'


def test_a_document_has_a_budget_of_tokens(worker: Worker, tmp_path: Path) -> None:
    engine = ScriptedEngine(lambda request: said(GOOD[request.stage], tokens=60))
    _, (rejected,) = run(tmp_path / "out", [document("Ada.")], plan_of(engine, worker, settings(token_budget=100)))
    assert found(rejected) == ["over-budget"]
    assert [one.max_tokens for one in engine.submitted] == [100, 40]


def test_an_engine_that_refuses_rejects_the_document_and_is_asked_again_in_the_next_run(
    worker: Worker, tmp_path: Path
) -> None:
    engine = ScriptedEngine(lambda _: Failure(reason="context too long", kind="refused"))
    for _ in range(2):
        _, (rejected,) = run(tmp_path / "out", [document("Ada.")], plan_of(engine, worker, settings()))
        assert found(rejected) == ["engine-refused"]
    assert len(engine.submitted) == 2
    # A server may have been given another model, and have its own again.
    _, (outcome,) = run(tmp_path / "out", [document("Ada.")], plan_of(ScriptedEngine(), worker, settings()))
    assert isinstance(outcome, Kept)


def test_an_engine_that_is_not_there_is_left_alone_and_what_is_done_is_published(
    worker: Worker, tmp_path: Path
) -> None:
    down = False

    def script(request: Request) -> Completion | Failure:
        nonlocal down
        down = down or "11" in request.messages[0].content
        gone = Failure(reason="connection refused", kind="unavailable", is_gone=True)
        return gone if down else good(request)

    documents = [document(f"Ada wrote letter {number}.") for number in range(10, 40)]
    engine = ScriptedEngine(script, width=1)
    pipeline, outcomes = run(tmp_path / "out", documents, plan_of(engine, worker, settings()))
    assert pipeline.reason == "connection refused"
    assert isinstance(outcomes[0], Kept)
    assert {type(one) for one in outcomes[1:]} == {Pending}
    # Once for each stage of the first document, and a few times in vain.
    assert len(engine.submitted) == 4 + 5
    again = ScriptedEngine()
    pipeline, outcomes = run(tmp_path / "out", documents, plan_of(again, worker, settings()))
    assert {type(one) for one in outcomes} == {Kept}
    assert len(again.submitted) == 4 * 29


def test_a_failure_now_and_then_leaves_only_its_own_document_pending(worker: Worker, tmp_path: Path) -> None:
    def script(request: Request) -> Completion | Failure:
        if "3." in request.messages[0].content:
            return Failure(reason="timed out", kind="unavailable")
        return good(request)

    documents = [document(f"Ada wrote letter {number}.") for number in range(60)]
    engine = ScriptedEngine(script, width=1)
    pipeline, outcomes = run(tmp_path / "out", documents, plan_of(engine, worker, settings()))
    assert (pipeline.reason, pipeline.failure) == ("", "timed out")
    pending = [number for number, one in enumerate(outcomes) if isinstance(one, Pending)]
    assert pending == [3, 13, 23, 33, 43, 53]


def test_documents_that_an_engine_fails_at_do_not_keep_others_waiting(worker: Worker, tmp_path: Path) -> None:
    def script(request: Request) -> Completion | Failure:
        is_poison = any(f"letter {number}." in request.messages[0].content for number in range(8))
        return Failure(reason="500", kind="unavailable") if is_poison else good(request)

    documents = [document(f"Ada wrote letter {number}.") for number in range(12)]
    runs = []
    for _ in range(3):
        engine = ScriptedEngine(script, width=1)
        pipeline, outcomes = run(tmp_path / "out", documents, plan_of(engine, worker, settings()))
        runs.append({type(one) for one in outcomes[:8]})
        assert pipeline.tally.kept == 4
    assert runs == [{Pending}, {Pending}, {Rejected}]
    assert found(outcomes[0]) == ["engine-refused"]
    assert "no answer in 3 runs: 500" in str(outcomes[0])


def test_an_engine_that_fails_at_everything_is_left_alone(worker: Worker, tmp_path: Path) -> None:
    documents = [document(f"Ada wrote letter {number}.") for number in range(60)]
    engine = ScriptedEngine(lambda _: Failure(reason="500", kind="unavailable"), width=1)
    pipeline, _ = run(tmp_path / "out", documents, plan_of(engine, worker, settings()))
    assert (pipeline.reason, len(engine.submitted)) == ("500", 32)


def test_an_engine_that_takes_no_more_leaves_what_is_done(worker: Worker, tmp_path: Path) -> None:
    class Full(ScriptedEngine):
        def submit(self, request: Request) -> None:
            if len(self.answered) >= 4:
                raise EngineError("vLLM died")
            super().submit(request)

    documents = [document("Ada wrote."), document("Ada slept.")]
    pipeline, outcomes = run(tmp_path / "out", documents, plan_of(Full(width=1), worker, settings()))
    assert pipeline.reason == "vLLM died"
    assert [type(one) for one in outcomes] == [Kept, Pending]


def test_answers_that_have_arrived_when_a_run_is_interrupted_are_not_asked_for_again(
    worker: Worker, tmp_path: Path
) -> None:
    class Late(ScriptedEngine):
        """Be interrupted when all answers are there."""

        def collect(self) -> Sequence[Answer]:
            raise KeyboardInterrupt

        def arrived(self) -> Sequence[Answer]:
            taken, self._taken = self._taken, []
            return [(one, good(one)) for one in taken]

    documents = [document("Ada wrote."), document("Ada slept.")]
    first = Late(width=2)
    run(tmp_path / "out", documents, plan_of(first, worker, settings()))
    again = ScriptedEngine(width=2)
    run(tmp_path / "out", documents, plan_of(again, worker, settings()))
    assert len(first.submitted) == 2
    assert not set(map(_key, first.submitted)) & set(map(_key, again.submitted))


def test_an_interrupt_while_tokens_are_counted_ends_the_asking(worker: Worker, tmp_path: Path) -> None:
    class Slow(ScriptedEngine):
        def count(self, messages: Conversation) -> int:
            if "letter 3" in messages[0].content:
                assert pipelines[0].is_waiting
                raise KeyboardInterrupt
            return 1_000

    pipelines: list[Pipeline] = []
    documents = [document(f"Ada wrote letter {number}." + " And on." * 400) for number in range(6)]
    plan = plan_of(Slow(width=1, context=2_500), worker, settings(max_tokens=500))
    pipeline, outcomes = run(tmp_path / "out", documents, plan, pipelines.append)
    assert pipeline.reason == "interrupted"
    assert not pipeline.is_waiting
    assert {type(one) for one in outcomes[3:]} == {Pending}


def test_every_stage_that_shows_the_document_has_to_leave_room(worker: Worker, tmp_path: Path) -> None:
    # The longest prompt of an empty document is one that does not grow with it.
    plan = plan_of(ScriptedEngine(), worker, settings(max_tokens=100))
    told = plan.prompts.model_dump()
    told["guideline"]["source"] = "x" * 6_000 + "{{structure}}"
    prompts = Prompts.model_validate(told)
    text = "Ada wrote. " * 900
    for context, is_enough in ((20_000, True), (10_000, False), (6_100, False)):
        engine = ScriptedEngine(context=context)
        chosen = planned(engine, settings(max_tokens=100), prompts, worker)
        assert bool(chosen.room.spans(text, is_cut=False)) is is_enough
    # A stage that shows nothing of it leaves room for no document at all.
    assert chosen.room.spans("Ada.", is_cut=True) == ()


def test_windows_of_white_space_alone_are_not_asked_about(worker: Worker) -> None:
    plan = plan_of(ScriptedEngine(context=9_000), worker, settings(max_tokens=500))
    text = "Ada wrote. " * 100 + "\n" * 20_000 + "Ada slept."
    parts = [text[start:end] for start, end in plan.room.spans(text, is_cut=True)]
    assert len(parts) > 1
    assert all(one.strip() for one in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_records_that_are_rejected_by_now_are_gone(worker: Worker, tmp_path: Path) -> None:
    plan, one = plan_of(ScriptedEngine(), worker, settings()), document("Ada.")
    run(tmp_path / "out", [one], plan)
    assert _lines(tree(tmp_path / "out"), "data") == 1
    tally, outcome = Tally(documents=1), Rejected(one, None, ())
    tally.add(outcome)
    with Journal(tmp_path / "out") as kept, Publication(tmp_path / "out", kept, plan.origin, Settings()) as publication:
        publication.write(outcome)
        publication.publish(tally)
    assert sorted(tree(tmp_path / "out")) == ["README.md", "guidex.toml", "rejected.jsonl"]


def test_the_context_of_a_server_is_no_part_of_the_run(worker: Worker, tmp_path: Path) -> None:
    for context in (50_000, 60_000):
        run(tmp_path / "out", [document("Ada.")], plan_of(ScriptedEngine(context=context), worker, settings()))


def test_an_engine_that_breaks_leaves_what_is_done(worker: Worker, tmp_path: Path) -> None:
    class Breaking(ScriptedEngine):
        def collect(self) -> Sequence[Answer]:
            if len(self.answered) >= 4:
                raise EngineError("the engine core died")
            return super().collect()

    documents = [document("Ada wrote."), document("Ada slept.")]
    pipeline, outcomes = run(tmp_path / "out", documents, plan_of(Breaking(width=1), worker, settings()))
    assert pipeline.reason == "the engine core died"
    assert [type(one) for one in outcomes] == [Kept, Pending]


def test_an_engine_that_loses_requests_is_found_out(worker: Worker, tmp_path: Path) -> None:
    class Losing(ScriptedEngine):
        def collect(self) -> Sequence[Answer]:
            return []

    with pytest.raises(EngineError, match="lost"):
        run(tmp_path / "out", [document("Ada wrote.")], plan_of(Losing(), worker, settings()))


def test_documents_that_are_the_same_but_for_white_space_around_them_are_generated_from_once(
    worker: Worker, tmp_path: Path
) -> None:
    texts = ["Ada wrote.", "Ada wrote.\n", "Ada wrote.", "Ada WROTE."]
    engine = ScriptedEngine()
    documents = [document(text, str(number)) for number, text in enumerate(texts)]
    _, outcomes = run(tmp_path / "out", documents, plan_of(engine, worker, settings()))
    assert [type(one) for one in outcomes] == [Kept, Duplicate, Duplicate, Kept]
    assert [one.of for one in outcomes if isinstance(one, Duplicate)] == ["0", "0"]
    assert len(engine.submitted) == 8


def test_what_is_no_document_is_a_rejected_line(worker: Worker, tmp_path: Path) -> None:
    row = unreadable("unreadable-row", "the line is not JSON", "x.jsonl")
    unread = Unread("x.jsonl", None, (), row)
    pipeline, _ = run(tmp_path / "out", [unread], plan_of(ScriptedEngine(), worker, settings()))
    assert (pipeline.tally.rejected, pipeline.tally.unread, pipeline.tally.files) == (1, 1, 1)


def test_a_document_that_fills_the_context_to_the_last_token_leaves_no_room(worker: Worker, tmp_path: Path) -> None:
    chosen = settings(max_tokens=500)
    long = document("Ada wrote. " * 100)
    stages = plan_of(ScriptedEngine(), worker, chosen).room.demands(long.text)
    most = max(one.total for one in stages)
    for context, kind in ((most, Kept), (most - 1, Rejected)):
        engine = ScriptedEngine(context=context)
        _, (outcome,) = run(tmp_path / str(context), [long], plan_of(engine, worker, chosen))
        assert type(outcome) is kind


def test_a_document_that_leaves_no_room_for_its_answers_is_refused(worker: Worker, tmp_path: Path) -> None:
    # The published pipeline looked at the prompt alone, and a prompt as long as the context has no answer.
    engine = ScriptedEngine(context=8_192)
    long = document("Ada wrote. " * 400)
    short = document("Ada slept.")
    _, outcomes = run(tmp_path / "out", [long, short], plan_of(engine, worker, settings(max_tokens=500)))
    assert found(outcomes[0]) == ["no-room"]
    assert isinstance(outcomes[1], Kept)
    assert {one.document for one in engine.submitted} == {short.digest}


@pytest.mark.parametrize("name", ["seed", "prompts", "model", "repairs", "guidelines"])
def test_a_run_goes_on_only_with_what_it_was_begun_with(worker: Worker, tmp_path: Path, name: str) -> None:
    engine = ScriptedEngine()
    plan = plan_of(engine, worker, settings())
    run(tmp_path / "out", [document("Ada wrote.")], plan)
    before = tree(tmp_path / "out")
    if name == "model":
        engine.model = "another"
    others: dict[str, Callable[[], Plan]] = {
        "seed": lambda: plan_of(engine, worker, settings(), seed=1),
        "model": lambda: plan_of(engine, worker, settings()),
        "repairs": lambda: plan_of(engine, worker, settings(repairs=0)),
        "guidelines": lambda: plan_of(engine, worker, settings(), guidelines=GUIDELINES),
        "prompts": lambda: _with_other_prompts(plan),
    }
    with pytest.raises(UsageError, match=rf"holds another run: .*\b{name}\b"):
        run(tmp_path / "out", [document("Ada wrote.")], others[name]())
    assert tree(tmp_path / "out") == before


def _with_other_prompts(plan: Plan) -> Plan:
    told = plan.prompts.model_dump()
    told["summary"]["source"] += "Be brief.\n"
    return replace(plan, prompts=Prompts.model_validate(told))


def test_only_instances_are_written_for_guidelines_of_the_user(worker: Worker, tmp_path: Path) -> None:
    engine = ScriptedEngine()
    _, (kept,) = run(tmp_path / "out", [document("Ada.")], plan_of(engine, worker, settings(), guidelines=GUIDELINES))
    assert isinstance(kept, Kept)
    assert kept.guidelines == GUIDELINES
    assert [one.stage for one in engine.submitted] == ["instances"]


def test_a_list_that_was_cut_off_is_asked_for_again_within_bounds(worker: Worker, tmp_path: Path) -> None:
    def script(request: Request) -> Completion | Failure:
        is_first = request.stage == "instances" and request.attempt == 0
        return said('[Person(name="Ada"), Pers', is_cut=True) if is_first else good(request)

    engine = ScriptedEngine(script)
    plan = replace(plan_of(engine, worker, settings(max_tokens=500)), dialect="lark")
    _, (kept,) = run(tmp_path / "out", [document("Ada wrote to Ada, who is Ada. " * 9)], plan)
    assert isinstance(kept, Kept)
    first, second = (one.constraint for one in engine.submitted if one.stage == "instances")
    assert first is not None
    assert second is not None
    assert first.kind == second.kind == "lark"
    assert first.text != second.text


def test_only_so_many_documents_are_held(worker: Worker, tmp_path: Path) -> None:
    read = 0

    def documents() -> Iterator[SourceDocument]:
        nonlocal read
        for number in range(60):
            read += 1
            yield document(f"Ada wrote letter {number}.")

    def script(request: Request) -> Completion | Failure:
        if "letter 0." in request.messages[0].content:
            return said("", tokens=1)
        return good(request)

    class Late(ScriptedEngine):
        """Answer about the first document only when nothing else is left to do."""

        def collect(self) -> Sequence[Answer]:
            first = [one for one in self._taken if "letter 0." in one.messages[0].content]
            others = [one for one in self._taken if one not in first]
            held.append(read)
            taken, self._taken = (others, first) if others else (first, [])
            self.answered += taken
            return [(one, self._script(one)) for one in taken]

    held: list[int] = []
    pipeline, _ = run(tmp_path / "out", documents(), plan_of(Late(script, width=2), worker, settings()))
    assert pipeline.tally.kept == 59
    # While the first document was open, no more than a bounded number behind it was read.
    assert held[3] <= 2 * 8 + 1
